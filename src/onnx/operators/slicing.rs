//! Nodes that cut an axis: `Slice` and `Split`.

use std::ops::Range;

use super::Made;
use crate::onnx::error::Unsupported;
use crate::onnx::layer::Layer;
use crate::onnx::node::{Node, axis};
use crate::ops::{Op, Slice};

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
