//! `interpolate`: a map made larger or smaller, each pixel a weighted sum of those near its place.

use super::{Axis, Picking, Picks};
use crate::ops::axes::shape_of;
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::phrases::{FactorWords, Phrases};
use crate::ops::settings::{Bound, Domain, Length, SettingError, named, settings};
use crate::ops::torch::{self, TorchArgument};
use crate::ops::{FactorKind, IntoOp, Settings, ShapeError, Value};
use crate::tensor::{Shape, Tensor};

settings! {
    /// A map of other sizes, each pixel a weighted sum of the input's pixels near its place.
    pub struct Interpolate {
        required {
            /// The sizes of the axes after batch and channels.
            size: Vec<usize> => Domain::WholeOrList(Bound::AtLeast(1), Length::AtLeastOne),
        }
        /// How a pixel is made of those near its place.
        mode: InterpolationMode = InterpolationMode::Nearest,
        /// Whether the outermost pixels lie in the same places; otherwise the outermost borders do.
        align_corners: bool = false,
        /// How many times as large each axis is, where that is not what its sizes say.
        scale_factor: Option<Tensor> = None,
    }
}

/// How a pixel of another size is made of those near its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InterpolationMode {
    /// The pixel in whose part of the map the new one begins.
    Nearest,
    /// The pixel in whose part of the map the new one has its middle.
    NearestExact,
    /// A line between the two nearest, on one axis.
    Linear,
    /// The same on two axes.
    Bilinear,
    /// The same on three axes.
    Trilinear,
    /// A curve through the four nearest, on two axes.
    Bicubic,
}

named!(InterpolationMode {
    "nearest" => InterpolationMode::Nearest,
    "nearest-exact" => InterpolationMode::NearestExact,
    "linear" => InterpolationMode::Linear,
    "bilinear" => InterpolationMode::Bilinear,
    "trilinear" => InterpolationMode::Trilinear,
    "bicubic" => InterpolationMode::Bicubic,
});

impl InterpolationMode {
    /// How many axes it is for; nothing where it is for any number.
    fn axes(self) -> Option<usize> {
        match self {
            Self::Nearest | Self::NearestExact => None,
            Self::Linear => Some(1),
            Self::Bilinear | Self::Bicubic => Some(2),
            Self::Trilinear => Some(3),
        }
    }
}

impl IntoOp for Interpolate {
    type Op = Picking<Self>;
}

impl Described for Interpolate {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("interpolate", OpKind::Rearrangement, Self::ABOUT).saying(
            &Phrases {
                factors: &[FactorWords::in_one(
                    FactorKind::Scale,
                    "how much of it is in each pixel",
                    "{value}, how much of it is in that pixel",
                )],
                unheard: "No neuron of {layers} is made of {me}, so nothing comes back.",
                ..Phrases::NONE
            },
        );

    fn check(&self) -> Vec<SettingError> {
        let mut errors = Vec::new();
        if self.align_corners && self.mode.axes().is_none() {
            let must = "must be false with a nearest pixel, which has no corners";
            errors.push(SettingError::unfit("align_corners", must));
        }
        let is_scale = |scale: &Tensor| {
            scale.data().len() == self.size.len() && scale.data().iter().all(|&by| by > 0.0)
        };
        if !self.scale_factor.as_ref().is_none_or(is_scale) {
            let must = "must hold a number above 0 for each of `size`";
            errors.push(SettingError::unfit("scale_factor", must));
        }
        errors
    }
}

/// What is free to choose about the weights of a cubic curve, as PyTorch chooses it.
const CUBIC: f64 = -0.75;

impl Interpolate {
    /// How far apart two pixels of an axis lie on the input.
    fn step(&self, nth: usize, n_in: usize, n_out: usize) -> f64 {
        if self.align_corners {
            return if n_out > 1 {
                (n_in - 1) as f64 / (n_out - 1) as f64
            } else {
                0.0
            };
        }
        match &self.scale_factor {
            Some(scale) => 1.0 / scale.data()[nth],
            None => n_in as f64 / n_out as f64,
        }
    }

    /// The pixels of the input that a pixel of the output is made of, each with its weight.
    fn sources(&self, step: f64, at: usize, n_in: usize) -> Vec<(usize, f64)> {
        let last = n_in - 1;
        let centre = |at: usize| {
            if self.align_corners {
                step * at as f64
            } else {
                step * (at as f64 + 0.5) - 0.5
            }
        };
        match self.mode {
            InterpolationMode::Nearest => vec![(((at as f64 * step) as usize).min(last), 1.0)],
            InterpolationMode::NearestExact => {
                vec![((((at as f64 + 0.5) * step) as usize).min(last), 1.0)]
            }
            InterpolationMode::Linear
            | InterpolationMode::Bilinear
            | InterpolationMode::Trilinear => {
                let place = centre(at).max(0.0);
                let first = (place.floor() as usize).min(last);
                let part = (place - first as f64).clamp(0.0, 1.0);
                gathered([(first, 1.0 - part), ((first + 1).min(last), part)])
            }
            InterpolationMode::Bicubic => {
                let place = centre(at);
                let part = place - place.floor();
                let near = |nth: i64| {
                    let pixel = place.floor() as i64 + nth - 1;
                    pixel.clamp(0, last as i64) as usize
                };
                let weights = [
                    far(part + 1.0),
                    middle(part),
                    middle(1.0 - part),
                    far(2.0 - part),
                ];
                let all = [0, 1, 2, 3].map(|nth| (near(nth as i64), weights[nth]));
                gathered(all)
            }
        }
    }
}

/// The weight of a pixel at most one place away.
pub(super) fn middle(x: f64) -> f64 {
    ((CUBIC + 2.0) * x - (CUBIC + 3.0)) * x * x + 1.0
}

/// The weight of a pixel one to two places away.
pub(super) fn far(x: f64) -> f64 {
    ((CUBIC * x - 5.0 * CUBIC) * x + 8.0 * CUBIC) * x - 4.0 * CUBIC
}

/// How fast the weight of a pixel at most one place away grows with its distance.
pub(super) fn middle_slope(x: f64) -> f64 {
    (3.0 * (CUBIC + 2.0) * x - 2.0 * (CUBIC + 3.0)) * x
}

/// How fast the weight of a pixel one to two places away grows with its distance.
pub(super) fn far_slope(x: f64) -> f64 {
    (3.0 * CUBIC * x - 10.0 * CUBIC) * x + 8.0 * CUBIC
}

/// Adds the weights of equal pixels, which stand beside each other, and leaves out what weighs
/// nothing.
fn gathered<const N: usize>(all: [(usize, f64); N]) -> Vec<(usize, f64)> {
    let mut gathered: Vec<(usize, f64)> = Vec::with_capacity(N);
    for (pixel, weight) in all {
        match gathered.last_mut() {
            Some((last, sum)) if *last == pixel => *sum += weight,
            _ => gathered.push((pixel, weight)),
        }
    }
    gathered.retain(|&(_, weight)| weight != 0.0);
    gathered
}

impl Picks for Interpolate {
    const WEIGHS: bool = true;

    fn output_shape(&self, (name, shape): (&str, &Shape)) -> Result<Shape, ShapeError> {
        let n = self.size.len();
        if shape.rank() != n + 2 {
            let message = format!(
                "`{name}` has shape {shape}, but with {n} sizes it must be [batch, channels] and \
                 {n} more"
            );
            return Err(ShapeError::key("size", message));
        }
        match self.mode.axes() {
            Some(axes) if axes != n => Err(ShapeError::key(
                "mode",
                format!(
                    "\"{}\" is for {axes} axes, but `size` has {n}",
                    self.mode.name()
                ),
            )),
            Some(_) | None => shape_of(&[&shape[..2], &self.size].concat()),
        }
    }

    fn axes(&self, input: &Shape, output: &Shape) -> Vec<Axis> {
        let outer = input[..2].iter().map(|&size| Axis::Kept(size));
        let axis = |nth: usize| {
            let (n_in, n_out) = (input[nth + 2], output[nth + 2]);
            let step = self.step(nth, n_in, n_out);
            Axis::weighed(n_in, (0..n_out).map(|at| self.sources(step, at, n_in)))
        };
        outer.chain((0..self.size.len()).map(axis)).collect()
    }

    /// PyTorch takes the sizes or the scale, and uses the scale as it is given.
    fn torch_arguments(&self, _: &Shape) -> Vec<(&'static str, TorchArgument)> {
        let mut arguments = torch::given(self.given());
        let Some(scale) = &self.scale_factor else {
            return arguments;
        };
        arguments.retain(|(key, _)| !["size", "scale_factor"].contains(key));
        let scale = scale.data().iter().map(|&by| Value::Number(by)).collect();
        arguments.push(("scale_factor", TorchArgument::Value(Value::List(scale))));
        arguments
    }
}
