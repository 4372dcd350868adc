//! What takes the rest of a line: conditions, names and files.

use super::error::{ParseError, ParseErrorKind};
use super::parameter::{Argument, ArgumentKind};
use crate::debugger::condition;

/// A condition of a breakpoint.
pub(in crate::debugger) const CONDITION: ArgumentKind = ArgumentKind {
    usage: "CONDITION",
    expected: "a condition",
    hint: "as in `abs(grad) > 1`, `tie` or `dead`",
    read: |part, _| match condition::parse(part.text) {
        Ok(condition) => Ok(Argument::Condition(condition)),
        Err(stuck) => Err(ParseError {
            at: part.at + stuck.at.start..part.at + stuck.at.end,
            kind: ParseErrorKind::Condition(stuck.error),
        }),
    },
    complete: |text, _| {
        let word = last_word(text);
        let at = text.len() - word.len();
        let expected = condition::expected(&text[..at]).iter();
        let fitting = expected.filter(|expected| expected.starts_with(word));
        (at, fitting.map(|&expected| expected.to_owned()).collect())
    },
};

/// A part of a tensor's name.
pub(in crate::debugger) const NAME: ArgumentKind = ArgumentKind {
    usage: "NAME",
    expected: "a part of a tensor's name",
    hint: "`info` lists the tensors",
    read: |part, _| Ok(Argument::Name(part.text.to_owned())),
    complete: |text, session| (0, super::address::names(text, session).collect()),
};

/// A file's name, which may hold blanks.
pub(in crate::debugger) const FILE: ArgumentKind = ArgumentKind {
    usage: "FILE",
    expected: "a file's name",
    hint: "as in `save what-if.json`",
    read: |part, _| Ok(Argument::File(part.text.to_owned())),
    complete: |_, _| (0, Vec::new()),
};

/// The letters at the end of a text.
fn last_word(text: &str) -> &str {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    &text[text.trim_end_matches(is_letter).len()..]
}
