//! When a number is right.

use half::{bf16, f16};

use crate::scenario::tensor_file::Dtype;

/// How far numbers may be off and still be right, before it is known of which tensor they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// Relative to the right number.
    pub rtol: f64,
    /// Relative to the largest right number of the tensor, so that nothing is right only because
    /// gradients are small.
    pub atol: f64,
    /// What the tolerance is made for; nothing where somebody has chosen it.
    pub of: Option<Origin>,
}

/// Where numbers come from, which says how near the true ones they can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Origin {
    /// Arrays of integers or booleans, in which a gradient has lost its fractions.
    Integers,
    /// Arrays, traces and scenarios: what single precision loses on the way through a network.
    #[default]
    Arrays,
    /// Arrays of float16.
    Float16,
    /// Arrays of bfloat16.
    Bfloat16,
    /// Written by hand, to three significant digits or so.
    People,
}

impl Origin {
    /// Its name in a report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Integers => "integers",
            Self::Arrays => "arrays",
            Self::Float16 => "float16",
            Self::Bfloat16 => "bfloat16",
            Self::People => "people",
        }
    }
}

/// Where the numbers of an array come from.
impl From<Dtype> for Origin {
    fn from(dtype: Dtype) -> Self {
        match dtype {
            Dtype::F16 => Self::Float16,
            Dtype::Bf16 => Self::Bfloat16,
            Dtype::Bool
            | Dtype::I8
            | Dtype::I16
            | Dtype::I32
            | Dtype::I64
            | Dtype::U8
            | Dtype::U16
            | Dtype::U32
            | Dtype::U64 => Self::Integers,
            Dtype::F32 | Dtype::F64 => Self::Arrays,
        }
    }
}

impl From<Origin> for Tolerance {
    fn from(origin: Origin) -> Self {
        let (rtol, atol) = match origin {
            Origin::Integers | Origin::Arrays => (1e-3, 1e-5),
            Origin::Float16 => (1e-2, 1e-3),
            Origin::Bfloat16 => (3e-2, 1e-2),
            Origin::People => (1e-2, 1e-3),
        };
        Self {
            rtol,
            atol,
            of: Some(origin),
        }
    }
}

impl Default for Tolerance {
    fn default() -> Self {
        Origin::People.into()
    }
}

/// What somebody has chosen in the place of the usual tolerances.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ChosenTolerance {
    /// Relative to the right number.
    pub rtol: Option<f64>,
    /// Relative to the largest right number of the tensor.
    pub atol: Option<f64>,
}

impl ChosenTolerance {
    /// The tolerance for numbers that come from somewhere.
    pub fn or_usual(self, origin: Origin) -> Tolerance {
        let usual = Tolerance::from(origin);
        Tolerance {
            rtol: self.rtol.unwrap_or(usual.rtol),
            atol: self.atol.unwrap_or(usual.atol),
            of: usual.of.filter(|_| self == Self::default()),
        }
    }
}

impl Tolerance {
    /// What is right in a tensor whose numbers are as large as `scale`.
    pub fn at(self, scale: f64) -> Bounds {
        Bounds {
            rtol: self.rtol,
            atol: self.atol * scale,
            may_be_rounded: self.of == Some(Origin::People),
            coarsest: f64::INFINITY,
        }
    }

    /// What is right of what becomes of parameters that are as large as `scale` and move by at most
    /// `step`: it is the step that is asked for, as far as the numbers can hold it.
    pub(super) fn at_step(self, step: f64, scale: f64) -> Bounds {
        let resolution = match self.of {
            Some(Origin::Integers | Origin::Arrays) => f64::from(f32::EPSILON),
            Some(Origin::Float16) => f16::EPSILON.to_f64(),
            Some(Origin::Bfloat16) => bf16::EPSILON.to_f64(),
            Some(Origin::People) | None => 0.0,
        };
        Bounds {
            rtol: 0.0,
            atol: (self.rtol + self.atol) * step + resolution * scale,
            coarsest: step / 2.0,
            ..self.at(step)
        }
    }
}

/// When a number of one tensor is right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Relative to the right number.
    pub rtol: f64,
    /// Whatever the right number.
    pub atol: f64,
    /// Whether a decimal is right that is the right number rounded to two significant digits or
    /// more.
    pub may_be_rounded: bool,
    /// The most that half a unit of the last digit of a rounded number may be.
    pub coarsest: f64,
}

impl Bounds {
    /// What rounding in the last few bits leaves apart.
    pub const EXACT: Self = Self {
        rtol: 1e-9,
        atol: 1e-12,
        may_be_rounded: false,
        coarsest: f64::INFINITY,
    };

    /// Whether |yours − expected| ≤ rtol · |expected| + atol; two numbers that are not finite are
    /// the same or not.
    pub fn is_right(self, yours: f64, expected: f64) -> bool {
        if yours.is_finite() && expected.is_finite() {
            let off = (yours - expected).abs();
            return off <= self.width(expected)
                || (self.may_be_rounded
                    && off <= WIDEST_ROUNDING * yours.abs()
                    && off <= half_a_unit(yours)
                    && half_a_unit(yours) <= self.coarsest);
        }
        yours == expected || (yours.is_nan() && expected.is_nan())
    }

    /// How far from a right number others are right.
    pub(super) fn width(self, expected: f64) -> f64 {
        self.rtol * expected.abs() + self.atol
    }

    /// The bounds of numbers that are so many times as large.
    #[must_use]
    pub(super) fn times(self, factor: f64) -> Self {
        Self {
            atol: self.atol * factor,
            ..self
        }
    }

    /// The bounds of what was only printed with fewer digits.
    #[must_use]
    pub(super) fn of_printing(self) -> Self {
        Self {
            rtol: self.rtol / 100.0,
            atol: self.atol / 100.0,
            may_be_rounded: false,
            ..self
        }
    }
}

/// More than half a unit of the last of two digits is of any number. Looking at the digits takes
/// far longer.
const WIDEST_ROUNDING: f64 = 0.051;

/// Half a unit of the last digit of a number with a fraction and two significant digits or more; 0
/// for others, of which nobody knows that they are rounded.
fn half_a_unit(number: f64) -> f64 {
    let (decimals, last) = digits(number);
    if decimals == 0 || last >= 0 {
        return 0.0;
    }
    // A little more, because neither the number nor the half is exact in binary.
    format!("5.000001e{}", last - 1).parse().unwrap_or(0.0)
}

/// How much a unit in its last digit is of a number.
pub(super) fn last_digit(number: f64) -> f64 {
    let (_, last) = digits(number);
    let unit: f64 = format!("1e{last}").parse().unwrap_or(0.0);
    unit / number.abs()
}

/// How many significant digits a number has behind the first, and the power of ten of the last.
fn digits(number: f64) -> (usize, i32) {
    let shortest = format!("{:e}", number.abs());
    let (digits, power) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let decimals = digits.split_once('.').map_or(0, |(_, after)| after.len());
    let power: i32 = power.parse().unwrap_or(0);
    (decimals, power - i32::try_from(decimals).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_is_right() {
        let bounds = Tolerance::default().at(10.0);
        for (yours, expected, is_right) in [
            (4.0, 4.0, true),
            (4.05, 4.0, true),
            (4.051, 4.0, false),
            (0.009, 0.0, true),
            (0.011, 0.0, false),
            (-100.0, -101.0, true),
            (f64::NAN, f64::NAN, true),
            (f64::INFINITY, f64::INFINITY, true),
            (f64::INFINITY, 1.0, false),
            (f64::NEG_INFINITY, f64::INFINITY, false),
            (1.0, f64::INFINITY, false),
            (f64::NAN, 0.0, false),
        ] {
            assert_eq!(
                bounds.is_right(yours, expected),
                is_right,
                "{yours} {expected}"
            );
        }
    }

    #[test]
    fn what_is_small_is_measured_by_the_tensor_and_what_is_rounded_by_its_digits() {
        let people = Tolerance::default().at(1e-4);
        for (yours, expected, is_right) in [
            (0.0, 1e-4, false),
            (-1e-5, 1e-5, false),
            (1e-4, 1e-5, false),
            (0.15, 0.1549, true),
            (0.15, 0.1551, false),
            (0.00013, 0.000_134, true),
            (1.3, 4.0 / 3.0, true),
            (0.3, 1.0 / 3.0, false),
            (12.0, 12.4, false),
            (120.0, 124.0, false),
        ] {
            assert_eq!(
                people.is_right(yours, expected),
                is_right,
                "{yours} {expected}"
            );
        }
        let chosen = ChosenTolerance {
            rtol: Some(0.01),
            atol: None,
        };
        let chosen = chosen.or_usual(Origin::People).at(1.0);
        assert!(!chosen.is_right(1.3, 4.0 / 3.0));
        let halves = [Origin::Arrays, Origin::Float16, Origin::Bfloat16].map(|origin| {
            let bounds = Tolerance::from(origin).at(1.0);
            [1.0008, 1.009, 1.03].map(|yours| bounds.is_right(yours, 1.0))
        });
        assert_eq!(
            halves,
            [
                [true, false, false],
                [true, true, false],
                [true, true, true]
            ]
        );
    }
}
