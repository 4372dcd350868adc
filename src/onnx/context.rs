//! What all nodes of a model share: the network that they become, and what is known of the model.

use std::collections::HashMap;

use super::constant::count;
use super::error::Unsupported;
use super::layer::{BIAS, Layer, Operand, Parameter, WEIGHT};
use super::names::Names;
use super::value::Known;
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
    /// The known numbers that layers read as inputs, by their origin.
    inputs: HashMap<String, Operand>,
    /// Of each tensor of the scenario that is one of the model: that one's name, and its own.
    pub(super) origins: Vec<(String, String)>,
    /// How often each name of the model is read, or asked for.
    reads: HashMap<String, usize>,
    /// The products with a weight, which may yet get a bias, by their tensors' names in the model.
    products: HashMap<String, Layer>,
    /// What the user should know of the scenario.
    pub(super) remarks: Vec<String>,
}

impl<'a> Context<'a> {
    /// A network without parts. `reads` says how often each name of the model is read.
    pub(super) fn new(
        opset: i64,
        files: &'a dyn Files,
        max_elements: usize,
        reads: HashMap<String, usize>,
    ) -> Self {
        Self {
            opset,
            files,
            net: NetworkBuilder::with_limit(max_elements),
            names: Names::default(),
            elements_left: max_elements,
            inputs: HashMap::new(),
            origins: Vec::new(),
            reads,
            products: HashMap::new(),
            remarks: Vec::new(),
        }
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

    /// Returns known numbers as an input of the network, the same one for all who read them.
    pub(super) fn operand(&mut self, known: &Known) -> Result<Operand, Unsupported> {
        if let Some(operand) = self.inputs.get(&known.origin) {
            return Ok(operand.clone());
        }
        self.expect_room(known.constant.len())?;
        let operand = self.input(&known.name, known.constant.tensor()?)?;
        self.origins
            .push((known.origin.clone(), operand.name.clone()));
        self.inputs.insert(known.origin.clone(), operand.clone());
        Ok(operand)
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
        let keys: Vec<&str> = layer.keys().collect();
        let name = self.free_name(layer.home().unwrap_or(wanted), &keys);
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
    pub(super) fn product(&mut self, output: &str, layer: Layer) -> Result<Operand, Unsupported> {
        self.products.insert(output.to_owned(), layer.clone());
        self.layer(output, layer)
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
        // That of its weight, which gets another name too.
        self.origins.pop();
        self.layer(wanted, layer.bias(Some(bias))).map(Some)
    }

    /// Whether a name is that of a product with a weight, which a single node reads.
    pub(super) fn is_open_product(&self, output: &str) -> bool {
        self.products.contains_key(output) && self.reads.get(output) == Some(&1)
    }

    fn parameter(&mut self, layer: &str, key: &str, parameter: Parameter) -> Handle {
        let name = format!("{layer}.{key}");
        let tensor = self.net.parameter(&name, parameter.tensor);
        self.origins.push((parameter.origin, name));
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
