//! Commands for the program itself.

use crate::debugger::Key;
use crate::debugger::command::{Ask, Command, Effect, OnScreen};

pub(super) const ROWS: &[Command] = &[
    Command::new("prompt", "write a command", |_, _| {
        Ok(Effect::Asks(Ask::Command))
    })
    .keys(&[Key::Char(':')])
    .bar(5, "command"),
    Command::new(
        "close",
        "close what is on top, end a search or a quiz, or go back to the gallery",
        |session, _| {
            if session.view_options.cursor.take().is_some() {
                Ok(Effect::Moved)
            } else if session.end_search() {
                Ok(Effect::Found("the search is over".to_owned()))
            } else if let Some(says) = session.end_quiz() {
                Ok(Effect::Found(says.to_owned()))
            } else {
                Ok(Effect::Screen(OnScreen::Close))
            }
        },
    )
    .keys(&[Key::Esc]),
    Command::new(
        "next scenario",
        "open the scenario after this one in the gallery",
        |_, _| Ok(Effect::Screen(OnScreen::NextScenario)),
    )
    .keys(&[Key::Char('}')]),
    Command::new("redraw", "draw the screen anew", |_, _| {
        Ok(Effect::Screen(OnScreen::Redraw))
    })
    .keys(&[Key::Ctrl('l')]),
    Command::new("suspend", "stop, until `fg` in the shell", |_, _| {
        Ok(Effect::Screen(OnScreen::Suspend))
    })
    .keys(&[Key::Ctrl('z')]),
    Command::new("quit", "leave backstep", |_, _| Ok(Effect::Quit))
        .keys(&[Key::Char('q'), Key::Ctrl('c'), Key::Ctrl('d')])
        .bar(4, "quit"),
    Command::new(
        "help",
        "show all commands and their keys, and search them",
        |_, _| Ok(Effect::Help),
    )
    .keys(&[Key::Char('?'), Key::F(1)])
    .bar(0, "all keys"),
];
