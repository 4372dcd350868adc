//! What rounding to a number format has done to the tensors of a run.

use std::ops::Add;

use rayon::prelude::*;

use crate::backprop::{Backprop, TermCounts};
use crate::cancel::{Cancel, Cancelled};
use crate::tensor::{Element, Escapes, OutOfRange, Tensor, TensorId};

/// What rounding has done to the numbers of a tensor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RoundingLoss {
    /// What its values have left of the range.
    pub values: RangeLoss,
    /// What its gradients have.
    pub gradients: RangeLoss,
    /// How many terms its gradients have, and how many of these change nothing.
    pub terms: TermCounts,
    /// The place of the first gradient that has left the range, or else of the first value.
    pub first: Option<usize>,
}

/// How many numbers have left the range of a format as they were rounded, and what came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RangeLoss {
    /// Those that are flushed: 0, and not so before they were rounded.
    pub n_flushed: usize,
    /// Those that have overflowed: infinite, and finite before they were rounded.
    pub n_overflowed: usize,
    /// Those that are 0 without being flushed, and would not be 0 in the run without rounding.
    pub n_zero: usize,
    /// Those that are NaN or infinite without having overflowed, and would be finite in that run.
    pub n_not_finite: usize,
}

impl RoundingLoss {
    /// Looks at a tensor; nothing where the run does not round. Its gradients in both runs are
    /// computed for it.
    ///
    /// # Errors
    /// It was given up.
    pub(super) fn of(
        backprop: &Backprop,
        tensor: TensorId,
        cancel: &Cancel,
    ) -> Result<Option<Self>, Cancelled> {
        if !backprop.arithmetic().precision.rounds() {
            return Ok(None);
        }
        let (tape, exact) = (backprop.tape(), backprop.unrounded());
        let of_values = tape.escapes(tensor);
        let values = RangeLoss::of(of_values, exact.tape().value(tensor), tape.value(tensor));
        let mut loss = Self {
            values,
            first: of_values.first(),
            ..Self::default()
        };
        if backprop.reaches(tensor) {
            let escapes = backprop.escapes(tensor);
            let (exact, rounded) = (exact.gradient(tensor), backprop.gradient(tensor));
            loss.gradients = RangeLoss::of(escapes, exact, rounded);
            loss.first = escapes.first().or(loss.first);
            let sums = backprop.unrounded_sums(tensor);
            let sums = sums.data().par_iter().enumerate();
            let counts = sums.map(|(at, &sum)| {
                cancel.check()?;
                Ok(backprop.count_terms(Element { tensor, at }, sum))
            });
            loss.terms = counts.try_reduce(TermCounts::default, |a, b| Ok(a + b))?;
        }
        Ok(Some(loss))
    }

    /// How many of its numbers are flushed.
    pub fn n_flushed(&self) -> usize {
        self.values.n_flushed + self.gradients.n_flushed
    }

    /// How many of its numbers have overflowed.
    pub fn n_overflowed(&self) -> usize {
        self.values.n_overflowed + self.gradients.n_overflowed
    }
}

impl RangeLoss {
    fn of(escapes: &Escapes, exact: &Tensor, rounded: &Tensor) -> Self {
        let mut loss = Self::left(escapes);
        // What was flushed need not be 0 otherwise, nor finite what has overflowed.
        let both = exact.data().iter().zip(rounded.data()).enumerate();
        for (at, (&exact, &rounded)) in both {
            let is_zero = rounded == 0.0 && exact != 0.0;
            let is_not_finite = !rounded.is_finite() && exact.is_finite();
            if is_zero && escapes.at(at) != Some(OutOfRange::Flushed) {
                loss.n_zero += 1;
            } else if is_not_finite && escapes.at(at) != Some(OutOfRange::Overflowed) {
                loss.n_not_finite += 1;
            }
        }
        loss
    }

    /// Those that have left the range themselves.
    pub(super) fn left(escapes: &Escapes) -> Self {
        Self {
            n_flushed: escapes.n_flushed(),
            n_overflowed: escapes.n_overflowed(),
            ..Self::default()
        }
    }

    /// How many have left the range themselves.
    pub fn n_left(self) -> usize {
        self.n_flushed + self.n_overflowed
    }
}

impl Add for RangeLoss {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            n_flushed: self.n_flushed + other.n_flushed,
            n_overflowed: self.n_overflowed + other.n_overflowed,
            n_zero: self.n_zero + other.n_zero,
            n_not_finite: self.n_not_finite + other.n_not_finite,
        }
    }
}
