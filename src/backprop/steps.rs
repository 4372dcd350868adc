//! The order in which backprop goes through the neurons.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::tape::Network;
use crate::tensor::{Element, TensorId};

/// The steps of backprop in backward order, as an index space: a step is a number, and its neuron
/// is found when it is asked for.
#[derive(Debug, Clone, Default)]
pub struct Steps {
    tensors: Vec<TensorId>,
    /// The first step of each tensor, and the number of all steps at the end.
    starts: Vec<usize>,
    /// By tensor: its place in `tensors`.
    places: Vec<Option<usize>>,
    /// The number of the steps that sum gradients; those of an update stand behind them.
    n_gradients: usize,
}

impl Steps {
    /// Works out the backward order of the tensors that make steps: those that some reached layer
    /// reads, and of what layers compute before their own activations those that are `wanted`. What
    /// becomes of the parameters comes at last: it needs their gradients.
    pub(super) fn new(network: &Network, reached: &[bool], wanted: &BTreeSet<TensorId>) -> Self {
        let is_reached = |layer: usize| reached[network.layers()[layer].output.0 as usize];
        let mut steps = Self {
            tensors: Vec::new(),
            starts: vec![0],
            places: vec![None; network.tensors().len()],
            n_gradients: 0,
        };
        for (number, layer) in network
            .layers()
            .iter()
            .enumerate()
            .rev()
            .filter(|(_, layer)| !layer.op.is_view())
        {
            let before = network.pre_activation(number);
            if let Some(before) = before.filter(|id| wanted.contains(id) && is_reached(number)) {
                steps.push(before, network.tensor(before).shape.numel());
            }
            for base in layer.roles().map(|(_, read)| network.base(read)) {
                let consumers = network.consumers(base);
                // The consumers are in the order of their layers.
                let all_walked = consumers.first().is_some_and(|first| first.layer >= number);
                let makes_steps = || consumers.iter().any(|consumer| is_reached(consumer.layer));
                if all_walked && steps.places[base.0 as usize].is_none() && makes_steps() {
                    steps.push(base, network.tensor(base).shape.numel());
                }
            }
        }
        steps.n_gradients = steps.len();
        for (_, new) in network.all_updated() {
            if reached[new.0 as usize] {
                steps.push(new, network.tensor(new).shape.numel());
            }
        }
        steps
    }

    fn push(&mut self, tensor: TensorId, numel: usize) {
        self.places[tensor.0 as usize] = Some(self.tensors.len());
        self.tensors.push(tensor);
        self.starts.push(self.len() + numel);
    }

    /// The number of steps.
    pub fn len(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }

    /// The number of steps that sum a gradient. Those of an update come after them.
    pub fn n_gradients(&self) -> usize {
        self.n_gradients
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The tensors that make steps, in backward order.
    pub fn tensors(&self) -> &[TensorId] {
        &self.tensors
    }

    /// The neuron of a step, counted from 0.
    pub fn element(&self, step: usize) -> Option<Element> {
        (step < self.len()).then(|| {
            let place = self.starts.partition_point(|&start| start <= step) - 1;
            Element {
                tensor: self.tensors[place],
                at: step - self.starts[place],
            }
        })
    }

    /// The step of a neuron, where its tensor makes steps.
    pub fn step_of(&self, element: Element) -> Option<usize> {
        let steps = self.range(element.tensor)?;
        Some(steps.start + element.at).filter(|step| steps.contains(step))
    }

    /// The steps of a tensor.
    pub fn range(&self, tensor: TensorId) -> Option<Range<usize>> {
        let place = *self.places.get(tensor.0 as usize)?.as_ref()?;
        Some(self.starts[place]..self.starts[place + 1])
    }

    /// All steps, in order.
    pub fn iter(&self) -> impl Iterator<Item = (usize, Element)> {
        let elements = self.tensors.iter().zip(self.starts.windows(2));
        let each = elements.flat_map(|(&tensor, steps)| {
            (0..steps[1] - steps[0]).map(move |at| Element { tensor, at })
        });
        each.enumerate()
    }
}
