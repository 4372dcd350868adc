//! The sums of a convolution as ordered products over padded maps.
//!
//! A place of the padding adds a zero to a sum. That changes no bit of it, unless the other factor
//! is not finite: such sums are for the plain loops, as are those of volumes with more than one
//! plane. No sum may be −0.

use super::layout::Layout;
use super::padded::{Along, Class, padded};
use crate::gemm::{Grid, Product, Runs};
use crate::ops::scan::{are_finite, are_zero};
use crate::parallel::for_each_chunk;

/// How many maps of sums are worked on together at least, and into how many parts all of them are
/// divided where there are as many: so many threads have something to do.
const MAPS_AT_ONCE: usize = 16;
pub(super) const PARTS: usize = 8;
/// How many times the numbers of its maps a padded layout may hold, and how many it may hold at any
/// rate.
const MOST_PADDING: usize = 4;
const ALWAYS_FITS: usize = 1024;

/// Padded maps, and the sums that see them through the kernel.
pub(super) struct Sweep<'a> {
    pub(super) layout: &'a Layout,
    pub(super) rows: Along,
    pub(super) columns: Along,
}

/// The maps of one sample and group on one side of a convolution.
#[derive(Clone, Copy)]
pub(super) struct Maps {
    pub(super) n: usize,
    pub(super) size: usize,
    pub(super) width: usize,
}

/// Sums that see the same places of the kernel.
struct Part {
    grid: Grid,
    /// Where in the padded maps the first sum's terms are.
    terms: Vec<usize>,
    /// Where the weight of each term is, among those of a map of sums.
    weights: Vec<usize>,
}

/// How far apart the weights of two maps of sums are, and of two maps that are seen.
#[derive(Clone, Copy)]
struct Weights {
    of_map: usize,
    of_channel: usize,
}

/// Adds weights times inputs to the outputs, or returns that it cannot.
pub(super) fn add_inputs(layout: &Layout, sums: &mut [f64], input: &[f64], weight: &[f64]) -> bool {
    let Some(sweep) = Sweep::over_inputs(layout) else {
        return false;
    };
    let n_kernel = layout.volume.n_kernel();
    let weights = Weights {
        of_map: layout.n_in * n_kernel,
        of_channel: n_kernel,
    };
    let (own, seen) = (outputs(layout), inputs(layout));
    sweep.add(sums, own, input, seen, weight, weights)
}

/// Adds upstream gradients times weights to the inputs, or returns that it cannot.
pub(super) fn add_upstream(
    layout: &Layout,
    sums: &mut [f64],
    upstream: &[f64],
    weight: &[f64],
) -> bool {
    let Some(sweep) = Sweep::over_outputs(layout) else {
        return false;
    };
    let n_kernel = layout.volume.n_kernel();
    let weights = Weights {
        of_map: n_kernel,
        of_channel: layout.n_in * n_kernel,
    };
    let (own, seen) = (inputs(layout), outputs(layout));
    sweep.add(sums, own, upstream, seen, weight, weights)
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

pub(super) fn inputs(layout: &Layout) -> Maps {
    Maps {
        n: layout.n_in,
        size: layout.volume.n_input(),
        width: layout.volume.columns.input,
    }
}

pub(super) fn outputs(layout: &Layout) -> Maps {
    Maps {
        n: layout.n_out_of_group(),
        size: layout.volume.n_output(),
        width: layout.volume.columns.output,
    }
}

impl<'a> Sweep<'a> {
    /// Over the inputs, as the windows see them.
    pub(super) fn over_inputs(layout: &'a Layout) -> Option<Self> {
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

    /// Adds weights times what is seen to the sums, or leaves these and returns that it cannot.
    fn add(
        &self,
        sums: &mut [f64],
        own: Maps,
        numbers: &[f64],
        seen: Maps,
        weight: &[f64],
        weights: Weights,
    ) -> bool {
        let before = (!are_zero(sums)).then(|| sums.to_vec());
        let n_groups = self.layout.n_groups;
        let parts = self.parts(own, seen.n, weights);
        let work: usize = parts
            .iter()
            .map(|part| own.n * part.terms.len() * part.grid.n_lines * part.grid.n_columns)
            .sum();
        let n_blocks = sums.len() / (own.n * own.size);
        let maps_at_once = own.n.div_ceil(PARTS.div_ceil(n_blocks)).max(MAPS_AT_ONCE);
        for_each_chunk(sums, own.n * own.size, n_blocks * work, &|block, sums| {
            let numbers = &numbers[block * seen.n * seen.size..][..seen.n * seen.size];
            let padded = padded(&self.rows, &self.columns, numbers, seen.size, seen.width);
            let weight = &weight[block % n_groups * (weight.len() / n_groups)..];
            for_each_chunk(sums, maps_at_once * own.size, work, &|nth, sums| {
                let first = nth * maps_at_once;
                let maps = first..first + sums.len() / own.size;
                let rows: Vec<usize> = maps.map(|map| map * weights.of_map).collect();
                for part in &parts {
                    let product = Product {
                        left: weight,
                        rows: &rows,
                        left_terms: &part.weights,
                        right: &padded,
                        terms: &part.terms,
                        runs: Runs::ONE,
                    };
                    product.add_to(sums, &part.grid);
                }
            });
        });
        // Zeros change no sum unless they are multiplied by what is not finite, of which every sum
        // keeps a trace.
        let is_done = are_finite(sums) || are_finite(weight);
        if !is_done {
            match before {
                Some(before) => sums.copy_from_slice(&before),
                None => sums.fill(0.0),
            }
        }
        is_done
    }

    /// The sums that see the same places.
    fn parts(&self, own: Maps, n_seen: usize, weights: Weights) -> Vec<Part> {
        let mut parts = Vec::new();
        for rows in &self.rows.classes {
            for columns in &self.columns.classes {
                let seen = self.seen(rows, columns, n_seen);
                let weight = |&(channel, kernel, _): &(usize, usize, usize)| {
                    channel * weights.of_channel + kernel
                };
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
                    weights: seen.iter().map(weight).collect(),
                    terms: seen.iter().map(|&(.., place)| place).collect(),
                });
            }
        }
        parts
    }

    /// What the first sum of a class sees, in the order of its terms: (channel, kernel place, place
    /// in the padded maps).
    pub(super) fn seen(
        &self,
        rows: &Class,
        columns: &Class,
        n_channels: usize,
    ) -> Vec<(usize, usize, usize)> {
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
}
