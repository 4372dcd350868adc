//! Commands for stopping at what matters, and keeping it in view.

use super::{always, element, not_at_end, not_at_start};
use crate::debugger::commands::{Argument, Bar, Command, Effect, Group, Takes};
use crate::debugger::{Direction, Which};

pub(super) const ROWS: &[Command] = &[
    Command {
        name: "break",
        keys: &["b"],
        takes: Takes::Stop,
        group: Group::Breaks,
        bar: Some(Bar {
            rank: 8,
            word: "break",
        }),
        help: "stop here (again: no longer), there, or where a condition is true",
        enabled: always,
        run: |session, argument| match argument {
            Argument::Stop(stop) => session.set_breakpoint(stop).map(Effect::Says),
            _ => session.toggle_breakpoint().map(Effect::Says),
        },
    },
    Command {
        name: "continue",
        keys: &["c"],
        takes: Takes::Breakpoint,
        group: Group::Breaks,
        bar: Some(Bar {
            rank: 8,
            word: "continue",
        }),
        help: "go on to the next hit of a breakpoint, or to the end",
        enabled: not_at_end,
        run: |session, argument| {
            session
                .run_to_breakpoint(Direction::On, number(&argument))
                .map(Effect::Continues)
        },
    },
    Command {
        name: "continue back",
        keys: &["C"],
        takes: Takes::Breakpoint,
        group: Group::Breaks,
        bar: None,
        help: "go back to the last hit before here, or to the start",
        enabled: not_at_start,
        run: |session, argument| {
            session
                .run_to_breakpoint(Direction::Back, number(&argument))
                .map(Effect::Continues)
        },
    },
    Command {
        name: "breaks",
        keys: &["B"],
        takes: Takes::Nothing,
        group: Group::Breaks,
        bar: None,
        help: "list the breakpoints and how often each was hit",
        enabled: always,
        run: |session, _| session.list_breakpoints().map(Effect::Shows),
    },
    Command {
        name: "delete",
        keys: &[],
        takes: Takes::Breakpoints,
        group: Group::Breaks,
        bar: None,
        help: "delete a breakpoint, or all",
        enabled: always,
        run: |session, argument| match argument {
            Argument::Breakpoints(which) => session.delete_breakpoints(which).map(Effect::Says),
            _ => session.list_breakpoints().map(Effect::Shows),
        },
    },
    Command {
        name: "watch",
        keys: &["w"],
        takes: Takes::Element,
        group: Group::Breaks,
        bar: None,
        help: "keep a neuron's value and gradient in view; again: no longer",
        enabled: always,
        run: |session, argument| match element(&argument) {
            Some(element) => session.watch(element).map(Effect::Says),
            None => session.toggle_watch().map(Effect::Says),
        },
    },
    Command {
        name: "watches",
        keys: &["W"],
        takes: Takes::Nothing,
        group: Group::Breaks,
        bar: None,
        help: "list what is watched",
        enabled: always,
        run: |session, _| session.list_watches().map(Effect::Shows),
    },
    Command {
        name: "unwatch",
        keys: &[],
        takes: Takes::Watches,
        group: Group::Breaks,
        bar: None,
        help: "watch a neuron no longer, or none at all",
        enabled: always,
        run: |session, argument| match element(&argument) {
            Some(element) => session.unwatch(element).map(Effect::Says),
            None => session.unwatch_all().map(Effect::Says),
        },
    },
];

/// The number of the breakpoint that alone is meant.
fn number(argument: &Argument) -> Option<usize> {
    match argument {
        Argument::Breakpoints(Which::Number(number)) => Some(*number),
        _ => None,
    }
}
