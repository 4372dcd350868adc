//! How the rows of an answer count the places of elements: everything here does so from 0 and by
//! axes, but not everybody.

use std::collections::{BTreeMap, BTreeSet};

use crate::tensor::{Index, Shape, TensorId};

/// How an answer counts the places of elements.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Whether the first place is 1.
    is_from_one: bool,
    /// The tensors whose elements are counted through, row by row.
    in_a_row: BTreeSet<TensorId>,
}

/// What the rows of a tensor show.
#[derive(Default)]
struct Seen {
    by_axes: Counted,
    in_a_row: Counted,
}

/// Places that are all counted in one way.
#[derive(Default)]
struct Counted {
    n: usize,
    /// Whether 0 is among them.
    has_zero: bool,
    /// Whether the first is, counted from 1.
    has_first: bool,
    /// Whether there is one that an axis has only where it is counted from 1.
    has_end: bool,
}

impl Counted {
    fn add(&mut self, sizes: &[usize], index: &[usize]) {
        self.n += 1;
        self.has_zero |= index.contains(&0);
        self.has_first |= index.iter().all(|&place| place == 1);
        self.has_end |= index.iter().zip(sizes).any(|(place, size)| place == size);
    }
}

impl Places {
    /// Learns it from all rows of an answer.
    pub(super) fn of<'s>(rows: impl Iterator<Item = (TensorId, &'s Shape, Index)>) -> Self {
        let mut seen: BTreeMap<TensorId, Seen> = BTreeMap::new();
        for (tensor, shape, index) in rows.filter(|(.., index)| !index.is_empty()) {
            let seen = seen.entry(tensor).or_default();
            match (index.len(), shape.rank()) {
                (n, rank) if n == rank => seen.by_axes.add(shape, &index),
                (1, 2..) => seen.in_a_row.add(&[shape.numel()], &index),
                _ => {}
            }
        }
        let is_in_a_row = |seen: &Seen| seen.by_axes.n == 0 && seen.in_a_row.n > 0;
        let rows = seen.iter().filter(|(_, seen)| is_in_a_row(seen));
        let in_a_row: BTreeSet<TensorId> = rows.map(|(&tensor, _)| tensor).collect();
        let mut counted = seen.values().map(|seen| match is_in_a_row(seen) {
            true => &seen.in_a_row,
            false => &seen.by_axes,
        });
        let has_zero = counted.clone().any(|counted| counted.has_zero);
        let is_from_one = counted.any(|counted| counted.has_first && counted.has_end);
        Self {
            is_from_one: is_from_one && !has_zero,
            in_a_row,
        }
    }

    /// Whether the first place is 1.
    pub(super) fn is_from_one(&self) -> bool {
        self.is_from_one
    }

    /// The tensors whose elements are counted through, row by row.
    pub(super) fn in_a_row(&self) -> impl Iterator<Item = TensorId> {
        self.in_a_row.iter().copied()
    }

    /// The place of an element; nothing where the tensor has none of that index.
    pub(super) fn place(&self, tensor: TensorId, shape: &Shape, index: &[usize]) -> Option<usize> {
        let first = usize::from(self.is_from_one);
        let from_zero = index.iter().map(|place| place.checked_sub(first));
        let index: Index = from_zero.collect::<Option<_>>()?;
        match (&index[..], self.in_a_row.contains(&tensor)) {
            (&[at], true) => (at < shape.numel()).then_some(at),
            (index, _) => shape.place(index),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The places of some indices of a matrix of two rows and three columns.
    fn places(indices: &[&[usize]]) -> Vec<Option<usize>> {
        let (tensor, shape) = (TensorId(0), Shape::from([2, 3]));
        let rows = indices
            .iter()
            .map(|index| (tensor, &shape, Index::from(*index)));
        let places = Places::of(rows);
        let place = |index: &&[usize]| places.place(tensor, &shape, index);
        indices.iter().map(place).collect()
    }

    #[test]
    fn places_are_counted_from_one_where_only_that_fits() {
        assert_eq!(places(&[&[1, 1], &[2, 3]]), [Some(0), Some(5)]);
        assert_eq!(places(&[&[1, 1], &[1, 2]]), [Some(4), Some(5)]);
        assert_eq!(places(&[&[0, 1], &[2, 3]]), [Some(1), None]);
        assert_eq!(places(&[&[1, 2], &[2, 3]]), [Some(5), None]);
    }

    #[test]
    fn elements_are_counted_through_where_all_are() {
        assert_eq!(places(&[&[0], &[5]]), [Some(0), Some(5)]);
        assert_eq!(places(&[&[1], &[6]]), [Some(0), Some(5)]);
        assert_eq!(places(&[&[0], &[0, 1]]), [None, Some(1)]);
        assert_eq!(places(&[&[0], &[6]]), [Some(0), None]);
    }
}
