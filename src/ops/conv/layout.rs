//! Where the numbers of a convolution lie in memory, and its inner loops, a row at a time.

use std::array;
use std::ops::Range;

use rayon::prelude::*;

use crate::ops::windows::{Axis, Volume};

/// Where everything of a convolution lies in memory.
#[derive(Clone, Copy)]
pub(in crate::ops) struct Layout {
    pub volume: Volume,
    pub n_samples: usize,
    pub n_groups: usize,
    /// Output channels.
    pub n_out: usize,
    /// Input channels that one output channel looks at.
    pub n_in: usize,
}

impl Layout {
    /// Output channels of one group.
    pub(super) fn n_out_of_group(&self) -> usize {
        self.n_out / self.n_groups
    }

    /// The first row-major place of a row of the input: of a sample, of a channel within an output
    /// channel's group.
    fn input_row(&self, sample: usize, out: usize, channel: usize, row: usize) -> usize {
        let channel = out / self.n_out_of_group() * self.n_in + channel;
        ((sample * self.n_groups * self.n_in + channel) * self.volume.rows.n_input() + row)
            * self.volume.columns.input
    }

    fn output_row(&self, sample: usize, out: usize, row: usize) -> usize {
        ((sample * self.n_out + out) * self.volume.rows.n_output() + row)
            * self.volume.columns.output
    }

    fn weight_row(&self, out: usize, channel: usize, row: usize) -> usize {
        ((out * self.n_in + channel) * self.volume.rows.n_kernel() + row)
            * self.volume.columns.kernel
    }

    /// Takes the number of a row of the input, over all samples and channels, apart: (sample,
    /// channel, row).
    pub(in crate::ops) fn split_input_row(&self, number: usize) -> (usize, usize, usize) {
        let (map, row) = (
            number / self.volume.rows.n_input(),
            number % self.volume.rows.n_input(),
        );
        let n_channels = self.n_groups * self.n_in;
        (map / n_channels, map % n_channels, row)
    }

    /// Takes the number of a row of the output apart: (sample, output channel, row).
    pub(in crate::ops) fn split_output_row(&self, number: usize) -> (usize, usize, usize) {
        let (map, row) = (
            number / self.volume.rows.n_output(),
            number % self.volume.rows.n_output(),
        );
        (map / self.n_out, map % self.n_out, row)
    }

    /// Visits the rows of output that look at a row of the input, each with the row of the weight
    /// that it looks through, in the order of the output.
    pub(in crate::ops) fn rows_looking_at(
        &self,
        number: usize,
        mut visit: impl FnMut(usize, usize),
    ) {
        let (sample, channel, row) = self.split_input_row(number);
        let (group, channel) = (channel / self.n_in, channel % self.n_in);
        for out in group * self.n_out_of_group()..(group + 1) * self.n_out_of_group() {
            for (output, kernel) in self.volume.rows.looking_at(row) {
                visit(
                    self.output_row(sample, out, output),
                    self.weight_row(out, channel, kernel),
                );
            }
        }
    }

    /// How many outputs look at an input.
    pub(in crate::ops) fn n_looking_at(&self, input: usize) -> usize {
        let Volume { rows, columns } = self.volume;
        let (number, column) = (input / columns.input, input % columns.input);
        let (_, _, row) = self.split_input_row(number);
        let n_rows = rows.looking_at(row).count();
        self.n_out_of_group() * n_rows * columns.looking_at(column).len()
    }

    /// Visits the rows of input that a row of the output looks at, each with the row of the weight
    /// that it looks through.
    pub(in crate::ops) fn rows_under(&self, number: usize, mut visit: impl FnMut(usize, usize)) {
        let (sample, out, row) = self.split_output_row(number);
        for channel in 0..self.n_in {
            for (kernel, input) in self.volume.rows.places(row) {
                visit(
                    self.input_row(sample, out, channel, input),
                    self.weight_row(out, channel, kernel),
                );
            }
        }
    }

    /// Visits the pairs (output, input) between which a weight stands, in the order of the output.
    pub(in crate::ops) fn pairs_through(&self, weight: usize, mut visit: impl FnMut(usize, usize)) {
        let Volume { rows, columns } = self.volume;
        let (row, kernel_column) = (weight / columns.kernel, weight % columns.kernel);
        let (map, kernel_row) = (row / rows.n_kernel(), row % rows.n_kernel());
        let (out, channel) = (map / self.n_in, map % self.n_in);
        let (across, first) = run_of_windows(&columns, kernel_column);
        if across.is_empty() {
            return;
        }
        for sample in 0..self.n_samples {
            for (row, under) in rows.windows_with(kernel_row) {
                let output = self.output_row(sample, out, row) + across.start;
                let input = self.input_row(sample, out, channel, under) + first;
                (0..across.len())
                    .for_each(|nth| visit(output + nth, input + nth * columns.step.stride));
            }
        }
    }

    /// How many pairs there are between which a weight stands.
    pub(in crate::ops) fn n_pairs_through(&self, weight: usize) -> usize {
        let Volume { rows, columns } = self.volume;
        let (row, column) = (weight / columns.kernel, weight % columns.kernel);
        let n_rows = rows.windows_with(row % rows.n_kernel()).count();
        self.n_samples * n_rows * columns.windows_with(column).len()
    }

    /// Visits the inputs of one channel, over all samples, in order.
    pub(in crate::ops) fn inputs_of_channel(&self, channel: usize, visit: impl FnMut(usize)) {
        self.maps(channel, self.n_groups * self.n_in, self.volume.n_input())
            .for_each(visit);
    }

    /// Visits the outputs to which a bias is added, in order.
    pub(in crate::ops) fn outputs_of_channel(&self, out: usize, visit: impl FnMut(usize)) {
        self.maps(out, self.n_out, self.volume.n_output())
            .for_each(visit);
    }

    /// The places of one of `n_channels` channels, over all samples, where a map has `size` places.
    fn maps(
        &self,
        channel: usize,
        n_channels: usize,
        size: usize,
    ) -> impl Iterator<Item = usize> + use<> {
        (0..self.n_samples)
            .map(move |sample| (sample * n_channels + channel) * size)
            .flat_map(move |start| start..start + size)
    }

    /// Adds weights times inputs to the outputs, row by row.
    pub(super) fn add_inputs(&self, sums: &mut [f64], input: &[f64], weight: &[f64]) {
        let columns = self.volume.columns;
        sums.par_chunks_mut(columns.output)
            .enumerate()
            .for_each(|(number, sums)| {
                self.rows_under(number, |first, kernel| {
                    add_inputs(
                        &columns,
                        sums,
                        &input[first..][..columns.input],
                        &weight[kernel..][..columns.kernel],
                    );
                });
            });
    }

    /// Adds upstream gradients times weights to the inputs, row by row.
    pub(super) fn add_upstream(&self, sums: &mut [f64], upstream: &[f64], weight: &[f64]) {
        let columns = self.volume.columns;
        sums.par_chunks_mut(columns.input)
            .enumerate()
            .for_each(|(number, sums)| {
                self.rows_looking_at(number, |first, row| {
                    add_upstream(
                        &columns,
                        sums,
                        &upstream[first..][..columns.output],
                        &weight[row..][..columns.kernel],
                    );
                });
            });
    }

    /// Adds upstream gradients times inputs to the weights, one by one.
    pub(super) fn add_pairs(&self, sums: &mut [f64], upstream: &[f64], input: &[f64]) {
        sums.par_iter_mut().enumerate().for_each(|(at, sum)| {
            self.pairs_through(at, |output, place| *sum += upstream[output] * input[place]);
        });
    }

    /// Adds upstream gradients to the biases, of several channels at a time.
    pub(super) fn add_to_biases(&self, sums: &mut [f64], upstream: &[f64]) {
        let size = self.volume.n_output();
        for sample in upstream.chunks(self.n_out * size) {
            for (sums, maps) in sums.chunks_mut(CHAINS).zip(sample.chunks(CHAINS * size)) {
                add_maps(sums, maps, size);
            }
        }
    }
}

/// How many sums are taken side by side, since each addition to one has to wait for the last.
const CHAINS: usize = 8;

/// Adds the numbers of each map to a sum of its own.
fn add_maps(sums: &mut [f64], maps: &[f64], size: usize) {
    // Where there are fewer sums, the last map is added again and again to places of its own.
    let last = sums.len() - 1;
    let maps: [&[f64]; CHAINS] = array::from_fn(|nth| &maps[nth.min(last) * size..][..size]);
    let mut chains: [f64; CHAINS] = array::from_fn(|nth| sums[nth.min(last)]);
    for at in 0..size {
        chains
            .iter_mut()
            .zip(maps)
            .for_each(|(sum, map)| *sum += map[at]);
    }
    sums.iter_mut()
        .zip(chains)
        .for_each(|(sum, chain)| *sum = chain);
}

/// Adds weights times inputs to a row of outputs: to each output in the order of the kernel.
pub(in crate::ops) fn add_inputs(columns: &Axis, sums: &mut [f64], input: &[f64], weight: &[f64]) {
    if columns.kernel > columns.input {
        // Most of the kernel may hang over.
        for (output, sum) in sums.iter_mut().enumerate() {
            columns
                .places(output)
                .for_each(|(kernel, place)| *sum += input[place] * weight[kernel]);
        }
        return;
    }
    for (kernel, &weight) in weight.iter().enumerate() {
        let (windows, first) = run_of_windows(columns, kernel);
        let sums = &mut sums[windows];
        match columns.step.stride {
            1 => sums
                .iter_mut()
                .zip(&input[first..])
                .for_each(|(sum, input)| *sum += input * weight),
            stride => sums
                .iter_mut()
                .zip(input[first..].iter().step_by(stride))
                .for_each(|(sum, input)| *sum += input * weight),
        }
    }
}

/// Adds upstream gradients times weights to a row of inputs: to each input in the order of the
/// outputs that look at it, which is the kernel's from its end.
pub(in crate::ops) fn add_upstream(
    columns: &Axis,
    sums: &mut [f64],
    upstream: &[f64],
    weight: &[f64],
) {
    if columns.kernel > columns.input {
        for (place, sum) in sums.iter_mut().enumerate() {
            columns
                .looking_at(place)
                .for_each(|(output, kernel)| *sum += upstream[output] * weight[kernel]);
        }
        return;
    }
    for (kernel, &weight) in weight.iter().enumerate().rev() {
        let (windows, first) = run_of_windows(columns, kernel);
        let upstream = &upstream[windows];
        match columns.step.stride {
            1 => sums[first..]
                .iter_mut()
                .zip(upstream)
                .for_each(|(sum, upstream)| *sum += upstream * weight),
            stride => sums[first..]
                .iter_mut()
                .step_by(stride)
                .zip(upstream)
                .for_each(|(sum, upstream)| *sum += upstream * weight),
        }
    }
}

/// The windows whose kernel place `kernel` lies on the input, and the place under the first of
/// them.
fn run_of_windows(columns: &Axis, kernel: usize) -> (Range<usize>, usize) {
    let windows = columns.windows_with(kernel);
    if windows.is_empty() {
        (0..0, 0)
    } else {
        (windows.clone(), columns.place(windows.start, kernel))
    }
}
