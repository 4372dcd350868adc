//! What is done to the sign alone: `abs`, `neg`.

use super::function::{Function, Slope};
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::settings::settings;
use crate::ops::torch::Torch;

settings! {
    /// The absolute value, with a slope of 0 at exactly 0.
    pub struct Abs;
}

impl Described for Abs {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("abs", OpKind::Elementwise, Self::ABOUT).in_torch(Torch::Function);
}

impl Function for Abs {
    fn title(&self) -> &'static str {
        "absolute value"
    }

    fn value(&self, z: f64) -> f64 {
        z.abs()
    }

    fn slope(&self, z: f64) -> f64 {
        // That of NaN is 0.
        f64::from(i8::from(z > 0.0) - i8::from(z < 0.0))
    }

    fn has_kink_between(&self, z: f64, other: f64) -> bool {
        z.signum() != other.signum() || (z == 0.0) != (other == 0.0)
    }

    fn on_slope(&self, slope: Slope) -> String {
        let way = if slope.0 > 0.0 { "rises" } else { "falls" };
        format!("At {{point}} the absolute value {way} with it: its slope is {{slope}}.")
    }

    fn why_flat(&self, _: f64) -> String {
        " is exactly 0, where its slope counts as 0".to_owned()
    }
}

settings! {
    /// −x.
    pub struct Neg;
}

impl Described for Neg {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("neg", OpKind::Elementwise, Self::ABOUT).in_torch(Torch::Function);
}

impl Function for Neg {
    fn title(&self) -> &'static str {
        "negation"
    }

    fn value(&self, z: f64) -> f64 {
        -z
    }

    fn slope(&self, _: f64) -> f64 {
        -1.0
    }

    fn on_slope(&self, _: Slope) -> String {
        "A negation turns the sign: its slope is {slope} everywhere.".to_owned()
    }
}
