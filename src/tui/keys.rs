//! Keys by the names that the table of commands gives them.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Returns the name of a key as the table of commands writes it: `Right`, `Shift-Tab`, `Ctrl-c`,
/// `l`.
pub(super) fn name(key: KeyEvent) -> Option<String> {
    let plain = match key.code {
        KeyCode::Char(' ') => "Space".to_owned(),
        KeyCode::Char(character) => character.to_string(),
        KeyCode::BackTab => return Some("Shift-Tab".to_owned()),
        KeyCode::F(number) => format!("F{number}"),
        KeyCode::Left => "Left".to_owned(),
        KeyCode::Right => "Right".to_owned(),
        KeyCode::Up => "Up".to_owned(),
        KeyCode::Down => "Down".to_owned(),
        KeyCode::Tab => "Tab".to_owned(),
        KeyCode::Enter => "Enter".to_owned(),
        KeyCode::Esc => "Esc".to_owned(),
        KeyCode::Home => "Home".to_owned(),
        KeyCode::End => "End".to_owned(),
        KeyCode::PageUp => "PageUp".to_owned(),
        KeyCode::PageDown => "PageDown".to_owned(),
        KeyCode::Backspace => "Backspace".to_owned(),
        KeyCode::Delete => "Delete".to_owned(),
        _ => return None,
    };
    // Shift is in the character itself; some terminals report it all the same.
    let is_character = matches!(key.code, KeyCode::Char(_));
    let mut name = String::new();
    for (modifier, prefix) in [
        (KeyModifiers::CONTROL, "Ctrl-"),
        (KeyModifiers::ALT, "Alt-"),
        (KeyModifiers::SHIFT, "Shift-"),
    ] {
        if key.modifiers.contains(modifier) && !(is_character && modifier == KeyModifiers::SHIFT) {
            name.push_str(prefix);
        }
    }
    Some(name + &plain)
}

/// Returns the sign by which the key bar shows a key.
pub(super) fn sign(name: &'static str) -> &'static str {
    match name {
        "Right" => "→",
        "Left" => "←",
        "Up" => "↑",
        "Down" => "↓",
        "Shift-Tab" => "⇧Tab",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_names_of_the_table() {
        let name = |code, modifiers| name(KeyEvent::new(code, modifiers)).unwrap();
        assert_eq!(name(KeyCode::Char('G'), KeyModifiers::SHIFT), "G");
        assert_eq!(name(KeyCode::Char('c'), KeyModifiers::CONTROL), "Ctrl-c");
        assert_eq!(name(KeyCode::BackTab, KeyModifiers::SHIFT), "Shift-Tab");
        assert_eq!(name(KeyCode::Right, KeyModifiers::NONE), "Right");
    }
}
