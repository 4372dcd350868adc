//! The same numbers under another index, and nodes that change nothing.

use super::Made;
use super::logic;
use super::reduce::listed_axes;
use crate::onnx::constant::{Constant, count};
use crate::onnx::error::Unsupported;
use crate::onnx::layer::{Layer, Operand};
use crate::onnx::node::{Node, axes, axis};
use crate::onnx::numbers;
use crate::ops::{Cat, Flatten, Permute, Reshape};

/// The version from which on `Squeeze` and `Unsqueeze` read their axes as an input.
const AXES_ARE_AN_INPUT: i64 = 13;

/// A node that changes nothing leaves no layer behind.
pub(super) fn identity(node: &mut Node<'_, '_>) -> Made {
    node.pass_on(0)
}

/// Everything is computed in f64, so a change of the precision leaves no layer behind.
pub(super) fn cast(node: &mut Node<'_, '_>) -> Made {
    node.attributes.ignore(&["saturate", "round_mode"]);
    if is_cast_to_floats(node)? {
        return node.pass_on(0);
    }
    if node.attributes.int("to")? == Some(numbers::BOOL) {
        return logic::flag(node);
    }
    Err(to_integers())
}

/// As [`cast`], to the type of the second input.
pub(super) fn cast_like(node: &mut Node<'_, '_>) -> Made {
    node.attributes.ignore(&["saturate", "round_mode"]);
    if node.is_float(1) {
        node.pass_on(0)
    } else {
        Err(to_integers())
    }
}

fn to_integers() -> Unsupported {
    Unsupported::new("makes integers of numbers that are computed, which lets no gradient through")
}

/// Whether a `Cast` makes numbers that have gradients.
pub(super) fn is_cast_to_floats(node: &mut Node<'_, '_>) -> Result<bool, Unsupported> {
    // The first versions write a word here.
    let to = if node.opset() < 6 {
        return Ok(matches!(
            node.attributes.word("to", "")?,
            "FLOAT" | "DOUBLE" | "FLOAT16"
        ));
    } else {
        node.attributes.int("to")?.unwrap_or_default()
    };
    Ok(numbers::is_float(numbers::dtype(
        i32::try_from(to).unwrap_or_default(),
    )?))
}

/// Dropout that drops nothing, as when a model is used and not trained.
pub(super) fn dropout(node: &mut Node<'_, '_>) -> Made {
    node.attributes
        .ignore(&["ratio", "seed", "consumed_inputs"]);
    let is_training = match node.opset() {
        12.. if node.has_input(2) => {
            node.ints(2, "whether it trains")?.data().contains(&1) && !keeps_all(node)?
        }
        7.. => false,
        _ => !node.attributes.flag("is_test", false)?,
    };
    if is_training {
        return Err(Unsupported::new(
            "drops neurons at random, as in training; a scenario has no chance in it",
        )
        .hinted("export the model for inference, after `model.eval()`"));
    }
    node.pass_on(0)
}

/// Whether the ratio of what is dropped is 0.
fn keeps_all(node: &Node<'_, '_>) -> Result<bool, Unsupported> {
    if !node.has_input(1) {
        return Ok(false);
    }
    let ratio = node.known(1, "how much it drops")?;
    Ok(matches!(&ratio.constant, Constant::Floats(array) if array.data() == [0.0]))
}

pub(super) fn flatten(node: &mut Node<'_, '_>) -> Made {
    let sizes = node.sizes(0)?;
    let flat = flattened(node, &sizes)?;
    if sizes.len() > 1 && flat[0] == sizes[0] {
        let flatten = Flatten {
            start_dim: 1,
            ..Default::default()
        };
        let layer = Layer::of(flatten, [node.operand(0)?]);
        return node.layer(layer);
    }
    view(node, flat)
}

/// The sizes of the matrix that `Flatten` makes.
pub(super) fn flattened(
    node: &mut Node<'_, '_>,
    sizes: &[usize],
) -> Result<Vec<usize>, Unsupported> {
    let given = node.attributes.int("axis")?.unwrap_or(1);
    // The axis may stand behind the last one.
    let first = if given == sizes.len() as i64 {
        sizes.len()
    } else {
        axis(given, sizes.len())?
    };
    let (outer, inner) = sizes.split_at(first);
    Ok(vec![outer.iter().product(), inner.iter().product()])
}

pub(super) fn reshape(node: &mut Node<'_, '_>) -> Made {
    let sizes = node.sizes(0)?;
    let sizes = new_sizes(node, &sizes)?;
    view(node, sizes)
}

/// The sizes that `Reshape` makes: an attribute at first, an input since version 5.
pub(super) fn new_sizes(node: &mut Node<'_, '_>, old: &[usize]) -> Result<Vec<usize>, Unsupported> {
    let asked = if node.opset() < 5 {
        node.attributes.ignore(&["consumed_inputs"]);
        node.attributes.ints("shape")?.unwrap_or_default().to_vec()
    } else {
        node.ints(1, "its new sizes")?.data().to_vec()
    };
    let keeps_zeros = node.attributes.flag("allowzero", false)?;
    let refusal = || {
        Unsupported::new(format!(
            "gives the sizes {old:?} the new ones {asked:?}, which do not fit"
        ))
    };
    let size = |(at, &size): (usize, &i64)| match size {
        -1 => Ok(None),
        0 if !keeps_zeros => old.get(at).copied().map(Some).ok_or_else(refusal),
        size => usize::try_from(size).map(Some).map_err(|_| refusal()),
    };
    let sizes = asked
        .iter()
        .enumerate()
        .map(size)
        .collect::<Result<Vec<_>, _>>()?;
    let known = count(&sizes.iter().flatten().copied().collect::<Vec<_>>()).ok_or_else(refusal)?;
    let total = count(old).ok_or_else(refusal)?;
    let left = match sizes.iter().filter(|size| size.is_none()).count() {
        0 => 1,
        1 if known > 0 => total / known,
        _ => return Err(refusal()),
    };
    if known.checked_mul(left) != Some(total) {
        return Err(refusal());
    }
    Ok(sizes.into_iter().map(|size| size.unwrap_or(left)).collect())
}

pub(super) fn squeeze(node: &mut Node<'_, '_>) -> Made {
    let sizes = node.sizes(0)?;
    let sizes = squeezed(node, &sizes)?;
    view(node, sizes)
}

/// The sizes without axes of size 1: those that are named, or all.
pub(super) fn squeezed(
    node: &mut Node<'_, '_>,
    sizes: &[usize],
) -> Result<Vec<usize>, Unsupported> {
    let Some(named) = listed_axes(node, AXES_ARE_AN_INPUT)? else {
        return Ok(sizes.iter().copied().filter(|&size| size != 1).collect());
    };
    let named = axes(&named, sizes.len())?;
    match named.iter().find(|&&axis| sizes[axis] != 1) {
        Some(axis) => Err(Unsupported::new(format!(
            "takes out axis {axis}, which has the size {}, not 1",
            sizes[*axis]
        ))),
        None => Ok(sizes
            .iter()
            .enumerate()
            .filter(|(axis, _)| !named.contains(axis))
            .map(|(_, &size)| size)
            .collect()),
    }
}

pub(super) fn unsqueeze(node: &mut Node<'_, '_>) -> Made {
    let sizes = node.sizes(0)?;
    let sizes = unsqueezed(node, &sizes)?;
    view(node, sizes)
}

/// The sizes with new axes of size 1 at the named places.
pub(super) fn unsqueezed(
    node: &mut Node<'_, '_>,
    sizes: &[usize],
) -> Result<Vec<usize>, Unsupported> {
    let named = listed_axes(node, AXES_ARE_AN_INPUT)?
        .ok_or_else(|| Unsupported::new("does not name its axes"))?;
    let named = axes(&named, sizes.len() + named.len())?;
    let mut all = sizes.to_vec();
    // In ascending order, so that each stands where it is to stand in the end.
    named.into_iter().for_each(|axis| all.insert(axis, 1));
    Ok(all)
}

fn view(node: &mut Node<'_, '_>, sizes: Vec<usize>) -> Made {
    let x = node.operand(0)?;
    reshaped(node, x, sizes)
}

/// Adds a layer that reads a tensor under other sizes.
pub(super) fn reshaped(node: &mut Node<'_, '_>, x: Operand, sizes: Vec<usize>) -> Made {
    let shape = Reshape::new(sizes.into_iter().map(Some).collect());
    node.layer(Layer::of(shape, [x]))
}

pub(super) fn transpose(node: &mut Node<'_, '_>) -> Made {
    let rank = node.sizes(0)?.len();
    let order = order(node, rank)?;
    let dims = order.into_iter().map(|axis| axis as i64).collect();
    let layer = Layer::of(Permute::new(dims), [node.operand(0)?]);
    node.layer(layer)
}

/// Which axis of the input each axis of a `Transpose` is; all in reverse where nothing is said.
pub(super) fn order(node: &mut Node<'_, '_>, rank: usize) -> Result<Vec<usize>, Unsupported> {
    let Some(perm) = node.attributes.ints("perm")? else {
        return Ok((0..rank).rev().collect());
    };
    let order = perm
        .iter()
        .map(|&number| axis(number, rank))
        .collect::<Result<Vec<_>, _>>()?;
    if axes(perm, rank)?.len() != rank {
        return Err(Unsupported::new(format!(
            "orders {} axes of a tensor that has {rank}",
            perm.len()
        )));
    }
    Ok(order)
}

pub(super) fn concat(node: &mut Node<'_, '_>) -> Made {
    let dim = concat_axis(node)?;
    let mut operands = Vec::new();
    for number in 0..node.n_inputs() {
        // What has no elements adds nothing.
        if !node.sizes(number)?.contains(&0) {
            operands.push(node.operand(number)?);
        }
    }
    node.layer(Layer::of(Cat { dim: dim as i64 }, operands))
}

/// The axis along which `Concat` joins.
pub(super) fn concat_axis(node: &mut Node<'_, '_>) -> Result<usize, Unsupported> {
    let default = (node.opset() < 4).then_some(1);
    let given = node
        .attributes
        .int("axis")?
        .or(default)
        .ok_or_else(|| Unsupported::new("does not say along which axis"))?;
    axis(given, node.sizes(0)?.len())
}
