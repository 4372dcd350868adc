//! A number that can be another.

use crate::scenario::Edit;
use crate::tape::Network;
use crate::tensor::Element;

/// A number that can be another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target {
    /// The value of an input, a weight or a bias.
    Value(Element),
    /// The gradient that is given to an element.
    Upstream(Element),
}

impl Target {
    /// What makes it another.
    pub(super) fn edit(self, value: f64) -> Edit {
        match self {
            Self::Value(element) => Edit::Value(element, value),
            Self::Upstream(element) => Edit::Upstream(element, value),
        }
    }

    /// What it is called at the prompt: `x[0,1]` or `fc[0].grad`.
    pub(super) fn name(self, network: &Network) -> String {
        match self {
            Self::Value(element) => network.address(element).to_string(),
            Self::Upstream(element) => format!("{}.grad", network.address(element)),
        }
    }
}

/// A number that goes up and down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scrub {
    pub(super) target: Target,
    /// By how much it moves at a time.
    pub(super) by: f64,
    /// How many edits stood when it began.
    pub(super) n_before: usize,
}
