//! The keys that panels name on their frames, and above the prompt.

use crossterm::event::Event;

use super::screen::Screen;
use crate::debugger::commands::COMMANDS;
use crate::debugger::{Call, Command, Key, Session};

/// A session in which every panel has something to show: breakpoints, watches, an edit and a jump.
fn session() -> Session {
    let mut screen = Screen::of("the-question", SIZE);
    screen.press("b w Right b w : s e t Space x [ 0 , 3 ] Space 9 Enter g 3 Enter");
    screen.debugger().session.clone()
}

/// A screen without a map, which is drawn at once.
const SIZE: (u16, u16) = (60, 16);

/// The screen after a command that needs no arguments, and an earlier one at the prompt.
fn after(session: &Session, command: &'static Command) -> Screen {
    let mut screen = Screen::debugging(session.clone(), SIZE);
    screen.press(": 3 Enter");
    screen.debugger().run_all([Call {
        command,
        arguments: Vec::new(),
    }]);
    screen.send(&Event::Resize(SIZE.0, SIZE.1));
    screen
}

/// The keys that a line of the screen names before what they do, in the panel's frame if it is
/// there.
fn named(line: &str) -> Vec<Key> {
    let after = line.rsplit(['╭', '╰']).next().unwrap_or(line);
    let frame = after.split(['╮', '╯']).next().unwrap_or(after);
    let is_line = |c: char| c == '─' || c.is_whitespace();
    let parts = frame.trim_matches(is_line).split('·');
    let words = parts.filter_map(|part| part.split_whitespace().next());
    let keys = words.flat_map(|word| match word.trim_end_matches(':').parse() {
        Ok(key) => vec![key],
        Err(_) => word
            .chars()
            .filter_map(|c| c.to_string().parse().ok())
            .collect(),
    });
    keys.filter(|key| !matches!(key, Key::Char(_))).collect()
}

/// The keys that the topmost panel names.
fn promised(screen: &Screen) -> Vec<Key> {
    let text = screen.text();
    let lines = text.lines();
    let says = |line: &&str| {
        line.contains("Esc closes") || line.contains("Esc: ") || line.contains(" more ─")
    };
    lines.filter(says).flat_map(named).collect()
}

#[test]
fn every_key_that_a_panel_names_does_something() {
    let session = session();
    let mut n_panels = 0;
    for command in COMMANDS.iter().filter(|command| command.name != "quit") {
        let mut screen = after(&session, command);
        let panels = screen.debugger().panels.clone();
        if panels.is_empty() {
            continue;
        }
        n_panels += 1;
        let keys = promised(&screen);
        assert!(
            keys.contains(&Key::Esc),
            "`{}`:\n{}",
            command.name,
            screen.text()
        );
        for key in keys {
            let mut screen = after(&session, command);
            screen.press(&key.to_string());
            let now = &screen.debugger().panels;
            assert!(
                *now != panels && (key != Key::Esc || now.is_empty()),
                "{key} does nothing after `{}`:\n{}",
                command.name,
                screen.text()
            );
        }
    }
    assert!(n_panels > 12, "{n_panels}");
}
