//! `avg_pool1d`, `avg_pool2d`, `adaptive_avg_pool1d`, `adaptive_avg_pool2d`: the mean of each
//! window, whose gradient all share.

use std::num::NonZeroI64;
use std::ops::Range;

use rayon::prelude::*;

use super::axes::shape_of;
use super::descriptor::{Described, Descriptor};
use super::kind::OpKind;
use super::settings::{Domain, Sides, settings};
use super::windows::{Axis, Plane, Windows, expect_rank, spatial};
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

settings! {
    /// The mean of each window.
    #[derive(Copy)]
    pub struct AvgPool2d {
        required {
            /// How large a window is.
            kernel_size: [usize; 2] => Domain::counts(1, 2),
        }
        /// How far apart the windows start: `kernel_size`, where nothing is said.
        stride: Option<[usize; 2]> = None => Domain::counts(1, 2),
        /// How many places are added on each side of the input, fewer than a window spans.
        padding: [Sides; 2] = [(0, 0); 2],
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

impl IntoOp for AvgPool2d {
    type Op = AveragePool<Self>;
}

impl Described for AvgPool2d {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("avg_pool2d", OpKind::AveragePool, Self::ABOUT).sliding_along(2);
}

impl<const AXES: usize> IntoOp for AdaptiveAvgPool<AXES> {
    type Op = AveragePool<Self>;
}

impl<const AXES: usize> Described for AdaptiveAvgPool<AXES> {
    const DESCRIPTOR: &'static Descriptor = &Descriptor::of::<Self>(
        ["adaptive_avg_pool1d", "adaptive_avg_pool2d"][AXES - 1],
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

impl AvgPool2d {
    fn windows(&self) -> Windows {
        let (stride, padding) = (self.stride, self.padding);
        Windows::of_pool(self.kernel_size, stride, padding, [1; 2], self.ceil_mode)
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

impl Averaged for AvgPool2d {
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
        let axes = [0, 1].map(|axis| Spans::Adaptive {
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
    /// Along rows and along columns.
    axes: [Spans; 2],
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
    fn sliding(plane: Plane, divisor: Divisor) -> Self {
        let axes = [plane.rows, plane.columns].map(Spans::Sliding);
        Self { axes, divisor }
    }

    fn n_input(&self) -> usize {
        self.axes[0].sizes().0 * self.axes[1].sizes().0
    }

    fn n_output(&self) -> usize {
        self.axes[0].sizes().1 * self.axes[1].sizes().1
    }

    fn divisor(&self, window: usize) -> f64 {
        let width = self.axes[1].sizes().1;
        let [rows, columns] = &self.axes;
        let (row, column) = (window / width, window % width);
        match self.divisor {
            Divisor::Padded => rows.n_padded(row) as f64 * columns.n_padded(column) as f64,
            Divisor::Unpadded => {
                rows.places(row).len() as f64 * columns.places(column).len() as f64
            }
            Divisor::Given(divisor) => divisor.get() as f64,
        }
    }

    /// The input places of a window, in row-major order.
    fn places(&self, window: usize) -> impl Iterator<Item = usize> + use<> {
        let (width, n_columns) = self.axes[1].sizes();
        cells(
            self.axes[0].places(window / n_columns),
            self.axes[1].places(window % n_columns),
            width,
        )
    }

    /// The windows that look at an input place, in row-major order.
    fn looking_at(&self, place: usize) -> impl Iterator<Item = usize> + use<> {
        let (n_columns, width) = self.axes[1].sizes();
        cells(
            self.axes[0].looking_at(place / n_columns),
            self.axes[1].looking_at(place % n_columns),
            width,
        )
    }
}

/// The row-major places of a block of a map.
fn cells(rows: Range<usize>, columns: Range<usize>, width: usize) -> impl Iterator<Item = usize> {
    rows.flat_map(move |row| (row * width + columns.start)..(row * width + columns.end))
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
