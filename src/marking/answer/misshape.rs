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
        /// The axis along which it is, where it was cut off along another.
        axis: Option<usize>,
    },
    /// As much as the padding of a layer that reads the tensor was cut off where it was not.
    Cropped {
        /// The layer.
        layer: String,
        /// The first axis along which it was.
        axis: usize,
    },
    /// It is the shape of another tensor.
    OfAnother {
        /// That tensor.
        tensor: String,
    },
    /// The axes are in another order.
    Permuted {
        /// By axis of the tensor: the axis of the array.
        axes: Vec<usize>,
    },
    /// There are as many numbers, but in other rows.
    Reshaped {
        /// The tensor's shape.
        expected: Shape,
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
            Self::NotCropped { layer, axis } => {
                let along = axis.map_or_else(String::new, |axis| format!(" along axis {axis}"));
                write!(
                    f,
                    "the padding of `{layer}` is still round it{along}, and has to be cut off"
                )
            }
            Self::Cropped { layer, axis } => write!(
                f,
                "as much as the padding of `{layer}` is missing along axis {axis}: was more cut \
                 off than was added?"
            ),
            Self::OfAnother { tensor } => {
                write!(
                    f,
                    "that is the shape of `{tensor}`; were the two exchanged?"
                )
            }
            Self::Permuted { axes } => {
                let axes: Vec<String> = axes.iter().map(usize::to_string).collect();
                write!(
                    f,
                    "its axes are in another order, and `.transpose({})` brings them into this one",
                    axes.join(", ")
                )
            }
            Self::Reshaped { expected } => write!(
                f,
                "as many numbers, which `.reshape({})` brings into this shape",
                expected
                    .iter()
                    .map(usize::to_string)
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
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
    let of_layer = layers.find_map(|layer| {
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
        cropped(layer, expected, found, name).filter(|_| is_input)
    });
    let permuted = || {
        (found != expected)
            .then(|| permutation(expected, found))
            .flatten()
    };
    of_layer
        .or_else(|| of_another(network, tensor, found))
        .or_else(|| Some(WrongShape::Permuted { axes: permuted()? }))
        .or_else(|| {
            let expected = expected.clone();
            (found.numel() == expected.numel()).then_some(WrongShape::Reshaped { expected })
        })
}

/// The other operand of a layer that reads the tensor, where that has the shape and is no scalar.
fn of_another(network: &Network, tensor: TensorId, found: &Shape) -> Option<WrongShape> {
    let consumers = network.consumers(tensor).iter();
    let layers = consumers.map(|consumer| network.layer(consumer.layer));
    let mut others = layers.flat_map(|layer| {
        let inputs = layer.inputs.iter().copied();
        inputs.chain(layer.weight).chain(layer.bias)
    });
    let is_such = |&other: &TensorId| {
        other != tensor && network.tensor(other).shape == *found && found.numel() > 1
    };
    let tensor = network.tensor(others.find(is_such)?).name.clone();
    Some(WrongShape::OfAnother { tensor })
}

/// The order of an array's axes that gives the expected shape: of several the one that keeps the
/// spatial axes in their order behind the others, as from channels last to channels first.
fn permutation(expected: &Shape, found: &Shape) -> Option<Vec<usize>> {
    let rank = expected.rank();
    if found.rank() != rank || !(2..=MOST_PERMUTED).contains(&rank) {
        return None;
    }
    let mut channels_last: Vec<usize> = (0..rank).collect();
    channels_last[1..].rotate_right(1);
    let mut kernel_first: Vec<usize> = (0..rank - 2).collect();
    kernel_first.splice(0..0, [rank - 1, rank - 2]);
    let fits = |axes: &Vec<usize>| (0..rank).all(|axis| found[axes[axis]] == expected[axis]);
    let known = [channels_last, kernel_first].into_iter();
    known.chain(all_orders(rank)).find(fits)
}

/// The most axes whose orders are tried.
const MOST_PERMUTED: usize = 5;

/// All orders of so many axes.
fn all_orders(rank: usize) -> Vec<Vec<usize>> {
    (0..rank).fold(vec![Vec::new()], |orders, _| {
        let longer = |order: &Vec<usize>| {
            let free = (0..rank).filter(|axis| !order.contains(axis));
            free.map(|axis| [&order[..], &[axis]].concat())
                .collect::<Vec<_>>()
        };
        orders.iter().flat_map(longer).collect()
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

/// Whether a shape is that of a layer's input with the layer's padding round it, along all axes or
/// along some, or with as much cut off.
fn cropped(
    layer: &Layer,
    input: &Shape,
    found: &Shape,
    name: impl Fn() -> String,
) -> Option<WrongShape> {
    let axes = layer.spatial_axes();
    if found.rank() != input.rank() || axes == 0 || axes > input.rank() || found == input {
        return None;
    }
    let given = layer.op.given();
    let (_, padding) = given.iter().find(|(key, _)| *key == "padding")?;
    let outer = input.rank() - axes;
    let more = |axis: usize| found[axis] as i128 - input[axis] as i128;
    let is_whole = |axis: usize| match axis.checked_sub(outer) {
        None => more(axis) == 0,
        Some(along) => match places(padding, along) {
            Some(places) => [0, places, -places].contains(&more(axis)),
            None => more(axis) >= 0,
        },
    };
    if !(0..input.rank()).all(is_whole) {
        return None;
    }
    let mut spatial = outer..input.rank();
    if let Some(axis) = spatial.clone().find(|&axis| more(axis) < 0) {
        let layer = name();
        return Some(WrongShape::Cropped { layer, axis });
    }
    let first = spatial.clone().find(|&axis| more(axis) > 0)?;
    // Where there is none along an axis, nothing was cut off there.
    let is_left = |axis: usize| {
        more(axis) > 0 || places(padding, axis - outer).is_some_and(|places| places == 0)
    };
    let layer = name();
    let axis = (!spatial.all(is_left)).then_some(first);
    Some(WrongShape::NotCropped { layer, axis })
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
