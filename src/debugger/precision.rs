//! What rounding does to the numbers of a session.

use super::{Session, View};
use crate::tensor::{Element, OutOfRange, TensorId};

/// A neuron's numbers without rounding, where they are others than with it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Unrounded {
    /// Its value.
    pub value: Option<f64>,
    /// Its gradient, where it is computed.
    pub gradient: Option<f64>,
}

impl Session {
    /// Shows what rounding does where there is rounding, and nothing of it where there is none.
    pub(super) fn view_precision(&mut self) {
        let view = &mut self.view_options.view;
        *view = match (self.scenario.arithmetic.precision.rounds(), *view) {
            (true, View::Both) => View::Unrounded,
            (false, View::Unrounded) => View::Both,
            (_, other) => other,
        };
    }

    /// What a neuron's numbers would be without rounding, where they are others.
    pub fn unrounded(&self, element: Element) -> Unrounded {
        let (run, exact) = (&*self.backprop, self.backprop.unrounded());
        if !run.arithmetic().precision.rounds() {
            return Unrounded::default();
        }
        let other = |exact: f64, number: f64| {
            (exact != number && !(exact.is_nan() && number.is_nan())).then_some(exact)
        };
        let is_computed = |tensor: TensorId| run.is_computed(tensor) && exact.is_computed(tensor);
        Unrounded {
            value: other(exact.tape().element(element), run.tape().element(element)),
            gradient: match is_computed(element.tensor) {
                true => other(exact.element(element), run.element(element)),
                false => None,
            },
        }
    }

    /// How a neuron's value and its gradient, where that is computed, have left the range of the
    /// format as they were rounded.
    pub fn out_of_range(&self, element: Element) -> [Option<OutOfRange>; 2] {
        let run = &*self.backprop;
        let is_computed = run.is_computed(element.tensor);
        let gradient = is_computed.then(|| run.out_of_range(element));
        [run.tape().out_of_range(element), gradient.flatten()]
    }
}
