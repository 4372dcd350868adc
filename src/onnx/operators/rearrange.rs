//! The same numbers under another index, and nodes that change nothing.

use super::Made;
use super::reduce::listed_axes;
use crate::onnx::call::{Call, axes, axis};
use crate::onnx::constant::{Constant, count};
use crate::onnx::draft::Layer;
use crate::onnx::numbers;
use crate::onnx::refusal::Refusal;

/// The version from which on `Squeeze` and `Unsqueeze` read their axes as an input.
const AXES_ARE_AN_INPUT: i64 = 13;

/// A node that changes nothing leaves no layer behind.
pub(super) fn identity(call: &mut Call<'_, '_>) -> Made {
    call.pass_on(0)
}

/// Everything is computed in f64, so a change of the precision leaves no layer behind.
pub(super) fn cast(call: &mut Call<'_, '_>) -> Made {
    call.attributes.ignore(&["saturate", "round_mode"]);
    if is_cast_to_floats(call)? {
        return call.pass_on(0);
    }
    Err(to_integers())
}

/// As [`cast`], to the type of the second input.
pub(super) fn cast_like(call: &mut Call<'_, '_>) -> Made {
    call.attributes.ignore(&["saturate", "round_mode"]);
    if call.is_float(1) {
        call.pass_on(0)
    } else {
        Err(to_integers())
    }
}

fn to_integers() -> Refusal {
    Refusal::new("makes integers of numbers that are computed, which lets no gradient through")
}

/// Whether a `Cast` makes numbers that have gradients.
pub(super) fn is_cast_to_floats(call: &mut Call<'_, '_>) -> Result<bool, Refusal> {
    // The first versions write a word here.
    let to = if call.opset() < 6 {
        return Ok(matches!(
            call.attributes.word("to", "")?,
            "FLOAT" | "DOUBLE" | "FLOAT16"
        ));
    } else {
        call.attributes.int("to")?.unwrap_or_default()
    };
    Ok(numbers::is_float(numbers::dtype(
        i32::try_from(to).unwrap_or_default(),
    )?))
}

/// Dropout that drops nothing, as when a model is used and not trained.
pub(super) fn dropout(call: &mut Call<'_, '_>) -> Made {
    call.attributes
        .ignore(&["ratio", "seed", "consumed_inputs"]);
    let is_training = match call.opset() {
        12.. if call.has_input(2) => {
            call.ints(2, "whether it trains")?.data().contains(&1) && !keeps_all(call)?
        }
        7.. => false,
        _ => !call.attributes.flag("is_test", false)?,
    };
    if is_training {
        return Err(Refusal::new(
            "drops neurons at random, as in training; a scenario has no chance in it",
        )
        .hinted("export the model for inference, after `model.eval()`"));
    }
    call.pass_on(0)
}

/// Whether the ratio of what is dropped is 0.
fn keeps_all(call: &Call<'_, '_>) -> Result<bool, Refusal> {
    if !call.has_input(1) {
        return Ok(false);
    }
    let ratio = call.known(1, "how much it drops")?;
    Ok(matches!(&ratio.constant, Constant::Floats(array) if array.data() == [0.0]))
}

pub(super) fn flatten(call: &mut Call<'_, '_>) -> Made {
    let sizes = call.sizes(0)?;
    let flat = flattened(call, &sizes)?;
    if sizes.len() > 1 && flat[0] == sizes[0] {
        let layer = Layer::of("flatten", [call.operand(0)?]).set("start_dim", 1);
        return call.layer(layer);
    }
    view(call, flat)
}

/// The sizes of the matrix that `Flatten` makes.
pub(super) fn flattened(call: &mut Call<'_, '_>, sizes: &[usize]) -> Result<Vec<usize>, Refusal> {
    let given = call.attributes.int("axis")?.unwrap_or(1);
    // The axis may stand behind the last one.
    let first = if given == sizes.len() as i64 {
        sizes.len()
    } else {
        axis(given, sizes.len())?
    };
    let (outer, inner) = sizes.split_at(first);
    Ok(vec![outer.iter().product(), inner.iter().product()])
}

pub(super) fn reshape(call: &mut Call<'_, '_>) -> Made {
    let sizes = call.sizes(0)?;
    let sizes = new_sizes(call, &sizes)?;
    view(call, sizes)
}

/// The sizes that `Reshape` makes: an attribute at first, an input since version 5.
pub(super) fn new_sizes(call: &mut Call<'_, '_>, old: &[usize]) -> Result<Vec<usize>, Refusal> {
    let asked = if call.opset() < 5 {
        call.attributes.ignore(&["consumed_inputs"]);
        call.attributes.ints("shape")?.unwrap_or_default().to_vec()
    } else {
        call.ints(1, "its new sizes")?.data().to_vec()
    };
    let keeps_zeros = call.attributes.flag("allowzero", false)?;
    let refusal = || {
        Refusal::new(format!(
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

pub(super) fn squeeze(call: &mut Call<'_, '_>) -> Made {
    let sizes = call.sizes(0)?;
    let sizes = squeezed(call, &sizes)?;
    view(call, sizes)
}

/// The sizes without axes of size 1: those that are named, or all.
pub(super) fn squeezed(call: &mut Call<'_, '_>, sizes: &[usize]) -> Result<Vec<usize>, Refusal> {
    let Some(named) = listed_axes(call, AXES_ARE_AN_INPUT)? else {
        return Ok(sizes.iter().copied().filter(|&size| size != 1).collect());
    };
    let named = axes(&named, sizes.len())?;
    match named.iter().find(|&&axis| sizes[axis] != 1) {
        Some(axis) => Err(Refusal::new(format!(
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

pub(super) fn unsqueeze(call: &mut Call<'_, '_>) -> Made {
    let sizes = call.sizes(0)?;
    let sizes = unsqueezed(call, &sizes)?;
    view(call, sizes)
}

/// The sizes with new axes of size 1 at the named places.
pub(super) fn unsqueezed(call: &mut Call<'_, '_>, sizes: &[usize]) -> Result<Vec<usize>, Refusal> {
    let named = listed_axes(call, AXES_ARE_AN_INPUT)?
        .ok_or_else(|| Refusal::new("does not name its axes"))?;
    let named = axes(&named, sizes.len() + named.len())?;
    let mut all = sizes.to_vec();
    // In ascending order, so that each stands where it is to stand in the end.
    named.into_iter().for_each(|axis| all.insert(axis, 1));
    Ok(all)
}

fn view(call: &mut Call<'_, '_>, sizes: Vec<usize>) -> Made {
    let layer = Layer::of("reshape", [call.operand(0)?]).set("shape", sizes);
    call.layer(layer)
}

pub(super) fn transpose(call: &mut Call<'_, '_>) -> Made {
    let rank = call.sizes(0)?.len();
    let order = order(call, rank)?;
    let layer = Layer::of("permute", [call.operand(0)?]).set("dims", order);
    call.layer(layer)
}

/// Which axis of the input each axis of a `Transpose` is; all in reverse where nothing is said.
pub(super) fn order(call: &mut Call<'_, '_>, rank: usize) -> Result<Vec<usize>, Refusal> {
    let Some(perm) = call.attributes.ints("perm")? else {
        return Ok((0..rank).rev().collect());
    };
    let order = perm
        .iter()
        .map(|&number| axis(number, rank))
        .collect::<Result<Vec<_>, _>>()?;
    if axes(perm, rank)?.len() != rank {
        return Err(Refusal::new(format!(
            "orders {} axes of a tensor that has {rank}",
            perm.len()
        )));
    }
    Ok(order)
}

pub(super) fn concat(call: &mut Call<'_, '_>) -> Made {
    let dim = concat_axis(call)?;
    let operands = (0..call.n_inputs())
        .map(|number| call.operand(number))
        .collect::<Result<Vec<_>, _>>()?;
    call.layer(Layer::of("cat", operands).set_unless("dim", dim, 0))
}

/// The axis along which `Concat` joins.
pub(super) fn concat_axis(call: &mut Call<'_, '_>) -> Result<usize, Refusal> {
    let default = (call.opset() < 4).then_some(1);
    let given = call
        .attributes
        .int("axis")?
        .or(default)
        .ok_or_else(|| Refusal::new("does not say along which axis"))?;
    axis(given, call.sizes(0)?.len())
}
