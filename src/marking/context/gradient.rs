//! A tensor whose gradient a learner works out, and everything that is the same for all of its
//! elements.

use super::term::TermContext;
use crate::backprop::{Backprop, Contributor};
use crate::tape::Kind;
use crate::tensor::{Element, Shape, Tensor, TensorId};

/// A tensor and the layers that send gradients back to it, each with its run, which is looked up
/// once for all neurons.
pub(in crate::marking) struct GradientContext<'a> {
    pub(in crate::marking) backprop: &'a Backprop,
    pub(in crate::marking) tensor: TensorId,
    pub(in crate::marking) contributors: Vec<Contributor<'a>>,
    /// The upstream gradients that are given to the tensor itself.
    given: Vec<&'a Tensor>,
}

impl<'a> GradientContext<'a> {
    pub(in crate::marking) fn new(backprop: &'a Backprop, tensor: TensorId) -> Self {
        Self {
            backprop,
            tensor,
            contributors: backprop.contributors(tensor).collect(),
            given: backprop.given_to(tensor).collect(),
        }
    }

    pub(in crate::marking) fn shape(&self) -> &'a Shape {
        self.backprop.tape().value(self.tensor).shape()
    }

    pub(in crate::marking) fn element(&self, at: usize) -> Element {
        Element {
            tensor: self.tensor,
            at,
        }
    }

    /// The value of a neuron.
    pub(in crate::marking) fn value(&self, at: usize) -> f64 {
        self.backprop.tape().element(self.element(at))
    }

    /// The upstream gradient that is given to a neuron.
    pub(in crate::marking) fn given(&self, at: usize) -> Option<f64> {
        let given = self.given.iter().map(|tensor| tensor.data()[at]);
        given.reduce(|sum, given| sum + given)
    }

    /// The terms of a neuron, in the order in which they are added.
    pub(in crate::marking) fn terms(&self, at: usize) -> Vec<TermContext<'_, 'a>> {
        let (backprop, mut terms) = (self.backprop, Vec::new());
        for contributor in &self.contributors {
            contributor.terms(at, &mut |role, term| {
                terms.push(TermContext::new(backprop, contributor, role, at, term));
            });
        }
        terms
    }

    /// How many layers use the parameter, where several do.
    pub(in crate::marking) fn uses(&self) -> Option<usize> {
        let kind = self.backprop.network().tensor(self.tensor).kind;
        let n = self.contributors.len();
        (matches!(kind, Kind::Parameter(_)) && n > 1).then_some(n)
    }

    /// How many samples go through the layers that send gradients back, where they go through in a
    /// batch.
    pub(in crate::marking) fn batch(&self) -> Option<usize> {
        self.contributors.iter().find_map(batch)
    }
}

/// The size of the batch that a layer reads, where its op leaves no doubt which axis is one, and it
/// is more than one sample.
fn batch(contributor: &Contributor<'_>) -> Option<usize> {
    let shape = contributor.run.input().shape();
    let row = contributor.layer.op.descriptor();
    let is_batched = row.has_batch_axis(shape.rank());
    (is_batched && shape[0] > 1).then(|| shape[0])
}
