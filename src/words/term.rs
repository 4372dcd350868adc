//! A term and its number.

use crate::ops::Contribution;

/// A term and its number.
#[derive(Debug, Clone)]
pub(super) struct Term {
    /// The number of the term, counted from 1, where it is known.
    pub(super) number: Option<usize>,
    pub(super) contribution: Contribution,
    pub(super) product: f64,
}

impl Term {
    pub(super) fn new(number: Option<usize>, contribution: Contribution) -> Self {
        Self {
            number,
            product: contribution.product(),
            contribution,
        }
    }
}
