//! A tensor as pages of rows and columns.

use crate::tensor::Shape;

/// A tensor's last two axes; a list of numbers stands upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) n_rows: usize,
    pub(super) n_columns: usize,
    pub(super) n_pages: usize,
}

impl Grid {
    pub(super) fn of(shape: &Shape) -> Self {
        let (n_rows, n_columns) = shape.grid();
        Self {
            n_rows,
            n_columns,
            n_pages: shape.numel() / (n_rows * n_columns),
        }
    }

    /// The page, row and column of a row-major place.
    pub(super) fn locate(self, at: usize) -> (usize, usize, usize) {
        let size = self.n_rows * self.n_columns;
        (at / size, at % size / self.n_columns, at % self.n_columns)
    }
}

/// A size on the screen.
pub(super) fn small(size: usize) -> u16 {
    u16::try_from(size).unwrap_or(u16::MAX / 4)
}
