//! A checked network: what reads what.

use std::collections::HashMap;
use std::fmt;

use smallvec::SmallVec;
use std::sync::Arc;

use crate::ops::{Elementwise, Op, OperandRole};
use crate::optim::Optimizer;
use crate::tensor::{Address, Element, Shape, TensorId};

/// A checked network: its tensors, its layers in an order that only looks back, and who reads what.
#[derive(Debug, Clone)]
pub struct Network {
    tensors: Vec<TensorInfo>,
    layers: Vec<Layer>,
    /// The activations that layers end in, each as a layer of its own.
    activations: Vec<Layer>,
    /// By layer: what its own activation is taken of.
    pre_activations: Vec<Option<TensorId>>,
    by_name: HashMap<String, TensorId>,
    consumers: Vec<Vec<Consumer>>,
    /// By tensor: the one whose elements it shows, which is itself unless it is a view.
    bases: Vec<TensorId>,
    /// By tensor: the views that are taken of it directly.
    views: Vec<Vec<TensorId>>,
    updates: Option<Updates>,
}

/// How the parameters of a network are updated.
#[derive(Debug, Clone, PartialEq)]
pub struct Updates {
    /// What makes an update of a gradient.
    pub optimizer: Optimizer,
    /// The parameters that are updated, in their order.
    pub parameters: Vec<TensorId>,
}

/// What is known of a tensor before any number is.
#[derive(Debug, Clone, PartialEq)]
pub struct TensorInfo {
    /// Its name, unique in the network.
    pub name: String,
    /// What it is to the network.
    pub kind: Kind,
    /// The size of each axis.
    pub shape: Shape,
    /// The tensor whose neurons it shows under another index, where the tensor is a view.
    pub view_of: Option<TensorId>,
}

/// What a tensor is to its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Given to the network.
    Input,
    /// The output of the layer of that number.
    Layer(usize),
    /// Trained: a weight, a bias or a table. The layer of that number is the first to read it.
    Parameter(usize),
    /// What the layer of that number computes before its own activation.
    PreActivation(usize),
    /// What becomes of that parameter in an update.
    Updated(TensorId),
}

impl Kind {
    /// The kind's name in a trace.
    pub fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Layer(_) => "layer",
            Self::Parameter(_) => "parameter",
            Self::PreActivation(_) => "pre-activation",
            Self::Updated(_) => "updated",
        }
    }
}

/// A layer: an op, what it reads, and the tensor it makes.
#[derive(Clone)]
pub struct Layer {
    /// What is computed.
    pub op: Arc<dyn Op>,
    /// The tensors in `from`.
    pub inputs: Vec<TensorId>,
    /// The weight, where the op has one.
    pub weight: Option<TensorId>,
    /// The bias, where the layer has one.
    pub bias: Option<TensorId>,
    /// What it makes; the tensor has the layer's name.
    pub output: TensorId,
}

/// A layer that reads a tensor, and as what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consumer {
    /// The layer's number.
    pub layer: usize,
    /// Which of its operands the tensor is.
    pub role: OperandRole,
}

impl Network {
    /// Connects the layers to the tensors, and adds what the layers compute before their own
    /// activations. Every id must be one of `tensors`, and every layer must only read what stands
    /// before it.
    pub(super) fn new(mut tensors: Vec<TensorInfo>, layers: Vec<Layer>) -> Self {
        let mut activations = Vec::new();
        let mut pre_activations = vec![None; layers.len()];
        for (number, layer) in layers.iter().enumerate() {
            if let Some(activation) = layer.op.activation() {
                let id = TensorId(id_of(tensors.len()));
                tensors.push(TensorInfo::before_activation(
                    number,
                    &tensors[layer.output.0 as usize],
                ));
                activations.push(Layer {
                    op: Arc::new(Elementwise::from(activation)),
                    inputs: vec![id],
                    weight: None,
                    bias: None,
                    output: layer.output,
                });
                pre_activations[number] = Some(id);
            }
        }
        let by_name = (0..)
            .map(TensorId)
            .zip(&tensors)
            .map(|(id, tensor)| (tensor.name.clone(), id))
            .collect();
        let n_tensors = tensors.len();
        let network = Self {
            tensors,
            layers,
            activations,
            pre_activations,
            by_name,
            consumers: Vec::new(),
            bases: Vec::new(),
            views: Vec::new(),
            updates: None,
        };
        let mut bases: Vec<TensorId> = network.ids().collect();
        let mut views = vec![Vec::new(); n_tensors];
        for id in network.ids() {
            // A view is a layer, so that what it shows stands before it or is no view itself.
            if let Some(viewed) = network.tensor(id).view_of {
                bases[id.0 as usize] = bases[viewed.0 as usize];
                views[viewed.0 as usize].push(id);
            }
        }
        let mut consumers = vec![Vec::new(); n_tensors];
        for (number, layer) in network
            .layers
            .iter()
            .enumerate()
            .filter(|(_, layer)| !layer.op.is_view())
        {
            for (role, read) in layer.roles() {
                // Who reads a view reads its base's neurons, and those of every view between them.
                network.chain(read).for_each(|id| {
                    consumers[id.0 as usize].push(Consumer {
                        layer: number,
                        role,
                    })
                });
            }
        }
        let activations = (network.layers.len()..).zip(&network.activations);
        for (layer, activation) in activations {
            let role = OperandRole::Input(0);
            consumers[activation.inputs[0].0 as usize].push(Consumer { layer, role });
        }
        Self {
            consumers,
            bases,
            views,
            ..network
        }
    }

    /// Returns the network in which these parameters are updated so. What becomes of each is a
    /// tensor behind all others, of its name with `.new` behind it.
    pub(super) fn updating(mut self, updates: Updates) -> Self {
        for &parameter in &updates.parameters {
            let id = TensorId(id_of(self.tensors.len()));
            let of = self.tensor(parameter);
            let (name, shape) = (updated(&of.name), of.shape.clone());
            self.by_name.insert(name.clone(), id);
            self.tensors.push(TensorInfo {
                name,
                kind: Kind::Updated(parameter),
                shape,
                view_of: None,
            });
            self.consumers.push(Vec::new());
            self.bases.push(id);
            self.views.push(Vec::new());
        }
        self.updates = Some(updates);
        self
    }

    /// Returns the network whose parameters another optimizer updates: those that are updated
    /// already, or all; nothing where there is none.
    ///
    /// # Errors
    /// The name that a tensor has which another would need.
    pub(crate) fn trained_by(&self, optimizer: Optimizer) -> Result<Option<Self>, String> {
        if let Some(updates) = &self.updates {
            let updates = Updates {
                optimizer,
                ..updates.clone()
            };
            let updates = Some(updates);
            return Ok(Some(Self {
                updates,
                ..self.clone()
            }));
        }
        let is_parameter = |id: &TensorId| matches!(self.tensor(*id).kind, Kind::Parameter(_));
        let parameters: Vec<TensorId> = self.ids().filter(is_parameter).collect();
        let mut names = parameters.iter().map(|&id| updated(&self.tensor(id).name));
        if let Some(taken) = names.find(|name| self.find(name).is_some()) {
            return Err(taken);
        }
        let updates = Updates {
            optimizer,
            parameters,
        };
        Ok((!updates.parameters.is_empty()).then(|| self.clone().updating(updates)))
    }

    /// How the parameters are updated, where they are.
    pub fn updates(&self) -> Option<&Updates> {
        self.updates.as_ref()
    }

    /// The parameters that are updated, each with what becomes of it.
    pub fn all_updated(&self) -> impl Iterator<Item = (TensorId, TensorId)> {
        let parameters = self.updates.iter().flat_map(|updates| &updates.parameters);
        let n = self
            .updates
            .as_ref()
            .map_or(0, |updates| updates.parameters.len());
        let new = (id_of(self.tensors.len() - n)..).map(TensorId);
        parameters.copied().zip(new)
    }

    /// What becomes of a parameter in an update, where it is updated.
    pub fn updated(&self, parameter: TensorId) -> Option<TensorId> {
        let mut all = self.all_updated();
        all.find_map(|(id, new)| (id == parameter).then_some(new))
    }

    /// All tensors: the inputs, then the layers' outputs, then the parameters, each in the order in
    /// which they were added, then what layers compute before their own activations, and at last
    /// what becomes of parameters in an update.
    pub fn tensors(&self) -> &[TensorInfo] {
        &self.tensors
    }

    /// The ids of all tensors.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = TensorId> + use<> {
        (0..id_of(self.tensors.len())).map(TensorId)
    }

    /// The layers in their order.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The layer of a number. The numbers behind those of all [layers](Self::layers) are those of
    /// the activations that layers end in: each reads what its layer computes before it. The data
    /// do not flow through these, so that whoever follows the data need not know them.
    pub fn layer(&self, number: usize) -> &Layer {
        let activation = || &self.activations[number - self.layers.len()];
        self.layers.get(number).unwrap_or_else(activation)
    }

    /// What a layer computes before its own activation, where it has one.
    pub fn pre_activation(&self, layer: usize) -> Option<TensorId> {
        self.pre_activations.get(layer).copied().flatten()
    }

    /// What the layers compute before their own activations, in the layers' order, each with the
    /// layer's output.
    pub fn pre_activations(&self) -> impl Iterator<Item = (TensorId, TensorId)> {
        let activations = self.activations.iter();
        activations.map(|activation| (activation.inputs[0], activation.output))
    }

    /// What is known of a tensor.
    pub fn tensor(&self, id: TensorId) -> &TensorInfo {
        &self.tensors[id.0 as usize]
    }

    /// Whether a tensor of another network is one of this, of the same name.
    pub(crate) fn shares(&self, other: &Self, id: TensorId) -> bool {
        let known = self.tensors.get(id.0 as usize);
        known.is_some_and(|known| known.name == other.tensor(id).name)
    }

    /// The tensor of that name.
    pub fn find(&self, name: &str) -> Option<TensorId> {
        self.by_name.get(name).copied()
    }

    /// The layer whose output a tensor is.
    pub fn layer_of(&self, id: TensorId) -> Option<&Layer> {
        match self.tensor(id).kind {
            Kind::Layer(number) => Some(&self.layers[number]),
            Kind::Input | Kind::Parameter(_) | Kind::PreActivation(_) | Kind::Updated(_) => None,
        }
    }

    /// What computes a tensor: the op, with its activation; of a tensor that no op computes, what
    /// it is to the network.
    pub fn maker(&self, id: TensorId) -> String {
        let Some(layer) = self.layer_of(id) else {
            return self.tensor(id).kind.name().to_owned();
        };
        let activation = layer
            .op
            .activation()
            .map(|activation| format!(", {}", activation.name()));
        layer.op.name().to_owned() + &activation.unwrap_or_default()
    }

    /// The tensor whose neurons a view shows, or the tensor itself where it is no view.
    pub fn base(&self, id: TensorId) -> TensorId {
        self.bases[id.0 as usize]
    }

    /// The tensor whose gradient somebody means who asks why: of a view its base, and of what
    /// becomes of a parameter the parameter.
    pub fn asked_about(&self, id: TensorId) -> TensorId {
        match self.tensor(id).kind {
            Kind::Updated(parameter) => parameter,
            Kind::Input | Kind::Layer(_) | Kind::Parameter(_) | Kind::PreActivation(_) => {
                self.base(id)
            }
        }
    }

    /// By tensor: its [base](Self::base).
    pub(crate) fn bases(&self) -> &[TensorId] {
        &self.bases
    }

    /// The tensor, what it is a view of, and so on to the base.
    pub(crate) fn chain(&self, id: TensorId) -> impl Iterator<Item = TensorId> {
        std::iter::successors(Some(id), |id| self.tensor(*id).view_of)
    }

    /// The views of a tensor itself, and none of its views, in their order.
    pub(crate) fn views(&self, id: TensorId) -> &[TensorId] {
        &self.views[id.0 as usize]
    }

    /// Returns the tensor and the views of it, directly or by way of other views, in their order.
    pub fn with_views(&self, id: TensorId) -> SmallVec<[TensorId; 4]> {
        let mut all = SmallVec::from_elem(id, 1);
        let mut next = 0;
        while let Some(&one) = all.get(next) {
            all.extend_from_slice(self.views(one));
            next += 1;
        }
        all.sort_unstable();
        all
    }

    /// The layers that read a tensor, or a view of it, in their order; views themselves are not
    /// among them.
    pub fn consumers(&self, id: TensorId) -> &[Consumer] {
        &self.consumers[id.0 as usize]
    }

    /// Whether a parameter is one layer's own weight or bias, and read in no other place.
    pub fn is_own_parameter(&self, id: TensorId) -> bool {
        let is_parameter = matches!(self.tensor(id).kind, Kind::Parameter(_));
        match self.consumers(id) {
            [only] => is_parameter && !matches!(only.role, OperandRole::Input(_)),
            _ => false,
        }
    }

    /// The parameters that are no layer's own, in their order.
    pub fn shared_parameters(&self) -> impl Iterator<Item = TensorId> {
        let is_parameter = |id: &TensorId| matches!(self.tensor(*id).kind, Kind::Parameter(_));
        let parameters = self.ids().filter(is_parameter);
        parameters.filter(|&id| !self.is_own_parameter(id))
    }

    /// The outputs of the layers that read a tensor, or a view of it, in their order.
    pub fn users(&self, id: TensorId) -> Vec<TensorId> {
        let layers = self.consumers(id).iter().map(|consumer| consumer.layer);
        let mut outputs: Vec<TensorId> = layers.map(|layer| self.layer(layer).output).collect();
        outputs.dedup();
        outputs
    }

    /// Whether a tensor's elements stand in windows that one of them wins.
    pub fn competes(&self, id: TensorId) -> bool {
        let consumers = self.consumers(id).iter();
        consumers
            .map(|consumer| &self.layer(consumer.layer).op)
            .any(|op| op.ties().is_some())
    }

    /// The address of a neuron, as people write it.
    pub fn address(&self, element: Element) -> Address {
        let tensor = self.tensor(element.tensor);
        Address::of(&tensor.name, &tensor.shape, element.at)
    }

    /// The neuron at an address that names one; a tensor of one element is its neuron.
    pub fn element(&self, address: &Address) -> Option<Element> {
        let tensor = self.find(&address.tensor)?;
        let shape = &self.tensor(tensor).shape;
        let at = match &address.index {
            Some(index) => shape.place(index)?,
            None => (shape.numel() == 1).then_some(0)?,
        };
        Some(Element { tensor, at })
    }
}

impl TensorInfo {
    /// What the layer of that number computes before its own activation, by the layer's output.
    fn before_activation(layer: usize, output: &Self) -> Self {
        Self {
            name: before_activation(&output.name),
            kind: Kind::PreActivation(layer),
            shape: output.shape.clone(),
            view_of: None,
        }
    }
}

/// The name of what becomes of a parameter in an update.
pub(super) fn updated(parameter: &str) -> String {
    format!("{parameter}.new")
}

/// The name of what a layer computes before its own activation.
pub(super) fn before_activation(layer: &str) -> String {
    format!("{layer}.pre")
}

fn id_of(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layer")
            .field("op", &self.op)
            .field("inputs", &self.inputs)
            .field("weight", &self.weight)
            .field("bias", &self.bias)
            .field("output", &self.output)
            .finish()
    }
}
