//! What a layer is added from.

use std::sync::Arc;

use crate::ops::{Descriptor, Op, OperandRole, Value};

/// A tensor of a network that is being built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Handle(pub(super) Place);

/// Where a tensor stands among its like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Input(usize),
    Layer(usize),
    Parameter(usize),
    /// What the layer of that number computes before its own activation. No layer reads it.
    PreActivation(usize),
    /// What becomes of a parameter in an update, by its place among those that are updated. No
    /// layer reads it.
    Updated(usize),
}

/// The tensors that a layer reads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reads {
    /// Its inputs, in their order.
    pub inputs: Vec<Handle>,
    /// Its weight.
    pub weight: Option<Handle>,
    /// Its bias.
    pub bias: Option<Handle>,
}

impl Reads {
    /// The same with a weight.
    #[must_use]
    pub fn weight(self, weight: impl Into<Option<Handle>>) -> Self {
        let weight = weight.into();
        Self { weight, ..self }
    }

    /// The same with a bias.
    #[must_use]
    pub fn bias(self, bias: impl Into<Option<Handle>>) -> Self {
        let bias = bias.into();
        Self { bias, ..self }
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = Handle> {
        self.inputs
            .iter()
            .copied()
            .chain(self.weight)
            .chain(self.bias)
    }

    pub(super) fn get(&self, role: OperandRole) -> Option<Handle> {
        match role {
            OperandRole::Input(number) => self.inputs.get(number).copied(),
            OperandRole::Weight => self.weight,
            OperandRole::Bias => self.bias,
        }
    }
}

impl From<Vec<Handle>> for Reads {
    fn from(inputs: Vec<Handle>) -> Self {
        Self {
            inputs,
            ..Self::default()
        }
    }
}

impl<const N: usize> From<[Handle; N]> for Reads {
    fn from(inputs: [Handle; N]) -> Self {
        inputs.to_vec().into()
    }
}

/// A layer as far as it is known. What is missing is refused already, by whoever read it.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) op: Option<Recipe>,
    pub(crate) reads: Reads,
    /// Whether all of the inputs are known.
    pub(crate) has_inputs: bool,
}

/// What a layer's op is made from.
#[derive(Debug, Clone)]
pub(crate) enum Recipe {
    /// The op itself, whose settings nobody has checked.
    Made(Arc<dyn Op>),
    /// A row of the table and settings for it.
    Given {
        op: &'static Descriptor,
        given: Vec<(&'static str, Value)>,
        /// The settings whose values are refused already.
        refused: Vec<&'static str>,
    },
}

impl Recipe {
    pub(crate) fn given(op: &'static Descriptor, given: Vec<(&'static str, Value)>) -> Self {
        let refused = Vec::new();
        Self::Given { op, given, refused }
    }

    pub(super) fn descriptor(&self) -> &'static Descriptor {
        match self {
            Self::Made(op) => op.descriptor(),
            Self::Given { op, .. } => op,
        }
    }
}

impl<'a> Draft<'a> {
    pub(crate) fn new(name: &'a str, op: Recipe, reads: Reads) -> Self {
        Self {
            name: Some(name),
            op: Some(op),
            reads,
            has_inputs: true,
        }
    }
}
