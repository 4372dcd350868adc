//! An update of a parameter, and the terms of one of its elements.

use super::kept::Kept;
use super::optimizer::Optimizer;
use super::sums::{Before, Clock, Part, Quantity, Sum};
use crate::tensor::Tensor;

/// One element before an update.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The number of the update, counted from 1.
    pub update: usize,
    /// The element's row-major place in its parameter.
    pub at: usize,
    /// Its value.
    pub value: f64,
    /// Its gradient.
    pub gradient: f64,
    /// What is kept of the parameter.
    pub kept: &'a Kept,
}

/// What hears of the terms of an update: the sum that each is in, what it multiplies, that number,
/// and the factors.
pub type VisitTerm<'a> = dyn FnMut(Sum, Quantity, f64, &[(Part, f64)]) + 'a;

impl Optimizer {
    /// Updates a parameter in place: its values by their gradients, in row-major order, and what is
    /// kept of it. `update` is counted from 1.
    ///
    /// Each new value is what [`terms`](Self::terms) lists, added in that order.
    pub fn update(&self, update: usize, values: &mut [f64], gradients: &[f64], kept: &mut Kept) {
        let clock = Clock::at(self, update);
        for (at, (value, &gradient)) in values.iter_mut().zip(gradients).enumerate() {
            let before = Before {
                value: *value,
                gradient,
                kept: kept.at(at),
            };
            let after = self.sums(&clock, &before, &mut |_, _, _, _| {});
            *value = after.value;
            for (list, number) in [&mut kept.first, &mut kept.second, &mut kept.third]
                .into_iter()
                .zip(after.kept)
            {
                if let Some(place) = list.get_mut(at) {
                    *place = number;
                }
            }
        }
    }

    /// Returns the values of a parameter after an update; it keeps what it was.
    pub fn updated(
        &self,
        update: usize,
        values: &Tensor,
        gradients: &Tensor,
        kept: &Kept,
    ) -> Tensor {
        let clock = Clock::at(self, update);
        Tensor::from_fn(values.shape().clone(), |at| {
            let before = Before {
                value: values.data()[at],
                gradient: gradients.data()[at],
                kept: kept.at(at),
            };
            self.sums(&clock, &before, &mut |_, _, _, _| {}).value
        })
    }

    /// Visits the terms of an element's update: of each sum that there is, those that are kept
    /// first and that of the new value last, with the number that is multiplied and the factors.
    ///
    /// A term is that number times its factors from left to right, and a sum its terms in their
    /// order.
    pub fn terms(&self, place: &Place<'_>, visit: &mut VisitTerm<'_>) {
        let before = Before {
            value: place.value,
            gradient: place.gradient,
            kept: place.kept.at(place.at),
        };
        let clock = Clock::at(self, place.update);
        self.sums(&clock, &before, &mut |sum, quantity, number, factors| {
            visit(sum, quantity, number, factors);
        });
    }
}
