//! Arguments, their kinds, and the places for them in a command.

use super::error::{ParseError, ParseErrorKind};
use super::part::Part;
use crate::debugger::{Condition, Plot, Position, Session, Spot, Target};
use crate::scenario::Edit;
use crate::tensor::Element;

/// The most candidates that are offered.
pub(super) const MOST: usize = 64;

/// A kind of argument.
#[derive(Debug, Clone, Copy)]
pub struct ArgumentKind {
    /// What stands for it in a line of help.
    pub usage: &'static str,
    /// What is expected where it is missing: "an element".
    pub(super) expected: &'static str,
    /// What would be right there.
    pub(super) hint: &'static str,
    pub(super) read: fn(Part<'_>, &Session) -> Result<Argument, ParseError>,
    pub(super) complete: fn(&str, &Session) -> Continuation,
}

impl ArgumentKind {
    pub(in crate::debugger) fn read(
        &self,
        part: Part<'_>,
        session: &Session,
    ) -> Result<Argument, ParseError> {
        (self.read)(part, session)
    }

    pub(in crate::debugger) fn complete(&self, text: &str, session: &Session) -> Continuation {
        (self.complete)(text, session)
    }
}

/// Kinds that expect the same are the same.
impl PartialEq for ArgumentKind {
    fn eq(&self, other: &Self) -> bool {
        self.expected == other.expected
    }
}

/// How a text can go on: from which byte on, and with what.
pub(super) type Continuation = (usize, Vec<String>);

/// An argument of a command, as it is read.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// How many times.
    Count(usize),
    /// Where to go.
    Place(Position),
    /// An element.
    Element(Element),
    /// A part of a tensor's name.
    Name(String),
    /// The elements at which to stop.
    Spot(Spot),
    /// What must be true for it.
    Condition(Condition),
    /// The number of a breakpoint.
    Breakpoint(usize),
    /// The number of an update.
    Update(usize),
    /// All, where one can be named.
    All,
    /// A number.
    Number(f64),
    /// What is to be another.
    Edit(Edit),
    /// A number that can be another.
    Target(Target),
    /// What is plotted.
    Plot(Plot),
    /// A file's name.
    File(String),
}

/// A place for an argument in a command. All but the first have a word before them.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// What stands there.
    pub kind: ArgumentKind,
    /// The word before it.
    pub(super) after: Option<&'static str>,
    /// Whether it may be left out.
    pub(super) is_optional: bool,
    /// Whether the word `all` may stand there too.
    or_all: bool,
}

impl Parameter {
    pub(in crate::debugger) const fn required(kind: ArgumentKind) -> Self {
        Self {
            kind,
            after: None,
            is_optional: false,
            or_all: false,
        }
    }

    pub(in crate::debugger) const fn optional(kind: ArgumentKind) -> Self {
        Self {
            is_optional: true,
            ..Self::required(kind)
        }
    }

    pub(in crate::debugger) const fn after(self, word: &'static str) -> Self {
        let after = Some(word);
        Self { after, ..self }
    }

    pub(in crate::debugger) const fn or_all(self) -> Self {
        let or_all = true;
        Self { or_all, ..self }
    }

    /// How it stands in a line of help.
    pub(super) fn usage(&self) -> String {
        let before = self.after.map_or(String::new(), |word| format!("{word} "));
        let all = if self.or_all { "|all" } else { "" };
        let usage = format!("{before}{}{all}", self.kind.usage);
        if self.is_optional {
            format!("[{usage}]")
        } else {
            usage
        }
    }

    pub(super) fn read(&self, part: Part<'_>, session: &Session) -> Result<Argument, ParseError> {
        if self.or_all && part.text == "all" {
            return Ok(Argument::All);
        }
        self.kind.read(part, session)
    }

    /// Complains that it is missing.
    pub(super) fn missing(&self, place: Part<'_>) -> ParseError {
        place.error(ParseErrorKind::Missing {
            what: self.kind.expected,
            or_all: self.or_all,
            hint: self.kind.hint,
        })
    }

    pub(super) fn complete(&self, text: &str, session: &Session) -> Continuation {
        let (at, mut candidates) = self.kind.complete(text, session);
        if self.or_all && "all".starts_with(text) {
            candidates.push("all".to_owned());
        }
        (at, candidates)
    }
}
