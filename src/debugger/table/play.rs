//! Commands for going on by itself.

use super::{always, not_at_end};
use crate::debugger::commands::{Bar, Command, Effect, Group, Takes};

pub(super) const ROWS: &[Command] = &[
    Command {
        name: "play",
        keys: &["Space"],
        takes: Takes::Nothing,
        group: Group::Play,
        bar: Some(Bar {
            rank: 7,
            word: "play",
        }),
        help: "take one step after the other, until any other key",
        enabled: not_at_end,
        run: |_, _| Ok(Effect::Plays),
    },
    Command {
        name: "faster",
        keys: &["+", "="],
        takes: Takes::Nothing,
        group: Group::Play,
        bar: None,
        help: "play faster",
        enabled: always,
        run: |_, _| Ok(Effect::Faster),
    },
    Command {
        name: "slower",
        keys: &["-"],
        takes: Takes::Nothing,
        group: Group::Play,
        bar: None,
        help: "play more slowly",
        enabled: always,
        run: |_, _| Ok(Effect::Slower),
    },
];
