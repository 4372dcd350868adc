//! The sizes of tensors.

use std::fmt;
use std::ops::Deref;

use smallvec::SmallVec;

/// The most axes that a tensor may have.
pub const MAX_RANK: usize = 32;

/// The place of an element along each axis.
pub type Index = SmallVec<[usize; 4]>;

/// The size of each axis of a tensor; `[]` is a scalar. Its number of elements fits a `usize`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Shape(SmallVec<[usize; 4]>);

impl Shape {
    /// Returns the shape of a scalar.
    pub fn scalar() -> Self {
        Self(SmallVec::new())
    }

    /// Returns the shape of these sizes, or nothing where there are too many of them, one is 0, or
    /// there are more elements than `usize` counts.
    pub fn new(sizes: &[usize]) -> Option<Self> {
        let numel = sizes
            .iter()
            .try_fold(1_usize, |product, &size| product.checked_mul(size));
        (sizes.len() <= MAX_RANK && numel.is_some_and(|n| n > 0)).then(|| Self(sizes.into()))
    }

    /// The number of elements.
    pub fn numel(&self) -> usize {
        self.0.iter().product()
    }

    /// The sizes as people write them: `3×4`; a scalar has none.
    pub fn sizes(&self) -> String {
        let sizes: Vec<String> = self.iter().map(usize::to_string).collect();
        sizes.join("×")
    }

    /// The number of axes.
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// The rows and columns of its last two axes; a list stands upright.
    pub fn grid(&self) -> (usize, usize) {
        match *self.0 {
            [] => (1, 1),
            [n] => (n, 1),
            [.., n_rows, n_columns] => (n_rows, n_columns),
        }
    }

    /// The row-major place of an element, or nothing where the index is not one of this shape.
    pub fn place(&self, index: &[usize]) -> Option<usize> {
        if index.len() != self.rank() {
            return None;
        }
        index
            .iter()
            .zip(&self.0)
            .try_fold(0, |place, (&at, &size)| {
                (at < size).then_some(place * size + at)
            })
    }

    /// The index of the element at a row-major place.
    pub fn index(&self, place: usize) -> Index {
        let mut rest = place;
        let mut index: Index = self.0.clone();
        for at in index.iter_mut().rev() {
            let size = *at;
            *at = rest % size;
            rest /= size;
        }
        index
    }

    /// Returns the shape with the axis taken out.
    pub fn without(&self, axis: usize) -> Self {
        let mut sizes = self.0.clone();
        sizes.remove(axis);
        Self(sizes)
    }

    /// Returns the shape that this one and another broadcast to by NumPy's rule, or nothing where
    /// they do not fit.
    pub fn broadcast(&self, other: &Shape) -> Option<Self> {
        let rank = self.rank().max(other.rank());
        let size = |shape: &Shape, axis: usize| {
            (axis + shape.rank())
                .checked_sub(rank)
                .map_or(1, |axis| shape[axis])
        };
        let sizes: Option<Index> = (0..rank)
            .map(|axis| match (size(self, axis), size(other, axis)) {
                (a, b) if a == b || b == 1 => Some(a),
                (1, b) => Some(b),
                _ => None,
            })
            .collect();
        Self::new(&sizes?)
    }

    /// Splits the shape round an axis: how many elements one step along each earlier axis, this
    /// axis and each later axis spans. Returns (outer count, size of the axis, inner count).
    pub fn around(&self, axis: usize) -> (usize, usize, usize) {
        (
            self[..axis].iter().product(),
            self[axis],
            self[axis + 1..].iter().product(),
        )
    }
}

impl Deref for Shape {
    type Target = [usize];

    fn deref(&self) -> &[usize] {
        &self.0
    }
}

/// Takes sizes that are known to be those of a tensor.
impl From<&[usize]> for Shape {
    fn from(sizes: &[usize]) -> Self {
        Self(sizes.into())
    }
}

impl<const N: usize> From<[usize; N]> for Shape {
    fn from(sizes: [usize; N]) -> Self {
        Self(sizes.as_slice().into())
    }
}

/// Writes `[2, 3]`.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_indices_are_inverse() {
        let shape = Shape::from([2, 3, 4]);
        for place in 0..shape.numel() {
            assert_eq!(shape.place(&shape.index(place)), Some(place));
        }
        assert_eq!(shape.index(17).as_slice(), [1, 1, 1]);
        assert_eq!(shape.place(&[1, 3, 0]), None);
        assert_eq!(shape.place(&[1, 1]), None);
        assert_eq!(Shape::scalar().place(&[]), Some(0));
    }

    #[test]
    fn broadcasting_is_numpys() {
        let broadcast = |a: &[usize], b: &[usize]| {
            Shape::from(a)
                .broadcast(&Shape::from(b))
                .map(|shape| shape.to_string())
        };
        assert_eq!(broadcast(&[2, 1], &[3]).as_deref(), Some("[2, 3]"));
        assert_eq!(broadcast(&[], &[4]).as_deref(), Some("[4]"));
        assert_eq!(broadcast(&[2], &[3]), None);
        assert_eq!(broadcast(&[1 << 40, 1], &[1 << 40]), None);
    }

    #[test]
    fn sizes_that_cannot_be_counted_are_refused() {
        assert_eq!(Shape::new(&[1 << 40, 1 << 40]), None);
        assert_eq!(Shape::new(&[0, 3]), None);
        assert_eq!(Shape::new(&[1; MAX_RANK + 1]), None);
        assert_eq!(Shape::new(&[]), Some(Shape::scalar()));
    }
}
