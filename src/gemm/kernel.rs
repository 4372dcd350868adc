//! The loops of a product: which sums are worked on together, and where they and their factors lie.

mod tile;

use std::ops::Range;

use pulp::{Scalar, Simd};

use super::{Grid, Product, Runs};
use tile::Tile;

/// How many registers a row of a tile takes, and where the product has one row only, and where that
/// is short.
const WIDTH: usize = 2;
const WIDTH_OF_ROW: usize = 8;
const WIDTH_OF_SHORT_ROW: usize = 4;
/// How many rows of sums a tile has at most: as many as 32 registers hold beside numbers and
/// factors, or 16 where they are narrower. So there are enough sums for none to wait for its last
/// addition.
const ROWS: usize = 8;
const ROWS_OF_NARROW_REGISTERS: usize = 6;
/// The most numbers that a tile has, where registers hold 8.
const MOST_NUMBERS: usize = ROWS * WIDTH * 8;
/// How many terms are added to all sums before the next ones: few enough that the right's part of
/// them stays near the processor.
const TERMS: usize = 256;
/// The same where one tile has all rows: the right is read just once then, best line by line.
const TERMS_OF_FEW_ROWS: usize = 16;
/// With fewer terms than this a product is worked out a few rows at a time.
const FEW_TERMS: usize = 32;
/// Bringing numbers together for a strip that goes from line to line takes as long as so many rows
/// of it.
const ROWS_OF_PACKING: usize = 16;

/// Adds the products to the sums.
#[inline(always)]
pub(super) fn add<S: Simd>(simd: S, product: &Product<'_>, sums: &mut [f64], grid: &Grid) {
    let (n_rows, n_terms) = (product.rows.len().max(1), product.terms.len().max(1));
    let (rows_at_once, terms_at_once) = match (grid.n_lines, product.runs.n) {
        (1, 1) if n_rows <= most_rows::<S>() => (n_rows, TERMS_OF_FEW_ROWS),
        // So little is done to each sum that they are best taken as they lie in memory.
        (1, 1) if n_terms < FEW_TERMS => (most_rows::<S>(), n_terms),
        (_, 1) => (n_rows, TERMS),
        _ => (n_rows, n_terms),
    };
    let mut panel = Vec::new();
    for (nth, rows) in product.rows.chunks(rows_at_once).enumerate() {
        let grid = Grid {
            first: grid.first + nth * rows_at_once * grid.row_step,
            ..*grid
        };
        let terms = product.terms.chunks(terms_at_once);
        for (terms, left_terms) in terms.zip(product.left_terms.chunks(terms_at_once)) {
            let block = Product {
                rows,
                terms,
                left_terms,
                ..*product
            };
            add_block(simd, &block, sums, &grid, &mut panel);
        }
    }
}

/// How many rows a tile has at most.
#[inline(always)]
fn most_rows<S: Simd>() -> usize {
    if S::F64_LANES < 8 {
        ROWS_OF_NARROW_REGISTERS
    } else {
        ROWS
    }
}

/// Adds the products to the sums, strip by strip.
#[inline(always)]
fn add_block<S: Simd>(
    simd: S,
    product: &Product<'_>,
    sums: &mut [f64],
    grid: &Grid,
    panel: &mut Vec<f64>,
) {
    // What is read beyond the last column is dropped again, as long as there is something to read.
    let end = product.terms.iter().max().unwrap_or(&0)
        + (product.runs.n - 1) * product.runs.right_step
        + (grid.n_lines - 1) * grid.right_line_step
        + grid.n_columns;
    let n_readable = product.right.len().saturating_sub(end);
    let length = if goes_on(grid, product.rows.len(), S::F64_LANES) {
        grid.n_lines * grid.n_columns
    } else {
        grid.n_columns
    };
    for line in (0..grid.n_lines * grid.n_columns).step_by(length) {
        let mut first = line;
        while first < line + length {
            let rest = first..line + length;
            first += add_strip(simd, product, n_readable, sums, rest, grid, panel);
        }
    }
}

/// Whether strips had better go on from line to line than end with their line, where the last one
/// does not fill its registers.
#[inline(always)]
fn goes_on(grid: &Grid, n_rows: usize, lanes: usize) -> bool {
    let filled = |n_columns: usize| match n_columns % (WIDTH * lanes) {
        rest if rest <= lanes => (n_columns - rest) + rest.min(1) * lanes,
        rest => (n_columns - rest) + WIDTH * lanes,
    };
    let on_and_on = filled(grid.n_lines * grid.n_columns);
    grid.n_lines > 1
        && n_rows * grid.n_lines * filled(grid.n_columns) > (n_rows + ROWS_OF_PACKING) * on_and_on
}

/// Adds the products to the first columns of what is left of a line, and returns to how many.
/// There are `n_readable` numbers behind the last one of the right.
#[inline(always)]
fn add_strip<S: Simd>(
    simd: S,
    product: &Product<'_>,
    n_readable: usize,
    sums: &mut [f64],
    rest: Range<usize>,
    grid: &Grid,
    panel: &mut Vec<f64>,
) -> usize {
    let n_rows = product.rows.len();
    let n_rest = rest.len();
    let width = match n_rows {
        _ if n_rest <= S::F64_LANES => 1,
        1 if 2 * n_rest > WIDTH_OF_ROW * S::F64_LANES => WIDTH_OF_ROW,
        1 if 2 * n_rest > WIDTH_OF_SHORT_ROW * S::F64_LANES => WIDTH_OF_SHORT_ROW,
        _ => WIDTH,
    };
    let lanes = width * S::F64_LANES;
    let n = n_rest.min(lanes);
    let strip = Strip::new(rest.start..rest.start + n, grid);
    // Many rows read the same numbers of a matrix: these are better brought together first.
    let is_worth_packing = grid.n_lines == 1 && product.runs.n == 1 && n_rows > most_rows::<S>();
    let is_readable = n + n_readable >= lanes || n_rest >= lanes;
    let (right, terms, right_step);
    let product = if n > 1 && (is_worth_packing || !is_readable || strip.crosses_lines) {
        strip.pack(simd, product, lanes, panel);
        terms = (0..product.terms.len())
            .map(|term| term * lanes)
            .collect::<Vec<_>>();
        right_step = terms.len() * lanes;
        right = &panel[..];
        Product {
            right,
            terms: &terms,
            runs: Runs {
                right_step,
                ..product.runs
            },
            ..*product
        }
    } else {
        Product {
            right: &product.right[strip.right(strip.columns.start)..],
            ..*product
        }
    };
    match width {
        // Wide registers are no use to a single column.
        _ if n == 1 => strip.add::<Scalar, 1>(Scalar::new(), &product, ROWS, sums),
        1 => strip.add::<S, 1>(simd, &product, ROWS, sums),
        WIDTH => strip.add::<S, WIDTH>(simd, &product, most_rows::<S>(), sums),
        WIDTH_OF_SHORT_ROW => strip.add::<S, WIDTH_OF_SHORT_ROW>(simd, &product, 1, sums),
        _ => strip.add::<S, WIDTH_OF_ROW>(simd, &product, 1, sums),
    }
    n
}

/// Some columns of the sums that are worked on together, counted over all lines.
struct Strip<'a> {
    columns: Range<usize>,
    grid: &'a Grid,
    /// Where the first sum of the first row is.
    first: usize,
    crosses_lines: bool,
    /// Whether the sums of a row lie side by side.
    is_contiguous: bool,
}

impl<'a> Strip<'a> {
    #[inline(always)]
    fn new(columns: Range<usize>, grid: &'a Grid) -> Self {
        let crosses_lines = columns.start % grid.n_columns + columns.len() > grid.n_columns;
        let mut strip = Self {
            crosses_lines,
            is_contiguous: grid.column_step == 1
                && (grid.line_step == grid.n_columns || !crosses_lines),
            first: 0,
            columns,
            grid,
        };
        strip.first = strip.sum(strip.columns.start);
        strip
    }

    /// Where a column's number is among the right's.
    #[inline(always)]
    fn right(&self, column: usize) -> usize {
        let (line, column) = (column / self.grid.n_columns, column % self.grid.n_columns);
        line * self.grid.right_line_step + column
    }

    /// Where a column's sum is in the first row.
    #[inline(always)]
    fn sum(&self, column: usize) -> usize {
        let (line, column) = (column / self.grid.n_columns, column % self.grid.n_columns);
        self.grid.first + line * self.grid.line_step + column * self.grid.column_step
    }

    /// The parts of the strip that lie on one line each.
    #[inline(always)]
    fn lines(&self) -> impl Iterator<Item = Range<usize>> + Clone + use<> {
        let (Range { start, end }, width) = (self.columns.clone(), self.grid.n_columns);
        (start / width..end.div_ceil(width))
            .map(move |line| start.max(line * width)..end.min((line + 1) * width))
    }

    /// Brings the right's numbers for the strip together, `lanes` for each term.
    #[inline(always)]
    fn pack<S: Simd>(&self, simd: S, product: &Product<'_>, lanes: usize, panel: &mut Vec<f64>) {
        let Runs { n, right_step, .. } = product.runs;
        panel.resize(n * product.terms.len() * lanes, 0.0);
        for line in self.lines() {
            let (from, to) = (self.right(line.start), line.start - self.columns.start);
            let mut packed = panel.chunks_exact_mut(lanes);
            for run in 0..n {
                let right = &product.right[run * right_step + from..];
                for (&term, packed) in product.terms.iter().zip(&mut packed) {
                    copy(
                        simd,
                        &right[term..][..line.len()],
                        &mut packed[to..][..line.len()],
                    );
                }
            }
        }
    }

    /// Adds the products to every row of the strip, at most so many rows at a time.
    #[inline(always)]
    fn add<S: Simd, const WIDTH: usize>(
        &self,
        simd: S,
        product: &Product<'_>,
        most_rows: usize,
        sums: &mut [f64],
    ) {
        let n_rows = product.rows.len();
        // Of all rows alike, so that one look tells that a place is in each of them.
        let n_left = product.left_terms.iter().max().map_or(0, |last| last + 1);
        let mut row = 0;
        while row < n_rows {
            let tile = Tile {
                product,
                row,
                n_left,
            };
            row += match most_rows.min(n_rows - row) {
                8.. => self.add_rows::<S, 8, WIDTH>(simd, &tile, sums),
                6.. => self.add_rows::<S, 6, WIDTH>(simd, &tile, sums),
                4.. => self.add_rows::<S, 4, WIDTH>(simd, &tile, sums),
                3 => self.add_rows::<S, 3, WIDTH>(simd, &tile, sums),
                2 => self.add_rows::<S, 2, WIDTH>(simd, &tile, sums),
                _ => self.add_rows::<S, 1, WIDTH>(simd, &tile, sums),
            };
        }
    }

    /// Adds the products to some rows, and returns how many.
    #[inline(always)]
    fn add_rows<S: Simd, const ROWS: usize, const WIDTH: usize>(
        &self,
        simd: S,
        tile: &Tile<'_>,
        sums: &mut [f64],
    ) -> usize {
        let (n, lanes) = (self.columns.len(), WIDTH * S::F64_LANES);
        let (rows, step) = (tile.row..tile.row + ROWS, self.grid.row_step);
        if self.is_contiguous {
            let sums = &mut sums[self.first + tile.row * step..];
            tile.add::<S, ROWS, WIDTH>(simd, sums, step, n);
            return ROWS;
        }
        let mut numbers = [0.0; MOST_NUMBERS];
        for (row, numbers) in rows.clone().zip(numbers.chunks_exact_mut(lanes)) {
            self.read(&sums[row * step..], numbers);
        }
        tile.add::<S, ROWS, WIDTH>(simd, &mut numbers, lanes, lanes);
        for (row, numbers) in rows.zip(numbers.chunks_exact(lanes)) {
            self.write(numbers, &mut sums[row * step..]);
        }
        ROWS
    }

    /// Brings the sums of a row together.
    fn read(&self, sums: &[f64], numbers: &mut [f64]) {
        for line in self.lines() {
            let numbers = &mut numbers[line.start - self.columns.start..][..line.len()];
            let sums = sums[self.sum(line.start)..].iter();
            let sums = sums.step_by(self.grid.column_step);
            numbers
                .iter_mut()
                .zip(sums)
                .for_each(|(number, sum)| *number = *sum);
        }
    }

    /// Puts the sums of a row back to where they belong.
    fn write(&self, numbers: &[f64], sums: &mut [f64]) {
        for line in self.lines() {
            let numbers = &numbers[line.start - self.columns.start..][..line.len()];
            let sums = sums[self.sum(line.start)..].iter_mut();
            let sums = sums.step_by(self.grid.column_step);
            sums.zip(numbers).for_each(|(sum, number)| *sum = *number);
        }
    }
}

/// Copies a few numbers, for which a call would take longer than they do.
#[inline(always)]
fn copy<S: Simd>(simd: S, from: &[f64], to: &mut [f64]) {
    let (vectors, rest) = S::as_simd_f64s(from);
    let (vectors_to, rest_to) = S::as_mut_simd_f64s(to);
    vectors_to
        .iter_mut()
        .zip(vectors)
        .for_each(|(to, from)| *to = *from);
    if !rest.is_empty() {
        simd.partial_store_f64s(rest_to, simd.partial_load_f64s(rest));
    }
}

#[cfg(test)]
mod tests;
