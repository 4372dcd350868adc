//! What a function of one element is.

use std::fmt;

use super::super::{Factor, FactorKind, Settings};
use crate::tensor::numerals::number;

/// A function of one element, as PyTorch defines it, with all that is said of it.
pub trait Function: Settings {
    /// What people call it: `leaky ReLU`.
    fn title(&self) -> &'static str;

    /// f(z).
    fn value(&self, z: f64) -> f64;

    /// f′(z).
    fn slope(&self, z: f64) -> f64;

    /// Whether the function is a gate that is closed at z: it lets nothing of an upstream gradient
    /// pass, not even of one that is ∞ or NaN, where a slope of 0 would make NaN of it.
    fn is_closed_at(&self, _z: f64) -> bool {
        false
    }

    /// f′(z) as a factor.
    #[inline]
    fn factor(&self, z: f64) -> Factor {
        if self.is_closed_at(z) {
            Factor::closed(FactorKind::Slope)
        } else {
            Factor::of(FactorKind::Slope, self.slope(z))
        }
    }

    /// How learners work out the slope from the function's own value, where they do.
    fn slope_by_output(&self) -> Option<SlopeByOutput> {
        None
    }

    /// Whether the function has a kink or a step between the two points, or in one of them alone.
    fn has_kink_between(&self, _z: f64, _other: f64) -> bool {
        false
    }

    /// Whether a slope of 1 means that the function is the identity there, so that it needs no
    /// words.
    fn is_open_at_slope_one(&self) -> bool {
        false
    }

    /// Where z lies if people say that the function is open there, as the end of a sentence
    /// about z.
    fn where_open(&self, z: f64) -> Option<String> {
        let place = if z.is_nan() {
            " is not a number"
        } else {
            " is above 0"
        };
        Some(place.to_owned())
    }

    /// Whether the slope at f(z) is that at z, whatever z is.
    fn has_same_slope_at_output(&self) -> bool {
        false
    }

    /// Whether it lets either everything pass or nothing, so that people call it open or closed.
    fn is_gate(&self) -> bool {
        false
    }

    /// What is said of its slope, which is neither NaN nor that of an open function, with `{point}`
    /// for where it is taken, `{function}` for what people call it and `{slope}`.
    fn on_slope(&self, _slope: Slope) -> String {
        "At {point} the {function}'s slope is {slope}.".to_owned()
    }

    /// Why its slope is 0 at z, which is a number, as the end of a sentence about z.
    fn why_flat(&self, _z: f64) -> String {
        " is so far out that its slope is 0".to_owned()
    }
}

/// How a slope f′(z) is worked out from a = f(z).
#[derive(Debug, Clone, Copy)]
pub struct SlopeByOutput {
    /// As people write it: `a(1 − a)`.
    pub formula: &'static str,
    /// f′(z), from a.
    pub of: fn(f64) -> f64,
}

/// A slope as a sentence tells it: `only 0.01` where it is nearly flat.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slope(pub f64);

impl Slope {
    /// A slope below this is called nearly flat.
    const NEARLY_FLAT: f64 = 0.02;

    /// Whether next to nothing passes.
    pub fn is_nearly_flat(self) -> bool {
        self.0.abs() < Self::NEARLY_FLAT
    }
}

impl fmt::Display for Slope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let only = if self.is_nearly_flat() { "only " } else { "" };
        write!(f, "{only}{}", number(self.0))
    }
}
