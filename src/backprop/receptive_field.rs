//! What a neuron is computed from, and whether it is the winner there.

use super::Backprop;
use crate::ops::{FactorKind, OperandRole};
use crate::tape::Kind;
use crate::tensor::Element;

impl Backprop {
    /// Whether a neuron wins a max-pooling window.
    pub fn wins(&self, element: Element) -> bool {
        let network = self.network();
        network.consumers(element.tensor).iter().any(|consumer| {
            let layer = &network.layers()[consumer.layer];
            let mut wins = false;
            if layer.op.ties().is_some() {
                layer.op.contributions(
                    &self.layer_run(consumer.layer),
                    consumer.role,
                    element.at,
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

    /// Returns the neurons that a neuron is computed from, weights left out, in their order: those
    /// at most that are found first.
    pub fn receptive_field(&self, element: Element, most: usize) -> Vec<Element> {
        let mut field = Vec::new();
        let network = self.network();
        let Kind::Layer(number) = network.tensor(element.tensor).kind else {
            return field;
        };
        let layer = &network.layers()[number];
        let run = self.layer_run(number);
        for (input, &read) in layer.inputs.iter().enumerate() {
            let tensor = network.base(read);
            layer
                .op
                .receptive_field(&run, OperandRole::Input(input), element.at, &mut |at| {
                    if field.len() < most {
                        field.push(Element { tensor, at });
                    }
                });
        }
        field.sort_unstable();
        field.dedup();
        field
    }
}
