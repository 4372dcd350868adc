//! `avg_pool1d` to `avg_pool3d`, `adaptive_avg_pool1d` to `adaptive_avg_pool3d`: the mean of each
//! window, whose gradient all share.

use std::num::NonZeroI64;
use std::ops::Range;

use rayon::prelude::*;

use super::axes::shape_of;
use super::descriptor::{Described, Descriptor};
use super::kind::OpKind;
use super::settings::{Domain, Sides, settings};
use super::windows::{self, Axis, Rows, Volume, Windows, expect_rank, spatial};
use super::{
    Contribution, Factor, FactorKind, IntoOp, Op, OperandRole, Operands, Run, Settings, ShapeError,
    Shapes,
};
use crate::tensor::{Shape, Tensor};

settings! {
    /// The mean of each window.
    #[derive(Copy)]
    pub struct AvgPool1d {
        required {
            /// How large a window is.
            kernel_size: [usize; 1] => Domain::counts(1, 1),
        }
        /// How far apart the windows start: `kernel_size`, where nothing is said.
        stride: Option<[usize; 1]> = None => Domain::counts(1, 1),
        /// How many places are added on each side of the input, fewer than a window spans.
        padding: [Sides; 1] = [(0, 0); 1],
        /// Whether a last window that reaches beyond the padded input counts.
        ceil_mode: bool = false,
        /// Whether padding counts among the places of a window.
        count_include_pad: bool = true,
    }
}

/// Average pooling along two axes.
pub type AvgPool2d = AvgPool<2>;
/// Average pooling along three axes.
pub type AvgPool3d = AvgPool<3>;

settings! {
    /// The mean of each window.
    #[derive(Copy)]
    pub struct AvgPool<const AXES: usize> {
        required {
            /// How large a window is.
            kernel_size: [usize; AXES] => Domain::counts(1, AXES),
        }
        /// How far apart the windows start: `kernel_size`, where nothing is said.
        stride: Option<[usize; AXES]> = None => Domain::counts(1, AXES),
        /// How many places are added on each side of the input, fewer than a window spans.
        padding: [Sides; AXES] = [(0, 0); AXES],
        /// Whether a last window that reaches beyond the padded input counts.
        ceil_mode: bool = false,
        /// Whether padding counts among the places of a window.
        count_include_pad: bool = true,
        /// What the sum of a window is divided by, instead of the number of its places.
        divisor_override: Option<NonZeroI64> = None,
    }
}

/// Adaptive average pooling along one axis.
pub type AdaptiveAvgPool1d = AdaptiveAvgPool<1>;
/// Adaptive average pooling along two axes.
pub type AdaptiveAvgPool2d = AdaptiveAvgPool<2>;
/// Adaptive average pooling along three axes.
pub type AdaptiveAvgPool3d = AdaptiveAvgPool<3>;

settings! {
    /// The mean of each of so many windows, which differ by at most 1 and cover the input.
    #[derive(Copy)]
    pub struct AdaptiveAvgPool<const AXES: usize> {
        required {
            /// How many windows there are.
            output_size: [usize; AXES] => Domain::counts(1, AXES),
        }
    }
}

impl IntoOp for AvgPool1d {
    type Op = AveragePool<Self>;
}

impl Described for AvgPool1d {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("avg_pool1d", OpKind::AveragePool, Self::ABOUT).sliding_along(1);
}

impl<const AXES: usize> IntoOp for AvgPool<AXES> {
    type Op = AveragePool<Self>;
}

impl<const AXES: usize> Described for AvgPool<AXES> {
    const DESCRIPTOR: &'static Descriptor = &Descriptor::of::<Self>(
        ["avg_pool2d", "avg_pool3d"][AXES - 2],
        OpKind::AveragePool,
        Self::ABOUT,
    )
    .sliding_along(AXES);
}

impl<const AXES: usize> IntoOp for AdaptiveAvgPool<AXES> {
    type Op = AveragePool<Self>;
}

impl<const AXES: usize> Described for AdaptiveAvgPool<AXES> {
    const DESCRIPTOR: &'static Descriptor = &Descriptor::of::<Self>(
        [
            "adaptive_avg_pool1d",
            "adaptive_avg_pool2d",
            "adaptive_avg_pool3d",
        ][AXES - 1],
        OpKind::AveragePool,
        Self::ABOUT,
    )
    .sliding_along(AXES);
}

/// A pooling layer that takes the mean of each window.
#[derive(Debug)]
pub struct AveragePool<W>(W);

impl<W> From<W> for AveragePool<W> {
    fn from(windows: W) -> Self {
        Self(windows)
    }
}

/// Windows of which means are taken.
trait Averaged: Settings {
    /// Returns the shape of the output.
    fn pooled_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError>;

    /// The windows between an input and an output of these shapes.
    fn blocks(&self, input: &Shape, output: &Shape) -> Blocks;
}

/// What the sum of a window is divided by.
#[derive(Debug, Clone, Copy)]
enum Divisor {
    /// The number of its places, padding included.
    Padded,
    /// The number of its places on the input.
    Unpadded,
    /// Always this.
    Given(NonZeroI64),
}

impl Divisor {
    fn new(count_include_pad: bool, given: Option<NonZeroI64>) -> Self {
        match given {
            Some(given) => Self::Given(given),
            None if count_include_pad => Self::Padded,
            None => Self::Unpadded,
        }
    }
}

impl AvgPool1d {
    fn windows(&self) -> Windows {
        let (stride, padding) = (self.stride, self.padding);
        Windows::of_pool(self.kernel_size, stride, padding, [1], self.ceil_mode)
    }
}

impl<const AXES: usize> AvgPool<AXES> {
    fn windows(&self) -> Windows {
        let (stride, padding) = (self.stride, self.padding);
        Windows::of_pool(self.kernel_size, stride, padding, [1; AXES], self.ceil_mode)
    }
}

impl Averaged for AvgPool1d {
    fn pooled_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        self.windows().pooled_shape(Self::DESCRIPTOR.name, shapes)
    }

    fn blocks(&self, input: &Shape, output: &Shape) -> Blocks {
        let divisor = Divisor::new(self.count_include_pad, None);
        Blocks::sliding(self.windows().over(input, output), divisor)
    }
}

impl<const AXES: usize> Averaged for AvgPool<AXES> {
    fn pooled_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        self.windows().pooled_shape(Self::DESCRIPTOR.name, shapes)
    }

    fn blocks(&self, input: &Shape, output: &Shape) -> Blocks {
        let divisor = Divisor::new(self.count_include_pad, self.divisor_override);
        Blocks::sliding(self.windows().over(input, output), divisor)
    }
}

impl<const AXES: usize> Averaged for AdaptiveAvgPool<AXES> {
    fn pooled_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        expect_rank(Self::DESCRIPTOR.name, AXES, shapes)?;
        let (_, shape) = shapes.input();
        let outer = &shape[..shape.rank() - AXES];
        shape_of(&[outer, &self.output_size].concat())
    }

    fn blocks(&self, input: &Shape, output: &Shape) -> Blocks {
        let (input, output) = (spatial(input, AXES), spatial(output, AXES));
        let axes = [0, 1, 2].map(|axis| Spans::Adaptive {
            input: input[axis],
            output: output[axis],
        });
        Blocks {
            axes,
            divisor: Divisor::Unpadded,
        }
    }
}

/// The windows over one map, each a block of it.
#[derive(Clone, Copy)]
struct Blocks {
    /// Along planes, rows and columns.
    axes: [Spans; windows::AXES],
    divisor: Divisor,
}

/// Windows without gaps along one axis.
#[derive(Clone, Copy)]
enum Spans {
    Sliding(Axis),
    Adaptive { input: usize, output: usize },
}

impl Spans {
    /// How many places and windows there are.
    fn sizes(&self) -> (usize, usize) {
        match *self {
            Self::Sliding(Axis { input, output, .. }) | Self::Adaptive { input, output } => {
                (input, output)
            }
        }
    }

    /// The input places of a window.
    fn places(&self, window: usize) -> Range<usize> {
        match *self {
            Self::Sliding(axis) => without_gaps(axis.places(window).map(|(_, place)| place)),
            Self::Adaptive { input, output } => overlap(window, output, input),
        }
    }

    /// The windows that look at an input place.
    fn looking_at(&self, place: usize) -> Range<usize> {
        match *self {
            Self::Sliding(axis) => without_gaps(axis.looking_at(place).map(|(window, _)| window)),
            Self::Adaptive { input, output } => overlap(place, input, output),
        }
    }

    /// How many places a window has on the input and its padding.
    fn n_padded(&self, window: usize) -> usize {
        match *self {
            Self::Sliding(axis) => {
                // Counted from the beginning of the padding. A window of `ceil_mode` ends with the
                // padding after the input.
                let start = window * axis.step.stride;
                let end = axis.padding + axis.input + axis.padding_after;
                axis.kernel.min(end - start)
            }
            Self::Adaptive { .. } => self.places(window).len(),
        }
    }
}

/// Returns the range of numbers that follow each other, as they do where nothing is dilated.
fn without_gaps(mut numbers: impl ExactSizeIterator<Item = usize>) -> Range<usize> {
    let n = numbers.len();
    numbers.next().map_or(0..0, |first| first..first + n)
}

/// Returns which of `others` equal parts of a line overlap with the part `nth` of `parts` equal
/// ones. As the parts are the places of two tensors in memory, the products fit.
fn overlap(nth: usize, parts: usize, others: usize) -> Range<usize> {
    nth * others / parts..((nth + 1) * others).div_ceil(parts)
}

impl Blocks {
    fn sliding(volume: Volume, divisor: Divisor) -> Self {
        let Rows { planes, rows } = volume.rows;
        let axes = [planes, rows, volume.columns].map(Spans::Sliding);
        Self { axes, divisor }
    }

    fn n_input(&self) -> usize {
        self.axes.iter().map(|axis| axis.sizes().0).product()
    }

    fn n_output(&self) -> usize {
        self.axes.iter().map(|axis| axis.sizes().1).product()
    }

    fn divisor(&self, window: usize) -> f64 {
        let [_, n_rows, n_columns] = self.axes.map(|axis| axis.sizes().1);
        let at = index(window, n_rows, n_columns);
        let along = self.axes.iter().zip(at);
        match self.divisor {
            Divisor::Padded => along.map(|(axis, at)| axis.n_padded(at) as f64).product(),
            Divisor::Unpadded => along
                .map(|(axis, at)| axis.places(at).len() as f64)
                .product(),
            Divisor::Given(divisor) => divisor.get() as f64,
        }
    }

    /// The input places of a window, in row-major order.
    fn places(&self, window: usize) -> impl Iterator<Item = usize> + use<> {
        let [_, (height, n_rows), (width, n_columns)] = self.axes.map(|axis| axis.sizes());
        let [plane, row, column] = index(window, n_rows, n_columns);
        let [planes, rows, columns] = &self.axes;
        let block = [
            planes.places(plane),
            rows.places(row),
            columns.places(column),
        ];
        cells(block, height, width)
    }

    /// The windows that look at an input place, in row-major order.
    fn looking_at(&self, place: usize) -> impl Iterator<Item = usize> + use<> {
        let [_, (n_rows, height), (n_columns, width)] = self.axes.map(|axis| axis.sizes());
        let [plane, row, column] = index(place, n_rows, n_columns);
        let [planes, rows, columns] = &self.axes;
        let block = [
            planes.looking_at(plane),
            rows.looking_at(row),
            columns.looking_at(column),
        ];
        cells(block, height, width)
    }
}

/// The plane, row and column of a place of a volume.
fn index(at: usize, height: usize, width: usize) -> [usize; windows::AXES] {
    let (row, column) = (at / width, at % width);
    [row / height, row % height, column]
}

/// The row-major places of a block of a volume.
fn cells(
    block: [Range<usize>; windows::AXES],
    height: usize,
    width: usize,
) -> impl Iterator<Item = usize> {
    let [planes, rows, columns] = block;
    planes.flat_map(move |plane| {
        let columns = columns.clone();
        rows.clone().flat_map(move |row| {
            let first = (plane * height + row) * width;
            first + columns.start..first + columns.end
        })
    })
}

impl<W: Averaged> Op for AveragePool<W> {
    fn settings(&self) -> &dyn Settings {
        &self.0
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        self.0.pooled_shape(shapes)
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        let input = operands.input();
        let blocks = self.0.blocks(input.shape(), shape);
        let (n_input, n_output) = (blocks.n_input(), blocks.n_output());
        Tensor::from_fn(shape.clone(), |at| {
            let map = &input.data()[at / n_output * n_input..][..n_input];
            // The sum begins with 0, so that one of −0 alone is 0, as in PyTorch.
            let places = blocks.places(at % n_output);
            places.fold(0.0, |sum, place| sum + map[place]) / blocks.divisor(at % n_output)
        })
    }

    fn receptive_field(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        output: usize,
        visit: &mut dyn FnMut(usize),
    ) {
        let blocks = self.0.blocks(run.input().shape(), run.output.shape());
        let base = output / blocks.n_output() * blocks.n_input();
        blocks
            .places(output % blocks.n_output())
            .for_each(|place| visit(base + place));
    }

    fn contributions(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        let blocks = self.0.blocks(run.input().shape(), run.output.shape());
        let base = at / blocks.n_input() * blocks.n_output();
        blocks.looking_at(at % blocks.n_input()).for_each(|window| {
            visit(run.term_times(
                base + window,
                Factor::of(FactorKind::Share, 1.0 / blocks.divisor(window)),
            ));
        });
    }

    /// Sends the upstream gradients back window by window: every neuron still meets its windows in
    /// row-major order.
    fn accumulate(&self, run: &Run<'_>, _: OperandRole, sums: &mut [f64]) {
        let blocks = self.0.blocks(run.input().shape(), run.output.shape());
        let upstream = run.upstream.par_chunks(blocks.n_output());
        sums.par_chunks_mut(blocks.n_input())
            .zip(upstream)
            .for_each(|(sums, upstream)| {
                for (window, &upstream) in upstream.iter().enumerate() {
                    let product = upstream * (1.0 / blocks.divisor(window));
                    blocks
                        .places(window)
                        .for_each(|place| sums[place] += product);
                }
            });
    }
}

#[cfg(test)]
mod tests;
