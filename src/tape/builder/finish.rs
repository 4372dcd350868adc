//! The network of parts with which nothing is wrong, and which of its parameters are updated.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Built, Handle, Leaf, NetworkBuilder, NetworkFault, Place, Site};
use crate::optim::Optimizer;
use crate::tape::network::{Kind, Layer, Network, TensorInfo, Updates, updated};
use crate::tensor::{Shape, TensorId};

impl NetworkBuilder {
    /// Updates parameters, each of which is given once. What becomes of one is a tensor of its name
    /// with `.new` behind it; no layer reads it. Nothing is added after this.
    pub fn update(&mut self, optimizer: Optimizer, parameters: impl IntoIterator<Item = Handle>) {
        let mut all = Vec::new();
        for parameter in parameters {
            let Place::Parameter(number) = parameter.0 else {
                let part = self.name(parameter).map(str::to_owned);
                self.refuse(part, Site::Whole, NetworkFault::NotTrained);
                continue;
            };
            let Some(leaf) = self.parameters.get(number) else {
                self.refuse(None, Site::Whole, NetworkFault::Foreign);
                continue;
            };
            let (part, name, shape) = (leaf.name.clone(), updated(&leaf.name), leaf.shape.clone());
            if self.by_name.contains_key(&name) {
                let fault = NetworkFault::NameTaken(name.clone());
                self.refuse(Some(part.clone()), Site::Whole, fault);
            }
            if let Some(shape) = shape {
                self.take(Some(&part), &shape);
            }
            self.call(&name, Handle(Place::Updated(all.len())));
            all.push((number, name));
        }
        self.updates = Some((optimizer, all));
    }

    /// The number that a tensor will have in the network, once nothing is added any more.
    pub(crate) fn id(&self, tensor: Handle) -> TensorId {
        let (n_inputs, n_layers) = self.counts();
        let n_before = |layer: usize| {
            let before = self.layers[..layer].iter();
            before
                .filter(|layer| layer.pre_activation.is_some())
                .count()
        };
        let n_named = n_inputs + n_layers + self.parameters.len();
        tensor.id(n_inputs, n_layers, |of| match of {
            Behind::PreActivation(layer) => n_named + n_before(layer),
            Behind::Updated(number) => n_named + n_before(n_layers) + number,
        })
    }

    /// Makes the network of parts with which nothing is wrong.
    pub(super) fn finish(self) -> Built {
        let (n_inputs, n_layers) = self.counts();
        // No layer reads what another computes before its activation.
        let id = |tensor: Handle| tensor.id(n_inputs, n_layers, |_: Behind| 0);
        let views: Vec<Option<TensorId>> = (0..n_layers)
            .map(|number| self.view_of(Handle(Place::Layer(number))).map(id))
            .collect();
        let mut tensors = Vec::with_capacity(n_inputs + n_layers + self.parameters.len());
        let mut leaves = BTreeMap::new();
        let mut leaf = |place: Place, kind: Kind, leaf: Leaf| {
            leaves.extend(leaf.value.map(|value| (id(Handle(place)), value)));
            TensorInfo {
                name: leaf.name,
                kind,
                shape: leaf.shape.unwrap_or_else(Shape::scalar),
                view_of: None,
            }
        };
        let inputs = self.inputs.into_iter().enumerate();
        tensors.extend(inputs.map(|(number, of)| leaf(Place::Input(number), Kind::Input, of)));
        let mut layers = Vec::with_capacity(n_layers);
        for (number, node) in self.layers.into_iter().enumerate() {
            tensors.push(TensorInfo {
                name: node.name.unwrap_or_default(),
                kind: Kind::Layer(number),
                shape: node.shape.unwrap_or_else(Shape::scalar),
                view_of: views[number],
            });
            layers.extend(node.op.map(|op| Layer {
                op,
                inputs: node.reads.inputs.into_iter().map(id).collect(),
                weight: node.reads.weight.map(id),
                bias: node.reads.bias.map(id),
                output: id(Handle(Place::Layer(number))),
            }));
        }
        let parameters = self.parameters.into_iter().enumerate();
        tensors.extend(parameters.map(|(number, of)| {
            let kind = Kind::Parameter(of.reader.unwrap_or_default());
            leaf(Place::Parameter(number), kind, of)
        }));
        let network = Network::new(tensors, layers);
        let network = match self.updates {
            None => network,
            Some((optimizer, all)) => network.updating(Updates {
                optimizer,
                parameters: all
                    .into_iter()
                    .map(|(number, _)| id(Handle(Place::Parameter(number))))
                    .collect(),
            }),
        };
        Built {
            network: Arc::new(network),
            leaves,
            n_inputs,
        }
    }
}

/// A tensor behind all that have a value of their own.
enum Behind {
    /// What the layer of that number computes before its own activation.
    PreActivation(usize),
    /// What becomes of a parameter, by its place among those that are updated.
    Updated(usize),
}

impl Handle {
    /// The number of a tensor; `behind` knows those of the tensors that stand behind all others.
    fn id(self, n_inputs: usize, n_layers: usize, behind: impl Fn(Behind) -> usize) -> TensorId {
        let number = match self.0 {
            Place::Input(number) => number,
            Place::Layer(number) => n_inputs + number,
            Place::Parameter(number) => n_inputs + n_layers + number,
            Place::PreActivation(layer) => behind(Behind::PreActivation(layer)),
            Place::Updated(number) => behind(Behind::Updated(number)),
        };
        TensorId(u32::try_from(number).expect("a network has fewer tensors than an u32 counts"))
    }
}

impl Built {
    /// The number that a tensor has in the network.
    pub fn id(&self, tensor: Handle) -> TensorId {
        let n_layers = self.network.layers().len();
        tensor.id(self.n_inputs, n_layers, |of| match of {
            Behind::PreActivation(layer) => {
                let of = self.network.pre_activation(layer);
                of.map_or(usize::MAX, |of| of.0 as usize)
            }
            Behind::Updated(number) => {
                let updates = self
                    .network
                    .updates()
                    .map(|updates| updates.parameters.len());
                self.network.tensors().len() - updates.unwrap_or(0) + number
            }
        })
    }
}
