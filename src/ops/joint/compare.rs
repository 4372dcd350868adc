//! Comparisons, which make masks: 1 where they hold, 0 where they do not.

use super::of_places::{Joint, OfPlaces};
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::phrases::Phrases;
use crate::ops::settings::settings;
use crate::ops::torch::Torch;
use crate::ops::{Factor, FactorKind, IntoOp};

settings! {
    /// 1 where the first is greater than the second, else 0; no gradient passes.
    pub struct Greater;
}

settings! {
    /// 1 where the first is at least the second, else 0; no gradient passes.
    pub struct GreaterOrEqual;
}

settings! {
    /// 1 where the first is less than the second, else 0; no gradient passes.
    pub struct Less;
}

settings! {
    /// 1 where the first is at most the second, else 0; no gradient passes.
    pub struct LessOrEqual;
}

settings! {
    /// 1 where the two are equal, else 0; no gradient passes.
    pub struct Equal;
}

settings! {
    /// 1 where the two are not equal, else 0; no gradient passes.
    pub struct NotEqual;
}

const PHRASES: Phrases = Phrases {
    flat: "a comparison is 0 or 1, and a small nudge of {me=} does not change which",
    ..Phrases::NONE
};

macro_rules! comparisons {
    ($($comparison:ident is $name:literal: $holds:expr;)+) => {
        $(impl IntoOp for $comparison {
            type Op = OfPlaces<Self>;
        }

        impl Described for $comparison {
            const DESCRIPTOR: &'static Descriptor =
                &Descriptor::of::<Self>($name, OpKind::Elementwise, Self::ABOUT)
                    .reading(2..=2)
                    .in_torch(Torch::Function)
                    .saying(&PHRASES);
        }

        impl Joint for $comparison {
            fn value(&self, elements: &[f64]) -> f64 {
                let holds: fn(&f64, &f64) -> bool = $holds;
                f64::from(u8::from(holds(&elements[0], &elements[1])))
            }

            fn factor(&self, _: usize, _: &[f64]) -> Option<Factor> {
                Some(Factor::closed(FactorKind::Jacobian))
            }

            fn has_kink_between(&self, elements: &[f64], others: &[f64]) -> bool {
                self.value(elements) != self.value(others)
            }
        })+
    };
}

comparisons! {
    Greater is "gt": f64::gt;
    GreaterOrEqual is "ge": f64::ge;
    Less is "lt": f64::lt;
    LessOrEqual is "le": f64::le;
    Equal is "eq": f64::eq;
    NotEqual is "ne": f64::ne;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::OperandRole;
    use crate::ops::testing::Layer;

    #[test]
    fn they_make_masks_that_nothing_passes() {
        for (op, mask) in [
            ("gt", [0.0, 0.0, 1.0]),
            ("ge", [0.0, 1.0, 1.0]),
            ("lt", [1.0, 0.0, 0.0]),
            ("le", [1.0, 1.0, 0.0]),
            ("eq", [0.0, 1.0, 0.0]),
            ("ne", [1.0, 0.0, 1.0]),
        ] {
            let inputs = [json!([1, 2, 3]), json!(2)];
            let layer = Layer::new(json!({ "op": op }), &inputs).unwrap();
            assert_eq!(layer.output().data(), mask, "{op}");
            for number in [0, 1] {
                let gradient = layer.gradient(OperandRole::Input(number), &[f64::INFINITY; 3]);
                assert!(gradient.iter().all(|&gradient| gradient == 0.0), "{op}");
            }
        }
    }

    #[test]
    fn a_step_is_where_another_holds() {
        let of = |x: f64| Layer::new(json!({"op": "ge"}), &[json!(x), json!(1)]).unwrap();
        assert_eq!(of(0.9).kink(&of(1.0)), Some(0));
        assert_eq!(of(1.0).kink(&of(1.1)), None);
    }
}
