//! The exponential function and what is made of it: `sigmoid`, `tanh`, `silu`, `exp`, `log`.

use super::function::{Function, Slope, SlopeByOutput};
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::phrases::Phrases;
use crate::ops::settings::settings;
use crate::ops::torch::Torch;

settings! {
    /// 1 / (1 + e⁻ˣ).
    pub struct Sigmoid;
}

impl Described for Sigmoid {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("sigmoid", OpKind::Elementwise, Self::ABOUT)
            .in_torch(Torch::Function);
}

impl Function for Sigmoid {
    fn title(&self) -> &'static str {
        "sigmoid"
    }

    fn value(&self, z: f64) -> f64 {
        sigmoid(z)
    }

    fn slope(&self, z: f64) -> f64 {
        sigmoid(z) * (1.0 - sigmoid(z))
    }

    fn slope_by_output(&self) -> Option<SlopeByOutput> {
        Some(SlopeByOutput {
            formula: "a(1 − a)",
            of: |a| a * (1.0 - a),
        })
    }

    fn on_slope(&self, slope: Slope) -> String {
        if slope.is_nearly_flat() {
            "At {point} the sigmoid is nearly flat (saturated): its slope is {slope}.".to_owned()
        } else if slope.0 == 0.25 {
            "At {point} the sigmoid is steepest, and even there its slope is only 0.25.".to_owned()
        } else {
            "At {point} the sigmoid's slope is {slope}, and 0.25 is the most it can be.".to_owned()
        }
    }
}

settings! {
    /// The hyperbolic tangent.
    pub struct Tanh;
}

impl Described for Tanh {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("tanh", OpKind::Elementwise, Self::ABOUT).in_torch(Torch::Function);
}

impl Function for Tanh {
    fn title(&self) -> &'static str {
        "tanh"
    }

    fn value(&self, z: f64) -> f64 {
        libm::tanh(z)
    }

    fn slope(&self, z: f64) -> f64 {
        1.0 - libm::tanh(z) * libm::tanh(z)
    }

    fn slope_by_output(&self) -> Option<SlopeByOutput> {
        Some(SlopeByOutput {
            formula: "1 − a²",
            of: |a| 1.0 - a * a,
        })
    }

    fn on_slope(&self, slope: Slope) -> String {
        if slope.is_nearly_flat() {
            "At {point} the tanh is nearly flat (saturated): its slope is {slope}.".to_owned()
        } else if slope.0 == 1.0 {
            "At {point} the tanh is steepest: its slope is 1.".to_owned()
        } else {
            "At {point} the tanh's slope is {slope}, and 1 is the most it can be.".to_owned()
        }
    }
}

settings! {
    /// x · sigmoid(x).
    pub struct Silu;
}

impl Described for Silu {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("silu", OpKind::Elementwise, Self::ABOUT);
}

impl Function for Silu {
    fn title(&self) -> &'static str {
        "SiLU"
    }

    fn value(&self, z: f64) -> f64 {
        z * sigmoid(z)
    }

    fn slope(&self, z: f64) -> f64 {
        sigmoid(z) * (1.0 + z * (1.0 - sigmoid(z)))
    }
}

settings! {
    /// eˣ.
    pub struct Exp;
}

impl Described for Exp {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("exp", OpKind::Elementwise, Self::ABOUT)
            .saying(&Phrases::with_remedy(
                "subtract the largest exponent first, as softmax and logsumexp do",
            ))
            .in_torch(Torch::Function);
}

impl Function for Exp {
    fn title(&self) -> &'static str {
        "exp"
    }

    fn value(&self, z: f64) -> f64 {
        libm::exp(z)
    }

    fn slope(&self, z: f64) -> f64 {
        libm::exp(z)
    }

    fn on_slope(&self, _: Slope) -> String {
        "At {point} the slope of exp is exp itself: {slope}.".to_owned()
    }
}

settings! {
    /// The natural logarithm; the slope is 1/x even where x is negative and has none.
    pub struct Log;
}

impl Described for Log {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("log", OpKind::Elementwise, Self::ABOUT)
            .saying(&Phrases::with_remedy(
                "clamp what goes into the logarithm, or take log_softmax or a loss of logits, \
                 which need none",
            ))
            .in_torch(Torch::Function);
}

impl Function for Log {
    fn title(&self) -> &'static str {
        "logarithm"
    }

    fn value(&self, z: f64) -> f64 {
        libm::log(z)
    }

    fn slope(&self, z: f64) -> f64 {
        1.0 / z
    }

    fn on_slope(&self, _: Slope) -> String {
        "At {point} the logarithm's slope is one over it: {slope}.".to_owned()
    }
}

/// 1 / (1 + e⁻ᶻ), without overflow on either side.
pub(in crate::ops) fn sigmoid(z: f64) -> f64 {
    if z >= 0.0 {
        1.0 / (1.0 + libm::exp(-z))
    } else {
        let e = libm::exp(z);
        e / (1.0 + e)
    }
}
