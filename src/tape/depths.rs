//! How far each tensor is from the inputs.

use std::collections::BTreeMap;

use super::{Kind, Network};
use crate::tensor::TensorId;

impl Network {
    /// Returns by tensor that data flows through how many layers lie between it and the inputs: the
    /// column in which it stands where data flows from left to right. An input that is only read
    /// later stands right before whoever reads it first, and so does a parameter that a layer reads
    /// as it reads an input. Views and all other parameters have no column.
    pub fn depths(&self) -> BTreeMap<TensorId, usize> {
        let mut depths = BTreeMap::new();
        for layer in self.layers().iter().filter(|layer| !layer.op.is_view()) {
            let inputs = layer.inputs.iter().map(|&input| self.base(input));
            let depth = inputs
                .map(|input| *depths.entry(input).or_insert(0))
                .max()
                .unwrap_or(0)
                + 1;
            depths.insert(layer.output, depth);
        }
        let is_source = |&id: &TensorId| match self.tensor(id).kind {
            Kind::Input => true,
            Kind::Parameter(_) => depths.contains_key(&id),
            Kind::Layer(_) | Kind::PreActivation(_) | Kind::Updated(_) => false,
        };
        let sources: Vec<TensorId> = self.ids().filter(is_source).collect();
        for id in sources {
            let readers = self
                .consumers(id)
                .iter()
                .filter_map(|consumer| depths.get(&self.layers()[consumer.layer].output));
            if let Some(&first) = readers.min() {
                depths.insert(id, first - 1);
            }
        }
        depths
    }
}
