//! What rounding to a number format does to a run.

use std::collections::BTreeSet;

use super::Backprop;
use crate::tensor::{Arithmetic, Element, Precision};

/// A number that has left the range of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutOfRange {
    /// It is 0, and without rounding it is not.
    Flushed,
    /// It is not finite, and without rounding it is.
    Overflowed,
}

impl OutOfRange {
    /// What has become of a number that is `exact` without rounding; nothing where it is in range.
    pub fn of(exact: f64, rounded: f64) -> Option<Self> {
        if rounded == 0.0 && exact != 0.0 && !exact.is_nan() {
            Some(Self::Flushed)
        } else if exact.is_finite() && !rounded.is_finite() {
            Some(Self::Overflowed)
        } else {
            None
        }
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flushed => "flushed",
            Self::Overflowed => "overflowed",
        }
    }
}

/// The terms of a neuron's gradient without which it would be the same number: each alone is too
/// small for the format beside the others.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Swamped {
    /// Their numbers, counted from 1; of many the first.
    pub numbers: BTreeSet<usize>,
    /// How many there are.
    pub n: usize,
    /// What they make together.
    pub sum: f64,
    /// Whether the gradient would be the same without all of them, too.
    pub also_together: bool,
    /// What all terms make where each sum on the way is rounded, as programs do that add in the
    /// format itself.
    pub added_in_format: f64,
}

/// The most swamped terms that are told apart.
const MOST: usize = 1 << 16;

impl Backprop {
    /// What is given to a neuron and its terms, added in f64: its gradient before it is rounded.
    pub fn sum(&self, element: Element) -> f64 {
        if !self.arithmetic().precision.rounds() {
            return self.element(element);
        }
        let mut sum = self.given(element).unwrap_or(0.0);
        self.terms(element, &mut |term| sum += term.product());
        sum
    }

    /// The terms of a neuron that are swamped; none where the run does not round.
    pub fn swamped(&self, element: Element) -> Swamped {
        let Arithmetic { precision, .. } = self.arithmetic();
        let sum = self.sum(element);
        let total = precision.round(sum);
        let mut swamped = Swamped::default();
        if !precision.rounds() || !total.is_finite() {
            return swamped;
        }
        let is_swamped = self.swamps(sum);
        let mut number = 0;
        let mut in_format = self.given(element).unwrap_or(0.0);
        self.terms(element, &mut |term| {
            let product = term.product();
            number += 1;
            in_format = precision.round(in_format + precision.round(product));
            if is_swamped(product) {
                swamped.n += 1;
                swamped.sum += product;
                if swamped.n <= MOST {
                    swamped.numbers.insert(number);
                }
            }
        });
        swamped.also_together = precision.round(sum - swamped.sum) == total;
        swamped.added_in_format = in_format;
        swamped
    }

    /// How many of a neuron's terms are not zero, and how many of these are swamped.
    pub fn n_swamped(&self, element: Element) -> [usize; 2] {
        let is_swamped = self.swamps(self.sum(element));
        let mut n = [0; 2];
        self.terms(element, &mut |term| {
            let product = term.product();
            n[0] += usize::from(product != 0.0);
            n[1] += usize::from(is_swamped(product));
        });
        n
    }

    /// Says of a term whether it is swamped, in a sum of finite numbers which is this before it is
    /// rounded.
    pub fn swamps(&self, sum: f64) -> impl Fn(f64) -> bool {
        let precision = self.arithmetic().precision;
        let total = precision.round(sum);
        let swamps = swamps(precision, sum, total);
        move |product| precision.rounds() && total.is_finite() && swamps(product)
    }

    /// Returns the same run with its gradients multiplied by another loss scale.
    #[must_use]
    pub fn with_loss_scale(&self, loss_scale: f64) -> Self {
        Self::lazy(self.tape.with_loss_scale(loss_scale), self.unscaled.clone())
    }
}

/// Whether a term of a sum is swamped, of which the total is rounded.
fn swamps(precision: Precision, sum: f64, total: f64) -> impl Fn(f64) -> bool {
    // A term that is larger than the way to the next number never is, which saves the rounding.
    let step = precision.step_above(total);
    move |product| {
        product != 0.0 && product.abs() <= step && precision.round(sum - product) == total
    }
}
