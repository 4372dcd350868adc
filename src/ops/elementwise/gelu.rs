//! `gelu`.

use super::function::Function;
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::settings::{named, settings};

settings! {
    /// x · Φ(x), with the normal distribution's Φ.
    #[derive(Copy)]
    pub struct Gelu {
        /// How Φ is worked out.
        approximate: Approximation = Approximation::None,
    }
}

/// How Φ is worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approximation {
    /// Exactly.
    None,
    /// By a tanh.
    Tanh,
}

named!(Approximation { "none" => Approximation::None, "tanh" => Approximation::Tanh });

impl Described for Gelu {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("gelu", OpKind::Elementwise, Self::ABOUT);
}

const SQRT_2_OVER_PI: f64 = std::f64::consts::FRAC_2_SQRT_PI * std::f64::consts::FRAC_1_SQRT_2;
const ONE_OVER_SQRT_2_PI: f64 =
    std::f64::consts::FRAC_2_SQRT_PI * std::f64::consts::FRAC_1_SQRT_2 / 2.0;
/// The coefficient of the cubic term in GELU's tanh form (Hendrycks and Gimpel, 2016).
const CUBIC: f64 = 0.044715;

impl Function for Gelu {
    fn title(&self) -> &'static str {
        "GELU"
    }

    fn value(&self, z: f64) -> f64 {
        match self.approximate {
            Approximation::None => z * normal_cdf(z),
            Approximation::Tanh => 0.5 * z * (1.0 + libm::tanh(inner(z))),
        }
    }

    fn slope(&self, z: f64) -> f64 {
        match self.approximate {
            Approximation::None => normal_cdf(z) + z * ONE_OVER_SQRT_2_PI * libm::exp(-0.5 * z * z),
            Approximation::Tanh => {
                let tanh = libm::tanh(inner(z));
                let inner_slope = SQRT_2_OVER_PI * (1.0 + 3.0 * CUBIC * z * z);
                0.5 * (1.0 + tanh) + 0.5 * z * (1.0 - tanh * tanh) * inner_slope
            }
        }
    }
}

fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

fn inner(z: f64) -> f64 {
    SQRT_2_OVER_PI * (z + CUBIC * z * z * z)
}
