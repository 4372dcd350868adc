//! Powers: `pow`, `sqrt`.

use super::function::{Function, Slope};
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::phrases::Phrases;
use crate::ops::settings::settings;
use crate::ops::torch::Torch;
use crate::tensor::numerals::number;

settings! {
    /// x to the power of `exponent`.
    #[derive(Copy)]
    pub struct Pow {
        required {
            /// The exponent, a constant.
            exponent: f64,
        }
    }
}

impl Described for Pow {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("pow", OpKind::Elementwise, Self::ABOUT)
            .saying(&Phrases::with_remedy(
                "keep the base away from 0 and from below it, as by adding a small number first",
            ))
            .in_torch(Torch::Function);
}

impl Function for Pow {
    fn title(&self) -> &'static str {
        "power"
    }

    fn value(&self, z: f64) -> f64 {
        power(z, self.exponent)
    }

    fn slope(&self, z: f64) -> f64 {
        // z⁰ is 1 everywhere, even at 0.
        if self.exponent == 0.0 {
            0.0
        } else {
            self.exponent * power(z, self.exponent - 1.0)
        }
    }

    /// z⁰ hears nothing of z.
    fn is_closed_at(&self, _: f64) -> bool {
        self.exponent == 0.0
    }

    /// On the two sides of its pole.
    fn has_kink_between(&self, z: f64, other: f64) -> bool {
        self.exponent < 0.0 && z * other < 0.0
    }

    fn on_slope(&self, _: Slope) -> String {
        let exponent = number(self.exponent);
        format!(
            "At {{point}} the slope of the power is the exponent, {exponent}, times the power that \
             is one lower: {{slope}}."
        )
    }

    fn why_flat(&self, z: f64) -> String {
        if self.exponent == 0.0 {
            " may be what it will, for the exponent is 0 and the power always 1"
        } else if z == 0.0 {
            " is exactly 0, where its slope is 0"
        } else {
            " is so far out that its slope is 0"
        }
        .to_owned()
    }
}

/// z to a power. Those that roots, products and quotients give are worked out by these, as in
/// PyTorch, which at −0 and −∞ is not the same.
pub(in crate::ops) fn power(z: f64, exponent: f64) -> f64 {
    if exponent < 0.0 && [-0.5, -1.0, -2.0].contains(&exponent) {
        1.0 / power(z, -exponent)
    } else if exponent == 0.5 {
        z.sqrt()
    } else if exponent == 2.0 {
        z * z
    } else if exponent == 3.0 {
        z * z * z
    } else {
        libm::pow(z, exponent)
    }
}

settings! {
    /// The square root.
    pub struct Sqrt;
}

impl Described for Sqrt {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("sqrt", OpKind::Elementwise, Self::ABOUT)
            .saying(&Phrases::with_remedy(
                "add a small number before the root, or clamp what goes into it",
            ))
            .in_torch(Torch::Function);
}

impl Function for Sqrt {
    fn title(&self) -> &'static str {
        "square root"
    }

    fn value(&self, z: f64) -> f64 {
        z.sqrt()
    }

    fn slope(&self, z: f64) -> f64 {
        1.0 / (2.0 * z.sqrt())
    }

    fn on_slope(&self, _: Slope) -> String {
        "At {point} the slope of the square root is one over twice the root: {slope}.".to_owned()
    }
}
