//! Losses of probabilities: `binary_cross_entropy`, `kl_div`.

use super::elementwise::{Pointwise, expect_target, expect_weight};
use super::{Reduced, Reduction, TOLD};
use crate::ops::IntoOp;
use crate::ops::axes::Projection;
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::settings::{named, settings};
use crate::ops::{Operand, ShapeError};
use crate::tensor::numerals::number;
use crate::tensor::{Shape, Tensor};

settings! {
    /// The cross-entropy of one probability an element: -t · ln p - (1 - t) · ln(1 - p).
    ///
    /// A logarithm below -100 counts as -100.
    pub struct BinaryCrossEntropy {
        required {
            /// The target of each element, from 0 for "no" to 1 for "yes".
            target: Tensor,
        }
        /// What each element's loss is multiplied by.
        weight: Option<Tensor> = None,
        /// What becomes of the elements' losses.
        reduction: Reduction = Reduction::Mean,
    }
}

impl IntoOp for BinaryCrossEntropy {
    type Op = Reduced<Self>;
}

impl Described for BinaryCrossEntropy {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("binary_cross_entropy", OpKind::Loss, Self::ABOUT)
            .reading_batches()
            .saying(&TOLD);
}

/// No logarithm counts as less.
const LEAST: f64 = -100.0;

/// A slope is divided by p(1 − p), but by no less than this, which PyTorch has as an f32.
const NARROWEST: f32 = 1e-12;

/// ln p, but at least -100; NaN of what is no probability.
fn logarithm(p: f64) -> f64 {
    let logarithm = libm::log(p);
    if logarithm < LEAST { LEAST } else { logarithm }
}

impl BinaryCrossEntropy {
    fn weight_at(&self, input: &Shape, at: usize) -> f64 {
        self.weight.as_ref().map_or(1.0, |weight| {
            weight.data()[Projection::of_broadcast(input, weight.shape()).place(at)]
        })
    }
}

impl Pointwise for BinaryCrossEntropy {
    fn reduction(&self) -> Reduction {
        self.reduction
    }

    fn expect_constants(&self, input: (&str, &Shape)) -> Result<(), ShapeError> {
        expect_target(&self.target, input)?;
        expect_weight("weight", &self.weight, input)
    }

    fn value(&self, input: Operand<'_>, at: usize) -> f64 {
        let (p, target) = (input.value(at), self.target.data()[at]);
        let loss = (target - 1.0) * logarithm(1.0 - p) - target * logarithm(p);
        self.weight_at(input.shape(), at) * loss
    }

    fn slope(&self, input: Operand<'_>, at: usize) -> f64 {
        let (p, target) = (input.value(at), self.target.data()[at]);
        let width = ((1.0 - p) * p).max(f64::from(NARROWEST));
        self.weight_at(input.shape(), at) * (p - target) / width
    }

    fn on_slope(&self, input: Operand<'_>, at: usize, slope: f64) -> String {
        let (p, target) = (number(input.value(at)), number(self.target.data()[at]));
        let slope = number(slope);
        format!(
            "{{me}} says {p}, and the target {target}. The slope of the loss is their difference \
             over p(1 − p), {slope}: the surer it is of what is wrong, the steeper."
        )
    }
}

settings! {
    /// How far a distribution is from its target: t · (ln t - x).
    ///
    /// x is the logarithm of a probability.
    pub struct KlDiv {
        required {
            /// The probability of each element, or its logarithm.
            target: Tensor,
        }
        /// What becomes of the elements' losses.
        reduction: BatchReduction = BatchReduction::Mean,
        /// Whether the target holds logarithms.
        log_target: bool = false,
    }
}

/// What becomes of the elements' losses, where a sample has several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchReduction {
    /// Their mean.
    Mean,
    /// Their sum, divided by the number of samples, as the divergence is defined.
    BatchMean,
    /// Their sum.
    Sum,
    /// They stay as they are.
    None,
}

named!(BatchReduction {
    "mean" => BatchReduction::Mean,
    "batchmean" => BatchReduction::BatchMean,
    "sum" => BatchReduction::Sum,
    "none" => BatchReduction::None,
});

impl IntoOp for KlDiv {
    type Op = Reduced<Self>;
}

impl Described for KlDiv {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("kl_div", OpKind::Loss, Self::ABOUT)
            .reading_batches()
            .saying(&TOLD);
}

impl KlDiv {
    fn probability(&self, at: usize) -> f64 {
        let target = self.target.data()[at];
        if self.log_target {
            libm::exp(target)
        } else {
            target
        }
    }
}

impl Pointwise for KlDiv {
    fn reduction(&self) -> Reduction {
        match self.reduction {
            BatchReduction::Mean | BatchReduction::BatchMean => Reduction::Mean,
            BatchReduction::Sum => Reduction::Sum,
            BatchReduction::None => Reduction::None,
        }
    }

    fn divisor(&self, input: &Shape) -> f64 {
        let n = match self.reduction {
            BatchReduction::BatchMean => input.first().copied().unwrap_or(1),
            BatchReduction::Mean | BatchReduction::Sum | BatchReduction::None => input.numel(),
        };
        n as f64
    }

    fn expect_constants(&self, input: (&str, &Shape)) -> Result<(), ShapeError> {
        expect_target(&self.target, input)
    }

    /// A target of 0 adds nothing of its own.
    fn value(&self, input: Operand<'_>, at: usize) -> f64 {
        let (x, t) = (input.value(at), self.probability(at));
        if self.log_target {
            t * (self.target.data()[at] - x)
        } else if t == 0.0 {
            0.0 - t * x
        } else {
            t * libm::log(t) - t * x
        }
    }

    fn slope(&self, _: Operand<'_>, at: usize) -> f64 {
        -self.probability(at)
    }

    fn on_slope(&self, _: Operand<'_>, _: usize, slope: f64) -> String {
        format!(
            "{{me}} is a logarithm, which the loss counts with the target's probability: its \
             slope is {}.",
            number(slope)
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::OperandRole;
    use crate::ops::testing::{Layer, refuses};

    #[test]
    fn at_the_ends_a_cross_entropy_is_as_in_pytorch() {
        let keys = json!({ "op": "binary_cross_entropy", "target": [1, 0, 1],
            "reduction": "none" });
        let layer = Layer::new(keys, &[json!([0, 0, 0.5])]).unwrap();
        assert_eq!(layer.output().data()[..2], [100.0, 0.0]);
        let gradient = layer.gradient(OperandRole::Input(0), &[1.0; 3]);
        assert!((gradient[0] / -1.000_000_004e12 - 1.0).abs() < 1e-9);
        assert_eq!(gradient[1..], [0.0, -2.0]);
    }

    #[test]
    fn a_divergence_divides_by_its_samples() {
        let of = |reduction: &str| {
            let keys = json!({ "op": "kl_div", "target": [[0.5, 0.5], [1, 0]],
                "reduction": reduction });
            Layer::new(keys, &[json!([[-1, -1], [-2, -3]])]).unwrap()
        };
        let half = 0.5 * libm::log(0.5) + 0.5;
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-15);
        near(of("sum").output().data()[0], 2.0 * half + 2.0);
        near(of("batchmean").output().data()[0], half + 1.0);
        near(of("mean").output().data()[0], (half + 1.0) / 2.0);
        let gradient = of("batchmean").gradient(OperandRole::Input(0), &[1.0]);
        assert_eq!(gradient, [-0.25, -0.25, -0.5, 0.0]);
    }

    #[test]
    fn the_laws_hold() {
        let x = json!([[0.25, 0.5], [0.75, 0.125]]);
        for keys in [
            json!({ "op": "binary_cross_entropy", "target": [[1, 0], [0.5, 1]],
                "weight": [[2], [1]] }),
            json!({ "op": "kl_div", "target": [[0.5, 0.5], [1, 0]], "reduction": "batchmean" }),
            json!({ "op": "kl_div", "target": [[-1, -2], [-0.5, 0]], "log_target": true,
                "reduction": "none" }),
        ] {
            let layer = Layer::new(keys, std::slice::from_ref(&x)).unwrap();
            layer.keeps_the_laws(0.0);
        }
    }

    #[test]
    fn misfits_are_refused() {
        refuses(&[
            (
                json!({ "op": "kl_div", "target": [1], "reduction": "avg" }),
                &[json!([1])],
                "reduction: one of mean, batchmean, sum, none",
            ),
            (
                json!({ "op": "binary_cross_entropy", "target": [1], "weight": [1, 2] }),
                &[json!([1])],
                "weight: `weight` has shape [2], which does not broadcast to [1], the shape of `a`",
            ),
        ]);
    }
}
