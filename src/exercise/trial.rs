//! The network of a template's plan, in which numbers are tried out.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::blueprint::{Blueprint, Choices, Demands};
use super::plan::{OfTarget, Plan, PlannedOp};
use super::template::{Arithmetic, Level, Template};
use crate::diagnostic::Diagnostic;
use crate::scenario::Asked;
use crate::tape::{Built, Draft, Handle, MAX_ELEMENTS, NetworkBuilder, Reads, Recipe, Tape};
use crate::tensor::{Tensor, TensorId};

/// The network of a template's plan.
#[derive(Debug)]
pub(super) struct Trial {
    template: &'static Template,
    plan: Plan,
    built: Built,
    /// What becomes of each of the plan's tensors.
    slots: Vec<Slot>,
    /// The upstream gradient that goes without saying.
    upstream: BTreeMap<TensorId, Tensor>,
    asked: Asked,
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
    /// The network of a plan, whose parts fit each other, at a level.
    pub(super) fn of(template: &'static Template, level: Level) -> Self {
        let plan = (template.plan)(level);
        let choices = plan.choices().into_iter();
        let first: Vec<f64> = choices
            .flat_map(|Choices { n_numbers, of_each }| vec![of_each[0]; n_numbers])
            .collect();
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
        if let Some(optimizer) = plan.train {
            let parameters: Vec<Handle> = net.parameters().collect();
            net.update(optimizer, parameters);
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
            template,
            plan,
            slots,
            upstream: of_loss.into_iter().collect(),
            asked: asked.into_iter().map(|tensor| built.id(tensor)).collect(),
            built,
        }
    }
}

impl Blueprint for Trial {
    fn choices(&self) -> Vec<Choices> {
        self.plan.choices()
    }

    fn asked(&self) -> &Asked {
        &self.asked
    }

    fn json(&self, numbers: &[f64]) -> Result<String, Diagnostic> {
        let Template {
            title, description, ..
        } = self.template;
        Ok(self.plan.json(title, description, numbers))
    }

    fn demands(&self) -> Demands {
        Demands {
            has_ties: self.template.has_ties,
            is_exact: self.template.arithmetic == Arithmetic::Exact,
            n_tolerated: 0,
        }
    }

    fn forward(&self, numbers: &[f64]) -> (Tape, BTreeMap<TensorId, Tensor>) {
        let mut network = Arc::clone(&self.built.network);
        let mut leaves = BTreeMap::new();
        let mut upstream = self.upstream.clone();
        for (slot, tensor) in self.slots.iter().zip(self.plan.tensors(numbers)) {
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
        (Tape::record(network, &leaves), upstream)
    }
}
