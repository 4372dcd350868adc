//! Constants whose elements are those of other constants, in other places.

use std::rc::Rc;

use super::{Folded, ints, made, misfit};
use crate::onnx::constant::{Array, Constant, count};
use crate::onnx::error::Unsupported;
use crate::onnx::node::Node;
use crate::onnx::operators::{gathering, rearrange, repeating, scattering, slicing, triangle};
use crate::onnx::value::Known;

pub(in crate::onnx) fn slice(node: &mut Node<'_, '_>) -> Folded {
    let Some(known) = node.constant(0) else {
        return Ok(None);
    };
    let Some(cuts) = slicing::cuts(node, known.constant.sizes())? else {
        return Ok(None);
    };
    let whole = known.constant.clone();
    let sliced = cuts
        .iter()
        .fold(whole, |rest, cut| rest.taken(cut.axis, &cut.places()));
    made(node, sliced)
}

pub(in crate::onnx) fn gather(node: &mut Node<'_, '_>) -> Folded {
    let (Some(known), Some(index)) = (node.constant(0), ints(node, 1)) else {
        return Ok(None);
    };
    let picked = gathering::gathered(node, known.constant.sizes(), &index)?;
    node.context.charge_sizes(&picked.sizes)?;
    let taken = known.constant.taken(picked.axis, &picked.places);
    Ok(Some(taken.reshaped(picked.sizes).ok_or_else(misfit)?))
}

pub(in crate::onnx) fn gather_elements(node: &mut Node<'_, '_>) -> Folded {
    let (Some(known), Some(index)) = (node.constant(0), ints(node, 1)) else {
        return Ok(None);
    };
    let sizes = known.constant.sizes();
    let (axis, index) = gathering::element_index(node, sizes, &index)?;
    node.context.charge_sizes(index.sizes())?;
    let places = gathering::element_places(sizes, axis, &index);
    let picked = known.constant.picked(index.sizes().to_vec(), &places);
    Ok(Some(picked.ok_or_else(misfit)?))
}

pub(in crate::onnx) fn gather_nd(node: &mut Node<'_, '_>) -> Folded {
    let (Some(known), Some(index)) = (node.constant(0), ints(node, 1)) else {
        return Ok(None);
    };
    let rows = gathering::rows(node, known.constant.sizes(), &index)?;
    node.context.charge_sizes(&rows.sizes)?;
    let matrix = known.constant.reshaped(rows.matrix.to_vec());
    let taken = matrix.map(|matrix| matrix.taken(0, &rows.places));
    let taken = taken.and_then(|taken| taken.reshaped(rows.sizes));
    Ok(Some(taken.ok_or_else(misfit)?))
}

pub(in crate::onnx) fn scatter_elements(node: &mut Node<'_, '_>) -> Folded {
    scattered(node, scattering::elements)
}

pub(in crate::onnx) fn scatter_nd(node: &mut Node<'_, '_>) -> Folded {
    scattered(node, scattering::slices)
}

fn scattered(
    node: &mut Node<'_, '_>,
    places: fn(&mut Node<'_, '_>) -> Result<Option<Vec<usize>>, Unsupported>,
) -> Folded {
    let (Some(data), Some(updates)) = (node.constant(0), node.constant(2)) else {
        return Ok(None);
    };
    let Some(places) = places(node)? else {
        return Ok(None);
    };
    node.context.charge(places.len())?;
    let list = |known: &Known| known.constant.reshaped(vec![known.constant.len()]);
    let both = list(&data).zip(list(&updates));
    let both = both.and_then(|(data, updates)| Constant::joined(&[&data, &updates], 0));
    let sizes = data.constant.sizes().to_vec();
    let scattered = both.and_then(|both| both.picked(sizes, &places));
    Ok(Some(scattered.ok_or_else(misfit)?))
}

/// The parts of a `Split`, of which the first is returned.
pub(in crate::onnx) fn split(node: &mut Node<'_, '_>) -> Folded {
    let Some(known) = node.constant(0) else {
        return Ok(None);
    };
    let parts = slicing::parts(node, known.constant.sizes())?;
    node.context.charge(known.constant.len())?;
    let mut first = None;
    for (number, (axis, part)) in parts.into_iter().enumerate() {
        let places: Vec<usize> = part.collect();
        let taken = known.constant.taken(axis, &places);
        match first {
            None => first = Some(taken),
            Some(_) => node.also_constant(number, taken),
        }
    }
    Ok(first)
}

pub(in crate::onnx) fn expand(node: &mut Node<'_, '_>) -> Folded {
    let (Some(known), Some(_)) = (node.constant(0), ints(node, 1)) else {
        return Ok(None);
    };
    let sizes = repeating::expanded(node, known.constant.sizes())?;
    node.context.charge_sizes(&sizes)?;
    Ok(Some(known.constant.stretched(&sizes).ok_or_else(misfit)?))
}

pub(in crate::onnx) fn tile(node: &mut Node<'_, '_>) -> Folded {
    let (Some(known), Some(_)) = (node.constant(0), ints(node, 1)) else {
        return Ok(None);
    };
    let sizes = known.constant.sizes();
    let repeats = repeating::repeats(node, sizes.len())?;
    let tiled: Option<Vec<usize>> = sizes
        .iter()
        .zip(&repeats)
        .map(|(size, n)| size.checked_mul(*n))
        .collect();
    node.context.charge_sizes(&tiled.ok_or_else(misfit)?)?;
    let mut tiled = known.constant.clone();
    for (axis, &n) in repeats.iter().enumerate() {
        let places: Vec<usize> = (0..n).flat_map(|_| 0..sizes[axis]).collect();
        tiled = tiled.taken(axis, &places);
    }
    Ok(Some(tiled))
}

/// What is on one side of the diagonal, and 0 elsewhere.
pub(in crate::onnx) fn triangle(node: &mut Node<'_, '_>) -> Folded {
    let Some(known) = node.constant(0) else {
        return Ok(None);
    };
    let sizes = known.constant.sizes().to_vec();
    let Some(triangle) = triangle::triangle(node)? else {
        return Ok(None);
    };
    let is_kept = |at: usize| triangle.keeps(&sizes, at);
    let kept = match &known.constant {
        Constant::Floats(array) => kept(array, is_kept, 0.0).map(Constant::Floats),
        Constant::Ints(array) => kept(array, is_kept, 0).map(Constant::Ints),
    };
    made(node, kept.ok_or_else(misfit)?)
}

fn kept<T: Copy>(array: &Array<T>, is_kept: impl Fn(usize) -> bool, zero: T) -> Option<Array<T>> {
    let numbers = array.data().iter().enumerate();
    let kept = numbers.map(|(at, &number)| if is_kept(at) { number } else { zero });
    Array::new(array.sizes().to_vec(), kept.collect())
}

pub(in crate::onnx) fn concat(node: &mut Node<'_, '_>) -> Folded {
    let all: Option<Vec<Rc<Known>>> = (0..node.n_inputs())
        .map(|number| node.constant(number))
        .collect();
    let Some(all) = all else { return Ok(None) };
    let along = rearrange::concat_axis(node)?;
    node.context
        .charge(all.iter().map(|known| known.constant.len()).sum())?;
    let all: Vec<&Constant> = all.iter().map(|known| &known.constant).collect();
    Ok(Some(Constant::joined(&all, along).ok_or_else(misfit)?))
}

pub(in crate::onnx) fn reshape(node: &mut Node<'_, '_>) -> Folded {
    resized(node, rearrange::new_sizes)
}

pub(in crate::onnx) fn flatten(node: &mut Node<'_, '_>) -> Folded {
    resized(node, rearrange::flattened)
}

pub(in crate::onnx) fn squeeze(node: &mut Node<'_, '_>) -> Folded {
    resized(node, rearrange::squeezed)
}

pub(in crate::onnx) fn unsqueeze(node: &mut Node<'_, '_>) -> Folded {
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
    Ok(Some(known.constant.reshaped(sizes).ok_or_else(misfit)?))
}

pub(in crate::onnx) fn transpose(node: &mut Node<'_, '_>) -> Folded {
    let Some(known) = node.constant(0) else {
        return Ok(None);
    };
    let order = rearrange::order(node, known.constant.sizes().len())?;
    node.context.charge(known.constant.len())?;
    Ok(Some(known.constant.permuted(&order)))
}

/// The places of what is not 0, an axis a row.
pub(in crate::onnx) fn non_zero(node: &mut Node<'_, '_>) -> Folded {
    let Some(known) = node.constant(0) else {
        return Ok(None);
    };
    let sizes = known.constant.sizes();
    let is_zero: Vec<bool> = match &known.constant {
        Constant::Floats(array) => array.data().iter().map(|&x| x == 0.0).collect(),
        Constant::Ints(array) => array.data().iter().map(|&x| x == 0).collect(),
    };
    let places: Vec<usize> = (0..is_zero.len()).filter(|&at| !is_zero[at]).collect();
    let along = |axis: usize| {
        let inner = count(&sizes[axis + 1..]).unwrap_or(0);
        let index = move |&at: &usize| (at / inner % sizes[axis]) as i64;
        places.iter().map(index)
    };
    let numbers: Vec<i64> = (0..sizes.len()).flat_map(along).collect();
    node.context.charge(numbers.len())?;
    let found = Array::new(vec![sizes.len(), places.len()], numbers);
    Ok(Some(Constant::Ints(found.ok_or_else(misfit)?)))
}
