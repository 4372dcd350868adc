//! A parameter that the model uses in several places, and the scenario has once for each.

use std::collections::BTreeMap;

use super::answer::Answer;
use super::numbers::Numbers;
use super::remark::Remark;
use super::tolerance::Bounds;
use crate::backprop::Backprop;
use crate::tape::{Kind, Network};
use crate::tensor::{Tensor, TensorId};

/// The parameters of an answer that stand for several of the scenario's, each with all of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Uses(BTreeMap<TensorId, Vec<TensorId>>);

impl Uses {
    /// Finds the parameters of which an answer has one for all uses: `ih.weight`, where the scenario
    /// has an `ih_2.weight` of the same values.
    pub(super) fn of(backprop: &Backprop, answer: &Answer) -> Self {
        let (network, tape) = (backprop.network(), backprop.tape());
        let uses = |&first: &TensorId| {
            let is_other = |other: &TensorId| {
                !answer.gradients.contains_key(other)
                    && is_numbered(network, first, *other)
                    && tape.value(first) == tape.value(*other)
            };
            let all: Vec<TensorId> = [first]
                .into_iter()
                .chain(network.ids().filter(is_other))
                .collect();
            (all.len() > 1).then_some((first, all))
        };
        Self(answer.gradients.keys().filter_map(uses).collect())
    }

    /// The backprop in which each such parameter has the sum over its uses, the last one first.
    pub(super) fn summed(&self, backprop: &Backprop) -> Backprop {
        if self.0.is_empty() {
            return backprop.clone();
        }
        let sum = |uses: &[TensorId]| added(uses.iter().map(|&id| backprop.gradient(id).clone()));
        let sums = self.0.iter().map(|(&first, uses)| (first, sum(uses)));
        backprop.with_gradients(&sums.collect())
    }

    /// The gradients of a tensor as they follow from those of the layers that use it.
    pub(super) fn followed(&self, backprop: &Backprop, tensor: TensorId) -> Tensor {
        match self.0.get(&tensor) {
            Some(uses) => added(uses.iter().map(|&id| backprop.summed(id))),
            None => backprop.summed(tensor),
        }
    }

    /// Says of a parameter, which is wrong, that it has the gradient of one use alone.
    pub(super) fn one_alone(
        &self,
        backprop: &Backprop,
        tensor: TensorId,
        numbers: &Numbers,
        bounds: Bounds,
    ) -> Option<Remark> {
        let uses = self.0.get(&tensor)?;
        let network = backprop.network();
        let is_it = |id: &&TensorId| {
            let mut both = numbers.iter().zip(backprop.gradient(**id).data());
            both.all(|(theirs, &one)| theirs.is_some_and(|it| bounds.is_right(it, one)))
        };
        let layer = |&id: &TensorId| match network.tensor(id).kind {
            Kind::Parameter(layer) => {
                let output = network.layers()[layer].output;
                network.tensor(output).name.clone()
            }
            Kind::Input | Kind::Layer(_) => network.tensor(id).name.clone(),
        };
        Some(Remark::OneUse {
            parameter: network.tensor(tensor).name.clone(),
            only: layer(uses.iter().find(is_it)?),
            uses: uses.iter().map(layer).collect(),
        })
    }
}

/// The sum of several gradients, the last one first.
fn added(each: impl DoubleEndedIterator<Item = Tensor>) -> Tensor {
    let add = |mut sum: Tensor, one: Tensor| {
        let both = sum.data_mut().iter_mut().zip(one.data());
        both.for_each(|(sum, one)| *sum += one);
        sum
    };
    each.rev()
        .reduce(add)
        .unwrap_or_else(|| Tensor::scalar(0.0))
}

/// Whether a parameter is called as another one, of a layer with a number behind its name.
fn is_numbered(network: &Network, first: TensorId, other: TensorId) -> bool {
    let is_parameter = |id| matches!(network.tensor(id).kind, Kind::Parameter(_));
    let split = |id: TensorId| network.tensor(id).name.rsplit_once('.');
    let (Some((layer, own)), Some((numbered, other_own))) = (split(first), split(other)) else {
        return false;
    };
    let number = numbered
        .strip_prefix(layer)
        .and_then(|rest| rest.strip_prefix('_'));
    own == other_own
        && number.is_some_and(|number| number.parse::<usize>().is_ok())
        && is_parameter(first)
        && is_parameter(other)
}
