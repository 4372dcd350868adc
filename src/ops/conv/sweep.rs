//! The sums of a convolution as ordered products over padded maps.
//!
//! A place of the padding adds a zero to a sum. That changes no bit of it, unless the other factor
//! is not finite or the sum is −0: such sums are for the plain loops, as are those of volumes with
//! more than one plane.

use std::ops::Range;

use super::layout::Layout;
use super::padded::{Along, Class, padded};
use crate::gemm::{Grid, Product, Runs};
use crate::parallel::for_each_chunk;

/// How many maps of sums are worked on together.
const MAPS_AT_ONCE: usize = 4;
/// The weights of how many output channels are worked on together.
const CHANNELS_AT_ONCE: usize = 8;
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
struct Part {
    grid: Grid,
    /// Where in the padded maps the first sum's terms are.
    terms: Vec<usize>,
    /// By map of sums, over all groups: the weights in the order of the terms.
    weights: Vec<f64>,
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
    let size = layout.n_in * layout.volume.n_kernel();
    let work = layout.n_samples * layout.volume.n_output() * sums.len();
    let n_out = layout.n_out_of_group();
    for (group, sums) in sums.chunks_mut(n_out * size).enumerate() {
        for_each_chunk(sums, CHANNELS_AT_ONCE * size, work, &|nth, sums| {
            let first = group * n_out + nth * CHANNELS_AT_ONCE;
            sweep.add_pairs(sums, first, upstream, input);
        });
    }
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
        channels: impl Fn(usize, usize) -> (usize, usize),
    ) {
        let n_groups = self.layout.n_groups;
        let weight_at = |map: usize, channel: usize, kernel: usize| {
            let (out, channel) = channels(map, channel);
            weight[(out * self.layout.n_in + channel) * self.layout.volume.n_kernel() + kernel]
        };
        let parts = self.parts(own, seen.n, weight_at);
        let work: usize = parts
            .iter()
            .map(|part| own.n * part.terms.len() * part.grid.n_lines * part.grid.n_columns)
            .sum();
        let n_blocks = sums.len() / (own.n * own.size);
        for_each_chunk(sums, own.n * own.size, n_blocks * work, &|block, sums| {
            let numbers = &numbers[block * seen.n * seen.size..][..seen.n * seen.size];
            let padded = padded(&self.rows, &self.columns, numbers, seen.size, seen.width);
            for_each_chunk(sums, MAPS_AT_ONCE * own.size, work, &|nth, sums| {
                let first = block % n_groups * own.n + nth * MAPS_AT_ONCE;
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

    /// The sums that see the same places, with `weight_at(map of sums, seen map, kernel place)`.
    fn parts(
        &self,
        own: Maps,
        n_seen: usize,
        weight_at: impl Fn(usize, usize, usize) -> f64,
    ) -> Vec<Part> {
        let mut parts = Vec::new();
        for rows in &self.rows.classes {
            for columns in &self.columns.classes {
                let seen = self.seen(rows, columns, n_seen);
                let maps = 0..own.n * self.layout.n_groups;
                let weights = maps.flat_map(|map| {
                    seen.iter()
                        .map(move |&(channel, kernel, _)| (map, channel, kernel))
                });
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
                    terms: seen.iter().map(|&(.., place)| place).collect(),
                    weights: weights
                        .map(|(map, channel, kernel)| weight_at(map, channel, kernel))
                        .collect(),
                });
            }
        }
        parts
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

    /// Adds upstream gradients times inputs to the weights of a few output channels from `first`
    /// on, sample after sample.
    fn add_pairs(&self, sums: &mut [f64], first: usize, upstream: &[f64], input: &[f64]) {
        let (layout, own, seen) = (self.layout, outputs(self.layout), inputs(self.layout));
        let (rows, columns) = (&self.rows.classes[0], &self.columns.classes[0]);
        let pairs = self.seen(rows, columns, seen.n);
        let size = seen.n * layout.volume.n_kernel();
        let n_channels = sums.len() / size;
        // The channels lie side by side here: the sums of one weight of each, and their upstream
        // gradients at one place.
        let mut beside = vec![0.0; pairs.len() * CHANNELS_AT_ONCE];
        let place = |channel: usize, pair: &(usize, usize, usize)| {
            (channel * seen.n + pair.0) * layout.volume.n_kernel() + pair.1
        };
        for (beside, pair) in beside.chunks_mut(CHANNELS_AT_ONCE).zip(&pairs) {
            (0..n_channels).for_each(|channel| beside[channel] = sums[place(channel, pair)]);
        }
        let starts: Vec<usize> = pairs.iter().map(|&(.., place)| place).collect();
        let group = first / own.n;
        let mut upstream_beside = vec![0.0; own.size.min(PLACES_AT_ONCE) * CHANNELS_AT_ONCE];
        for sample in 0..layout.n_samples {
            let block = sample * layout.n_groups + group;
            let numbers = &input[block * seen.n * seen.size..][..seen.n * seen.size];
            let padded = padded(&self.rows, &self.columns, numbers, seen.size, seen.width);
            let maps = &upstream[(sample * layout.n_out + first) * own.size..];
            let maps = &maps[..n_channels * own.size];
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
                product.add_to(&mut beside, &Grid::matrix(CHANNELS_AT_ONCE));
            }
        }
        for (beside, pair) in beside.chunks(CHANNELS_AT_ONCE).zip(&pairs) {
            (0..n_channels).for_each(|channel| sums[place(channel, pair)] = beside[channel]);
        }
    }
}

/// How many places of a map are laid side by side at a time.
const PLACES_AT_ONCE: usize = 4096;

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
