//! Functions of one element: as ops of their own, and those that are activations also as the
//! `activation` of a linear or convolutional layer.

mod activation;
mod clamp;
mod exponential;
mod function;
mod gelu;
mod hard;
mod hardtanh;
mod loops;
mod op;
mod power;
mod rectifier;
mod shrink;
mod sign;
mod smooth;
mod softplus;
mod steps;

pub use activation::Activation;
pub use clamp::Clamp;
pub use exponential::{Exp, Log, Sigmoid, Silu, Tanh};
pub use function::{Function, Slope, SlopeByOutput};
pub use gelu::{Approximation, Gelu};
pub use hard::{Hardsigmoid, Hardswish};
pub use hardtanh::{Hardtanh, Relu6};
pub(crate) use op::Elementwise;
pub use power::{Pow, Sqrt};
pub use rectifier::{Celu, Elu, LeakyRelu, Relu, Selu};
pub use shrink::{Hardshrink, Softshrink, Tanhshrink, Threshold};
pub use sign::{Abs, Neg};
pub use smooth::{Atan, Cos, Erf, LogSigmoid, Mish, Sin, Softsign};
pub use softplus::Softplus;
pub use steps::{Ceil, Floor, Round, Sign};

pub(super) use exponential::sigmoid;
pub(super) use power::power;

/// Hands the names of all functions to a macro: one name here is all that a function needs beside
/// its file. The first are also activations.
macro_rules! with_functions {
    ($then:ident) => {
        $then! {
            activations: Relu, LeakyRelu, Elu, Sigmoid, Tanh, Gelu, Silu, Softplus, Hardtanh, Relu6,
                Selu, Celu, Mish, Hardswish, Hardsigmoid, Softsign, Softshrink, Hardshrink,
                Tanhshrink, LogSigmoid;
            others: Exp, Log, Sqrt, Pow, Abs, Neg, Clamp, Threshold, Erf, Sin, Cos, Atan, Sign,
                Floor, Ceil, Round;
        }
    };
}
pub(super) use with_functions;

#[cfg(test)]
mod tests {
    use crate::ops;
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::ops::testing::{Layer, refuses};
    use crate::ops::{OpKind, OperandRole, registry};

    #[test]
    fn slopes_are_the_derivatives() {
        let all: [Activation; 36] = [
            Relu.into(),
            LeakyRelu {
                negative_slope: 0.2,
            }
            .into(),
            Elu { alpha: 1.5 }.into(),
            Sigmoid.into(),
            Tanh.into(),
            Gelu::default().into(),
            Gelu {
                approximate: Approximation::Tanh,
            }
            .into(),
            Silu.into(),
            Softplus {
                beta: 2.0,
                ..Softplus::default()
            }
            .into(),
            Exp.into(),
            Pow::new(3.0).into(),
            Pow::new(-2.0).into(),
            Abs.into(),
            Neg.into(),
            Hardtanh {
                min_val: -1.0,
                max_val: 1.5,
            }
            .into(),
            Relu6.into(),
            Selu.into(),
            Celu { alpha: 0.5 }.into(),
            Mish.into(),
            Hardswish.into(),
            Hardsigmoid.into(),
            Softsign.into(),
            Softshrink::default().into(),
            Hardshrink::default().into(),
            Tanhshrink.into(),
            LogSigmoid.into(),
            Clamp {
                min: Some(-1.0),
                max: None,
            }
            .into(),
            Threshold {
                threshold: 1.0,
                value: -2.0,
            }
            .into(),
            Erf.into(),
            Sin.into(),
            Cos.into(),
            Atan.into(),
            Sign.into(),
            Floor.into(),
            Ceil.into(),
            Round.into(),
        ];
        let of_positive: [Activation; 3] = [Log.into(), Sqrt.into(), Pow::new(2.5).into()];
        let named = all
            .iter()
            .chain(&of_positive)
            .map(|function| function.name());
        let elementwise = registry::all().filter(|op| op.kind == OpKind::Elementwise);
        let of_one = |op: &&ops::Descriptor| op.parameters.is_empty() && op.arity == (1..=1);
        // Of two halves a GLU makes one.
        let known = elementwise.filter(of_one).filter(|op| !op.is::<ops::Glu>());
        assert_eq!(
            named.collect::<BTreeSet<_>>(),
            known.map(|op| op.name).collect()
        );
        let h = 1e-5;
        for activation in all.into_iter().chain(of_positive) {
            let is_defined = |z: &f64| *z > 0.0 || !of_positive.contains(&activation);
            for z in [-3.2, -0.7, 0.6, 2.2].into_iter().filter(is_defined) {
                let slope = (activation.value(z + h) - activation.value(z - h)) / (2.0 * h);
                assert!(
                    (slope - activation.slope(z)).abs() < 1e-8,
                    "{activation:?} at {z}: {slope}"
                );
            }
        }
    }

    #[test]
    fn where_a_function_ends_it_is_as_in_pytorch() {
        assert_eq!(
            (Log.value(0.0), Log.slope(0.0)),
            (f64::NEG_INFINITY, f64::INFINITY)
        );
        assert!(Log.value(-2.0).is_nan());
        assert_eq!(Log.slope(-2.0), -0.5);
        assert_eq!((Sqrt.value(0.0), Sqrt.slope(0.0)), (0.0, f64::INFINITY));
        assert!(Sqrt.value(-1.0).is_nan() && Sqrt.slope(-1.0).is_nan());
        let pow = Pow::new;
        assert_eq!((pow(0.0).value(0.0), pow(0.0).slope(0.0)), (1.0, 0.0));
        assert_eq!((pow(1.0).value(0.0), pow(1.0).slope(0.0)), (0.0, 1.0));
        assert_eq!((pow(2.0).value(-3.0), pow(2.0).slope(-3.0)), (9.0, -6.0));
        assert_eq!(
            (pow(-1.0).value(0.0), pow(-1.0).slope(0.0)),
            (f64::INFINITY, f64::NEG_INFINITY)
        );
        assert!(pow(0.5).value(-1.0).is_nan());
        assert_eq!(
            (Abs.value(-2.0), Abs.slope(-2.0), Abs.slope(0.0)),
            (2.0, -1.0, 0.0)
        );
        assert!(pow(0.5).value(f64::NEG_INFINITY).is_nan());
        assert!(pow(1.5).slope(f64::NEG_INFINITY).is_nan());
        assert_eq!(pow(-0.5).value(-0.0), f64::NEG_INFINITY);
    }

    #[test]
    fn at_nan_the_slopes_are_those_of_pytorch() {
        assert_eq!((Relu.slope(f64::NAN), Relu6.slope(f64::NAN)), (1.0, 1.0));
        assert_eq!(
            (Elu::default().slope(f64::NAN), Abs.slope(f64::NAN)),
            (1.0, 0.0)
        );
        assert_eq!(LeakyRelu::default().slope(f64::NAN), 0.01);
        assert!(Sigmoid.slope(f64::NAN).is_nan() && Silu.slope(f64::NAN).is_nan());
    }

    #[test]
    fn a_closed_gate_lets_nothing_pass() {
        for upstream in [f64::INFINITY, f64::NAN] {
            for op in ["relu", "hardtanh"] {
                let gate = Layer::new(json!({ "op": op }), &[json!([-2, 0.5])]).unwrap();
                let gradient = gate.gradient(OperandRole::Input(0), &[upstream, 1.0]);
                assert_eq!(gradient, [0.0, 1.0], "{op}");
            }
            // Where there is no gate, 0 times ∞ is NaN.
            let abs = Layer::new(json!({ "op": "abs" }), &[json!([0, 1])]).unwrap();
            assert!(abs.gradient(OperandRole::Input(0), &[upstream, 1.0])[0].is_nan());
        }
    }

    #[test]
    fn a_kink_is_between_its_sides() {
        let functions: [Activation; 3] = [Relu.into(), Abs.into(), Pow::new(-1.0).into()];
        for function in functions {
            assert!(function.has_kink_between(-0.1, 0.2), "{function:?}");
            assert!(
                !function.has_kink_between(0.1, 0.2) && !function.has_kink_between(-0.1, -0.2),
                "{function:?}"
            );
        }
        assert!(Abs.has_kink_between(0.0, 0.1) && Abs.has_kink_between(-0.1, 0.0));
        assert!(!Pow::new(2.0).has_kink_between(-0.1, 0.2));
    }

    #[test]
    fn an_exponent_must_be_given() {
        refuses(&[
            (json!({"op": "pow"}), &[json!([1, 2])], "exponent: missing"),
            (
                json!({"op": "pow", "exponent": "2"}),
                &[json!([1, 2])],
                "exponent: must be a number",
            ),
        ]);
        let square = Layer::new(json!({"op": "pow", "exponent": 2}), &[json!([3, -1.5])]).unwrap();
        assert_eq!(square.output().data(), [9.0, 2.25]);
        assert_eq!(
            square.terms(OperandRole::Input(0), 1),
            [(1, vec![("slope", -3.0)])]
        );
        square.keeps_the_laws(0.0);
    }

    #[test]
    fn far_out_nothing_overflows() {
        assert_eq!(sigmoid(-1000.0), 0.0);
        assert_eq!(sigmoid(1000.0), 1.0);
        assert_eq!(Softplus::default().value(1000.0), 1000.0);
        assert_eq!(Relu.slope(0.0), 0.0);
        assert!(Relu.value(f64::NAN).is_nan());
    }
}
