//! `maximum`, `minimum`: the larger or the smaller of two.

use super::of_places::{Joint, OfPlaces};
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::phrases::{FactorWords, Phrases};
use crate::ops::settings::settings;
use crate::ops::torch::Torch;
use crate::ops::{Factor, FactorKind, IntoOp};

settings! {
    /// The larger of two, element by element, with broadcasting; equal ones get half each.
    pub struct Maximum;
}

settings! {
    /// The smaller of two, element by element, with broadcasting; equal ones get half each.
    pub struct Minimum;
}

macro_rules! extremes {
    ($($extreme:ident is $name:literal, the $which:literal: $value:expr, $loses:expr;)+) => {
        $(impl IntoOp for $extreme {
            type Op = OfPlaces<Self>;
        }

        impl Described for $extreme {
            const DESCRIPTOR: &'static Descriptor =
                &Descriptor::of::<Self>($name, OpKind::Elementwise, Self::ABOUT)
                    .reading(2..=2)
                    .in_torch(Torch::Function)
                    .saying(&Phrases {
                        lost: concat!(
                            "{me=} is not the ", $which,
                            " of the two, and a small nudge of it changes nothing"
                        ),
                        unchanged: concat!(": the ", $which, " of the two gets all of it"),
                        twice: "It sends half of its gradient to each",
                        factors: &[FactorWords::of(
                            FactorKind::Winner,
                            "a half, as the two are equal",
                        )],
                        ..Phrases::NONE
                    });
        }

        impl Joint for $extreme {
            fn value(&self, elements: &[f64]) -> f64 {
                let value: fn(f64, f64) -> f64 = $value;
                // NaN stays what it is.
                elements
                    .iter()
                    .copied()
                    .reduce(|a, b| if a.is_nan() || b.is_nan() { a + b } else { value(a, b) })
                    .unwrap_or(f64::NAN)
            }

            /// NaN does not lose.
            fn factor(&self, number: usize, elements: &[f64]) -> Option<Factor> {
                let loses: fn(f64, f64) -> bool = $loses;
                let (own, other) = (elements[number], elements[1 - number]);
                if loses(own, other) {
                    Some(Factor::closed(FactorKind::Winner))
                } else {
                    (own == other).then(|| Factor::of(FactorKind::Winner, 0.5))
                }
            }

            fn has_kink_between(&self, elements: &[f64], others: &[f64]) -> bool {
                let order = |of: &[f64]| of[0].partial_cmp(&of[1]);
                order(elements) != order(others)
            }
        })+
    };
}

extremes! {
    Maximum is "maximum", the "larger": f64::max, |own, other| own < other;
    Minimum is "minimum", the "smaller": f64::min, |own, other| own > other;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::OperandRole;
    use crate::ops::testing::{Layer, noise};

    #[test]
    fn equal_ones_share_and_a_loser_is_closed() {
        let inputs = [json!([1, 2, 3]), json!([4, 2, -1])];
        let largest = Layer::new(json!({"op": "maximum"}), &inputs).unwrap();
        let smallest = Layer::new(json!({"op": "minimum"}), &inputs).unwrap();
        assert_eq!(largest.output().data(), [4.0, 2.0, 3.0]);
        assert_eq!(smallest.output().data(), [1.0, 2.0, -1.0]);
        let upstream = [f64::INFINITY, 6.0, 8.0];
        let gradients = |layer: &Layer| {
            [0, 1].map(|number| layer.gradient(OperandRole::Input(number), &upstream))
        };
        let infinite = f64::INFINITY;
        assert_eq!(
            gradients(&largest),
            [vec![0.0, 3.0, 8.0], vec![infinite, 3.0, 0.0]]
        );
        assert_eq!(
            gradients(&smallest),
            [vec![infinite, 3.0, 0.0], vec![0.0, 3.0, 8.0]]
        );
    }

    #[test]
    fn the_laws_hold_with_broadcasting() {
        for op in ["maximum", "minimum"] {
            let inputs = [noise(&[2, 3], 1), noise(&[3], 2)];
            let layer = Layer::new(json!({ "op": op }), &inputs).unwrap();
            layer.keeps_the_laws(0.0);
        }
    }

    #[test]
    fn a_kink_is_where_the_other_wins() {
        let of = |x: f64| Layer::new(json!({"op": "maximum"}), &[json!([0, x]), json!(1)]).unwrap();
        assert_eq!(of(0.5).kink(&of(0.9)), None);
        assert_eq!(of(0.9).kink(&of(1.1)), Some(1));
        assert_eq!(of(1.0).kink(&of(1.1)), Some(1));
    }
}
