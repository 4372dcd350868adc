//! `prod` and `logsumexp`.

use super::{OfRows, Statistic};
use crate::ops::along::Along;
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::phrases::{FactorWords, Phrases};
use crate::ops::settings::settings;
use crate::ops::torch::Torch;
use crate::ops::{Factor, FactorKind, IntoOp};

settings! {
    /// The product over an axis.
    pub struct Prod {
        required {
            /// The axis.
            dim: i64,
        }
        /// Whether the axes stay, with a size of 1.
        keepdim: bool = false,
    }
}

settings! {
    /// The logarithm of the sum of the exponentials over some axes.
    pub struct LogSumExp {
        required {
            /// The axes; none named means all of them.
            dim: Vec<i64>,
        }
        /// Whether the axes stay, with a size of 1.
        keepdim: bool = false,
    }
}

impl IntoOp for Prod {
    type Op = OfRows<Self>;
}

impl IntoOp for LogSumExp {
    type Op = OfRows<Self>;
}

impl Described for Prod {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("prod", OpKind::Reduction, Self::ABOUT)
            .in_torch(Torch::Function)
            .saying(&Phrases {
                factors: &[FactorWords::in_one(
                    FactorKind::Operand,
                    "the product of the others",
                    "the product of the others, {value}",
                )],
                ..Phrases::NONE
            });
}

impl Described for LogSumExp {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("logsumexp", OpKind::Reduction, Self::ABOUT)
            .in_torch(Torch::Function)
            .saying(&Phrases {
                factors: &[FactorWords::of(
                    FactorKind::Jacobian,
                    "its softmax, the part that it has in the sum",
                )],
                ..Phrases::NONE
            });
}

impl Statistic for Prod {
    fn along(&self) -> Along<'_> {
        Along {
            dim: std::slice::from_ref(&self.dim),
            keepdim: self.keepdim,
        }
    }

    fn value(&self, row: &[f64]) -> f64 {
        row.iter().product()
    }

    /// For each the product of those before it and of those after it, which needs no division and
    /// so no care for zeros.
    fn factors(&self, row: &[f64], _: f64) -> Vec<Factor> {
        let mut after = vec![1.0; row.len()];
        for place in (1..row.len()).rev() {
            after[place - 1] = after[place] * row[place];
        }
        let mut before = 1.0;
        let with_others = |(&x, after): (&f64, f64)| {
            let others = before * after;
            before *= x;
            Factor::of(FactorKind::Operand, others)
        };
        row.iter().zip(after).map(with_others).collect()
    }
}

impl Statistic for LogSumExp {
    fn along(&self) -> Along<'_> {
        Along {
            dim: &self.dim,
            keepdim: self.keepdim,
        }
    }

    /// The largest is taken out, so that nothing overflows.
    fn value(&self, row: &[f64]) -> f64 {
        let largest = row.iter().copied().reduce(f64::max).unwrap_or(0.0);
        let largest = if largest.is_finite() { largest } else { 0.0 };
        let sum: f64 = row.iter().map(|x| libm::exp(x - largest)).sum();
        libm::log(sum) + largest
    }

    fn factors(&self, row: &[f64], value: f64) -> Vec<Factor> {
        row.iter()
            .map(|x| Factor::of(FactorKind::Jacobian, libm::exp(x - value)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ops::OperandRole;
    use crate::ops::testing::{Layer, noise, refuses};

    #[test]
    fn zeros_in_a_product_are_no_trouble() {
        let gradient = |x: [f64; 3]| {
            let layer = Layer::new(json!({ "op": "prod", "dim": 0 }), &[json!(x)]).unwrap();
            layer.gradient(OperandRole::Input(0), &[1.0])
        };
        assert_eq!(gradient([0.0, 2.0, 0.0]), [0.0, 0.0, 0.0]);
        assert_eq!(gradient([0.0, 2.0, 3.0]), [6.0, 0.0, 0.0]);
        assert_eq!(gradient([4.0, 2.0, 3.0]), [6.0, 12.0, 8.0]);
    }

    #[test]
    fn nothing_overflows_and_minus_infinity_stays() {
        let all = LogSumExp::new(Vec::new());
        assert_eq!(all.value(&[1000.0, 1000.0]), 1000.0 + libm::log(2.0));
        let none = [f64::NEG_INFINITY; 2];
        assert_eq!(all.value(&none), f64::NEG_INFINITY);
        let factors = all.factors(&none, f64::NEG_INFINITY);
        assert!(factors.iter().all(|factor| factor.value.is_nan()));
    }

    #[test]
    fn the_laws_hold() {
        for keys in [
            json!({ "op": "prod", "dim": 1 }),
            json!({ "op": "prod", "dim": -1, "keepdim": true }),
            json!({ "op": "logsumexp", "dim": [0, 2] }),
            json!({ "op": "logsumexp", "dim": 1, "keepdim": true }),
        ] {
            let layer = Layer::new(keys, &[noise(&[2, 3, 2], 1)]).unwrap();
            layer.keeps_the_laws(0.0);
        }
    }

    #[test]
    fn an_axis_is_needed() {
        let input = &[json!([1, 2])][..];
        refuses(&[
            (json!({ "op": "prod" }), input, "dim: missing"),
            (json!({ "op": "logsumexp" }), input, "dim: missing"),
        ]);
    }
}
