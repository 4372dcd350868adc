//! Padding: how much a node asks for, and what becomes of it where it is a node of its own.

use super::Made;
use crate::onnx::constant::Constant;
use crate::onnx::error::Unsupported;
use crate::onnx::layer::Layer;
use crate::onnx::node::{Node, axis};
use crate::ops::{Pad, PadMode, Value};

/// The spatial axes come after the batch and the channels.
pub(super) const FIRST_SPATIAL: usize = 2;

/// The windows that slide over an input, along its spatial axes.
pub(super) struct Windows {
    pub(super) kernel: Vec<usize>,
    pub(super) strides: Vec<usize>,
    pub(super) dilations: Vec<usize>,
    /// How many places of padding come before the input and after it, along each axis.
    pub(super) pads: Vec<(usize, usize)>,
}

impl Windows {
    /// Reads the attributes that convolutions and pooling have in common. `sizes` are those of the
    /// input.
    pub(super) fn read(
        node: &mut Node<'_, '_>,
        sizes: &[usize],
        kernel: Vec<usize>,
    ) -> Result<Self, Unsupported> {
        let (mut windows, auto) = Self::steps(node, kernel)?;
        match auto {
            Auto::Given => {}
            Auto::Upper => windows.pads = windows.same(&sizes[FIRST_SPATIAL..], upper),
            Auto::Lower => windows.pads = windows.same(&sizes[FIRST_SPATIAL..], lower),
        }
        Ok(windows)
    }

    /// Reads the attributes of a transposed convolution, whose padding cuts the output. `longer` is
    /// what is added at its end, more of it where the output would not reach what is `wanted`: its
    /// size, where the model says it.
    pub(super) fn read_transposed(
        node: &mut Node<'_, '_>,
        sizes: &[usize],
        kernel: Vec<usize>,
        longer: &mut [usize],
        wanted: Option<Vec<usize>>,
    ) -> Result<Self, Unsupported> {
        let (mut windows, auto) = Self::steps(node, kernel)?;
        let sizes = &sizes[FIRST_SPATIAL..];
        let wanted = match (&auto, wanted) {
            (_, Some(wanted)) => wanted,
            (Auto::Given, None) => return Ok(windows),
            (_, None) => sizes
                .iter()
                .zip(&windows.strides)
                .map(|(&size, &stride)| size.saturating_mul(stride))
                .collect(),
        };
        let split = if matches!(auto, Auto::Upper) {
            upper
        } else {
            lower
        };
        for (axis, pad) in windows.pads.iter_mut().enumerate() {
            let reach = (sizes[axis] - 1).saturating_mul(windows.strides[axis]);
            let whole = reach
                .saturating_add(longer[axis])
                .saturating_add(span(windows.kernel[axis], windows.dilations[axis]));
            longer[axis] = longer[axis].saturating_add(wanted[axis].saturating_sub(whole));
            *pad = split(whole.saturating_sub(wanted[axis]));
        }
        Ok(windows)
    }

    /// Reads strides, dilations and padding, and how the padding is found where it is not given.
    fn steps(node: &mut Node<'_, '_>, kernel: Vec<usize>) -> Result<(Self, Auto), Unsupported> {
        let n = kernel.len();
        let strides = node
            .attributes
            .sizes("strides", n, 1)?
            .unwrap_or_else(|| vec![1; n]);
        let dilations = node
            .attributes
            .sizes("dilations", n, 1)?
            .unwrap_or_else(|| vec![1; n]);
        let given = node
            .attributes
            .sizes("pads", 2 * n, 0)?
            .unwrap_or_else(|| vec![0; 2 * n]);
        let given: Vec<(usize, usize)> =
            (0..n).map(|axis| (given[axis], given[n + axis])).collect();
        let none = vec![(0, 0); n];
        let (pads, auto) = match node.attributes.word("auto_pad", "NOTSET")? {
            "NOTSET" => (given, Auto::Given),
            "VALID" => (none, Auto::Given),
            "SAME_UPPER" => (none, Auto::Upper),
            "SAME_LOWER" => (none, Auto::Lower),
            _ => return Err(Unsupported::new("has an `auto_pad` that is not known here")),
        };
        Ok((
            Self {
                kernel,
                strides,
                dilations,
                pads,
            },
            auto,
        ))
    }

    /// The padding that makes ⌈size / stride⌉ windows along each axis; `split` shares it out to
    /// both sides.
    fn same(&self, sizes: &[usize], split: fn(usize) -> (usize, usize)) -> Vec<(usize, usize)> {
        let total = |axis: usize| {
            let span = self.span(axis);
            let last = (sizes[axis].div_ceil(self.strides[axis]) - 1) * self.strides[axis];
            last.saturating_add(span).saturating_sub(sizes[axis])
        };
        (0..sizes.len()).map(|axis| split(total(axis))).collect()
    }

    /// How many places the kernel spans along an axis.
    fn span(&self, axis: usize) -> usize {
        span(self.kernel[axis], self.dilations[axis])
    }

    /// The padding as a layer's own.
    pub(super) fn padding(&self) -> Value {
        let pair = |&(before, after): &(usize, usize)| Value::from(vec![before, after]);
        Value::List(self.pads.iter().map(pair).collect())
    }

    /// Whether the padding is the same on both sides.
    pub(super) fn is_symmetric(&self) -> bool {
        self.pads.iter().all(|(before, after)| before == after)
    }

    /// Whether it is the padding that a scenario calls "same": as much as the kernel spans, the
    /// larger half after the input.
    pub(super) fn is_same(&self) -> bool {
        let is_half = |axis: usize| self.pads[axis] == upper(self.span(axis) - 1);
        self.strides.iter().all(|&stride| stride == 1) && (0..self.pads.len()).all(is_half)
    }
}

/// How the padding is found.
enum Auto {
    /// It is given.
    Given,
    /// It follows from the sizes, with the larger half at the end.
    Upper,
    /// It follows from the sizes, with the larger half at the beginning.
    Lower,
}

/// Shares a padding out to both sides, the larger half at the end.
fn upper(total: usize) -> (usize, usize) {
    (total / 2, total - total / 2)
}

/// Shares a padding out to both sides, the larger half at the beginning.
fn lower(total: usize) -> (usize, usize) {
    (total - total / 2, total / 2)
}

/// How many places a kernel spans.
fn span(kernel: usize, dilation: usize) -> usize {
    (kernel - 1).saturating_mul(dilation).saturating_add(1)
}

/// A tensor with numbers around it, or with less than there was.
pub(super) fn pad(node: &mut Node<'_, '_>) -> Made {
    let mode = match node.attributes.word("mode", "constant")? {
        "constant" => PadMode::Constant,
        "reflect" => PadMode::Reflect,
        "edge" => PadMode::Replicate,
        "wrap" => PadMode::Circular,
        _ => return Err(Unsupported::new("pads in a `mode` that is not known here")),
    };
    let (pads, value) = amounts(node)?;
    let x = node.operand(0)?;
    let rank = x.shape.rank();
    let listed = match node.has_input(3) {
        true => node
            .ints(3, "its axes")?
            .data()
            .iter()
            .map(|&number| axis(number, rank))
            .collect::<Result<Vec<_>, _>>()?,
        false => (0..rank).collect(),
    };
    if pads.len() != 2 * listed.len() {
        return Err(Unsupported::new(format!(
            "has {} numbers of padding for {} axes",
            pads.len(),
            listed.len()
        )));
    }
    let mut sides = vec![[0, 0]; rank];
    for (nth, &axis) in listed.iter().enumerate() {
        sides[axis] = [pads[nth], pads[listed.len() + nth]];
    }
    let Some(first) = sides.iter().position(|&sides| sides != [0, 0]) else {
        return node.pass_on(0);
    };
    // Copies are added to all axes but the first two.
    let first = match mode {
        PadMode::Constant => first,
        PadMode::Reflect | PadMode::Replicate | PadMode::Circular => {
            first.min(FIRST_SPATIAL.min(rank - 1))
        }
    };
    let pad = sides[first..].iter().rev().flatten().copied().collect();
    node.layer(Layer::of(Pad { pad, mode, value }, [x]))
}

/// How much a `Pad` adds at each place, and which number: attributes at first, inputs since version
/// 11.
fn amounts(node: &mut Node<'_, '_>) -> Result<(Vec<i64>, f64), Unsupported> {
    if node.opset() < 11 {
        let name = if node.opset() < 2 { "paddings" } else { "pads" };
        let pads = node.attributes.ints(name)?.unwrap_or_default().to_vec();
        return Ok((pads, node.attributes.float("value", 0.0)?));
    }
    let pads = node.ints(1, "its padding")?.data().to_vec();
    if !node.has_input(2) {
        return Ok((pads, 0.0));
    }
    let number = node.known(2, "the number that it pads with")?;
    match &number.constant {
        Constant::Floats(array) if array.data().len() == 1 => Ok((pads, array.data()[0])),
        _ => Err(Unsupported::new("pads with what is not one number")),
    }
}
