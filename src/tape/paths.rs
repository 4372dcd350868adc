//! How one neuron is computed from another.

use std::collections::BTreeSet;

use super::{Kind, Tape};
use crate::tensor::Element;

/// How one neuron is computed from another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Path {
    /// Whether it looks at the other one itself.
    pub is_direct: bool,
    /// The neurons between the two that look at the other one themselves, in the order of tensors
    /// and places.
    pub by_way_of: Vec<Element>,
}

impl Path {
    /// Whether there is any way at all.
    pub fn is_there(&self) -> bool {
        self.is_direct || !self.by_way_of.is_empty()
    }
}

impl Tape {
    /// Returns how `downstream` is computed from `element`. A view's elements are its base's, and
    /// what a layer computes before its activation is taken for its output.
    ///
    /// It walks back from `downstream` over everything that it is computed from.
    pub fn path(&self, element: Element, downstream: Element) -> Path {
        let base = |Element { tensor, at }| Element {
            tensor: match self.network.tensor(tensor).kind {
                Kind::PreActivation(layer) => self.network.layers()[layer].output,
                Kind::Input | Kind::Layer(_) | Kind::Parameter(_) | Kind::Updated(_) => {
                    self.network.base(tensor)
                }
            },
            at,
        };
        let (element, downstream) = (base(element), base(downstream));
        let mut ancestors = vec![BTreeSet::new(); self.values.len()];
        ancestors[downstream.tensor.0 as usize].insert(downstream.at);
        let (mut is_direct, mut by_way_of) = (false, BTreeSet::new());
        for (number, layer) in self
            .network
            .layers()
            .iter()
            .enumerate()
            .rev()
            .filter(|(_, layer)| !layer.op.is_view())
        {
            let run = self.layer_run(number, &[]);
            for at in std::mem::take(&mut ancestors[layer.output.0 as usize]) {
                let output = Element {
                    tensor: layer.output,
                    at,
                };
                for (role, read) in layer.roles() {
                    let tensor = self.network.base(read);
                    layer.op.receptive_field(&run, role, at, &mut |at| {
                        if element == (Element { tensor, at }) {
                            is_direct |= output == downstream;
                            by_way_of.extend((output != downstream).then_some(output));
                        }
                        ancestors[tensor.0 as usize].insert(at);
                    });
                }
            }
        }
        Path {
            is_direct,
            by_way_of: by_way_of.into_iter().collect(),
        }
    }
}
