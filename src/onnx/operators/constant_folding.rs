//! Nodes that are worked out while the model is read: constants, and arithmetic on constants, such
//! as the sizes of a `Reshape`.
//!
//! Each function returns nothing where something that it needs is only computed later.

use std::rc::Rc;

use super::{Folded, rearrange};
use crate::onnx::attributes::decimal;
use crate::onnx::constant::{Array, Constant, broadcast};
use crate::onnx::error::Unsupported;
use crate::onnx::node::{Node, axis};
use crate::onnx::numbers;
use crate::onnx::value::Known;

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
    let n = sizes.iter().product();
    let filled = match value {
        Constant::Floats(array) => array
            .data()
            .first()
            .and_then(|&number| Array::new(sizes, vec![number; n]))
            .map(Constant::Floats),
        Constant::Ints(array) => array
            .data()
            .first()
            .and_then(|&number| Array::new(sizes, vec![number; n]))
            .map(Constant::Ints),
    };
    Ok(Some(filled.ok_or_else(|| {
        Unsupported::new("has a value that is not one number")
    })?))
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

/// A constant broadcast to sizes.
pub(super) fn expand(node: &mut Node<'_, '_>) -> Folded {
    let (Some(known), Some(sizes)) = (node.constant(0), ints(node, 1)) else {
        return Ok(None);
    };
    let sizes: Option<Vec<usize>> = sizes
        .data()
        .iter()
        .map(|&size| usize::try_from(size).ok())
        .collect();
    let sizes = sizes
        .and_then(|sizes| broadcast(known.constant.sizes(), &sizes))
        .ok_or_else(shape_error)?;
    node.context.charge_sizes(&sizes)?;
    let expanded = match &known.constant {
        Constant::Floats(array) => array
            .combined(array, sizes, |number, _| Some(number))
            .map(Constant::Floats),
        Constant::Ints(array) => array
            .combined(array, sizes, |number, _| Some(number))
            .map(Constant::Ints),
    };
    Ok(Some(expanded.ok_or_else(shape_error)?))
}

pub(super) fn gather(node: &mut Node<'_, '_>) -> Folded {
    let (Some(known), Some(places)) = (node.constant(0), ints(node, 1)) else {
        return Ok(None);
    };
    let sizes = known.constant.sizes();
    let along = axis(node.attributes.int("axis")?.unwrap_or(0), sizes.len())?;
    let index = |&place: &i64| {
        axis(place, sizes[along])
            .map_err(|_| Unsupported::new(format!("takes place {place} of {}", sizes[along])))
    };
    let at = places
        .data()
        .iter()
        .map(index)
        .collect::<Result<Vec<usize>, _>>()?;
    let all = [&sizes[..along], places.sizes(), &sizes[along + 1..]].concat();
    node.context.charge_sizes(&all)?;
    let gathered = match &known.constant {
        Constant::Floats(array) => array.taken(along, &at).reshaped(all).map(Constant::Floats),
        Constant::Ints(array) => array.taken(along, &at).reshaped(all).map(Constant::Ints),
    };
    Ok(Some(gathered.ok_or_else(shape_error)?))
}

pub(super) fn slice(node: &mut Node<'_, '_>) -> Folded {
    let Some(known) = node.constant(0) else {
        return Ok(None);
    };
    let Some([starts, ends, along, steps]) = bounds(node)? else {
        return Ok(None);
    };
    let sizes = known.constant.sizes();
    let along = along.unwrap_or_else(|| (0..sizes.len() as i64).collect());
    let (starts, ends) = (starts.unwrap_or_default(), ends.unwrap_or_default());
    let steps = steps.unwrap_or_else(|| vec![1; starts.len()]);
    if starts.len() > sizes.len() {
        return Err(shape_error());
    }
    let mut sliced = known.constant.clone();
    for (nth, &start) in starts.iter().enumerate() {
        let (Some(&end), Some(&number), Some(&step)) =
            (ends.get(nth), along.get(nth), steps.get(nth))
        else {
            return Err(shape_error());
        };
        let axis = axis(number, sizes.len())?;
        let places = places(start, end, step, sliced.sizes()[axis])?;
        sliced = match &sliced {
            Constant::Floats(array) => Constant::Floats(array.taken(axis, &places)),
            Constant::Ints(array) => Constant::Ints(array.taken(axis, &places)),
        };
    }
    made(node, sliced)
}

/// The starts, ends, axes and steps of a `Slice`: attributes at first, inputs since version 10.
fn bounds(node: &mut Node<'_, '_>) -> Result<Option<[Option<Vec<i64>>; 4]>, Unsupported> {
    if node.opset() < 10 {
        let mut list = |name| Ok(node.attributes.ints(name)?.map(<[i64]>::to_vec));
        return Ok(Some([list("starts")?, list("ends")?, list("axes")?, None]));
    }
    let list = |number| ints(node, number).map(|array| array.data().to_vec());
    let lists = [1, 2, 3, 4].map(list);
    let all_known = (1..=4).all(|number| lists[number - 1].is_some() == node.has_input(number));
    Ok(all_known.then_some(lists))
}

/// The places of a slice along an axis of `size`, by the rule of Python's slices.
fn places(start: i64, end: i64, step: i64, size: usize) -> Result<Vec<usize>, Unsupported> {
    let n = size as i64;
    if step == 0 {
        return Err(Unsupported::new("goes on by steps of 0"));
    }
    if size == 0 {
        return Ok(Vec::new());
    }
    let bound = |place: i64, least: i64, most: i64| {
        if place < 0 {
            place.saturating_add(n)
        } else {
            place
        }
        .clamp(least, most)
    };
    let (mut at, end) = if step > 0 {
        (bound(start, 0, n), bound(end, 0, n))
    } else {
        (bound(start, 0, n - 1), bound(end, -1, n - 1))
    };
    let mut places = Vec::new();
    while if step > 0 {
        at < end
    } else {
        at > end && at >= 0
    } {
        places.push(at as usize);
        at = at.saturating_add(step);
    }
    Ok(places)
}

pub(super) fn concat(node: &mut Node<'_, '_>) -> Folded {
    let all: Option<Vec<Rc<Known>>> = (0..node.n_inputs())
        .map(|number| node.constant(number))
        .collect();
    let Some(all) = all else { return Ok(None) };
    let along = rearrange::concat_axis(node)?;
    node.context
        .charge(all.iter().map(|known| known.constant.len()).sum())?;
    let floats: Option<Vec<&Array<f64>>> =
        all.iter().map(|known| known.constant.floats()).collect();
    let ints: Option<Vec<&Array<i64>>> = all.iter().map(|known| known.constant.ints()).collect();
    let joined = match (floats, ints) {
        (Some(floats), _) => Array::joined(&floats, along).map(Constant::Floats),
        (_, Some(ints)) => Array::joined(&ints, along).map(Constant::Ints),
        _ => None,
    };
    Ok(Some(joined.ok_or_else(shape_error)?))
}

pub(super) fn reshape(node: &mut Node<'_, '_>) -> Folded {
    resized(node, rearrange::new_sizes)
}

pub(super) fn flatten(node: &mut Node<'_, '_>) -> Folded {
    resized(node, rearrange::flattened)
}

pub(super) fn squeeze(node: &mut Node<'_, '_>) -> Folded {
    resized(node, rearrange::squeezed)
}

pub(super) fn unsqueeze(node: &mut Node<'_, '_>) -> Folded {
    resized(node, rearrange::unsqueezed)
}

/// Gives a constant other sizes. The numbers are shared, so that this costs nothing.
fn resized(
    node: &mut Node<'_, '_>,
    sizes: fn(&mut Node<'_, '_>, &[usize]) -> Result<Vec<usize>, Unsupported>,
) -> Folded {
    let Some(known) = node.constant(0) else {
        return Ok(None);
    };
    let sizes = sizes(node, known.constant.sizes())?;
    let resized = match &known.constant {
        Constant::Floats(array) => array.reshaped(sizes).map(Constant::Floats),
        Constant::Ints(array) => array.reshaped(sizes).map(Constant::Ints),
    };
    Ok(Some(resized.ok_or_else(shape_error)?))
}

pub(super) fn transpose(node: &mut Node<'_, '_>) -> Folded {
    let Some(known) = node.constant(0) else {
        return Ok(None);
    };
    let order = rearrange::order(node, known.constant.sizes().len())?;
    node.context.charge(known.constant.len())?;
    Ok(Some(match &known.constant {
        Constant::Floats(array) => Constant::Floats(array.permuted(&order)),
        Constant::Ints(array) => Constant::Ints(array.permuted(&order)),
    }))
}

pub(super) fn add(node: &mut Node<'_, '_>) -> Folded {
    arithmetic(node, |a, b| a + b, i64::checked_add)
}

pub(super) fn sub(node: &mut Node<'_, '_>) -> Folded {
    arithmetic(node, |a, b| a - b, i64::checked_sub)
}

pub(super) fn mul(node: &mut Node<'_, '_>) -> Folded {
    arithmetic(node, |a, b| a * b, i64::checked_mul)
}

pub(super) fn div(node: &mut Node<'_, '_>) -> Folded {
    arithmetic(node, |a, b| a / b, i64::checked_div)
}

pub(super) fn sqrt(node: &mut Node<'_, '_>) -> Folded {
    let Some(known) = node.constant(0) else {
        return Ok(None);
    };
    match &known.constant {
        Constant::Floats(array) => made(node, Constant::Floats(array.map(f64::sqrt))),
        Constant::Ints(_) => Err(shape_error()),
    }
}

pub(super) fn pow(node: &mut Node<'_, '_>) -> Folded {
    let (Some(base), Some(exponent)) = (node.constant(0), node.constant(1)) else {
        return Ok(None);
    };
    // Whole numbers are raised as the floats that they are; neither side is large where a model has
    // such a thing.
    let sizes =
        broadcast(base.constant.sizes(), exponent.constant.sizes()).ok_or_else(shape_error)?;
    node.context.charge_sizes(&sizes)?;
    let (Constant::Floats(one), Constant::Floats(other)) =
        (base.constant.cast(true), exponent.constant.cast(true))
    else {
        return Err(shape_error());
    };
    let made = one
        .combined(&other, sizes, |base, exponent| {
            Some(libm::pow(base, exponent))
        })
        .map(Constant::Floats);
    Ok(Some(
        made.ok_or_else(shape_error)?
            .cast(base.constant.floats().is_some()),
    ))
}

fn arithmetic(
    node: &mut Node<'_, '_>,
    floats: fn(f64, f64) -> f64,
    ints: fn(i64, i64) -> Option<i64>,
) -> Folded {
    let (Some(one), Some(other)) = (node.constant(0), node.constant(1)) else {
        return Ok(None);
    };
    let sizes = broadcast(one.constant.sizes(), other.constant.sizes()).ok_or_else(shape_error)?;
    node.context.charge_sizes(&sizes)?;
    node.attributes
        .ignore(&["axis", "broadcast", "consumed_inputs"]);
    let made = match (&one.constant, &other.constant) {
        (Constant::Floats(one), Constant::Floats(other)) => one
            .combined(other, sizes, |a, b| Some(floats(a, b)))
            .map(Constant::Floats),
        (Constant::Ints(one), Constant::Ints(other)) => {
            one.combined(other, sizes, ints).map(Constant::Ints)
        }
        _ => None,
    };
    Ok(Some(made.ok_or_else(|| {
        Unsupported::new("works out numbers that do not fit")
    })?))
}

/// The whole numbers of an input that the model knows.
fn ints(node: &Node<'_, '_>, number: usize) -> Option<Array<i64>> {
    node.constant(number)?.constant.ints().cloned()
}

fn made(node: &mut Node<'_, '_>, constant: Constant) -> Folded {
    node.context.charge(constant.len())?;
    Ok(Some(constant))
}

fn shape_error() -> Unsupported {
    Unsupported::new("works with constants that do not fit each other")
}

#[cfg(test)]
mod tests {
    use super::places;

    #[test]
    fn slices_are_pythons() {
        for (start, end, step, size, expected) in [
            (0, 3, 1, 5, vec![0, 1, 2]),
            (-2, i64::MAX, 1, 5, vec![3, 4]),
            (1, -1, 2, 6, vec![1, 3]),
            (i64::MAX, i64::MIN, -2, 5, vec![4, 2, 0]),
            (3, 0, -1, 5, vec![3, 2, 1]),
            (4, 2, 1, 5, vec![]),
            (0, 9, i64::MAX, 5, vec![0]),
            (0, -1, -1, 0, vec![]),
            (-1, i64::MIN, i64::MIN, 3, vec![2]),
        ] {
            assert_eq!(
                places(start, end, step, size).unwrap(),
                expected,
                "{start}:{end}:{step} of {size}"
            );
        }
        assert!(places(0, 1, 0, 5).is_err());
    }
}
