//! A network and its recorded forward run.

mod builder;
mod depths;
mod network;
mod nudged;
mod paths;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use builder::{
    Built, Handle, MAX_ELEMENTS, NetworkBuilder, NetworkError, NetworkErrors, NetworkFault, Reads,
    Site,
};
pub(crate) use builder::{Draft, Recipe};
pub use network::{Consumer, Kind, Layer, Network, TensorInfo, Updates};
pub use paths::Path;

use crate::cancel::{Cancel, Cancelled};
use crate::ops::{Inputs, Operand, OperandRole, Operands, Run};
use crate::tensor::{Arithmetic, Element, Escapes, OutOfRange, Tensor, TensorId};

/// The values of every tensor of a network, as the forward run left them.
#[derive(Debug, Clone)]
pub struct Tape {
    network: Arc<Network>,
    /// By tensor.
    values: Vec<Tensor>,
    /// By tensor: which of its values left the range of the format as they were rounded.
    escapes: Vec<Escapes>,
    /// What each value is rounded to once its tensor is complete.
    arithmetic: Arithmetic,
    /// The same run without rounding, where this one rounds.
    unrounded: Option<Arc<Tape>>,
}

impl Tape {
    /// Runs the network forward on the values of its inputs and parameters.
    ///
    /// # Panics
    /// One of them is not there in its tensor's shape, which [`NetworkBuilder::build`] sees to.
    ///
    /// [`NetworkBuilder::build`]: builder::NetworkBuilder::build
    pub fn record(network: Arc<Network>, leaves: &BTreeMap<TensorId, Tensor>) -> Self {
        let n_layers = network.layers().len();
        let mut tape = Self::unrun(network, leaves);
        (0..n_layers).for_each(|layer| tape.run_forward(layer));
        tape
    }

    /// Does the same, for as long as nobody cancels it.
    ///
    /// # Errors
    /// It was given up.
    ///
    /// # Panics
    /// Where [`Tape::record`] does.
    pub fn try_record(
        network: Arc<Network>,
        leaves: &BTreeMap<TensorId, Tensor>,
        cancel: &Cancel,
    ) -> Result<Self, Cancelled> {
        Self::try_record_in(Arithmetic::default(), network, leaves, cancel)
    }

    /// Does the same in another arithmetic: every tensor's values are rounded to its precision once
    /// they are complete, those of inputs and parameters too. A run that rounds has one that does
    /// not [beside it](Self::unrounded).
    ///
    /// # Errors
    /// It was given up.
    ///
    /// # Panics
    /// Where [`Tape::record`] does.
    pub fn try_record_in(
        arithmetic: Arithmetic,
        network: Arc<Network>,
        leaves: &BTreeMap<TensorId, Tensor>,
        cancel: &Cancel,
    ) -> Result<Self, Cancelled> {
        let unrounded = arithmetic.precision.rounds().then(|| {
            let network = Arc::clone(&network);
            Self::try_record_in(arithmetic.unrounded(), network, leaves, cancel).map(Arc::new)
        });
        let unrounded = unrounded.transpose()?;
        let n_layers = network.layers().len();
        let tape = Self::unrun(network, leaves);
        let mut tape = Self {
            arithmetic,
            unrounded,
            ..tape
        };
        for id in Arc::clone(&tape.network).ids() {
            let leaf = std::mem::replace(&mut tape.values[id.0 as usize], Tensor::scalar(0.0));
            tape.put(id, leaf);
        }
        for layer in 0..n_layers {
            cancel.check()?;
            tape.run_forward(layer);
        }
        Ok(tape)
    }

    /// The values that are given, and nothing that follows from them yet.
    fn unrun(network: Arc<Network>, leaves: &BTreeMap<TensorId, Tensor>) -> Self {
        let value = |id: TensorId| {
            let tensor = network.tensor(id);
            let given = match tensor.kind {
                Kind::Layer(_) | Kind::PreActivation(_) => return Tensor::scalar(0.0),
                Kind::Input | Kind::Parameter(_) => id,
                Kind::Updated(parameter) => parameter,
            };
            let leaf = leaves
                .get(&given)
                .filter(|leaf| *leaf.shape() == tensor.shape);
            let Some(leaf) = leaf else {
                panic!("`{}` has no value of shape {}", tensor.name, tensor.shape);
            };
            leaf.clone()
        };
        let values: Vec<Tensor> = network.ids().map(value).collect();
        Self {
            network,
            escapes: vec![Escapes::default(); values.len()],
            values,
            arithmetic: Arithmetic::default(),
            unrounded: None,
        }
    }

    /// Returns the tape with other values of some tensors, from which nothing else is run again.
    pub(crate) fn with_values(&self, values: BTreeMap<TensorId, Tensor>) -> Self {
        let mut tape = self.clone();
        for (id, value) in values {
            tape.values[id.0 as usize] = value;
        }
        tape
    }

    /// The network that was run.
    pub fn network(&self) -> &Arc<Network> {
        &self.network
    }

    /// What the numbers of the run are rounded to, and what its gradients are multiplied by.
    pub fn arithmetic(&self) -> Arithmetic {
        self.arithmetic
    }

    /// The same run without rounding: this one where it does not round.
    pub fn unrounded(&self) -> &Self {
        self.unrounded.as_deref().unwrap_or(self)
    }

    /// The same run for gradients that are multiplied by another loss scale.
    pub(crate) fn with_loss_scale(&self, loss_scale: f64) -> Self {
        let unrounded = self.unrounded.as_deref();
        Self {
            arithmetic: Arithmetic {
                loss_scale,
                ..self.arithmetic
            },
            unrounded: unrounded.map(|tape| Arc::new(tape.with_loss_scale(loss_scale))),
            ..self.clone()
        }
    }

    /// The values of a tensor; of what becomes of a parameter in an update, those before it.
    pub fn value(&self, tensor: TensorId) -> &Tensor {
        &self.values[tensor.0 as usize]
    }

    /// The value of a neuron.
    pub fn element(&self, element: Element) -> f64 {
        self.value(element.tensor).data()[element.at]
    }

    /// Which values of a tensor left the range of the format as they were rounded.
    pub fn escapes(&self, tensor: TensorId) -> &Escapes {
        &self.escapes[tensor.0 as usize]
    }

    /// How a neuron's value left the range of the format as it was rounded, if it did.
    pub fn out_of_range(&self, element: Element) -> Option<OutOfRange> {
        let tensor = self.network.base(element.tensor);
        self.escapes(tensor).at(element.at)
    }

    /// Keeps the values of a tensor, which are complete now.
    fn put(&mut self, tensor: TensorId, complete: Tensor) {
        let (values, escapes) = complete.rounded_to(self.arithmetic.precision);
        self.values[tensor.0 as usize] = values;
        self.escapes[tensor.0 as usize] = escapes;
    }

    /// The input z of a layer's own activation, where it has one.
    pub fn preactivation(&self, layer: usize) -> Option<&Tensor> {
        self.network.pre_activation(layer).map(|z| self.value(z))
    }

    /// Returns a layer's run, with the upstream gradient of its output, or with none before
    /// backprop.
    #[inline]
    pub fn layer_run<'a>(&'a self, layer: usize, upstream: &'a [f64]) -> Run<'a> {
        let node = self.network.layer(layer);
        let activation = node.op.activation().zip(self.preactivation(layer));
        Run {
            operands: self.operands(node),
            output: self.operand(node.output),
            activation,
            upstream,
            upstream_at_sums: None,
            may_meet_negative_zeros: true,
        }
    }

    fn run_forward(&mut self, number: usize) {
        let network = Arc::clone(&self.network);
        let layer = &network.layers()[number];
        let computed = layer
            .op
            .forward(&self.operands(layer), &network.tensor(layer.output).shape);
        let computes = network.pre_activation(number).unwrap_or(layer.output);
        self.put(computes, computed);
        self.activate(number);
    }

    /// Applies a layer's own activation, where it has one, to what was computed before it.
    fn activate(&mut self, number: usize) {
        let layer = &self.network.layers()[number];
        let output = layer.output;
        if let Some((activation, z)) = layer.op.activation().zip(self.preactivation(number)) {
            let activated = activation.of(z);
            self.put(output, activated);
        }
    }

    #[inline]
    fn operands<'a>(&'a self, layer: &'a Layer) -> Operands<'a> {
        Operands {
            inputs: Inputs::new(&layer.inputs, self.network.bases(), &self.values),
            weight: layer.weight.map(|id| self.operand(id)),
            bias: layer.bias.map(|id| self.operand(id)),
        }
    }

    #[inline]
    fn operand(&self, id: TensorId) -> Operand<'_> {
        Operand::of(id, self.network.bases(), &self.values)
    }
}

impl Layer {
    /// The tensors that the layer reads, in the order in which backprop visits them.
    pub fn roles(&self) -> impl Iterator<Item = (OperandRole, TensorId)> {
        let inputs = self
            .inputs
            .iter()
            .enumerate()
            .map(|(number, &id)| (OperandRole::Input(number), id));
        inputs
            .chain(self.weight.map(|id| (OperandRole::Weight, id)))
            .chain(self.bias.map(|id| (OperandRole::Bias, id)))
    }

    /// The number of axes that the layer's windows slide along; 0 where it has no windows.
    pub fn spatial_axes(&self) -> usize {
        self.op.descriptor().axes
    }

    /// The tensor in a slot, where the layer has that slot.
    pub fn tensor_in(&self, role: OperandRole) -> Option<TensorId> {
        match role {
            OperandRole::Input(number) => self.inputs.get(number).copied(),
            OperandRole::Weight => self.weight,
            OperandRole::Bias => self.bias,
        }
    }
}
