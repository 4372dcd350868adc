//! What may follow a command's name: each kind of argument with how it is read, and how it goes on
//! while it is written. A command declares its parameters, and from them come both.

mod address;
mod count;
mod edit;
mod error;
mod parameter;
mod part;
mod plot;
mod rest;

pub(super) use address::{ADDRESS, ELEMENT, PLACE, SPOT, WATCHED};
pub(super) use count::{ALTERNATIVE, BREAKPOINT, COUNT, NUMBER, UPDATE, UPDATES};
pub(super) use edit::{EDIT, TARGET};
pub use error::{ParseError, ParseErrorKind};
pub use parameter::{Argument, ArgumentKind, Parameter};
pub(super) use part::Part;
pub(super) use plot::PLOT;
pub(super) use rest::{CONDITION, FILE, NAME};

use super::Session;
use parameter::{Continuation, MOST};

/// Returns how the arguments stand in a line of help.
pub(super) fn usage(parameters: &[Parameter]) -> String {
    let usages: Vec<_> = parameters.iter().map(Parameter::usage).collect();
    usages.join(" ")
}

/// Reads arguments.
///
/// # Errors
/// What is wrong with the first that cannot be read, or which is missing.
pub(super) fn read(
    parameters: &[Parameter],
    part: Part<'_>,
    session: &Session,
) -> Result<Vec<Argument>, ParseError> {
    let texts = split(parameters, part);
    let mut arguments = Vec::new();
    for (number, (parameter, text)) in parameters.iter().zip(&texts).enumerate() {
        let Some(text) = text else { continue };
        if text.text.is_empty() {
            if parameter.is_optional && parameter.after.is_none() {
                continue;
            }
            return Err(parameter.missing(*text));
        }
        if let (Some(next), Some(None)) = (parameters.get(number + 1), texts.get(number + 1))
            && let (Some(word), false) = (next.after, next.is_optional)
        {
            let (misplaced, _) = text.split().1.split();
            let usage = usage(parameters);
            return Err(misplaced.error(ParseErrorKind::MissingWord { word, usage }));
        }
        arguments.push(parameter.read(*text, session)?);
    }
    Ok(arguments)
}

/// Returns how a text can go on at its end, from which byte on.
pub(super) fn complete(parameters: &[Parameter], text: &str, session: &Session) -> Continuation {
    let texts = split(parameters, Part { text, at: 0 });
    let Some(last) = texts.iter().rposition(Option::is_some) else {
        return (text.len(), Vec::new());
    };
    let start = texts[last].map_or(0, |own| own.at);
    let (parameter, own) = (&parameters[last], &text[start..]);
    let next = parameters.get(last + 1);
    let word = next.and_then(|next| next.after);
    let goes_on = |written: &str| {
        word.filter(|word| word.starts_with(written))
            .map(str::to_owned)
    };
    if let (Some(_), Some((before, written))) = (word, own.rsplit_once(char::is_whitespace))
        && before.contains('[') == before.contains(']')
    {
        return (
            text.len() - written.len(),
            goes_on(written).into_iter().collect(),
        );
    }
    let (at, mut candidates) = parameter.complete(own, session);
    if parameter.is_optional {
        candidates.extend(goes_on(own));
    }
    candidates.truncate(MOST);
    (start + at, candidates)
}

/// Splits a part at the words that stand before parameters. Nothing is returned for a parameter
/// whose word is not there.
fn split<'a>(parameters: &[Parameter], part: Part<'a>) -> Vec<Option<Part<'a>>> {
    let mut rest = Some(part.trimmed());
    let own = |number: usize| {
        let own: Part<'a> = rest?;
        let next = parameters.get(number + 1).and_then(|next| next.after);
        let split = next.and_then(|word| own.split_at_word(word));
        rest = split.map(|(_, after)| after);
        Some(split.map_or(own, |(before, _)| before))
    };
    (0..parameters.len()).map(own).collect()
}

#[cfg(test)]
mod tests;
