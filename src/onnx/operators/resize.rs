//! Maps made larger or smaller.

use super::Made;
use super::padding::FIRST_SPATIAL;
use crate::onnx::constant::Constant;
use crate::onnx::error::Unsupported;
use crate::onnx::layer::Layer;
use crate::onnx::node::Node;
use crate::ops::{IndexSelect, Interpolate, InterpolationMode};
use crate::tensor::{Shape, Tensor};

/// The axes that a node resizes.
struct Resized {
    before: Vec<usize>,
    after: Vec<usize>,
    /// How many times as large each is, as the model says it.
    scales: Vec<f64>,
    is_scaled: bool,
}

pub(super) fn resize(node: &mut Node<'_, '_>) -> Made {
    expect_plain(node)?;
    let mode = node.attributes.word("mode", "nearest")?;
    let corners = if node.opset() < 11 {
        "asymmetric"
    } else {
        node.attributes
            .word("coordinate_transformation_mode", "half_pixel")?
    };
    let rounding = node.attributes.word("nearest_mode", "round_prefer_floor")?;
    let cubic = node.attributes.float("cubic_coeff_a", -0.75)?;
    let resized = resized(node)?;
    if resized.before == resized.after && !resized.is_scaled {
        return node.pass_on(0);
    }
    let is_line = mode == InterpolationMode::Linear.name();
    match mode {
        "nearest" => nearest(node, &resized, corners, rounding),
        _ if is_line || cubic == -0.75 => weighed(node, &resized, is_line, corners),
        _ => Err(Unsupported::new(
            "interpolates by another curve than PyTorch's, whose `cubic_coeff_a` is -0.75",
        )),
    }
}

/// `Upsample`, which came before `Resize`.
pub(super) fn upsample(node: &mut Node<'_, '_>) -> Made {
    let mode = node.attributes.word("mode", "nearest")?;
    let scales = match node.attributes.floats("scales")? {
        Some(scales) => scales.iter().map(|&scale| f64::from(scale)).collect(),
        None => numbers(node, 1)?,
    };
    let sizes = node.sizes(0)?;
    let resized = Resized::scaled(&sizes, scales)?;
    match mode {
        "nearest" => nearest(node, &resized, "asymmetric", "floor"),
        _ => Err(Unsupported::new(
            "interpolates from the corners, which PyTorch does not",
        )),
    }
}

/// Returns an error if a node does what PyTorch's does not.
fn expect_plain(node: &mut Node<'_, '_>) -> Result<(), Unsupported> {
    node.attributes.ignore(&["extrapolation_value"]);
    if node.attributes.flag("antialias", false)? {
        return Err(Unsupported::new(
            "smooths what it makes smaller (`antialias`)",
        ));
    }
    if node.attributes.flag("exclude_outside", false)? {
        return Err(Unsupported::new(
            "leaves out what is outside (`exclude_outside`)",
        ));
    }
    match node
        .attributes
        .word("keep_aspect_ratio_policy", "stretch")?
    {
        "stretch" => Ok(()),
        _ => Err(Unsupported::new("works out the sizes by the aspect ratio")),
    }
}

fn numbers(node: &Node<'_, '_>, number: usize) -> Result<Vec<f64>, Unsupported> {
    match node.known(number, "the new sizes")?.constant.cast(true) {
        Constant::Floats(array) => Ok(array.data().to_vec()),
        Constant::Ints(_) => Err(Unsupported::new("has scales that are no numbers")),
    }
}

/// What becomes of the sizes: they are given, or the scales are.
fn resized(node: &mut Node<'_, '_>) -> Result<Resized, Unsupported> {
    let sizes = node.sizes(0)?;
    let is_old = node.opset() < 11;
    let (scales, target) = (if is_old { 1 } else { 2 }, 3);
    let axes = node.attributes.ints("axes")?.map(<[i64]>::to_vec);
    let place = |given: Vec<f64>, rest: Vec<f64>| -> Result<Vec<f64>, Unsupported> {
        let Some(axes) = &axes else { return Ok(given) };
        let mut all = rest;
        for (&axis, number) in axes.iter().zip(given) {
            all[crate::onnx::node::axis(axis, sizes.len())?] = number;
        }
        Ok(all)
    };
    if !is_old && node.has_input(target) {
        let own = sizes.iter().map(|&size| size as f64).collect();
        let after = place(numbers(node, target)?, own)?;
        let after: Vec<usize> = after.iter().map(|&size| size as usize).collect();
        if after.len() != sizes.len() || after.contains(&0) {
            return Err(misfit(&sizes));
        }
        let pairs = after.iter().zip(&sizes);
        return Ok(Resized {
            scales: pairs
                .map(|(&after, &before)| after as f64 / before as f64)
                .collect(),
            after: after.clone(),
            before: sizes,
            is_scaled: false,
        });
    }
    let scales = place(numbers(node, scales)?, vec![1.0; sizes.len()])?;
    Resized::scaled(&sizes, scales)
}

fn misfit(sizes: &[usize]) -> Unsupported {
    Unsupported::new(format!("gives {sizes:?} new sizes that do not fit"))
}

impl Resized {
    fn scaled(sizes: &[usize], scales: Vec<f64>) -> Result<Self, Unsupported> {
        if scales.len() != sizes.len() || scales.iter().any(|&by| !by.is_finite() || by <= 0.0) {
            return Err(misfit(sizes));
        }
        let pairs = sizes.iter().zip(&scales);
        let after: Vec<usize> = pairs
            .map(|(&size, by)| (size as f64 * by) as usize)
            .collect();
        if after.contains(&0) {
            return Err(misfit(sizes));
        }
        let mut whole = sizes.iter().zip(&after).zip(&scales);
        Ok(Self {
            // Where the sizes say the same, the scale need not be told.
            is_scaled: whole.any(|((&before, &after), &by)| after as f64 / before as f64 != by),
            before: sizes.to_vec(),
            after,
            scales,
        })
    }

    /// Whether only the axes after batch and channels change.
    fn is_of_maps(&self) -> bool {
        self.before.len() > FIRST_SPATIAL
            && self.before[..FIRST_SPATIAL] == self.after[..FIRST_SPATIAL]
    }

    fn op(&self, mode: InterpolationMode, align_corners: bool) -> Interpolate {
        let scales = &self.scales[FIRST_SPATIAL..];
        let scale = Tensor::new(Shape::from([scales.len()]), scales.to_vec());
        Interpolate {
            size: self.after[FIRST_SPATIAL..].to_vec(),
            mode,
            align_corners,
            scale_factor: scale.filter(|_| self.is_scaled && !align_corners),
        }
    }
}

/// Each pixel is a copy of the nearest: PyTorch's where that takes the same, else by its number.
fn nearest(node: &mut Node<'_, '_>, resized: &Resized, corners: &str, rounding: &str) -> Made {
    let mut x = node.operand(0)?;
    match (corners, rounding) {
        ("asymmetric", "floor") if resized.is_of_maps() => {
            let op = resized.op(InterpolationMode::Nearest, false);
            return node.layer(Layer::of(op, [x]));
        }
        ("half_pixel", "round_prefer_ceil") if resized.is_of_maps() => {
            let op = resized.op(InterpolationMode::NearestExact, false);
            return node.layer(Layer::of(op, [x]));
        }
        _ => {}
    }
    let rank = resized.before.len();
    let axes: Vec<usize> = (0..rank)
        .filter(|&axis| resized.before[axis] != resized.after[axis])
        .collect();
    let Some((&last, first)) = axes.split_last() else {
        return node.pass_on(0);
    };
    let select = |axis: usize| -> Result<IndexSelect, Unsupported> {
        let place = |at: usize| place(resized, axis, at, corners, rounding);
        let index = (0..resized.after[axis])
            .map(place)
            .collect::<Result<_, _>>()?;
        let dim = axis as i64;
        Ok(IndexSelect { index, dim })
    };
    for &axis in first {
        x = node.step("resized", Layer::of(select(axis)?, [x]))?;
    }
    node.layer(Layer::of(select(last)?, [x]))
}

/// The place of an axis that is nearest to one of the output.
fn place(
    resized: &Resized,
    axis: usize,
    at: usize,
    corners: &str,
    rounding: &str,
) -> Result<usize, Unsupported> {
    let (before, after) = (resized.before[axis] as f64, resized.after[axis] as f64);
    let (at, scale) = (at as f64, resized.scales[axis]);
    let place = match corners {
        "asymmetric" => at / scale,
        "half_pixel" => (at + 0.5) / scale - 0.5,
        "pytorch_half_pixel" if after > 1.0 => (at + 0.5) / scale - 0.5,
        "align_corners" if after > 1.0 => at * (before - 1.0) / (after - 1.0),
        "pytorch_half_pixel" | "align_corners" => 0.0,
        _ => return Err(corner_rule()),
    };
    let known = ROUNDINGS.iter().find(|(name, _)| *name == rounding);
    let (_, rounded) =
        known.ok_or_else(|| Unsupported::new("has a `nearest_mode` that is not known here"))?;
    Ok(rounded(place).clamp(0.0, before - 1.0) as usize)
}

/// A rule by which places are rounded, with its name.
type Rounding = (&'static str, fn(f64) -> f64);

/// The ways to find the nearest place, by what ONNX calls them.
const ROUNDINGS: [Rounding; 4] = [
    ("floor", f64::floor),
    ("ceil", f64::ceil),
    ("round_prefer_floor", |place| (place - 0.5).ceil()),
    ("round_prefer_ceil", |place| (place + 0.5).floor()),
];

fn corner_rule() -> Unsupported {
    Unsupported::new("lays the pixels of the two maps over each other as PyTorch does not")
}

/// Each pixel is a weighted sum of those near its place.
fn weighed(node: &mut Node<'_, '_>, resized: &Resized, is_line: bool, corners: &str) -> Made {
    if !resized.is_of_maps() {
        return Err(Unsupported::new("interpolates between samples or channels"));
    }
    let mode = match resized.before.len() - FIRST_SPATIAL {
        1 if is_line => InterpolationMode::Linear,
        2 if is_line => InterpolationMode::Bilinear,
        3 if is_line => InterpolationMode::Trilinear,
        2 => InterpolationMode::Bicubic,
        n => {
            return Err(Unsupported::new(format!(
                "interpolates by a curve along {n} axes, but `bicubic` is for 2"
            )));
        }
    };
    // Of a single pixel PyTorch's rule is another than that of half pixels.
    let is_single = resized.after[FIRST_SPATIAL..].contains(&1);
    let align_corners = match corners {
        "half_pixel" => false,
        "pytorch_half_pixel" if !is_single => false,
        "align_corners" if !resized.is_scaled => true,
        _ => return Err(corner_rule()),
    };
    let layer = Layer::of(resized.op(mode, align_corners), [node.operand(0)?]);
    node.layer(layer)
}
