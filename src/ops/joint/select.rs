//! `where`: one tensor or another, as a condition says.

use super::of_places::{Joint, OfPlaces};
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::phrases::Phrases;
use crate::ops::settings::settings;
use crate::ops::torch::Torch;
use crate::ops::{Factor, FactorKind, IntoOp};

settings! {
    /// The second tensor where the first is not 0, else the third, with broadcasting.
    ///
    /// The first is a condition, as a comparison makes it, and gets no gradient.
    pub struct Where;
}

impl IntoOp for Where {
    type Op = OfPlaces<Self>;
}

impl Described for Where {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("where", OpKind::Elementwise, Self::ABOUT)
            .reading(3..=3)
            .in_torch(Torch::Expression("torch.where({x} != 0, {y}, {z})"))
            .saying(&Phrases {
                lost: "the condition takes the other side there",
                unchanged: ": the condition takes this side there",
                flat: "{me=} is a condition, which only says which side is taken, and a small \
                       nudge of it does not change which",
                ..Phrases::NONE
            });
}

const CONDITION: usize = 0;

/// The number of the side that a condition takes.
fn taken(condition: f64) -> usize {
    if condition != 0.0 { 1 } else { 2 }
}

impl Joint for Where {
    fn value(&self, elements: &[f64]) -> f64 {
        elements[taken(elements[CONDITION])]
    }

    fn factor(&self, number: usize, elements: &[f64]) -> Option<Factor> {
        if number == CONDITION {
            Some(Factor::closed(FactorKind::Jacobian))
        } else {
            let is_lost = number != taken(elements[CONDITION]);
            is_lost.then(|| Factor::closed(FactorKind::Winner))
        }
    }

    fn has_kink_between(&self, elements: &[f64], others: &[f64]) -> bool {
        taken(elements[CONDITION]) != taken(others[CONDITION])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::OperandRole;
    use crate::ops::testing::{Layer, noise, refuses};

    #[test]
    fn the_side_that_is_not_taken_is_closed() {
        let inputs = [json!([1, 0, 0.5]), json!([10, 20, 30]), json!(-1)];
        let layer = Layer::new(json!({"op": "where"}), &inputs).unwrap();
        assert_eq!(layer.output().data(), [10.0, -1.0, 30.0]);
        let upstream = [3.0, f64::INFINITY, 5.0];
        let gradient = |number| layer.gradient(OperandRole::Input(number), &upstream);
        assert_eq!(gradient(0), [0.0, 0.0, 0.0]);
        assert_eq!(gradient(1), [3.0, 0.0, 5.0]);
        assert_eq!(gradient(2), [f64::INFINITY]);
        assert_eq!(
            layer.terms(OperandRole::Input(2), 0),
            [
                (0, vec![("winner", 0.0)]),
                (1, vec![]),
                (2, vec![("winner", 0.0)])
            ]
        );
    }

    #[test]
    fn the_laws_hold_with_broadcasting() {
        let inputs = [json!([[1], [0]]), noise(&[2, 3], 1), noise(&[3], 2)];
        let layer = Layer::new(json!({"op": "where"}), &inputs).unwrap();
        layer.keeps_the_laws(0.0);
    }

    #[test]
    fn a_condition_that_turns_is_a_step() {
        let of = |c: f64| {
            let inputs = [json!(c), json!(1), json!(2)];
            Layer::new(json!({"op": "where"}), &inputs).unwrap()
        };
        assert_eq!(of(0.0).kink(&of(0.1)), Some(0));
        assert_eq!(of(0.1).kink(&of(0.2)), None);
    }

    #[test]
    fn sides_that_do_not_broadcast_are_refused() {
        refuses(&[(
            json!({"op": "where"}),
            &[json!(1), json!([1, 2]), json!([1, 2, 3])],
            "from 2: `c` has shape [3], but the inputs before it make [2]: they do not broadcast",
        )]);
    }
}
