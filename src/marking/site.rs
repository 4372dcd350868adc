//! A tensor whose gradient a learner works out, and everything that is the same for all of its
//! neurons.

use super::making::Making;
use super::slip::{Form, Toward};
use crate::backprop::{Backprop, Contributor};
use crate::tensor::{Element, Shape, TensorId};

/// A tensor and the layers that send gradients back to it, each with its run, which is looked up
/// once for all neurons.
pub(super) struct Site<'a> {
    pub(super) backprop: &'a Backprop,
    pub(super) tensor: TensorId,
    pub(super) contributors: Vec<Contributor<'a>>,
}

impl<'a> Site<'a> {
    pub(super) fn new(backprop: &'a Backprop, tensor: TensorId) -> Self {
        Self {
            backprop,
            tensor,
            contributors: backprop.contributors(tensor).collect(),
        }
    }

    pub(super) fn shape(&self) -> &'a Shape {
        self.backprop.tape().value(self.tensor).shape()
    }

    pub(super) fn element(&self, at: usize) -> Element {
        Element {
            tensor: self.tensor,
            at,
        }
    }

    /// The value of a neuron.
    pub(super) fn value(&self, at: usize) -> f64 {
        self.backprop.tape().element(self.element(at))
    }

    /// The upstream gradient that is given to a neuron.
    pub(super) fn given(&self, at: usize) -> Option<f64> {
        self.backprop.given(self.element(at))
    }

    /// The terms of a neuron, in the order in which they are added.
    pub(super) fn terms(&self, at: usize) -> Vec<Making<'_, 'a>> {
        let mut terms = Vec::new();
        for contributor in &self.contributors {
            contributor.terms(at, &mut |role, term| {
                terms.push(Making::new(contributor, role, at, term))
            });
        }
        terms
    }

    /// How many samples go through the layers that send gradients back, where they go through in a
    /// batch.
    pub(super) fn batch(&self) -> Option<usize> {
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

/// The forms of a step by one place in a tensor of this shape. In an axis of two, both neighbours
/// are the same.
pub(super) fn steps(shape: &Shape) -> Vec<Form> {
    let along = |(axis, &size): (usize, &usize)| {
        let towards: &[Toward] = match size {
            0 | 1 => &[],
            2 => &[Toward::Next],
            _ => &[Toward::Next, Toward::Previous],
        };
        towards
            .iter()
            .map(move |&toward| Form::Step { axis, toward })
    };
    shape.iter().enumerate().flat_map(along).collect()
}

/// The place of an element's neighbour, where there is such an axis.
pub(super) fn neighbour(shape: &Shape, at: usize, axis: usize, toward: Toward) -> Option<usize> {
    if axis >= shape.rank() {
        return None;
    }
    let (_, size, stride) = shape.around(axis);
    let here = at / stride % size;
    let there = match toward {
        Toward::Next => (here + 1) % size,
        Toward::Previous => (here + size - 1) % size,
    };
    Some(at - here * stride + there * stride)
}
