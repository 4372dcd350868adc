//! What all nodes of a model share: the network that they become, and what is known of the model.

use std::collections::{HashMap, HashSet};

use super::constant::count;
use super::error::Unsupported;
use super::layer::{Layer, Operand, Parameter};
use super::module::Recurrent;
use super::names::{Names, legal};
use super::parameters::Parameters;
use super::remarks::Remarks;
use super::value::{Known, Maker, Value};
use super::which::{BIAS, WEIGHT, Which};
use crate::scenario::Files;
use crate::tape::{Draft, Handle, NetworkBuilder, Reads};
use crate::tensor::Tensor;

/// What all nodes of a model share.
pub(super) struct Context<'a> {
    /// The version of the operators.
    pub(super) opset: i64,
    pub(super) files: &'a dyn Files,
    pub(super) net: NetworkBuilder,
    names: Names,
    /// How many elements the constants to come may have together. They are no part of the scenario
    /// unless a layer reads them.
    pub(super) elements_left: usize,
    /// Which parameters of the model its nodes read.
    pub(super) parameters: Parameters,
    /// What the model calls that which its nodes make, by their numbers.
    pub(super) called: HashMap<usize, String>,
    /// The names of the model's outputs, where their layers are to be called so.
    pub(super) names_of_outputs: HashSet<String>,
    /// The recurrent nodes as layers of their modules.
    pub(super) recurrent: HashMap<usize, Recurrent>,
    /// The known numbers that layers read as inputs, by their names.
    inputs: HashMap<String, Operand>,
    /// The parameters that several layers share, by what tells them apart and their sizes.
    shared: HashMap<(String, Vec<usize>), Operand>,
    /// How often each name of the model is read, or asked for.
    reads: HashMap<String, usize>,
    /// The products with a weight, which may yet get a bias, by their tensors' names in the model.
    products: HashMap<String, Layer>,
    /// Adds the layer of a node whose numbers are known, but made of a parameter.
    remade: Remade,
    /// What the user should know of the scenario.
    pub(super) remarks: Remarks,
}

/// What adds the layer of a node whose numbers are known.
type Remade = fn(&mut Context<'_>, &Maker) -> Result<Value, Unsupported>;

impl<'a> Context<'a> {
    /// A network without parts. `reads` says how often each name of the model is read.
    pub(super) fn new(
        opset: i64,
        files: &'a dyn Files,
        max_elements: usize,
        reads: HashMap<String, usize>,
        remade: Remade,
    ) -> Self {
        Self {
            opset,
            files,
            net: NetworkBuilder::with_limit(max_elements),
            names: Names::default(),
            elements_left: max_elements,
            parameters: Parameters::default(),
            called: HashMap::new(),
            names_of_outputs: HashSet::new(),
            recurrent: HashMap::new(),
            inputs: HashMap::new(),
            shared: HashMap::new(),
            reads,
            products: HashMap::new(),
            remade,
            remarks: Remarks::default(),
        }
    }

    /// The parts of the network, and what the user should know of it.
    pub(super) fn finish(mut self) -> (NetworkBuilder, Remarks) {
        self.remarks.apart = std::mem::take(&mut self.parameters.apart);
        (self.net, self.remarks)
    }

    /// Returns an error unless the network may have so many elements more. It is asked before any
    /// memory is taken for them.
    pub(super) fn expect_room(&self, elements: usize) -> Result<(), Unsupported> {
        if elements <= self.net.elements_left() {
            Ok(())
        } else {
            Err(Unsupported::TooManyElements)
        }
    }

    /// Takes a constant's elements from what is left.
    pub(super) fn charge(&mut self, elements: usize) -> Result<(), Unsupported> {
        let left = self.elements_left.checked_sub(elements);
        self.elements_left = left.ok_or(Unsupported::TooManyElements)?;
        Ok(())
    }

    /// Takes the elements of sizes from what is left, before any memory is.
    pub(super) fn charge_sizes(&mut self, sizes: &[usize]) -> Result<(), Unsupported> {
        self.charge(count(sizes).unwrap_or(usize::MAX))
    }

    /// Returns known numbers as an input of the network, the same one for all who read them, or as
    /// what a layer makes of a parameter.
    pub(super) fn operand(&mut self, known: &Known) -> Result<Operand, Unsupported> {
        if let Some(operand) = self.inputs.get(&known.name) {
            return Ok(operand.clone());
        }
        if let Some(maker) = &known.made_by
            && let Value::Computed(operand) = (self.remade)(self, maker)?
        {
            self.inputs.insert(known.name.clone(), operand.clone());
            return Ok(operand);
        }
        self.expect_room(known.constant.len())?;
        let operand = self.input(&known.name, known.constant.tensor()?)?;
        self.inputs.insert(known.name.clone(), operand.clone());
        Ok(operand)
    }

    /// Whether what a node reads as the input of that number is a parameter of the model, or made
    /// of one.
    pub(super) fn is_trained(&self, node: usize, input: usize, value: &Value) -> bool {
        match value {
            Value::Constant(known) if known.constant.floats().is_some() => {
                let which = self.parameters.read(node, input);
                known.made_by.is_some() || which.is_some_and(|which| which.is_named)
            }
            Value::Constant(_) | Value::Given(_) | Value::Computed(_) => false,
        }
    }

    /// Whether a parameter of the model is read, or is one of the scenario.
    pub(super) fn has_parameter(&self, name: &str) -> bool {
        self.parameters.has(name) || self.net.find(&legal(name)).is_some()
    }

    /// Adds what a branch of the model reads.
    pub(super) fn also_read(&mut self, reads: HashMap<String, usize>) {
        for (name, n) in reads {
            *self.reads.entry(name).or_insert(0) += n;
        }
    }

    /// Whether a tensor of the model is read, or asked for.
    pub(super) fn is_read(&self, name: &str) -> bool {
        self.reads.contains_key(name)
    }

    /// Returns known numbers as a parameter that layers read as they read inputs.
    pub(super) fn trained(&mut self, which: &Which, known: &Known) -> Result<Operand, Unsupported> {
        self.expect_room(known.constant.len())?;
        Ok(self.shared(which, known.constant.tensor()?))
    }

    /// Returns a parameter of the model, the same one for all who read it. `tensor` is its value.
    pub(super) fn shared(&mut self, which: &Which, tensor: Tensor) -> Operand {
        let key = (which.key.clone(), tensor.shape().to_vec());
        if let Some(operand) = self.shared.get(&key) {
            return operand.clone();
        }
        let name = self.free_name(&which.name, &[]);
        let shape = tensor.shape().clone();
        let tensor = self.net.parameter(&name, tensor);
        if !which.is_named {
            self.remarks.unnamed(name.clone());
        }
        let operand = Operand {
            tensor,
            name,
            shape,
        };
        self.shared.insert(key, operand.clone());
        operand
    }

    /// Adds an input with a name like the one that is wanted.
    pub(super) fn input(&mut self, wanted: &str, tensor: Tensor) -> Result<Operand, Unsupported> {
        let name = self.free_name(wanted, &[]);
        let n_errors = self.net.errors().len();
        let input = self.net.input(&name, tensor);
        self.added(input, name, n_errors)
    }

    /// Adds a layer with a name like the one that is wanted.
    ///
    /// # Errors
    /// What its op has against its settings, or against what it reads; an output that is too large.
    pub(super) fn layer(&mut self, wanted: &str, layer: Layer) -> Result<Operand, Unsupported> {
        let layer = layer.named_alike();
        let keys: Vec<&str> = layer.keys().collect();
        // A parameter of its own has the layer's name before its own.
        let is_named = keys.is_empty() && self.names_of_outputs.contains(wanted);
        let home = layer.home().filter(|_| !is_named);
        let name = self.free_name(home.unwrap_or(wanted), &keys);
        let n_errors = self.net.errors().len();
        let inputs: Vec<Handle> = layer.from.iter().map(|operand| operand.tensor).collect();
        let weight = layer
            .weight
            .map(|weight| self.parameter(&name, WEIGHT, weight));
        let bias = layer.bias.map(|bias| self.parameter(&name, BIAS, bias));
        let reads = Reads::from(inputs).weight(weight).bias(bias);
        let layer = self.net.draft(Draft::new(&name, layer.op, reads));
        self.added(layer, name, n_errors)
    }

    /// Adds a layer that is a product with a weight. `output` is its tensor's name in the model,
    /// under which it may yet get a bias.
    pub(super) fn product(
        &mut self,
        wanted: &str,
        output: &str,
        layer: Layer,
    ) -> Result<Operand, Unsupported> {
        self.products.insert(output.to_owned(), layer.clone());
        self.layer(wanted, layer)
    }

    /// Gives a bias to the product that was added last, which nobody has read yet, and names it
    /// anew. Where another layer was added since, the product stays as it is.
    ///
    /// # Errors
    /// As for any layer.
    pub(super) fn give_bias(
        &mut self,
        wanted: &str,
        (output, product): (&str, &Operand),
        bias: Parameter,
    ) -> Result<Option<Operand>, Unsupported> {
        let Some(layer) = self.products.get(output).cloned() else {
            return Ok(None);
        };
        if !self.net.take_back(product.tensor) {
            return Ok(None);
        }
        // Its weight gets another name too.
        let net = &self.net;
        self.remarks.keep(|name| net.find(name).is_some());
        self.shared
            .retain(|_, of| net.find(&of.name) == Some(of.tensor));
        self.layer(wanted, layer.bias(Some(bias))).map(Some)
    }

    /// Whether a name is that of a product with a weight, which a single node reads.
    pub(super) fn is_open_product(&self, output: &str) -> bool {
        self.products.contains_key(output) && self.reads.get(output) == Some(&1)
    }

    fn parameter(&mut self, layer: &str, key: &str, parameter: Parameter) -> Handle {
        if let Some(which) = parameter.shared_as_is().cloned() {
            return self.shared(&which, parameter.tensor).tensor;
        }
        let name = format!("{layer}.{key}");
        let tensor = self.net.parameter(&name, parameter.tensor);
        if let Some(which) = parameter.shared {
            self.remarks.copy_of(which.name, name);
        }
        tensor
    }

    fn free_name(&mut self, wanted: &str, keys: &[&str]) -> String {
        let net = &self.net;
        self.names
            .free(wanted, keys, |name| net.find(name).is_none())
    }

    /// Returns what was added, or the first thing that is wrong with it.
    fn added(&self, tensor: Handle, name: String, n_errors: usize) -> Result<Operand, Unsupported> {
        if let Some(error) = self.net.errors().get(n_errors) {
            return Err(Unsupported::layer(error.fault.clone()));
        }
        let shape = self.net.shape(tensor).cloned();
        let shape = shape.ok_or_else(|| Unsupported::new("reads what is declined"))?;
        Ok(Operand {
            tensor,
            name,
            shape,
        })
    }
}
