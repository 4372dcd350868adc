//! Pooling.

use super::Made;
use super::conv::by_axes;
use super::padding::{FIRST_SPATIAL, Windows, padded};
use crate::onnx::call::Call;
use crate::onnx::draft::Layer;
use crate::onnx::refusal::Refusal;

pub(super) fn max(call: &mut Call<'_, '_>) -> Made {
    // It says how winners are numbered, and the numbers are an output of their own.
    call.attributes.ignore(&["storage_order"]);
    let windows = windows(call)?;
    let op = by_axes(windows.kernel.len(), ["max_pool1d", "max_pool2d"])?;
    let ceil_mode = call.attributes.flag("ceil_mode", false)?;
    let x = call.operand(0)?;
    let layer = match own_padding(&windows) {
        Some(padding) => Layer::of(op, [x]).set_sizes("padding", &padding, Some(0)),
        None if ceil_mode => return Err(foreign_padding(op, &windows)),
        // What never wins.
        None => Layer::of(op, [padded(call, x, &windows.pads, f64::NEG_INFINITY)?]),
    };
    call.layer(
        with_steps(layer, &windows)
            .set_sizes("dilation", &windows.dilations, Some(1))
            .set_unless("ceil_mode", ceil_mode, false),
    )
}

pub(super) fn average(call: &mut Call<'_, '_>) -> Made {
    let windows = windows(call)?;
    let op = by_axes(windows.kernel.len(), ["avg_pool1d", "avg_pool2d"])?;
    let ceil_mode = call.attributes.flag("ceil_mode", false)?;
    let counts_padding = call.attributes.flag("count_include_pad", false)?;
    if windows.dilations.iter().any(|&dilation| dilation != 1) {
        return Err(Refusal::new(format!(
            "has dilations, which `{op}` does not have"
        )));
    }
    let x = call.operand(0)?;
    let layer = match own_padding(&windows) {
        Some(padding) => {
            // Without padding there is nothing to leave out.
            let is_padded = padding.iter().any(|&padding| padding > 0);
            let layer = Layer::of(op, [x]).set_sizes("padding", &padding, Some(0));
            layer.set_unless("count_include_pad", counts_padding || !is_padded, true)
        }
        None if counts_padding && !ceil_mode => {
            Layer::of(op, [padded(call, x, &windows.pads, 0.0)?])
        }
        None => return Err(foreign_padding(op, &windows)),
    };
    call.layer(with_steps(layer, &windows).set_unless("ceil_mode", ceil_mode, false))
}

/// What is said of a padding that neither the layer itself nor numbers around its input can
/// express: they would be counted in means, and windows could begin in them.
fn foreign_padding(op: &str, windows: &Windows) -> Refusal {
    Refusal::new(format!(
        "has a padding that `{op}` cannot express: {:?} before and after",
        windows.pads
    ))
}

pub(super) fn global_average(call: &mut Call<'_, '_>) -> Made {
    let spatial = spatial(call)?;
    let x = call.operand(0)?;
    match by_axes(
        spatial.len(),
        ["adaptive_avg_pool1d", "adaptive_avg_pool2d"],
    ) {
        Ok(op) => call.layer(Layer::of(op, [x]).set("output_size", 1)),
        // The same by another name, for any number of axes.
        Err(_) => {
            let dims: Vec<usize> = (FIRST_SPATIAL..x.shape.rank()).collect();
            call.layer(Layer::of("mean", [x]).set("dim", dims).set("keepdim", true))
        }
    }
}

pub(super) fn global_max(call: &mut Call<'_, '_>) -> Made {
    let spatial = spatial(call)?;
    let op = by_axes(spatial.len(), ["global_max_pool1d", "global_max_pool2d"])?;
    let layer = Layer::of(op, [call.operand(0)?]);
    call.layer(layer)
}

/// The sizes of the input's spatial axes.
fn spatial(call: &Call<'_, '_>) -> Result<Vec<usize>, Refusal> {
    let sizes = call.sizes(0)?;
    match sizes.get(FIRST_SPATIAL..) {
        Some(spatial) if !spatial.is_empty() && !sizes.contains(&0) => Ok(spatial.to_vec()),
        _ => Err(Refusal::new(format!(
            "pools over {sizes:?}, which has no spatial axes"
        ))),
    }
}

fn windows(call: &mut Call<'_, '_>) -> Result<Windows, Refusal> {
    let n = spatial(call)?.len();
    let sizes = call.sizes(0)?;
    let kernel = call.attributes.sizes("kernel_shape", n, 1)?;
    Windows::read(
        call,
        &sizes,
        kernel.ok_or_else(|| Refusal::new("has no `kernel_shape`"))?,
    )
}

/// The padding of the pooling layer itself, which is the same on both sides and at most half the
/// kernel.
fn own_padding(windows: &Windows) -> Option<Vec<usize>> {
    windows.symmetric().filter(|padding| {
        padding
            .iter()
            .zip(&windows.kernel)
            .all(|(&padding, &kernel)| padding <= kernel / 2)
    })
}

/// The layer with the windows' size and stride. Left out, a scenario's stride is the size; ONNX's
/// is 1.
fn with_steps(layer: Layer, windows: &Windows) -> Layer {
    let layer = layer.set_sizes("kernel_size", &windows.kernel, None);
    if windows.strides == windows.kernel {
        layer
    } else {
        layer.set_sizes("stride", &windows.strides, None)
    }
}
