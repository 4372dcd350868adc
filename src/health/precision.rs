//! What rounding to a number format has done to the tensors of a run.

use rayon::prelude::*;

use crate::backprop::{Backprop, OutOfRange};
use crate::cancel::{Cancel, Cancelled};
use crate::tensor::{Element, Tensor, TensorId};

/// What rounding has done to the numbers of a tensor, beside the same run without it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RoundingLoss {
    /// What its values have left of the range.
    pub values: RangeLoss,
    /// What its gradients have.
    pub gradients: RangeLoss,
    /// How many terms of its gradients are not 0.
    pub n_terms: usize,
    /// How many of these are swamped: without each of them its sum would be the same number.
    pub n_swamped: usize,
    /// The place of the first gradient that has left the range, or else of the first value.
    pub first: Option<usize>,
}

/// How many numbers have left the range of a format.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RangeLoss {
    /// Those that are 0, and without rounding are not.
    pub n_flushed: usize,
    /// Those that are not finite, and without rounding are.
    pub n_overflowed: usize,
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
        let exact = backprop.unrounded();
        let values = RangeLoss::of(exact.tape().value(tensor), backprop.tape().value(tensor));
        let is_lost = |exact: &Tensor, rounded: &Tensor| {
            let mut pairs = exact.data().iter().zip(rounded.data());
            pairs.position(|(&exact, &rounded)| OutOfRange::of(exact, rounded).is_some())
        };
        let mut loss = Self {
            values,
            first: is_lost(exact.tape().value(tensor), backprop.tape().value(tensor)),
            ..Self::default()
        };
        if backprop.reaches(tensor) {
            loss.gradients = RangeLoss::of(exact.gradient(tensor), backprop.gradient(tensor));
            let first = is_lost(exact.gradient(tensor), backprop.gradient(tensor));
            loss.first = first.or(loss.first);
            let n = 0..backprop.network().tensor(tensor).shape.numel();
            let count = n.into_par_iter().map(|at| {
                cancel.check()?;
                Ok(backprop.n_swamped(Element { tensor, at }))
            });
            let add = |[a, b]: [usize; 2], [c, d]: [usize; 2]| Ok([a + c, b + d]);
            [loss.n_terms, loss.n_swamped] = count.try_reduce(|| [0; 2], add)?;
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
    pub(super) fn of(exact: &Tensor, rounded: &Tensor) -> Self {
        let mut loss = Self::default();
        for (&exact, &rounded) in exact.data().iter().zip(rounded.data()) {
            match OutOfRange::of(exact, rounded) {
                Some(OutOfRange::Flushed) => loss.n_flushed += 1,
                Some(OutOfRange::Overflowed) => loss.n_overflowed += 1,
                None => {}
            }
        }
        loss
    }

    pub(super) fn is_none(self) -> bool {
        self == Self::default()
    }
}
