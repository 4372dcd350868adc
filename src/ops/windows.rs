//! The geometry of windows that slide over an input: which places a window looks at, and which
//! windows look at a place.
//!
//! Everything has three axes here: a row of numbers is a map of height 1, and a map a volume of
//! depth 1. No loop runs over padding, nor over the part of a kernel that lies outside the input,
//! because settings may be two billion where the input has four numbers.

mod axis;

pub(super) use axis::{Axis, Step, extent};

use super::axes::{shape_of, too_many_elements};
use super::settings::Sides;
use super::{ShapeError, Shapes};
use crate::tensor::Shape;

/// How many axes windows have here.
pub(super) const AXES: usize = 3;

/// The windows of a layer, along [planes, rows, columns].
#[derive(Debug, Clone, Copy)]
pub(super) struct Windows {
    /// How many axes the windows have in the file, 1 to 3.
    pub axes: usize,
    pub kernel: [usize; AXES],
    /// How many places of padding come before the input, and how many after it.
    pub padding: [Sides; AXES],
    pub steps: [Step; AXES],
    /// Whether a last window that reaches beyond the padded input counts.
    pub ceil_mode: bool,
}

/// Windows over a volume of known size.
#[derive(Debug, Clone, Copy)]
pub(super) struct Volume {
    pub rows: Rows,
    pub columns: Axis,
}

/// The rows of all planes of a volume, counted one plane after the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows {
    pub planes: Axis,
    /// Within one plane.
    pub rows: Axis,
}

/// The input places of a window.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cells {
    first: usize,
    /// How many planes, rows and columns there are, and how far apart they are.
    along: [(usize, usize); AXES],
}

impl Cells {
    /// Visits the places in row-major order.
    #[inline]
    pub(super) fn each(self, mut visit: impl FnMut(usize)) {
        let [planes, rows, columns] = self.along;
        for plane in 0..planes.0 {
            for row in 0..rows.0 {
                let first = self.first + plane * planes.1 + row * rows.1;
                (0..columns.0).for_each(|column| visit(first + column * columns.1));
            }
        }
    }
}

impl Rows {
    /// How many rows the input has.
    pub(super) fn n_input(&self) -> usize {
        self.planes.input * self.rows.input
    }

    /// How many rows of windows there are.
    pub(super) fn n_output(&self) -> usize {
        self.planes.output * self.rows.output
    }

    /// How many rows the kernel has.
    pub(super) fn n_kernel(&self) -> usize {
        self.planes.kernel * self.rows.kernel
    }

    /// Its rows, where they lie in one plane.
    pub(super) fn of_one_plane(&self) -> Option<Axis> {
        let Axis {
            input,
            output,
            kernel,
            padding,
            ..
        } = self.planes;
        let is_one = [input, output, kernel] == [1; 3] && padding == 0;
        is_one.then_some(self.rows)
    }

    /// The rows of input that a row of windows looks at, each as (kernel row, input row), in
    /// ascending order.
    pub(super) fn places(
        &self,
        window: usize,
    ) -> impl Iterator<Item = (usize, usize)> + Clone + use<> {
        let Axis { input, kernel, .. } = self.rows;
        let within = self.rows.places(window % self.rows.output);
        let planes = self.planes.places(window / self.rows.output);
        planes.flat_map(move |(kernel_plane, plane)| {
            within
                .clone()
                .map(move |(at, row)| (kernel_plane * kernel + at, plane * input + row))
        })
    }

    /// The rows of windows that look at a row of input, each as (row of windows, kernel row), in
    /// ascending order.
    pub(super) fn looking_at(
        &self,
        row: usize,
    ) -> impl Iterator<Item = (usize, usize)> + Clone + use<> {
        let Axis { output, kernel, .. } = self.rows;
        let within = self.rows.looking_at(row % self.rows.input);
        let planes = self.planes.looking_at(row / self.rows.input);
        planes.flat_map(move |(plane, kernel_plane)| {
            within
                .clone()
                .map(move |(window, at)| (plane * output + window, kernel_plane * kernel + at))
        })
    }

    /// The rows of windows whose kernel row `kernel` lies on the input, each with the row of input
    /// under it.
    pub(super) fn windows_with(
        &self,
        kernel: usize,
    ) -> impl Iterator<Item = (usize, usize)> + Clone + use<> {
        let Self { planes, rows } = *self;
        let (kernel_plane, kernel) = (kernel / rows.kernel, kernel % rows.kernel);
        let within = rows.windows_with(kernel);
        planes.windows_with(kernel_plane).flat_map(move |plane| {
            let first = planes.place(plane, kernel_plane) * rows.input;
            within
                .clone()
                .map(move |row| (plane * rows.output + row, first + rows.place(row, kernel)))
        })
    }
}

impl Volume {
    /// How many places one map of the input has.
    pub(super) fn n_input(&self) -> usize {
        self.rows.n_input() * self.columns.input
    }

    /// How many windows there are.
    pub(super) fn n_output(&self) -> usize {
        self.rows.n_output() * self.columns.output
    }

    /// How many places the kernel has.
    pub(super) fn n_kernel(&self) -> usize {
        self.rows.n_kernel() * self.columns.kernel
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
        let Rows { planes, rows } = self.rows;
        let all = [planes, rows, self.columns];
        let [plane_spans, row_spans, column_spans] = all.map(|axis| axis.spans());
        let width = self.columns.input;
        let apart = [rows.input.saturating_mul(width), width, 1];
        let apart = [0, 1, 2].map(|nth| all[nth].step.dilation.saturating_mul(apart[nth]));
        let mut window = 0;
        for &(plane, n_planes) in &plane_spans {
            for &(row, n_rows) in &row_spans {
                let first = (plane * rows.input + row) * width;
                for &(column, n_columns) in &column_spans {
                    let n = [n_planes, n_rows, n_columns];
                    let cells = Cells {
                        first: first + column,
                        along: [0, 1, 2].map(|nth| (n[nth], apart[nth])),
                    };
                    visit(window, cells);
                    window += 1;
                }
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
    pub(super) fn of_pool<const N: usize>(
        kernel: [usize; N],
        stride: Option<[usize; N]>,
        padding: [Sides; N],
        dilation: [usize; N],
        ceil_mode: bool,
    ) -> Self {
        Self {
            axes: N,
            kernel: lift(&kernel, 1),
            padding: lift(&padding, (0, 0)),
            steps: steps(stride.unwrap_or(kernel), dilation),
            ceil_mode,
        }
    }

    /// Returns the shape of a pooling layer's output.
    pub(super) fn pooled_shape(&self, op: &str, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        expect_rank(op, self.axes, shapes)?;
        (AXES - self.axes..AXES).try_for_each(|axis| self.expect_input_in_all(axis))?;
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
    pub(super) fn over(&self, input: &Shape, output: &Shape) -> Volume {
        self.between(spatial(input, self.axes), spatial(output, self.axes))
    }

    /// All the windows over a map of these sizes, where any fits.
    pub(super) fn over_map(&self, input: [usize; AXES]) -> Option<Volume> {
        let mut output = input;
        for (axis, size) in output.iter_mut().enumerate() {
            *size = self.n_windows(*size, axis).ok()?;
        }
        Some(self.between(input, output))
    }

    fn between(&self, input: [usize; AXES], output: [usize; AXES]) -> Volume {
        let axis = |axis: usize| Axis {
            input: input[axis],
            output: output[axis],
            kernel: self.kernel[axis],
            padding: self.padding[axis].0,
            padding_after: self.padding[axis].1,
            step: self.steps[axis],
        };
        Volume {
            rows: Rows {
                planes: axis(0),
                rows: axis(1),
            },
            columns: axis(2),
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
        for (axis, &input) in input.iter().enumerate().skip(AXES - self.axes) {
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
        let places = places_along(self.axes, axis);
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
        2 => "[height, width], [channels, height, width] or [batch, channels, height, width]",
        _ => {
            "[depth, height, width], [channels, depth, height, width] or [batch, channels, depth, \
              height, width]"
        }
    };
    let error = ShapeError::input(
        0,
        format!("`{name}` has shape {shape}, but `{op}` takes {wanted}"),
    );
    let family = op.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == 'd');
    Err(match shape.rank() {
        0 => error.hinted("give it a list of numbers"),
        n if n < axes => {
            let count = ["one axis", "two axes", "three axes"][axes - 1];
            error.hinted(format!("use `{family}{n}d`, or give it {count}"))
        }
        _ => error.hinted("put a `reshape` layer before this one"),
    })
}

/// What the places along an axis of windows with `axes` axes are called.
pub(super) fn places_along(axes: usize, axis: usize) -> &'static str {
    match (axes, axis) {
        (1, _) => "places",
        (_, 0) => "planes",
        (_, 1) => "rows",
        _ => "columns",
    }
}

/// The sizes [planes, rows, columns] of the last axes.
pub(super) fn spatial(shape: &Shape, axes: usize) -> [usize; AXES] {
    lift(&shape[shape.rank() - axes..], 1)
}

/// Puts `single` before the numbers of a layer with fewer axes.
pub(super) fn lift<T: Copy>(sizes: &[T], single: T) -> [T; AXES] {
    let mut all = [single; AXES];
    all[AXES - sizes.len()..].copy_from_slice(sizes);
    all
}

/// The steps along each axis.
pub(super) fn steps<const N: usize>(stride: [usize; N], dilation: [usize; N]) -> [Step; AXES] {
    let (stride, dilation) = (lift(&stride, 1), lift(&dilation, 1));
    [0, 1, 2].map(|axis| Step::new(stride[axis], dilation[axis]))
}

#[cfg(test)]
mod tests;
