//! The parameters of a network between two updates, and how the next update is made.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::backprop::{Backprop, Moment};
use crate::cancel::{Cancel, Cancelled};
use crate::optim::{Kept, Optimizer};
use crate::scenario::Scenario;
use crate::tape::Tape;
use crate::tensor::{Tensor, TensorId};

/// The parameters of a network before an update.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// The number of the update, counted from 1.
    pub(super) update: usize,
    /// The values of every input and parameter.
    leaves: BTreeMap<TensorId, Tensor>,
    /// By trained parameter, in their order.
    kept: Vec<Kept>,
}

/// What stays the same from update to update.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) scenario: Arc<Scenario>,
    optimizer: Optimizer,
    /// The parameters that are updated and that a gradient reaches.
    pub(super) parameters: Vec<TensorId>,
    /// A run of the network, which knows the order of its steps.
    template: Backprop,
}

impl Plan {
    /// The plan of a scenario that is trained, and the state before its first update.
    pub(super) fn of(scenario: &Arc<Scenario>, template: Backprop) -> Option<(Self, State)> {
        let updates = scenario.network.updates()?;
        let optimizer = updates.optimizer;
        let parameters = updates.parameters.iter().copied();
        let parameters: Vec<TensorId> = parameters.filter(|&id| template.reaches(id)).collect();
        let kept = parameters
            .iter()
            .map(|id| Kept::of(&optimizer, scenario.leaves[id].data().len()));
        let state = State {
            update: 1,
            leaves: scenario.leaves.clone(),
            kept: kept.collect(),
        };
        let plan = Self {
            scenario: Arc::clone(scenario),
            optimizer,
            parameters,
            template,
        };
        Some((plan, state))
    }

    /// Runs the network of an update forward, and back as far as somebody looks.
    pub(super) fn run(&self, state: &mut State, cancel: &Cancel) -> Result<Backprop, Cancelled> {
        let (network, inputs) = self.scenario.batch(state.update);
        for (input, value) in inputs {
            state.leaves.insert(input, value.clone());
        }
        let tape = Tape::try_record(Arc::clone(network), &state.leaves, cancel)?;
        Ok(self.template.again(tape))
    }

    /// The moment of a state, for whoever looks at its update.
    pub(super) fn moment(&self, state: &State) -> Moment {
        let kept = self
            .parameters
            .iter()
            .copied()
            .zip(state.kept.iter().cloned());
        Moment {
            update: state.update,
            kept: kept.collect(),
        }
    }

    /// Updates every parameter by its gradient: what follows is the state before the next update.
    pub(super) fn update(&self, state: &mut State, backprop: Backprop) {
        let gradients = self
            .parameters
            .iter()
            .map(|&id| backprop.gradient(id).clone());
        let gradients: Vec<Tensor> = gradients.collect();
        // So that nobody shares the values, and they are changed in their place.
        drop(backprop);
        for ((id, gradient), kept) in self.parameters.iter().zip(gradients).zip(&mut state.kept) {
            if let Some(values) = state.leaves.get_mut(id) {
                let values = values.data_mut();
                self.optimizer
                    .update(state.update, values, gradient.data(), kept);
            }
        }
        state.update += 1;
    }

    /// The numbers of a state in a row, from which it can be had again.
    pub(super) fn packed(&self, state: &State) -> Arc<[f64]> {
        let values = self.parameters.iter().map(|id| state.leaves[id].data());
        let kept = state.kept.iter();
        let kept = kept.flat_map(|kept| [&kept.first[..], &kept.second, &kept.third]);
        values.chain(kept).flatten().copied().collect()
    }

    /// How many numbers a packed state has.
    pub(super) fn n_packed(&self, state: &State) -> usize {
        let values = self
            .parameters
            .iter()
            .map(|id| state.leaves[id].data().len());
        values.chain(state.kept.iter().map(Kept::len)).sum()
    }

    /// Puts packed numbers into a state, which is then that before this update.
    pub(super) fn unpack(&self, state: &mut State, update: usize, mut packed: &[f64]) {
        let mut fill = |place: &mut [f64]| {
            let (these, rest) = packed.split_at(place.len());
            place.copy_from_slice(these);
            packed = rest;
        };
        for id in &self.parameters {
            if let Some(values) = state.leaves.get_mut(id) {
                fill(values.data_mut());
            }
        }
        for kept in &mut state.kept {
            fill(&mut kept.first);
            fill(&mut kept.second);
            fill(&mut kept.third);
        }
        state.update = update;
    }
}
