//! Replies of a slow terminal to a question that is no longer waited for. They come in among the
//! keys and must not act as such.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

/// Picks the terminal's late word on its colours, `ESC ] 11 ; rgb:1c1c/1c1c/1c1c BEL`, out of the
/// events.
#[derive(Debug, Default)]
pub(super) struct Replies {
    is_inside: bool,
}

impl Replies {
    /// Whether an event is part of a reply. The reply ends at its terminator or at what cannot
    /// be in it, so that no key that a person presses is held back for long.
    pub(super) fn swallow(&mut self, event: &Event) -> bool {
        let Event::Key(KeyEvent {
            code: KeyCode::Char(character),
            modifiers,
            ..
        }) = event
        else {
            return false;
        };
        let (is_alt, is_control) = (
            modifiers.contains(KeyModifiers::ALT),
            modifiers.contains(KeyModifiers::CONTROL),
        );
        let was_inside = self.is_inside;
        // A reader without the grammar of such replies takes ESC and what follows it for a key with
        // Alt.
        self.is_inside = match character {
            ']' if is_alt => true,
            '0'..='9' | 'a'..='f' | ';' | ':' | '/' | 'r' | 'g' => {
                was_inside && !is_alt && !is_control
            }
            _ => false,
        };
        let ends = was_inside
            && matches!(
                (character, is_alt, is_control),
                ('\\', true, _) | ('g', _, true)
            );
        self.is_inside || ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of keys, written as characters, or after `^` with Control and after ESC with
    /// Alt.
    fn left(keys: &str) -> String {
        let (mut replies, mut modifiers, mut left) =
            (Replies::default(), KeyModifiers::NONE, String::new());
        for character in keys.chars() {
            match character {
                '^' => modifiers = KeyModifiers::CONTROL,
                '\u{1b}' => modifiers = KeyModifiers::ALT,
                _ => {
                    if !replies.swallow(&Event::Key(KeyEvent::new(
                        KeyCode::Char(character),
                        modifiers,
                    ))) {
                        left.push(character);
                    }
                    modifiers = KeyModifiers::NONE;
                }
            }
        }
        left
    }

    #[test]
    fn late_replies_are_no_keys() {
        assert_eq!(left("j\u{1b}]11;rgb:1c1c/1c1c/1c1c^gl"), "jl");
        assert_eq!(
            left("\u{1b}]10;rgb:ffff/ffff/ffff\u{1b}\\\u{1b}]11;rgb:0000/0000/0000\u{1b}\\g"),
            "g"
        );
    }

    #[test]
    fn a_key_that_no_reply_holds_ends_it() {
        assert_eq!(left("\u{1b}]1jg"), "jg");
        assert_eq!(left("g11;"), "g11;");
    }
}
