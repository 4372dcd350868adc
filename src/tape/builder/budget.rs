//! What a network will take in memory, worked out before any of it is taken.

use super::NetworkFault;
use crate::tensor::Shape;

/// How many numbers there may be in memory for each element that the tensors may have: its value
/// and its gradient.
const NUMBERS_AN_ELEMENT: usize = 2;
/// How many numbers nobody counts.
const FREE: usize = 1 << 16;

/// What the tensors of a network may take, and what they take so far.
#[derive(Debug)]
pub(super) struct Budget {
    max_elements: usize,
    elements_left: usize,
    /// How many numbers are kept: values, gradients, and what an activation is taken of.
    kept: usize,
    /// How many numbers the layer copies that copies most.
    copied: usize,
}

impl Budget {
    pub(super) fn new(max_elements: usize) -> Self {
        Self {
            max_elements,
            elements_left: max_elements,
            kept: 0,
            copied: 0,
        }
    }

    /// How many elements the tensors to come may have together.
    pub(super) fn elements_left(&self) -> usize {
        self.elements_left
    }

    /// Takes the elements of a tensor, whose values and gradients are kept.
    pub(super) fn take(&mut self, shape: &Shape) -> Result<(), NetworkFault> {
        let elements = shape.numel();
        let left = self.elements_left.checked_sub(elements);
        self.elements_left = left.ok_or_else(|| NetworkFault::TooManyElements {
            shape: shape.clone(),
            most: self.max_elements,
        })?;
        self.keep(elements.saturating_mul(NUMBERS_AN_ELEMENT));
        Ok(())
    }

    /// Keeps so many numbers more.
    pub(super) fn keep(&mut self, numbers: usize) {
        self.kept = self.kept.saturating_add(numbers);
    }

    /// Copies so many numbers for a while.
    pub(super) fn copy(&mut self, numbers: usize) {
        self.copied = self.copied.max(numbers);
    }

    /// Gives back what was taken for a tensor.
    pub(super) fn give_back(&mut self, shape: &Shape) {
        self.elements_left += shape.numel();
        self.kept = self
            .kept
            .saturating_sub(shape.numel().saturating_mul(NUMBERS_AN_ELEMENT));
    }

    /// Returns an error if all that is taken does not fit into memory.
    pub(super) fn check(&self) -> Result<(), NetworkFault> {
        let needed = self.kept.saturating_add(self.copied);
        let most = self.max_elements.saturating_mul(NUMBERS_AN_ELEMENT);
        if needed <= most.saturating_add(FREE) {
            Ok(())
        } else {
            Err(NetworkFault::TooManyNumbers { needed, most })
        }
    }
}
