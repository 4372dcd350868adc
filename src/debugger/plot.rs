//! What is plotted over the updates.

use crate::tensor::{Element, TensorId};

/// What is plotted, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Plot {
    /// A tensor or an element; nothing for the loss and the gradients of all parameters.
    pub of: Option<Plotted>,
    /// The axis; nothing for the one that suits the numbers.
    pub axis: Option<Axis>,
}

/// A tensor, of which the size of the gradient is plotted, or one number and its gradient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plotted {
    /// A tensor.
    Tensor(TensorId),
    /// One of its elements.
    Element(Element),
}

/// The axis of a plot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// Equal steps stand for equal differences.
    Linear,
    /// Equal steps stand for equal ratios.
    Logarithmic,
}
