//! Comparisons, which make masks of 0 and 1, what is said with masks, and choices by them.

use super::Made;
use crate::onnx::layer::Layer;
use crate::onnx::node::Node;
use crate::onnx::value::Value;
use crate::ops::{
    Described, Descriptor, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, Maximum, Mul,
    NotEqual, Op, Where,
};
use crate::tensor::Shape;

/// The ops that make masks.
const COMPARISONS: [&Descriptor; 6] = [
    Equal::DESCRIPTOR,
    NotEqual::DESCRIPTOR,
    Greater::DESCRIPTOR,
    GreaterOrEqual::DESCRIPTOR,
    Less::DESCRIPTOR,
    LessOrEqual::DESCRIPTOR,
];

/// A comparison, or what two masks make, in an op of two tensors.
pub(super) fn compare<F: Default + Into<Box<dyn Op>>>(node: &mut Node<'_, '_>) -> Made {
    of_two(node, F::default())
}

/// 1 where the mask is 0.
pub(super) fn not(node: &mut Node<'_, '_>) -> Made {
    let mask = node.mask(0)?;
    let zero = node.new_input("zero", Shape::scalar(), 0.0)?;
    node.layer(Layer::of(Equal, [mask, zero]))
}

/// 1 where a number is not 0, which is what a mask is already.
pub(super) fn flag(node: &mut Node<'_, '_>) -> Made {
    let mask = node.mask(0)?;
    let made_by = node.context.net.descriptor(mask.tensor);
    if made_by.is_some_and(|op| COMPARISONS.iter().any(|other| other.name == op.name)) {
        return Ok(Value::Computed(mask));
    }
    let zero = node.new_input("zero", Shape::scalar(), 0.0)?;
    node.layer(Layer::of(NotEqual, [mask, zero]))
}

pub(super) fn and(node: &mut Node<'_, '_>) -> Made {
    of_two(node, Mul)
}

pub(super) fn or(node: &mut Node<'_, '_>) -> Made {
    of_two(node, Maximum)
}

/// NaN alone is not what it is.
pub(super) fn is_nan(node: &mut Node<'_, '_>) -> Made {
    let x = node.operand(0)?;
    node.layer(Layer::of(NotEqual, [x.clone(), x]))
}

pub(super) fn select(node: &mut Node<'_, '_>) -> Made {
    let sides = [node.mask(0)?, node.operand(1)?, node.operand(2)?];
    node.layer(Layer::of(Where, sides))
}

fn of_two(node: &mut Node<'_, '_>, op: impl Into<Box<dyn Op>>) -> Made {
    node.attributes.ignore(&["axis", "broadcast"]);
    let masks = [node.mask(0)?, node.mask(1)?];
    node.layer(Layer::of(op, masks))
}
