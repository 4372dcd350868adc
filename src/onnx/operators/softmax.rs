//! Softmax and its logarithm.

use super::Made;
use crate::onnx::layer::Layer;
use crate::onnx::node::{Node, axis};
use crate::ops::{Described, Descriptor, LogSoftmax, Reshape, Softmax};

/// The first version in which softmax goes along one axis. Before, the tensor was seen as a matrix,
/// and it went along its rows.
const ALONG_AN_AXIS: i64 = 13;

pub(super) fn softmax(node: &mut Node<'_, '_>) -> Made {
    along(node, Softmax::DESCRIPTOR)
}

pub(super) fn log_softmax(node: &mut Node<'_, '_>) -> Made {
    along(node, LogSoftmax::DESCRIPTOR)
}

fn along(node: &mut Node<'_, '_>, op: &'static Descriptor) -> Made {
    let is_new = node.opset() >= ALONG_AN_AXIS;
    let sizes = node.sizes(0)?;
    let given = node
        .attributes
        .int("axis")?
        .unwrap_or(if is_new { -1 } else { 1 });
    let dim = axis(given, sizes.len())?;
    let x = node.operand(0)?;
    let inner: usize = sizes[dim + 1..].iter().product();
    if is_new || inner == 1 {
        // Without a `dim` it is the last axis.
        let dim = (dim + 1 < sizes.len()).then(|| ("dim", dim.into()));
        return node.layer(Layer::row(op, dim.into_iter().collect(), [x]));
    }
    let rows: usize = sizes[..dim].iter().product();
    let matrix = Reshape::new(vec![Some(rows), Some(sizes[dim] * inner)]);
    let matrix = node.step("matrix", Layer::of(matrix, [x]))?;
    let flat = node.step("rows", Layer::row(op, Vec::new(), [matrix]))?;
    let shape = Reshape::new(sizes.into_iter().map(Some).collect());
    node.layer(Layer::of(shape, [flat]))
}
