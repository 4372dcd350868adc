//! Tiles of every width give the bits of the plainest loop.

use proptest::prelude::*;

use super::super::Addition;
use super::*;
use crate::tensor::testing::noise;

fn plain(product: &Product<'_>, sums: &mut [f64], grid: &Grid) {
    for (row, &left) in product.rows.iter().enumerate() {
        for line in 0..grid.n_lines {
            for column in 0..grid.n_columns {
                let sum = &mut sums[grid.first
                    + row * grid.row_step
                    + line * grid.line_step
                    + column * grid.column_step];
                for run in 0..product.runs.n {
                    for (&term, &left_term) in product.terms.iter().zip(product.left_terms) {
                        let factor = product.left[left + run * product.runs.left_step + left_term];
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
    #[cfg(target_arch = "x86_64")]
    for_other_widths(product, sums, grid, &bits(&expected));
}

/// Checks the registers of AVX2 and of AVX-512, where the processor has them.
#[cfg(target_arch = "x86_64")]
fn for_other_widths(product: &Product<'_>, sums: &[f64], grid: &Grid, expected: &[u64]) {
    use pulp::x86::{V3, V4};

    fn run<S: Simd>(simd: Option<S>, addition: Addition<'_>) -> bool {
        simd.map(|simd| simd.vectorize(addition)).is_some()
    }
    let mut has = [false; 2];
    for (nth, has) in has.iter_mut().enumerate() {
        let mut own = sums.to_vec();
        let addition = Addition {
            product,
            sums: &mut own,
            grid,
        };
        *has = match nth {
            0 => run(V3::try_new(), addition),
            _ => run(V4::try_new(), addition),
        };
        if *has {
            let bits: Vec<u64> = own.iter().map(|sum| sum.to_bits()).collect();
            assert_eq!(bits, expected);
        }
    }
    static SKIPPED: std::sync::Once = std::sync::Once::new();
    if has != [true; 2] {
        SKIPPED.call_once(|| eprintln!("skipped: AVX2 and AVX-512 here: {has:?}"));
    }
}

proptest! {
    #[test]
    fn matrices(n_rows in 1..14_usize, n_terms in prop_oneof![1..40_usize, 250..600_usize],
        n_columns in 1..140_usize, seed: u64) {
        let left = noise(n_rows * n_terms, seed);
        let right = noise(n_terms * n_columns, seed ^ 1);
        let rows: Vec<usize> = (0..n_rows).map(|row| row * n_terms).collect();
        let terms: Vec<usize> = (0..n_terms).map(|term| term * n_columns).collect();
        let left_terms: Vec<usize> = (0..n_terms).collect();
        let product = Product { left: &left, rows: &rows, left_terms: &left_terms,
            right: &right, terms: &terms, runs: Runs::ONE };
        check(&product, &noise(n_rows * n_columns, seed ^ 2), &Grid::matrix(n_columns));
    }

    #[test]
    fn maps_and_runs(
        n_rows in 0..20_usize, n_terms in 0..9_usize, n_runs in 1..4_usize,
        n_lines in 1..6_usize, n_columns in 1..40_usize,
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
        let left_terms: Vec<usize> = (0..n_terms).map(|term| n_terms - 1 - term).collect();
        let product = Product { left: &left, rows: &rows, left_terms: &left_terms,
            right: &right, terms: &terms, runs };
        check(&product, &noise(n_rows * n_lines * width, seed ^ 2), &grid);
    }
}
