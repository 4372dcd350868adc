//! The network of a plan, in which numbers are tried out.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::plan::{OfTarget, Plan, PlannedOp};
use crate::backprop::Backprop;
use crate::tape::{Built, Draft, Handle, MAX_ELEMENTS, NetworkBuilder, Reads, Recipe, Tape};
use crate::tensor::{Tensor, TensorId};

/// The network of a plan.
#[derive(Debug)]
pub(super) struct Trial {
    built: Built,
    /// What becomes of each of the plan's tensors.
    slots: Vec<Slot>,
    /// The upstream gradient that goes without saying.
    upstream: BTreeMap<TensorId, Tensor>,
    asked: Vec<TensorId>,
}

/// What becomes of a tensor of a plan.
#[derive(Debug, Clone, Copy)]
enum Slot {
    /// The value of an input or a parameter.
    Leaf(Handle),
    /// The target of a loss.
    Target(Handle, OfTarget),
    /// An upstream gradient.
    Upstream(Handle),
}

impl Trial {
    /// The network of a plan, whose parts fit each other.
    pub(super) fn of(plan: &Plan) -> Self {
        let first: Vec<f64> = plan.choices().iter().map(|choices| choices[0]).collect();
        let mut tensors = plan.tensors(&first);
        let mut next = || {
            tensors
                .next()
                .expect("a plan has the tensors that it counts")
        };
        let mut net = NetworkBuilder::new();
        let mut last = net.input(plan.input.0, next());
        let mut slots = vec![Slot::Leaf(last)];
        for layer in &plan.layers {
            let named = layer.from.into_iter().flatten();
            let from: Vec<Handle> = named.filter_map(|name| net.find(name)).collect();
            let mut reads = Reads::from(if from.is_empty() { vec![last] } else { from });
            let mut parameter = |key: &str| {
                let parameter = net.parameter(&format!("{}.{key}", layer.name), next());
                slots.push(Slot::Leaf(parameter));
                parameter
            };
            reads.weight = layer.weight.as_ref().map(|_| parameter("weight"));
            reads.bias = layer.bias.as_ref().map(|_| parameter("bias"));
            last = match &layer.op {
                PlannedOp::Known(op) => {
                    net.draft(Draft::new(layer.name, Recipe::Made(Arc::clone(op)), reads))
                }
                PlannedOp::Loss(_, of_target) => {
                    let loss = net.layer(layer.name, of_target(next()), reads);
                    slots.push(Slot::Target(loss, *of_target));
                    loss
                }
            };
        }
        let find = |name: &&str| net.find(name).expect("a plan names tensors that it has");
        slots.extend(
            plan.upstream
                .iter()
                .map(|(name, _)| Slot::Upstream(find(name))),
        );
        let asked: Vec<Handle> = plan.ask.iter().map(find).collect();
        let built = net.build().expect("the parts of a plan fit each other");
        let is_given = !plan.upstream.is_empty();
        let of_loss = (!is_given).then(|| (built.id(last), Tensor::scalar(1.0)));
        Self {
            slots,
            upstream: of_loss.into_iter().collect(),
            asked: asked.into_iter().map(|tensor| built.id(tensor)).collect(),
            built,
        }
    }

    /// The tensors that are asked for.
    pub(super) fn asked(&self) -> &[TensorId] {
        &self.asked
    }

    /// Runs the network with these tensors, which are the plan's in their order.
    pub(super) fn backprop(&self, tensors: impl Iterator<Item = Tensor>) -> Backprop {
        let mut network = Arc::clone(&self.built.network);
        let mut leaves = BTreeMap::new();
        let mut upstream = self.upstream.clone();
        for (slot, tensor) in self.slots.iter().zip(tensors) {
            match *slot {
                Slot::Leaf(leaf) => _ = leaves.insert(self.built.id(leaf), tensor),
                Slot::Upstream(of) => _ = upstream.insert(self.built.id(of), tensor),
                Slot::Target(loss, of_target) => {
                    network = network
                        .with_op(self.built.id(loss), of_target(tensor), MAX_ELEMENTS)
                        .expect("another target of the same shape fits as well");
                }
            }
        }
        Backprop::run(Tape::record(network, &leaves), upstream)
    }
}
