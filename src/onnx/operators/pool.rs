//! Pooling.

use super::padding::{FIRST_SPATIAL, Windows};
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
    let mut given = size_and_stride(&windows);
    given.extend([
        ("padding", windows.padding()),
        ("dilation", windows.dilations.into()),
        ("ceil_mode", Value::Flag(ceil_mode)),
    ]);
    let layer = Layer::row(op, given, [node.operand(0)?]);
    node.layer(layer)
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
    // Without padding there is nothing to leave out.
    let is_padded = windows.pads.iter().any(|&pads| pads != (0, 0));
    let mut given = size_and_stride(&windows);
    given.extend([
        ("padding", windows.padding()),
        ("ceil_mode", Value::Flag(ceil_mode)),
        (
            "count_include_pad",
            Value::Flag(counts_padding || !is_padded),
        ),
    ]);
    let layer = Layer::row(op, given, [node.operand(0)?]);
    node.layer(layer)
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

/// The windows' size and stride. Left out, a scenario's stride is the size; ONNX's is 1.
fn size_and_stride(windows: &Windows) -> Vec<(&'static str, Value)> {
    let mut given = vec![("kernel_size", windows.kernel.clone().into())];
    if windows.strides != windows.kernel {
        given.push(("stride", windows.strides.clone().into()));
    }
    given
}
