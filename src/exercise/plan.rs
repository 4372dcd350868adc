//! The plan of an exercise: a network in which the numbers are still to be found.

use std::borrow::Cow;
use std::sync::Arc;

use super::blueprint::Choices;
use crate::ops::Op;
use crate::optim::Optimizer;
use crate::tensor::{Shape, Tensor};

/// A network without its numbers, which are counted through all of its tensors: the input, then
/// those of layer after layer, and the upstream gradients.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) input: (&'static str, Unknown),
    pub(super) layers: Vec<Layer>,
    pub(super) upstream: Vec<(&'static str, Unknown)>,
    /// How all parameters are updated, where they are.
    pub(super) train: Option<Optimizer>,
    pub(super) ask: &'static [&'static str],
}

/// A layer of a plan.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) name: &'static str,
    pub(super) op: PlannedOp,
    /// What it reads; nothing where it is the layer before.
    pub(super) from: Option<&'static [&'static str]>,
    /// The setting that is said even where it is the default.
    pub(super) said: Option<&'static str>,
    pub(super) weight: Option<Unknown>,
    pub(super) bias: Option<Unknown>,
}

/// What a layer computes.
#[derive(Debug)]
pub(super) enum PlannedOp {
    Known(Arc<dyn Op>),
    /// A loss whose target is still to be found.
    Loss(Unknown, OfTarget),
}

/// Makes the loss of a target.
pub(super) type OfTarget = fn(Tensor) -> Box<dyn Op>;

/// A tensor whose numbers are still to be found.
#[derive(Debug)]
pub(super) struct Unknown {
    shape: Shape,
    /// Each number is one of these.
    choices: &'static [f64],
}

impl Plan {
    /// A plan with an input.
    pub(super) fn of(input: &'static str, sizes: &[usize], choices: &'static [f64]) -> Self {
        Self {
            input: (input, Unknown::of(sizes, choices)),
            layers: Vec::new(),
            upstream: Vec::new(),
            train: None,
            ask: &[],
        }
    }

    /// Adds a layer that reads the one before.
    pub(super) fn layer(self, name: &'static str, op: impl Into<Box<dyn Op>>) -> Self {
        let op: Box<dyn Op> = op.into();
        self.with(name, PlannedOp::Known(op.into()))
    }

    /// Adds a loss with a target.
    pub(super) fn loss(
        self,
        name: &'static str,
        sizes: &[usize],
        choices: &'static [f64],
        of_target: OfTarget,
    ) -> Self {
        self.with(
            name,
            PlannedOp::Loss(Unknown::of(sizes, choices), of_target),
        )
    }

    fn with(mut self, name: &'static str, op: PlannedOp) -> Self {
        self.layers.push(Layer {
            name,
            op,
            from: None,
            said: None,
            weight: None,
            bias: None,
        });
        self
    }

    /// Lets the last layer read other tensors.
    pub(super) fn from(mut self, names: &'static [&'static str]) -> Self {
        self.last().from = Some(names);
        self
    }

    /// Says a setting of the last layer even where it is the default.
    pub(super) fn saying(mut self, key: &'static str) -> Self {
        self.last().said = Some(key);
        self
    }

    /// Gives the last layer a weight.
    pub(super) fn weight(mut self, sizes: &[usize], choices: &'static [f64]) -> Self {
        self.last().weight = Some(Unknown::of(sizes, choices));
        self
    }

    /// Gives the last layer a bias.
    pub(super) fn bias(mut self, sizes: &[usize], choices: &'static [f64]) -> Self {
        self.last().bias = Some(Unknown::of(sizes, choices));
        self
    }

    /// Gives a tensor an upstream gradient.
    pub(super) fn upstream(
        mut self,
        name: &'static str,
        sizes: &[usize],
        choices: &'static [f64],
    ) -> Self {
        self.upstream.push((name, Unknown::of(sizes, choices)));
        self
    }

    /// Lets an optimizer update all parameters.
    pub(super) fn train(self, optimizer: Optimizer) -> Self {
        let train = Some(optimizer);
        Self { train, ..self }
    }

    /// Says which tensors are asked for.
    pub(super) fn ask(self, ask: &'static [&'static str]) -> Self {
        Self { ask, ..self }
    }

    fn last(&mut self) -> &mut Layer {
        self.layers
            .last_mut()
            .expect("a template says more of a layer that it has added")
    }

    /// What the numbers can be, tensor by tensor.
    pub(super) fn choices(&self) -> Vec<Choices> {
        let all = self.unknowns();
        all.map(|Unknown { shape, choices }| Choices {
            n_numbers: shape.numel(),
            of_each: Cow::Borrowed(choices),
        })
        .collect()
    }

    /// The tensors whose numbers are still to be found, in the order in which these are counted.
    fn unknowns(&self) -> impl Iterator<Item = &Unknown> {
        let layers = self.layers.iter().flat_map(Layer::unknowns);
        let upstream = self.upstream.iter().map(|(_, unknown)| unknown);
        [&self.input.1].into_iter().chain(layers).chain(upstream)
    }

    /// The tensors of these numbers, in their order.
    pub(super) fn tensors(&self, numbers: &[f64]) -> std::vec::IntoIter<Tensor> {
        let mut rest = numbers;
        let tensors: Vec<Tensor> = self
            .unknowns()
            .map(|Unknown { shape, .. }| {
                let (own, others) = rest.split_at(shape.numel());
                rest = others;
                Tensor::from_fn(shape.clone(), |at| own[at])
            })
            .collect();
        tensors.into_iter()
    }
}

impl Layer {
    fn unknowns(&self) -> impl Iterator<Item = &Unknown> {
        let target = match &self.op {
            PlannedOp::Known(_) => None,
            PlannedOp::Loss(target, _) => Some(target),
        };
        [self.weight.as_ref(), self.bias.as_ref(), target]
            .into_iter()
            .flatten()
    }
}

impl Unknown {
    fn of(sizes: &[usize], choices: &'static [f64]) -> Self {
        let shape = Shape::from(sizes);
        Self { shape, choices }
    }
}
