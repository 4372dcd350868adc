//! Softmax and its logarithm.

use super::Made;
use crate::onnx::call::{Call, axis};
use crate::onnx::draft::Layer;

/// The first version in which softmax goes along one axis. Before, the tensor was seen as a matrix,
/// and it went along its rows.
const ALONG_AN_AXIS: i64 = 13;

pub(super) fn softmax(call: &mut Call<'_, '_>) -> Made {
    along(call, "softmax")
}

pub(super) fn log_softmax(call: &mut Call<'_, '_>) -> Made {
    along(call, "log_softmax")
}

fn along(call: &mut Call<'_, '_>, op: &'static str) -> Made {
    let is_new = call.opset() >= ALONG_AN_AXIS;
    let sizes = call.sizes(0)?;
    let given = call
        .attributes
        .int("axis")?
        .unwrap_or(if is_new { -1 } else { 1 });
    let dim = axis(given, sizes.len())?;
    let x = call.operand(0)?;
    let inner: usize = sizes[dim + 1..].iter().product();
    if is_new || inner == 1 {
        let is_last = dim + 1 == sizes.len();
        let layer = Layer::of(op, [x]);
        return call.layer(if is_last {
            layer
        } else {
            layer.set("dim", dim)
        });
    }
    let rows: usize = sizes[..dim].iter().product();
    let matrix = call.step(
        "matrix",
        Layer::of("reshape", [x]).set("shape", vec![rows, sizes[dim] * inner]),
    )?;
    let flat = call.step("rows", Layer::of(op, [matrix]))?;
    call.layer(Layer::of("reshape", [flat]).set("shape", sizes))
}
