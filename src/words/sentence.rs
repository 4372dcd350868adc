//! Sentences in pieces, so that the names in them can stand out.

use std::fmt;

use crate::tensor::Element;

/// What is said of one step.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Paragraph {
    /// In the order in which they are read.
    pub sentences: Vec<Sentence>,
}

/// One sentence, or a few that belong together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sentence {
    /// What the sentence is put together from.
    pub pieces: Vec<Piece>,
}

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// Plain words.
    Text(String),
    /// The name of a neuron.
    Element {
        /// The neuron.
        element: Element,
        /// How people write it.
        address: String,
        /// The number of the term that the neuron sends, counted from 1, where it sends one: it
        /// picks the colour.
        term: Option<usize>,
    },
}

impl Piece {
    /// The plain text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Element { address, .. } => address,
        }
    }
}

impl Sentence {
    /// Appends words.
    pub(super) fn push(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Text(last)) => last.push_str(text),
            _ if text.is_empty() => {}
            _ => self.pieces.push(Piece::Text(text.to_owned())),
        }
    }

    /// Appends another sentence's pieces.
    pub(super) fn append(&mut self, other: Sentence) {
        for piece in other.pieces {
            match piece {
                Piece::Text(text) => self.push(&text),
                element @ Piece::Element { .. } => self.pieces.push(element),
            }
        }
    }

    /// The sentence with words appended.
    #[must_use]
    pub(super) fn say(mut self, text: impl AsRef<str>) -> Self {
        self.push(text.as_ref());
        self
    }

    /// The sentence with another's pieces appended.
    #[must_use]
    pub(super) fn then(mut self, other: Sentence) -> Self {
        self.append(other);
        self
    }

    /// Whether nothing is said.
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The sentence with its first letter upper case, unless it begins with a neuron's name.
    #[must_use]
    pub(super) fn capitalised(mut self) -> Self {
        if let Some(Piece::Text(text)) = self.pieces.first_mut() {
            let mut letters = text.chars();
            if let Some(first) = letters.next() {
                *text = first.to_uppercase().chain(letters).collect();
            }
        }
        self
    }
}

/// Joins parts as people list things: `a`, `a and b`, `a, b and c`.
pub(super) fn listed(parts: impl IntoIterator<Item = Sentence>) -> Sentence {
    let mut parts: Vec<Sentence> = parts.into_iter().collect();
    let last = parts.pop().unwrap_or_default();
    let n_before = parts.len();
    let mut list = Sentence::default();
    for (number, part) in parts.into_iter().enumerate() {
        list.append(part);
        list.push(if number + 1 == n_before {
            " and "
        } else {
            ", "
        });
    }
    list.then(last)
}

impl From<&str> for Sentence {
    fn from(text: &str) -> Self {
        Self::default().say(text)
    }
}

impl From<String> for Sentence {
    fn from(text: String) -> Self {
        Self::default().say(text)
    }
}

/// Writes the plain text.
impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces
            .iter()
            .try_for_each(|piece| f.write_str(piece.as_str()))
    }
}

/// Writes the plain text as one paragraph.
impl fmt::Display for Paragraph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, sentence) in self.sentences.iter().enumerate() {
            write!(f, "{}{sentence}", if number == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_well() {
        let list =
            |n: usize| listed(["a", "b", "c"].into_iter().take(n).map(Sentence::from)).to_string();
        assert_eq!(
            [list(0), list(1), list(2), list(3)],
            ["", "a", "a and b", "a, b and c"]
        );
    }
}
