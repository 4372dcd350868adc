//! What a neuron is computed from, and whether it is the winner there.

use super::Backprop;
use crate::ops::{FactorKind, OperandRole};
use crate::tape::Kind;
use crate::tensor::{Element, TensorId};

impl Backprop {
    /// Whether a neuron wins a max-pooling window.
    pub fn wins(&self, element: Element) -> bool {
        let network = self.network();
        network.consumers(element.tensor).iter().any(|consumer| {
            let layer = network.layer(consumer.layer);
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
        let Some(layer) = self.network().layer_of(element.tensor) else {
            return field;
        };
        for (input, &read) in layer.inputs.iter().enumerate() {
            self.read_by(element, read, OperandRole::Input(input), &mut |read| {
                if field.len() < most {
                    field.push(read);
                }
            });
        }
        field.sort_unstable();
        field.dedup();
        field
    }

    /// Visits the elements of an operand that a layer's neuron is computed from.
    fn read_by(
        &self,
        neuron: Element,
        operand: TensorId,
        role: OperandRole,
        visit: &mut dyn FnMut(Element),
    ) {
        let network = self.network();
        let Kind::Layer(number) = network.tensor(neuron.tensor).kind else {
            return;
        };
        let tensor = network.base(operand);
        let (op, run) = (&network.layers()[number].op, self.layer_run(number));
        op.receptive_field(&run, role, neuron.at, &mut |at| {
            visit(Element { tensor, at })
        });
    }
}
