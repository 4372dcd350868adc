//! Nodes that are worked out while the model is read: constants, and arithmetic on constants, such
//! as the sizes of a `Reshape`.
//!
//! Each function returns nothing where something that it needs is only computed later.

pub(super) mod elementwise;
pub(super) mod places;
pub(super) mod reduction;

use super::{Folded, rearrange};
use crate::onnx::attributes::decimal;
use crate::onnx::constant::{Array, Constant};
use crate::onnx::error::Unsupported;
use crate::onnx::node::Node;
use crate::onnx::numbers;

pub(super) fn constant(node: &mut Node<'_, '_>) -> Folded {
    if let Some(tensor) = node.attributes.tensor("value")? {
        let read = numbers::read(tensor, node.context.files, node.context.elements_left)?;
        return made(node, read);
    }
    let found = if let Some(floats) = node.attributes.floats("value_floats")? {
        Some(Constant::Floats(Array::list(
            floats.iter().map(|&number| decimal(number)).collect(),
        )))
    } else if let Some(ints) = node.attributes.ints("value_ints")? {
        Some(Constant::Ints(Array::list(ints.to_vec())))
    } else if let Some(int) = node.attributes.int("value_int")? {
        Some(Constant::Ints(Array::scalar(int)))
    } else {
        node.attributes
            .number("value_float")?
            .map(|number| Constant::Floats(Array::scalar(number)))
    };
    match found {
        Some(constant) => made(node, constant),
        None => Err(Unsupported::new("holds nothing that is read here")),
    }
}

/// The sizes of a tensor, which are known even where the tensor is computed.
pub(super) fn shape(node: &mut Node<'_, '_>) -> Folded {
    let sizes: Vec<i64> = node.sizes(0)?.into_iter().map(|size| size as i64).collect();
    let (start, end) = (
        node.attributes.int("start")?.unwrap_or(0),
        node.attributes.int("end")?.unwrap_or(i64::MAX),
    );
    let n = sizes.len() as i64;
    let from_the_end = |place: i64| place.saturating_add(n).max(0);
    let bound = |place: i64| {
        let counted = if place < 0 {
            from_the_end(place)
        } else {
            place.min(n)
        };
        counted as usize
    };
    let (start, end) = (bound(start), bound(end));
    Ok(Some(Constant::Ints(Array::list(
        sizes.get(start..end).unwrap_or_default().to_vec(),
    ))))
}

pub(super) fn size(node: &mut Node<'_, '_>) -> Folded {
    let n: usize = node.sizes(0)?.iter().product();
    Ok(Some(Constant::Ints(Array::scalar(n as i64))))
}

pub(super) fn constant_of_shape(node: &mut Node<'_, '_>) -> Folded {
    let Some(sizes) = ints(node, 0) else {
        return Ok(None);
    };
    let sizes = sizes
        .data()
        .iter()
        .map(|&size| usize::try_from(size))
        .collect::<Result<Vec<_>, _>>();
    let sizes = sizes.map_err(|_| Unsupported::new("makes a tensor with a negative size"))?;
    let value = node.attributes.tensor("value")?;
    node.context.charge_sizes(&sizes)?;
    let value = match value {
        Some(tensor) => numbers::read(tensor, node.context.files, 1)?,
        None => Constant::Floats(Array::scalar(0.0)),
    };
    let filled = value.reshaped(Vec::new());
    let filled = filled.and_then(|value| value.stretched(&sizes));
    filled
        .ok_or_else(|| Unsupported::new("has a value that is not one number"))
        .map(Some)
}

pub(super) fn cast(node: &mut Node<'_, '_>) -> Folded {
    let Some(known) = node.constant(0) else {
        return Ok(None);
    };
    let to_floats = rearrange::is_cast_to_floats(node)?;
    let cast = known.constant.cast(to_floats);
    made(node, cast)
}

/// A constant of the type of another tensor.
pub(super) fn cast_like(node: &mut Node<'_, '_>) -> Folded {
    let (Some(known), is_float) = (node.constant(0), node.is_float(1)) else {
        return Ok(None);
    };
    node.attributes.ignore(&["saturate", "round_mode"]);
    let cast = known.constant.cast(is_float);
    made(node, cast)
}

/// Evenly spaced numbers, from the first input by steps of the third until the second.
pub(super) fn range(node: &mut Node<'_, '_>) -> Folded {
    let all = [node.constant(0), node.constant(1), node.constant(2)];
    let [Some(start), Some(end), Some(step)] = all else {
        return Ok(None);
    };
    let number = |constant: &Constant| match constant.cast(true) {
        Constant::Floats(array) if array.data().len() == 1 => Ok(array.data()[0]),
        Constant::Floats(_) | Constant::Ints(_) => Err(misfit()),
    };
    let [start_at, end, step] = [
        number(&start.constant)?,
        number(&end.constant)?,
        number(&step.constant)?,
    ];
    // A step of 0 makes a count that is none, and so does one that is too small.
    let n = ((end - start_at) / step).ceil().max(0.0);
    if !n.is_finite() {
        return Err(misfit());
    }
    node.context.charge(n as usize)?;
    let numbers = (0..n as usize).map(|nth| start_at + nth as f64 * step);
    let numbers = Constant::Floats(Array::list(numbers.collect()));
    Ok(Some(numbers.cast(start.constant.floats().is_some())))
}

/// The whole numbers of an input that the model knows.
pub(super) fn ints(node: &Node<'_, '_>, number: usize) -> Option<Array<i64>> {
    node.constant(number)?.constant.ints().cloned()
}

fn made(node: &mut Node<'_, '_>, constant: Constant) -> Folded {
    node.context.charge(constant.len())?;
    Ok(Some(constant))
}

pub(super) fn misfit() -> Unsupported {
    Unsupported::new("works with constants that do not fit each other")
}
