//! A place in a tensor, and what a learner may write down there.

use super::gradient::GradientContext;

/// A place in the tensor, to be filled.
pub(in crate::marking) struct PlacementContext<'a, 'r> {
    pub(in crate::marking) gradient: &'a GradientContext<'r>,
    pub(in crate::marking) at: usize,
}

/// What a learner writes down in a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::marking) enum Placement {
    /// What was worked out for the neuron at this place.
    From(usize),
    /// So many times what was worked out here.
    Times(f64),
    /// This number, whatever was worked out.
    Number(f64),
}
