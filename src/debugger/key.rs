//! Keys, as the table of commands names them and a terminal sends them.

use std::fmt;
use std::str::FromStr;

/// A key, with what is held down beside it. Shift is in the character that it makes.
///
/// ```
/// use backstep::debugger::Key;
///
/// assert_eq!("Ctrl-c".parse(), Ok(Key::Ctrl('c')));
/// assert_eq!("Right".parse(), Ok(Key::Right));
/// assert_eq!(Key::Right.to_string(), "→");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// A character.
    Char(char),
    /// A character with Ctrl, as Ctrl-C, in small letters.
    Ctrl(char),
    /// A character with Alt.
    Alt(char),
    /// One of the keys F1, F2, and so on.
    F(u8),
    /// ←
    Left,
    /// →
    Right,
    /// ↑
    Up,
    /// ↓
    Down,
    /// ← with Ctrl.
    CtrlLeft,
    /// → with Ctrl.
    CtrlRight,
    /// ↑ with Ctrl.
    CtrlUp,
    /// ↓ with Ctrl.
    CtrlDown,
    /// ← with Shift.
    ShiftLeft,
    /// → with Shift.
    ShiftRight,
    /// ↑ with Shift.
    ShiftUp,
    /// ↓ with Shift.
    ShiftDown,
    /// The first place.
    Home,
    /// The last place.
    End,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// Tab.
    Tab,
    /// Tab with Shift.
    ShiftTab,
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Backspace.
    Backspace,
    /// Backspace with Alt.
    AltBackspace,
    /// Delete.
    Delete,
}

/// The keys that have names, with what they are called first and what they may be called too.
const NAMES: &[(Key, &str, &str)] = &[
    (Key::Char(' '), "Space", " "),
    (Key::Left, "←", "Left"),
    (Key::Right, "→", "Right"),
    (Key::Up, "↑", "Up"),
    (Key::Down, "↓", "Down"),
    (Key::CtrlLeft, "Ctrl-←", "Ctrl-Left"),
    (Key::CtrlRight, "Ctrl-→", "Ctrl-Right"),
    (Key::CtrlUp, "Ctrl-↑", "Ctrl-Up"),
    (Key::CtrlDown, "Ctrl-↓", "Ctrl-Down"),
    (Key::ShiftLeft, "Shift-←", "Shift-Left"),
    (Key::ShiftRight, "Shift-→", "Shift-Right"),
    (Key::ShiftUp, "Shift-↑", "Shift-Up"),
    (Key::ShiftDown, "Shift-↓", "Shift-Down"),
    (Key::Home, "Home", "Home"),
    (Key::End, "End", "End"),
    (Key::PageUp, "PageUp", "PgUp"),
    (Key::PageDown, "PageDown", "PgDn"),
    (Key::Tab, "Tab", "Tab"),
    (Key::ShiftTab, "Shift-Tab", "⇧Tab"),
    (Key::Enter, "Enter", "Return"),
    (Key::Esc, "Esc", "Escape"),
    (Key::Backspace, "Backspace", "Backspace"),
    (Key::AltBackspace, "Alt-Backspace", "Alt-Backspace"),
    (Key::Delete, "Delete", "Del"),
];

impl fmt::Display for Key {
    /// Writes the name by which people call it: `→`, `Shift-Tab`, `Ctrl-C`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((_, name, _)) = NAMES.iter().find(|(key, ..)| key == self) {
            return f.write_str(name);
        }
        match self {
            Self::Char(character) => write!(f, "{character}"),
            Self::Ctrl(character) => write!(f, "Ctrl-{}", character.to_ascii_uppercase()),
            Self::Alt(character) => write!(f, "Alt-{}", character.to_ascii_uppercase()),
            Self::F(number) => write!(f, "F{number}"),
            named => write!(f, "{named:?}"),
        }
    }
}

/// A text names no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such key")]
pub struct NoSuchKey;

impl FromStr for Key {
    type Err = NoSuchKey;

    /// Reads a name of a key: `→` or `Right`, `Shift-Tab`, `Ctrl-C` or `Ctrl-c`, `q`.
    fn from_str(name: &str) -> Result<Self, NoSuchKey> {
        let named = NAMES
            .iter()
            .find(|(_, first, other)| [first, other].contains(&&name));
        if let Some((key, ..)) = named {
            return Ok(*key);
        }
        let character = |text: &str| {
            let mut characters = text.chars();
            characters.next().filter(|_| characters.next().is_none())
        };
        let small = |text: &str| character(text).map(|character| character.to_ascii_lowercase());
        let number = |text: &str| text.parse().ok();
        let key = match name.split_once('-').filter(|_| name != "-") {
            Some(("Ctrl", rest)) => small(rest).map(Self::Ctrl),
            Some(("Alt", rest)) => small(rest).map(Self::Alt),
            Some(_) => None,
            None => character(name)
                .map(Self::Char)
                .or_else(|| name.strip_prefix('F').and_then(number).map(Self::F)),
        };
        key.ok_or(NoSuchKey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        let letters = ['q', 'Q', '-', '+', 'F', 'é'].map(Key::Char);
        let held = ['c', '-']
            .into_iter()
            .flat_map(|c| [Key::Ctrl(c), Key::Alt(c)]);
        let named = NAMES.iter().map(|(key, ..)| *key);
        for key in named
            .chain(letters)
            .chain(held)
            .chain([Key::F(1), Key::F(12)])
        {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
    }

    #[test]
    fn keys_are_known_by_several_names() {
        for (name, key) in [
            ("→", Ok(Key::Right)),
            ("Right", Ok(Key::Right)),
            ("Ctrl-c", Ok(Key::Ctrl('c'))),
            ("Ctrl-C", Ok(Key::Ctrl('c'))),
            ("F1", Ok(Key::F(1))),
            ("G", Ok(Key::Char('G'))),
            ("", Err(NoSuchKey)),
            ("Ctrl-", Err(NoSuchKey)),
            ("Hyper-x", Err(NoSuchKey)),
            ("right", Err(NoSuchKey)),
        ] {
            assert_eq!(name.parse(), key, "{name}");
        }
    }
}
