//! Functions of one element: as ops of their own, and those that are activations also as the
//! `activation` of a linear or convolutional layer.

mod exponential;
mod function;
mod gelu;
mod hardtanh;
mod op;
mod power;
mod rectifier;
mod sign;
mod softplus;

use std::fmt;
use std::ops::Deref;

pub use exponential::{Exp, Log, Sigmoid, Silu, Tanh};
pub use function::{Function, Slope, SlopeByOutput};
pub use gelu::{Approximation, Gelu};
pub use hardtanh::{Hardtanh, Relu6};
pub use power::{Pow, Sqrt};
pub use rectifier::{Elu, LeakyRelu, Relu};
pub use sign::{Abs, Neg};
pub use softplus::Softplus;

use op::Elementwise;

pub(super) use exponential::sigmoid;

use super::Factor;
use super::descriptor::{Described, Descriptor};
use super::settings::{Domain, SettingType};
use super::value::Value;
use crate::tensor::Tensor;

/// A function of one element, whichever it is: what an op does to each, or a layer to its sums.
///
/// It is a [`Function`] by `Deref`. A loop over many elements asks once which function it is, and
/// not for each of them.
#[derive(Clone, Copy, PartialEq)]
pub struct Activation(Which);

/// Makes the table of the functions: one name here is all that a function needs beside its file.
/// The first are also activations.
macro_rules! functions {
    (activations: $($activation:ident),+; others: $($other:ident),+;) => {
        /// The rows of the functions in the table of ops.
        pub(super) const FUNCTIONS: &[&Descriptor] = &[
            $(<$activation as Described>::DESCRIPTOR,)+ $(<$other as Described>::DESCRIPTOR,)+
        ];

        /// The names of the functions that are activations.
        const ACTIVATIONS: &[&str] = &[$(<$activation as Described>::DESCRIPTOR.name),+];

        /// The activation of a name, with its default settings.
        fn activation(name: &str) -> Option<Activation> {
            $(if name == <$activation as Described>::DESCRIPTOR.name {
                return Some($activation::default().into());
            })+
            None
        }

        functions! { @any $($activation),+, $($other),+ }
    };
    (@any $($function:ident),+) => {
        #[derive(Clone, Copy, PartialEq)]
        enum Which { $($function($function)),+ }

        $(impl From<$function> for Activation {
            fn from(function: $function) -> Self {
                Self(Which::$function(function))
            }
        })+

        impl Deref for Activation {
            type Target = dyn Function;

            fn deref(&self) -> &Self::Target {
                match &self.0 { $(Which::$function(function) => function),+ }
            }
        }

        impl Activation {
            /// f′(z) as a factor, without a call where the function is short.
            fn factor_by_call(&self, z: f64) -> Factor {
                match &self.0 { $(Which::$function(function) => function.factor(z)),+ }
            }

            /// Returns f of every element.
            pub(crate) fn of(&self, z: &Tensor) -> Tensor {
                match &self.0 { $(Which::$function(function) => op::apply(function, z)),+ }
            }

            /// Returns what passes of upstream gradients, each at its z.
            pub(super) fn scaled(&self, upstream: &[f64], z: &[f64]) -> Vec<f64> {
                match &self.0 { $(Which::$function(function) => op::scale(function, upstream, z)),+ }
            }

            /// Returns the first place where the function has a kink between two points.
            pub fn kink(&self, z: &[f64], other: &[f64]) -> Option<usize> {
                match &self.0 { $(Which::$function(function) => op::kink(function, z, other)),+ }
            }
        }
    };
}

functions! {
    activations: Relu, LeakyRelu, Elu, Sigmoid, Tanh, Gelu, Silu, Softplus, Hardtanh, Relu6;
    others: Exp, Log, Sqrt, Pow, Abs, Neg;
}

impl Activation {
    /// The function's name in a file.
    pub fn name(&self) -> &'static str {
        self.descriptor().name
    }

    /// f′(z) as a factor. ReLU is so common and so short that loops over many terms do it
    /// themselves.
    #[inline]
    pub fn factor(&self, z: f64) -> Factor {
        if let Which::Relu(relu) = &self.0 {
            relu.factor(z)
        } else {
            self.factor_by_call(z)
        }
    }
}

/// The name alone: an activation has its default settings.
impl SettingType for Activation {
    const DOMAIN: Domain = Domain::Name(ACTIVATIONS);

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Name(name) => activation(&name),
            _ => None,
        }
    }

    fn to_value(&self) -> Option<Value> {
        Some(if self.given().is_empty() {
            Value::Name(self.name().to_owned())
        } else {
            Value::Other
        })
    }
}

impl fmt::Debug for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.deref().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ops::OperandRole;
    use crate::ops::testing::{Layer, refuses};

    #[test]
    fn slopes_are_the_derivatives() {
        let all: [Activation; 14] = [
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
        ];
        let of_positive: [Activation; 3] = [Log.into(), Sqrt.into(), Pow::new(2.5).into()];
        let h = 1e-5;
        for activation in all.into_iter().chain(of_positive) {
            let is_defined = |z: &f64| *z > 0.0 || !of_positive.contains(&activation);
            for z in [-3.0, -0.7, 0.6, 2.0].into_iter().filter(is_defined) {
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
