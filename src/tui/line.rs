//! A line of text that is being written, with the keys of a shell.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::debugger::Key;

/// The longest line that can be written.
const LONGEST: usize = 400;

/// A line and its cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line {
    text: String,
    /// The byte before which the next character goes.
    cursor: usize,
}

/// What a key has done to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edited {
    /// The text is another.
    Changed,
    /// The cursor may be elsewhere.
    Moved,
    /// The key is none that edits.
    NoKey,
}

impl Line {
    /// A line with the cursor at its end.
    pub(super) fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            cursor: text.len(),
            text,
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn cursor(&self) -> usize {
        self.cursor
    }

    pub(super) fn before_cursor(&self) -> &str {
        &self.text[..self.cursor]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Writes at the cursor. Control characters are left out, and so is what makes the line too
    /// long.
    pub(super) fn insert(&mut self, text: &str) {
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        if self.text.len() + text.len() <= LONGEST {
            self.text.insert_str(self.cursor, &text);
            self.cursor += text.len();
        }
    }

    /// Puts a text in the place of what stands before the cursor from a byte on.
    pub(super) fn replace_from(&mut self, start: usize, text: &str) {
        self.remove(start..self.cursor);
        self.insert(text);
    }

    /// Does what a key does.
    pub(super) fn key(&mut self, key: Key) -> Edited {
        match key {
            Key::Left | Key::Ctrl('b') => self.cursor -= last(self.before_cursor()),
            Key::Right | Key::Ctrl('f') => self.cursor += first(&self.text[self.cursor..]),
            Key::Home | Key::Ctrl('a') => self.cursor = 0,
            Key::End | Key::Ctrl('e') => self.cursor = self.text.len(),
            Key::CtrlLeft | Key::Alt('b') => self.cursor = self.word_before(),
            Key::CtrlRight | Key::Alt('f') => self.cursor = self.word_after(),
            Key::Backspace | Key::Ctrl('h') => {
                return self.change(|line| {
                    line.remove(line.cursor - last(line.before_cursor())..line.cursor)
                });
            }
            Key::Delete => {
                return self.change(|line| {
                    line.remove(line.cursor..line.cursor + first(&line.text[line.cursor..]))
                });
            }
            Key::Ctrl('u') => return self.change(|line| line.remove(0..line.cursor)),
            Key::Ctrl('k') => return self.change(|line| line.remove(line.cursor..line.text.len())),
            Key::Ctrl('w') | Key::AltBackspace => {
                return self.change(|line| line.remove(line.word_before()..line.cursor));
            }
            Key::Char(character) => {
                return self.change(|line| line.insert(character.encode_utf8(&mut [0; 4])));
            }
            _ => return Edited::NoKey,
        }
        Edited::Moved
    }

    fn change(&mut self, how: impl FnOnce(&mut Self)) -> Edited {
        how(self);
        Edited::Changed
    }

    fn remove(&mut self, bytes: Range<usize>) {
        self.cursor = bytes.start;
        self.text.replace_range(bytes, "");
    }

    /// Where the word before the cursor begins.
    fn word_before(&self) -> usize {
        let before = self.before_cursor().trim_end();
        before
            .char_indices()
            .rfind(|(_, c)| c.is_whitespace())
            .map_or(0, |(at, space)| at + space.len_utf8())
    }

    /// Where the word after the cursor ends.
    fn word_after(&self) -> usize {
        let after = &self.text[self.cursor..];
        let start = after.len() - after.trim_start().len();
        self.cursor
            + after[start..]
                .find(char::is_whitespace)
                .map_or(after.len(), |end| start + end)
    }
}

/// The length of a text's first character, as a person counts characters.
fn first(text: &str) -> usize {
    text.graphemes(true).next().map_or(0, str::len)
}

/// The length of a text's last character.
fn last(text: &str) -> usize {
    text.graphemes(true).next_back().map_or(0, str::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line after some keys, with `|` at the cursor.
    fn after(text: &str, keys: &str) -> String {
        let mut line = Line::new(text);
        for key in keys.split_whitespace() {
            line.key(key.parse().unwrap());
        }
        format!("{}|{}", line.before_cursor(), &line.text()[line.cursor()..])
    }

    #[test]
    fn the_keys_of_a_shell_edit() {
        for (input, keys, expected) in [
            ("goto pool", "Ctrl-a Delete", "|oto pool"),
            ("goto pool", "Ctrl-w", "goto |"),
            ("goto pool ", "Ctrl-w Ctrl-w", "|"),
            ("goto pool", "Left Left Ctrl-u", "|ol"),
            ("goto pool", "Home Right Ctrl-k", "g|"),
            ("goto pool", "Ctrl-Left Ctrl-Left Ctrl-Right", "goto| pool"),
            ("goto", "Left Space x Ctrl-e y", "got xoy|"),
            ("n\u{e4}\u{301}\u{301}", "Backspace", "n|"),
            ("\u{a0}a\u{2003}b", "Ctrl-w Ctrl-w", "\u{a0}|"),
            ("", "Backspace Left Right Delete Ctrl-w Ctrl-k", "|"),
        ] {
            assert_eq!(after(input, keys), expected, "{input:?} {keys}");
        }
    }

    #[test]
    fn a_pasted_text_is_one_line() {
        let mut line = Line::new("goto ");
        line.insert("po\r\nol\u{1b}");
        assert_eq!(line.text(), "goto pool");
        line.insert(&"x".repeat(LONGEST));
        assert_eq!(line.text(), "goto pool");
    }
}
