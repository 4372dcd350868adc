//! Convolutions.

use super::Made;
use super::padding::{FIRST_SPATIAL, Windows, padded};
use crate::onnx::call::Call;
use crate::onnx::draft::Layer;
use crate::onnx::refusal::Refusal;

pub(super) fn conv(call: &mut Call<'_, '_>) -> Made {
    let (sizes, kernel) = kernel(call)?;
    let op = by_axes(kernel.len(), ["conv1d", "conv2d"])?;
    let groups = call.attributes.int("group")?.unwrap_or(1);
    let windows = Windows::read(call, &sizes, kernel)?;
    let (weight, bias) = (
        call.parameter(1, "weight")?,
        call.optional_parameter(2, "bias")?,
    );
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

/// A transposed convolution.
pub(super) fn transposed(call: &mut Call<'_, '_>) -> Made {
    let (sizes, kernel) = kernel(call)?;
    let n = kernel.len();
    let op = by_axes(n, ["conv_transpose1d", "conv_transpose2d"])?;
    let groups = call.attributes.int("group")?.unwrap_or(1);
    let mut longer = call
        .attributes
        .sizes("output_padding", n, 0)?
        .unwrap_or_else(|| vec![0; n]);
    let wanted = call.attributes.sizes("output_shape", n, 1)?;
    let windows = Windows::read_transposed(call, &sizes, kernel, &mut longer, wanted)?;
    // What is cut off at the end alone is as much less that is added there.
    let (padding, longer) = ends(&windows.pads, longer)?;
    let (weight, bias) = (
        call.parameter(1, "weight")?,
        call.optional_parameter(2, "bias")?,
    );
    let layer = Layer::of(op, [call.operand(0)?])
        .set_sizes("stride", &windows.strides, Some(1))
        .set_sizes("padding", &padding, Some(0))
        .set_sizes("output_padding", &longer, Some(0))
        .set_sizes("dilation", &windows.dilations, Some(1))
        .set_unless("groups", groups, 1);
    call.layer(layer.weight(weight).bias(bias))
}

/// Returns the padding on both sides and what is added at the end, which together cut off and add
/// as much as is asked for.
fn ends(pads: &[(usize, usize)], longer: Vec<usize>) -> Result<(Vec<usize>, Vec<usize>), Refusal> {
    let refusal = || {
        Refusal::new(format!(
            "cuts off {pads:?} before and after, which no padding of a scenario does"
        ))
    };
    let longer = pads.iter().zip(longer).map(|(&(before, after), more)| {
        before
            .saturating_add(more)
            .checked_sub(after)
            .ok_or_else(refusal)
    });
    Ok((
        pads.iter().map(|&(before, _)| before).collect(),
        longer.collect::<Result<_, _>>()?,
    ))
}

/// The sizes of the input, and those of the weight's kernel.
fn kernel(call: &mut Call<'_, '_>) -> Result<(Vec<usize>, Vec<usize>), Refusal> {
    let (sizes, weight_sizes) = (call.sizes(0)?, call.sizes(1)?);
    let kernel = weight_sizes
        .get(FIRST_SPATIAL..)
        .unwrap_or_default()
        .to_vec();
    if sizes.len() != weight_sizes.len() || kernel.contains(&0) || sizes.contains(&0) {
        return Err(Refusal::new(format!(
            "reads {sizes:?} with a weight of the sizes {weight_sizes:?}, which do not fit"
        )));
    }
    if call
        .attributes
        .sizes("kernel_shape", kernel.len(), 1)?
        .is_some_and(|said| said != kernel)
    {
        return Err(Refusal::new(format!(
            "has a `kernel_shape` that is not that of its weight, {kernel:?}"
        )));
    }
    Ok((sizes, kernel))
}

/// Returns the op for a number of spatial axes, out of that for one and that for two.
pub(super) fn by_axes(axes: usize, ops: [&'static str; 2]) -> Result<&'static str, Refusal> {
    match axes {
        1 => Ok(ops[0]),
        2 => Ok(ops[1]),
        _ => Err(Refusal::new(format!(
            "has {axes} spatial axes, but `{}` and `{}` have 1 and 2",
            ops[0], ops[1]
        ))),
    }
}
