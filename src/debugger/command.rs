//! What a command is: its name and keys, what it takes, and what it asks of whoever shows the
//! session.

use super::arguments::{self, Argument, COUNT, Parameter, UPDATES};
use super::{CommandError, Key, RunToBreakpoint, Session, Sheet};
use crate::diagnostic::Diagnostic;
use crate::tensor::Element;

/// A command of the debugger.
#[derive(Debug, Clone, Copy)]
pub struct Command {
    /// Its name at the prompt and in a script.
    pub name: &'static str,
    /// The keys that call it. The first one is shown first.
    pub keys: &'static [Key],
    /// Two keys that call it, one after the other.
    pub sequence: Option<[Key; 2]>,
    /// What may follow the name.
    pub parameters: &'static [Parameter],
    /// What it is for.
    pub group: Group,
    /// Its place on the key bar; commands without one are left to the help screen.
    pub bar: Option<Bar>,
    /// What it does, in one line.
    pub help: &'static str,
    /// Whether it can do anything here, and why not.
    pub enabled: fn(&Session) -> Result<(), CommandError>,
    /// Does it.
    pub run: fn(&mut Session, &[Argument]) -> Result<Effect, CommandError>,
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
    /// Going from one update of the parameters to another.
    Trains,
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
            Self::Trains => "Train",
            Self::Shows => "Show",
            Self::Program => "Program",
        }
    }
}

/// A command with its arguments, ready to run.
#[derive(Debug, Clone)]
pub struct Call {
    /// The command.
    pub command: &'static Command,
    /// What it was given.
    pub arguments: Vec<Argument>,
}

impl Call {
    /// Runs the command where it is enabled.
    ///
    /// # Errors
    /// The reason why it does nothing here.
    pub fn run(&self, session: &mut Session) -> Result<Effect, CommandError> {
        (self.command.enabled)(session)?;
        (self.command.run)(session, &self.arguments)
    }
}

/// What a command asks of whoever shows the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// To show where the session now stands.
    Moved,
    /// To show a line of text in passing.
    Says(String),
    /// To go on to the next hit of a breakpoint, which can take long.
    Continues(RunToBreakpoint),
    /// To show a sheet.
    Shows(Sheet),
    /// To show where the session now stands, and to say why it stands there.
    Found(String),
    /// To show where the session now stands, and what the answer has there.
    FoundWrong,
    /// To show a neuron's page without going there.
    Inspects {
        /// The neuron.
        element: Element,
        /// Its page.
        lines: Vec<String>,
        /// The same for a screen that is narrower.
        narrow: Vec<String>,
    },
    /// To let the user write something.
    Asks(Ask),
    /// To write a file.
    Writes(Draft),
    /// To show all commands.
    Help,
    /// Something that only a screen can do.
    Screen(OnScreen),
    /// To end.
    Quit,
}

/// What only a screen can do; what it is to a session the debugger does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnScreen {
    /// To take one step after the other, or to stop doing so.
    Play,
    /// To play faster.
    PlayFaster,
    /// To play more slowly.
    PlaySlower,
    /// To show so many pages of the downstream tensor further on.
    Page(isize),
    /// To show other panes.
    Fold,
    /// To take the next theme.
    ChangeTheme,
    /// To take the mouse, or to leave it to the terminal.
    Mouse(bool),
    /// To close what is on top, or to go back to where the session was opened.
    Close,
    /// To open the scenario after this one in the gallery.
    NextScenario,
    /// To draw everything anew, in case something else has written on the screen.
    Redraw,
    /// To stop until the shell goes on with it.
    Suspend,
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

impl Command {
    /// A command that takes nothing, has no key, and can always do something.
    pub(super) const fn new(
        name: &'static str,
        help: &'static str,
        run: fn(&mut Session, &[Argument]) -> Result<Effect, CommandError>,
    ) -> Self {
        Self {
            name,
            keys: &[],
            sequence: None,
            parameters: &[],
            group: Group::Program,
            bar: None,
            help,
            enabled: |_| Ok(()),
            run,
        }
    }

    pub(super) const fn keys(self, keys: &'static [Key]) -> Self {
        Self { keys, ..self }
    }

    pub(super) const fn sequence(self, keys: [Key; 2]) -> Self {
        let sequence = Some(keys);
        Self { sequence, ..self }
    }

    pub(super) const fn takes(self, parameters: &'static [Parameter]) -> Self {
        Self { parameters, ..self }
    }

    pub(super) const fn in_group(self, group: Group) -> Self {
        Self { group, ..self }
    }

    pub(super) const fn bar(self, rank: u8, word: &'static str) -> Self {
        let bar = Some(Bar { rank, word });
        Self { bar, ..self }
    }

    pub(super) const fn enabled(self, enabled: fn(&Session) -> Result<(), CommandError>) -> Self {
        Self { enabled, ..self }
    }

    /// Its keys in words, the first one first: `→`, `Ctrl-C`, and `gg` for two in a row.
    pub fn shortcuts(&self) -> impl Iterator<Item = String> {
        let keys = self.keys.iter().map(Key::to_string);
        keys.chain(
            self.sequence
                .map(|[first, second]| format!("{first}{second}")),
        )
    }

    /// How it is written at the prompt.
    pub fn usage(&self) -> String {
        let usage = format!("{} {}", self.name, arguments::usage(self.parameters));
        usage.trim_end().to_owned()
    }

    /// Whether it can be told how often it is to do what it does.
    pub fn takes_count(&self) -> bool {
        let first = self.parameters.first();
        first.is_some_and(|parameter| [COUNT, UPDATES].contains(&parameter.kind))
    }
}
