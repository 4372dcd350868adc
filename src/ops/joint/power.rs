//! `pow_tensor`: a power whose exponent is a tensor, too.

use super::of_places::{Joint, OfPlaces};
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::elementwise::power;
use crate::ops::kind::OpKind;
use crate::ops::phrases::{FactorWords, Phrases};
use crate::ops::settings::settings;
use crate::ops::torch::Torch;
use crate::ops::{Factor, FactorKind, IntoOp};

settings! {
    /// One tensor to the power of another, element by element, with broadcasting.
    pub struct PowTensor;
}

impl IntoOp for PowTensor {
    type Op = OfPlaces<Self>;
}

impl Described for PowTensor {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("pow_tensor", OpKind::Elementwise, Self::ABOUT)
            .reading(2..=2)
            .in_torch(Torch::Operator(" ** "))
            .saying(&Phrases {
                factors: &[FactorWords::of(
                    FactorKind::Jacobian,
                    "how fast the power moves with {me}",
                )],
                ..Phrases::NONE
            });
}

impl Joint for PowTensor {
    fn value(&self, elements: &[f64]) -> f64 {
        power(elements[0], elements[1])
    }

    /// For the base the exponent times the power that is one lower, for the exponent the power
    /// times the logarithm of the base. As in PyTorch, x⁰ hears nothing of x, and a power of 0
    /// nothing of its exponent.
    fn factor(&self, number: usize, elements: &[f64]) -> Option<Factor> {
        let (base, exponent) = (elements[0], elements[1]);
        let is_closed = match number {
            0 => exponent == 0.0,
            _ => base == 0.0 && exponent >= 0.0,
        };
        Some(if is_closed {
            Factor::closed(FactorKind::Jacobian)
        } else if number == 0 {
            Factor::of(FactorKind::Jacobian, exponent * power(base, exponent - 1.0))
        } else {
            Factor::of(
                FactorKind::Jacobian,
                power(base, exponent) * libm::log(base),
            )
        })
    }

    /// On the two sides of a pole, and where no power is a number.
    fn has_kink_between(&self, elements: &[f64], others: &[f64]) -> bool {
        elements[0] * others[0] <= 0.0
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::OperandRole;
    use crate::ops::testing::Layer;

    #[test]
    fn zeros_are_as_in_pytorch() {
        let inputs = [json!([0, 2, -2, 0, 0]), json!([0, 3, 2, 2, -1])];
        let layer = Layer::new(json!({"op": "pow_tensor"}), &inputs).unwrap();
        assert_eq!(layer.output().data(), [1.0, 8.0, 4.0, 0.0, f64::INFINITY]);
        let gradient = |number| layer.gradient(OperandRole::Input(number), &[1.0; 5]);
        assert_eq!(gradient(0), [0.0, 12.0, -4.0, 0.0, f64::NEG_INFINITY]);
        let of_exponents = gradient(1);
        assert_eq!(of_exponents[0], 0.0);
        assert!((of_exponents[1] - 8.0 * libm::log(2.0)).abs() < 1e-14);
        assert!(of_exponents[2].is_nan());
        assert_eq!(of_exponents[3..], [0.0, f64::NEG_INFINITY]);
    }

    #[test]
    fn the_laws_hold_with_broadcasting() {
        let inputs = [json!([[1.5, 0.5], [2, 3]]), json!([2, -0.5])];
        let layer = Layer::new(json!({"op": "pow_tensor"}), &inputs).unwrap();
        layer.keeps_the_laws(0.0);
    }
}
