//! Any of the functions, as one type.

use std::fmt;
use std::ops::Deref;

use super::function::Function;
use super::loops;
use super::with_functions;
use super::*;
use crate::ops::Factor;
use crate::ops::descriptor::Described;
use crate::ops::settings::{Domain, SettingType};
use crate::ops::value::Value;
use crate::tensor::Tensor;

/// A function of one element, whichever it is: what an op does to each, or a layer to its sums.
///
/// It is a [`Function`] by `Deref`. A loop over many elements asks once which function it is, and
/// not for each of them.
#[derive(Clone, Copy, PartialEq)]
pub struct Activation(Which);

macro_rules! functions {
    (activations: $($activation:ident),+; others: $($other:ident),+;) => {
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
                match &self.0 { $(Which::$function(function) => loops::apply(function, z)),+ }
            }

            /// Returns what passes of upstream gradients, each at its z.
            pub(in crate::ops) fn scaled(&self, upstream: &[f64], z: &[f64]) -> Vec<f64> {
                match &self.0 { $(Which::$function(function) => loops::scale(function, upstream,
                    z)),+ }
            }

            /// Adds what passes of upstream gradients, each at its z, to sums.
            pub(super) fn add_scaled(&self, upstream: &[f64], z: &[f64], sums: &mut [f64]) {
                match &self.0 {
                    $(Which::$function(function) => loops::add(function, upstream, z, sums)),+
                }
            }

            /// Returns the first place where the function has a kink between two points.
            pub fn kink(&self, z: &[f64], other: &[f64]) -> Option<usize> {
                match &self.0 { $(Which::$function(function) => loops::kink(function, z, other)),+ }
            }
        }
    };
}

with_functions!(functions);

impl Activation {
    /// The function's name in a file.
    pub fn name(&self) -> &'static str {
        self.descriptor().name
    }

    /// Whether a layer can have it as its own activation, which it cannot have of functions like a
    /// power or a logarithm.
    pub fn is_activation(&self) -> bool {
        ACTIVATIONS.contains(&self.name())
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
