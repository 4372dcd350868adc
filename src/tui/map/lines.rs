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
    /// The value, the gradient, and what that would be without rounding.
    Unrounded,
    /// The gradient, and the answer's below it.
    Compared,
}

impl Lines {
    /// Whether the value is one of them.
    pub(super) fn have_value(self) -> bool {
        matches!(self, Self::Value | Self::ValueAndGradient | Self::Unrounded)
    }

    /// Whether the gradient is one of them.
    pub(super) fn have_gradient(self) -> bool {
        self != Self::Value
    }

    /// How many there are.
    pub(super) fn n(self) -> u16 {
        match self {
            Self::Value | Self::Gradient => 1,
            Self::ValueAndGradient | Self::Compared => 2,
            Self::Unrounded => 3,
        }
    }

    /// How far below the first of them the gradient stands.
    pub(super) fn gradient_at(self) -> u16 {
        match self {
            Self::Value | Self::Gradient | Self::Compared => 0,
            Self::ValueAndGradient | Self::Unrounded => 1,
        }
    }

    /// What the cells of a neuron's tensor show.
    pub(super) fn of(view: View) -> Self {
        match view {
            View::Both | View::Pictures => Self::ValueAndGradient,
            View::Values => Self::Value,
            View::Gradients => Self::Gradient,
            View::Unrounded => Self::Unrounded,
            View::Compared => Self::Compared,
        }
    }
}
