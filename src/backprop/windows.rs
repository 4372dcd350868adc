use std::collections::BTreeSet;

use super::Backprop;
use crate::ops::{FactorKind, Family, Slot};
use crate::tensor::Neuron;

impl Backprop {
    /// Whether a neuron wins a max-pooling window.
    pub fn wins(&self, neuron: Neuron) -> bool {
        let network = self.network();
        network.consumers(neuron.tensor).iter().any(|consumer| {
            let layer = &network.layers()[consumer.layer];
            let mut wins = false;
            if matches!(layer.op.family(), Family::MaxPool(_)) {
                layer.op.contributions(
                    &self.layer_run(consumer.layer),
                    consumer.slot,
                    neuron.at,
                    &mut |term| {
                        wins |= term
                            .factors
                            .iter()
                            .any(|factor| factor.kind == FactorKind::Winner && factor.value != 0.0);
                    },
                );
            }
            wins
        })
    }

    /// Returns the neurons that a neuron is computed from, weights left out: those at most that are
    /// found first.
    pub fn receptive_field(&self, neuron: Neuron, most: usize) -> BTreeSet<Neuron> {
        let mut field = BTreeSet::new();
        let network = self.network();
        let Some((number, layer)) = network
            .layers()
            .iter()
            .enumerate()
            .find(|(_, layer)| layer.output == neuron.tensor)
        else {
            return field;
        };
        let run = self.layer_run(number);
        for (input, &read) in layer.inputs.iter().enumerate() {
            let tensor = network.base(read);
            layer
                .op
                .receptive_field(&run, Slot::Input(input), neuron.at, &mut |at| {
                    if field.len() < most {
                        field.insert(Neuron { tensor, at });
                    }
                });
        }
        field
    }
}
