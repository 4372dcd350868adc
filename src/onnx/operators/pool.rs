//! Pooling.

use super::padding::{FIRST_SPATIAL, Windows, padded};
use super::{Made, by_axes};
use crate::onnx::error::Unsupported;
use crate::onnx::layer::Layer;
use crate::onnx::node::Node;
use crate::ops::{
    AdaptiveAvgPool1d, AdaptiveAvgPool2d, AvgPool1d, AvgPool2d, Described, GlobalMaxPool1d,
    GlobalMaxPool2d, MaxPool1d, MaxPool2d, Mean, Value,
};

pub(super) fn max(node: &mut Node<'_, '_>) -> Made {
    // It says how winners are numbered, and the numbers are an output of their own.
    node.attributes.ignore(&["storage_order"]);
    let windows = windows(node)?;
    let ops = [MaxPool1d::DESCRIPTOR, MaxPool2d::DESCRIPTOR];
    let op = by_axes(windows.kernel.len(), ops)?;
    let ceil_mode = node.attributes.flag("ceil_mode", false)?;
    let x = node.operand(0)?;
    let (padding, x) = match own_padding(&windows) {
        Some(padding) => (padding.into(), x),
        None if ceil_mode => return Err(foreign_padding(op.name, &windows)),
        // What never wins.
        None => (
            0_usize.into(),
            padded(node, x, &windows.pads, f64::NEG_INFINITY)?,
        ),
    };
    let mut given = size_and_stride(&windows);
    given.extend([
        ("padding", padding),
        ("dilation", windows.dilations.into()),
        ("ceil_mode", Value::Flag(ceil_mode)),
    ]);
    node.layer(Layer::row(op, given, [x]))
}

pub(super) fn average(node: &mut Node<'_, '_>) -> Made {
    let windows = windows(node)?;
    let ops = [AvgPool1d::DESCRIPTOR, AvgPool2d::DESCRIPTOR];
    let op = by_axes(windows.kernel.len(), ops)?;
    let ceil_mode = node.attributes.flag("ceil_mode", false)?;
    let counts_padding = node.attributes.flag("count_include_pad", false)?;
    if windows.dilations.iter().any(|&dilation| dilation != 1) {
        return Err(Unsupported::new(format!(
            "has dilations, which `{}` does not have",
            op.name
        )));
    }
    let x = node.operand(0)?;
    let (padding, counts_padding, x) = match own_padding(&windows) {
        Some(padding) => {
            // Without padding there is nothing to leave out.
            let is_padded = padding.iter().any(|&padding| padding > 0);
            (padding.into(), counts_padding || !is_padded, x)
        }
        None if counts_padding && !ceil_mode => {
            (0_usize.into(), true, padded(node, x, &windows.pads, 0.0)?)
        }
        None => return Err(foreign_padding(op.name, &windows)),
    };
    let mut given = size_and_stride(&windows);
    given.extend([
        ("padding", padding),
        ("ceil_mode", Value::Flag(ceil_mode)),
        ("count_include_pad", Value::Flag(counts_padding)),
    ]);
    node.layer(Layer::row(op, given, [x]))
}

/// What is said of a padding that neither the layer itself nor numbers around its input can
/// express: they would be counted in means, and windows could begin in them.
fn foreign_padding(op: &str, windows: &Windows) -> Unsupported {
    Unsupported::new(format!(
        "has a padding that `{op}` cannot express: {:?} before and after",
        windows.pads
    ))
}

pub(super) fn global_average(node: &mut Node<'_, '_>) -> Made {
    let spatial = spatial(node)?;
    let x = node.operand(0)?;
    let ops = [AdaptiveAvgPool1d::DESCRIPTOR, AdaptiveAvgPool2d::DESCRIPTOR];
    let layer = match by_axes(spatial.len(), ops) {
        Ok(op) => Layer::row(op, vec![("output_size", 1_usize.into())], [x]),
        // The same by another name, for any number of axes.
        Err(_) => {
            let dim = (FIRST_SPATIAL..x.shape.rank()).map(|axis| axis as i64);
            let mean = Mean {
                dim: dim.collect(),
                keepdim: true,
            };
            Layer::of(mean, [x])
        }
    };
    node.layer(layer)
}

pub(super) fn global_max(node: &mut Node<'_, '_>) -> Made {
    let spatial = spatial(node)?;
    let ops = [GlobalMaxPool1d::DESCRIPTOR, GlobalMaxPool2d::DESCRIPTOR];
    let op = by_axes(spatial.len(), ops)?;
    let layer = Layer::row(op, Vec::new(), [node.operand(0)?]);
    node.layer(layer)
}

/// The sizes of the input's spatial axes.
fn spatial(node: &Node<'_, '_>) -> Result<Vec<usize>, Unsupported> {
    let sizes = node.sizes(0)?;
    match sizes.get(FIRST_SPATIAL..) {
        Some(spatial) if !spatial.is_empty() && !sizes.contains(&0) => Ok(spatial.to_vec()),
        _ => Err(Unsupported::new(format!(
            "pools over {sizes:?}, which has no spatial axes"
        ))),
    }
}

fn windows(node: &mut Node<'_, '_>) -> Result<Windows, Unsupported> {
    let n = spatial(node)?.len();
    let sizes = node.sizes(0)?;
    let kernel = node.attributes.sizes("kernel_shape", n, 1)?;
    Windows::read(
        node,
        &sizes,
        kernel.ok_or_else(|| Unsupported::new("has no `kernel_shape`"))?,
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

/// The windows' size and stride. Left out, a scenario's stride is the size; ONNX's is 1.
fn size_and_stride(windows: &Windows) -> Vec<(&'static str, Value)> {
    let mut given = vec![("kernel_size", windows.kernel.clone().into())];
    if windows.strides != windows.kernel {
        given.push(("stride", windows.strides.clone().into()));
    }
    given
}
