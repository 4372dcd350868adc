//! Counts, numbers of things, and numbers.

use super::error::{ParseError, ParseErrorKind};
use super::parameter::{Argument, ArgumentKind};
use super::part::Part;
use crate::tensor::{NumberError, parse_number};

/// How many times.
pub(in crate::debugger) const COUNT: ArgumentKind = ArgumentKind {
    usage: "N",
    expected: "a number of steps",
    hint: "an integer of at least 1",
    read: |part, _| match part.text.parse() {
        Ok(count) if count > 0 => Ok(Argument::Count(count)),
        _ => Err(no_count(part, "a number of steps")),
    },
    complete: |_, _| (0, Vec::new()),
};

/// How many updates.
pub(in crate::debugger) const UPDATES: ArgumentKind = ArgumentKind {
    expected: UPDATES_EXPECTED,
    read: |part, _| match part.text.parse() {
        Ok(count) if count > 0 => Ok(Argument::Count(count)),
        _ => Err(no_count(part, UPDATES_EXPECTED)),
    },
    ..COUNT
};
const UPDATES_EXPECTED: &str = "a number of updates";

/// The number of an answer to a question of the quiz.
pub(in crate::debugger) const ALTERNATIVE: ArgumentKind = ArgumentKind {
    expected: ALTERNATIVE_EXPECTED,
    read: |part, _| match part.text.parse() {
        Ok(count) if count > 0 => Ok(Argument::Count(count)),
        _ => Err(no_count(part, ALTERNATIVE_EXPECTED)),
    },
    ..COUNT
};
const ALTERNATIVE_EXPECTED: &str = "the number of an answer";

/// The number of an update.
pub(in crate::debugger) const UPDATE: ArgumentKind = ArgumentKind {
    usage: "N",
    expected: "the number of an update",
    hint: "they are counted from 1",
    read: |part, _| match part.text.parse() {
        Ok(number) if number > 0 => Ok(Argument::Update(number)),
        _ => Err(part.error(ParseErrorKind::NoUpdate {
            text: part.text.to_owned(),
        })),
    },
    complete: |_, _| (0, Vec::new()),
};

fn no_count(part: Part<'_>, of: &'static str) -> ParseError {
    let text = part.text.to_owned();
    part.error(ParseErrorKind::NoCount { text, of })
}

/// The number of a breakpoint.
pub(in crate::debugger) const BREAKPOINT: ArgumentKind = ArgumentKind {
    usage: "N",
    expected: "the number of a breakpoint",
    hint: "`breaks` lists them",
    read: |part, _| match part.text.parse() {
        Ok(number) => Ok(Argument::Breakpoint(number)),
        Err(_) => Err(part.error(ParseErrorKind::NoBreakpoint {
            text: part.text.to_owned(),
        })),
    },
    complete: |text, session| {
        let numbers = session
            .breakpoints()
            .iter()
            .map(|breakpoint| breakpoint.number.to_string());
        (
            0,
            numbers.filter(|number| number.starts_with(text)).collect(),
        )
    },
};

/// A number, finite or not.
pub(in crate::debugger) const NUMBER: ArgumentKind = ArgumentKind {
    usage: "NUMBER",
    expected: "a number",
    hint: "as in `3.5`, `-2`, `7/2` or `1e-3`",
    read: |part, _| number(part, parse_number).map(Argument::Number),
    complete: |_, _| (0, Vec::new()),
};

/// Reads a number by a grammar.
pub(super) fn number(
    part: Part<'_>,
    parse: fn(&str) -> Result<f64, NumberError>,
) -> Result<f64, ParseError> {
    parse(part.text).map_err(|error| {
        let text = part.text.to_owned();
        part.error(ParseErrorKind::Number { text, error })
    })
}
