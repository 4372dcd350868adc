//! `softplus`.

use super::exponential::sigmoid;
use super::function::Function;
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::settings::{SettingError, settings};

settings! {
    /// ln(1 + e^(`beta` x)) / `beta`, and x itself where `beta` x is above `threshold`.
    #[derive(Copy)]
    pub struct Softplus {
        /// How sharp the bend is.
        beta: f64 = 1.0,
        /// Where the function is taken to be straight.
        threshold: f64 = 20.0,
    }
}

impl Described for Softplus {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("softplus", OpKind::Elementwise, Self::ABOUT);

    fn check(&self) -> Vec<SettingError> {
        let must = "must not be 0, because softplus divides by it";
        (self.beta == 0.0)
            .then(|| SettingError::unfit("beta", must))
            .into_iter()
            .collect()
    }
}

impl Softplus {
    fn is_straight_at(&self, z: f64) -> bool {
        self.beta * z > self.threshold
    }
}

impl Function for Softplus {
    fn title(&self) -> &'static str {
        "softplus"
    }

    fn value(&self, z: f64) -> f64 {
        if self.is_straight_at(z) {
            z
        } else {
            libm::log1p(libm::exp(self.beta * z)) / self.beta
        }
    }

    fn slope(&self, z: f64) -> f64 {
        if self.is_straight_at(z) {
            1.0
        } else {
            sigmoid(self.beta * z)
        }
    }

    fn has_kink_between(&self, z: f64, other: f64) -> bool {
        self.is_straight_at(z) != self.is_straight_at(other)
    }
}
