//! Commands for why a gradient is what it is.

use super::asked;
use crate::debugger::commands::{Argument, Ask, Command, Effect, Takes};
use crate::debugger::{Key, verify, why};

pub(super) const ROWS: &[Command] = &[
    Command::new(
        "why",
        "follow the largest terms to a given gradient, or say why a zero is zero",
        |session, argument| Ok(Effect::Shows(why::why(session, asked(session, &argument)?))),
    )
    .keys(&[Key::Char('y')])
    .takes(Takes::Element)
    .bar(6, "why"),
    Command::new(
        "whynot",
        "say why a neuron gets nothing from another one, or what it gets",
        |session, argument| match argument {
            Argument::Pair(element, downstream) => {
                Ok(Effect::Shows(why::why_not(session, element, downstream)))
            }
            _ => Ok(Effect::Asks(Ask::Rest("whynot ".to_owned()))),
        },
    )
    .takes(Takes::Pair),
    Command::new(
        "verify",
        "nudge a neuron and see whether the loss moves as its gradient says",
        |session, argument| {
            Ok(Effect::Shows(verify::check(
                session,
                asked(session, &argument)?,
            )))
        },
    )
    .keys(&[Key::Char('v')])
    .takes(Takes::Element),
];
