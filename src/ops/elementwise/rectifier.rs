//! Functions that are the identity above 0: `relu`, `leaky_relu`, `elu`.

use super::function::{Function, Slope};
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::settings::settings;

settings! {
    /// max(0, x), with a slope of 0 at exactly 0.
    pub struct Relu;
}

impl Described for Relu {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("relu", OpKind::Elementwise, Self::ABOUT);
}

impl Function for Relu {
    fn title(&self) -> &'static str {
        "ReLU"
    }

    #[inline]
    fn value(&self, z: f64) -> f64 {
        // Written so that NaN and −0 stay what they are.
        if z < 0.0 { 0.0 } else { z }
    }

    #[inline]
    fn slope(&self, z: f64) -> f64 {
        if self.is_closed_at(z) { 0.0 } else { 1.0 }
    }

    /// NaN passes.
    #[inline]
    fn is_closed_at(&self, z: f64) -> bool {
        z <= 0.0
    }

    fn has_kink_between(&self, z: f64, other: f64) -> bool {
        are_on_both_sides(z, other)
    }

    fn is_open_at_slope_one(&self) -> bool {
        true
    }

    fn has_same_slope_at_output(&self) -> bool {
        true
    }

    fn is_gate(&self) -> bool {
        true
    }

    fn why_flat(&self, z: f64) -> String {
        if z == 0.0 {
            " is exactly 0, where its slope counts as 0"
        } else {
            " is below 0, where its slope is 0"
        }
        .to_owned()
    }
}

settings! {
    /// x where it is positive, else `negative_slope` · x.
    #[derive(Copy)]
    pub struct LeakyRelu {
        /// The slope on the negative side and at 0.
        negative_slope: f64 = 0.01,
    }
}

impl Described for LeakyRelu {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("leaky_relu", OpKind::Elementwise, Self::ABOUT);
}

impl Function for LeakyRelu {
    fn title(&self) -> &'static str {
        "leaky ReLU"
    }

    fn value(&self, z: f64) -> f64 {
        if z > 0.0 { z } else { self.negative_slope * z }
    }

    fn slope(&self, z: f64) -> f64 {
        if z > 0.0 { 1.0 } else { self.negative_slope }
    }

    fn has_kink_between(&self, z: f64, other: f64) -> bool {
        self.negative_slope != 1.0 && are_on_both_sides(z, other)
    }

    fn is_open_at_slope_one(&self) -> bool {
        true
    }

    fn has_same_slope_at_output(&self) -> bool {
        true
    }

    fn where_open(&self, z: f64) -> Option<String> {
        (z > 0.0).then(|| " is above 0".to_owned())
    }

    fn why_flat(&self, _: f64) -> String {
        " is not above 0, where its slope is 0".to_owned()
    }

    fn on_slope(&self, _: Slope) -> String {
        "At {point}, not above 0, the {function}'s slope is {slope}.".to_owned()
    }
}

settings! {
    /// x where it is positive, else `alpha` · (eˣ − 1).
    #[derive(Copy)]
    pub struct Elu {
        /// How far down the negative side reaches.
        alpha: f64 = 1.0,
    }
}

impl Described for Elu {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("elu", OpKind::Elementwise, Self::ABOUT);
}

impl Function for Elu {
    fn title(&self) -> &'static str {
        "ELU"
    }

    fn value(&self, z: f64) -> f64 {
        if z > 0.0 {
            z
        } else {
            self.alpha * libm::expm1(z)
        }
    }

    /// At NaN it is 1.
    fn slope(&self, z: f64) -> f64 {
        if z <= 0.0 {
            self.alpha * libm::exp(z)
        } else {
            1.0
        }
    }

    fn has_kink_between(&self, z: f64, other: f64) -> bool {
        self.alpha != 1.0 && are_on_both_sides(z, other)
    }

    fn is_open_at_slope_one(&self) -> bool {
        true
    }
}

fn are_on_both_sides(z: f64, other: f64) -> bool {
    (z > 0.0) != (other > 0.0)
}
