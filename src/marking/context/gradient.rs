//! A tensor whose gradient a learner works out, and everything that is the same for all of its
//! elements.

use std::sync::OnceLock;

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
    /// The run whose gradients come back through updated weights, once somebody has asked.
    with_new_weights: OnceLock<Option<Backprop>>,
}

impl<'a> GradientContext<'a> {
    pub(in crate::marking) fn new(backprop: &'a Backprop, tensor: TensorId) -> Self {
        Self {
            backprop,
            tensor,
            contributors: backprop.contributors(tensor).collect(),
            given: backprop.given_to(tensor).collect(),
            with_new_weights: OnceLock::new(),
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

    /// Whether what becomes of a parameter in an update is worked out.
    pub(in crate::marking) fn is_update(&self) -> bool {
        let kind = self.backprop.network().tensor(self.tensor).kind;
        matches!(kind, Kind::Updated(_))
    }

    /// The products of an update's terms but the first, which is the value before it.
    pub(in crate::marking) fn products_of_update(&self, at: usize) -> Option<Vec<f64>> {
        let terms = || self.backprop.contributions(self.element(at)).into_iter();
        let products = || terms().skip(1).map(|term| term.product()).collect();
        self.is_update().then(products)
    }

    /// The run in which gradients come back through the trained weights as they are after the
    /// update, all but the tensor's own; nothing where that changes nothing for the tensor.
    pub(in crate::marking) fn with_new_weights(&self) -> Option<&Backprop> {
        let backprop = self.backprop;
        let work = || {
            let network = backprop.network();
            let tensor = match network.tensor(self.tensor).kind {
                Kind::Updated(parameter) => parameter,
                Kind::Input | Kind::Layer(_) | Kind::Parameter(_) | Kind::PreActivation(_) => {
                    self.tensor
                }
            };
            let others = network.all_updated().filter(|(of, _)| *of != tensor);
            let new = others.map(|(of, new)| (of, backprop.summed(new)));
            let wrong = backprop.through(new.collect());
            let is_other = wrong.gradient(tensor) != backprop.gradient(tensor);
            is_other.then_some(wrong)
        };
        backprop.optimizer()?;
        self.with_new_weights.get_or_init(work).as_ref()
    }

    /// The upstream gradient that is given to a neuron; of an update, the value before it.
    pub(in crate::marking) fn given(&self, at: usize) -> Option<f64> {
        if self.is_update() {
            return Some(self.value(at));
        }
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
