//! Commands for stopping at what matters, and keeping it in view.

use super::common::{element, not_at_end, not_at_start};
use crate::debugger::arguments::{
    Argument, BREAKPOINT, CONDITION, ELEMENT, Parameter, SPOT, WATCHED,
};
use crate::debugger::command::{Command, Effect};
use crate::debugger::{Direction, Key, Spot, Stop, Which};

pub(super) const ROWS: &[Command] = &[
    Command::new(
        "break",
        "stop here (again: no longer), there, or where a condition is true",
        |session, arguments| match arguments {
            [] => session.toggle_breakpoint().map(Effect::Says),
            _ => session.set_breakpoint(stop(arguments)).map(Effect::Says),
        },
    )
    .keys(&[Key::Char('b')])
    .takes(&[
        Parameter::optional(SPOT),
        Parameter::optional(CONDITION).after("if"),
    ])
    .bar(8, "break"),
    Command::new(
        "continue",
        "go on to the next hit of a breakpoint, or to the end",
        |session, arguments| {
            session
                .run_to_breakpoint(Direction::On, number(arguments))
                .map(Effect::Continues)
        },
    )
    .keys(&[Key::Char('c')])
    .takes(&[Parameter::optional(BREAKPOINT)])
    .bar(8, "continue")
    .enabled(|session| match session.update() {
        Some((update, n_updates)) if update < n_updates => Ok(()),
        _ => not_at_end(session),
    }),
    Command::new(
        "continue back",
        "go back to the last hit before here, or to the start",
        |session, arguments| {
            session
                .run_to_breakpoint(Direction::Back, number(arguments))
                .map(Effect::Continues)
        },
    )
    .keys(&[Key::Char('C')])
    .takes(&[Parameter::optional(BREAKPOINT)])
    .enabled(|session| match session.update() {
        Some((update, _)) if update > 1 => Ok(()),
        _ => not_at_start(session),
    }),
    Command::new(
        "breaks",
        "list the breakpoints and how often each was hit",
        |session, _| session.list_breakpoints().map(Effect::Shows),
    )
    .keys(&[Key::Char('B')]),
    Command::new(
        "delete",
        "delete a breakpoint, or all",
        |session, arguments| match arguments {
            [Argument::Breakpoint(number)] => {
                let which = Which::Number(*number);
                session.delete_breakpoints(which).map(Effect::Says)
            }
            [Argument::All] => session.delete_breakpoints(Which::All).map(Effect::Says),
            _ => session.list_breakpoints().map(Effect::Shows),
        },
    )
    .takes(&[Parameter::required(BREAKPOINT).or_all()]),
    Command::new(
        "watch",
        "keep a neuron's value and gradient in view; again: no longer",
        |session, arguments| match element(arguments) {
            Some(element) => session.watch(element).map(Effect::Says),
            None => session.toggle_watch().map(Effect::Says),
        },
    )
    .keys(&[Key::Char('w')])
    .takes(&[Parameter::optional(ELEMENT)]),
    Command::new("watches", "list what is watched", |session, _| {
        session.list_watches().map(Effect::Shows)
    })
    .keys(&[Key::Char('W')]),
    Command::new(
        "unwatch",
        "watch a neuron no longer, or none at all",
        |session, arguments| match element(arguments) {
            Some(element) => session.unwatch(element).map(Effect::Says),
            None => session.unwatch_all().map(Effect::Says),
        },
    )
    .takes(&[Parameter::required(WATCHED).or_all()]),
];

/// The number of the breakpoint that alone is meant.
fn number(arguments: &[Argument]) -> Option<usize> {
    match arguments {
        [Argument::Breakpoint(number)] => Some(*number),
        _ => None,
    }
}

fn stop(arguments: &[Argument]) -> Stop {
    let mut stop = Stop {
        spot: Spot::Anywhere,
        condition: None,
    };
    for argument in arguments {
        match argument {
            Argument::Spot(spot) => stop.spot = *spot,
            Argument::Condition(condition) => stop.condition = Some(condition.clone()),
            _ => {}
        }
    }
    stop
}
