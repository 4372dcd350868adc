//! What commands of several groups share: when they can do something, and what they do it to.

use crate::debugger::arguments::Argument;
use crate::debugger::command::Effect;
use crate::debugger::{CommandError, Position, Session, Sheet};
use crate::tensor::Element;

pub(super) fn unless(is_refused: bool, error: CommandError) -> Result<(), CommandError> {
    if is_refused { Err(error) } else { Ok(()) }
}

pub(super) fn not_at_end(session: &Session) -> Result<(), CommandError> {
    unless(session.position() == Position::End, CommandError::AtEnd)
}

pub(super) fn not_at_start(session: &Session) -> Result<(), CommandError> {
    unless(session.position() == Position::Start, CommandError::AtStart)
}

pub(super) fn has_terms(session: &Session) -> Result<(), CommandError> {
    match (session.position(), session.terms().len()) {
        (Position::Start, _) => Err(CommandError::NotBegun),
        (Position::End, _) => Err(CommandError::Over),
        (_, 0) => Err(CommandError::NoTerms),
        (_, 1) => Err(CommandError::OneTerm),
        _ => Ok(()),
    }
}

/// Shows lines that are only read.
pub(super) fn says(lines: Vec<String>) -> Result<Effect, CommandError> {
    Ok(Effect::Shows(Sheet::text("backstep says", lines)))
}

pub(super) fn moved(
    session: &mut Session,
    how: impl FnOnce(&mut Session),
) -> Result<Effect, CommandError> {
    how(session);
    Ok(Effect::Moved)
}

pub(super) fn go(
    session: &mut Session,
    to: fn(&Session) -> Result<Position, CommandError>,
) -> Result<Effect, CommandError> {
    let position = to(session)?;
    moved(session, |session| session.go_to(position))
}

pub(super) fn element(arguments: &[Argument]) -> Option<Element> {
    arguments.iter().find_map(|argument| match argument {
        Argument::Element(element) => Some(*element),
        _ => None,
    })
}

/// The element that is asked about, or the current one.
pub(super) fn asked(session: &Session, arguments: &[Argument]) -> Result<Element, CommandError> {
    let element = element(arguments).or_else(|| session.element());
    let element = element.ok_or(CommandError::NoneAskedAbout)?;
    open(session, element).map(|()| element)
}

/// Whether nothing is to be predicted about a neuron first.
pub(super) fn open(session: &Session, element: Element) -> Result<(), CommandError> {
    let is_hidden = session.is_hidden() && session.element() == Some(element);
    unless(is_hidden, CommandError::SumHidden)
}
