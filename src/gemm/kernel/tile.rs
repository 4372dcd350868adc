//! Sums that stay in registers while their terms are added.

use std::ops::Range;

use pulp::Simd;

use crate::gemm::Product;

/// Some rows of a product, from one on.
pub(super) struct Tile<'a> {
    pub product: &'a Product<'a>,
    pub row: usize,
    /// Up to where its left rows are read.
    pub n_left: usize,
}

impl Tile<'_> {
    /// Adds the products to the first `n` sums of each of `ROWS` rows that are `step` apart, of
    /// which `WIDTH` registers hold one.
    ///
    /// In plain loops the sums stay in registers, which they do not in closures.
    #[inline(always)]
    pub(super) fn add<S: Simd, const ROWS: usize, const WIDTH: usize>(
        &self,
        simd: S,
        sums: &mut [f64],
        step: usize,
        n: usize,
    ) {
        let Product {
            left,
            left_terms,
            right,
            terms,
            runs,
            ..
        } = *self.product;
        let rows = &self.product.rows[self.row..][..ROWS];
        let mut tile = [[simd.splat_f64s(0.0); WIDTH]; ROWS];
        for r in 0..ROWS {
            let sums = &sums[r * step..][..n];
            if n == WIDTH * S::F64_LANES {
                let (sums, _) = S::as_simd_f64s(sums);
                tile[r].copy_from_slice(&sums[..WIDTH]);
            } else {
                for v in 0..WIDTH {
                    tile[r][v] = simd.partial_load_f64s(&sums[numbers::<S>(v, n)]);
                }
            }
        }
        for run in 0..runs.n {
            let mut left_rows = [left; ROWS];
            for r in 0..ROWS {
                left_rows[r] = &left[rows[r] + run * runs.left_step..][..self.n_left];
            }
            let right = &right[run * runs.right_step..];
            for (&term, &left_term) in terms.iter().zip(left_terms) {
                let (right, _) = S::as_simd_f64s(&right[term..][..WIDTH * S::F64_LANES]);
                for r in 0..ROWS {
                    let factor = simd.splat_f64s(left_rows[r][left_term]);
                    for v in 0..WIDTH {
                        tile[r][v] = simd.add_f64s(tile[r][v], simd.mul_f64s(factor, right[v]));
                    }
                }
            }
        }
        for r in 0..ROWS {
            let sums = &mut sums[r * step..][..n];
            if n == WIDTH * S::F64_LANES {
                let (sums, _) = S::as_mut_simd_f64s(sums);
                sums[..WIDTH].copy_from_slice(&tile[r]);
            } else {
                for v in 0..WIDTH {
                    simd.partial_store_f64s(&mut sums[numbers::<S>(v, n)], tile[r][v]);
                }
            }
        }
    }
}

/// Which of a row's first `n` numbers are in its register of number `v`.
#[inline(always)]
fn numbers<S: Simd>(v: usize, n: usize) -> Range<usize> {
    (v * S::F64_LANES).min(n)..((v + 1) * S::F64_LANES).min(n)
}
