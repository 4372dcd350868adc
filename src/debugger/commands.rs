//! The table of commands. Dispatch, the key bar, the help screen and the prompt are all made from it.

use std::borrow::Cow;
use std::fmt;

use super::report;
use super::{Position, Session};
use crate::tensor::Neuron;

/// A command of the debugger.
#[derive(Debug)]
pub struct Command {
    /// Its name at the prompt and in a script.
    pub name: &'static str,
    /// The keys that call it, as in `Right`, `Shift-Tab`, `Ctrl-c`, `l`. The first one is shown first.
    pub keys: &'static [&'static str],
    /// What may follow the name.
    pub takes: Takes,
    /// A word for the key bar. Commands with the same word share a place there; those without one are left to the help screen.
    pub bar: &'static str,
    /// What it does, in one line.
    pub help: &'static str,
    /// Whether it can do anything here, and why not.
    pub enabled: fn(&Session) -> Result<(), Reason>,
    /// Does it.
    pub run: fn(&mut Session, Argument) -> Result<Effect, Reason>,
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
    Neuron,
}

impl Takes {
    /// How the argument is written in a line of help.
    pub fn usage(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Count => "[N]",
            Self::Place => "ADDRESS|STEP|start|end",
            Self::Neuron => "[ADDRESS]",
        }
    }
}

/// What followed a command's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Argument {
    /// Nothing.
    Nothing,
    /// How many times.
    Count(usize),
    /// Where to go.
    Place(Position),
    /// A neuron.
    Neuron(Neuron),
}

/// What a command asks of whoever shows the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// To show where the session now stands.
    Moved,
    /// To show these lines.
    Says(Vec<String>),
    /// To let the user write a command that begins like this.
    Asks(&'static str),
    /// To show so many pages of the downstream tensor further on.
    Page(isize),
    /// To show all commands.
    Help,
    /// To close what is on top, or to go back to where the session was opened.
    Close,
    /// To stop until the shell goes on with it.
    Suspend,
    /// To end.
    Quit,
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

/// All commands, in the order in which they are shown.
pub const COMMANDS: &[Command] = &[
    Command {
        name: "next",
        keys: &["Right", "l", "n"],
        takes: Takes::Count,
        bar: "neuron",
        help: "go to the next neuron in backward order",
        enabled: |session| unless(session.position() == Position::End, "this is the end: every gradient is computed"),
        run: |session, argument| moved(session, |session| session.next(count(argument))),
    },
    Command {
        name: "back",
        keys: &["Left", "h", "N"],
        takes: Takes::Count,
        bar: "neuron",
        help: "go back to the neuron before",
        enabled: |session| unless(session.position() == Position::Start, "this is the start: nothing is computed yet"),
        run: |session, argument| moved(session, |session| session.back(count(argument))),
    },
    Command {
        name: "term",
        keys: &["Down", "j", "s"],
        takes: Takes::Nothing,
        bar: "term",
        help: "add the next term: the sum builds up, and begins again after the last",
        enabled: has_terms,
        run: |session, _| moved(session, Session::term),
    },
    Command {
        name: "term back",
        keys: &["Up", "k", "S"],
        takes: Takes::Nothing,
        bar: "term",
        help: "take the last added term away again",
        enabled: has_terms,
        run: |session, _| moved(session, Session::term_back),
    },
    Command {
        name: "tensor",
        keys: &["Tab", "]"],
        takes: Takes::Nothing,
        bar: "tensor",
        help: "go to the first neuron of the next tensor",
        enabled: |session| session.next_tensor().map(drop),
        run: |session, _| go(session, Session::next_tensor),
    },
    Command {
        name: "tensor back",
        keys: &["Shift-Tab", "["],
        takes: Takes::Nothing,
        bar: "tensor",
        help: "go to the first neuron of the tensor before",
        enabled: |session| session.previous_tensor().map(drop),
        run: |session, _| go(session, Session::previous_tensor),
    },
    Command {
        name: "goto",
        keys: &["g"],
        takes: Takes::Place,
        bar: "go to",
        help: "go to a neuron, a tensor, a step, the start or the end",
        enabled: always,
        run: |session, argument| match argument {
            Argument::Place(place) => moved(session, |session| session.go_to(place)),
            _ => Ok(Effect::Asks("goto ")),
        },
    },
    Command {
        name: "start",
        keys: &["Home", "<"],
        takes: Takes::Nothing,
        bar: "",
        help: "go before the first step",
        enabled: always,
        run: |session, _| moved(session, |session| session.go_to(Position::Start)),
    },
    Command {
        name: "end",
        keys: &["End", "G", ">"],
        takes: Takes::Nothing,
        bar: "",
        help: "go after the last step",
        enabled: always,
        run: |session, _| moved(session, |session| session.go_to(Position::End)),
    },
    Command {
        name: "page",
        keys: &["PageDown"],
        takes: Takes::Nothing,
        bar: "",
        help: "show the next channel or batch item of the downstream tensor",
        enabled: has_pages,
        run: |_, _| Ok(Effect::Page(1)),
    },
    Command {
        name: "page back",
        keys: &["PageUp"],
        takes: Takes::Nothing,
        bar: "",
        help: "show the channel or batch item before",
        enabled: has_pages,
        run: |_, _| Ok(Effect::Page(-1)),
    },
    Command {
        name: "view",
        keys: &["V"],
        takes: Takes::Nothing,
        bar: "",
        help: "show values and gradients, values, gradients, or shades of gradients in turn",
        enabled: always,
        run: |session, _| moved(session, |session| session.look.view = session.look.view.next()),
    },
    Command {
        name: "sort",
        keys: &["o"],
        takes: Takes::Nothing,
        bar: "",
        help: "sort the terms by their size, or as they are listed and added",
        enabled: has_terms,
        run: |session, _| moved(session, |session| session.look.order = session.look.order.other()),
    },
    Command {
        name: "print",
        keys: &["Enter"],
        takes: Takes::Neuron,
        bar: "",
        help: "write out a neuron's terms, their sum and what it means in words",
        enabled: always,
        run: |session, argument| match argument {
            Argument::Neuron(neuron) => Ok(Effect::Says(report::neuron(session, neuron))),
            _ => Ok(Effect::Says(
                session.neuron().map_or_else(|| report::position(session), |neuron| report::neuron(session, neuron)),
            )),
        },
    },
    Command {
        name: "where",
        keys: &[],
        takes: Takes::Nothing,
        bar: "",
        help: "say which step this is",
        enabled: always,
        run: |session, _| Ok(Effect::Says(report::position(session))),
    },
    Command {
        name: "info",
        keys: &[],
        takes: Takes::Nothing,
        bar: "",
        help: "list the tensors with their shapes and steps",
        enabled: always,
        run: |session, _| Ok(Effect::Says(report::tensors(session))),
    },
    Command {
        name: "prompt",
        keys: &[":"],
        takes: Takes::Nothing,
        bar: "command",
        help: "write a command",
        enabled: always,
        run: |_, _| Ok(Effect::Asks("")),
    },
    Command {
        name: "close",
        keys: &["Esc"],
        takes: Takes::Nothing,
        bar: "",
        help: "close what is on top, or go back to the gallery",
        enabled: always,
        run: |_, _| Ok(Effect::Close),
    },
    Command {
        name: "suspend",
        keys: &["Ctrl-z"],
        takes: Takes::Nothing,
        bar: "",
        help: "stop, until the shell's `fg`",
        enabled: always,
        run: |_, _| Ok(Effect::Suspend),
    },
    Command {
        name: "quit",
        keys: &["q", "Ctrl-c", "Ctrl-d"],
        takes: Takes::Nothing,
        bar: "quit",
        help: "end",
        enabled: always,
        run: |_, _| Ok(Effect::Quit),
    },
    Command {
        name: "help",
        keys: &["?", "F1"],
        takes: Takes::Nothing,
        bar: "all keys",
        help: "show all commands and their keys",
        enabled: always,
        run: |_, _| Ok(Effect::Help),
    },
];

/// Returns the command of that name.
pub fn named(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.name == name)
}

/// Returns the command that a key calls.
pub fn of_key(key: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.keys.contains(&key))
}

impl Command {
    /// Runs the command as its key does: without an argument, where it is enabled.
    pub fn press(&self, session: &mut Session) -> Result<Effect, Reason> {
        self.call(session, Argument::Nothing)
    }

    /// Runs the command where it is enabled.
    pub fn call(&self, session: &mut Session, argument: Argument) -> Result<Effect, Reason> {
        (self.enabled)(session)?;
        (self.run)(session, argument)
    }
}

fn always(_: &Session) -> Result<(), Reason> {
    Ok(())
}

fn unless(is_refused: bool, why: &'static str) -> Result<(), Reason> {
    if is_refused { Err(why.into()) } else { Ok(()) }
}

fn has_terms(session: &Session) -> Result<(), Reason> {
    match (session.position(), session.terms().len()) {
        (Position::Start, _) => Err("no neuron is being computed yet: go on to the first one".into()),
        (Position::End, _) => Err("no neuron is being computed any more: go back to the last one".into()),
        (_, 0) => Err("this neuron has no terms: no downstream neuron looks at it".into()),
        (_, 1) => Err("this sum has only one term".into()),
        _ => Ok(()),
    }
}

/// Only a tensor with channels or batch items, that is with more than two axes, is shown page by page.
fn has_pages(session: &Session) -> Result<(), Reason> {
    let shapes = session.terms().first().map(|term| &session.network().tensor(term.from.tensor).shape);
    let n_pages = shapes.map_or(1, |shape| shape.iter().rev().skip(2).product::<usize>());
    unless(n_pages < 2, "the downstream tensor has no channels or batch items to page through")
}

fn moved(session: &mut Session, how: impl FnOnce(&mut Session)) -> Result<Effect, Reason> {
    how(session);
    Ok(Effect::Moved)
}

fn go(session: &mut Session, to: fn(&Session) -> Result<Position, Reason>) -> Result<Effect, Reason> {
    let position = to(session)?;
    moved(session, |session| session.go_to(position))
}

fn count(argument: Argument) -> usize {
    match argument {
        Argument::Count(count) => count,
        _ => 1,
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
            assert!(names.insert(command.name), "`{}` is there twice", command.name);
            for key in command.keys {
                assert!(keys.insert(key), "`{key}` calls two commands");
            }
        }
    }

    #[test]
    fn every_help_line_is_short_and_has_no_full_stop() {
        for command in COMMANDS {
            assert!(command.help.len() <= 80 && !command.help.ends_with('.'), "{}", command.help);
        }
    }
}
