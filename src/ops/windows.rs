//! The geometry of windows that slide over an input: which places a window looks at, and which
//! windows look at a place.
//!
//! Everything is two-dimensional here: a row of numbers is a map of height 1. No loop runs over
//! padding, nor over the part of a kernel that lies outside the input, because settings may be two
//! billion where the input has four numbers.

use std::ops::Range;

use super::axes::{shape_of, too_many_elements};
use super::settings::Sides;
use super::{ShapeError, Shapes};
use crate::tensor::Shape;

/// The windows of a layer, along [rows, columns].
#[derive(Debug, Clone, Copy)]
pub(super) struct Windows {
    /// How many axes the windows have in the file, 1 or 2.
    pub axes: usize,
    pub kernel: [usize; 2],
    /// How many places of padding come before the input, and how many after it.
    pub padding: [Sides; 2],
    pub steps: [Step; 2],
    /// Whether a last window that reaches beyond the padded input counts.
    pub ceil_mode: bool,
}

/// Windows over a map of known size.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plane {
    pub rows: Axis,
    pub columns: Axis,
}

/// One axis of a [`Plane`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    /// How many places the input has.
    pub input: usize,
    /// How many windows there are.
    pub output: usize,
    /// How many places the kernel has.
    pub kernel: usize,
    /// How many places of padding come before the input.
    pub padding: usize,
    /// How many come after it.
    pub padding_after: usize,
    pub step: Step,
}

/// The input places of a window.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cells {
    first: usize,
    /// How many rows and columns there are, and how far apart they are.
    rows: (usize, usize),
    columns: (usize, usize),
}

impl Cells {
    /// Visits the places in row-major order.
    #[inline]
    pub(super) fn each(self, mut visit: impl FnMut(usize)) {
        let ((n_rows, row_step), (n_columns, column_step)) = (self.rows, self.columns);
        for row in 0..n_rows {
            let first = self.first + row * row_step;
            (0..n_columns).for_each(|column| visit(first + column * column_step));
        }
    }
}

/// How far apart windows start, and how far apart the places of one window are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub stride: usize,
    pub dilation: usize,
    /// The greatest common divisor of the two.
    common: usize,
    /// The inverse of `dilation / common` modulo `stride / common`.
    inverse: usize,
}

impl Axis {
    /// The kernel places of a window that lie on the input.
    pub(super) fn kernel_places(&self, output: usize) -> Range<usize> {
        let start = output * self.step.stride;
        let first = div_ceil(self.padding.saturating_sub(start), self.step.dilation);
        let end = div_ceil(
            (self.input + self.padding).saturating_sub(start),
            self.step.dilation,
        );
        first..end.min(self.kernel)
    }

    /// The input places that a window looks at, each as (kernel place, input place), in ascending
    /// order.
    pub(super) fn places(
        &self,
        output: usize,
    ) -> impl ExactSizeIterator<Item = (usize, usize)> + Clone + use<> {
        let axis = *self;
        self.kernel_places(output)
            .map(move |kernel| (kernel, axis.place(output, kernel)))
    }

    /// By window: the first input place that it looks at, and at how many it looks.
    fn spans(&self) -> Vec<(usize, usize)> {
        (0..self.output)
            .map(|window| {
                let mut places = self.places(window);
                let n = places.len();
                (places.next().map_or(0, |(_, place)| place), n)
            })
            .collect()
    }

    /// The input place under a kernel place of a window, which must be one of its
    /// [`kernel_places`](Self::kernel_places).
    pub(super) fn place(&self, output: usize, kernel: usize) -> usize {
        output * self.step.stride + kernel * self.step.dilation - self.padding
    }

    /// The windows that look at an input place, each as (window, kernel place), windows in
    /// ascending order.
    pub(super) fn looking_at(
        &self,
        place: usize,
    ) -> impl ExactSizeIterator<Item = (usize, usize)> + Clone + use<> {
        let Step {
            stride,
            dilation,
            common,
            ..
        } = self.step;
        let reach = place + self.padding;
        let highest = (self.kernel - 1).min(reach / dilation);
        let lowest = div_ceil(reach.saturating_sub((self.output - 1) * stride), dilation);
        let (kernel_step, output_step) = (stride / common, dilation / common);
        // The first window looks with the highest kernel place that lines up with a window's start.
        let top = self
            .step
            .lined_up(reach, highest)
            .filter(|&top| top >= lowest);
        let n = top.map_or(0, |top| (top - lowest) / kernel_step + 1);
        let top = top.unwrap_or(0);
        let first = (reach - top * dilation) / stride;
        (0..n).map(move |nth| (first + nth * output_step, top - nth * kernel_step))
    }

    /// The windows whose kernel place `kernel` lies on the input.
    pub(super) fn windows_with(&self, kernel: usize) -> Range<usize> {
        let offset = kernel * self.step.dilation;
        let first = div_ceil(self.padding.saturating_sub(offset), self.step.stride);
        let end = div_ceil(
            (self.padding + self.input).saturating_sub(offset),
            self.step.stride,
        );
        first..end.min(self.output).max(first)
    }
}

impl Step {
    #[inline]
    pub(super) fn new(stride: usize, dilation: usize) -> Self {
        // Nearly every step is like these, and windows are made anew for every neuron.
        if stride == 1 || dilation == 1 {
            return Self {
                stride,
                dilation,
                common: 1,
                inverse: usize::from(stride > 1),
            };
        }
        let common = gcd(stride, dilation);
        Self {
            stride,
            dilation,
            common,
            inverse: inverse(dilation / common, stride / common),
        }
    }

    /// The highest kernel place up to `highest` whose distance back from `reach` is a whole number
    /// of strides.
    fn lined_up(&self, reach: usize, highest: usize) -> Option<usize> {
        if self.stride == 1 {
            return Some(highest);
        }
        if self.common > 1 && !reach.is_multiple_of(self.common) {
            return None;
        }
        // kernel · dilation ≡ reach (mod stride), divided by what the two have in common.
        let period = self.stride / self.common;
        let residue =
            (reach / self.common % period) as u128 * self.inverse as u128 % period as u128;
        let above = highest.checked_sub(residue as usize)?;
        Some(highest - above % period)
    }
}

impl Plane {
    /// How many places one map of the input has.
    pub(super) fn n_input(&self) -> usize {
        self.rows.input * self.columns.input
    }

    /// How many windows there are.
    pub(super) fn n_output(&self) -> usize {
        self.rows.output * self.columns.output
    }

    /// How many places the kernel has.
    pub(super) fn n_kernel(&self) -> usize {
        self.rows.kernel * self.columns.kernel
    }

    /// The numbers of one map, among those of all samples and channels.
    pub(super) fn map<'a>(&self, input: &'a [f64], number: usize) -> &'a [f64] {
        &input[number * self.n_input()..][..self.n_input()]
    }

    /// The input places that a window looks at, in row-major order.
    pub(super) fn places(&self, output: usize) -> impl Iterator<Item = usize> + Clone + use<> {
        let width = self.columns.input;
        let across = self.columns.places(output % self.columns.output);
        self.rows
            .places(output / self.columns.output)
            .flat_map(move |(_, row)| across.clone().map(move |(_, column)| row * width + column))
    }

    /// Visits every window with its input places, in row-major order.
    pub(super) fn each_window(&self, mut visit: impl FnMut(usize, Cells)) {
        let (rows, columns) = (self.rows.spans(), self.columns.spans());
        let width = self.columns.input;
        for (row_number, &(row, n_rows)) in rows.iter().enumerate() {
            for (column_number, &(column, n_columns)) in columns.iter().enumerate() {
                let cells = Cells {
                    first: row * width + column,
                    rows: (n_rows, self.rows.step.dilation.saturating_mul(width)),
                    columns: (n_columns, self.columns.step.dilation),
                };
                visit(row_number * columns.len() + column_number, cells);
            }
        }
    }

    /// The windows that look at an input place, in row-major order.
    pub(super) fn looking_at(&self, place: usize) -> impl Iterator<Item = usize> + Clone + use<> {
        let width = self.columns.output;
        let across = self.columns.looking_at(place % self.columns.input);
        self.rows
            .looking_at(place / self.columns.input)
            .flat_map(move |(row, _)| across.clone().map(move |(column, _)| row * width + column))
    }
}

impl Windows {
    /// The windows of a pooling layer, which lie side by side where no stride is given.
    pub(super) fn of_pool<const AXES: usize>(
        kernel: [usize; AXES],
        stride: Option<[usize; AXES]>,
        padding: [Sides; AXES],
        dilation: [usize; AXES],
        ceil_mode: bool,
    ) -> Self {
        Self {
            axes: AXES,
            kernel: lift(&kernel, 1),
            padding: lift(&padding, (0, 0)),
            steps: steps(stride.unwrap_or(kernel), dilation),
            ceil_mode,
        }
    }

    /// Returns the shape of a pooling layer's output.
    pub(super) fn pooled_shape(&self, op: &str, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        expect_rank(op, self.axes, shapes)?;
        (2 - self.axes..2).try_for_each(|axis| self.expect_input_in_all(axis))?;
        let (_, shape) = shapes.input();
        self.output_shape(shapes, "kernel_size", &shape[..shape.rank() - self.axes])
    }

    /// Returns an error where a window may hold only padding along an axis.
    fn expect_input_in_all(&self, axis: usize) -> Result<(), ShapeError> {
        let (before, after) = self.padding[axis];
        let padding = before.max(after);
        let span = extent(self.kernel[axis], self.steps[axis].dilation);
        if (padding as u128) < span {
            return Ok(());
        }
        let message = format!("a padding of {padding} is no less than the kernel spans, {span}");
        Err(ShapeError::key("padding", message).hinted(format!(
            "use at most {}, so that no window holds only padding",
            span - 1
        )))
    }

    /// The windows between an input and an output of these shapes.
    pub(super) fn over(&self, input: &Shape, output: &Shape) -> Plane {
        let (input, output) = (spatial(input, self.axes), spatial(output, self.axes));
        let axis = |axis: usize| Axis {
            input: input[axis],
            output: output[axis],
            kernel: self.kernel[axis],
            padding: self.padding[axis].0,
            padding_after: self.padding[axis].1,
            step: self.steps[axis],
        };
        Plane {
            rows: axis(0),
            columns: axis(1),
        }
    }

    /// Returns the output's shape, with the sizes of `outer` before those of the windows.
    /// `kernel_key` is the key that says how large a window is.
    pub(super) fn output_shape(
        &self,
        shapes: &Shapes<'_>,
        kernel_key: &'static str,
        outer: &[usize],
    ) -> Result<Shape, ShapeError> {
        let (name, shape) = shapes.input();
        let input = spatial(shape, self.axes);
        let mut sizes = outer.to_vec();
        for (axis, &input) in input.iter().enumerate().skip(2 - self.axes) {
            let output = self
                .n_windows(input, axis)
                .map_err(|error| self.explain(error, kernel_key, name, input, axis))?;
            sizes.push(output);
        }
        shape_of(&sizes)
    }

    /// Returns how many windows fit along an axis, by PyTorch's rule.
    fn n_windows(&self, input: usize, axis: usize) -> Result<usize, Unfit> {
        let Step {
            stride, dilation, ..
        } = self.steps[axis];
        let (before, after) = self.padding[axis];
        let padded = input
            .checked_add(before)
            .and_then(|sum| sum.checked_add(after))
            .ok_or(Unfit::Padding)?;
        let extent = extent(self.kernel[axis], dilation);
        let (padded_wide, stride_wide) = (padded as u128, stride as u128);
        // With `ceil_mode` the only window may reach beyond the end, as long as the next would
        // begin after it.
        let reach = if self.ceil_mode {
            padded_wide + stride_wide - 1
        } else {
            padded_wide
        };
        let room = reach
            .checked_sub(extent)
            .ok_or(Unfit::Kernel { padded, extent })?;
        let mut n = room / stride_wide + 1;
        // A last window must begin inside the input or the padding before it.
        if self.ceil_mode && (n - 1) * stride_wide >= input as u128 + before as u128 {
            n -= 1;
        }
        usize::try_from(n).map_err(|_| Unfit::Output)
    }

    fn explain(
        &self,
        error: Unfit,
        kernel_key: &'static str,
        name: &str,
        input: usize,
        axis: usize,
    ) -> ShapeError {
        let (padded, extent) = match error {
            Unfit::Kernel { padded, extent } => (padded, extent),
            Unfit::Padding => {
                let message = format!("`{name}` with this padding is longer than can be counted");
                return ShapeError::key("padding", message).hinted("use less padding");
            }
            Unfit::Output => return too_many_elements(),
        };
        let places = match (self.axes, axis) {
            (1, _) => "places",
            (_, 0) => "rows",
            _ => "columns",
        };
        let padded = if padded == input {
            String::new()
        } else {
            format!(", {padded} with its padding")
        };
        let error = ShapeError::key(
            kernel_key,
            format!("the kernel spans {extent} {places}, but `{name}` has {input}{padded}"),
        );
        match self.steps[axis].dilation {
            1 => error.hinted("use a smaller kernel or more padding"),
            dilation => error
                .labelled(format!("{} {places}, {dilation} apart", self.kernel[axis]))
                .hinted("use a smaller kernel, less dilation, or more padding"),
        }
    }
}

/// Why windows do not fit an input.
enum Unfit {
    /// The kernel spans more than the padded input.
    Kernel { padded: usize, extent: u128 },
    /// The padded input is longer than can be counted.
    Padding,
    /// There are more windows than can be counted.
    Output,
}

/// Returns an error unless the first input has the spatial axes, with or without channels and a
/// batch before them.
pub(super) fn expect_rank(op: &str, axes: usize, shapes: &Shapes<'_>) -> Result<(), ShapeError> {
    let (name, shape) = shapes.input();
    if (axes..=axes + 2).contains(&shape.rank()) {
        return Ok(());
    }
    let wanted = match axes {
        1 => "[length], [channels, length] or [batch, channels, length]",
        _ => "[height, width], [channels, height, width] or [batch, channels, height, width]",
    };
    let error = ShapeError::input(
        0,
        format!("`{name}` has shape {shape}, but `{op}` takes {wanted}"),
    );
    let one_d = format!("{}1d", op.trim_end_matches("2d"));
    Err(match shape.rank() {
        0 => error.hinted("give it a list of numbers"),
        1 => error.hinted(format!("use `{one_d}`, or give it two axes")),
        _ => error.hinted("put a `reshape` layer before this one"),
    })
}

/// The sizes [rows, columns] of the last axes.
pub(super) fn spatial(shape: &Shape, axes: usize) -> [usize; 2] {
    lift(&shape[shape.rank() - axes..], 1)
}

/// Puts `single` before the one number of a layer with one axis.
pub(super) fn lift<T: Copy>(sizes: &[T], single: T) -> [T; 2] {
    match *sizes {
        [rows, columns] => [rows, columns],
        [columns] => [single, columns],
        _ => [single, single],
    }
}

/// The steps along rows and along columns.
pub(super) fn steps<const AXES: usize>(
    stride: [usize; AXES],
    dilation: [usize; AXES],
) -> [Step; 2] {
    let (stride, dilation) = (lift(&stride, 1), lift(&dilation, 1));
    [0, 1].map(|axis| Step::new(stride[axis], dilation[axis]))
}

/// How many places a kernel spans.
pub(super) fn extent(kernel: usize, dilation: usize) -> u128 {
    (kernel as u128 - 1) * dilation as u128 + 1
}

/// Division that rounds up. Most strides and dilations are 1, and a division is the slowest thing
/// in these loops.
fn div_ceil(number: usize, by: usize) -> usize {
    if by == 1 { number } else { number.div_ceil(by) }
}

fn gcd(mut a: usize, mut b: usize) -> usize {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Returns the inverse of `number` modulo `modulus`, to which it is coprime, by Euclid's extended
/// algorithm.
fn inverse(number: usize, modulus: usize) -> usize {
    let wide = modulus as i128;
    let (mut rest, mut next_rest) = (wide, number as i128 % wide);
    let (mut factor, mut next_factor) = (0, 1);
    while next_rest != 0 {
        let quotient = rest / next_rest;
        (rest, next_rest) = (next_rest, rest - quotient * next_rest);
        (factor, next_factor) = (next_factor, factor - quotient * next_factor);
    }
    factor.rem_euclid(wide) as usize
}

#[cfg(test)]
mod tests;
