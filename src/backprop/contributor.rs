//! The layers that send gradients back to a tensor, and the terms that they send.

use crate::ops::{Contribution, Op, OperandRole, Run};
use crate::parallel::for_each_number;
use crate::tape::{Consumer, Layer};

/// A layer that sends gradients back to a tensor.
#[derive(Debug, Clone)]
pub struct Contributor<'a> {
    /// The layer's number.
    pub number: usize,
    /// The layer.
    pub layer: &'a Layer,
    /// Its run, with the gradient of its output.
    pub run: Run<'a>,
    /// The places among its operands where it reads the tensor.
    consumers: &'a [Consumer],
}

impl<'a> Contributor<'a> {
    /// Returns the contributor that reads a tensor in these places, all of one layer.
    pub(super) fn new(layer: &'a Layer, run: Run<'a>, consumers: &'a [Consumer]) -> Self {
        Self {
            number: consumers[0].layer,
            layer,
            run,
            consumers,
        }
    }

    /// Visits the contributions to the tensor's neuron at `at` by the downstream neuron.
    #[inline]
    pub fn visit(&self, at: usize, visit: &mut dyn FnMut(Contribution)) {
        match self.consumers {
            [only] => self.layer.op.contributions(&self.run, only.role, at, visit),
            _ => self.terms(at, &mut |_, term| visit(term)),
        }
    }

    /// Visits the contributions to the tensor's neuron at `at` by the downstream neuron, each with
    /// the slot that it comes through.
    pub fn terms(&self, at: usize, visit: &mut dyn FnMut(OperandRole, Contribution)) {
        self.terms_by(&*self.layer.op, at, visit);
    }

    /// Returns how many contributions there are to the tensor's neuron at `at`.
    pub fn n_terms(&self, at: usize) -> usize {
        let of = |consumer: &Consumer| self.layer.op.n_contributions(&self.run, consumer.role, at);
        self.consumers.iter().map(of).sum()
    }

    /// Visits the contributions that there were if the layer had another op, with an output of the
    /// same shape.
    pub fn terms_by(
        &self,
        op: &dyn Op,
        at: usize,
        visit: &mut dyn FnMut(OperandRole, Contribution),
    ) {
        if let [only] = self.consumers {
            return op.contributions(&self.run, only.role, at, &mut |term| visit(only.role, term));
        }
        // A layer that reads the same neuron in several places, as in x · x: its terms go by the
        // downstream neuron all the same.
        let mut terms = Vec::new();
        for consumer in self.consumers {
            op.contributions(&self.run, consumer.role, at, &mut |term| {
                terms.push((consumer.role, term))
            });
        }
        terms.sort_by_key(|(_, term)| term.from.at);
        terms.into_iter().for_each(|(role, term)| visit(role, term));
    }

    /// Adds the contributions to every neuron of the tensor to `sums`.
    pub fn accumulate(&self, sums: &mut [f64]) {
        if let [only] = self.consumers {
            return self.layer.op.accumulate(&self.run, only.role, sums);
        }
        for_each_number(sums, &|at, sum| {
            self.terms(at, &mut |_, term| *sum += term.product());
        });
    }
}
