//! Backpropagation over a tape: the order of the steps, every gradient, and the terms that make one.

mod sender;
mod steps;
mod verify;
mod windows;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ops::{Contribution, Run};
use crate::tape::{Network, Tape};
use crate::tensor::{Neuron, Tensor, TensorId};

pub use sender::Sender;
pub use steps::Steps;
pub use verify::{Check, Kink, Verdict, loss, verify};

/// A tape, the gradients that were given, and those that follow from them.
#[derive(Debug, Clone)]
pub struct Backprop {
    tape: Tape,
    given: BTreeMap<TensorId, Tensor>,
    /// By tensor: whether an upstream gradient reaches it.
    reached: Vec<bool>,
    /// By tensor.
    gradients: Vec<Tensor>,
    steps: Steps,
}

impl Backprop {
    /// Runs backprop from the upstream gradients that are given to layers' outputs, each in its tensor's shape.
    pub fn run(tape: Tape, given: BTreeMap<TensorId, Tensor>) -> Self {
        let network = Arc::clone(tape.network());
        let reached = reached(&network, &given);
        let steps = Steps::new(&network, &reached);
        let gradients = vec![Tensor::scalar(0.0); network.tensors().len()];
        let mut backprop = Self { tape, given, reached, gradients, steps };
        let outputs = network.layers().iter().rev().map(|layer| layer.output);
        let leaves = network.ids().filter(|&id| network.layer_of(id).is_none());
        for tensor in outputs.chain(leaves) {
            backprop.gradients[tensor.0 as usize] = backprop.summed(tensor);
        }
        backprop
    }

    /// The recorded forward run.
    pub fn tape(&self) -> &Tape {
        &self.tape
    }

    /// The network that was run.
    pub fn network(&self) -> &Arc<Network> {
        self.tape.network()
    }

    /// The steps in backward order.
    pub fn steps(&self) -> &Steps {
        &self.steps
    }

    /// dL/d(every element of a tensor). Of a view it is what came through the view.
    pub fn gradient(&self, tensor: TensorId) -> &Tensor {
        &self.gradients[tensor.0 as usize]
    }

    /// dL/d(a neuron).
    pub fn neuron(&self, neuron: Neuron) -> f64 {
        self.gradient(neuron.tensor).data()[neuron.at]
    }

    /// Whether an upstream gradient reaches a tensor. One that none reaches has gradient zero and makes no steps.
    pub fn reaches(&self, tensor: TensorId) -> bool {
        self.reached[tensor.0 as usize]
    }

    /// The upstream gradients that the scenario gives, by tensor.
    pub fn upstream(&self) -> &BTreeMap<TensorId, Tensor> {
        &self.given
    }

    /// The upstream gradient that is given to a neuron, under its own tensor's name or a view's; nothing where none is.
    pub fn given(&self, neuron: Neuron) -> Option<f64> {
        let given = self.network().with_views(neuron.tensor).iter().filter_map(|id| self.given.get(id));
        given.map(|tensor| tensor.data()[neuron.at]).reduce(|sum, given| sum + given)
    }

    /// Returns the same backprop in which some tensors have other gradients, each in its tensor's shape: what a learner wrote down.
    ///
    /// Terms and sums then take these as upstream gradients. The gradients of the tensors before them are not worked out anew;
    /// [`Backprop::summed`] does so for one.
    #[must_use]
    pub fn with_gradients(&self, gradients: &BTreeMap<TensorId, Tensor>) -> Self {
        let mut other = self.clone();
        for (id, gradient) in gradients {
            other.gradients[id.0 as usize] = gradient.clone();
        }
        other
    }

    /// Visits the contributions to a neuron: consumer by consumer in layer order, and within a consumer by the downstream neuron.
    pub fn terms(&self, neuron: Neuron, visit: &mut dyn FnMut(Contribution)) {
        for sender in self.senders(neuron.tensor) {
            sender.visit(neuron.at, visit);
        }
    }

    /// Returns the contributions to a neuron in one list.
    pub fn contributions(&self, neuron: Neuron) -> Vec<Contribution> {
        let mut terms = Vec::new();
        self.terms(neuron, &mut |term| terms.push(term));
        terms
    }

    /// A layer's run with the gradient of its output.
    pub fn layer_run(&self, layer: usize) -> Run<'_> {
        let output = self.network().layers()[layer].output;
        self.tape.run(layer, self.gradient(output).data())
    }

    /// The layers that send gradients back to a tensor, in their order: those that read it and that an upstream gradient reaches.
    pub fn senders(&self, tensor: TensorId) -> impl Iterator<Item = Sender<'_>> {
        let by_layer = self.network().consumers(tensor).chunk_by(|a, b| a.layer == b.layer);
        by_layer.filter_map(|consumers| Sender::new(self, consumers))
    }

    /// Returns the gradients of a tensor as they follow from those of the layers that read it.
    pub fn summed(&self, tensor: TensorId) -> Tensor {
        let network = self.network();
        let mut sums = Tensor::filled(network.tensor(tensor).shape.clone(), 0.0);
        let data = sums.data_mut();
        let given: Vec<&Tensor> = network.with_views(tensor).iter().filter_map(|id| self.given.get(id)).collect();
        if let Some((first, rest)) = given.split_first() {
            data.copy_from_slice(first.data());
            rest.iter().for_each(|given| data.iter_mut().zip(given.data()).for_each(|(sum, given)| *sum += given));
        }
        self.senders(tensor).for_each(|sender| sender.accumulate(data));
        sums
    }
}

/// By tensor: whether an upstream gradient is given to it or a view of it, or to something that depends on it.
fn reached(network: &Network, given: &BTreeMap<TensorId, Tensor>) -> Vec<bool> {
    let mut reached = vec![false; network.tensors().len()];
    let mark = |reached: &mut Vec<bool>, tensor: TensorId| {
        network.chain(tensor).for_each(|id| reached[id.0 as usize] = true);
    };
    given.keys().for_each(|&id| mark(&mut reached, id));
    for layer in network.layers().iter().rev() {
        if reached[layer.output.0 as usize] {
            layer.slots().for_each(|(_, read)| mark(&mut reached, read));
        }
    }
    reached
}
