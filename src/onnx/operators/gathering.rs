//! Nodes that take elements by their numbers.

use super::Made;
use super::rearrange::reshaped;
use crate::onnx::constant::Array;
use crate::onnx::error::Unsupported;
use crate::onnx::layer::{Layer, Operand};
use crate::onnx::module;
use crate::onnx::node::{Node, axis};
use crate::ops::{Embedding, Gather, IndexSelect, Reshape, Select, Where};
use crate::tensor::{Shape, Tensor};

/// What a `Gather` takes.
pub(super) struct Picked {
    pub(super) axis: usize,
    pub(super) places: Vec<usize>,
    /// The sizes of the output.
    pub(super) sizes: Vec<usize>,
}

/// What a `Gather` takes of a tensor of these sizes.
pub(super) fn gathered(
    node: &mut Node<'_, '_>,
    sizes: &[usize],
    index: &Array<i64>,
) -> Result<Picked, Unsupported> {
    let axis = axis(node.attributes.int("axis")?.unwrap_or(0), sizes.len())?;
    Ok(Picked {
        axis,
        places: places(index.data(), sizes[axis])?,
        sizes: [&sizes[..axis], index.sizes(), &sizes[axis + 1..]].concat(),
    })
}

/// Places of an axis, counted from its end where they are negative.
fn places(index: &[i64], size: usize) -> Result<Vec<usize>, Unsupported> {
    let place = |&place: &i64| {
        axis(place, size).map_err(|_| Unsupported::new(format!("takes place {place} of {size}")))
    };
    index.iter().map(place).collect()
}

pub(super) fn gather(node: &mut Node<'_, '_>) -> Made {
    let index = node.ints(1, "the places to gather")?;
    let sizes = node.sizes(0)?;
    let picked = gathered(node, &sizes, &index)?;
    let x = node.operand(0)?;
    if let ([], &[place]) = (index.sizes(), &picked.places[..]) {
        let select = Select {
            index: place as i64,
            dim: picked.axis as i64,
        };
        return node.layer(Layer::of(select, [x]));
    }
    if let Some(padding) = padding(node).filter(|row| picked.places.contains(row)) {
        return padded(node, x, &index, &picked, padding);
    }
    if picked.axis == 0 && index.sizes().len() != 1 {
        let index = numbers(index.sizes(), &picked.places)?;
        return node.layer(Layer::of(Embedding { index }, [x]));
    }
    let is_list = index.sizes().len() == 1;
    let layer = Layer::of(
        IndexSelect {
            index: picked.places,
            dim: picked.axis as i64,
        },
        [x],
    );
    if is_list {
        return node.layer(layer);
    }
    let rows = node.step("rows", layer)?;
    reshaped(node, rows, picked.sizes)
}

/// The row of a table that stands for nothing, as the call says that the node was made of. It gets
/// no gradient.
fn padding(node: &Node<'_, '_>) -> Option<usize> {
    let mut call = module::arguments(node.proto, "embedding")?;
    call.nth(2)?.parse().ok()
}

/// Rows of a table, where those that stand for nothing are constants.
fn padded(
    node: &mut Node<'_, '_>,
    table: Operand,
    index: &Array<i64>,
    picked: &Picked,
    padding: usize,
) -> Made {
    let Some(known) = node.constant(0) else {
        return Err(Unsupported::new("looks up a table that is computed"));
    };
    let row = known.constant.taken(0, &[padding]).tensor()?;
    let row = node.new_tensor("padding", row)?;
    let rows = Embedding {
        index: numbers(index.sizes(), &picked.places)?,
    };
    let rows = node.step("rows", Layer::of(rows, [table]))?;
    let flags = picked
        .places
        .iter()
        .map(|&place| usize::from(place == padding));
    let mask = numbers(&[index.sizes(), &[1]].concat(), &flags.collect::<Vec<_>>())?;
    let mask = node.new_tensor("is_padding", mask)?;
    node.layer(Layer::of(Where, [mask, row, rows]))
}

/// Places as a tensor of the scenario.
fn numbers(sizes: &[usize], places: &[usize]) -> Result<Tensor, Unsupported> {
    let numbers = places.iter().map(|&place| place as f64).collect();
    let shape = Shape::new(sizes);
    shape
        .and_then(|shape| Tensor::new(shape, numbers))
        .ok_or_else(|| Unsupported::new("takes no places at all"))
}

/// The axis of a `GatherElements`, and the places of it with none that is negative.
pub(super) fn element_index(
    node: &mut Node<'_, '_>,
    sizes: &[usize],
    index: &Array<i64>,
) -> Result<(usize, Array<usize>), Unsupported> {
    let axis = axis(node.attributes.int("axis")?.unwrap_or(0), sizes.len())?;
    let fits = |other: usize| other == axis || index.sizes()[other] <= sizes[other];
    if index.sizes().len() != sizes.len() || !(0..sizes.len()).all(fits) {
        return Err(Unsupported::new(format!(
            "gathers {:?} elements of {sizes:?}, which do not fit",
            index.sizes()
        )));
    }
    let places = places(index.data(), sizes[axis])?;
    let index = Array::new(index.sizes().to_vec(), places);
    let index = index.ok_or_else(|| Unsupported::new("takes no places at all"))?;
    Ok((axis, index))
}

/// The place of each element that an index along an axis names, in row-major order.
pub(super) fn element_places(sizes: &[usize], axis: usize, index: &Array<usize>) -> Vec<usize> {
    let element = |(at, &picked): (usize, &usize)| {
        let (mut rest, mut place, mut stride) = (at, 0, 1);
        for other in (0..sizes.len()).rev() {
            let size = index.sizes()[other];
            let own = if other == axis { picked } else { rest % size };
            place += own * stride;
            stride *= sizes[other];
            rest /= size;
        }
        place
    };
    index.data().iter().enumerate().map(element).collect()
}

pub(super) fn gather_elements(node: &mut Node<'_, '_>) -> Made {
    let index = node.ints(1, "the places to gather")?;
    let sizes = node.sizes(0)?;
    let (axis, index) = element_index(node, &sizes, &index)?;
    let gather = Gather {
        index: numbers(index.sizes(), index.data())?,
        dim: axis as i64,
    };
    let layer = Layer::of(gather, [node.operand(0)?]);
    node.layer(layer)
}

/// What a `GatherND` takes: rows of the matrix that the first axes and the others make.
pub(super) struct Rows {
    pub(super) matrix: [usize; 2],
    pub(super) places: Vec<usize>,
    /// The sizes of the output.
    pub(super) sizes: Vec<usize>,
}

/// What a `GatherND` takes of a tensor of these sizes.
pub(super) fn rows(
    node: &mut Node<'_, '_>,
    sizes: &[usize],
    index: &Array<i64>,
) -> Result<Rows, Unsupported> {
    let refusal = || Unsupported::new(format!("takes elements of {sizes:?} that it does not have"));
    let n_batch = node.attributes.int("batch_dims")?.unwrap_or(0);
    let n_batch = usize::try_from(n_batch).map_err(|_| refusal())?;
    let (&depth, outer) = index.sizes().split_last().ok_or_else(refusal)?;
    let first = sizes.get(..n_batch + depth).ok_or_else(refusal)?;
    let batch = sizes
        .get(..n_batch)
        .filter(|batch| outer.get(..n_batch) == Some(batch));
    let n_batches: usize = batch.ok_or_else(refusal)?.iter().product();
    let in_batch = (index.data().len() / depth.max(1)) / n_batches.max(1);
    let row = |(nth, place): (usize, &[i64])| {
        let along = place.iter().zip(&first[n_batch..]);
        along
            .into_iter()
            .try_fold(nth / in_batch.max(1), |row, (&at, &size)| {
                Ok(row * size + axis(at, size).map_err(|_| refusal())?)
            })
    };
    let rows = index.data().chunks(depth.max(1)).enumerate().map(row);
    let rest = &sizes[n_batch + depth..];
    Ok(Rows {
        matrix: [first.iter().product(), rest.iter().product()],
        places: rows.collect::<Result<_, _>>()?,
        sizes: [outer, rest].concat(),
    })
}

pub(super) fn gather_nd(node: &mut Node<'_, '_>) -> Made {
    let index = node.ints(1, "the places to gather")?;
    let sizes = node.sizes(0)?;
    let rows = rows(node, &sizes, &index)?;
    let matrix = Reshape::new(rows.matrix.map(Some).to_vec());
    let layer = Layer::of(matrix, [node.operand(0)?]);
    let matrix = node.step("matrix", layer)?;
    let select = IndexSelect {
        index: rows.places,
        dim: 0,
    };
    let picked = node.step("rows", Layer::of(select, [matrix]))?;
    reshaped(node, picked, rows.sizes)
}
