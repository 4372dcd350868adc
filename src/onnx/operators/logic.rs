//! Comparisons, which make masks of 0 and 1, what is said with masks, and choices by them.

use super::Made;
use crate::onnx::layer::Layer;
use crate::onnx::node::Node;
use crate::ops::{Equal, Maximum, Mul, NotEqual, Op, Where};
use crate::tensor::Shape;

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
