//! What a neuron would get under each slip of the catalogue, beside the right sum.

use super::{Line, Session, Sheet, TextRole};
use crate::marking::{Preview, WrongWay};
use crate::tape::Network;
use crate::tensor::Element;
use crate::words;

impl Session {
    /// Lists what a neuron would get under every slip that can be made there; those that happen to
    /// give the right number come last.
    pub(super) fn list_mistakes(&self, element: Element) -> Sheet {
        let address = self.network().address(element).to_string();
        let preview = Preview::of(self.backprop(), element);
        let right = words::number(self.backprop().element(element));
        let mut lines = vec![
            Line::default()
                .then("✓ ", TextRole::Right)
                .then(format!("{right} is right."), TextRole::Strong),
        ];
        if preview.wrong.is_empty() && preview.invisible.is_empty() {
            lines.push(
                "No slip of the catalogue can be made here: nothing is multiplied and \
                 nothing is added up."
                    .into(),
            );
        }
        if !preview.wrong.is_empty() {
            lines.extend([Line::default(), words::WHOEVER.into()]);
        }
        let width = preview
            .wrong
            .iter()
            .map(|way| words::number(way.number).chars().count())
            .max()
            .unwrap_or(0);
        lines.extend(
            preview
                .wrong
                .iter()
                .map(|way| told(self.network(), way, width)),
        );
        if !preview.invisible.is_empty() {
            lines.extend([Line::default(), words::INVISIBLE.into()]);
            lines.extend(
                words::invisible(self.network(), &preview)
                    .iter()
                    .map(|did| Line::default().then(format!("  {did}"), TextRole::Quiet)),
            );
        }
        Sheet {
            lines,
            ..Sheet::text(format!("Mistakes at {address}"), Vec::<Line>::new())
        }
    }
}

/// A slip with its number in a column of that width.
fn told(network: &Network, way: &WrongWay, width: usize) -> Line {
    let number = words::number(way.number);
    let padding = " ".repeat(width - number.chars().count());
    let (sign, role) = if way.is_convention {
        ("~ ", TextRole::Note)
    } else {
        ("✗ ", TextRole::Wrong)
    };
    let line = Line::default()
        .then(sign, role)
        .then(format!("{padding}{number}  "), TextRole::Strong)
        .hanging();
    line.then(words::way(network, way), TextRole::Plain)
        .then(words::elsewhere(way), TextRole::Quiet)
}
