//! A command line in its parts.

use super::error::{ParseError, ParseErrorKind};

/// A part of a line, and the byte at which it begins.
#[derive(Debug, Clone, Copy)]
pub(in crate::debugger) struct Part<'a> {
    pub(in crate::debugger) text: &'a str,
    pub(in crate::debugger) at: usize,
}

impl<'a> Part<'a> {
    pub(in crate::debugger) fn trimmed(self) -> Self {
        let start = self.text.trim_start();
        Self {
            at: self.at + self.text.len() - start.len(),
            text: start.trim_end(),
        }
    }

    /// Splits the first word from the rest.
    pub(in crate::debugger) fn split(self) -> (Self, Self) {
        let part = self.trimmed();
        let end = part.text.find(char::is_whitespace);
        let (word, rest) = part.apart(end.unwrap_or(part.text.len()));
        (word, rest.trimmed())
    }

    /// Splits what stands before a word from what stands after it.
    pub(super) fn split_at_word(self, word: &str) -> Option<(Self, Self)> {
        let mut rest = self;
        while !rest.text.is_empty() {
            let (found, after) = rest.split();
            if found.text == word {
                let (before, _) = self.apart(found.at - self.at);
                return Some((before.trimmed(), after));
            }
            rest = after;
        }
        None
    }

    /// Splits it at a byte.
    pub(super) fn apart(self, end: usize) -> (Self, Self) {
        let (before, after) = self.text.split_at(end);
        let at = self.at + end;
        (
            Self {
                text: before,
                ..self
            },
            Self { text: after, at },
        )
    }

    /// Says what is wrong with it.
    pub(in crate::debugger) fn error(self, kind: ParseErrorKind) -> ParseError {
        ParseError {
            at: self.at..self.at + self.text.len(),
            kind,
        }
    }
}
