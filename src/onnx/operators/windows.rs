//! Windows as columns of a matrix, and pixels taken from anywhere.

use super::Made;
use crate::onnx::error::Unsupported;
use crate::onnx::layer::Layer;
use crate::onnx::node::Node;
use crate::ops::{Fold, GridMode, GridPadding, GridSample};

/// Columns added up to a map.
pub(super) fn column_to_image(node: &mut Node<'_, '_>) -> Made {
    let output_size = pair(node, 1, "the sizes of its map")?;
    let kernel_size = pair(node, 2, "the sizes of its windows")?;
    let two = |sizes: Option<Vec<usize>>, otherwise: usize| match sizes.as_deref() {
        Some(&[rows, columns]) => [rows, columns],
        Some(_) | None => [otherwise; 2],
    };
    let dilation = two(node.attributes.sizes("dilations", 2, 1)?, 1);
    let stride = two(node.attributes.sizes("strides", 2, 1)?, 1);
    let pads = node.attributes.sizes("pads", 4, 0)?;
    let pads = pads.unwrap_or_else(|| vec![0; 4]);
    let (before, after) = pads.split_at(2);
    if before != after {
        return Err(Unsupported::new("has other padding before than after"));
    }
    let fold = Fold {
        dilation,
        padding: [before[0], before[1]],
        stride,
        ..Fold::new(output_size, kernel_size)
    };
    let layer = Layer::of(fold, [node.operand(0)?]);
    node.layer(layer)
}

/// Two sizes that an input says.
fn pair(node: &Node<'_, '_>, number: usize, what: &str) -> Result<[usize; 2], Unsupported> {
    let refusal = || Unsupported::new(format!("has {what} for other than two axes"));
    let ints = node.ints(number, what)?;
    let &[rows, columns] = ints.data() else {
        return Err(refusal());
    };
    let size = |size: i64| usize::try_from(size).ok().filter(|&size| size > 0);
    let sizes = size(rows).zip(size(columns)).ok_or_else(refusal)?;
    Ok([sizes.0, sizes.1])
}

/// Pixels where a grid says. The first versions call the modes by longer names.
pub(super) fn grid_sample(node: &mut Node<'_, '_>) -> Made {
    let mode = match node.attributes.word("mode", "bilinear")? {
        "bilinear" | "linear" => GridMode::Bilinear,
        "nearest" => GridMode::Nearest,
        "bicubic" | "cubic" => GridMode::Bicubic,
        _ => return Err(Unsupported::new("has a `mode` that is not known here")),
    };
    let padding_mode = match node.attributes.word("padding_mode", "zeros")? {
        "zeros" => GridPadding::Zeros,
        "border" => GridPadding::Border,
        "reflection" => GridPadding::Reflection,
        _ => {
            return Err(Unsupported::new(
                "has a `padding_mode` that is not known here",
            ));
        }
    };
    let align_corners = node.attributes.flag("align_corners", false)?;
    let sample = GridSample {
        mode,
        padding_mode,
        align_corners,
    };
    let layer = Layer::of(sample, [node.operand(0)?, node.operand(1)?]);
    node.layer(layer)
}
