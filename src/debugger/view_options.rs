//! How a session is looked at.

use crate::tensor::Element;

/// What the cells of the map show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum View {
    /// Values, with the gradients below them, or pictures of what has more numbers than room.
    #[default]
    Both,
    /// Values alone.
    Values,
    /// Gradients alone.
    Gradients,
    /// Pictures of the values and of the gradients, with a shade for each number.
    Pictures,
    /// Values, with the gradients below them, and below these what they would be without rounding.
    Unrounded,
    /// The true gradients, with those of the loaded answer below them.
    Compared,
}

impl View {
    /// The view that a key shows after this one. Only with an answer there is something to compare,
    /// and only where numbers are rounded some are others without.
    #[must_use]
    pub fn next(self, has_answer: bool, rounds: bool) -> Self {
        match self {
            Self::Both => Self::Pictures,
            Self::Pictures => Self::Values,
            Self::Values => Self::Gradients,
            Self::Gradients if has_answer => Self::Compared,
            Self::Gradients | Self::Compared if rounds => Self::Unrounded,
            Self::Gradients | Self::Compared | Self::Unrounded => Self::Both,
        }
    }
}

/// The order in which terms are shown. They are added in the order of their list, whatever is
/// shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// As they are listed and added while there is room for all, else the largest first, and zeros
    /// together.
    #[default]
    Fitting,
    /// The largest first, whatever its sign, each with a row.
    Size,
    /// As they are listed and added.
    Listing,
}

impl Order {
    /// The order that a key shows after this one.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Fitting => Self::Size,
            Self::Size => Self::Listing,
            Self::Listing => Self::Fitting,
        }
    }
}

/// How a session is looked at, which changes nothing of what it computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ViewOptions {
    /// What the cells of the map show.
    pub view: View,
    /// How the terms are sorted.
    pub order: Order,
    /// The neuron that is looked at without going there.
    pub cursor: Option<Element>,
}
