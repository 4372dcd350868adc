//! How an array may have come to another shape than its tensor's.

use std::fmt;

use crate::ops::Value;
use crate::tape::{Layer, Network};
use crate::tensor::{Shape, TensorId};

/// How an array has come to another shape than its tensor's.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WrongShape {
    /// The padding of a layer that reads the tensor is still round it.
    NotCropped {
        /// The layer.
        layer: String,
    },
    /// What arrives at a layer was summed over other axes than its bias's gradient is.
    OtherAxes {
        /// The layer.
        layer: String,
        /// The shape of what arrives.
        arrives: Shape,
        /// The axis over which it is not summed.
        axis: usize,
    },
}

impl fmt::Display for WrongShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotCropped { layer } => {
                write!(
                    f,
                    "the padding of `{layer}` is still round it, and has to be cut off"
                )
            }
            Self::OtherAxes {
                layer,
                arrives,
                axis,
            } => write!(
                f,
                "a bias gets the gradient of `{layer}`, {arrives}, summed over all axes but axis \
                 {axis}"
            ),
        }
    }
}

/// Finds out how an array may have come to its shape, where a mistake is known that leads there.
pub(super) fn likely(network: &Network, tensor: TensorId, found: &Shape) -> Option<WrongShape> {
    let expected = &network.tensor(tensor).shape;
    let consumers = network.consumers(tensor).iter();
    let mut layers = consumers.map(|consumer| network.layer(consumer.layer));
    layers.find_map(|layer| {
        let name = || network.tensor(layer.output).name.clone();
        let arrives = &network.tensor(layer.output).shape;
        if layer.bias == Some(tensor) {
            let axis = bias_axis(layer, arrives)?;
            return comes_of_sum(found, arrives).then(|| WrongShape::OtherAxes {
                layer: name(),
                arrives: arrives.clone(),
                axis,
            });
        }
        let is_input = layer.inputs.contains(&tensor) && layer.weight != Some(tensor);
        let is_padded = is_input && is_with_padding(layer, expected, found);
        is_padded.then(|| WrongShape::NotCropped { layer: name() })
    })
}

/// The axis of a layer's output that its bias goes along.
fn bias_axis(layer: &Layer, output: &Shape) -> Option<usize> {
    let axes = if layer.op.kind().is_convolution() {
        layer.spatial_axes()
    } else {
        0
    };
    output.rank().checked_sub(axes + 1)
}

/// Whether a shape is what is left of another one that is summed over some of its axes, which leave
/// nothing or a one.
fn comes_of_sum(found: &Shape, of: &Shape) -> bool {
    let kept = |keeps_ones: bool| {
        (0..1_u32 << of.rank().min(8)).any(|summed| {
            let sizes =
                of.iter()
                    .enumerate()
                    .filter_map(|(axis, &size)| match summed >> axis & 1 == 1 {
                        true => keeps_ones.then_some(1),
                        false => Some(size),
                    });
            sizes.eq(found.iter().copied())
        })
    };
    kept(false) || kept(true)
}

/// Whether a shape is that of a layer's input with the layer's padding round it.
fn is_with_padding(layer: &Layer, input: &Shape, found: &Shape) -> bool {
    let axes = layer.spatial_axes();
    if found.rank() != input.rank() || axes == 0 || axes > input.rank() {
        return false;
    }
    let given = layer.op.given();
    let Some((_, padding)) = given.iter().find(|(key, _)| *key == "padding") else {
        return false;
    };
    let outer = input.rank() - axes;
    let is_such = |axis: usize| {
        let Some(more) = found[axis].checked_sub(input[axis]) else {
            return false;
        };
        match axis.checked_sub(outer) {
            None => more == 0,
            Some(axis) => places(padding, axis).is_none_or(|places| places == more as i128),
        }
    };
    found != input && (0..input.rank()).all(is_such)
}

/// How many places of padding there are along an axis, both sides together; nothing where it goes
/// by the kernel.
fn places(padding: &Value, axis: usize) -> Option<i128> {
    let sides = match padding {
        Value::List(along) if along.len() > 1 => along.get(axis)?,
        Value::List(along) => along.first()?,
        same => same,
    };
    match sides {
        Value::Whole(each) => Some(2 * each),
        Value::List(sides) => {
            let sides = sides.iter().map(|side| match side {
                Value::Whole(places) => Some(*places),
                _ => None,
            });
            sides.sum()
        }
        _ => None,
    }
}
