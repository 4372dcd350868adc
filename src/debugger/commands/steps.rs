//! Commands for going on and back in backward order.

use super::common::{go, has_terms, moved, not_at_end, not_at_start};
use crate::debugger::arguments::{Argument, COUNT, Parameter};
use crate::debugger::command::Command;
use crate::debugger::{Key, Position, Session};

pub(super) const ROWS: &[Command] = &[
    Command::new(
        "next",
        "go to the next neuron in backward order",
        |session, arguments| moved(session, |session| session.next(count(arguments))),
    )
    .keys(&[Key::Right, Key::Char('l')])
    .takes(&[Parameter::optional(COUNT)])
    .bar(1, "neuron")
    .enabled(not_at_end),
    Command::new(
        "back",
        "go back to the neuron before",
        |session, arguments| moved(session, |session| session.back(count(arguments))),
    )
    .keys(&[Key::Left, Key::Char('h')])
    .takes(&[Parameter::optional(COUNT)])
    .bar(1, "neuron")
    .enabled(not_at_start),
    Command::new(
        "term",
        "add the next term: the sum builds up, and begins again after the last",
        |session, _| moved(session, Session::term),
    )
    .keys(&[Key::Down, Key::Char('j'), Key::Char('s')])
    .bar(2, "term")
    .enabled(has_terms),
    Command::new(
        "term back",
        "take the last added term away again",
        |session, _| moved(session, Session::term_back),
    )
    .keys(&[Key::Up, Key::Char('k'), Key::Char('S')])
    .bar(2, "term")
    .enabled(has_terms),
    Command::new(
        "tensor",
        "go to the first neuron of the next tensor",
        |session, _| go(session, Session::next_tensor),
    )
    .keys(&[Key::Tab, Key::Char(']')])
    .bar(3, "tensor")
    .enabled(|session| session.next_tensor().map(drop)),
    Command::new(
        "tensor back",
        "go to the first neuron of the tensor before",
        |session, _| go(session, Session::previous_tensor),
    )
    .keys(&[Key::ShiftTab, Key::Char('[')])
    .bar(3, "tensor")
    .enabled(|session| session.previous_tensor().map(drop)),
    Command::new("start", "go before the first step", |session, _| {
        moved(session, |session| session.jump_to(Position::Start))
    })
    .keys(&[Key::Home, Key::Char('<')])
    .sequence([Key::Char('g'), Key::Char('g')]),
    Command::new("end", "go after the last step", |session, _| {
        moved(session, |session| session.jump_to(Position::End))
    })
    .keys(&[Key::End, Key::Char('>'), Key::Char('G')]),
];

fn count(arguments: &[Argument]) -> usize {
    match arguments {
        [Argument::Count(count)] => *count,
        _ => 1,
    }
}
