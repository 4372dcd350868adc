//! Commands for why a gradient is what it is.

use super::common::asked;
use crate::debugger::arguments::{ADDRESS, Argument, ELEMENT, NAME, Parameter};
use crate::debugger::command::{Ask, Command, Effect};
use crate::debugger::health::{self, Order};
use crate::debugger::{CommandError, Key, Session};
use crate::debugger::{origin, verify, why};

pub(super) const ROWS: &[Command] = &[
    Command::new(
        "why",
        "follow the largest terms to a given gradient, or say why a zero is zero",
        |session, arguments| {
            let element = asked(session, arguments)?;
            Ok(Effect::Shows(why::why(session, element)?))
        },
    )
    .keys(&[Key::Char('y')])
    .takes(&[Parameter::optional(ELEMENT)])
    .bar(6, "why"),
    Command::new(
        "whynot",
        "say why a neuron gets nothing from another one, or what it gets",
        |session, arguments| match arguments {
            [Argument::Element(element), Argument::Element(downstream)] => {
                let why = why::why_not(session, *element, *downstream)?;
                Ok(Effect::Shows(why))
            }
            _ => Ok(Effect::Asks(Ask::Rest("whynot ".to_owned()))),
        },
    )
    .takes(&[
        Parameter::required(ADDRESS),
        Parameter::required(ADDRESS).after("from"),
    ]),
    Command::new(
        "origin",
        "follow a NaN or an infinite number to where it began",
        |session, arguments| {
            let element = asked(session, arguments)?;
            Ok(Effect::Shows(origin::origin(session, element)?))
        },
    )
    .keys(&[Key::Char('O')])
    .takes(&[Parameter::optional(ELEMENT)]),
    Command::new(
        "verify",
        "nudge a neuron and see whether the loss moves as its gradient says",
        |session, arguments| {
            let element = asked(session, arguments)?;
            Ok(Effect::Shows(verify::check(session, element)?))
        },
    )
    .keys(&[Key::Char('v')])
    .takes(&[Parameter::optional(ELEMENT)]),
    Command::new(
        "health",
        "show what every tensor's values and gradients are like, and what follows",
        |session, arguments| shows_health(session, arguments, Order::Forward),
    )
    .keys(&[Key::Char('H')])
    .takes(&[Parameter::optional(NAME)]),
    Command::new(
        "health sorted",
        "show the same with the largest gradients first",
        |session, arguments| shows_health(session, arguments, Order::BySize),
    )
    .takes(&[Parameter::optional(NAME)]),
];

fn shows_health(
    session: &Session,
    arguments: &[Argument],
    order: Order,
) -> Result<Effect, CommandError> {
    let name = match arguments {
        [Argument::Name(name)] => name,
        _ => "",
    };
    Ok(Effect::Shows(health::health(session, name, order)?))
}
