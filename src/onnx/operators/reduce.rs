//! Sums and means over axes.

use super::Made;
use crate::onnx::error::Unsupported;
use crate::onnx::layer::{Layer, Operand};
use crate::onnx::node::{Node, axes};
use crate::onnx::value::Value;
use crate::ops::{self, Described, Descriptor, Mean, Mul, Sum};

pub(super) fn sum(node: &mut Node<'_, '_>) -> Made {
    reduce(node, Sum::DESCRIPTOR, 13)
}

pub(super) fn mean(node: &mut Node<'_, '_>) -> Made {
    reduce(node, Mean::DESCRIPTOR, 18)
}

/// The sum of the squares.
pub(super) fn sum_square(node: &mut Node<'_, '_>) -> Made {
    let x = node.operand(0)?;
    let squares = node.step("squares", Layer::of(Mul, [x.clone(), x]))?;
    reduced(node, Sum::DESCRIPTOR, 18, squares)
}

/// `since` is the version from which on the axes are an input.
fn reduce(node: &mut Node<'_, '_>, op: &'static Descriptor, since: i64) -> Made {
    let x = node.operand(0)?;
    reduced(node, op, since, x)
}

fn reduced(node: &mut Node<'_, '_>, op: &'static Descriptor, since: i64, x: Operand) -> Made {
    let keeps = node.attributes.flag("keepdims", true)?;
    let does_nothing = node.attributes.flag("noop_with_empty_axes", false)?;
    let rank = x.shape.rank();
    let named = axes(&listed_axes(node, since)?.unwrap_or_default(), rank)?;
    if named.is_empty() && does_nothing {
        return Ok(Value::Computed(x));
    }
    let mut given = vec![("keepdim", ops::Value::Flag(keeps))];
    if !named.is_empty() && named.len() < rank {
        given.push(("dim", named.into()));
    }
    node.layer(Layer::row(op, given, [x]))
}

/// Returns the axes that a node names: an attribute at first, its second input from version `since`
/// on.
pub(super) fn listed_axes(
    node: &mut Node<'_, '_>,
    since: i64,
) -> Result<Option<Vec<i64>>, Unsupported> {
    if node.opset() < since {
        return Ok(node.attributes.ints("axes")?.map(<[i64]>::to_vec));
    }
    if node.has_input(1) {
        Ok(Some(node.ints(1, "its axes")?.data().to_vec()))
    } else {
        Ok(None)
    }
}
