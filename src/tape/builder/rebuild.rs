//! A network again, with something changed.

use std::sync::Arc;

use super::{Draft, Handle, NetworkBuilder, NetworkErrors, Place, Reads, Recipe};
use crate::ops::Op;
use crate::tape::{Kind, Network};
use crate::tensor::TensorId;

impl Network {
    /// Returns the network with another op in the layer of an output.
    ///
    /// # Errors
    /// What does not fit the op, or its output; more elements than are allowed.
    pub(crate) fn with_op(
        &self,
        output: TensorId,
        op: Box<dyn Op>,
        max_elements: usize,
    ) -> Result<Arc<Self>, NetworkErrors> {
        let mut net = NetworkBuilder::with_limit(max_elements);
        for (id, tensor) in self.ids().zip(self.tensors()) {
            match tensor.kind {
                Kind::Input | Kind::Parameter(_) => {
                    net.leaf(
                        self.place(id),
                        &tensor.name,
                        Some(tensor.shape.clone()),
                        None,
                    );
                }
                Kind::Layer(_) | Kind::PreActivation(_) | Kind::Updated(_) => {}
            }
        }
        let mut changed = Some(op);
        for layer in self.layers() {
            let op = match changed.take_if(|_| layer.output == output) {
                Some(op) => op.into(),
                None => Arc::clone(&layer.op),
            };
            let handle = |id| Handle(self.place(id));
            let reads = Reads {
                inputs: layer.inputs.iter().copied().map(handle).collect(),
                weight: layer.weight.map(handle),
                bias: layer.bias.map(handle),
            };
            let name = &self.tensor(layer.output).name;
            net.draft(Draft::new(name, Recipe::Made(op), reads));
        }
        if let Some(updates) = self.updates() {
            let handle = |&id: &TensorId| Handle(self.place(id));
            net.update(updates.optimizer, updates.parameters.iter().map(handle));
        }
        net.build().map(|built| built.network)
    }

    /// Where a tensor stands among its like.
    fn place(&self, id: TensorId) -> Place {
        let number = id.0 as usize;
        match self.tensor(id).kind {
            Kind::Input => Place::Input(number),
            Kind::Layer(layer) => Place::Layer(layer),
            Kind::PreActivation(layer) => Place::PreActivation(layer),
            Kind::Parameter(_) => {
                let last = self
                    .layers()
                    .last()
                    .map_or(0, |layer| layer.output.0 as usize + 1);
                Place::Parameter(number - last)
            }
            Kind::Updated(parameter) => {
                let mut updated = self.updates().into_iter().flat_map(|of| &of.parameters);
                Place::Updated(updated.position(|id| *id == parameter).unwrap_or_default())
            }
        }
    }
}
