//! Commands for why a gradient is what it is.

use super::{always, asked};
use crate::debugger::commands::{Argument, Ask, Bar, Command, Effect, Group, Takes};
use crate::debugger::{verify, why};

pub(super) const ROWS: &[Command] = &[
    Command {
        name: "why",
        keys: &["y"],
        takes: Takes::Element,
        group: Group::Reasons,
        bar: Some(Bar {
            rank: 6,
            word: "why",
        }),
        help: "follow the largest terms to a given gradient, or say why a zero is zero",
        enabled: always,
        run: |session, argument| Ok(Effect::Shows(why::why(session, asked(session, &argument)?))),
    },
    Command {
        name: "whynot",
        keys: &[],
        takes: Takes::Pair,
        group: Group::Reasons,
        bar: None,
        help: "say why a neuron gets nothing from another one, or what it gets",
        enabled: always,
        run: |session, argument| match argument {
            Argument::Pair(element, downstream) => {
                Ok(Effect::Shows(why::why_not(session, element, downstream)))
            }
            _ => Ok(Effect::Asks(Ask::Rest("whynot ".to_owned()))),
        },
    },
    Command {
        name: "verify",
        keys: &["v"],
        takes: Takes::Element,
        group: Group::Reasons,
        bar: None,
        help: "nudge a neuron and see whether the loss moves as its gradient says",
        enabled: always,
        run: |session, argument| {
            let element = asked(session, &argument)?;
            Ok(Effect::Shows(verify::check(session, element)?))
        },
    },
];
