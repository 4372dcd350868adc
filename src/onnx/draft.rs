//! The scenario that is being made: its inputs and layers, each layer checked by its op as soon as
//! it is there.

use std::collections::HashMap;

use serde_json::Value;

use super::names::Names;
use super::refusal::Refusal;
use crate::ops::{self, Shapes};
use crate::scenario;
use crate::tensor::{Shape, Tensor};

/// A scenario so far.
#[derive(Debug)]
pub(super) struct Draft {
    names: Names,
    /// How many elements the tensors to come may have together.
    elements_left: usize,
    pub(super) inputs: Vec<(String, Tensor)>,
    pub(super) layers: Vec<Layer>,
    /// Where each layer is in the list.
    places: HashMap<String, usize>,
}

/// A tensor that a layer can read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Operand {
    /// Its name in the scenario.
    pub(super) name: String,
    pub(super) shape: Shape,
}

/// A layer, which gets its name when it is added.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) name: String,
    pub(super) op: &'static str,
    pub(super) from: Vec<Operand>,
    pub(super) settings: Vec<(&'static str, Value)>,
    /// Weights, biases and constants, by their keys.
    pub(super) tensors: Vec<(&'static str, Tensor)>,
    /// Of each parameter that is a tensor of the model: its key, and that tensor's name.
    pub(super) origins: Vec<(&'static str, String)>,
    /// What the layer is to be called, where its parameters say so: `fc` for `fc.weight`.
    home: Option<String>,
}

/// Known numbers that become a layer's parameter, and their name in the model.
#[derive(Debug, Clone)]
pub(super) struct Parameter {
    pub(super) tensor: Tensor,
    pub(super) name: String,
    /// The name that they had first.
    pub(super) origin: String,
}

impl Layer {
    pub(super) fn of(op: &'static str, from: impl IntoIterator<Item = Operand>) -> Self {
        let from = from.into_iter().collect();
        Self {
            name: String::new(),
            op,
            from,
            settings: Vec::new(),
            tensors: Vec::new(),
            origins: Vec::new(),
            home: None,
        }
    }

    /// The layer with a setting.
    pub(super) fn set(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.settings.push((key, value.into()));
        self
    }

    /// The layer with a setting, which is left out where it is the op's default.
    pub(super) fn set_unless<T: PartialEq + Into<Value>>(
        self,
        key: &'static str,
        value: T,
        default: T,
    ) -> Self {
        if value == default {
            self
        } else {
            self.set(key, value)
        }
    }

    /// The layer with a number for each axis, written as one where they are equal, and left out
    /// where that is the op's default.
    pub(super) fn set_sizes(
        self,
        key: &'static str,
        sizes: &[usize],
        default: Option<usize>,
    ) -> Self {
        match sizes {
            [first, rest @ ..] if rest.iter().all(|size| size == first) => {
                if default == Some(*first) {
                    self
                } else {
                    self.set(key, *first)
                }
            }
            _ => self.set(key, sizes.to_vec()),
        }
    }

    /// The layer with a constant.
    pub(super) fn constant(mut self, key: &'static str, tensor: Tensor) -> Self {
        self.tensors.push((key, tensor));
        self
    }

    /// The layer with a weight.
    pub(super) fn weight(self, weight: Parameter) -> Self {
        self.parameter("weight", ".weight", weight)
    }

    /// The layer with a bias, where there is one.
    pub(super) fn bias(self, bias: Option<Parameter>) -> Self {
        match bias {
            Some(bias) => self.parameter("bias", ".bias", bias),
            None => self,
        }
    }

    /// The layer with a parameter, from which it gets its name where the parameter is called after
    /// its layer.
    fn parameter(mut self, key: &'static str, ending: &str, parameter: Parameter) -> Self {
        self.home = self
            .home
            .or_else(|| parameter.name.strip_suffix(ending).map(str::to_owned));
        self.origins.push((key, parameter.origin));
        self.constant(key, parameter.tensor)
    }
}

impl Draft {
    /// An empty scenario whose tensors may have so many elements together.
    pub(super) fn new(max_elements: usize) -> Self {
        let places = HashMap::new();
        Self {
            names: Names::default(),
            elements_left: max_elements,
            inputs: Vec::new(),
            layers: Vec::new(),
            places,
        }
    }

    /// Takes elements from what is left, before any memory is.
    ///
    /// # Errors
    /// There are not so many left.
    pub(super) fn charge(&mut self, elements: usize) -> Result<(), Refusal> {
        let left = self.elements_left.checked_sub(elements);
        self.elements_left = left.ok_or_else(too_many)?;
        Ok(())
    }

    /// Adds an input with a name like the one that is wanted. Its elements have been charged.
    pub(super) fn input(&mut self, wanted: &str, tensor: Tensor) -> Operand {
        let name = self.names.take(wanted, &[]);
        let shape = tensor.shape().clone();
        self.inputs.push((name.clone(), tensor));
        Operand { name, shape }
    }

    /// Adds a layer with a name like the one that is wanted. The elements of its parameters have
    /// been charged.
    ///
    /// # Errors
    /// What its op has against its settings, or against what it reads; an output that is too large.
    pub(super) fn layer(&mut self, wanted: &str, mut layer: Layer) -> Result<Operand, Refusal> {
        layer.name = self
            .names
            .take(layer.home.as_deref().unwrap_or(wanted), &layer.parameters());
        let shape = layer.output_shape()?;
        self.charge(shape.numel())?;
        let operand = Operand {
            name: layer.name.clone(),
            shape,
        };
        self.places.insert(layer.name.clone(), self.layers.len());
        self.layers.push(layer);
        Ok(operand)
    }

    /// The layer of a name.
    pub(super) fn find(&self, name: &str) -> Option<&Layer> {
        self.layers.get(*self.places.get(name)?)
    }

    /// Gives a bias to the last layer, which nobody has read yet, and names it anew. Where it is
    /// not the last one, it stays as it is.
    ///
    /// # Errors
    /// As for any layer.
    pub(super) fn give_bias(
        &mut self,
        wanted: &str,
        name: &str,
        bias: Parameter,
    ) -> Result<Option<Operand>, Refusal> {
        let Some(layer) = self.layers.pop_if(|layer| layer.name == name) else {
            return Ok(None);
        };
        self.places.remove(name);
        self.names.give_back(name, &layer.parameters());
        self.layer(wanted, layer.bias(Some(bias))).map(Some)
    }
}

/// What is said of a model that makes more elements than are allowed.
pub(super) fn too_many() -> Refusal {
    Refusal::new("makes too many elements").hinted("`--max-elements` raises the limit")
}

impl Layer {
    /// The keys under which the layer has tensors.
    fn parameters(&self) -> Vec<&'static str> {
        self.tensors.iter().map(|(key, _)| *key).collect()
    }

    /// Returns the shape of the output as the layer's op works it out.
    fn output_shape(&self) -> Result<Shape, Refusal> {
        let op = ops::find(self.op)
            .ok_or_else(|| Refusal::new(format!("needs the op `{}`", self.op)))?;
        let is_parameter = |key: &str| op.parameters.iter().any(|of| of.key == key);
        let settings = self
            .settings
            .iter()
            .map(|(key, value)| (*key, scenario::setting(value.clone())));
        let constants = self
            .tensors
            .iter()
            .filter(|(key, _)| !is_parameter(key))
            .map(|(key, tensor)| (*key, ops::Value::Tensor(tensor.clone())));
        let made = op.op(settings.chain(constants).collect());
        let made = made.map_err(|errors| {
            let problem = errors.first().map(ToString::to_string).unwrap_or_default();
            Refusal::new(format!(
                "asks of `{}` what it cannot do: {problem}",
                self.op
            ))
        })?;
        if !op.arity.contains(&self.from.len()) {
            return Err(Refusal::new(format!(
                "has {} inputs, which `{}` does not take",
                self.from.len(),
                self.op
            )));
        }
        let tensor = |key: &str| {
            self.tensors
                .iter()
                .find(|(known, _)| *known == key)
                .map(|(_, tensor)| tensor.shape())
        };
        let (weight, bias) = (
            format!("{}.weight", self.name),
            format!("{}.bias", self.name),
        );
        let shapes = Shapes {
            inputs: self
                .from
                .iter()
                .map(|operand| (operand.name.as_str(), &operand.shape))
                .collect(),
            weight: tensor("weight").map(|shape| (weight.as_str(), shape)),
            bias: tensor("bias").map(|shape| (bias.as_str(), shape)),
        };
        made.output_shape(&shapes).map_err(|shape_error| {
            let refusal = Refusal::new(format!("does not fit: {}", shape_error.message));
            shape_error
                .hint
                .map_or(refusal.clone(), |hint| refusal.hinted(hint))
        })
    }
}
