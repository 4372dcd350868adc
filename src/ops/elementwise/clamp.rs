//! `clamp`: the identity between two bounds, each of which may be missing.

use super::function::Function;
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::settings::{SettingError, settings};
use crate::ops::torch::Torch;
use crate::tensor::numerals::number;

settings! {
    /// x, but at least `min` and at most `max`; the slope at a bound is 0.
    #[derive(Copy)]
    pub struct Clamp {
        /// The lower bound.
        min: Option<f64> = None,
        /// The upper bound; where it is below `min`, everything is this.
        max: Option<f64> = None,
    }
}

impl Described for Clamp {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("clamp", OpKind::Elementwise, Self::ABOUT)
            .in_torch(Torch::Function);

    fn check(&self) -> Vec<SettingError> {
        let is_unbounded = self.min.is_none() && self.max.is_none();
        let must = "must be given, or `max`";
        is_unbounded
            .then(|| SettingError::unfit("min", must))
            .into_iter()
            .collect()
    }
}

impl Clamp {
    fn is_above_min(&self, z: f64) -> bool {
        self.min.is_none_or(|min| z > min)
    }

    fn is_below_max(&self, z: f64) -> bool {
        self.max.is_none_or(|max| z < max)
    }

    /// Where it is the identity, as the end of a sentence.
    fn inside(&self) -> String {
        match (self.min.map(number), self.max.map(number)) {
            (Some(min), Some(max)) => format!("between {min} and {max}"),
            (Some(min), None) => format!("above {min}"),
            (None, Some(max)) => format!("below {max}"),
            (None, None) => "a number".to_owned(),
        }
    }
}

impl Function for Clamp {
    fn title(&self) -> &'static str {
        "clamp"
    }

    fn value(&self, z: f64) -> f64 {
        if z.is_nan() {
            return z;
        }
        let raised = self.min.map_or(z, |min| z.max(min));
        self.max.map_or(raised, |max| raised.min(max))
    }

    fn slope(&self, z: f64) -> f64 {
        if self.is_closed_at(z) { 0.0 } else { 1.0 }
    }

    /// NaN does not pass, other than in a hardtanh.
    fn is_closed_at(&self, z: f64) -> bool {
        !(self.is_above_min(z) && self.is_below_max(z))
    }

    fn has_kink_between(&self, z: f64, other: f64) -> bool {
        let sides = |z| (self.is_above_min(z), self.is_below_max(z));
        sides(z) != sides(other) && self.value(z) != self.value(other)
    }

    fn is_open_at_slope_one(&self) -> bool {
        true
    }

    fn where_open(&self, _: f64) -> Option<String> {
        Some(format!(" is {}", self.inside()))
    }

    fn has_same_slope_at_output(&self) -> bool {
        true
    }

    fn is_gate(&self) -> bool {
        true
    }

    fn why_flat(&self, z: f64) -> String {
        if Some(z) == self.min || Some(z) == self.max {
            format!(" is exactly {}, where its slope counts as 0", number(z))
        } else {
            format!(" is not {}: there its slope is 0", self.inside())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ops::testing::{Layer, refuses};

    #[test]
    fn each_bound_may_be_missing() {
        let clamp = |min, max| Clamp { min, max };
        for (clamp, z, value, slope) in [
            (clamp(Some(-1.0), Some(2.0)), -1.0, -1.0, 0.0),
            (clamp(Some(-1.0), Some(2.0)), 0.5, 0.5, 1.0),
            (clamp(Some(-1.0), Some(2.0)), 3.0, 2.0, 0.0),
            (clamp(Some(1.0), None), f64::INFINITY, f64::INFINITY, 1.0),
            (clamp(Some(1.0), None), 0.0, 1.0, 0.0),
            (clamp(None, Some(1.0)), -5.0, -5.0, 1.0),
            (clamp(None, Some(1.0)), 1.0, 1.0, 0.0),
            (clamp(Some(1.0), Some(-1.0)), 0.0, -1.0, 0.0),
        ] {
            assert_eq!(
                (clamp.value(z), clamp.slope(z)),
                (value, slope),
                "{clamp:?}"
            );
        }
        let both = clamp(Some(0.0), Some(1.0));
        assert!(both.value(f64::NAN).is_nan() && both.is_closed_at(f64::NAN));
    }

    #[test]
    fn a_bound_is_a_kink_unless_all_is_constant() {
        let above = Clamp {
            min: Some(1.0),
            max: None,
        };
        assert!(above.has_kink_between(0.9, 1.1) && above.has_kink_between(1.0, 1.1));
        assert!(!above.has_kink_between(0.8, 0.9) && !above.has_kink_between(1.1, 1.2));
        let constant = Clamp {
            min: Some(1.0),
            max: Some(1.0),
        };
        assert!(!constant.has_kink_between(0.9, 1.1));
        assert_eq!(above.why_flat(0.0), " is not above 1: there its slope is 0");
    }

    #[test]
    fn a_bound_is_needed() {
        refuses(&[(
            json!({"op": "clamp"}),
            &[json!([1])],
            "min: must be given, or `max`",
        )]);
        let layer = Layer::new(json!({"op": "clamp", "max": 2}), &[json!([1, 3])]).unwrap();
        assert_eq!(layer.output().data(), [1.0, 2.0]);
    }
}
