use std::collections::BTreeMap;

use super::{Kind, Network};
use crate::tensor::TensorId;

impl Network {
    /// Returns by tensor that is neither a view nor a parameter how many layers lie between it and
    /// the inputs: the column in which it stands where data flows from left to right. An input that
    /// is only read later stands right before whoever reads it first.
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
        for id in self.ids().filter(|&id| self.tensor(id).kind == Kind::Input) {
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
