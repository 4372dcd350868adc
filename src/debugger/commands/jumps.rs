//! Commands for going and looking elsewhere.

use super::common::{element, moved, not_at_end, not_at_start, open, says, unless};
use crate::debugger::arguments::{Argument, ELEMENT, NAME, PLACE, Parameter};
use crate::debugger::command::{Ask, Command, Effect};
use crate::debugger::report;
use crate::debugger::{CommandError, Key, Position, Session, WIDTH};
use crate::tensor::Element;

pub(super) const ROWS: &[Command] = &[
    Command::new(
        "goto",
        "go to a neuron, a tensor, a step, the start or the end",
        |session, arguments| match arguments {
            [Argument::Place(place)] => moved(session, |session| session.jump_to(*place)),
            [Argument::Element(element)] => {
                session.step_through(element.tensor)?;
                go_to_step(session, Some(*element))
            }
            _ => Ok(Effect::Asks(Ask::Place)),
        },
    )
    .keys(&[Key::Char('g')])
    .takes(&[Parameter::required(PLACE)])
    .bar(6, "go to"),
    Command::new(
        "inspect",
        "look at the neuron of the last added term, or go to the one that is looked at",
        |session, arguments| match element(arguments).or_else(|| session.under_hand()) {
            _ if arguments.is_empty() && session.view_options.cursor.is_some() => {
                go_to_cursor(session)
            }
            Some(element) => {
                open(session, element)?;
                let lines = report::element(session, element, WIDTH)?;
                let narrow = report::element(session, element, report::NARROW)?;
                Ok(Effect::Inspects {
                    element,
                    lines,
                    narrow,
                })
            }
            None => says(report::position(session)),
        },
    )
    .keys(&[Key::Enter])
    .takes(&[Parameter::optional(ELEMENT)])
    .bar(9, "inspect"),
    Command::new(
        "look up",
        "look at the neuron above without going there",
        |session, _| look(session, (-1, 0)),
    )
    .keys(&[Key::ShiftUp, Key::CtrlUp]),
    Command::new("look down", "look at the neuron below", |session, _| {
        look(session, (1, 0))
    })
    .keys(&[Key::ShiftDown, Key::CtrlDown]),
    Command::new(
        "look left",
        "look at the neuron to the left",
        |session, _| look(session, (0, -1)),
    )
    .keys(&[Key::ShiftLeft, Key::CtrlLeft]),
    Command::new(
        "look right",
        "look at the neuron to the right",
        |session, _| look(session, (0, 1)),
    )
    .keys(&[Key::ShiftRight, Key::CtrlRight]),
    Command::new(
        "search",
        "go to the next tensor whose name contains this",
        |session, arguments| match arguments {
            [Argument::Name(name)] => session.search(name).map(Effect::Found),
            _ => Ok(Effect::Asks(Ask::Name)),
        },
    )
    .keys(&[Key::Char('/')])
    .takes(&[Parameter::required(NAME)])
    .bar(8, "search"),
    Command::new(
        "match",
        "go to the next match; without a search, to the next neuron",
        |session, _| match session.next_match() {
            Some(found) => Ok(Effect::Found(found)),
            None => moved(session, |session| session.next(1)),
        },
    )
    .keys(&[Key::Char('n')])
    .enabled(|session| {
        if session.is_searching() {
            Ok(())
        } else {
            not_at_end(session)
        }
    }),
    Command::new(
        "match back",
        "go to the match before; without a search, to the neuron before",
        |session, _| match session.previous_match() {
            Some(found) => Ok(Effect::Found(found)),
            None => moved(session, |session| session.back(1)),
        },
    )
    .keys(&[Key::Char('N')])
    .enabled(|session| {
        if session.is_searching() {
            Ok(())
        } else {
            not_at_start(session)
        }
    }),
    Command::new(
        "return",
        "return to where the last jump began",
        |session, _| session.return_from_jump().map(|()| Effect::Moved),
    )
    .keys(&[Key::Backspace])
    .enabled(|session| unless(!session.has_jumped(), CommandError::NoJump)),
];

fn look(session: &mut Session, by: (isize, isize)) -> Result<Effect, CommandError> {
    session.look(by).map(Effect::Says)
}

/// Goes to the neuron that is looked at.
fn go_to_cursor(session: &mut Session) -> Result<Effect, CommandError> {
    go_to_step(session, session.view_options.cursor)
}

/// Goes to the step of an element.
fn go_to_step(session: &mut Session, element: Option<Element>) -> Result<Effect, CommandError> {
    let step = element.and_then(|element| session.backprop().steps().step_of(element));
    let step = step.ok_or(CommandError::NoStep)?;
    moved(session, |session| session.jump_to(Position::Step(step)))
}
