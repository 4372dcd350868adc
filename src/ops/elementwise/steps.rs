//! Functions that rise by steps, and are flat wherever they are not broken: `sign`, `floor`,
//! `ceil`, `round`.

use super::function::Function;
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::settings::settings;
use crate::ops::torch::Torch;

settings! {
    /// 1 above 0, −1 below it, and 0 at 0 and at NaN; the slope is 0 everywhere.
    pub struct Sign;
}

settings! {
    /// The whole number at x or next below it; the slope is 0 everywhere.
    pub struct Floor;
}

settings! {
    /// The whole number at x or next above it; the slope is 0 everywhere.
    pub struct Ceil;
}

settings! {
    /// The nearest whole number, the even one of two; the slope is 0 everywhere.
    pub struct Round;
}

macro_rules! steps {
    ($($function:ident is $name:literal, called $title:literal: $value:expr;)+) => {
        $(impl Described for $function {
            const DESCRIPTOR: &'static Descriptor =
                &Descriptor::of::<Self>($name, OpKind::Elementwise, Self::ABOUT)
                    .in_torch(Torch::Function);
        }

        impl Function for $function {
            fn title(&self) -> &'static str {
                $title
            }

            fn value(&self, z: f64) -> f64 {
                const VALUE: fn(f64) -> f64 = $value;
                VALUE(z)
            }

            fn slope(&self, _: f64) -> f64 {
                0.0
            }

            /// PyTorch sends zeros back whatever arrives.
            fn is_closed_at(&self, _: f64) -> bool {
                true
            }

            fn has_kink_between(&self, z: f64, other: f64) -> bool {
                self.value(z) != self.value(other)
            }

            fn has_same_slope_at_output(&self) -> bool {
                true
            }

            fn why_flat(&self, _: f64) -> String {
                " is on a step, and a step is level".to_owned()
            }
        })+
    };
}

steps! {
    Sign is "sign", called "sign": |z| f64::from(i8::from(z > 0.0) - i8::from(z < 0.0));
    Floor is "floor", called "floor": f64::floor;
    Ceil is "ceil", called "ceiling": f64::ceil;
    Round is "round", called "rounding": f64::round_ties_even;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_flat_between_their_steps() {
        assert_eq!(
            [Sign.value(-2.0), Sign.value(-0.0), Sign.value(3.0)],
            [-1.0, 0.0, 1.0]
        );
        assert_eq!(Sign.value(f64::NAN), 0.0);
        assert_eq!([Floor.value(-0.5), Ceil.value(-0.5)], [-1.0, 0.0]);
        assert_eq!([0.5, 1.5, -2.5].map(|z| Round.value(z)), [0.0, 2.0, -2.0]);
        assert!(Floor.has_kink_between(0.9, 1.0) && !Floor.has_kink_between(1.0, 1.1));
        assert!(Sign.has_kink_between(0.0, 0.1) && Round.has_kink_between(0.4, 0.6));
        assert!(Ceil.is_closed_at(0.5) && Floor.slope(0.5) == 0.0);
    }
}
