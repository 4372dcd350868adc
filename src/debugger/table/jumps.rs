//! Commands for going and looking elsewhere.

use super::{always, element, moved, not_at_end, not_at_start, open, says, unless};
use crate::debugger::commands::{Argument, Ask, Bar, Command, Effect, Group, Takes};
use crate::debugger::report;

pub(super) const ROWS: &[Command] = &[
    Command {
        name: "goto",
        keys: &["g"],
        takes: Takes::Place,
        group: Group::Jumps,
        bar: Some(Bar {
            rank: 6,
            word: "go to",
        }),
        help: "go to a neuron, a tensor, a step, the start or the end",
        enabled: always,
        run: |session, argument| match argument {
            Argument::Place(place) => moved(session, |session| session.jump_to(place)),
            _ => Ok(Effect::Asks(Ask::Place)),
        },
    },
    Command {
        name: "inspect",
        keys: &["Enter"],
        takes: Takes::Element,
        group: Group::Jumps,
        bar: Some(Bar {
            rank: 9,
            word: "inspect",
        }),
        help: "look at the neuron of the last added term without going there",
        enabled: always,
        run: |session, argument| match element(&argument).or_else(|| session.under_hand()) {
            Some(element) => {
                open(session, element)?;
                let lines = report::element(session, element)?;
                Ok(Effect::Inspects { element, lines })
            }
            None => says(report::position(session)),
        },
    },
    Command {
        name: "search",
        keys: &["/"],
        takes: Takes::Name,
        group: Group::Jumps,
        bar: Some(Bar {
            rank: 8,
            word: "search",
        }),
        help: "go to the next tensor whose name contains this",
        enabled: always,
        run: |session, argument| match argument {
            Argument::Name(name) => session.search(&name).map(Effect::Found),
            _ => Ok(Effect::Asks(Ask::Name)),
        },
    },
    Command {
        name: "match",
        keys: &["n"],
        takes: Takes::Nothing,
        group: Group::Jumps,
        bar: None,
        help: "go to the next match; without a search, to the next neuron",
        enabled: |session| {
            if session.is_searching() {
                Ok(())
            } else {
                not_at_end(session)
            }
        },
        run: |session, _| match session.next_match() {
            Some(found) => Ok(Effect::Found(found)),
            None => moved(session, |session| session.next(1)),
        },
    },
    Command {
        name: "match back",
        keys: &["N"],
        takes: Takes::Nothing,
        group: Group::Jumps,
        bar: None,
        help: "go to the match before; without a search, to the neuron before",
        enabled: |session| {
            if session.is_searching() {
                Ok(())
            } else {
                not_at_start(session)
            }
        },
        run: |session, _| match session.previous_match() {
            Some(found) => Ok(Effect::Found(found)),
            None => moved(session, |session| session.back(1)),
        },
    },
    Command {
        name: "return",
        keys: &["Backspace"],
        takes: Takes::Nothing,
        group: Group::Jumps,
        bar: None,
        help: "return to where the last jump began",
        enabled: |session| unless(!session.has_jumped(), "there is no jump to return from"),
        run: |session, _| session.return_from_jump().map(|()| Effect::Moved),
    },
];
