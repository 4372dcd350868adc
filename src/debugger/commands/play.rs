//! Commands for going on by itself.

use super::not_at_end;
use crate::debugger::Key;
use crate::debugger::command::{Command, Effect};

pub(super) const ROWS: &[Command] = &[
    Command::new(
        "play",
        "take one step after the other, until any other key",
        |_, _| Ok(Effect::Plays),
    )
    .keys(&[Key::Char(' ')])
    .bar(7, "play")
    .enabled(not_at_end),
    Command::new("faster", "play faster", |_, _| Ok(Effect::Faster))
        .keys(&[Key::Char('+'), Key::Char('=')]),
    Command::new("slower", "play more slowly", |_, _| Ok(Effect::Slower)).keys(&[Key::Char('-')]),
];
