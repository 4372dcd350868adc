//! Where a number that is not finite began, to be read and to be gone on from.

use super::{Choice, Line, Session, Sheet, TextRole, why};
use crate::cancel::Cancelled;
use crate::tensor::Element;
use crate::text::widths;
use crate::words::Whence;

/// Lists the numbers from where it began to a neuron that is not finite, or else those that begin
/// to be so in the run.
///
/// # Errors
/// It was given up.
pub(super) fn origin(session: &Session, element: Element) -> Result<Sheet, Cancelled> {
    let backprop = session.backprop();
    let whence = Whence::of(backprop, element, &session.cancel)?;
    let (quantities, rows): (Vec<_>, Vec<_>) = whence.rows(backprop).into_iter().unzip();
    let rows: Vec<Vec<String>> = rows.into_iter().map(|row| row.to_vec()).collect();
    let widths = widths(&rows);
    let choices = rows.iter().zip(quantities).map(|(row, quantity)| Choice {
        line: Line::cells(row, &widths, TextRole::Plain),
        enter: quantity.map(|quantity| why::enter(session, quantity.element)),
        delete: None,
    });
    let address = session.network().address(element);
    Ok(Sheet {
        title: format!("where it began: {address}"),
        lines: vec![
            Line::from(whence.says(backprop).to_string()).prose(),
            Line::default(),
        ],
        choices: choices.collect(),
        chosen: 0,
    })
}
