//! What the numbers of a tensor are worth.

use std::collections::BTreeSet;

use super::marks::{Marks, Status};
use crate::backprop::Backprop;
use crate::tensor::{Element, TensorId};

/// How much a zero counts that nobody has to work out, because nothing but zeros is added up in
/// it: that of a window's loser, or of a neuron whose ReLU is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Zeros {
    /// All of a tensor's together as much as one other number.
    #[default]
    Together,
    /// Each as much as any other number.
    Each,
}

/// In a tensor with more elements than this no zero is looked into for terms that cancel.
const MOST_LOOKED_INTO: usize = 4096;

/// What the numbers of a tensor are worth.
#[derive(Debug)]
pub(super) struct Worth {
    /// The points of the tensor.
    pub(super) max_points: f64,
    /// By place: whether it is one of the zeros that count together. Empty where there is none.
    is_zero: Vec<bool>,
    /// How many of them there are.
    n_zeros: usize,
    /// How many other numbers there are.
    n_others: usize,
}

impl Worth {
    /// What a tensor's numbers are worth, or those in some places where no others are asked for: a
    /// point each, unless the tensor has points of its own.
    pub(super) fn of(
        backprop: &Backprop,
        tensor: TensorId,
        places: Option<&BTreeSet<usize>>,
        points: Option<f64>,
        zeros: Zeros,
    ) -> Self {
        let right = backprop.gradient(tensor).data();
        let is_asked = |at: usize| places.is_none_or(|places| places.contains(&at));
        let is_zero = |at: usize| {
            let is_sum =
                right.len() <= MOST_LOOKED_INTO && has_terms(backprop, Element { tensor, at });
            is_asked(at) && right[at] == 0.0 && !is_sum
        };
        let mut is_zero: Vec<bool> = match zeros {
            Zeros::Together => (0..right.len()).map(is_zero).collect(),
            Zeros::Each => Vec::new(),
        };
        let n_zeros = is_zero.iter().filter(|is_zero| **is_zero).count();
        if n_zeros == 0 {
            is_zero = Vec::new();
        }
        let n_others = places.map_or(right.len(), BTreeSet::len) - n_zeros;
        let n_points = n_others + usize::from(n_zeros > 0);
        Self {
            max_points: points.unwrap_or(n_points as f64),
            is_zero,
            n_zeros,
            n_others,
        }
    }

    /// The part of the tensor's points that marks earn, from 0 to 1.
    pub(super) fn part(&self, marks: &Marks) -> f64 {
        let earns = |status: Status| matches!(status, Status::Correct | Status::Carried);
        let statuses = marks.statuses.iter().enumerate();
        let earning = statuses.filter(|(_, status)| status.is_some_and(earns));
        let (mut zeros, mut others) = (0, 0);
        for (at, _) in earning {
            match self.is_zero.get(at) {
                Some(true) => zeros += 1,
                Some(false) | None => others += 1,
            }
        }
        let one = usize::from(self.n_zeros > 0);
        let of_zeros = zeros as f64 / self.n_zeros.max(1) as f64;
        (others as f64 + of_zeros) / (self.n_others + one) as f64
    }
}

/// Whether something other than 0 is added up in an element's gradient.
fn has_terms(backprop: &Backprop, element: Element) -> bool {
    let mut has_terms = false;
    backprop.terms(element, &mut |term| has_terms |= term.product() != 0.0);
    has_terms || backprop.given(element).is_some_and(|given| given != 0.0)
}
