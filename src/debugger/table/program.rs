//! Commands for the program itself.

use super::always;
use crate::debugger::commands::{Ask, Bar, Command, Effect, Group, Takes};

pub(super) const ROWS: &[Command] = &[
    Command {
        name: "prompt",
        keys: &[":"],
        takes: Takes::Nothing,
        group: Group::Program,
        bar: Some(Bar {
            rank: 5,
            word: "command",
        }),
        help: "write a command",
        enabled: always,
        run: |_, _| Ok(Effect::Asks(Ask::Command)),
    },
    Command {
        name: "close",
        keys: &["Esc"],
        takes: Takes::Nothing,
        group: Group::Program,
        bar: None,
        help: "close what is on top, end a search, or go back to the gallery",
        enabled: always,
        run: |session, _| {
            if session.end_search() {
                Ok(Effect::Found("the search is over".to_owned()))
            } else {
                Ok(Effect::Close)
            }
        },
    },
    Command {
        name: "redraw",
        keys: &["Ctrl-l"],
        takes: Takes::Nothing,
        group: Group::Program,
        bar: None,
        help: "draw the screen anew",
        enabled: always,
        run: |_, _| Ok(Effect::Redraws),
    },
    Command {
        name: "suspend",
        keys: &["Ctrl-z"],
        takes: Takes::Nothing,
        group: Group::Program,
        bar: None,
        help: "stop, until `fg` in the shell",
        enabled: always,
        run: |_, _| Ok(Effect::Suspend),
    },
    Command {
        name: "quit",
        keys: &["q", "Ctrl-c", "Ctrl-d"],
        takes: Takes::Nothing,
        group: Group::Program,
        bar: Some(Bar {
            rank: 4,
            word: "quit",
        }),
        help: "leave backstep",
        enabled: always,
        run: |_, _| Ok(Effect::Quit),
    },
    Command {
        name: "help",
        keys: &["?", "F1"],
        takes: Takes::Nothing,
        group: Group::Program,
        bar: Some(Bar {
            rank: 0,
            word: "all keys",
        }),
        help: "show all commands and their keys, and search them",
        enabled: always,
        run: |_, _| Ok(Effect::Help),
    },
];
