//! How large a row is, and how far it spreads: `norm`, `var`, `std`.

use super::{OfRows, Statistic};
use crate::ops::along::Along;
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::phrases::{FactorWords, Phrases};
use crate::ops::settings::{Domain, Interval, settings};
use crate::ops::torch::Torch;
use crate::ops::{Factor, FactorKind, IntoOp};

settings! {
    /// How large a row is: the p-th root of the sum of absolute values, each to the power of p.
    pub struct Norm {
        /// The exponent: 1 adds the absolute values, 2 gives the length.
        p: f64 = 2.0 => Domain::NumberIn(Interval::POSITIVE),
        /// The axes; none named means all of them.
        dim: Vec<i64> = Vec::new(),
        /// Whether the axes stay, with a size of 1.
        keepdim: bool = false,
    }
}

settings! {
    /// The variance over some axes, or all, with n − `correction` in the place of n.
    pub struct Var {
        /// The axes; none named means all of them.
        dim: Vec<i64> = Vec::new(),
        /// What is taken off the number of elements.
        correction: usize = 1,
        /// Whether the axes stay, with a size of 1.
        keepdim: bool = false,
    }
}

settings! {
    /// The standard deviation over some axes, or all: the root of the variance.
    pub struct Std {
        /// The axes; none named means all of them.
        dim: Vec<i64> = Vec::new(),
        /// What is taken off the number of elements.
        correction: usize = 1,
        /// Whether the axes stay, with a size of 1.
        keepdim: bool = false,
    }
}

macro_rules! moments {
    ($($moment:ident is $name:literal, saying $words:literal;)+) => {
        $(impl IntoOp for $moment {
            type Op = OfRows<Self>;
        }

        impl Described for $moment {
            const DESCRIPTOR: &'static Descriptor =
                &Descriptor::of::<Self>($name, OpKind::Reduction, Self::ABOUT)
                    .in_torch(Torch::Function)
                    .saying(&Phrases {
                        factors: &[FactorWords::of(FactorKind::Jacobian, $words)],
                        ..Phrases::NONE
                    });
        })+
    };
}

moments! {
    Norm is "norm", saying "the part that {me} has in the norm";
    Var is "var", saying "twice its distance from the mean, divided by what the variance is";
    Std is "std", saying "its distance from the mean, in parts of the deviation";
}

impl Norm {
    /// The derivative by an element.
    fn slope(&self, x: f64, norm: f64) -> f64 {
        // PyTorch masks what would be 0/0.
        if x == 0.0 || norm == 0.0 {
            0.0
        } else if self.p == 2.0 {
            x / norm
        } else {
            x.signum() * libm::pow(x.abs() / norm, self.p - 1.0)
        }
    }
}

impl Statistic for Norm {
    fn along(&self) -> Along<'_> {
        Along {
            dim: &self.dim,
            keepdim: self.keepdim,
        }
    }

    fn value(&self, row: &[f64]) -> f64 {
        if self.p == 1.0 {
            row.iter().map(|x| x.abs()).sum()
        } else if self.p == 2.0 {
            row.iter().map(|x| x * x).sum::<f64>().sqrt()
        } else {
            let sum = row.iter().map(|x| libm::pow(x.abs(), self.p)).sum();
            libm::pow(sum, 1.0 / self.p)
        }
    }

    fn factors(&self, row: &[f64], norm: f64) -> Vec<Factor> {
        row.iter()
            .map(|&x| Factor::of(FactorKind::Jacobian, self.slope(x, norm)))
            .collect()
    }

    /// Up to a p of 1 there is a kink where any element changes its sign, above where all do.
    fn has_kink_between(&self, row: &[f64], other: &[f64]) -> bool {
        let sign = |x: f64| i8::from(x > 0.0) - i8::from(x < 0.0);
        let mut pairs = row.iter().zip(other);
        let turns = |(&x, &other): (&f64, &f64)| sign(x) != sign(other);
        if self.p <= 1.0 {
            pairs.any(turns)
        } else {
            pairs.all(|(x, other)| turns((x, other)) || *x == 0.0)
        }
    }
}

/// The mean of a row.
fn mean(row: &[f64]) -> f64 {
    row.iter().sum::<f64>() / row.len() as f64
}

/// What a variance is divided by, which is never below 0.
fn divisor(n: usize, correction: usize) -> f64 {
    n.saturating_sub(correction) as f64
}

fn variance(row: &[f64], correction: usize) -> f64 {
    let mean = mean(row);
    let sum: f64 = row.iter().map(|x| (x - mean) * (x - mean)).sum();
    sum / divisor(row.len(), correction)
}

impl Statistic for Var {
    fn along(&self) -> Along<'_> {
        Along {
            dim: &self.dim,
            keepdim: self.keepdim,
        }
    }

    fn value(&self, row: &[f64]) -> f64 {
        variance(row, self.correction)
    }

    fn factors(&self, row: &[f64], _: f64) -> Vec<Factor> {
        let (mean, by) = (mean(row), divisor(row.len(), self.correction));
        row.iter()
            .map(|x| Factor::of(FactorKind::Jacobian, 2.0 * (x - mean) / by))
            .collect()
    }
}

impl Statistic for Std {
    fn along(&self) -> Along<'_> {
        Along {
            dim: &self.dim,
            keepdim: self.keepdim,
        }
    }

    fn value(&self, row: &[f64]) -> f64 {
        variance(row, self.correction).sqrt()
    }

    /// Where all numbers are equal, PyTorch sends nothing.
    fn factors(&self, row: &[f64], std: f64) -> Vec<Factor> {
        let (mean, by) = (mean(row), divisor(row.len(), self.correction));
        let factor = |x: &f64| match std {
            0.0 => Factor::closed(FactorKind::Jacobian),
            _ => Factor::of(FactorKind::Jacobian, (x - mean) / by / std),
        };
        row.iter().map(factor).collect()
    }

    /// It is smooth but where it is 0.
    fn has_kink_between(&self, row: &[f64], other: &[f64]) -> bool {
        [row, other].iter().any(|row| self.value(row) == 0.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::OperandRole;
    use crate::ops::testing::{Layer, noise, refuses};

    fn gradient(keys: serde_json::Value, x: serde_json::Value) -> Vec<f64> {
        let layer = Layer::new(keys, &[x]).unwrap();
        layer.gradient(OperandRole::Input(0), &[1.0])
    }

    #[test]
    fn at_their_kinks_they_send_nothing() {
        assert_eq!(gradient(json!({"op": "norm"}), json!([0, 0])), [0.0, 0.0]);
        assert_eq!(gradient(json!({"op": "std"}), json!([3, 3])), [0.0, 0.0]);
        let ones = json!({"op": "norm", "p": 1});
        assert_eq!(gradient(ones, json!([-2, 0, 5])), [-1.0, 0.0, 1.0]);
        let root = gradient(json!({"op": "norm", "p": 0.5}), json!([0, 2, 2]));
        assert!(root[0] == 0.0 && (root[1] - 2.0).abs() < 1e-14);
    }

    #[test]
    fn a_length_has_the_direction_for_its_slope() {
        assert_eq!(gradient(json!({"op": "norm"}), json!([3, -4])), [0.6, -0.8]);
        let var = json!({"op": "var", "correction": 0});
        assert_eq!(gradient(var, json!([1, 5])), [-2.0, 2.0]);
    }

    #[test]
    fn a_variance_of_one_number_is_none() {
        let layer = Layer::new(json!({"op": "var"}), &[json!([2])]).unwrap();
        assert!(layer.output().data()[0].is_nan());
    }

    #[test]
    fn the_laws_hold() {
        for keys in [
            json!({ "op": "norm" }),
            json!({ "op": "norm", "p": 1, "dim": 1 }),
            json!({ "op": "norm", "p": 3, "dim": [0, -1], "keepdim": true }),
            json!({ "op": "var", "dim": 1 }),
            json!({ "op": "std", "dim": [0, 2], "correction": 0, "keepdim": true }),
        ] {
            let layer = Layer::new(keys, &[noise(&[2, 3, 2], 1)]).unwrap();
            layer.keeps_the_laws(0.0);
        }
    }

    #[test]
    fn an_exponent_is_positive() {
        let says = "p: must be above 0";
        refuses(&[(json!({"op": "norm", "p": 0}), &[json!([1, 2])], says)]);
    }
}
