//! The table of commands. Dispatch, the key bar, the help screen and the prompt are all made from
//! it.

use std::borrow::Cow;
use std::fmt;

pub use super::table::COMMANDS;
use super::{Edit, Hunt, Position, Session, Sheet, Stop, Which};
use crate::diagnostic::Diagnostic;
use crate::tensor::Element;

/// A command of the debugger.
#[derive(Debug, Clone, Copy)]
pub struct Command {
    /// Its name at the prompt and in a script.
    pub name: &'static str,
    /// The keys that call it, as in `Right`, `Shift-Tab`, `Ctrl-c`, `l`, and `gg` for two in a row.
    /// The first one is shown first.
    pub keys: &'static [&'static str],
    /// What may follow the name.
    pub takes: Takes,
    /// What it is for.
    pub group: Group,
    /// Its place on the key bar; commands without one are left to the help screen.
    pub bar: Option<Bar>,
    /// What it does, in one line.
    pub help: &'static str,
    /// Whether it can do anything here, and why not.
    pub enabled: fn(&Session) -> Result<(), Reason>,
    /// Does it.
    pub run: fn(&mut Session, Argument) -> Result<Effect, Reason>,
}

/// A place on the key bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// How important it is to see it: 0 most of all. The highest rank is left out first.
    pub rank: u8,
    /// What stands beside the key. Commands with the same word share a place.
    pub word: &'static str,
}

/// What commands are for. They are shown under these headings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Going on and back in backward order.
    Steps,
    /// Going or looking elsewhere.
    Jumps,
    /// Learning from mistakes.
    Learns,
    /// Stopping at what matters, and keeping it in view.
    Breaks,
    /// Going on by itself.
    Play,
    /// Why a gradient is what it is.
    Reasons,
    /// What changes where something is edited.
    WhatIf,
    /// What is shown, and how.
    Shows,
    /// The program itself.
    Program,
}

impl Group {
    /// Its heading.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Steps => "Step",
            Self::Jumps => "Go and look",
            Self::Learns => "Predict and compare",
            Self::Breaks => "Stop and watch",
            Self::Play => "Play",
            Self::Reasons => "Ask why",
            Self::WhatIf => "What if",
            Self::Shows => "Show",
            Self::Program => "Program",
        }
    }
}

/// What may follow a command's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// How many times; once where it is left out.
    Count,
    /// Somewhere to go: an address, a step, `start` or `end`.
    Place,
    /// A neuron; the current one where it is left out.
    Element,
    /// A part of a tensor's name.
    Name,
    /// Where to stop; the current neuron where it is left out.
    Stop,
    /// The number of a breakpoint; all of them where it is left out.
    Breakpoint,
    /// The number of a breakpoint, or `all`.
    Breakpoints,
    /// A neuron, or `all`.
    Watches,
    /// A number, decimal or fraction.
    Number,
    /// A neuron, and another that might send it something.
    Pair,
    /// What is to be another, and what it is to be.
    Edit,
    /// A file's name.
    File,
}

impl Takes {
    /// How the argument is written in a line of help.
    pub fn usage(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Count => "[N]",
            Self::Place => "PLACE",
            Self::Element => "[NEURON]",
            Self::Name => "NAME",
            Self::Stop => "[ADDRESS] [if CONDITION]",
            Self::Breakpoint => "[N]",
            Self::Breakpoints => "N|all",
            Self::Watches => "NEURON|all",
            Self::Number => "NUMBER",
            Self::Pair => "NEURON from NEURON",
            Self::Edit => "WHAT VALUE",
            Self::File => "FILE",
        }
    }
}

/// What followed a command's name.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// Nothing.
    Nothing,
    /// How many times.
    Count(usize),
    /// Where to go.
    Place(Position),
    /// A neuron.
    Element(Element),
    /// A part of a tensor's name.
    Name(String),
    /// Where to stop.
    Stop(Stop),
    /// One or all of the breakpoints.
    Breakpoints(Which),
    /// All, where one can be named.
    All,
    /// A number.
    Number(f64),
    /// A neuron, and another that might send it something.
    Pair(Element, Element),
    /// What is to be another.
    Edit(Edit),
    /// A file's name.
    File(String),
}

/// What a command asks of whoever shows the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// To show where the session now stands.
    Moved,
    /// To show a line of text in passing.
    Says(String),
    /// To go on to the next hit of a breakpoint, which can take long.
    Continues(Hunt),
    /// To show a sheet.
    Shows(Sheet),
    /// To show where the session now stands, and to say why it stands there.
    Found(String),
    /// To show a neuron's page without going there.
    Inspects {
        /// The neuron.
        element: Element,
        /// Its page.
        lines: Vec<String>,
    },
    /// To let the user write something.
    Asks(Ask),
    /// To write a file.
    Writes(Draft),
    /// To take one step after the other, or to stop doing so.
    Plays,
    /// To play faster.
    Faster,
    /// To play more slowly.
    Slower,
    /// To show so many pages of the downstream tensor further on.
    Page(isize),
    /// To show other panes.
    Folds,
    /// To take the next theme.
    ChangesTheme,
    /// To show all commands.
    Help,
    /// To close what is on top, or to go back to where the session was opened.
    Close,
    /// To draw everything anew, in case something else has written on the screen.
    Redraws,
    /// To stop until the shell goes on with it.
    Suspend,
    /// To end.
    Quit,
}

/// A file that is to be written. The debugger itself knows no files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its name, as the user wrote it.
    pub name: String,
    /// What is to be in it.
    pub content: Content,
    /// What is done where there is such a file.
    pub existing: Existing,
}

/// What is to be in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// This text.
    Text(String),
    /// The whole run, in the format that the file's name ends in. It can be large, so it is made
    /// while it is written.
    Run,
}

/// Writes a file that the user of a session asks for: the debugger and the screen know no files.
///
/// # Errors
/// Why it is not written.
pub type Write = fn(&Session, &Draft) -> Result<(), Diagnostic>;

/// What is done with a file that there is already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and nothing is written.
    Stays,
    /// It is overwritten.
    Replaced,
}

/// What the user is asked to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// A command.
    Command,
    /// Somewhere to go.
    Place,
    /// A part of a tensor's name.
    Name,
    /// A command of which this much is there already.
    Rest(String),
}

/// Why a command does nothing here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(Cow<'static, str>);

impl From<&'static str> for Reason {
    fn from(why: &'static str) -> Self {
        Self(Cow::Borrowed(why))
    }
}

impl From<String> for Reason {
    fn from(why: String) -> Self {
        Self(Cow::Owned(why))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns the command of that name.
pub fn named(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.name == name)
}

/// Returns the command that a key calls.
pub fn of_key(key: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.keys.contains(&key))
}

impl Command {
    /// How it is written at the prompt.
    pub fn usage(&self) -> String {
        format!("{} {}", self.name, self.takes.usage())
            .trim_end()
            .to_owned()
    }

    /// Runs the command where it is enabled.
    pub fn call(&self, session: &mut Session, argument: Argument) -> Result<Effect, Reason> {
        (self.enabled)(session)?;
        (self.run)(session, argument)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_commands_share_a_key_or_a_name() {
        let mut keys = HashSet::new();
        let mut names = HashSet::new();
        for command in COMMANDS {
            assert!(
                names.insert(command.name),
                "`{}` is there twice",
                command.name
            );
            for key in command.keys {
                assert!(keys.insert(key), "`{key}` calls two commands");
            }
        }
    }

    #[test]
    fn commands_of_a_group_stand_together() {
        let groups: Vec<_> = COMMANDS
            .chunk_by(|a, b| a.group == b.group)
            .map(|chunk| chunk[0].group.heading())
            .collect();
        let distinct: HashSet<_> = groups.iter().collect();
        assert_eq!(groups.len(), distinct.len(), "{groups:?}");
    }

    #[test]
    fn every_help_line_is_short_and_has_no_full_stop() {
        for command in COMMANDS {
            assert!(
                command.help.len() <= 80 && !command.help.ends_with('.'),
                "{}",
                command.help
            );
        }
    }
}
