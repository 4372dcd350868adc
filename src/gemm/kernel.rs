//! The loops of a product: tiles of sums that stay in registers while their terms are added.

use std::array;

use pulp::{Scalar, Simd};

use super::{Grid, Product, Runs};

/// How many rows of sums a tile has at most, and how many registers each row takes: sums, numbers
/// and factors fill 16 registers.
const ROWS: usize = 4;
const WIDTH: usize = 2;
/// The same where the product has one row only.
const WIDTH_OF_ROW: usize = 8;
/// The same for a column by itself, which is no use to wide registers.
const ROWS_OF_COLUMN: usize = 8;
/// How many terms are added to all sums before the next ones: few enough that the right's part of
/// them stays near the processor.
const TERMS: usize = 256;
/// The same where the product has one row only: the right is read just once then, best line by
/// line.
const TERMS_OF_ROW: usize = 8;
/// With fewer terms than this a product is worked out row by row.
const FEW_TERMS: usize = 4;
/// The most numbers that a row of a tile has, where registers hold 8.
const MOST_NUMBERS: usize = WIDTH_OF_ROW * 8;

/// Adds the products to the sums.
#[inline(always)]
pub(super) fn add<S: Simd>(simd: S, product: &Product<'_>, sums: &mut [f64], grid: &Grid) {
    let (n_rows, n_terms) = (product.rows.len().max(1), product.terms.len().max(1));
    let (rows_at_once, terms_at_once) = match (grid.n_lines, product.runs.n) {
        (1, 1) if n_rows == 1 => (1, TERMS_OF_ROW),
        // So little is done to each sum that they are best taken as they lie in memory.
        (1, 1) if n_terms < FEW_TERMS => (1, n_terms),
        (_, 1) => (n_rows, TERMS),
        _ => (n_rows, n_terms),
    };
    for (nth, rows) in product.rows.chunks(rows_at_once).enumerate() {
        let grid = Grid {
            first: grid.first + nth * rows_at_once * grid.row_step,
            ..*grid
        };
        for (nth, terms) in product.terms.chunks(terms_at_once).enumerate() {
            let block = Product {
                left: &product.left[nth * terms_at_once..],
                rows,
                terms,
                ..*product
            };
            add_block(simd, &block, sums, &grid);
        }
    }
}

/// Adds the products to the sums, strip by strip.
#[inline(always)]
fn add_block<S: Simd>(simd: S, product: &Product<'_>, sums: &mut [f64], grid: &Grid) {
    let mut panel = Vec::new();
    let last =
        product.terms.iter().max().unwrap_or(&0) + (product.runs.n - 1) * product.runs.right_step;
    for line in 0..grid.n_lines {
        let mut column = 0;
        while column < grid.n_columns {
            let first = grid.first + line * grid.line_step + column * grid.column_step;
            let rest = Strip {
                first,
                n: grid.n_columns - column,
                grid,
            };
            let part = Product {
                right: &product.right[line * grid.right_line_step + column..],
                ..*product
            };
            column += add_strip(simd, &part, last, sums, rest, &mut panel);
        }
    }
}

/// Adds the products to the first columns of what is left of a line, and returns to how many.
/// `last` is where the last term begins.
#[inline(always)]
fn add_strip<S: Simd>(
    simd: S,
    product: &Product<'_>,
    last: usize,
    sums: &mut [f64],
    rest: Strip<'_>,
    panel: &mut Vec<f64>,
) -> usize {
    let (width, wide) = (WIDTH * S::F64_LANES, WIDTH_OF_ROW * S::F64_LANES);
    let n_rows = product.rows.len();
    // What is read beyond the last column is dropped again, as long as there is something to read.
    let is_readable = |width: usize| last + width <= product.right.len();
    if rest.n == 1 {
        rest.add::<Scalar, ROWS_OF_COLUMN, 1>(Scalar::new(), product, sums);
        return 1;
    }
    if n_rows == 1 && 2 * rest.n > wide && is_readable(wide) {
        let strip = Strip {
            n: rest.n.min(wide),
            ..rest
        };
        strip.add::<S, 1, WIDTH_OF_ROW>(simd, product, sums);
        return strip.n;
    }
    let strip = Strip {
        n: rest.n.min(width),
        ..rest
    };
    // Many rows read the same numbers of a matrix: these are better brought together first.
    let is_worth_packing = strip.grid.n_lines == 1 && product.runs.n == 1 && n_rows > ROWS;
    if is_worth_packing || !is_readable(width) {
        let terms = pack(product, strip.n, width, panel);
        let runs = Runs {
            right_step: terms.len() * width,
            ..product.runs
        };
        strip.add::<S, ROWS, WIDTH>(
            simd,
            &Product {
                right: panel,
                terms: &terms,
                runs,
                ..*product
            },
            sums,
        );
    } else {
        strip.add::<S, ROWS, WIDTH>(simd, product, sums);
    }
    strip.n
}

/// Brings the right's numbers for some columns together, `width` for each term with zeros behind
/// them, and returns where each term's are.
#[inline(always)]
fn pack(product: &Product<'_>, n_columns: usize, width: usize, panel: &mut Vec<f64>) -> Vec<usize> {
    panel.clear();
    for run in 0..product.runs.n {
        for &term in product.terms {
            panel.extend_from_slice(
                &product.right[run * product.runs.right_step + term..][..n_columns],
            );
            panel.resize(panel.len() + width - n_columns, 0.0);
        }
    }
    (0..product.terms.len()).map(|term| term * width).collect()
}

/// A few columns of one line of the sums.
#[derive(Clone, Copy)]
struct Strip<'a> {
    /// Where the first sum of the first row is.
    first: usize,
    /// How many columns.
    n: usize,
    grid: &'a Grid,
}

impl Strip<'_> {
    /// Adds the products to every row of the strip, some rows at a time.
    #[inline(always)]
    fn add<S: Simd, const ROWS: usize, const WIDTH: usize>(
        &self,
        simd: S,
        product: &Product<'_>,
        sums: &mut [f64],
    ) {
        let n_rows = product.rows.len();
        let mut row = 0;
        while row < n_rows {
            row += match n_rows - row {
                n if n >= ROWS => self.add_tile::<S, ROWS, WIDTH>(simd, product, row, sums),
                4.. => self.add_tile::<S, 4, WIDTH>(simd, product, row, sums),
                3 => self.add_tile::<S, 3, WIDTH>(simd, product, row, sums),
                2 => self.add_tile::<S, 2, WIDTH>(simd, product, row, sums),
                _ => self.add_tile::<S, 1, WIDTH>(simd, product, row, sums),
            };
        }
    }

    /// Adds the products to some rows, and returns how many.
    #[inline(always)]
    fn add_tile<S: Simd, const ROWS: usize, const WIDTH: usize>(
        &self,
        simd: S,
        product: &Product<'_>,
        row: usize,
        sums: &mut [f64],
    ) -> usize {
        let first = |r: usize| self.first + (row + r) * self.grid.row_step;
        let mut tile: [[S::f64s; WIDTH]; ROWS] =
            array::from_fn(|r| self.load::<S, WIDTH>(&sums[first(r)..]));
        let n_terms = product.terms.len();
        for run in 0..product.runs.n {
            let left: [&[f64]; ROWS] = array::from_fn(|r| {
                &product.left[product.rows[row + r] + run * product.runs.left_step..][..n_terms]
            });
            let right = &product.right[run * product.runs.right_step..];
            for (k, &term) in product.terms.iter().enumerate() {
                let (right, _) = S::as_simd_f64s(&right[term..][..WIDTH * S::F64_LANES]);
                for r in 0..ROWS {
                    let factor = simd.splat_f64s(left[r][k]);
                    for v in 0..WIDTH {
                        tile[r][v] = simd.add_f64s(tile[r][v], simd.mul_f64s(factor, right[v]));
                    }
                }
            }
        }
        for (r, tile) in tile.iter().enumerate() {
            self.store::<S, WIDTH>(tile, &mut sums[first(r)..]);
        }
        ROWS
    }

    #[inline(always)]
    fn load<S: Simd, const WIDTH: usize>(&self, sums: &[f64]) -> [S::f64s; WIDTH] {
        let lanes = WIDTH * S::F64_LANES;
        if self.n == lanes && self.grid.column_step == 1 {
            let (vectors, _) = S::as_simd_f64s(&sums[..lanes]);
            return array::from_fn(|v| vectors[v]);
        }
        let mut numbers = [0.0; MOST_NUMBERS];
        numbers
            .iter_mut()
            .zip(sums.iter().step_by(self.grid.column_step))
            .take(self.n)
            .for_each(|(number, sum)| *number = *sum);
        let (vectors, _) = S::as_simd_f64s(&numbers[..lanes]);
        array::from_fn(|v| vectors[v])
    }

    #[inline(always)]
    fn store<S: Simd, const WIDTH: usize>(&self, tile: &[S::f64s; WIDTH], sums: &mut [f64]) {
        let lanes = WIDTH * S::F64_LANES;
        if self.n == lanes && self.grid.column_step == 1 {
            let (vectors, _) = S::as_mut_simd_f64s(&mut sums[..lanes]);
            vectors.copy_from_slice(tile);
            return;
        }
        let mut numbers = [0.0; MOST_NUMBERS];
        let (vectors, _) = S::as_mut_simd_f64s(&mut numbers[..lanes]);
        vectors.copy_from_slice(tile);
        sums.iter_mut()
            .step_by(self.grid.column_step)
            .zip(numbers)
            .take(self.n)
            .for_each(|(sum, number)| *sum = number);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(product: &Product<'_>, sums: &mut [f64], grid: &Grid) {
        for (row, &left) in product.rows.iter().enumerate() {
            for line in 0..grid.n_lines {
                for column in 0..grid.n_columns {
                    let sum = &mut sums[grid.first
                        + row * grid.row_step
                        + line * grid.line_step
                        + column * grid.column_step];
                    for run in 0..product.runs.n {
                        for (k, &term) in product.terms.iter().enumerate() {
                            let factor = product.left[left + run * product.runs.left_step + k];
                            *sum += factor
                                * product.right[run * product.runs.right_step
                                    + term
                                    + line * grid.right_line_step
                                    + column];
                        }
                    }
                }
            }
        }
    }

    fn noise(n: usize, seed: u64) -> Vec<f64> {
        let mut state = seed;
        let next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
        };
        std::iter::repeat_with(next).take(n).collect()
    }

    /// Checks that the widest registers here, and single numbers, give the bits of the plain loop.
    fn check(product: &Product<'_>, sums: &[f64], grid: &Grid) {
        let bits = |sums: &[f64]| sums.iter().map(|sum| sum.to_bits()).collect::<Vec<_>>();
        let mut expected = sums.to_vec();
        plain(product, &mut expected, grid);
        let mut wide = sums.to_vec();
        product.add_to(&mut wide, grid);
        assert_eq!(bits(&wide), bits(&expected));
        let mut single = sums.to_vec();
        add(Scalar::new(), product, &mut single, grid);
        assert_eq!(bits(&single), bits(&expected));
    }

    proptest! {
        #[test]
        fn matrices(n_rows in 1..14_usize, n_terms in prop_oneof![1..40_usize, 250..600_usize],
            n_columns in 1..70_usize, seed: u64) {
            let left = noise(n_rows * n_terms, seed);
            let right = noise(n_terms * n_columns, seed ^ 1);
            let rows: Vec<usize> = (0..n_rows).map(|row| row * n_terms).collect();
            let terms: Vec<usize> = (0..n_terms).map(|term| term * n_columns).collect();
            let product = Product { left: &left, rows: &rows, right: &right, terms: &terms,
                runs: Runs::ONE };
            check(&product, &noise(n_rows * n_columns, seed ^ 2), &Grid::matrix(n_columns));
        }

        #[test]
        fn maps_and_runs(
            n_rows in 0..7_usize, n_terms in 0..9_usize, n_runs in 1..4_usize,
            n_lines in 1..4_usize, n_columns in 1..40_usize,
            column_step in 1..3_usize, seed: u64,
        ) {
            let (width, n_left) = (n_columns * column_step, n_runs * n_terms);
            let grid = Grid {
                row_step: n_lines * width, first: 0, n_lines, line_step: width,
                right_line_step: n_columns, n_columns, column_step,
            };
            let left = noise(n_rows * n_left, seed);
            let right = noise(n_left * n_lines * n_columns, seed ^ 1);
            let rows: Vec<usize> = (0..n_rows).map(|row| row * n_left).collect();
            // The terms of a run from last to first.
            let at = |term| term * n_lines * n_columns;
            let terms: Vec<usize> = (0..n_terms).rev().map(at).collect();
            let runs = Runs { n: n_runs, left_step: n_terms,
                right_step: n_terms * n_lines * n_columns };
            let product = Product { left: &left, rows: &rows, right: &right, terms: &terms, runs };
            check(&product, &noise(n_rows * n_lines * width, seed ^ 2), &grid);
        }
    }
}
