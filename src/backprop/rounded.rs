//! Gradients once they are rounded, and what that did to them.

use crate::tensor::{Escapes, Shape, Tensor};

/// The gradients of a tensor, rounded, and which of them left the range as they were.
#[derive(Debug, Clone)]
pub(super) struct Rounded {
    pub(super) numbers: Tensor,
    pub(super) escapes: Escapes,
}

impl From<Tensor> for Rounded {
    fn from(numbers: Tensor) -> Self {
        let escapes = Escapes::default();
        Self { numbers, escapes }
    }
}

impl Rounded {
    /// The same under another shape, or nothing where that has another number of elements.
    pub(super) fn reshaped(&self, shape: &Shape) -> Option<Self> {
        Some(Self {
            numbers: self.numbers.reshaped(shape.clone())?,
            escapes: self.escapes.clone(),
        })
    }
}
