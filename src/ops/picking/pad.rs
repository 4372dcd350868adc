//! `pad`: places added around a tensor, or taken off.

use super::{Axis, COPIED, Picking, Picks};
use crate::ops::axes::{shape_of, too_many_elements};
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::settings::{Bound, Domain, Length, SettingError, named, settings};
use crate::ops::{IntoOp, ShapeError};
use crate::tensor::Shape;

settings! {
    /// Places added before and after the last axes: a constant, or copies of what is there.
    pub struct Pad {
        required {
            /// How many come before and after the last axis, the one before it, and so on.
            pad: Vec<i64> => Domain::List(Bound::Any, Length::AtLeastOne),
        }
        /// What is added.
        mode: PadMode = PadMode::Constant,
        /// The constant.
        value: f64 = 0.0,
    }
}

/// What is added around a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PadMode {
    /// A constant.
    Constant,
    /// What is inside, mirrored at the outermost places.
    Reflect,
    /// The outermost places again and again.
    Replicate,
    /// What stands at the other side.
    Circular,
}

named!(PadMode {
    "constant" => PadMode::Constant,
    "reflect" => PadMode::Reflect,
    "replicate" => PadMode::Replicate,
    "circular" => PadMode::Circular,
});

impl IntoOp for Pad {
    type Op = Picking<Self>;
}

impl Described for Pad {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("pad", OpKind::Rearrangement, Self::ABOUT).saying(&COPIED);

    fn check(&self) -> Vec<SettingError> {
        let must = "must hold a pair of numbers for each axis, before and after";
        let is_odd = !self.pad.len().is_multiple_of(2);
        let error = is_odd.then(|| SettingError::unfit("pad", must));
        error.into_iter().collect()
    }
}

impl PadMode {
    /// The place of an axis that stands at one outside or inside of it.
    fn source(self, at: i64, size: i64) -> Option<i64> {
        match self {
            Self::Constant => (0..size).contains(&at).then_some(at),
            Self::Reflect => Some((size - 1) - (at.abs() - (size - 1)).abs()),
            Self::Replicate => Some(at.clamp(0, size - 1)),
            Self::Circular => Some(at.rem_euclid(size)),
        }
    }

    /// The most places that can be added on a side of so many.
    fn most(self, size: i64) -> i64 {
        match self {
            Self::Constant | Self::Replicate => i64::MAX,
            Self::Reflect => size - 1,
            Self::Circular => size,
        }
    }
}

impl Pad {
    /// How many places come before an axis and after it.
    fn sides(&self, axis: usize, rank: usize) -> (i64, i64) {
        let pair = self.pad.chunks_exact(2).nth(rank - 1 - axis);
        pair.map_or((0, 0), |pair| (pair[0], pair[1]))
    }

    /// How many places an axis has with its padding.
    fn padded(&self, axis: usize, (name, shape): (&str, &Shape)) -> Result<usize, ShapeError> {
        let (size, (before, after)) = (shape[axis] as i64, self.sides(axis, shape.rank()));
        let most = self.mode.most(size);
        if before.max(after) > most {
            let message = format!(
                "axis {axis} of `{name}` has {size} places, to which \"{}\" adds at most {most} on \
                 a side",
                self.mode.name()
            );
            return Err(ShapeError::key("pad", message));
        }
        let padded = before
            .checked_add(after)
            .and_then(|both| both.checked_add(size));
        match padded.ok_or_else(too_many_elements)? {
            padded @ 1.. => Ok(padded as usize),
            _ => Err(ShapeError::key(
                "pad",
                format!("nothing is left of axis {axis} of `{name}`, which has {size} places"),
            )),
        }
    }
}

impl Picks for Pad {
    fn output_shape(&self, input: (&str, &Shape)) -> Result<Shape, ShapeError> {
        let (name, shape) = input;
        let n_padded = self.pad.len() / 2;
        let is_constant = self.mode == PadMode::Constant;
        if n_padded > shape.rank() {
            let message = format!(
                "`{name}` has {} axes, but `pad` is for {n_padded}",
                shape.rank()
            );
            return Err(ShapeError::key("pad", message).hinted("the last axis comes first"));
        }
        if !is_constant && !(1..=2).contains(&(shape.rank() - n_padded)) {
            let message = format!(
                "`{name}` has {} axes, of which `pad` is for {n_padded}; with \"{}\" one or two \
                 axes stand before those",
                shape.rank(),
                self.mode.name()
            );
            return Err(ShapeError::key("pad", message));
        }
        let sizes = (0..shape.rank()).map(|axis| self.padded(axis, input));
        shape_of(&sizes.collect::<Result<Vec<_>, _>>()?)
    }

    fn axes(&self, input: &Shape, output: &Shape) -> Vec<Axis> {
        let axis = |axis: usize| {
            let (before, after) = self.sides(axis, input.rank());
            if (before, after) == (0, 0) {
                return Axis::Kept(input[axis]);
            }
            let size = input[axis] as i64;
            let source = |at: usize| self.mode.source(at as i64 - before, size);
            let sources = (0..output[axis]).map(|at| source(at).map(|place| place as usize));
            Axis::picked(input[axis], sources)
        };
        (0..input.rank()).map(axis).collect()
    }

    fn filling(&self) -> f64 {
        self.value
    }
}
