//! What has been edited, and what there was before.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::diagnostic::list;
use crate::ops::FactorKind;
use crate::scenario::Edit;
use crate::tape::Network;
use crate::tensor::{Element, TensorId};

/// What has been edited.
#[derive(Debug, Clone, Default)]
pub(super) struct Edits {
    /// What the scenario was before any edit.
    pub(super) original: Option<Arc<Original>>,
    /// The edits that stand, the latest last.
    pub(super) done: Vec<Done>,
    /// The edits that were undone, the next to be done again last.
    pub(super) undone: Vec<Done>,
    /// The windows that other neurons win than before.
    pub(super) won: Vec<Won>,
}

/// An edit and the one that takes it back.
#[derive(Debug, Clone)]
pub(super) struct Done {
    pub(super) edit: Edit,
    pub(super) inverse: Edit,
    pub(super) says: String,
}

impl Edits {
    /// The edits that stand, in words.
    pub(super) fn list(&self) -> impl Iterator<Item = &str> {
        self.done.iter().map(|done| done.says.as_str())
    }
}

/// What a scenario computed before any edit.
#[derive(Debug)]
pub(super) struct Original {
    pub(super) backprop: Arc<Backprop>,
    pub(super) winners: Winners,
}

/// By neuron of a max pooling: who won its window.
pub(super) type Winners = BTreeMap<Element, Vec<Element>>;

/// A max-pooling window that another neuron wins now.
#[derive(Debug, Clone)]
pub(super) struct Won {
    pub(super) window: Element,
    pub(super) before: Vec<Element>,
    pub(super) now: Vec<Element>,
}

impl Original {
    pub(super) fn new(backprop: Arc<Backprop>, cancel: &Cancel) -> Result<Self, Cancelled> {
        Ok(Self {
            winners: winners(&backprop, cancel)?,
            backprop,
        })
    }

    /// The tensor of the same name, unless it has another shape.
    pub(super) fn same(&self, network: &Network, tensor: TensorId) -> Option<TensorId> {
        let now = network.tensor(tensor);
        let before = self.backprop.network().find(&now.name)?;
        (self.backprop.network().tensor(before).shape == now.shape).then_some(before)
    }
}

impl Won {
    /// `winner of pool[0,1] is now x[0,3] (was x[0,2])`.
    pub(super) fn says(&self, network: &Network) -> String {
        let names = |elements: &[Element]| {
            let names: Vec<String> = elements
                .iter()
                .map(|&element| network.address(element).to_string())
                .collect();
            list(&names, "and")
        };
        let (word, is, was) = match (self.now.len(), self.before.len()) {
            (1, 1) => ("winner", "is", "was"),
            (1, _) => ("winner", "is", "were"),
            (_, 1) => ("winners", "are", "was"),
            _ => ("winners", "are", "were"),
        };
        let window = network.address(self.window);
        format!(
            "{word} of {window} {is} now {} ({was} {})",
            names(&self.now),
            names(&self.before)
        )
    }
}

/// Finds who wins each window of every max pooling.
pub(super) fn winners(backprop: &Backprop, cancel: &Cancel) -> Result<Winners, Cancelled> {
    let network = backprop.network();
    let mut winners = Winners::new();
    for (number, layer) in network.layers().iter().enumerate() {
        if layer.op.ties().is_none() {
            continue;
        }
        let run = backprop.layer_run(number);
        for (role, read) in layer.roles() {
            for at in 0..network.tensor(read).shape.numel() {
                cancel.check()?;
                let element = Element {
                    tensor: network.base(read),
                    at,
                };
                layer.op.contributions(&run, role, at, &mut |term| {
                    if term
                        .factors
                        .iter()
                        .any(|factor| factor.kind == FactorKind::Winner && factor.value != 0.0)
                    {
                        winners.entry(term.from).or_default().push(element);
                    }
                });
            }
        }
    }
    Ok(winners)
}
