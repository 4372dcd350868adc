//! The numbers of a tensor laid out as they are read: a grid for each pair of its last two axes.

use crate::tensor::Shape;

/// More numbers than this are not laid out.
const MOST_NUMBERS: usize = 1024;

/// A part of a tensor with rows and columns.
pub(super) struct Grid {
    /// Where it is in the tensor: `conv[0,1]`, or the tensor's name where it is all of it.
    pub(super) caption: String,
    pub(super) n_rows: usize,
    pub(super) n_columns: usize,
    /// The row-major place of its first number in the tensor.
    pub(super) start: usize,
}

impl Grid {
    /// The grids of a tensor; none where it is too large to be looked at.
    pub(super) fn all(name: &str, shape: &Shape) -> Vec<Self> {
        if shape.numel() > MOST_NUMBERS {
            return Vec::new();
        }
        let (outer, n_rows, n_columns) = match &shape[..] {
            [] => (&[][..], 1, 1),
            [columns] => (&[][..], 1, *columns),
            [outer @ .., rows, columns] => (outer, *rows, *columns),
        };
        let outer = Shape::from(outer);
        let grid = |number: usize| {
            let index: Vec<usize> = outer.index(number).to_vec();
            let caption = super::phrases::address(name, &index);
            Self {
                caption,
                n_rows,
                n_columns,
                start: number * n_rows * n_columns,
            }
        };
        (0..outer.numel()).map(grid).collect()
    }

    /// The places of its numbers in the tensor, row by row.
    pub(super) fn rows(&self) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
        (0..self.n_rows)
            .map(|row| self.start + row * self.n_columns..self.start + (row + 1) * self.n_columns)
    }
}
