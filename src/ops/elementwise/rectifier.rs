//! Functions that are the identity above 0: `relu`, `leaky_relu`, `elu`, `selu`,
//! `celu`.

use super::function::{Function, Slope};
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::settings::{SettingError, settings};

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

settings! {
    /// An ELU whose two numbers keep mean and variance as they are from layer to layer.
    pub struct Selu;
}

impl Described for Selu {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("selu", OpKind::Elementwise, Self::ABOUT);
}

impl Selu {
    /// How far down the negative side reaches before it is scaled (Klambauer et al., 2017).
    pub const ALPHA: f64 = 1.673_263_242_354_377_2;
    /// By what everything is scaled.
    pub const SCALE: f64 = 1.050_700_987_355_480_5;
    const ELU: Elu = Elu { alpha: Self::ALPHA };
}

impl Function for Selu {
    fn title(&self) -> &'static str {
        "SELU"
    }

    fn value(&self, z: f64) -> f64 {
        Self::SCALE * Self::ELU.value(z)
    }

    fn slope(&self, z: f64) -> f64 {
        Self::SCALE * Self::ELU.slope(z)
    }

    fn has_kink_between(&self, z: f64, other: f64) -> bool {
        Self::ELU.has_kink_between(z, other)
    }
}

settings! {
    /// x where it is positive, else `alpha` · (e^(x/`alpha`) − 1), with a slope of 1 at 0.
    #[derive(Copy)]
    pub struct Celu {
        /// How far down the negative side reaches.
        alpha: f64 = 1.0,
    }
}

impl Described for Celu {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("celu", OpKind::Elementwise, Self::ABOUT);

    fn check(&self) -> Vec<SettingError> {
        let must = "must not be 0, because CELU divides by it";
        (self.alpha == 0.0)
            .then(|| SettingError::unfit("alpha", must))
            .into_iter()
            .collect()
    }
}

impl Function for Celu {
    fn title(&self) -> &'static str {
        "CELU"
    }

    fn value(&self, z: f64) -> f64 {
        if z > 0.0 {
            z
        } else {
            self.alpha * libm::expm1(z / self.alpha)
        }
    }

    /// At NaN it is 1.
    fn slope(&self, z: f64) -> f64 {
        if z <= 0.0 {
            libm::exp(z / self.alpha)
        } else {
            1.0
        }
    }

    fn is_open_at_slope_one(&self) -> bool {
        true
    }

    fn where_open(&self, z: f64) -> Option<String> {
        (z >= 0.0).then(|| " is not below 0".to_owned())
    }
}

fn are_on_both_sides(z: f64, other: f64) -> bool {
    (z > 0.0) != (other > 0.0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ops::testing::refuses;

    #[test]
    fn the_negative_sides_meet_at_0() {
        assert_eq!(
            (Celu::default().slope(0.0), Celu::default().value(0.0)),
            (1.0, 0.0)
        );
        assert_eq!(Selu.slope(0.0), Selu::SCALE * Selu::ALPHA);
        assert_eq!(Selu.slope(1.0), Selu::SCALE);
        assert!(Selu.has_kink_between(-0.1, 0.1) && !Selu.has_kink_between(0.1, 0.2));
        let half = Celu { alpha: 0.5 };
        assert!((half.value(-3.0) + 0.498_760_623).abs() < 1e-9);
        assert_eq!(
            (half.slope(f64::NAN), Selu.slope(f64::NAN)),
            (1.0, Selu::SCALE)
        );
    }

    #[test]
    fn an_alpha_of_0_is_refused() {
        let says = "alpha: must not be 0, because CELU divides by it";
        refuses(&[(json!({"op": "celu", "alpha": 0}), &[json!([1])], says)]);
    }
}
