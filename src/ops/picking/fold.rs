//! `unfold` and `fold`: the windows of a map as columns of a matrix, and columns added up to a map.

use super::{Axis, COPIED, Picking, Picks};
use crate::ops::axes::{shape_of, too_many_elements};
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::phrases::Phrases;
use crate::ops::settings::{Domain, settings};
use crate::ops::windows::{Volume, Windows, lift};
use crate::ops::{IntoOp, ShapeError};
use crate::tensor::Shape;

settings! {
    /// What each window sees of a map, as a column.
    #[derive(Copy)]
    pub struct Unfold {
        required {
            /// How large a window is.
            kernel_size: [usize; 2] => Domain::counts(1, 2),
        }
        /// How far apart the places of one window are.
        dilation: [usize; 2] = [1; 2] => Domain::counts(1, 2),
        /// How many places are added on each side of the input.
        padding: [usize; 2] = [0; 2],
        /// How far apart the windows start.
        stride: [usize; 2] = [1; 2] => Domain::counts(1, 2),
    }
}

settings! {
    /// Columns laid over a map as windows; where windows overlap, their numbers are added.
    #[derive(Copy)]
    pub struct Fold {
        required {
            /// The height and the width of the map.
            output_size: [usize; 2] => Domain::counts(1, 2),
            /// How large a window is.
            kernel_size: [usize; 2] => Domain::counts(1, 2),
        }
        /// How far apart the places of one window are.
        dilation: [usize; 2] = [1; 2] => Domain::counts(1, 2),
        /// How many places on each side of the map are left out.
        padding: [usize; 2] = [0; 2],
        /// How far apart the windows start.
        stride: [usize; 2] = [1; 2] => Domain::counts(1, 2),
    }
}

impl IntoOp for Unfold {
    type Op = Picking<Self>;
}

impl Described for Unfold {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("unfold", OpKind::Rearrangement, Self::ABOUT).saying(&Phrases {
            adding: ", because each window that sees it counts",
            ..COPIED
        });
}

impl IntoOp for Fold {
    type Op = Picking<Self>;
}

impl Described for Fold {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("fold", OpKind::Rearrangement, Self::ABOUT).saying(&Phrases {
            unchanged: ": it is added to what else lies in that place",
            unheard: "{me} lies on the padding, which {layers} leaves out, so nothing comes back.",
            ..Phrases::NONE
        });
}

/// Windows with as much padding on both sides.
fn windows(
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
    dilation: [usize; 2],
) -> Windows {
    let padding = padding.map(|places| (places, places));
    Windows::of_pool(kernel, Some(stride), padding, dilation, false)
}

/// Returns the windows over a map of this height and width, where they fit.
fn over(windows: &Windows, map: [usize; 2]) -> Result<Volume, ShapeError> {
    let [height, width] = map;
    windows.over_map(lift(&map, 1)).ok_or_else(|| {
        let message = format!("no window of this size fits a map of {height} × {width}");
        ShapeError::key("kernel_size", message).hinted("use a smaller kernel or more padding")
    })
}

/// How many places the kernel has, and how many windows there are, where both can be counted.
fn sizes(volume: &Volume) -> Result<(usize, usize), ShapeError> {
    let product = |a: usize, b: usize| a.checked_mul(b).ok_or_else(too_many_elements);
    let (rows, columns) = (volume.rows.rows, volume.columns);
    let n_kernel = product(rows.kernel, columns.kernel)?;
    Ok((n_kernel, product(rows.output, columns.output)?))
}

/// For each place of the kernel, and for each window, the place of the map that the window sees
/// through it; nothing where that lies on the padding.
fn seen(volume: &Volume) -> impl Iterator<Item = Option<usize>> {
    let Volume { rows, columns } = *volume;
    (0..volume.n_kernel()).flat_map(move |kernel| {
        let (kernel_row, kernel) = (kernel / columns.kernel, kernel % columns.kernel);
        let mut places = vec![None; rows.n_output() * columns.output];
        for (row, under) in rows.windows_with(kernel_row) {
            for column in columns.windows_with(kernel) {
                let place = under * columns.input + columns.place(column, kernel);
                places[row * columns.output + column] = Some(place);
            }
        }
        places
    })
}

impl Unfold {
    fn over(&self, map: [usize; 2]) -> Result<Volume, ShapeError> {
        let Self {
            kernel_size,
            stride,
            padding,
            dilation,
        } = *self;
        over(&windows(kernel_size, stride, padding, dilation), map)
    }
}

impl Picks for Unfold {
    fn output_shape(&self, (name, shape): (&str, &Shape)) -> Result<Shape, ShapeError> {
        let (outer, channels, map) = match shape[..] {
            [channels, height, width] => (vec![], channels, [height, width]),
            [batch, channels, height, width] => (vec![batch], channels, [height, width]),
            _ => {
                let message = format!(
                    "`{name}` has shape {shape}, but `unfold` takes [channels, height, width] or \
                     [batch, channels, height, width]"
                );
                return Err(
                    ShapeError::input(0, message).hinted("put a `reshape` layer before this one")
                );
            }
        };
        let (n_kernel, n_windows) = sizes(&self.over(map)?)?;
        let rows = channels
            .checked_mul(n_kernel)
            .ok_or_else(too_many_elements)?;
        shape_of(&[&outer[..], &[rows, n_windows]].concat())
    }

    fn axes(&self, input: &Shape, _: &Shape) -> Vec<Axis> {
        let (outer, map) = input.split_at(input.rank() - 2);
        let volume = self.over([map[0], map[1]]);
        let volume = volume.expect("`output_shape` has found that windows fit");
        let picked = Axis::picked(map[0] * map[1], seen(&volume));
        vec![Axis::Kept(outer.iter().product()), picked]
    }
}

impl Fold {
    fn volume(&self) -> Result<Volume, ShapeError> {
        let Self {
            output_size,
            kernel_size,
            stride,
            padding,
            dilation,
        } = *self;
        over(
            &windows(kernel_size, stride, padding, dilation),
            output_size,
        )
    }
}

impl Picks for Fold {
    fn output_shape(&self, (name, shape): (&str, &Shape)) -> Result<Shape, ShapeError> {
        let (outer, rows, columns) = match shape[..] {
            [rows, columns] => (vec![], rows, columns),
            [batch, rows, columns] => (vec![batch], rows, columns),
            _ => {
                let message = format!(
                    "`{name}` has shape {shape}, but `fold` takes [channels × kernel, windows] or \
                     [batch, channels × kernel, windows]"
                );
                return Err(
                    ShapeError::input(0, message).hinted("put a `reshape` layer before this one")
                );
            }
        };
        let (n_kernel, n_windows) = sizes(&self.volume()?)?;
        if !rows.is_multiple_of(n_kernel) {
            let message = format!(
                "`{name}` has {rows} numbers for a window, which are not whole channels of a \
                 kernel with {n_kernel} places"
            );
            return Err(ShapeError::key("kernel_size", message));
        }
        if columns != n_windows {
            let [height, width] = self.output_size;
            let message = format!(
                "`{name}` has {columns} windows, but there are {n_windows} over a map of \
                 {height} × {width}"
            );
            return Err(ShapeError::key("output_size", message));
        }
        let map = [rows / n_kernel, self.output_size[0], self.output_size[1]];
        shape_of(&[&outer[..], &map].concat())
    }

    fn axes(&self, _: &Shape, output: &Shape) -> Vec<Axis> {
        let volume = self.volume();
        let volume = volume.expect("`output_shape` has found that windows fit");
        let mut sources = vec![Vec::new(); volume.n_input()];
        let mut n_columns = 0;
        for (column, place) in seen(&volume).enumerate() {
            n_columns = column + 1;
            if let Some(place) = place {
                sources[place].push((column, 1.0));
            }
        }
        let outer = &output[..output.rank() - 2];
        vec![
            Axis::Kept(outer.iter().product()),
            Axis::weighed(n_columns, sources),
        ]
    }
}
