//! The numbers in a cell, one below the other.

use crate::debugger::View;

/// What a cell shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Lines {
    /// The value alone.
    Value,
    /// The gradient alone.
    Gradient,
    /// The value, and the gradient below it.
    ValueAndGradient,
    /// The gradient, and the answer's below it.
    Compared,
}

impl Lines {
    /// What the cells of a neuron's tensor show.
    pub(super) fn of(view: View) -> Self {
        match view {
            View::Both | View::Pictures => Self::ValueAndGradient,
            View::Values => Self::Value,
            View::Gradients => Self::Gradient,
            View::Compared => Self::Compared,
        }
    }
}
