//! Commands for going on by itself.

use super::common::not_at_end;
use crate::debugger::Key;
use crate::debugger::command::{Command, Effect, OnScreen};

pub(super) const ROWS: &[Command] = &[
    Command::new(
        "play",
        "take one step after the other, until any other key",
        |_, _| Ok(Effect::Screen(OnScreen::Play)),
    )
    .keys(&[Key::Char(' ')])
    .bar(7, "play")
    .enabled(not_at_end),
    Command::new("faster", "play faster", |_, _| {
        Ok(Effect::Screen(OnScreen::PlayFaster))
    })
    .keys(&[Key::Char('+'), Key::Char('=')]),
    Command::new("slower", "play more slowly", |_, _| {
        Ok(Effect::Screen(OnScreen::PlaySlower))
    })
    .keys(&[Key::Char('-')]),
];
