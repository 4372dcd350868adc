//! Convolutions.

use super::padding::{FIRST_SPATIAL, Windows};
use super::{Made, by_axes};
use crate::onnx::error::Unsupported;
use crate::onnx::layer::Layer;
use crate::onnx::node::Node;
use crate::ops::{
    Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d, Described, Value,
};

pub(super) fn conv(node: &mut Node<'_, '_>) -> Made {
    let (sizes, kernel) = kernel(node)?;
    let ops = [Conv1d::DESCRIPTOR, Conv2d::DESCRIPTOR, Conv3d::DESCRIPTOR];
    let op = by_axes(kernel.len(), ops)?;
    let groups = node.attributes.int("group")?.unwrap_or(1);
    let windows = Windows::read(node, &sizes, kernel)?;
    let (weight, bias) = (
        node.parameter(1, "weight")?,
        node.optional_parameter(2, "bias")?,
    );
    let bias = bias.or_else(|| node.left_out_bias(weight.tensor.shape()[0]));
    let padding = if windows.is_same() && !windows.is_symmetric() {
        Value::Name("same".to_owned())
    } else {
        windows.padding()
    };
    let given = vec![
        ("padding", padding),
        ("stride", windows.strides.into()),
        ("dilation", windows.dilations.into()),
        ("groups", groups.into()),
    ];
    let layer = Layer::row(op, given, [node.operand(0)?]);
    node.layer(layer.weight(weight).bias(bias))
}

/// A transposed convolution.
pub(super) fn transposed(node: &mut Node<'_, '_>) -> Made {
    let (sizes, kernel) = kernel(node)?;
    let n = kernel.len();
    let op = by_axes(
        n,
        [
            ConvTranspose1d::DESCRIPTOR,
            ConvTranspose2d::DESCRIPTOR,
            ConvTranspose3d::DESCRIPTOR,
        ],
    )?;
    let groups = node.attributes.int("group")?.unwrap_or(1);
    let mut longer = node
        .attributes
        .sizes("output_padding", n, 0)?
        .unwrap_or_else(|| vec![0; n]);
    let wanted = node.attributes.sizes("output_shape", n, 1)?;
    let windows = Windows::read_transposed(node, &sizes, kernel, &mut longer, wanted)?;
    let (weight, bias) = (
        node.parameter(1, "weight")?,
        node.optional_parameter(2, "bias")?,
    );
    let given = vec![
        ("padding", windows.padding()),
        ("stride", windows.strides.into()),
        ("output_padding", longer.into()),
        ("dilation", windows.dilations.into()),
        ("groups", groups.into()),
    ];
    let layer = Layer::row(op, given, [node.operand(0)?]);
    node.layer(layer.weight(weight).bias(bias))
}

/// The sizes of the input, and those of the weight's kernel.
fn kernel(node: &mut Node<'_, '_>) -> Result<(Vec<usize>, Vec<usize>), Unsupported> {
    let (sizes, weight_sizes) = (node.sizes(0)?, node.sizes(1)?);
    let kernel = weight_sizes
        .get(FIRST_SPATIAL..)
        .unwrap_or_default()
        .to_vec();
    if sizes.len() != weight_sizes.len() || kernel.contains(&0) || sizes.contains(&0) {
        return Err(Unsupported::new(format!(
            "reads {sizes:?} with a weight of the sizes {weight_sizes:?}, which do not fit"
        )));
    }
    if node
        .attributes
        .sizes("kernel_shape", kernel.len(), 1)?
        .is_some_and(|said| said != kernel)
    {
        return Err(Unsupported::new(format!(
            "has a `kernel_shape` that is not that of its weight, {kernel:?}"
        )));
    }
    Ok((sizes, kernel))
}
