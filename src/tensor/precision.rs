//! The number formats that a run can be in, and how a number is rounded to one.

use std::str::FromStr;

use half::{bf16, f16};

use super::escapes::Escapes;

/// A number format that every tensor's numbers are rounded to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Precision {
    /// IEEE binary64, in which everything is computed: nothing is rounded.
    #[default]
    F64,
    /// IEEE binary32.
    F32,
    /// bfloat16: the exponents of binary32, and 8 significant bits.
    Bf16,
    /// IEEE binary16: 11 significant bits, and nothing larger than 65504.
    F16,
}

impl Precision {
    /// All of them, the finest first.
    pub const ALL: [Self; 4] = [Self::F64, Self::F32, Self::Bf16, Self::F16];

    /// Its name: `bf16`.
    pub fn name(self) -> &'static str {
        match self {
            Self::F64 => "f64",
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
            Self::F16 => "f16",
        }
    }

    /// The format of a name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Whether numbers are rounded to it at all.
    pub fn rounds(self) -> bool {
        self != Self::F64
    }

    /// Returns the number of the format that is nearest, of two the even one.
    ///
    /// As in PyTorch, a number goes by way of f32 to the two smaller formats and is rounded each
    /// time, so that 1 + 2⁻⁸ + 2⁻⁴⁰ becomes 1 in bf16. What is too large becomes ∞, what is too
    /// small 0 with its sign.
    #[inline]
    pub fn round(self, number: f64) -> f64 {
        match self {
            Self::F64 => number,
            Self::F32 => f64::from(number as f32),
            Self::Bf16 => f64::from(bf16::from_f32(number as f32)),
            Self::F16 => f64::from(f16::from_f32(number as f32)),
        }
    }

    /// Rounds each of some numbers; returns which of them have left the range.
    pub fn round_all(self, numbers: &mut [f64]) -> Escapes {
        let mut escapes = Escapes::default();
        if self.rounds() {
            for (at, number) in numbers.iter_mut().enumerate() {
                let rounded = self.round(*number);
                escapes.note(at, *number, rounded);
                *number = rounded;
            }
        }
        escapes
    }

    /// The largest finite number.
    pub fn largest(self) -> f64 {
        match self {
            Self::F64 => f64::MAX,
            Self::F32 => f64::from(f32::MAX),
            Self::Bf16 => f64::from(bf16::MAX),
            Self::F16 => f64::from(f16::MAX),
        }
    }

    /// The smallest number above 0.
    pub fn smallest(self) -> f64 {
        match self {
            Self::F64 => f64::from_bits(1),
            Self::F32 => f64::from(f32::from_bits(1)),
            Self::Bf16 => f64::from(bf16::from_bits(1)),
            Self::F16 => f64::from(f16::from_bits(1)),
        }
    }

    /// How far it is from a number of the format to the next larger one in size; NaN where there
    /// is none.
    pub fn step_above(self, number: f64) -> f64 {
        let size = self.round(number.abs());
        let next = |bits: u16| bits.wrapping_add(1);
        let next = match self {
            Self::F64 => f64::from_bits(size.to_bits().wrapping_add(1)),
            Self::F32 => f64::from(f32::from_bits((size as f32).to_bits().wrapping_add(1))),
            Self::Bf16 => f64::from(bf16::from_bits(next(bf16::from_f32(size as f32).to_bits()))),
            Self::F16 => f64::from(f16::from_bits(next(f16::from_f32(size as f32).to_bits()))),
        };
        match size.is_finite() && next.is_finite() {
            true => next - size,
            false => f64::NAN,
        }
    }
}

impl FromStr for Precision {
    type Err = UnknownPrecision;

    fn from_str(name: &str) -> Result<Self, UnknownPrecision> {
        Self::find(name).ok_or(UnknownPrecision)
    }
}

/// There is no number format of that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a precision is f64, f32, bf16 or f16")]
pub struct UnknownPrecision;

/// What the numbers of a run are rounded to, and what its gradients are multiplied by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arithmetic {
    /// The format of every value and every gradient.
    pub precision: Precision,
    /// What every given upstream gradient, and so every gradient, is multiplied by.
    pub loss_scale: f64,
}

impl Default for Arithmetic {
    fn default() -> Self {
        Self {
            precision: Precision::F64,
            loss_scale: 1.0,
        }
    }
}

impl Arithmetic {
    /// Whether a run in it is as one in plain f64.
    pub fn is_plain(self) -> bool {
        self == Self::default()
    }

    /// The same without rounding.
    #[must_use]
    pub fn unrounded(self) -> Self {
        Self {
            precision: Precision::F64,
            ..self
        }
    }

    /// Whether a number can be a loss scale: it is finite and above 0.
    pub fn is_loss_scale(number: f64) -> bool {
        number.is_finite() && number > 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2 to a power, exactly.
    fn power(exponent: i32) -> f64 {
        libm::ldexp(1.0, exponent)
    }

    /// The value of a pattern of bits by the definition of its format: of so many bits of
    /// significand, with that largest exponent.
    fn of_bits(bits: u16, n_fraction: u32, bias: i32) -> f64 {
        let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
        let n_exponent = 15 - n_fraction;
        let exponent = i32::from((bits >> n_fraction) & ((1 << n_exponent) - 1));
        let fraction = f64::from(bits & ((1 << n_fraction) - 1));
        let unit = -(n_fraction as i32);
        sign * if exponent == (1 << n_exponent) - 1 {
            if fraction == 0.0 {
                f64::INFINITY
            } else {
                f64::NAN
            }
        } else if exponent == 0 {
            fraction * power(1 - bias + unit)
        } else {
            (1.0 + fraction * power(unit)) * power(exponent - bias)
        }
    }

    const FORMATS: [(Precision, u32, i32); 2] =
        [(Precision::F16, 10, 15), (Precision::Bf16, 7, 127)];

    #[test]
    fn all_patterns_are_numbers_of_their_format() {
        for (format, n_fraction, bias) in FORMATS {
            for bits in 0..=u16::MAX {
                let number = of_bits(bits, n_fraction, bias);
                let rounded = format.round(number);
                let is_same = rounded.to_bits() == number.to_bits();
                assert!(is_same || rounded.is_nan() && number.is_nan(), "{bits:#x}");
            }
        }
    }

    #[test]
    fn what_lies_between_two_numbers_goes_to_the_nearer_and_a_tie_to_the_even() {
        for (format, n_fraction, bias) in FORMATS {
            let infinity = ((1_u16 << (15 - n_fraction)) - 1) << n_fraction;
            for bits in 0..infinity {
                let number = of_bits(bits, n_fraction, bias);
                // Beyond the largest the next would be where the pattern of ∞ stands.
                let next = match bits + 1 == infinity {
                    true => power(1 << (14 - n_fraction)),
                    false => of_bits(bits + 1, n_fraction, bias),
                };
                let above = of_bits(bits + 1, n_fraction, bias);
                let middle = number + (next - number) / 2.0;
                let even = if bits % 2 == 0 { number } else { above };
                // An eighth of the way is more than f32 rounds off, but for the smallest of bf16,
                // which are f32's own.
                let eighth = (next - number) / 8.0;
                for sign in [1.0, -1.0] {
                    let round = |number: f64| (sign * format.round(sign * number)).to_bits();
                    assert_eq!(round(middle), even.to_bits(), "{format:?} {bits:#x}");
                    assert_eq!(
                        round(middle - eighth),
                        number.to_bits(),
                        "{format:?} {bits:#x}"
                    );
                    assert_eq!(
                        round(middle + eighth),
                        above.to_bits(),
                        "{format:?} {bits:#x}"
                    );
                }
            }
        }
    }

    /// What PyTorch 2.15 makes of float64 numbers: `.to(torch.bfloat16)`, `.to(torch.float16)`.
    #[test]
    fn numbers_are_rounded_as_pytorch_casts_them() {
        let twice = 1.0 + power(-8) + power(-40);
        assert_eq!(Precision::Bf16.round(twice), 1.0);
        assert_eq!(
            Precision::Bf16.round(1.0 + power(-8) + power(-20)),
            1.0 + power(-7)
        );
        assert_eq!(Precision::F16.round(1.0 + power(-11) + power(-40)), 1.0);
        assert_eq!(Precision::F16.round(65519.99), 65504.0);
        assert_eq!(Precision::F16.round(65520.0), f64::INFINITY);
        assert_eq!(Precision::F16.round(65519.9999999), f64::INFINITY);
        assert_eq!(Precision::F16.round(-1e5), f64::NEG_INFINITY);
        assert_eq!(Precision::F16.round(power(-25)), 0.0);
        assert_eq!(Precision::F16.round(power(-25) * 1.001), power(-24));
        assert_eq!(Precision::F16.round(-1e-9).to_bits(), (-0.0_f64).to_bits());
        assert_eq!(Precision::Bf16.round(1e-45), 0.0);
        assert_eq!(Precision::Bf16.round(power(-133)), power(-133));
        assert_eq!(Precision::Bf16.round(3.4e38), f64::INFINITY);
        assert_eq!(Precision::F32.round(0.1), f64::from(0.1_f32));
        assert_eq!(Precision::F32.round(1e39), f64::INFINITY);
        for format in Precision::ALL {
            assert!(format.round(f64::NAN).is_nan());
            assert_eq!(format.round(f64::INFINITY), f64::INFINITY);
            assert_eq!(format.round(-0.0).to_bits(), (-0.0_f64).to_bits());
            assert_eq!(format.round(format.smallest()), format.smallest());
            assert_eq!(format.round(format.largest()), format.largest());
        }
    }

    #[test]
    fn the_step_from_number_to_number_grows_with_them() {
        assert_eq!(Precision::F16.step_above(1.0), power(-10));
        assert_eq!(Precision::Bf16.step_above(-300.0), 2.0);
        assert_eq!(Precision::F16.step_above(0.0), power(-24));
        assert!(Precision::F16.step_above(65504.0).is_nan());
        assert!(Precision::F64.step_above(f64::NAN).is_nan());
    }
}
