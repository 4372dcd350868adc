//! The gradients of a convolution's weights as ordered products over padded maps. A weight is that
//! of an output channel and of a pair of an input channel and a place of the kernel.

use std::ops::Range;
use std::slice::{Chunks, ChunksMut};

use super::layout::Layout;
use super::padded::padded;
use super::sweep::{Maps, PARTS, Sweep, inputs, outputs};
use crate::gemm::{self, Grid, Product, Runs};
use crate::ops::scan::are_finite;
use crate::parallel::for_each;

/// The weights of how many output channels are worked on together, and of how many pairs at least.
const CHANNELS_AT_ONCE: usize = 16;
const PAIRS_AT_ONCE: usize = 64;

/// An input channel, a place of the kernel, and where in the padded maps the first output looks
/// through it.
type Pair = (usize, usize, usize);

/// Adds upstream gradients times inputs to the weights, or returns that it cannot.
pub(super) fn add_pairs(
    layout: &Layout,
    sums: &mut [f64],
    upstream: &[f64],
    input: &[f64],
) -> bool {
    let Some(sweep) = Sweep::over_inputs(layout).filter(|_| are_finite(upstream)) else {
        return false;
    };
    let (own, seen) = (outputs(layout), inputs(layout));
    let pairs = sweep.seen(&sweep.rows.classes[0], &sweep.columns.classes[0], seen.n);
    // What has to be brought into order for either way.
    let in_matrices = layout.n_samples * own.size * pairs.len();
    let in_blocks = own.n * (2 * pairs.len() + layout.n_samples * own.size);
    if pairs.len() == seen.n * layout.volume.n_kernel() && in_matrices < in_blocks {
        sweep.add_matrices(sums, &pairs, upstream, input);
    } else {
        sweep.add_blocks(sums, &pairs, upstream, input);
    }
    true
}

impl Sweep<'_> {
    /// Adds upstream gradients times inputs to the weights of these pairs, the pairs lying side by
    /// side as in the weight: sample after sample as a product of matrices.
    fn add_matrices(&self, sums: &mut [f64], pairs: &[Pair], upstream: &[f64], input: &[f64]) {
        let (layout, own, seen) = (self.layout, outputs(self.layout), inputs(self.layout));
        let (rows, columns) = (&self.rows.classes[0], &self.columns.classes[0]);
        let mut beside = vec![0.0; own.size * pairs.len()];
        for (group, sums) in sums.chunks_mut(own.n * pairs.len()).enumerate() {
            for sample in 0..layout.n_samples {
                let block = sample * layout.n_groups + group;
                let maps = &input[block * seen.n * seen.size..][..seen.n * seen.size];
                let padded = padded(&self.rows, &self.columns, maps, seen.size, seen.width);
                let places = (0..rows.n * columns.n)
                    .map(|place| place / columns.n * self.columns.size + place % columns.n);
                for (place, beside) in places.zip(beside.chunks_mut(pairs.len())) {
                    let pairs = pairs.iter().zip(beside);
                    pairs.for_each(|(&(.., pair), number)| *number = padded[pair + place]);
                }
                let upstream = &upstream[block * own.n * own.size..][..own.n * own.size];
                gemm::add_matrices(sums, upstream, &beside, pairs.len());
            }
        }
    }

    /// Adds upstream gradients times inputs to the weights of these pairs.
    fn add_blocks(&self, sums: &mut [f64], pairs: &[Pair], upstream: &[f64], input: &[f64]) {
        let (layout, own, seen) = (self.layout, outputs(self.layout), inputs(self.layout));
        let padded = padded(&self.rows, &self.columns, input, seen.size, seen.width);
        let n_blocks = own.n.div_ceil(CHANNELS_AT_ONCE) * layout.n_groups;
        let n_ranges = PARTS
            .div_ceil(n_blocks)
            .min(pairs.len().div_ceil(PAIRS_AT_ONCE));
        let pairs_at_once = pairs.len().div_ceil(n_ranges.max(1)).max(1);
        // A block of channels lies side by side here: the sums of one weight of each, and their
        // upstream gradients at one place.
        let width = own.n.min(CHANNELS_AT_ONCE);
        let all_of_block = pairs.len() * width;
        let mut beside = vec![0.0; n_blocks * all_of_block];
        let blocks = || (0..n_blocks).map(|number| Block::new(number, own.n));
        let size = seen.n * layout.volume.n_kernel();
        let place = |&(channel, kernel, _): &Pair| channel * layout.volume.n_kernel() + kernel;
        for (block, beside) in blocks().zip(beside.chunks_mut(all_of_block.max(1))) {
            for (channel, sums) in block.channels(sums, size).enumerate() {
                for (pair, beside) in pairs.iter().zip(beside.chunks_mut(width)) {
                    beside[channel] = sums[place(pair)];
                }
            }
        }
        let work = layout.n_samples * own.size * sums.len();
        let chunks = beside.chunks_mut(all_of_block.max(1)).enumerate();
        let chunks = chunks.flat_map(|(block, beside)| {
            let ranges = beside.chunks_mut(pairs_at_once * width);
            ranges
                .zip(pairs.chunks(pairs_at_once))
                .map(move |range| (block, range))
        });
        for_each(chunks.collect(), work, &|(block, (beside, pairs))| {
            let block = Block::new(block, own.n);
            self.add_block_of_pairs(&block, pairs, beside, upstream, &padded);
        });
        for (block, beside) in blocks().zip(beside.chunks(all_of_block.max(1))) {
            for (channel, sums) in block.channels_mut(sums, size).enumerate() {
                for (pair, beside) in pairs.iter().zip(beside.chunks(width)) {
                    sums[place(pair)] = beside[channel];
                }
            }
        }
    }

    /// Adds upstream gradients times inputs to the weights of a few pairs and output channels,
    /// sample after sample.
    fn add_block_of_pairs(
        &self,
        block: &Block,
        pairs: &[Pair],
        beside: &mut [f64],
        upstream: &[f64],
        padded: &[f64],
    ) {
        let (layout, own, seen) = (self.layout, outputs(self.layout), inputs(self.layout));
        let (rows, columns) = (&self.rows.classes[0], &self.columns.classes[0]);
        let starts: Vec<usize> = pairs.iter().map(|&(.., place)| place).collect();
        let width = own.n.min(CHANNELS_AT_ONCE);
        let grid = Grid {
            n_columns: block.n_channels,
            ..Grid::matrix(width)
        };
        // A register may read beyond the last place.
        let n_beside = own.size.min(PLACES_AT_ONCE) * width + CHANNELS_AT_ONCE;
        let mut upstream_beside = vec![0.0; n_beside];
        for sample in 0..layout.n_samples {
            let maps = sample * layout.n_groups + block.group;
            let padded = &padded[maps * seen.n * self.rows.size * self.columns.size..];
            let maps = &upstream[(sample * layout.n_out + block.first) * own.size..];
            let maps = &maps[..block.n_channels * own.size];
            for strip in Strip::all(rows.n, columns.n) {
                strip.lay_beside(maps, own, width, &mut upstream_beside);
                let terms: Vec<usize> = (0..strip.columns.len())
                    .map(|column| column * width)
                    .collect();
                let columns: Vec<usize> = (0..strip.columns.len()).collect();
                let product = Product {
                    left: &padded[strip.rows.start * self.columns.size + strip.columns.start..],
                    rows: &starts,
                    left_terms: &columns,
                    right: &upstream_beside,
                    terms: &terms,
                    runs: Runs {
                        n: strip.rows.len(),
                        left_step: self.columns.size,
                        right_step: strip.columns.len() * width,
                    },
                };
                product.add_to(beside, &grid);
            }
        }
    }
}

/// A few output channels of one group.
struct Block {
    group: usize,
    first: usize,
    n_channels: usize,
}

impl Block {
    /// The block of this number, where a group has `n_out` output channels.
    fn new(number: usize, n_out: usize) -> Self {
        let n_blocks = n_out.div_ceil(CHANNELS_AT_ONCE);
        let (group, first) = (number / n_blocks, number % n_blocks * CHANNELS_AT_ONCE);
        Self {
            group,
            first: group * n_out + first,
            n_channels: (n_out - first).min(CHANNELS_AT_ONCE),
        }
    }

    /// What all channels have, `size` numbers each, of these.
    fn channels<'a>(&self, numbers: &'a [f64], size: usize) -> Chunks<'a, f64> {
        numbers[self.first * size..][..self.n_channels * size].chunks(size)
    }

    fn channels_mut<'a>(&self, numbers: &'a mut [f64], size: usize) -> ChunksMut<'a, f64> {
        numbers[self.first * size..][..self.n_channels * size].chunks_mut(size)
    }
}

/// How many places of a map are laid side by side at a time: few enough that they stay near the
/// processor.
const PLACES_AT_ONCE: usize = 256;

/// Some rows of a map, or some columns of one row.
struct Strip {
    rows: Range<usize>,
    columns: Range<usize>,
}

impl Strip {
    /// The strips of a map, in row-major order.
    fn all(n_rows: usize, n_columns: usize) -> impl Iterator<Item = Self> {
        let width = n_columns.min(PLACES_AT_ONCE);
        let height = if width < n_columns {
            1
        } else {
            (PLACES_AT_ONCE / width).max(1)
        };
        (0..n_rows).step_by(height).flat_map(move |row| {
            (0..n_columns).step_by(width).map(move |column| Self {
                rows: row..(row + height).min(n_rows),
                columns: column..(column + width).min(n_columns),
            })
        })
    }

    /// Lays what stands in the strip of several maps so that the numbers of a place are side by
    /// side.
    fn lay_beside(&self, maps: &[f64], own: Maps, n_beside: usize, beside: &mut [f64]) {
        let width = self.columns.len();
        for (channel, map) in maps.chunks(own.size).enumerate() {
            for (nth, row) in self.rows.clone().enumerate() {
                let numbers = &map[row * own.width..][self.columns.clone()];
                beside[nth * width * n_beside + channel..]
                    .iter_mut()
                    .step_by(n_beside)
                    .zip(numbers)
                    .for_each(|(beside, number)| *beside = *number);
            }
        }
    }
}
