//! Commands for going on and back in backward order.

use super::{always, go, has_terms, moved, not_at_end, not_at_start};
use crate::debugger::commands::{Argument, Bar, Command, Group, Takes};
use crate::debugger::{Position, Session};

pub(super) const ROWS: &[Command] = &[
    Command {
        name: "next",
        keys: &["Right", "l"],
        takes: Takes::Count,
        group: Group::Steps,
        bar: Some(Bar {
            rank: 1,
            word: "neuron",
        }),
        help: "go to the next neuron in backward order",
        enabled: not_at_end,
        run: |session, argument| moved(session, |session| session.next(count(argument))),
    },
    Command {
        name: "back",
        keys: &["Left", "h"],
        takes: Takes::Count,
        group: Group::Steps,
        bar: Some(Bar {
            rank: 1,
            word: "neuron",
        }),
        help: "go back to the neuron before",
        enabled: not_at_start,
        run: |session, argument| moved(session, |session| session.back(count(argument))),
    },
    Command {
        name: "term",
        keys: &["Down", "j", "s"],
        takes: Takes::Nothing,
        group: Group::Steps,
        bar: Some(Bar {
            rank: 2,
            word: "term",
        }),
        help: "add the next term: the sum builds up, and begins again after the last",
        enabled: has_terms,
        run: |session, _| moved(session, Session::term),
    },
    Command {
        name: "term back",
        keys: &["Up", "k", "S"],
        takes: Takes::Nothing,
        group: Group::Steps,
        bar: Some(Bar {
            rank: 2,
            word: "term",
        }),
        help: "take the last added term away again",
        enabled: has_terms,
        run: |session, _| moved(session, Session::term_back),
    },
    Command {
        name: "tensor",
        keys: &["Tab", "]"],
        takes: Takes::Nothing,
        group: Group::Steps,
        bar: Some(Bar {
            rank: 3,
            word: "tensor",
        }),
        help: "go to the first neuron of the next tensor",
        enabled: |session| session.next_tensor().map(drop),
        run: |session, _| go(session, Session::next_tensor),
    },
    Command {
        name: "tensor back",
        keys: &["Shift-Tab", "["],
        takes: Takes::Nothing,
        group: Group::Steps,
        bar: Some(Bar {
            rank: 3,
            word: "tensor",
        }),
        help: "go to the first neuron of the tensor before",
        enabled: |session| session.previous_tensor().map(drop),
        run: |session, _| go(session, Session::previous_tensor),
    },
    Command {
        name: "start",
        keys: &["Home", "<", "gg"],
        takes: Takes::Nothing,
        group: Group::Steps,
        bar: None,
        help: "go before the first step",
        enabled: always,
        run: |session, _| moved(session, |session| session.jump_to(Position::Start)),
    },
    Command {
        name: "end",
        keys: &["End", ">", "G"],
        takes: Takes::Nothing,
        group: Group::Steps,
        bar: None,
        help: "go after the last step",
        enabled: always,
        run: |session, _| moved(session, |session| session.jump_to(Position::End)),
    },
];

fn count(argument: Argument) -> usize {
    match argument {
        Argument::Count(count) => count,
        _ => 1,
    }
}
