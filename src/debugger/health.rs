//! How the network is doing, to be read and to be gone on from.

use std::cmp::Ordering;

use super::{Choice, CommandError, Line, Session, Sheet, TextRole, why};
use crate::health::{Health, TensorHealth};
use crate::tensor::Element;
use crate::text::widths;
use crate::words;

/// The order of the tensors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// As the network computes them.
    Forward,
    /// Those with the largest gradients first.
    BySize,
}

/// Shows a row for each tensor in whose name the text is, each of which leads to its worst neuron,
/// and above them what follows.
///
/// # Errors
/// No tensor has such a name, or it was given up.
pub(super) fn health(session: &Session, name: &str, order: Order) -> Result<Sheet, CommandError> {
    let (backprop, network) = (session.backprop(), session.network());
    let health = Health::of(backprop, &session.cancel)?;
    let strongest = health.strongest();
    let lower = name.to_lowercase();
    let is_shown = |tensor: &&TensorHealth| {
        network
            .tensor(tensor.tensor)
            .name
            .to_lowercase()
            .contains(&lower)
    };
    let mut shown: Vec<&TensorHealth> = health.tensors.iter().filter(is_shown).collect();
    if shown.is_empty() {
        return Err(CommandError::NoMatch(name.to_owned()));
    }
    if order == Order::BySize {
        shown.sort_by(|one, other| by_size(one, other));
    }
    let table = words::health_table(network, shown.iter().copied(), strongest);
    let widths = widths(&table);
    let choices = table[1..].iter().zip(&shown).map(|(row, tensor)| {
        let worst = Element {
            tensor: tensor.tensor,
            at: tensor.worst(),
        };
        Choice {
            line: Line::cells(row, &widths, TextRole::Plain),
            enter: Some(why::enter(session, worst)),
            delete: None,
        }
    });
    let choices = choices.collect();
    let said = health.findings.iter().flat_map(|finding| {
        let said = Line::from(words::finding(backprop, finding)).prose();
        [said, Line::default()]
    });
    Ok(Sheet {
        title: "how the network is doing".to_owned(),
        lines: said
            .chain([Line::cells(&table[0], &widths, TextRole::Quiet)])
            .collect(),
        choices,
        chosen: 0,
    })
}

/// Those with the largest gradients first; those that have none last.
fn by_size(one: &TensorHealth, other: &TensorHealth) -> Ordering {
    let size = |tensor: &TensorHealth| tensor.gradients.as_ref().map_or(-1.0, |all| all.largest);
    size(other).total_cmp(&size(one))
}
