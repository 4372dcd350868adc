//! The keys that a terminal sends.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::debugger::Key;

/// Returns the key of an event, if it is one that has a name.
pub(super) fn key(event: KeyEvent) -> Option<Key> {
    const NONE: KeyModifiers = KeyModifiers::NONE;
    const CTRL: KeyModifiers = KeyModifiers::CONTROL;
    const ALT: KeyModifiers = KeyModifiers::ALT;
    const ALT_GR: KeyModifiers = CTRL.union(ALT);
    // Shift is in the character itself; some terminals report it all the same.
    let held = match event.code {
        KeyCode::Char(_) | KeyCode::BackTab => event.modifiers - KeyModifiers::SHIFT,
        _ => event.modifiers,
    };
    Some(match (event.code, held) {
        (KeyCode::Char(character), NONE | ALT_GR) => Key::Char(character),
        (KeyCode::Char(character), CTRL) => Key::Ctrl(character.to_ascii_lowercase()),
        (KeyCode::Char(character), ALT) => Key::Alt(character.to_ascii_lowercase()),
        (KeyCode::F(number), NONE) => Key::F(number),
        (KeyCode::Left, NONE) => Key::Left,
        (KeyCode::Right, NONE) => Key::Right,
        (KeyCode::Up, NONE) => Key::Up,
        (KeyCode::Down, NONE) => Key::Down,
        (KeyCode::Left, CTRL) => Key::CtrlLeft,
        (KeyCode::Right, CTRL) => Key::CtrlRight,
        (KeyCode::Up, CTRL) => Key::CtrlUp,
        (KeyCode::Down, CTRL) => Key::CtrlDown,
        (KeyCode::Left, KeyModifiers::SHIFT) => Key::ShiftLeft,
        (KeyCode::Right, KeyModifiers::SHIFT) => Key::ShiftRight,
        (KeyCode::Up, KeyModifiers::SHIFT) => Key::ShiftUp,
        (KeyCode::Down, KeyModifiers::SHIFT) => Key::ShiftDown,
        (KeyCode::Home, NONE) => Key::Home,
        (KeyCode::End, NONE) => Key::End,
        (KeyCode::PageUp, NONE) => Key::PageUp,
        (KeyCode::PageDown, NONE) => Key::PageDown,
        (KeyCode::Tab, NONE) => Key::Tab,
        (KeyCode::BackTab, NONE) | (KeyCode::Tab, KeyModifiers::SHIFT) => Key::ShiftTab,
        (KeyCode::Enter, NONE) => Key::Enter,
        (KeyCode::Esc, NONE) => Key::Esc,
        (KeyCode::Backspace, NONE) => Key::Backspace,
        (KeyCode::Backspace, ALT) => Key::AltBackspace,
        (KeyCode::Delete, NONE) => Key::Delete,
        _ => return None,
    })
}

/// Returns the keys as the key bar shows them, which has little room.
pub(super) fn sign(key: Key) -> String {
    match key {
        Key::ShiftTab => "⇧Tab".to_owned(),
        key => key.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_keys() {
        let key = |code, modifiers| key(KeyEvent::new(code, modifiers));
        let (shift, ctrl, alt) = (
            KeyModifiers::SHIFT,
            KeyModifiers::CONTROL,
            KeyModifiers::ALT,
        );
        assert_eq!(key(KeyCode::Char('G'), shift), Some(Key::Char('G')));
        assert_eq!(key(KeyCode::Char('C'), ctrl | shift), Some(Key::Ctrl('c')));
        assert_eq!(key(KeyCode::Char('['), ctrl | alt), Some(Key::Char('[')));
        assert_eq!(key(KeyCode::BackTab, shift), Some(Key::ShiftTab));
        assert_eq!(key(KeyCode::Left, ctrl), Some(Key::CtrlLeft));
        assert_eq!(key(KeyCode::Left, shift), Some(Key::ShiftLeft));
        assert_eq!(key(KeyCode::Left, alt), None);
    }
}
