//! What the commands that print say, in plain text.

use super::{Position, Question, Session};
use crate::cancel::Cancelled;
use crate::tape::Kind;
use crate::tensor::{Element, rounded};
use crate::text::wrapped;
use crate::words;

/// The significant digits of a gradient.
const DIGITS: usize = 6;

/// The width of a page on the smallest screen.
pub(super) const NARROW: usize = 54;

/// Writes out, in a width, a neuron's value, its terms, their sum and what they mean in words, and
/// of the current one what the answer has.
///
/// # Errors
/// It was given up.
pub(super) fn element(
    session: &Session,
    element: Element,
    width: usize,
) -> Result<Vec<String>, Cancelled> {
    let notes: Vec<&str> = session.notes_of(element).collect();
    let mut lines: Vec<String> = words::text(session.backprop(), element, &notes, width)
        .lines()
        .map(str::to_owned)
        .collect();
    if session.element() == Some(element) {
        session.explain()?;
        if let Some(says) = session.says_of_theirs() {
            lines.push(String::new());
            lines.extend(wrapped(&format!("Answer: {says}."), width));
        }
    }
    Ok(lines)
}

/// Says where the session stands, and what is asked there.
pub(super) fn position(session: &Session) -> Vec<String> {
    let n_steps = session.n_steps();
    let place = match (session.position(), session.element()) {
        (Position::Step(step), Some(element)) => {
            let sum = match session.is_building() {
                true => session.sum(),
                false => session.table().gradient,
            };
            let sum = rounded(sum, DIGITS);
            let sum = match (session.is_hidden(), session.is_building()) {
                (true, _) => ", its sum is hidden".to_owned(),
                (false, true) => format!(
                    ", {} of {} terms added, so far {sum}",
                    session.added(),
                    session.terms().len()
                ),
                (false, false) => match session.network().tensor(element.tensor).kind {
                    Kind::Updated(_) => format!(" new value {sum}"),
                    Kind::Input | Kind::Layer(_) | Kind::Parameter(_) | Kind::PreActivation(_) => {
                        format!(" gradient {sum}")
                    }
                },
            };
            format!(
                "step {} of {n_steps}: {}{sum}",
                step + 1,
                session.network().address(element)
            )
        }
        (Position::End, _) => format!("the end: all {n_steps} steps are done"),
        _ => format!("the start: {n_steps} steps to go"),
    };
    let question = session.question().into_iter().flat_map(Question::lines);
    std::iter::once(place).chain(question).collect()
}

/// Lists the tensors with their shapes and steps.
pub(super) fn tensors(session: &Session) -> Vec<String> {
    let network = session.network();
    let steps = session.backprop().steps();
    let row = |id| {
        let tensor = network.tensor(id);
        let what = match (tensor.view_of, steps.range(id)) {
            (Some(base), _) => format!("the neurons of {}", network.tensor(base).name),
            (None, Some(steps)) => format!("steps {} to {}", steps.start + 1, steps.end),
            (None, None) => "no steps".to_owned(),
        };
        format!(
            "{}  {}  {}  {what}",
            tensor.name,
            tensor.kind.name(),
            words::sizes(&tensor.shape)
        )
    };
    network.ids().map(row).collect()
}
