//! Convolutions.

use super::Made;
use super::padding::{FIRST_SPATIAL, Windows, padded};
use crate::onnx::call::Call;
use crate::onnx::draft::Layer;
use crate::onnx::refusal::Refusal;

pub(super) fn conv(call: &mut Call<'_, '_>) -> Made {
    let (sizes, weight_sizes) = (call.sizes(0)?, call.sizes(1)?);
    let kernel = weight_sizes.get(FIRST_SPATIAL..).unwrap_or_default().to_vec();
    let op = by_axes(kernel.len(), ["conv1d", "conv2d"])?;
    if sizes.len() != weight_sizes.len() || kernel.contains(&0) {
        return Err(Refusal::new(format!("reads {sizes:?} with a weight of the sizes {weight_sizes:?}, which do not fit")));
    }
    if call.attributes.sizes("kernel_shape", kernel.len(), 1)?.is_some_and(|said| said != kernel) {
        return Err(Refusal::new(format!("has a `kernel_shape` that is not that of its weight, {kernel:?}")));
    }
    let groups = call.attributes.int("group")?.unwrap_or(1);
    let windows = Windows::read(call, &sizes, kernel)?;
    let (weight, bias) = (call.parameter(1, "weight")?, call.optional_parameter(2, "bias")?);
    let x = call.operand(0)?;
    let layer = match windows.symmetric() {
        Some(padding) => Layer::of(op, [x]).set_sizes("padding", &padding, Some(0)),
        None if windows.is_same() => Layer::of(op, [x]).set("padding", "same"),
        None => Layer::of(op, [padded(call, x, &windows.pads, 0.0)?]),
    };
    let layer = layer
        .set_sizes("stride", &windows.strides, Some(1))
        .set_sizes("dilation", &windows.dilations, Some(1))
        .set_unless("groups", groups, 1);
    call.layer(layer.weight(weight).bias(bias))
}

/// Returns the op for a number of spatial axes, out of that for one and that for two.
pub(super) fn by_axes(axes: usize, ops: [&'static str; 2]) -> Result<&'static str, Refusal> {
    match axes {
        1 => Ok(ops[0]),
        2 => Ok(ops[1]),
        _ => Err(Refusal::new(format!("has {axes} spatial axes, but `{}` and `{}` have 1 and 2", ops[0], ops[1]))),
    }
}
