//! One number of each row: sums, means, the largest, the length.

use super::Made;
use crate::onnx::error::Unsupported;
use crate::onnx::layer::{Layer, Operand};
use crate::onnx::node::{Node, axes, axis};
use crate::onnx::value::Value;
use crate::ops::{
    self, Amax, Amin, Cumsum, Described, Descriptor, Log, LogSumExp, Mean, Mul, Norm, Prod, Sub,
    Sum, Topk,
};

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
    reduced(node, Sum::DESCRIPTOR, 18, squares, Vec::new())
}

/// The largest and the smallest; of several that are, PyTorch's `amax` gives each a share.
pub(super) fn max(node: &mut Node<'_, '_>) -> Made {
    reduce(node, Amax::DESCRIPTOR, 18)
}

pub(super) fn min(node: &mut Node<'_, '_>) -> Made {
    reduce(node, Amin::DESCRIPTOR, 18)
}

pub(super) fn log_sum_exp(node: &mut Node<'_, '_>) -> Made {
    reduce(node, LogSumExp::DESCRIPTOR, 18)
}

/// The logarithm of the sum.
pub(super) fn log_sum(node: &mut Node<'_, '_>) -> Made {
    let x = node.operand(0)?;
    let Value::Computed(sum) = reduced(node, Sum::DESCRIPTOR, 18, x, Vec::new())? else {
        return Err(Unsupported::new("reduces numbers that are known"));
    };
    node.layer(Layer::of(Log, [sum]))
}

/// The sum of the absolute values.
pub(super) fn l1(node: &mut Node<'_, '_>) -> Made {
    let x = node.operand(0)?;
    reduced(node, Norm::DESCRIPTOR, 18, x, vec![("p", 1.0.into())])
}

/// The root of the sum of the squares.
pub(super) fn l2(node: &mut Node<'_, '_>) -> Made {
    reduce(node, Norm::DESCRIPTOR, 18)
}

/// The product, over one axis after the other.
pub(super) fn prod(node: &mut Node<'_, '_>) -> Made {
    let mut x = node.operand(0)?;
    let Some(Goal { axes, keepdim }) = goal(node, 18, x.shape.rank())? else {
        return Ok(Value::Computed(x));
    };
    let Some((&first, others)) = axes.split_first() else {
        return Ok(Value::Computed(x));
    };
    let over = |dim: usize, x| {
        let dim = dim as i64;
        Layer::of(Prod { dim, keepdim }, [x])
    };
    // From the last on, so that the numbers of the others stay.
    for &axis in others.iter().rev() {
        x = node.step(&format!("over_{axis}"), over(axis, x))?;
    }
    node.layer(over(first, x))
}

/// The largest or smallest along an axis; where they are is not said.
pub(super) fn top(node: &mut Node<'_, '_>) -> Made {
    let largest = node.attributes.flag("largest", true)?;
    if !node.attributes.flag("sorted", true)? {
        return Err(Unsupported::new("takes them in an order that nobody knows"));
    }
    let given = node.attributes.int("axis")?.unwrap_or(-1);
    let k = if node.opset() < 10 {
        node.attributes.int("k")?.unwrap_or_default()
    } else {
        let k = node.ints(1, "how many it takes")?;
        k.data().first().copied().unwrap_or_default()
    };
    let k = usize::try_from(k).ok().filter(|&k| k > 0);
    let k = k.ok_or_else(|| Unsupported::new("takes none"))?;
    let x = node.operand(0)?;
    let dim = axis(given, x.shape.rank())? as i64;
    node.layer(Layer::of(Topk { k, dim, largest }, [x]))
}

/// The sums that grow along an axis, from either end, with their own element or without it.
pub(super) fn cumulative_sum(node: &mut Node<'_, '_>) -> Made {
    let exclusive = node.attributes.flag("exclusive", false)?;
    let reverse = node.attributes.flag("reverse", false)?;
    let x = node.operand(0)?;
    let &[given] = node.ints(1, "its axis")?.data() else {
        return Err(Unsupported::new("has more than one axis"));
    };
    let dim = axis(given, x.shape.rank())? as i64;
    let sums = Layer::of(Cumsum { dim }, [x.clone()]);
    if !exclusive && !reverse {
        return node.layer(sums);
    }
    let sums = node.step("sums", sums)?;
    if !reverse {
        return node.layer(Layer::of(Sub, [sums, x]));
    }
    let before = if exclusive {
        sums
    } else {
        node.step("before", Layer::of(Sub, [sums, x.clone()]))?
    };
    let (dim, keepdim) = (vec![dim], true);
    let total = node.step("total", Layer::of(Sum { dim, keepdim }, [x]))?;
    node.layer(Layer::of(Sub, [total, before]))
}

/// `since` is the version from which on the axes are an input.
fn reduce(node: &mut Node<'_, '_>, op: &'static Descriptor, since: i64) -> Made {
    let x = node.operand(0)?;
    reduced(node, op, since, x, Vec::new())
}

fn reduced(
    node: &mut Node<'_, '_>,
    op: &'static Descriptor,
    since: i64,
    x: Operand,
    mut given: Vec<(&'static str, ops::Value)>,
) -> Made {
    let rank = x.shape.rank();
    let Some(Goal { axes, keepdim }) = goal(node, since, rank)? else {
        return Ok(Value::Computed(x));
    };
    given.push(("keepdim", ops::Value::Flag(keepdim)));
    if axes.len() < rank || op.is::<LogSumExp>() {
        given.push(("dim", axes.into()));
    }
    node.layer(Layer::row(op, given, [x]))
}

/// The axes that a node reduces over, in ascending order, and whether they stay.
struct Goal {
    axes: Vec<usize>,
    keepdim: bool,
}

/// Returns what a node asks for, or nothing where it does nothing.
fn goal(node: &mut Node<'_, '_>, since: i64, rank: usize) -> Result<Option<Goal>, Unsupported> {
    let keepdim = node.attributes.flag("keepdims", true)?;
    let does_nothing = node.attributes.flag("noop_with_empty_axes", false)?;
    let named = axes(&listed_axes(node, since)?.unwrap_or_default(), rank)?;
    let axes = match named.is_empty() {
        true if does_nothing => return Ok(None),
        true => (0..rank).collect(),
        false => named,
    };
    Ok(Some(Goal { axes, keepdim }))
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
