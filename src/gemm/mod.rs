//! Sums of products, fast and in order: `sums[i, j] += Σₖ left[i, k] · right[k, j]`, where every
//! sum takes its terms in the order of k, and every product and every addition is rounded.
//!
//! What is done at once is many sums, never many terms of one. So a sum has the same bits as in the
//! plainest loop, however wide the processor's registers are and however many threads there are. A
//! fused multiply-add would round once where two roundings are due.

mod kernel;
mod product;

use pulp::{Arch, Simd, WithSimd};

use crate::parallel::for_each_chunk;

pub(crate) use product::{Grid, Product, Runs};

/// Adds the product of two row-major matrices, [n, `n_terms`] and [`n_terms`, `n_columns`], to a
/// third.
pub(crate) fn add_matrices(sums: &mut [f64], left: &[f64], right: &[f64], n_columns: usize) {
    let n_rows = sums.len() / n_columns;
    let n_terms = left.len() / n_rows;
    let n_columns_at_once = if n_rows == 1 {
        COLUMNS_AT_ONCE
    } else {
        n_columns
    };
    let n_rows_at_once = if n_rows == 1 { 1 } else { ROWS_AT_ONCE };
    let terms: Vec<usize> = (0..n_terms).map(|term| term * n_columns).collect();
    let rows: Vec<usize> = (0..n_rows_at_once).map(|row| row * n_terms).collect();
    let left_terms: Vec<usize> = (0..n_terms).collect();
    // A chunk is some rows, or some columns of an only row.
    let size = n_rows_at_once * n_columns_at_once;
    for_each_chunk(sums, size, n_rows * n_terms * n_columns, &|nth, sums| {
        let (first_row, first_column) = if n_rows == 1 {
            (0, nth * size)
        } else {
            (nth * n_rows_at_once, 0)
        };
        let n_columns = sums.len().min(n_columns);
        let product = Product {
            left: &left[first_row * n_terms..],
            rows: &rows[..sums.len() / n_columns],
            left_terms: &left_terms,
            right: &right[first_column..],
            terms: &terms,
            runs: Runs::ONE,
        };
        product.add_to(sums, &Grid::matrix(n_columns));
    });
}

/// How many rows of a matrix, or columns of a single row, one thread takes at a time.
const ROWS_AT_ONCE: usize = 32;
const COLUMNS_AT_ONCE: usize = 1024;

/// Returns a row-major matrix with its rows and columns exchanged.
pub(crate) fn transposed(numbers: &[f64], n_columns: usize) -> Vec<f64> {
    let n_rows = numbers.len() / n_columns;
    let mut transposed = vec![0.0; numbers.len()];
    // In squares, so that neither side is walked far apart.
    for first_row in (0..n_rows).step_by(SQUARE) {
        for first_column in (0..n_columns).step_by(SQUARE) {
            for row in first_row..(first_row + SQUARE).min(n_rows) {
                for column in first_column..(first_column + SQUARE).min(n_columns) {
                    transposed[column * n_rows + row] = numbers[row * n_columns + column];
                }
            }
        }
    }
    transposed
}

const SQUARE: usize = 8;

impl Product<'_> {
    /// Adds the products to the sums, of which there is a row for each of `rows`.
    pub(crate) fn add_to(&self, sums: &mut [f64], grid: &Grid) {
        Arch::new().dispatch(Addition {
            product: self,
            sums,
            grid,
        });
    }
}

/// What [`Product::add_to`] does, for any width of registers.
struct Addition<'a> {
    product: &'a Product<'a>,
    sums: &'a mut [f64],
    grid: &'a Grid,
}

impl WithSimd for Addition<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        kernel::add(simd, self.product, self.sums, self.grid);
    }
}
