//! Windows as columns of a matrix, and pixels taken from anywhere.

use super::Made;
use super::padding::FIRST_SPATIAL;
use crate::onnx::constant::count;
use crate::onnx::error::Unsupported;
use crate::onnx::layer::Layer;
use crate::onnx::node::Node;
use crate::ops::{Fold, GridMode, GridPadding, GridSample, Matmul, Permute, Reshape};
use crate::tensor::{Shape, Tensor};

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

/// The modes, by all their names: the first versions have longer ones.
const MODES: [(&str, GridMode); 5] = [
    ("bilinear", GridMode::Bilinear),
    ("linear", GridMode::Bilinear),
    ("nearest", GridMode::Nearest),
    ("bicubic", GridMode::Bicubic),
    ("cubic", GridMode::Bicubic),
];

/// Pixels where a grid says.
pub(super) fn grid_sample(node: &mut Node<'_, '_>) -> Made {
    let word = node.attributes.word("mode", "bilinear")?;
    let known = MODES.iter().find(|(name, _)| *name == word);
    let Some(&(_, mode)) = known else {
        return Err(Unsupported::new("has a `mode` that is not known here"));
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

/// The grid of an affine map: the place of each pixel, in the middle or at the corners, times the
/// matrix of its sample.
pub(super) fn affine_grid(node: &mut Node<'_, '_>) -> Made {
    let sizes = node.ints(1, "the sizes of its grid")?;
    let sizes = sizes.data().iter().map(|&size| usize::try_from(size).ok());
    let sizes = sizes.collect::<Option<Vec<usize>>>();
    let sizes = sizes.filter(|sizes| (4..=5).contains(&sizes.len()) && !sizes.contains(&0));
    let sizes = sizes.ok_or_else(|| Unsupported::new("has a grid of no known size"))?;
    let is_at_corners = node.attributes.flag("align_corners", false)?;
    let (batch, map) = (sizes[0], &sizes[FIRST_SPATIAL..]);
    let theta = node.operand(0)?;
    if theta.shape.to_vec() != [batch, map.len(), map.len() + 1] {
        return Err(Unsupported::new("has matrices that do not fit its grid"));
    }
    let n = count(map).ok_or_else(|| Unsupported::new("has too large a grid"))?;
    let along = |at: usize, size: usize| match (is_at_corners, size) {
        (true, 1) => 0.0,
        (true, _) => 2.0 * at as f64 / (size - 1) as f64 - 1.0,
        (false, _) => (2 * at + 1) as f64 / size as f64 - 1.0,
    };
    node.context.expect_room(n.saturating_mul(map.len() + 1))?;
    let places = Tensor::from_fn(Shape::from([n, map.len() + 1]), |at| {
        let (mut rest, wanted) = (at / (map.len() + 1), at % (map.len() + 1));
        // The last axis comes first, and a 1 stands at the end.
        for (nth, &size) in map.iter().rev().enumerate() {
            if nth == wanted {
                return along(rest % size, size);
            }
            rest /= size;
        }
        1.0
    });
    let places = node.new_tensor("places", places)?;
    let turned = node.step("turned", Layer::of(Permute::new(vec![0, 2, 1]), [theta]))?;
    let moved = node.step("moved", Layer::of(Matmul, [places, turned]))?;
    let sizes = [&[batch], map, &[map.len()]].concat();
    node.layer(Layer::of(
        Reshape::new(sizes.into_iter().map(Some).collect()),
        [moved],
    ))
}
