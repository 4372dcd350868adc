//! Convolutions.

use super::padding::{FIRST_SPATIAL, Windows, padded};
use super::{Made, by_axes};
use crate::onnx::error::Unsupported;
use crate::onnx::layer::Layer;
use crate::onnx::node::Node;
use crate::ops::{Conv1d, Conv2d, ConvTranspose1d, ConvTranspose2d, Described, Value};

pub(super) fn conv(node: &mut Node<'_, '_>) -> Made {
    let (sizes, kernel) = kernel(node)?;
    let op = by_axes(kernel.len(), [Conv1d::DESCRIPTOR, Conv2d::DESCRIPTOR])?;
    let groups = node.attributes.int("group")?.unwrap_or(1);
    let windows = Windows::read(node, &sizes, kernel)?;
    let (weight, bias) = (
        node.parameter(1, "weight")?,
        node.optional_parameter(2, "bias")?,
    );
    let x = node.operand(0)?;
    let (padding, x) = match windows.symmetric() {
        Some(padding) => (padding.into(), x),
        None if windows.is_same() => (Value::Name("same".to_owned()), x),
        None => (0_usize.into(), padded(node, x, &windows.pads, 0.0)?),
    };
    let given = vec![
        ("padding", padding),
        ("stride", windows.strides.into()),
        ("dilation", windows.dilations.into()),
        ("groups", groups.into()),
    ];
    node.layer(Layer::row(op, given, [x]).weight(weight).bias(bias))
}

/// A transposed convolution.
pub(super) fn transposed(node: &mut Node<'_, '_>) -> Made {
    let (sizes, kernel) = kernel(node)?;
    let n = kernel.len();
    let op = by_axes(
        n,
        [ConvTranspose1d::DESCRIPTOR, ConvTranspose2d::DESCRIPTOR],
    )?;
    let groups = node.attributes.int("group")?.unwrap_or(1);
    let mut longer = node
        .attributes
        .sizes("output_padding", n, 0)?
        .unwrap_or_else(|| vec![0; n]);
    let wanted = node.attributes.sizes("output_shape", n, 1)?;
    let windows = Windows::read_transposed(node, &sizes, kernel, &mut longer, wanted)?;
    // What is cut off at the end alone is as much less that is added there.
    let (padding, longer) = ends(&windows.pads, longer)?;
    let (weight, bias) = (
        node.parameter(1, "weight")?,
        node.optional_parameter(2, "bias")?,
    );
    let given = vec![
        ("stride", windows.strides.into()),
        ("padding", padding.into()),
        ("output_padding", longer.into()),
        ("dilation", windows.dilations.into()),
        ("groups", groups.into()),
    ];
    let layer = Layer::row(op, given, [node.operand(0)?]);
    node.layer(layer.weight(weight).bias(bias))
}

/// Returns the padding on both sides and what is added at the end, which together cut off and add
/// as much as is asked for.
fn ends(
    pads: &[(usize, usize)],
    longer: Vec<usize>,
) -> Result<(Vec<usize>, Vec<usize>), Unsupported> {
    let refusal = || {
        Unsupported::new(format!(
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
