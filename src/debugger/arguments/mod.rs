//! What may follow a command's name: each kind of argument with how it is read, and how it goes on
//! while it is written. A command declares its parameters, and from them come both.

mod address;
mod count;
mod edit;
mod error;
mod part;
mod rest;

pub(super) use address::{ADDRESS, ELEMENT, PLACE, SPOT, WATCHED};
pub(super) use count::{BREAKPOINT, COUNT, NUMBER};
pub(super) use edit::EDIT;
pub use error::{ParseError, ParseErrorKind};
pub(super) use part::Part;
pub(super) use rest::{CONDITION, FILE, NAME};

use super::{Condition, Edit, Position, Session, Spot};
use crate::tensor::Element;

/// The most candidates that are offered.
const MOST: usize = 64;

/// A kind of argument.
#[derive(Debug, Clone, Copy)]
pub struct ArgumentKind {
    /// What stands for it in a line of help.
    pub usage: &'static str,
    /// What is expected where it is missing: "an element".
    expected: &'static str,
    /// What would be right there.
    hint: &'static str,
    read: fn(Part<'_>, &Session) -> Result<Argument, ParseError>,
    complete: fn(&str, &Session) -> Continuation,
}

impl ArgumentKind {
    pub(super) fn read(&self, part: Part<'_>, session: &Session) -> Result<Argument, ParseError> {
        (self.read)(part, session)
    }

    pub(super) fn complete(&self, text: &str, session: &Session) -> Continuation {
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
type Continuation = (usize, Vec<String>);

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
    /// All, where one can be named.
    All,
    /// A number.
    Number(f64),
    /// What is to be another.
    Edit(Edit),
    /// A file's name.
    File(String),
}

/// A place for an argument in a command. All but the first have a word before them.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// What stands there.
    pub kind: ArgumentKind,
    /// The word before it.
    after: Option<&'static str>,
    /// Whether it may be left out.
    is_optional: bool,
    /// Whether the word `all` may stand there too.
    or_all: bool,
}

impl Parameter {
    pub(super) const fn required(kind: ArgumentKind) -> Self {
        Self {
            kind,
            after: None,
            is_optional: false,
            or_all: false,
        }
    }

    pub(super) const fn optional(kind: ArgumentKind) -> Self {
        Self {
            is_optional: true,
            ..Self::required(kind)
        }
    }

    pub(super) const fn after(self, word: &'static str) -> Self {
        let after = Some(word);
        Self { after, ..self }
    }

    pub(super) const fn or_all(self) -> Self {
        let or_all = true;
        Self { or_all, ..self }
    }

    /// How it stands in a line of help.
    fn usage(&self) -> String {
        let before = self.after.map_or(String::new(), |word| format!("{word} "));
        let all = if self.or_all { "|all" } else { "" };
        let usage = format!("{before}{}{all}", self.kind.usage);
        if self.is_optional {
            format!("[{usage}]")
        } else {
            usage
        }
    }

    fn read(&self, part: Part<'_>, session: &Session) -> Result<Argument, ParseError> {
        if self.or_all && part.text == "all" {
            return Ok(Argument::All);
        }
        self.kind.read(part, session)
    }

    /// Complains that it is missing.
    fn missing(&self, place: Part<'_>) -> ParseError {
        place.error(ParseErrorKind::Missing {
            what: self.kind.expected,
            or_all: self.or_all,
            hint: self.kind.hint,
        })
    }

    fn complete(&self, text: &str, session: &Session) -> Continuation {
        let (at, mut candidates) = self.kind.complete(text, session);
        if self.or_all && "all".starts_with(text) {
            candidates.push("all".to_owned());
        }
        (at, candidates)
    }
}

/// Returns how the arguments stand in a line of help.
pub(super) fn usage(parameters: &[Parameter]) -> String {
    let usages: Vec<_> = parameters.iter().map(Parameter::usage).collect();
    usages.join(" ")
}

/// Reads arguments.
///
/// # Errors
/// What is wrong with the first that cannot be read, or which is missing.
pub(super) fn read(
    parameters: &[Parameter],
    part: Part<'_>,
    session: &Session,
) -> Result<Vec<Argument>, ParseError> {
    let texts = split(parameters, part);
    let mut arguments = Vec::new();
    for (number, (parameter, text)) in parameters.iter().zip(&texts).enumerate() {
        let Some(text) = text else { continue };
        if text.text.is_empty() {
            if parameter.is_optional && parameter.after.is_none() {
                continue;
            }
            return Err(parameter.missing(*text));
        }
        if let (Some(next), Some(None)) = (parameters.get(number + 1), texts.get(number + 1))
            && let (Some(word), false) = (next.after, next.is_optional)
        {
            let (misplaced, _) = text.split().1.split();
            let usage = usage(parameters);
            return Err(misplaced.error(ParseErrorKind::MissingWord { word, usage }));
        }
        arguments.push(parameter.read(*text, session)?);
    }
    Ok(arguments)
}

/// Returns how a text can go on at its end, from which byte on.
pub(super) fn complete(parameters: &[Parameter], text: &str, session: &Session) -> Continuation {
    let texts = split(parameters, Part { text, at: 0 });
    let Some(last) = texts.iter().rposition(Option::is_some) else {
        return (text.len(), Vec::new());
    };
    let start = texts[last].map_or(0, |own| own.at);
    let (parameter, own) = (&parameters[last], &text[start..]);
    let next = parameters.get(last + 1);
    let word = next.and_then(|next| next.after);
    let goes_on = |written: &str| {
        word.filter(|word| word.starts_with(written))
            .map(str::to_owned)
    };
    if let (Some(_), Some((before, written))) = (word, own.rsplit_once(char::is_whitespace))
        && before.contains('[') == before.contains(']')
    {
        return (
            text.len() - written.len(),
            goes_on(written).into_iter().collect(),
        );
    }
    let (at, mut candidates) = parameter.complete(own, session);
    if parameter.is_optional {
        candidates.extend(goes_on(own));
    }
    candidates.truncate(MOST);
    (start + at, candidates)
}

/// Splits a part at the words that stand before parameters. Nothing is returned for a parameter
/// whose word is not there.
fn split<'a>(parameters: &[Parameter], part: Part<'a>) -> Vec<Option<Part<'a>>> {
    let mut rest = Some(part.trimmed());
    let own = |number: usize| {
        let own: Part<'a> = rest?;
        let next = parameters.get(number + 1).and_then(|next| next.after);
        let split = next.and_then(|word| own.split_at_word(word));
        rest = split.map(|(_, after)| after);
        Some(split.map_or(own, |(before, _)| before))
    };
    (0..parameters.len()).map(own).collect()
}

#[cfg(test)]
mod tests;
