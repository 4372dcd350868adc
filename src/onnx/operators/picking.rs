//! Nodes whose output is made of places of their input: slices, rows, repetitions.

use std::ops::Range;

use super::Made;
use crate::onnx::constant::{Array, broadcast};
use crate::onnx::error::Unsupported;
use crate::onnx::layer::{Layer, Operand};
use crate::onnx::node::{Node, axis};
use crate::ops::{
    Expand, Gather, IndexSelect, Op, Permute, PixelShuffle, PixelUnshuffle, Repeat, Reshape,
    Select, Slice, Tril, Triu,
};
use crate::tensor::{Shape, Tensor};

/// What a slice takes of an axis.
pub(super) struct Cut {
    pub(super) axis: usize,
    /// The first place.
    first: usize,
    step: i64,
    n: usize,
}

impl Cut {
    /// The places, by the rule of ONNX's slices, which is Python's but for places far outside.
    fn new(axis: usize, (start, end, step): (i64, i64, i64), size: usize) -> Option<Self> {
        let n = size as i64;
        if step == 0 {
            return None;
        }
        let bound = |place: i64, least: i64, most: i64| {
            let counted = if place < 0 {
                place.saturating_add(n)
            } else {
                place
            };
            counted.max(least).min(most)
        };
        let (first, span) = if step > 0 {
            let first = bound(start, 0, n);
            (first, bound(end, 0, n) - first)
        } else {
            let first = bound(start, 0, n - 1);
            (first, first - bound(end, -1, n - 1))
        };
        let n = span.max(0).unsigned_abs().div_ceil(step.unsigned_abs());
        Some(Self {
            axis,
            first: first.max(0) as usize,
            step,
            n: n as usize,
        })
    }

    pub(super) fn places(&self) -> Vec<usize> {
        let place = |nth: usize| self.first as i64 + nth as i64 * self.step;
        (0..self.n).map(|nth| place(nth) as usize).collect()
    }

    /// The op that takes them; nothing where it is the whole axis as it is.
    fn op(&self, size: usize) -> Option<Slice> {
        let end = self.first as i64 + self.n as i64 * self.step;
        let is_whole = self.n == size && self.step == 1;
        // What ends before the first place ends nowhere, and so does what reaches the last.
        let is_open = end < 0 || end >= size as i64;
        (!is_whole).then_some(Slice {
            dim: self.axis as i64,
            start: (self.first > 0 || self.step < 0).then_some(self.first as i64),
            end: (!is_open).then_some(end),
            step: self.step,
        })
    }
}

/// What a `Slice` of a tensor of these sizes takes of its axes; nothing where that is only
/// computed.
pub(super) fn cuts(
    node: &mut Node<'_, '_>,
    sizes: &[usize],
) -> Result<Option<Vec<Cut>>, Unsupported> {
    let Some([starts, ends, along, steps]) = bounds(node)? else {
        return Ok(None);
    };
    let (starts, ends) = (starts.unwrap_or_default(), ends.unwrap_or_default());
    let along = along.unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = steps.unwrap_or_else(|| vec![1; starts.len()]);
    if [&ends, &along, &steps]
        .iter()
        .any(|list| list.len() != starts.len())
    {
        return Err(Unsupported::new(
            "has lists of bounds that are not equally long",
        ));
    }
    let cut = |nth: usize| {
        let axis = axis(along[nth], sizes.len())?;
        let bounds = (starts[nth], ends[nth], steps[nth]);
        Cut::new(axis, bounds, sizes[axis]).ok_or_else(|| Unsupported::new("goes on by steps of 0"))
    };
    (0..starts.len())
        .map(cut)
        .collect::<Result<_, _>>()
        .map(Some)
}

/// The starts, ends, axes and steps of a `Slice`: attributes at first, inputs since version 10.
fn bounds(node: &mut Node<'_, '_>) -> Result<Option<[Option<Vec<i64>>; 4]>, Unsupported> {
    if node.opset() < 10 {
        let mut list = |name| Ok(node.attributes.ints(name)?.map(<[i64]>::to_vec));
        return Ok(Some([list("starts")?, list("ends")?, list("axes")?, None]));
    }
    let list = |number| {
        let known = node.constant(number)?;
        known.constant.ints().map(|array| array.data().to_vec())
    };
    let lists = [1, 2, 3, 4].map(list);
    let all_known = (1..=4).all(|number| lists[number - 1].is_some() == node.has_input(number));
    Ok(all_known.then_some(lists))
}

pub(super) fn slice(node: &mut Node<'_, '_>) -> Made {
    let sizes = node.sizes(0)?;
    let Some(cuts) = cuts(node, &sizes)? else {
        return Err(Unsupported::new(
            "takes its bounds from a tensor that is computed",
        ));
    };
    if cuts.iter().any(|cut| cut.n == 0) {
        let mut left = sizes;
        cuts.iter().for_each(|cut| left[cut.axis] = cut.n);
        return node.empty(0, left);
    }
    let ops = cuts.iter().filter_map(|cut| cut.op(sizes[cut.axis]));
    let ops: Vec<Box<dyn Op>> = ops.map(Into::into).collect();
    chain(node, ops)
}

/// Adds layers that read one another, the first one the node's first input.
fn chain(node: &mut Node<'_, '_>, ops: Vec<Box<dyn Op>>) -> Made {
    let Some(last) = ops.len().checked_sub(1) else {
        return node.pass_on(0);
    };
    let mut x = node.operand(0)?;
    for (nth, op) in ops.into_iter().enumerate() {
        let layer = Layer::of(op, [x]);
        if nth == last {
            return node.layer(layer);
        }
        x = node.step("part", layer)?;
    }
    node.pass_on(0)
}

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
    if picked.axis == 0 && index.sizes().len() != 1 {
        let index = numbers(index.sizes(), &picked.places)?;
        return node.layer(Layer::of(crate::ops::Embedding { index }, [x]));
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

fn reshaped(node: &mut Node<'_, '_>, x: Operand, sizes: Vec<usize>) -> Made {
    let shape = Reshape::new(sizes.into_iter().map(Some).collect());
    node.layer(Layer::of(shape, [x]))
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

/// The axis of a `Split`, and the places of each part, where it has as many as it says.
pub(super) fn parts(
    node: &mut Node<'_, '_>,
    sizes: &[usize],
) -> Result<Vec<(usize, Range<usize>)>, Unsupported> {
    let axis = axis(node.attributes.int("axis")?.unwrap_or(0), sizes.len())?;
    let n = node.proto.output.len();
    // Since version 18 it says how many parts there are, which are equal but for the last one.
    node.attributes.ignore(&["num_outputs"]);
    let given = match node.opset() {
        13.. if node.has_input(1) => Some(node.ints(1, "the sizes of its parts")?.data().to_vec()),
        13.. => None,
        _ => node.attributes.ints("split")?.map(<[i64]>::to_vec),
    };
    let size = sizes[axis];
    let equal = || {
        let part = size.div_ceil(n.max(1));
        let parts = (0..n).map(|nth| part.min(size.saturating_sub(nth * part)));
        parts.collect::<Vec<usize>>()
    };
    let parts: Option<Vec<usize>> = given.map_or_else(
        || Some(equal()),
        |given| {
            given
                .iter()
                .map(|&part| usize::try_from(part).ok())
                .collect()
        },
    );
    let fits = |parts: &Vec<usize>| {
        let mut all = parts.iter();
        let total = all.try_fold(0_usize, |sum, &part| sum.checked_add(part));
        parts.len() == n && total == Some(size)
    };
    let parts = parts.filter(fits).ok_or_else(|| {
        Unsupported::new(format!("splits an axis of {size} in parts that do not fit"))
    })?;
    let mut start = 0;
    let range = |part: usize| {
        start += part;
        (axis, start - part..start)
    };
    Ok(parts.into_iter().map(range).collect())
}

/// A `Split`, each of whose parts is a slice.
pub(super) fn split(node: &mut Node<'_, '_>) -> Made {
    let sizes = node.sizes(0)?;
    let parts = parts(node, &sizes)?;
    let x = node.operand(0)?;
    let part = |(axis, range): (usize, Range<usize>)| {
        let is_last = range.end == sizes[axis];
        let slice = Slice {
            dim: axis as i64,
            start: (range.start > 0).then_some(range.start as i64),
            end: (!is_last).then_some(range.end as i64),
            step: 1,
        };
        Layer::of(slice, [x.clone()])
    };
    let layers = parts.into_iter().map(|(axis, range)| {
        let mut left = sizes.clone();
        left[axis] = range.len();
        (left, part((axis, range)))
    });
    node.layers(layers.collect())
}

/// The sizes that an `Expand` makes.
pub(super) fn expanded(
    node: &mut Node<'_, '_>,
    sizes: &[usize],
) -> Result<Vec<usize>, Unsupported> {
    let asked = node.ints(1, "its sizes")?;
    // A size of -1 is written for one that stays.
    let asked: Option<Vec<usize>> = asked
        .data()
        .iter()
        .map(|&size| usize::try_from(if size == -1 { 1 } else { size }).ok())
        .collect();
    let refusal = || Unsupported::new(format!("expands {sizes:?} to what does not fit"));
    asked
        .and_then(|asked| broadcast(sizes, &asked))
        .ok_or_else(refusal)
}

pub(super) fn expand(node: &mut Node<'_, '_>) -> Made {
    let sizes = node.sizes(0)?;
    let expanded = expanded(node, &sizes)?;
    if expanded == sizes {
        return node.pass_on(0);
    }
    let size = expanded.into_iter().map(Some).collect();
    let layer = Layer::of(Expand { size }, [node.operand(0)?]);
    node.layer(layer)
}

/// How often a `Tile` repeats each axis.
pub(super) fn repeats(node: &mut Node<'_, '_>, rank: usize) -> Result<Vec<usize>, Unsupported> {
    let given = node.ints(1, "how often it repeats its input")?;
    let repeats: Option<Vec<usize>> = given
        .data()
        .iter()
        .map(|&n| usize::try_from(n).ok())
        .collect();
    repeats
        .filter(|repeats| repeats.len() == rank)
        .ok_or_else(|| Unsupported::new("does not say for each axis how often to repeat it"))
}

pub(super) fn tile(node: &mut Node<'_, '_>) -> Made {
    let rank = node.sizes(0)?.len();
    let repeats = repeats(node, rank)?;
    if repeats.iter().all(|&n| n == 1) {
        return node.pass_on(0);
    }
    let layer = Layer::of(Repeat { repeats }, [node.operand(0)?]);
    node.layer(layer)
}

/// What a `Trilu` keeps.
pub(super) struct Triangle {
    is_upper: bool,
    diagonal: i64,
}

impl Triangle {
    /// Whether an element of matrices is kept.
    pub(super) fn keeps(&self, sizes: &[usize], at: usize) -> bool {
        let [.., rows, columns] = *sizes else {
            return true;
        };
        let above = (at % columns) as i64 - (at / columns % rows) as i64;
        if self.is_upper {
            above >= self.diagonal
        } else {
            above <= self.diagonal
        }
    }
}

/// What a `Trilu` keeps; nothing where its diagonal is only computed.
pub(super) fn triangle(node: &mut Node<'_, '_>) -> Result<Option<Triangle>, Unsupported> {
    let is_upper = node.attributes.flag("upper", true)?;
    if !node.has_input(1) {
        let diagonal = 0;
        return Ok(Some(Triangle { is_upper, diagonal }));
    }
    let given = node.ints(1, "its diagonal")?;
    let triangle = |&diagonal: &i64| Triangle { is_upper, diagonal };
    Ok(given.data().first().map(triangle))
}

pub(super) fn trilu(node: &mut Node<'_, '_>) -> Made {
    let triangle = triangle(node)?;
    let Some(Triangle { is_upper, diagonal }) = triangle else {
        return Err(Unsupported::new("has a diagonal that is no number"));
    };
    let op: Box<dyn Op> = if is_upper {
        Triu { diagonal }.into()
    } else {
        Tril { diagonal }.into()
    };
    let layer = Layer::of(op, [node.operand(0)?]);
    node.layer(layer)
}

/// Channels laid out as pixels. ONNX's own order of them is another than PyTorch's.
pub(super) fn depth_to_space(node: &mut Node<'_, '_>) -> Made {
    let (block, sizes) = blocks(node)?;
    let mode = node.attributes.word("mode", "DCR")?;
    let x = node.operand(0)?;
    let [batch, channels, height, width] = sizes;
    match mode {
        "CRD" => {
            let upscale_factor = block;
            node.layer(Layer::of(PixelShuffle { upscale_factor }, [x]))
        }
        "DCR" => {
            let inner = channels / (block * block).max(1);
            let x = turned(
                node,
                x,
                [batch, block, block, inner, height, width],
                [0, 3, 4, 1, 5, 2],
            )?;
            reshaped(node, x, vec![batch, inner, height * block, width * block])
        }
        _ => Err(Unsupported::new("has a `mode` that is not known here")),
    }
}

/// Pixels laid out as channels.
pub(super) fn space_to_depth(node: &mut Node<'_, '_>) -> Made {
    let (block, [batch, channels, height, width]) = blocks(node)?;
    let mode = node.attributes.word("mode", "DCR")?;
    let x = node.operand(0)?;
    if mode == "CRD" {
        let downscale_factor = block;
        return node.layer(Layer::of(PixelUnshuffle { downscale_factor }, [x]));
    }
    let (rows, columns) = (height / block, width / block);
    let split = [batch, channels, rows, block, columns, block];
    let x = turned(node, x, split, [0, 3, 5, 1, 2, 4])?;
    reshaped(
        node,
        x,
        vec![batch, channels * block * block, rows, columns],
    )
}

/// The block size of a node, and the sizes of the images that it reads.
fn blocks(node: &mut Node<'_, '_>) -> Result<(usize, [usize; 4]), Unsupported> {
    let block = node.attributes.int("blocksize")?.unwrap_or(0);
    let block = usize::try_from(block).ok().filter(|&block| block > 0);
    let block = block.ok_or_else(|| Unsupported::new("has no `blocksize`"))?;
    let sizes = node.sizes(0)?;
    let images = <[usize; 4]>::try_from(sizes.clone());
    let images = images.map_err(|_| Unsupported::new(format!("reads {sizes:?}, not images")))?;
    Ok((block, images))
}

/// Adds the layers that split axes and put them in another order.
fn turned(
    node: &mut Node<'_, '_>,
    x: Operand,
    split: [usize; 6],
    order: [i64; 6],
) -> Result<Operand, Unsupported> {
    let split = Reshape::new(split.map(Some).to_vec());
    let x = node.step("split", Layer::of(split, [x]))?;
    node.step("turned", Layer::of(Permute::new(order.to_vec()), [x]))
}

#[cfg(test)]
mod tests {
    use super::Cut;

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
            let cut = Cut::new(0, (start, end, step), size).unwrap();
            assert_eq!(cut.places(), expected, "{start}:{end}:{step} of {size}");
        }
        assert!(Cut::new(0, (0, 1, 0), 5).is_none());
    }
}
