//! Nodes that put elements of one tensor in places of another.

use super::Made;
use super::gathering::element_places;
use super::pool::placed;
use crate::onnx::constant::{Array, Constant};
use crate::onnx::error::Unsupported;
use crate::onnx::layer::Layer;
use crate::onnx::node::{Node, axis};
use crate::ops::{Cat, IndexSelect, Reshape};

/// For each element that `ScatterElements` makes, which one of the data and the updates, laid one
/// after the other, it is; nothing where the places are only computed.
pub(super) fn elements(node: &mut Node<'_, '_>) -> Result<Option<Vec<usize>>, Unsupported> {
    let Some(index) = index(node)? else {
        return Ok(None);
    };
    let sizes = node.sizes(0)?;
    let axis = axis(node.attributes.int("axis")?.unwrap_or(0), sizes.len())?;
    let place = |&place: &i64| self::axis(place, sizes[axis]);
    let places = index
        .data()
        .iter()
        .map(place)
        .collect::<Result<Vec<_>, _>>()?;
    let fits = |other: usize| other == axis || index.sizes()[other] <= sizes[other];
    let index = Array::new(index.sizes().to_vec(), places)
        .filter(|index| index.sizes().len() == sizes.len() && (0..sizes.len()).all(fits))
        .ok_or_else(misfit)?;
    overwritten(&sizes, element_places(&sizes, axis, &index)).map(Some)
}

/// The same of `ScatterND`, which puts whole slices in their places.
pub(super) fn slices(node: &mut Node<'_, '_>) -> Result<Option<Vec<usize>>, Unsupported> {
    let Some(index) = index(node)? else {
        return Ok(None);
    };
    let sizes = node.sizes(0)?;
    let depth = *index.sizes().last().ok_or_else(misfit)?;
    let (first, rest) = sizes.split_at_checked(depth).ok_or_else(misfit)?;
    let size: usize = rest.iter().product();
    let mut places = Vec::new();
    for element in index.data().chunks(depth.max(1)) {
        let along = element.iter().zip(first);
        let row = along.into_iter().try_fold(0, |row, (&at, &size)| {
            Ok::<_, Unsupported>(row * size + axis(at, size)?)
        })?;
        places.extend(row * size..(row + 1) * size);
    }
    overwritten(&sizes, places).map(Some)
}

/// The places that a node writes to, where it does nothing else with what was there.
fn index(node: &mut Node<'_, '_>) -> Result<Option<Array<i64>>, Unsupported> {
    if node.attributes.word("reduction", "none")? != "none" {
        return Err(Unsupported::new(
            "combines what it writes with what is there",
        ));
    }
    let Some(known) = node.constant(1) else {
        return Ok(None);
    };
    match &known.constant {
        Constant::Ints(index) => Ok(Some(index.clone())),
        Constant::Floats(_) => Err(misfit()),
    }
}

/// The elements of a tensor, of which those at some places are overwritten, the last time counts.
fn overwritten(sizes: &[usize], places: Vec<usize>) -> Result<Vec<usize>, Unsupported> {
    let n: usize = sizes.iter().product();
    let mut all: Vec<usize> = (0..n).collect();
    for (update, place) in places.into_iter().enumerate() {
        *all.get_mut(place).ok_or_else(misfit)? = n + update;
    }
    Ok(all)
}

fn misfit() -> Unsupported {
    Unsupported::new("writes to places that do not fit")
}

pub(super) fn scatter_elements(node: &mut Node<'_, '_>) -> Made {
    scattered(node, elements)
}

pub(super) fn scatter_nd(node: &mut Node<'_, '_>) -> Made {
    if node.is_computed(1) && is_list_of_zeros(node) {
        let sizes = node.sizes(0)?;
        let (x, places) = (node.operand(2)?, node.operand(1)?);
        return placed(node, x, places, sizes);
    }
    scattered(node, slices)
}

/// Whether single numbers are written to a list of zeros.
fn is_list_of_zeros(node: &Node<'_, '_>) -> bool {
    let data = node.constant(0);
    let zeros = data.as_ref().and_then(|known| known.constant.floats());
    let is_zero = zeros.is_some_and(|zeros| {
        zeros.sizes().len() == 1 && zeros.data().iter().all(|&number| number == 0.0)
    });
    let written = node.sizes(2).unwrap_or_default();
    is_zero
        && node
            .sizes(1)
            .is_ok_and(|places| places == [&written[..], &[1]].concat())
}

/// Each element is picked from the data or from the updates.
fn scattered(
    node: &mut Node<'_, '_>,
    places: fn(&mut Node<'_, '_>) -> Result<Option<Vec<usize>>, Unsupported>,
) -> Made {
    let index =
        places(node)?.ok_or_else(|| Unsupported::new("writes to places that are only computed"))?;
    let mut lists = Vec::new();
    for (number, name) in [(0, "before"), (2, "written")] {
        let x = node.operand(number)?;
        lists.push(node.step(name, Layer::of(Reshape::new(vec![None]), [x]))?);
    }
    let both = node.step("both", Layer::of(Cat { dim: 0 }, lists))?;
    let picked = node.step("picked", Layer::of(IndexSelect { index, dim: 0 }, [both]))?;
    let sizes = node.sizes(0)?.into_iter().map(Some).collect();
    node.layer(Layer::of(Reshape::new(sizes), [picked]))
}
