//! Smooth activations made of straight lines: `hardsigmoid`, `hardswish`.

use super::function::{Function, Slope};
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::settings::settings;

settings! {
    /// x/6 + 1/2, but at least 0 and at most 1: a sigmoid of straight lines.
    pub struct Hardsigmoid;
}

impl Described for Hardsigmoid {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("hardsigmoid", OpKind::Elementwise, Self::ABOUT);
}

/// The lines bend at −3 and at 3.
const BEND: f64 = 3.0;

/// PyTorch has it as an f32, whatever it computes with.
const A_SIXTH: f64 = (1.0_f32 / 6.0) as f64;

/// How many of the bends lie below a point, where one lies below itself.
fn piece(z: f64) -> (bool, bool) {
    (z > -BEND, z >= BEND)
}

/// 0 up to the first bend, 6 from the second on.
fn ramp(z: f64) -> f64 {
    (z + BEND).clamp(0.0, 2.0 * BEND)
}

impl Function for Hardsigmoid {
    fn title(&self) -> &'static str {
        "hardsigmoid"
    }

    fn value(&self, z: f64) -> f64 {
        ramp(z) / 6.0
    }

    fn slope(&self, z: f64) -> f64 {
        if self.is_closed_at(z) { 0.0 } else { A_SIXTH }
    }

    /// NaN does not pass.
    fn is_closed_at(&self, z: f64) -> bool {
        !(z > -BEND && z < BEND)
    }

    fn has_kink_between(&self, z: f64, other: f64) -> bool {
        piece(z) != piece(other)
    }

    fn on_slope(&self, _: Slope) -> String {
        "At {point}, between −3 and 3, the hardsigmoid rises by a sixth: its slope is {slope}."
            .to_owned()
    }

    fn why_flat(&self, z: f64) -> String {
        if z.abs() == BEND {
            " is where it bends, and there its slope counts as 0"
        } else {
            " is not between −3 and 3: there its slope is 0"
        }
        .to_owned()
    }
}

settings! {
    /// x · hardsigmoid(x): a SiLU of simple pieces.
    pub struct Hardswish;
}

impl Described for Hardswish {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("hardswish", OpKind::Elementwise, Self::ABOUT);
}

impl Function for Hardswish {
    fn title(&self) -> &'static str {
        "hardswish"
    }

    fn value(&self, z: f64) -> f64 {
        z * ramp(z) / 6.0
    }

    /// At 3 and at NaN it is 1.
    fn slope(&self, z: f64) -> f64 {
        if self.is_closed_at(z) {
            0.0
        } else if z < BEND {
            z / 3.0 + 0.5
        } else {
            1.0
        }
    }

    fn is_closed_at(&self, z: f64) -> bool {
        z <= -BEND
    }

    fn has_kink_between(&self, z: f64, other: f64) -> bool {
        piece(z) != piece(other)
    }

    fn is_open_at_slope_one(&self) -> bool {
        true
    }

    fn where_open(&self, z: f64) -> Option<String> {
        (z >= BEND).then(|| " is not below 3".to_owned())
    }

    fn on_slope(&self, _: Slope) -> String {
        "At {point}, between −3 and 3, the slope of the hardswish is a third of it plus a half: \
         {slope}."
            .to_owned()
    }

    fn why_flat(&self, z: f64) -> String {
        if z <= -BEND {
            " is not above −3: there its slope is 0"
        } else {
            " is at the bottom of its dip, where its slope is 0"
        }
        .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_the_bends_the_slopes_are_those_of_pytorch() {
        let slopes = |z| (Hardsigmoid.slope(z), Hardswish.slope(z));
        assert_eq!(slopes(-3.0), (0.0, 0.0));
        assert_eq!(slopes(3.0), (0.0, 1.0));
        assert_eq!(slopes(0.0), (f64::from(1.0_f32 / 6.0), 0.5));
        assert_eq!(slopes(f64::NAN), (0.0, 1.0));
        assert_eq!(Hardsigmoid.value(1.0), 2.0 / 3.0);
        assert_eq!(Hardswish.value(f64::INFINITY), f64::INFINITY);
        assert!(Hardswish.value(f64::NEG_INFINITY).is_nan());
        assert!(Hardswish.has_kink_between(2.9, 3.1) && !Hardswish.has_kink_between(-2.9, 2.9));
    }

    #[test]
    fn the_bottom_of_the_dip_is_no_bend() {
        assert_eq!(Hardswish.slope(-1.5), 0.0);
        assert!(!Hardswish.is_closed_at(-1.5));
        assert!(Hardswish.why_flat(-1.5).contains("dip"));
    }
}
