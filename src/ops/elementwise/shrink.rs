//! Functions that give up a middle or a lower part of the line: `softshrink`, `hardshrink`,
//! `tanhshrink`, `threshold`.

use super::function::{Function, Slope};
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::settings::{Domain, Interval, settings};
use crate::tensor::numerals::number;

settings! {
    /// x moved by `lambd` towards 0, and 0 where it is no farther from 0 than that.
    #[derive(Copy)]
    pub struct Softshrink {
        /// By how much.
        lambd: f64 = 0.5 => Domain::NumberIn(Interval::NOT_NEGATIVE),
    }
}

settings! {
    /// x, but 0 where it is no farther from 0 than `lambd`.
    #[derive(Copy)]
    pub struct Hardshrink {
        /// How far.
        lambd: f64 = 0.5 => Domain::NumberIn(Interval::NOT_NEGATIVE),
    }
}

impl Described for Softshrink {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("softshrink", OpKind::Elementwise, Self::ABOUT);
}

impl Described for Hardshrink {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("hardshrink", OpKind::Elementwise, Self::ABOUT);
}

/// Where a point lies beside the middle that becomes 0; NaN lies in none of them.
fn side(z: f64, lambd: f64) -> (bool, bool) {
    (z < -lambd, z > lambd)
}

fn is_in_the_middle(z: f64, lambd: f64) -> bool {
    z.abs() <= lambd
}

fn outside(lambd: f64) -> String {
    format!(" is farther from 0 than {}", number(lambd))
}

fn inside(lambd: f64) -> String {
    let lambd = number(lambd);
    format!(" is not farther from 0 than {lambd}: there its slope is 0")
}

macro_rules! shrinks {
    ($function:ty, $title:literal, |$self:ident, $z:ident| $value:expr,
        jumps: |$of:ident| $jumps:expr) => {
        impl Function for $function {
            fn title(&self) -> &'static str {
                $title
            }

            fn value(&self, z: f64) -> f64 {
                let ($self, $z) = (self, z);
                $value
            }

            fn slope(&self, z: f64) -> f64 {
                if self.is_closed_at(z) { 0.0 } else { 1.0 }
            }

            /// NaN passes.
            fn is_closed_at(&self, z: f64) -> bool {
                is_in_the_middle(z, self.lambd)
            }

            fn has_kink_between(&self, z: f64, other: f64) -> bool {
                side(z, self.lambd) != side(other, self.lambd)
            }

            fn is_open_at_slope_one(&self) -> bool {
                true
            }

            fn where_open(&self, z: f64) -> Option<String> {
                (!z.is_nan()).then(|| outside(self.lambd))
            }

            fn has_same_slope_at_output(&self) -> bool {
                let $of = self;
                $jumps
            }

            fn is_gate(&self) -> bool {
                true
            }

            fn why_flat(&self, _: f64) -> String {
                inside(self.lambd)
            }
        }
    };
}

shrinks!(Softshrink, "softshrink", |of, z| match side(z, of.lambd) {
    (_, true) => z - of.lambd,
    (true, _) => z + of.lambd,
    // The sign of a zero, and NaN, stay.
    (false, false) => z * 0.0,
}, jumps: |of| of.lambd == 0.0);

shrinks!(Hardshrink, "hardshrink", |of, z| if is_in_the_middle(z, of.lambd) {
    0.0
} else {
    z
}, jumps: |_of| true);

settings! {
    /// x − tanh(x).
    pub struct Tanhshrink;
}

impl Described for Tanhshrink {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("tanhshrink", OpKind::Elementwise, Self::ABOUT);
}

impl Function for Tanhshrink {
    fn title(&self) -> &'static str {
        "tanhshrink"
    }

    fn value(&self, z: f64) -> f64 {
        z - libm::tanh(z)
    }

    fn slope(&self, z: f64) -> f64 {
        libm::tanh(z) * libm::tanh(z)
    }

    fn on_slope(&self, _: Slope) -> String {
        "At {point} the slope of the tanhshrink is the square of its tanh: {slope}.".to_owned()
    }

    fn why_flat(&self, _: f64) -> String {
        " is 0, or next to it, where its slope is 0".to_owned()
    }
}

settings! {
    /// x where it is above `threshold`, else `value`.
    #[derive(Copy)]
    pub struct Threshold {
        required {
            /// Up to where the input is given up.
            threshold: f64,
            /// What stands in its place.
            value: f64,
        }
    }
}

impl Described for Threshold {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("threshold", OpKind::Elementwise, Self::ABOUT);
}

impl Function for Threshold {
    fn title(&self) -> &'static str {
        "threshold"
    }

    fn value(&self, z: f64) -> f64 {
        if self.is_closed_at(z) { self.value } else { z }
    }

    fn slope(&self, z: f64) -> f64 {
        if self.is_closed_at(z) { 0.0 } else { 1.0 }
    }

    /// NaN passes.
    fn is_closed_at(&self, z: f64) -> bool {
        z <= self.threshold
    }

    fn has_kink_between(&self, z: f64, other: f64) -> bool {
        (z > self.threshold) != (other > self.threshold)
    }

    fn is_open_at_slope_one(&self) -> bool {
        true
    }

    fn where_open(&self, z: f64) -> Option<String> {
        (!z.is_nan()).then(|| format!(" is above {}", number(self.threshold)))
    }

    fn is_gate(&self) -> bool {
        true
    }

    fn why_flat(&self, _: f64) -> String {
        let (threshold, value) = (number(self.threshold), number(self.value));
        format!(" is not above {threshold}, and {value} stands in its place")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ops::testing::refuses;

    #[test]
    fn the_middle_is_closed_and_its_ends_with_it() {
        let (soft, hard) = (Softshrink { lambd: 0.5 }, Hardshrink { lambd: 0.5 });
        for (z, softly, hardly, slope) in [
            (2.0, 1.5, 2.0, 1.0),
            (-2.0, -1.5, -2.0, 1.0),
            (0.5, 0.0, 0.0, 0.0),
            (-0.25, 0.0, 0.0, 0.0),
        ] {
            assert_eq!((soft.value(z), soft.slope(z)), (softly, slope), "{z}");
            assert_eq!((hard.value(z), hard.slope(z)), (hardly, slope), "{z}");
            assert!(hard.slope(hard.value(z)) == slope, "{z}");
        }
        assert!(soft.value(-0.25).is_sign_negative() && soft.value(f64::NAN).is_nan());
        assert_eq!((soft.slope(f64::NAN), hard.slope(f64::NAN)), (1.0, 1.0));
        assert!(hard.has_kink_between(0.4, 0.6) && !hard.has_kink_between(-0.4, 0.4));
    }

    #[test]
    fn a_threshold_puts_a_value_in_the_place() {
        let threshold = Threshold {
            threshold: 1.0,
            value: 7.0,
        };
        assert_eq!((threshold.value(1.0), threshold.slope(1.0)), (7.0, 0.0));
        assert_eq!((threshold.value(1.5), threshold.slope(1.5)), (1.5, 1.0));
        assert!(threshold.value(f64::NAN).is_nan() && threshold.slope(f64::NAN) == 1.0);
    }

    #[test]
    fn what_is_shrunk_by_is_not_negative() {
        let says = "lambd: must not be negative";
        refuses(&[
            (
                json!({"op": "softshrink", "lambd": -1}),
                &[json!([1])],
                says,
            ),
            (
                json!({"op": "hardshrink", "lambd": -0.5}),
                &[json!([1])],
                says,
            ),
        ]);
    }
}
