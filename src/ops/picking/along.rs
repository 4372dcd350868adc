//! Ops that pick along axes: `slice`, `select`, `index_select`, `flip`, `roll`, `expand`, `repeat`.

use super::{Axis, COPIED, Picking, Picks};
use crate::ops::axes::{axes, axis, known_axis, shape_of, too_many_elements};
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::settings::{Bound, Domain, Length, SettingError, settings};
use crate::ops::torch::{self, Torch, TorchArgument};
use crate::ops::{IntoOp, Settings, ShapeError, Value};
use crate::tensor::{Shape, Tensor};

settings! {
    /// The places of an axis from `start` up to `end`, by steps, as Python slices a list.
    #[derive(Copy)]
    pub struct Slice {
        /// The axis.
        dim: i64 = 0,
        /// The first place; counted from the end where it is negative.
        start: Option<i64> = None,
        /// The place before which it ends.
        end: Option<i64> = None,
        /// How far apart the places are; backwards where it is negative.
        step: i64 = 1 => Domain::Whole(Bound::NotZero),
    }
}

settings! {
    /// One place of an axis, which the output does not have.
    #[derive(Copy)]
    pub struct Select {
        required {
            /// The place, counted from the end where it is negative.
            index: i64,
        }
        /// The axis.
        dim: i64 = 0,
    }
}

settings! {
    /// Places of an axis, in any order and as often as they are listed.
    pub struct IndexSelect {
        required {
            /// The places.
            index: Vec<usize> => Domain::List(Bound::AtLeast(0), Length::AtLeastOne),
        }
        /// The axis.
        dim: i64 = 0,
    }
}

settings! {
    /// The places of some axes in reverse order.
    pub struct Flip {
        required {
            /// The axes.
            dims: Vec<i64>,
        }
    }
}

settings! {
    /// The places of some axes moved on; what leaves at the end comes back at the beginning.
    pub struct Roll {
        required {
            /// By how many places, for each of the axes.
            shifts: Vec<i64>,
            /// The axes.
            dims: Vec<i64>,
        }
    }
}

settings! {
    /// Axes of size 1 repeated, and new ones before them.
    pub struct Expand {
        required {
            /// The sizes; -1 leaves one as it is.
            size: Vec<Option<usize>>,
        }
    }
}

settings! {
    /// The whole tensor again and again along each axis.
    pub struct Repeat {
        required {
            /// How often along each axis; there may be more of them than the input has.
            repeats: Vec<usize> => Domain::WholeOrList(Bound::AtLeast(1), Length::AtLeastOne),
        }
    }
}

/// Declares ops that pick along axes, with PyTorch's names for them.
macro_rules! ops {
    ($($settings:ident: $name:literal, $torch:expr;)+) => {
        $(
            impl IntoOp for $settings {
                type Op = Picking<Self>;
            }

            impl Described for $settings {
                const DESCRIPTOR: &'static Descriptor =
                    &Descriptor::of::<Self>($name, OpKind::Rearrangement, Self::ABOUT)
                        .saying(&COPIED)
                        .in_torch($torch);
            }
        )+
    };
}

ops! {
    Slice: "slice", Torch::Expression(
        "{x}.index_select({dim}, torch.arange({start}, {end}, {step}))");
    Select: "select", Torch::Function;
    IndexSelect: "index_select", Torch::Function;
    Flip: "flip", Torch::Function;
    Expand: "expand", Torch::Expression("{x}.expand({size})");
    Repeat: "repeat", Torch::Expression("{x}.repeat({repeats})");
}

impl IntoOp for Roll {
    type Op = Picking<Self>;
}

impl Described for Roll {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("roll", OpKind::Rearrangement, Self::ABOUT)
            .saying(&COPIED)
            .in_torch(Torch::Function);

    fn check(&self) -> Vec<SettingError> {
        let fits = self.shifts.len() == self.dims.len();
        let must = "must have a shift for each of `dims`";
        let error = (!fits).then(|| SettingError::unfit("shifts", must));
        error.into_iter().collect()
    }
}

/// Returns the axes of a tensor, all kept but one.
fn all_but(shape: &Shape, axis: usize, picked: Axis) -> Vec<Axis> {
    let kept = |n: &usize| Axis::Kept(*n);
    let mut axes: Vec<Axis> = shape.iter().map(kept).collect();
    // A scalar has an axis of one place.
    axes.resize_with(axes.len().max(1), || Axis::Kept(1));
    axes[axis] = picked;
    axes
}

/// Returns the axis of a tensor that must have one.
fn own_axis(dim: i64, (name, shape): (&str, &Shape), op: &str) -> Result<usize, ShapeError> {
    if shape.rank() == 0 {
        return Err(ShapeError::input(
            0,
            format!("`{name}` is a single number, but `{op}` picks along an axis"),
        )
        .hinted("put a `reshape` to [1] before it"));
    }
    axis("dim", dim, (name, shape))
}

/// Returns the shape with another size for an axis.
fn resized(shape: &Shape, axis: usize, size: usize) -> Result<Shape, ShapeError> {
    let mut sizes = shape.to_vec();
    sizes[axis] = size;
    shape_of(&sizes)
}

impl Slice {
    /// The first place of an axis that is in the slice, and how many are.
    fn places(&self, size: usize) -> (usize, usize) {
        // No axis has more places than an i64 counts.
        let n = size as i64;
        let bound = |place: i64, least: i64, most: i64| {
            let counted = if place < 0 {
                place.saturating_add(n)
            } else {
                place
            };
            counted.clamp(least, most)
        };
        let (least, most) = if self.step > 0 { (0, n) } else { (-1, n - 1) };
        let at = |place: Option<i64>, default: i64| {
            place.map_or(default, |place| bound(place, least, most))
        };
        let (first, end) = if self.step > 0 {
            (at(self.start, 0), at(self.end, n))
        } else {
            (at(self.start, n - 1), at(self.end, -1))
        };
        let span = if self.step > 0 {
            end - first
        } else {
            first - end
        };
        let n_places = span
            .max(0)
            .unsigned_abs()
            .div_ceil(self.step.unsigned_abs());
        (first.max(0) as usize, n_places as usize)
    }

    fn place(&self, first: usize, nth: usize) -> usize {
        (first as i64 + nth as i64 * self.step) as usize
    }
}

impl Picks for Slice {
    fn output_shape(&self, input: (&str, &Shape)) -> Result<Shape, ShapeError> {
        let axis = own_axis(self.dim, input, "slice")?;
        let (name, shape) = input;
        let (_, n) = self.places(shape[axis]);
        if n == 0 {
            let message = format!(
                "axis {axis} of `{name}` has {} places, of which the slice takes none",
                shape[axis]
            );
            return Err(ShapeError::key("start", message).hinted(
                "`start` is in the slice, `end` is not; negative ones count from the end",
            ));
        }
        resized(shape, axis, n)
    }

    fn axes(&self, input: &Shape, _: &Shape) -> Vec<Axis> {
        let axis = known_axis(self.dim, input.rank());
        let (first, n) = self.places(input[axis]);
        let places = (0..n).map(|nth| Some(self.place(first, nth)));
        all_but(input, axis, Axis::picked(input[axis], places))
    }

    /// The bounds as they are, where PyTorch's own slices take no step backwards.
    fn torch_arguments(&self, input: &Shape) -> Vec<(&'static str, TorchArgument)> {
        let (first, n) = self.places(input[known_axis(self.dim, input.rank())]);
        let end = first as i64 + (n as i64 - 1) * self.step + self.step.signum();
        [("start", first as i64), ("end", end)]
            .map(|(key, place)| (key, TorchArgument::Value(place.into())))
            .to_vec()
    }
}

impl Picks for Select {
    fn output_shape(&self, input: (&str, &Shape)) -> Result<Shape, ShapeError> {
        let axis = own_axis(self.dim, input, "select")?;
        let (name, shape) = input;
        if place(self.index, shape[axis]).is_none() {
            return Err(no_place(
                "index",
                &self.index.to_string(),
                (name, shape),
                axis,
            ));
        }
        Ok(shape.without(axis))
    }

    fn axes(&self, input: &Shape, _: &Shape) -> Vec<Axis> {
        let axis = known_axis(self.dim, input.rank());
        all_but(
            input,
            axis,
            Axis::picked(input[axis], [place(self.index, input[axis])]),
        )
    }

    fn torch_arguments(&self, _: &Shape) -> Vec<(&'static str, TorchArgument)> {
        with_dim(self.given(), self.dim)
    }
}

impl Picks for IndexSelect {
    fn output_shape(&self, input: (&str, &Shape)) -> Result<Shape, ShapeError> {
        let axis = own_axis(self.dim, input, "index_select")?;
        let (name, shape) = input;
        match self.index.iter().find(|&&place| place >= shape[axis]) {
            Some(place) => Err(no_place("index", &place.to_string(), (name, shape), axis)),
            None => resized(shape, axis, self.index.len()),
        }
    }

    fn axes(&self, input: &Shape, _: &Shape) -> Vec<Axis> {
        let axis = known_axis(self.dim, input.rank());
        let places = self.index.iter().copied().map(Some);
        all_but(input, axis, Axis::picked(input[axis], places))
    }

    fn torch_arguments(&self, _: &Shape) -> Vec<(&'static str, TorchArgument)> {
        let places = self.index.iter().map(|&place| place as f64).collect();
        let index = Tensor::new(Shape::from([self.index.len()]), places);
        let index = index
            .into_iter()
            .map(|index| ("index", TorchArgument::Classes(index)));
        index.chain(with_dim(Vec::new(), self.dim)).collect()
    }
}

/// The arguments of a function that must be told the axis.
fn with_dim(given: Vec<(&'static str, Value)>, dim: i64) -> Vec<(&'static str, TorchArgument)> {
    let mut arguments = torch::given(given);
    arguments.retain(|(key, _)| *key != "dim");
    arguments.push(("dim", TorchArgument::Value(dim.into())));
    arguments
}

/// The place that an index means, counted from the end where it is negative.
pub(super) fn place(index: i64, size: usize) -> Option<usize> {
    let size = i64::try_from(size).ok()?;
    let place = if index < 0 {
        index.checked_add(size)?
    } else {
        index
    };
    (0..size).contains(&place).then_some(place as usize)
}

/// The error about a place that an axis does not have.
pub(super) fn no_place(
    key: &'static str,
    place: &str,
    (name, shape): (&str, &Shape),
    axis: usize,
) -> ShapeError {
    let size = shape[axis];
    ShapeError::key(
        key,
        format!("axis {axis} of `{name}` has {size} places, and none is numbered {place}"),
    )
    .labelled("no such place")
    .hinted("places are counted from 0")
}

impl Picks for Flip {
    fn output_shape(&self, input: (&str, &Shape)) -> Result<Shape, ShapeError> {
        axes("dims", &self.dims, input)?;
        Ok(input.1.clone())
    }

    fn axes(&self, input: &Shape, _: &Shape) -> Vec<Axis> {
        let named = |axis: usize| {
            let mut dims = self.dims.iter();
            dims.any(|&dim| known_axis(dim, input.rank()) == axis)
        };
        let axis = |(axis, &size): (usize, &usize)| match named(axis) {
            true => Axis::picked(size, (0..size).rev().map(Some)),
            false => Axis::Kept(size),
        };
        input.iter().enumerate().map(axis).collect()
    }
}

impl Picks for Roll {
    fn output_shape(&self, input: (&str, &Shape)) -> Result<Shape, ShapeError> {
        axes("dims", &self.dims, input)?;
        Ok(input.1.clone())
    }

    fn axes(&self, input: &Shape, _: &Shape) -> Vec<Axis> {
        let rolled = |(axis, &size): (usize, &usize)| {
            let mut pairs = self.dims.iter().zip(&self.shifts);
            let shift = pairs.find(|(dim, _)| known_axis(**dim, input.rank()) == axis);
            shift.map_or(Axis::Kept(size), |(_, &shift)| {
                let shift = shift.rem_euclid(size as i64) as usize;
                Axis::picked(size, (0..size).map(|at| Some((at + size - shift) % size)))
            })
        };
        input.iter().enumerate().map(rolled).collect()
    }
}

impl Picks for Expand {
    fn output_shape(&self, (name, shape): (&str, &Shape)) -> Result<Shape, ShapeError> {
        let Some(n_new) = self.size.len().checked_sub(shape.rank()) else {
            let message = format!(
                "`{name}` has {} axes, but `size` has {} sizes",
                shape.rank(),
                self.size.len()
            );
            return Err(ShapeError::key("size", message)
                .hinted("there is a size for each axis; -1 leaves it as it is"));
        };
        let size = |(axis, size): (usize, &Option<usize>)| {
            let own = axis.checked_sub(n_new).map(|axis| shape[axis]);
            match (own, *size) {
                (Some(own), None) => Ok(own),
                (Some(own), Some(size)) if own == size || own == 1 => Ok(size),
                (None, Some(size)) => Ok(size),
                (_, size) => {
                    let size = size.map_or_else(|| "-1".to_owned(), |size| size.to_string());
                    let message =
                        format!("`{name}` has shape {shape}, which does not expand to {size}");
                    Err(ShapeError::key("size", message)
                        .hinted("only an axis of size 1 expands, and new axes stand first"))
                }
            }
        };
        let sizes: Vec<usize> = self
            .size
            .iter()
            .enumerate()
            .map(size)
            .collect::<Result<_, _>>()?;
        shape_of(&sizes)
    }

    fn axes(&self, input: &Shape, output: &Shape) -> Vec<Axis> {
        widened(input, output, |_| 0)
    }
}

impl Picks for Repeat {
    fn output_shape(&self, (name, shape): (&str, &Shape)) -> Result<Shape, ShapeError> {
        let Some(n_new) = self.repeats.len().checked_sub(shape.rank()) else {
            let message = format!(
                "`{name}` has {} axes, but `repeats` has {} numbers",
                shape.rank(),
                self.repeats.len()
            );
            return Err(ShapeError::key("repeats", message).hinted("there is one for each axis"));
        };
        let sizes = self.repeats.iter().enumerate().map(|(axis, &n)| {
            let own = axis.checked_sub(n_new).map_or(1, |axis| shape[axis]);
            own.checked_mul(n).ok_or_else(too_many_elements)
        });
        shape_of(&sizes.collect::<Result<Vec<_>, _>>()?)
    }

    fn axes(&self, input: &Shape, output: &Shape) -> Vec<Axis> {
        widened(input, output, |place| place)
    }
}

/// The axes of an output that has more places than the input along some, and new axes before them:
/// each is made of the place that `own` makes of it, counted around.
fn widened(input: &Shape, output: &Shape, own: impl Fn(usize) -> usize) -> Vec<Axis> {
    let n_new = output.rank() - input.rank();
    let axis = |(axis, &size): (usize, &usize)| {
        let n_in = axis.checked_sub(n_new).map_or(1, |axis| input[axis]);
        if n_in == size {
            Axis::Kept(size)
        } else {
            Axis::picked(n_in, (0..size).map(|place| Some(own(place) % n_in)))
        }
    };
    output.iter().enumerate().map(axis).collect()
}
