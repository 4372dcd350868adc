//! The tensors that a layer reads and writes.

use super::contribution::{Contribution, Factor, FactorKind};
use crate::tensor::{Element, Shape, Tensor, TensorId};

/// A place among the tensors that a layer reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperandRole {
    /// The input of that number in `from`.
    Input(usize),
    /// The layer's weight.
    Weight,
    /// The layer's bias.
    Bias,
}

/// A tensor that a layer reads or writes. A view's `id` is its base's, for they hold the same
/// neurons.
#[derive(Debug, Clone, Copy)]
pub struct Operand<'a> {
    /// Whose neurons they are.
    pub id: TensorId,
    /// Shape and values as the layer sees them.
    pub tensor: &'a Tensor,
}

impl<'a> Operand<'a> {
    /// The operand of an id, which is the place of its base and of its value in these lists.
    #[inline]
    pub(crate) fn of(id: TensorId, bases: &[TensorId], values: &'a [Tensor]) -> Self {
        let place = id.0 as usize;
        Self {
            id: bases[place],
            tensor: &values[place],
        }
    }

    /// The neuron at a row-major place.
    #[inline]
    pub fn element(self, at: usize) -> Element {
        Element {
            tensor: self.id,
            at,
        }
    }

    /// The value at a row-major place.
    #[inline]
    pub fn value(self, at: usize) -> f64 {
        self.tensor.data()[at]
    }

    /// The value at a row-major place as a factor.
    #[inline]
    pub(crate) fn factor(self, kind: FactorKind, at: usize) -> Factor {
        Factor {
            source: Some(self.element(at)),
            ..Factor::of(kind, self.value(at))
        }
    }

    /// The values in row-major order.
    #[inline]
    pub fn data(self) -> &'a [f64] {
        self.tensor.data()
    }

    /// The size of each axis.
    pub fn shape(self) -> &'a Shape {
        self.tensor.shape()
    }
}

/// The tensors that a layer reads.
#[derive(Debug, Clone)]
pub struct Operands<'a> {
    /// The inputs in the order of `from`.
    pub inputs: Inputs<'a>,
    /// The weight, where the layer has one.
    pub weight: Option<Operand<'a>>,
    /// The bias, where the layer has one.
    pub bias: Option<Operand<'a>>,
}

/// What a layer reads beside its parameters, in the order of `from`.
///
/// Each is looked up when it is asked for, since a layer may read thousands of tensors, and its run
/// is asked for by each of them.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    first: Operand<'a>,
    ids: &'a [TensorId],
    bases: &'a [TensorId],
    values: &'a [Tensor],
}

impl<'a> Inputs<'a> {
    /// The inputs of these ids, of which there is at least one. Each is the place of its base and
    /// of its value in the other lists.
    pub(crate) fn new(ids: &'a [TensorId], bases: &'a [TensorId], values: &'a [Tensor]) -> Self {
        Self {
            first: Operand::of(ids[0], bases, values),
            ids,
            bases,
            values,
        }
    }

    /// How many there are.
    #[expect(clippy::len_without_is_empty, reason = "a layer reads something")]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// The input of that number. One that the layer does not have is a mistake of the caller's, and
    /// panics.
    #[inline]
    pub fn get(&self, number: usize) -> Operand<'a> {
        match number {
            0 => self.first,
            _ => Operand::of(self.ids[number], self.bases, self.values),
        }
    }

    /// All of them, in their order.
    pub fn iter(&self) -> impl Iterator<Item = Operand<'a>> + use<'a> {
        let Self { bases, values, .. } = *self;
        self.ids
            .iter()
            .map(move |&id| Operand::of(id, bases, values))
    }
}

impl<'a> Operands<'a> {
    /// The layer's first input, and for most ops its only one.
    #[inline]
    pub fn input(&self) -> Operand<'a> {
        self.inputs.first
    }

    /// The operand in a slot. A slot that the layer does not have is a mistake of the caller's, and
    /// panics.
    pub fn get(&self, role: OperandRole) -> Operand<'a> {
        match role {
            OperandRole::Input(number) => self.inputs.get(number),
            OperandRole::Weight => self
                .weight
                .expect("asked for the weight of a layer that has one"),
            OperandRole::Bias => self
                .bias
                .expect("asked for the bias of a layer that has one"),
        }
    }
}

impl Contribution {
    /// The contribution with the value of an operand's neuron as one factor more.
    #[must_use]
    #[inline]
    pub(crate) fn times_neuron(
        mut self,
        kind: FactorKind,
        operand: Operand<'_>,
        at: usize,
    ) -> Self {
        self.factors.push(operand.factor(kind, at));
        self
    }
}
