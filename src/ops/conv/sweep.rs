//! The sums of a convolution as ordered products over padded maps.
//!
//! A place of the padding adds a zero to a sum. That changes no bit of it, unless the other factor
//! is not finite or the sum is −0: such sums are for the plain loops, as are those of volumes with
//! more than one plane.

use std::borrow::Cow;
use std::ops::Range;
use std::slice::{Chunks, ChunksMut};

use super::layout::Layout;
use super::padded::{Along, Class, padded};
use crate::gemm::{Grid, Product, Runs};
use crate::parallel::{for_each, for_each_chunk};

/// How many maps of sums are worked on together at least, and into how many parts all of them are
/// divided where there are as many: so many threads have something to do.
const MAPS_AT_ONCE: usize = 16;
const PARTS: usize = 8;
/// The weights of how many output channels are worked on together, and of how many pairs of an
/// input channel and a kernel place at least.
const CHANNELS_AT_ONCE: usize = 16;
const PAIRS_AT_ONCE: usize = 64;
/// The weights of how many maps are brought into order together: neighbours in memory.
const WEIGHTS_AT_ONCE: usize = 8;
/// How many times the numbers of its maps a padded layout may hold, and how many it may hold at any
/// rate.
const MOST_PADDING: usize = 4;
const ALWAYS_FITS: usize = 1024;

/// Padded maps, and the sums that see them through the kernel.
pub(super) struct Sweep<'a> {
    layout: &'a Layout,
    rows: Along,
    columns: Along,
}

/// The maps of one sample and group on one side of a convolution.
#[derive(Clone, Copy)]
struct Maps {
    n: usize,
    size: usize,
    width: usize,
}

/// Sums that see the same places of the kernel.
struct Part<'a> {
    grid: Grid,
    /// Where in the padded maps the first sum's terms are.
    terms: Vec<usize>,
    /// By map of sums, over all groups: the weights in the order of the terms.
    weights: Cow<'a, [f64]>,
}

/// Adds weights times inputs to the outputs, or returns that it cannot.
pub(super) fn add_inputs(layout: &Layout, sums: &mut [f64], input: &[f64], weight: &[f64]) -> bool {
    let Some(sweep) = Sweep::over_inputs(layout).filter(|_| may_meet_zeros(sums, weight)) else {
        return false;
    };
    let channels = |map: usize, seen: usize| (map, seen);
    sweep.add(
        sums,
        outputs(layout),
        input,
        inputs(layout),
        weight,
        channels,
    );
    true
}

/// Adds upstream gradients times weights to the inputs, or returns that it cannot.
pub(super) fn add_upstream(
    layout: &Layout,
    sums: &mut [f64],
    upstream: &[f64],
    weight: &[f64],
) -> bool {
    let Some(sweep) = Sweep::over_outputs(layout).filter(|_| may_meet_zeros(sums, weight)) else {
        return false;
    };
    let (n_in, n_out) = (layout.n_in, layout.n_out_of_group());
    let channels = |map: usize, seen: usize| (map / n_in * n_out + seen, map % n_in);
    sweep.add(
        sums,
        inputs(layout),
        upstream,
        outputs(layout),
        weight,
        channels,
    );
    true
}

/// Adds upstream gradients times inputs to the weights, or returns that it cannot.
pub(super) fn add_pairs(
    layout: &Layout,
    sums: &mut [f64],
    upstream: &[f64],
    input: &[f64],
) -> bool {
    let Some(sweep) = Sweep::over_inputs(layout).filter(|_| may_meet_zeros(sums, upstream)) else {
        return false;
    };
    sweep.add_pairs(sums, upstream, input);
    true
}

/// Whether neither adding zeros nor multiplying by them can change a sum.
fn may_meet_zeros(sums: &[f64], factors: &[f64]) -> bool {
    let negative_zero = (-0.0_f64).to_bits();
    sums.iter().all(|sum| sum.to_bits() != negative_zero)
        && factors.iter().all(|factor| factor.is_finite())
}

/// How many numbers the padded maps of all samples and groups hold at most at once.
pub(super) fn n_padded(layout: &Layout) -> usize {
    let n_blocks = layout.n_samples * layout.n_groups;
    let n_padded = |sweep: Option<Sweep<'_>>, n_maps: usize| {
        sweep.map_or(0, |sweep| {
            (n_blocks * n_maps).saturating_mul(sweep.rows.size * sweep.columns.size)
        })
    };
    n_padded(Sweep::over_inputs(layout), layout.n_in).max(n_padded(
        Sweep::over_outputs(layout),
        layout.n_out_of_group(),
    ))
}

fn inputs(layout: &Layout) -> Maps {
    Maps {
        n: layout.n_in,
        size: layout.volume.n_input(),
        width: layout.volume.columns.input,
    }
}

fn outputs(layout: &Layout) -> Maps {
    Maps {
        n: layout.n_out_of_group(),
        size: layout.volume.n_output(),
        width: layout.volume.columns.output,
    }
}

impl<'a> Sweep<'a> {
    /// Over the inputs, as the windows see them.
    fn over_inputs(layout: &'a Layout) -> Option<Self> {
        let volume = layout.volume;
        Self {
            layout,
            rows: Along::of_windows(&volume.rows.of_one_plane()?),
            columns: Along::of_windows(&volume.columns),
        }
        .if_it_fits()
    }

    /// Over the outputs, as the inputs see them.
    fn over_outputs(layout: &'a Layout) -> Option<Self> {
        let volume = layout.volume;
        Self {
            layout,
            rows: Along::of_inputs(&volume.rows.of_one_plane()?),
            columns: Along::of_inputs(&volume.columns),
        }
        .if_it_fits()
    }

    /// Padding may be a billion where the map has four numbers.
    fn if_it_fits(self) -> Option<Self> {
        let volume = self.layout.volume;
        let most = MOST_PADDING
            .saturating_mul(volume.n_input().saturating_add(volume.n_output()))
            .saturating_add(ALWAYS_FITS);
        self.rows
            .size
            .checked_mul(self.columns.size)
            .is_some_and(|size| size <= most)
            .then_some(self)
    }

    /// Adds weights times what is seen to the sums. `channels` gives the weight's channels, output
    /// and input, between a map of sums, counted over all groups, and a map that is seen, counted
    /// within its group.
    fn add(
        &self,
        sums: &mut [f64],
        own: Maps,
        numbers: &[f64],
        seen: Maps,
        weight: &[f64],
        channels: impl Fn(usize, usize) -> (usize, usize) + Sync,
    ) {
        let n_groups = self.layout.n_groups;
        let parts = self.parts(own, seen.n, weight, channels);
        let work: usize = parts
            .iter()
            .map(|part| own.n * part.terms.len() * part.grid.n_lines * part.grid.n_columns)
            .sum();
        let n_blocks = sums.len() / (own.n * own.size);
        let maps_at_once = own.n.div_ceil(PARTS.div_ceil(n_blocks)).max(MAPS_AT_ONCE);
        for_each_chunk(sums, own.n * own.size, n_blocks * work, &|block, sums| {
            let numbers = &numbers[block * seen.n * seen.size..][..seen.n * seen.size];
            let padded = padded(&self.rows, &self.columns, numbers, seen.size, seen.width);
            for_each_chunk(sums, maps_at_once * own.size, work, &|nth, sums| {
                let first = block % n_groups * own.n + nth * maps_at_once;
                for part in &parts {
                    let maps = first..first + sums.len() / own.size;
                    let rows: Vec<usize> = maps.map(|map| map * part.terms.len()).collect();
                    let product = Product {
                        left: &part.weights,
                        rows: &rows,
                        right: &padded,
                        terms: &part.terms,
                        runs: Runs::ONE,
                    };
                    product.add_to(sums, &part.grid);
                }
            });
        });
    }

    /// The sums that see the same places, with the weights through which they do.
    fn parts<'w>(
        &self,
        own: Maps,
        n_seen: usize,
        weight: &'w [f64],
        channels: impl Fn(usize, usize) -> (usize, usize) + Sync,
    ) -> Vec<Part<'w>> {
        let mut parts = Vec::new();
        for rows in &self.rows.classes {
            for columns in &self.columns.classes {
                let seen = self.seen(rows, columns, n_seen);
                parts.push(Part {
                    grid: Grid {
                        row_step: own.size,
                        first: rows.first * own.width + columns.first,
                        n_lines: rows.n,
                        // A single line may be as far from the next as a stride can say.
                        line_step: rows.step.saturating_mul(own.width),
                        right_line_step: self.columns.size,
                        n_columns: columns.n,
                        column_step: columns.step,
                    },
                    weights: self.weights(&seen, own.n, n_seen, weight, &channels),
                    terms: seen.into_iter().map(|(.., place)| place).collect(),
                });
            }
        }
        parts
    }

    /// The weights of every map of sums, over all groups, in the order in which it sees places.
    fn weights<'w>(
        &self,
        seen: &[(usize, usize, usize)],
        n_maps: usize,
        n_seen: usize,
        weight: &'w [f64],
        channels: &(impl Fn(usize, usize) -> (usize, usize) + Sync),
    ) -> Cow<'w, [f64]> {
        let (n_in, n_kernel) = (self.layout.n_in, self.layout.volume.n_kernel());
        let n_maps = n_maps * self.layout.n_groups;
        let kernels: Vec<usize> = seen[..seen.len() / n_seen]
            .iter()
            .map(|&(_, kernel, _)| kernel)
            .collect();
        let is_in_order = (0..n_maps).all(|map| channels(map, 0) == (map, 0))
            && kernels.iter().copied().eq(0..n_kernel);
        if is_in_order {
            return Cow::Borrowed(weight);
        }
        let mut weights = vec![0.0; n_maps * seen.len()];
        let (size, work) = (WEIGHTS_AT_ONCE * seen.len().max(1), weights.len());
        for_each_chunk(&mut weights, size, work, &|nth, weights| {
            for channel in 0..n_seen {
                for (map, weights) in weights.chunks_mut(seen.len()).enumerate() {
                    let (out, channel_in) = channels(nth * WEIGHTS_AT_ONCE + map, channel);
                    let from = &weight[(out * n_in + channel_in) * n_kernel..][..n_kernel];
                    weights[channel * kernels.len()..]
                        .iter_mut()
                        .zip(&kernels)
                        .for_each(|(to, &kernel)| *to = from[kernel]);
                }
            }
        });
        Cow::Owned(weights)
    }

    /// What the first sum of a class sees, in the order of its terms: (channel, kernel place, place
    /// in the padded maps).
    fn seen(&self, rows: &Class, columns: &Class, n_channels: usize) -> Vec<(usize, usize, usize)> {
        let mut seen = Vec::with_capacity(n_channels * rows.places.len() * columns.places.len());
        for channel in 0..n_channels {
            for &(kernel_row, row) in &rows.places {
                let (kernel, place) = (
                    kernel_row * self.layout.volume.columns.kernel,
                    (channel * self.rows.size + row) * self.columns.size,
                );
                seen.extend(columns.places.iter().map(|&(kernel_column, column)| {
                    (channel, kernel + kernel_column, place + column)
                }));
            }
        }
        seen
    }

    /// Adds upstream gradients times inputs to the weights.
    fn add_pairs(&self, sums: &mut [f64], upstream: &[f64], input: &[f64]) {
        let (layout, own, seen) = (self.layout, outputs(self.layout), inputs(self.layout));
        let pairs = self.seen(&self.rows.classes[0], &self.columns.classes[0], seen.n);
        let padded = padded(&self.rows, &self.columns, input, seen.size, seen.width);
        let n_blocks = own.n.div_ceil(CHANNELS_AT_ONCE) * layout.n_groups;
        let n_ranges = PARTS
            .div_ceil(n_blocks)
            .min(pairs.len().div_ceil(PAIRS_AT_ONCE));
        let pairs_at_once = pairs.len().div_ceil(n_ranges.max(1)).max(1);
        // A block of channels lies side by side here: the sums of one weight of each, and their
        // upstream gradients at one place.
        let mut beside = vec![0.0; n_blocks * pairs.len() * CHANNELS_AT_ONCE];
        let blocks = || (0..n_blocks).map(|number| Block::new(number, own.n));
        let size = seen.n * layout.volume.n_kernel();
        let place = |&(channel, kernel, _): &(usize, usize, usize)| {
            channel * layout.volume.n_kernel() + kernel
        };
        let all_of_block = pairs.len() * CHANNELS_AT_ONCE;
        for (block, beside) in blocks().zip(beside.chunks_mut(all_of_block.max(1))) {
            for (channel, sums) in block.channels(sums, size).enumerate() {
                for (pair, beside) in pairs.iter().zip(beside.chunks_mut(CHANNELS_AT_ONCE)) {
                    beside[channel] = sums[place(pair)];
                }
            }
        }
        let work = layout.n_samples * own.size * sums.len();
        let chunks = beside.chunks_mut(all_of_block.max(1)).enumerate();
        let chunks = chunks.flat_map(|(block, beside)| {
            let ranges = beside.chunks_mut(pairs_at_once * CHANNELS_AT_ONCE);
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
                for (pair, beside) in pairs.iter().zip(beside.chunks(CHANNELS_AT_ONCE)) {
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
        pairs: &[(usize, usize, usize)],
        beside: &mut [f64],
        upstream: &[f64],
        padded: &[f64],
    ) {
        let (layout, own, seen) = (self.layout, outputs(self.layout), inputs(self.layout));
        let (rows, columns) = (&self.rows.classes[0], &self.columns.classes[0]);
        let starts: Vec<usize> = pairs.iter().map(|&(.., place)| place).collect();
        let grid = Grid {
            n_columns: block.n_channels,
            ..Grid::matrix(CHANNELS_AT_ONCE)
        };
        let mut upstream_beside = vec![0.0; own.size.min(PLACES_AT_ONCE) * CHANNELS_AT_ONCE];
        for sample in 0..layout.n_samples {
            let maps = sample * layout.n_groups + block.group;
            let padded = &padded[maps * seen.n * self.rows.size * self.columns.size..];
            let maps = &upstream[(sample * layout.n_out + block.first) * own.size..];
            let maps = &maps[..block.n_channels * own.size];
            for strip in Strip::all(rows.n, columns.n) {
                strip.lay_beside(maps, own, &mut upstream_beside);
                let terms: Vec<usize> = (0..strip.columns.len())
                    .map(|column| column * CHANNELS_AT_ONCE)
                    .collect();
                let product = Product {
                    left: &padded[strip.rows.start * self.columns.size + strip.columns.start..],
                    rows: &starts,
                    right: &upstream_beside,
                    terms: &terms,
                    runs: Runs {
                        n: strip.rows.len(),
                        left_step: self.columns.size,
                        right_step: strip.columns.len() * CHANNELS_AT_ONCE,
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
    fn lay_beside(&self, maps: &[f64], own: Maps, beside: &mut [f64]) {
        let width = self.columns.len();
        for (channel, map) in maps.chunks(own.size).enumerate() {
            for (nth, row) in self.rows.clone().enumerate() {
                let numbers = &map[row * own.width..][self.columns.clone()];
                beside[nth * width * CHANNELS_AT_ONCE + channel..]
                    .iter_mut()
                    .step_by(CHANNELS_AT_ONCE)
                    .zip(numbers)
                    .for_each(|(beside, number)| *beside = *number);
            }
        }
    }
}
