//! What rounding to a number format does to a run.

use std::collections::BTreeSet;
use std::ops::Add;

use super::Backprop;
use super::rounded::Rounded;
use crate::tensor::{Arithmetic, Element, OutOfRange, TensorId};

/// Why a term changes nothing of a sum that is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermLoss {
    /// It is so small that it is 0 in the format by itself.
    Flushed,
    /// It is a number of the format, and too small for it beside the others.
    Swamped,
}

impl TermLoss {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flushed => OutOfRange::Flushed.name(),
            Self::Swamped => "swamped",
        }
    }
}

/// How many terms some sums have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TermCounts {
    /// Those that are not 0.
    pub n: usize,
    /// Those that are [flushed](TermLoss::Flushed).
    pub n_flushed: usize,
    /// Those that are [swamped](TermLoss::Swamped).
    pub n_swamped: usize,
}

impl Add for TermCounts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            n: self.n + other.n,
            n_flushed: self.n_flushed + other.n_flushed,
            n_swamped: self.n_swamped + other.n_swamped,
        }
    }
}

/// The terms of a neuron's gradient that are [swamped](TermLoss::Swamped).
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

    /// The same where what is given is not rounded either.
    pub fn before_rounding(&self, element: Element) -> f64 {
        let Some(given) = self.given(element) else {
            return self.sum(element);
        };
        let exact = self.unrounded().given(element).unwrap_or(given);
        let mut sum = exact;
        self.terms(element, &mut |term| sum += term.product());
        sum
    }

    /// Returns the gradients of a tensor as they follow from those of the layers that read it, and
    /// what rounding does to them.
    pub(super) fn rounded_sums(&self, tensor: TensorId) -> Rounded {
        let sums = self.unrounded_sums(tensor);
        let (numbers, mut escapes) = sums.rounded_to(self.arithmetic().precision);
        for id in self.network().with_views(tensor) {
            if let Some(given) = self.given_escapes.get(&id) {
                escapes.take_over(given, numbers.data());
            }
        }
        Rounded { numbers, escapes }
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
        let loss = self.term_loss(sum);
        let mut number = 0;
        let mut in_format = self.given(element).unwrap_or(0.0);
        self.terms(element, &mut |term| {
            let product = term.product();
            number += 1;
            in_format = precision.round(in_format + precision.round(product));
            if loss(product) == Some(TermLoss::Swamped) {
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

    /// Counts the terms of a neuron whose sum before it is rounded is known.
    pub fn count_terms(&self, element: Element, sum: f64) -> TermCounts {
        let loss = self.term_loss(sum);
        let mut counts = TermCounts::default();
        self.terms(element, &mut |term| {
            let product = term.product();
            counts.n += usize::from(product != 0.0);
            match loss(product) {
                Some(TermLoss::Flushed) => counts.n_flushed += 1,
                Some(TermLoss::Swamped) => counts.n_swamped += 1,
                None => {}
            }
        });
        counts
    }

    /// Says of a term of a sum, which is this before it is rounded, why the rounded sum is the same
    /// without it; nothing where it is another, where it is not finite, and of a term that is 0.
    pub fn term_loss(&self, sum: f64) -> impl Fn(f64) -> Option<TermLoss> + use<> {
        let precision = self.arithmetic().precision;
        let total = precision.round(sum);
        let is_told = precision.rounds() && total.is_finite();
        // A term that is larger than the way to the next number never is lost, which saves the
        // rounding.
        let step = precision.step_above(total);
        let most = if step.is_nan() { f64::INFINITY } else { step };
        move |product: f64| {
            let is_lost = is_told
                && product != 0.0
                && product.abs() <= most
                && precision.round(sum - product) == total;
            is_lost.then(|| match precision.round(product) == 0.0 {
                true => TermLoss::Flushed,
                false => TermLoss::Swamped,
            })
        }
    }

    /// Returns the same run with its gradients multiplied by another loss scale.
    #[must_use]
    pub fn with_loss_scale(&self, loss_scale: f64) -> Self {
        Self::lazy(self.tape.with_loss_scale(loss_scale), self.unscaled.clone())
    }
}
