//! Commands for stopping at what matters, and keeping it in view.

use super::{element, not_at_end, not_at_start};
use crate::debugger::commands::{Argument, Command, Effect, Takes};
use crate::debugger::{Direction, Key, Which};

pub(super) const ROWS: &[Command] = &[
    Command::new(
        "break",
        "stop here (again: no longer), there, or where a condition is true",
        |session, argument| match argument {
            Argument::Stop(stop) => session.set_breakpoint(stop).map(Effect::Says),
            _ => session.toggle_breakpoint().map(Effect::Says),
        },
    )
    .keys(&[Key::Char('b')])
    .takes(Takes::Stop)
    .bar(8, "break"),
    Command::new(
        "continue",
        "go on to the next hit of a breakpoint, or to the end",
        |session, argument| {
            session
                .hunt(Direction::On, number(&argument))
                .map(Effect::Continues)
        },
    )
    .keys(&[Key::Char('c')])
    .takes(Takes::Breakpoint)
    .bar(8, "continue")
    .enabled(not_at_end),
    Command::new(
        "continue back",
        "go back to the last hit before here, or to the start",
        |session, argument| {
            session
                .hunt(Direction::Back, number(&argument))
                .map(Effect::Continues)
        },
    )
    .keys(&[Key::Char('C')])
    .takes(Takes::Breakpoint)
    .enabled(not_at_start),
    Command::new(
        "breaks",
        "list the breakpoints and how often each was hit",
        |session, _| session.list_breakpoints().map(Effect::Shows),
    )
    .keys(&[Key::Char('B')]),
    Command::new(
        "delete",
        "delete a breakpoint, or all",
        |session, argument| match argument {
            Argument::Breakpoints(which) => session.delete_breakpoints(which).map(Effect::Says),
            _ => session.list_breakpoints().map(Effect::Shows),
        },
    )
    .takes(Takes::Breakpoints),
    Command::new(
        "watch",
        "keep a neuron's value and gradient in view; again: no longer",
        |session, argument| match element(&argument) {
            Some(element) => session.watch(element).map(Effect::Says),
            None => session.toggle_watch().map(Effect::Says),
        },
    )
    .keys(&[Key::Char('w')])
    .takes(Takes::Element),
    Command::new("watches", "list what is watched", |session, _| {
        session.list_watches().map(Effect::Shows)
    })
    .keys(&[Key::Char('W')]),
    Command::new(
        "unwatch",
        "watch a neuron no longer, or none at all",
        |session, argument| match element(&argument) {
            Some(element) => session.unwatch(element).map(Effect::Says),
            None => session.unwatch_all().map(Effect::Says),
        },
    )
    .takes(Takes::Watches),
];

/// The number of the breakpoint that alone is meant.
fn number(argument: &Argument) -> Option<usize> {
    match argument {
        Argument::Breakpoints(Which::Number(number)) => Some(*number),
        _ => None,
    }
}
