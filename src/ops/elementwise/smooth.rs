//! Functions without a kink: `mish`, `softsign`, `logsigmoid`, `erf`, `sin`, `cos`, `atan`.

use std::f64::consts::FRAC_2_SQRT_PI;

use super::exponential::sigmoid;
use super::function::{Function, Slope};
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::settings::settings;
use crate::ops::torch::Torch;

settings! {
    /// x · tanh(ln(1 + eˣ)).
    pub struct Mish;
}

impl Described for Mish {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("mish", OpKind::Elementwise, Self::ABOUT);
}

/// How much of z a mish lets through.
fn passed(z: f64) -> f64 {
    libm::tanh(libm::log1p(libm::exp(z)))
}

impl Function for Mish {
    fn title(&self) -> &'static str {
        "Mish"
    }

    fn value(&self, z: f64) -> f64 {
        z * passed(z)
    }

    fn slope(&self, z: f64) -> f64 {
        let passed = passed(z);
        passed + z * sigmoid(z) * (1.0 - passed * passed)
    }
}

settings! {
    /// x over 1 plus its absolute value.
    pub struct Softsign;
}

impl Described for Softsign {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("softsign", OpKind::Elementwise, Self::ABOUT);
}

impl Function for Softsign {
    fn title(&self) -> &'static str {
        "softsign"
    }

    fn value(&self, z: f64) -> f64 {
        z / (1.0 + z.abs())
    }

    /// At ±∞, where its value is NaN, it is NaN, too.
    fn slope(&self, z: f64) -> f64 {
        let below = 1.0 + z.abs();
        if below.is_infinite() {
            f64::NAN
        } else {
            1.0 / below / below
        }
    }

    fn on_slope(&self, slope: Slope) -> String {
        if slope.is_nearly_flat() {
            "At {point} the softsign is nearly flat (saturated): its slope is {slope}."
        } else {
            "At {point} the softsign's slope is {slope}, and 1 is the most it can be."
        }
        .to_owned()
    }
}

settings! {
    /// The logarithm of the sigmoid.
    pub struct LogSigmoid;
}

impl Described for LogSigmoid {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("logsigmoid", OpKind::Elementwise, Self::ABOUT);
}

impl Function for LogSigmoid {
    fn title(&self) -> &'static str {
        "log-sigmoid"
    }

    fn value(&self, z: f64) -> f64 {
        let below = if z > 0.0 { 0.0 } else { z };
        below - libm::log1p(libm::exp(-z.abs()))
    }

    fn slope(&self, z: f64) -> f64 {
        sigmoid(-z)
    }

    fn on_slope(&self, _: Slope) -> String {
        "At {point} the slope of the log-sigmoid is what its sigmoid leaves of 1: {slope}."
            .to_owned()
    }
}

settings! {
    /// The error function: 2/√π times the integral of e^(−t²) from 0 to x.
    pub struct Erf;
}

impl Described for Erf {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("erf", OpKind::Elementwise, Self::ABOUT).in_torch(Torch::Function);
}

impl Function for Erf {
    fn title(&self) -> &'static str {
        "error function"
    }

    fn value(&self, z: f64) -> f64 {
        libm::erf(z)
    }

    fn slope(&self, z: f64) -> f64 {
        FRAC_2_SQRT_PI * libm::exp(-(z * z))
    }

    fn on_slope(&self, _: Slope) -> String {
        "At {point} the slope of the error function is a bell's height, {slope}.".to_owned()
    }
}

settings! {
    /// The sine.
    pub struct Sin;
}

impl Described for Sin {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("sin", OpKind::Elementwise, Self::ABOUT).in_torch(Torch::Function);
}

impl Function for Sin {
    fn title(&self) -> &'static str {
        "sine"
    }

    fn value(&self, z: f64) -> f64 {
        libm::sin(z)
    }

    fn slope(&self, z: f64) -> f64 {
        libm::cos(z)
    }

    fn on_slope(&self, _: Slope) -> String {
        "At {point} the slope of the sine is the cosine: {slope}.".to_owned()
    }

    fn why_flat(&self, _: f64) -> String {
        " is where the sine turns, and its slope is 0".to_owned()
    }
}

settings! {
    /// The cosine.
    pub struct Cos;
}

impl Described for Cos {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("cos", OpKind::Elementwise, Self::ABOUT).in_torch(Torch::Function);
}

impl Function for Cos {
    fn title(&self) -> &'static str {
        "cosine"
    }

    fn value(&self, z: f64) -> f64 {
        libm::cos(z)
    }

    fn slope(&self, z: f64) -> f64 {
        -libm::sin(z)
    }

    fn on_slope(&self, _: Slope) -> String {
        "At {point} the slope of the cosine is the sine with the opposite sign: {slope}.".to_owned()
    }

    fn why_flat(&self, _: f64) -> String {
        " is where the cosine turns, and its slope is 0".to_owned()
    }
}

settings! {
    /// The arc tangent.
    pub struct Atan;
}

impl Described for Atan {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("atan", OpKind::Elementwise, Self::ABOUT).in_torch(Torch::Function);
}

impl Function for Atan {
    fn title(&self) -> &'static str {
        "arc tangent"
    }

    fn value(&self, z: f64) -> f64 {
        libm::atan(z)
    }

    fn slope(&self, z: f64) -> f64 {
        1.0 / (z * z + 1.0)
    }

    fn on_slope(&self, _: Slope) -> String {
        "At {point} the slope of the arc tangent is one over 1 plus its square: {slope}.".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_out_they_are_as_in_pytorch() {
        assert_eq!((Mish.value(1e8), Mish.slope(1e8)), (1e8, 1.0));
        assert!(Mish.slope(f64::INFINITY).is_nan());
        assert!(Softsign.value(f64::INFINITY).is_nan() && Softsign.slope(f64::INFINITY).is_nan());
        let ends = |z| (LogSigmoid.value(z), LogSigmoid.slope(z));
        assert_eq!(ends(f64::INFINITY), (0.0, 0.0));
        assert_eq!(ends(f64::NEG_INFINITY), (f64::NEG_INFINITY, 1.0));
        assert_eq!(ends(-1e3), (-1e3, 1.0));
        assert_eq!((Erf.value(-30.0), Erf.slope(-30.0)), (-1.0, 0.0));
        assert_eq!(Atan.slope(f64::INFINITY), 0.0);
        assert!(Sin.value(f64::INFINITY).is_nan());
    }
}
