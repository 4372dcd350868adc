//! Losses where every neuron has a target of its own: `mse_loss` and
//! `binary_cross_entropy_with_logits`.

use super::{Loss, Reduced, Reduction, TOLD, probability_minus_target};
use crate::ops::IntoOp;
use crate::ops::axes::Projection;
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::elementwise::sigmoid;
use crate::ops::kind::OpKind;
use crate::ops::phrases::Phrases;
use crate::ops::settings::settings;
use crate::ops::{Factor, FactorKind, Operand, Settings, ShapeError};
use crate::tensor::numerals::number;
use crate::tensor::{Shape, Tensor};

settings! {
    /// The squared distance from a target: (x - t)².
    pub struct MseLoss {
        required {
            /// The target of each element.
            target: Tensor,
        }
        /// What becomes of the elements' losses.
        reduction: Reduction = Reduction::Mean,
    }
}

impl<P: Pointwise> From<P> for Reduced<P> {
    fn from(loss: P) -> Self {
        Self(loss)
    }
}

impl IntoOp for MseLoss {
    type Op = Reduced<Self>;
}

impl Described for MseLoss {
    const DESCRIPTOR: &'static Descriptor = &Descriptor::of::<Self>(
        "mse_loss",
        OpKind::Loss,
        Self::ABOUT,
    )
    .reading_batches()
    .saying(&Phrases {
        flat: "{me=} lies right on its target, at the bottom of the square, where the slope is 0",
        ..TOLD
    });
}

impl Pointwise for MseLoss {
    fn reduction(&self) -> Reduction {
        self.reduction
    }

    fn expect_constants(&self, input: (&str, &Shape)) -> Result<(), ShapeError> {
        expect_target(&self.target, input)
    }

    fn value(&self, input: Operand<'_>, at: usize) -> f64 {
        let distance = input.value(at) - self.target.data()[at];
        distance * distance
    }

    fn slope(&self, input: Operand<'_>, at: usize) -> f64 {
        2.0 * (input.value(at) - self.target.data()[at])
    }

    fn slope_without_two(&self, input: Operand<'_>, at: usize) -> Option<f64> {
        Some(input.value(at) - self.target.data()[at])
    }

    fn on_slope(&self, _: Operand<'_>, _: usize, slope: f64) -> String {
        let (side, sign) = if slope > 0.0 {
            ("above", "")
        } else {
            (
                "below",
                ", and negative because raising it brings it nearer",
            )
        };
        let (distance, slope) = (number((slope / 2.0).abs()), number(slope));
        format!(
            "{{me=}} lies {distance} {side} its target. The slope of a square is twice the \
             distance{sign}: {slope}."
        )
    }
}

settings! {
    /// The cross-entropy of one probability an element, from its logit.
    ///
    /// It is weight · (pos_weight · t · -ln σ(x) + (1 - t) · -ln σ(-x)), with σ the sigmoid.
    pub struct BinaryCrossEntropyWithLogits {
        required {
            /// The target of each element, from 0 for "no" to 1 for "yes".
            target: Tensor,
        }
        /// What each element's loss is multiplied by.
        weight: Option<Tensor> = None,
        /// What the loss for "yes" is multiplied by.
        pos_weight: Option<Tensor> = None,
        /// What becomes of the elements' losses.
        reduction: Reduction = Reduction::Mean,
    }
}

impl IntoOp for BinaryCrossEntropyWithLogits {
    type Op = Reduced<Self>;
}

impl Described for BinaryCrossEntropyWithLogits {
    const DESCRIPTOR: &'static Descriptor = &Descriptor::of::<Self>(
        "binary_cross_entropy_with_logits",
        OpKind::Loss,
        Self::ABOUT,
    )
    .reading_batches()
    .saying(&TOLD);
}

impl BinaryCrossEntropyWithLogits {
    /// A neuron's target, what its loss for "yes" is multiplied by, and what its whole loss is.
    fn stakes(&self, input: Operand<'_>, at: usize) -> (f64, f64, f64) {
        let read = |weight: &Option<Tensor>| {
            weight.as_ref().map_or(1.0, |weight| {
                weight.data()[Projection::of_broadcast(input.shape(), weight.shape()).place(at)]
            })
        };
        (
            self.target.data()[at],
            read(&self.pos_weight),
            read(&self.weight),
        )
    }

    /// (pos_weight · t + 1 - t) · σ(x).
    fn pull(&self, input: Operand<'_>, at: usize) -> f64 {
        let (target, yes, _) = self.stakes(input, at);
        (yes * target + 1.0 - target) * sigmoid(input.value(at))
    }
}

impl Pointwise for BinaryCrossEntropyWithLogits {
    fn reduction(&self) -> Reduction {
        self.reduction
    }

    fn expect_constants(&self, (name, shape): (&str, &Shape)) -> Result<(), ShapeError> {
        expect_target(&self.target, (name, shape))?;
        expect_weight("weight", &self.weight, (name, shape))?;
        expect_weight("pos_weight", &self.pos_weight, (name, shape))
    }

    fn value(&self, input: Operand<'_>, at: usize) -> f64 {
        let (x, (target, yes, weight)) = (input.value(at), self.stakes(input, at));
        weight * ((1.0 - target) * x + ((yes - 1.0) * target + 1.0) * softplus(-x))
    }

    fn slope(&self, input: Operand<'_>, at: usize) -> f64 {
        let (target, yes, weight) = self.stakes(input, at);
        weight * (self.pull(input, at) - yes * target)
    }

    /// p where p - y belongs, with the weights left in.
    fn slope_without_target(&self, input: Operand<'_>, at: usize) -> Option<f64> {
        let (.., weight) = self.stakes(input, at);
        Some(weight * self.pull(input, at))
    }

    fn on_slope(&self, input: Operand<'_>, at: usize, slope: f64) -> String {
        let p = sigmoid(input.value(at));
        let gives = format!(
            "The sigmoid makes a probability of {} of {{me=}}",
            number(p)
        );
        probability_minus_target(&gives, p, slope)
    }
}

/// ln(1 + eˣ) = -ln σ(-x), without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + libm::log1p(libm::exp(-x.abs()))
}

/// Returns an error unless a weight, where there is one, broadcasts to the input.
pub(super) fn expect_weight(
    key: &'static str,
    weight: &Option<Tensor>,
    (name, shape): (&str, &Shape),
) -> Result<(), ShapeError> {
    let fits = |weight: &&Tensor| shape.broadcast(weight.shape()).as_ref() == Some(shape);
    let Some(weight) = weight.as_ref().filter(|weight| !fits(weight)) else {
        return Ok(());
    };
    let message = format!(
        "`{key}` has shape {}, which does not broadcast to {shape}, the shape of `{name}`",
        weight.shape()
    );
    let hint =
        format!("counted from the last axis, each of its sizes must be the one of `{name}`, or 1");
    Err(ShapeError::key(key, message).hinted(hint))
}

pub(super) fn expect_target(
    target: &Tensor,
    (name, shape): (&str, &Shape),
) -> Result<(), ShapeError> {
    if target.shape() == shape {
        return Ok(());
    }
    let message = format!(
        "`target` has shape {}, but `{name}` has {shape}",
        target.shape()
    );
    Err(ShapeError::key("target", message)
        .hinted("every neuron needs a target of its own: there is no broadcasting here"))
}

/// A loss of one neuron and its target.
pub trait Pointwise: Settings {
    /// What becomes of the elements' losses.
    fn reduction(&self) -> Reduction;

    /// What the mean divides by.
    fn divisor(&self, input: &Shape) -> f64 {
        input.numel() as f64
    }

    /// Returns an error unless the constants fit the input.
    fn expect_constants(&self, input: (&str, &Shape)) -> Result<(), ShapeError>;

    /// The neuron's loss.
    fn value(&self, input: Operand<'_>, at: usize) -> f64;

    /// The derivative of the neuron's loss.
    fn slope(&self, input: Operand<'_>, at: usize) -> f64;

    /// [`Pointwise::slope`] without the target's part in it, where there is such a number.
    fn slope_without_target(&self, _input: Operand<'_>, _at: usize) -> Option<f64> {
        None
    }

    /// [`Pointwise::slope`] without the 2 that comes from a square, where there is one.
    fn slope_without_two(&self, _input: Operand<'_>, _at: usize) -> Option<f64> {
        None
    }

    /// Whether the loss of a neuron has a kink between two of its values.
    fn has_kink_between(&self, _at: usize, _x: f64, _other: f64) -> bool {
        false
    }

    /// Says where a slope, which is not NaN, comes from.
    fn on_slope(&self, input: Operand<'_>, at: usize, slope: f64) -> String;
}

/// In a pointwise loss every element is a sample.
impl<P: Pointwise> Loss for P {
    fn settings(&self) -> &dyn Settings {
        self
    }

    fn reduction(&self) -> Reduction {
        Pointwise::reduction(self)
    }

    fn losses_shape(&self, input: (&str, &Shape)) -> Result<Shape, ShapeError> {
        self.expect_constants(input)?;
        Ok(input.1.clone())
    }

    fn n_samples(&self, input: &Shape) -> usize {
        input.numel()
    }

    fn value(&self, input: Operand<'_>, sample: usize) -> f64 {
        Pointwise::value(self, input, sample)
    }

    fn sample_of(&self, _: &Shape, at: usize) -> usize {
        at
    }

    fn elements(&self, _: &Shape, sample: usize, visit: &mut dyn FnMut(usize)) {
        visit(sample);
    }

    fn slope(&self, input: Operand<'_>, at: usize, _: f64) -> Factor {
        Factor::of(FactorKind::Jacobian, Pointwise::slope(self, input, at))
    }

    fn slope_without_target(&self, input: Operand<'_>, at: usize) -> Option<f64> {
        Pointwise::slope_without_target(self, input, at)
    }

    fn slope_without_two(&self, input: Operand<'_>, at: usize) -> Option<f64> {
        Pointwise::slope_without_two(self, input, at)
    }

    fn on_slope(&self, input: Operand<'_>, at: usize, slope: f64) -> Option<String> {
        Some(Pointwise::on_slope(self, input, at, slope))
    }

    fn kink(&self, input: Operand<'_>, other: Operand<'_>) -> Option<usize> {
        let mut pairs = input.data().iter().zip(other.data()).enumerate();
        pairs.find_map(|(at, (&x, &other))| self.has_kink_between(at, x, other).then_some(at))
    }

    fn divisor(&self, input: &Shape) -> f64 {
        Pointwise::divisor(self, input)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::ops::testing::{Layer, noise, refuses, with};
    use crate::ops::{OperandRole, Simplification};

    #[test]
    fn the_laws_hold_for_every_reduction() {
        for reduction in ["mean", "sum", "none"] {
            let squared =
                json!({ "op": "mse_loss", "target": noise(&[2, 3], 2), "reduction": reduction });
            Layer::new(squared, &[noise(&[2, 3], 1)])
                .unwrap()
                .keeps_the_laws(0.0);
            let binary = json!({
                "op": "binary_cross_entropy_with_logits", "target": noise(&[2, 3], 2),
                "reduction": reduction,
                "weight": [[2], [0.5]], "pos_weight": [3, 1, 0],
            });
            Layer::new(binary, &[noise(&[2, 3], 1)])
                .unwrap()
                .keeps_the_laws(0.0);
        }
    }

    #[test]
    fn the_squared_error_has_a_slope_and_a_scale() {
        let layer = Layer::new(
            json!({ "op": "mse_loss", "target": [1, 1] }),
            &[json!([4, 0])],
        )
        .unwrap();
        assert_eq!(layer.output().data(), [5.0]);
        assert_eq!(
            layer.terms(OperandRole::Input(0), 0),
            [(0, vec![("jacobian", 6.0), ("scale", 0.5)])]
        );
        let keys = json!({ "op": "mse_loss", "target": [1, 1], "reduction": "none" });
        let layer = Layer::new(keys, &[json!([4, 0])]).unwrap();
        assert_eq!(layer.output().data(), [9.0, 1.0]);
        assert_eq!(
            layer.terms(OperandRole::Input(0), 1),
            [(1, vec![("jacobian", -2.0)])]
        );
    }

    #[test]
    fn a_squares_slope_overflows_only_where_the_mean_of_it_does() {
        let keys = json!({ "op": "mse_loss", "target": [0, 0, 0, 0] });
        let layer = Layer::new(keys, &[json!([1e308, 0, 0, 0])]).unwrap();
        assert_eq!(
            layer.gradient(OperandRole::Input(0), &[1.0]),
            [0.5e308, 0.0, 0.0, 0.0]
        );
    }

    #[test]
    fn binary_cross_entropy_is_stable_and_weighted() {
        let sum = |target: Value, more: Value, input: Value| {
            let keys = json!({ "op": "binary_cross_entropy_with_logits", "target": target,
                "reduction": "sum" });
            Layer::new(with(keys, more), &[input]).unwrap()
        };
        let far = sum(json!([0, 1, 1]), json!({}), json!([1000, -1000, 1000]));
        assert_eq!(far.output().data(), [2000.0]);
        assert_eq!(
            far.gradient(OperandRole::Input(0), &[1.0]),
            [1.0, -1.0, 0.0]
        );
        let ln2 = libm::log(2.0);
        let weighted = sum(
            json!([1, 0.5]),
            json!({ "weight": [2, 1], "pos_weight": 3 }),
            json!([0, 0]),
        );
        assert!(
            (weighted.output().data()[0] - (2.0 * 3.0 * ln2 + (1.5 + 0.5) * ln2)).abs() < 1e-14
        );
        assert_eq!(
            weighted.gradient(OperandRole::Input(0), &[1.0]),
            [-3.0, -0.5]
        );
        // The slopes are 6p - 6 and 2p - 1.5 at p = 0.5.
        assert_eq!(
            weighted.simplified(0, Simplification::NoTarget),
            [Some(3.0), Some(1.0)]
        );
        let squared =
            Layer::new(json!({ "op": "mse_loss", "target": [1] }), &[json!([4])]).unwrap();
        assert_eq!(squared.simplified(0, Simplification::NoTarget), [None]);
    }

    #[test]
    fn misfits_are_refused() {
        let row = &[json!([1, 2])][..];
        for op in ["mse_loss", "binary_cross_entropy_with_logits"] {
            let of = "reduction";
            let loss = |target: Value, with: Value| json!({ "op": op, "target": target, of: with });
            let names = "reduction: one of mean, sum, none";
            refuses(&[
                (json!({ "op": op }), row, "target: missing"),
                (
                    loss(json!([1]), json!("sum")),
                    row,
                    "target: `target` has shape [1], but `a` has [2]",
                ),
                (loss(json!([1, 2]), json!("avg")), row, names),
                (loss(json!([1, 2]), json!("Mean")), row, names),
                (loss(json!([1, 2]), json!(null)), row, names),
            ]);
        }
        for key in ["weight", "pos_weight"] {
            let keys = json!({ "op": "binary_cross_entropy_with_logits", "target": [1, 0],
                key: [[1], [2]] });
            let says = format!(
                "{key}: `{key}` has shape [2, 1], which does not broadcast to [2], the shape of `a`"
            );
            refuses(&[(keys, row, &says)]);
        }
    }
}
