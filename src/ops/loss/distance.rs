//! Losses of a distance that is not squared, or not everywhere: `l1_loss`, `smooth_l1_loss`,
//! `huber_loss`, `hinge_embedding_loss`.

use super::elementwise::{Pointwise, expect_target};
use super::{Reduced, Reduction, TOLD};
use crate::ops::IntoOp;
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::phrases::Phrases;
use crate::ops::settings::{Domain, Interval, SettingError, settings};
use crate::ops::{Operand, ShapeError};
use crate::tensor::numerals::number;
use crate::tensor::{Shape, Tensor};

settings! {
    /// The distance from a target: the absolute value of x - t.
    pub struct L1Loss {
        required {
            /// The target of each element.
            target: Tensor,
        }
        /// What becomes of the elements' losses.
        reduction: Reduction = Reduction::Mean,
    }
}

settings! {
    /// The distance d from a target, less `beta`/2, and d²/(2 `beta`) where d is below `beta`.
    pub struct SmoothL1Loss {
        required {
            /// The target of each element.
            target: Tensor,
        }
        /// Up to which distance the loss is a square.
        beta: f64 = 1.0 => Domain::NumberIn(Interval::NOT_NEGATIVE),
        /// What becomes of the elements' losses.
        reduction: Reduction = Reduction::Mean,
    }
}

settings! {
    /// Half the squared distance from a target, and a line from a distance of `delta` on.
    pub struct HuberLoss {
        required {
            /// The target of each element.
            target: Tensor,
        }
        /// Up to which distance the loss is a square.
        delta: f64 = 1.0 => Domain::NumberIn(Interval::POSITIVE),
        /// What becomes of the elements' losses.
        reduction: Reduction = Reduction::Mean,
    }
}

settings! {
    /// x where the target is 1, and what is missing to `margin` where it is -1.
    pub struct HingeEmbeddingLoss {
        required {
            /// 1 or -1 for each element.
            target: Tensor,
        }
        /// From where on nothing is missing.
        margin: f64 = 1.0,
        /// What becomes of the elements' losses.
        reduction: Reduction = Reduction::Mean,
    }
}

const PHRASES: Phrases = Phrases {
    flat: "{me=} lies right on its target, where the slope counts as 0",
    ..TOLD
};

/// A loss that is a square near its target, and a line with this slope farther away.
trait Bent {
    fn target(&self) -> &Tensor;

    /// Where the line begins.
    fn bend(&self) -> f64;

    /// The slope of the line.
    fn steepness(&self) -> f64;

    /// The signed distance of an element from its target.
    fn distance(&self, at: usize, x: f64) -> f64 {
        x - self.target().data()[at]
    }
}

macro_rules! bent {
    ($($loss:ident is $name:literal, bend: $bend:expr, steepness: $steepness:expr;)+) => {
        $(impl IntoOp for $loss {
            type Op = Reduced<Self>;
        }

        impl Described for $loss {
            const DESCRIPTOR: &'static Descriptor =
                &Descriptor::of::<Self>($name, OpKind::Loss, Self::ABOUT)
                    .reading_batches()
                    .saying(&PHRASES);
        }

        impl Bent for $loss {
            fn target(&self) -> &Tensor {
                &self.target
            }

            fn bend(&self) -> f64 {
                let bend: fn(&$loss) -> f64 = $bend;
                bend(self)
            }

            fn steepness(&self) -> f64 {
                let steepness: fn(&$loss) -> f64 = $steepness;
                steepness(self)
            }
        }

        impl Pointwise for $loss {
            fn reduction(&self) -> Reduction {
                self.reduction
            }

            fn expect_constants(&self, input: (&str, &Shape)) -> Result<(), ShapeError> {
                expect_target(&self.target, input)
            }

            fn value(&self, input: Operand<'_>, at: usize) -> f64 {
                value(self, input.value(at), at)
            }

            fn slope(&self, input: Operand<'_>, at: usize) -> f64 {
                slope(self, input.value(at), at)
            }

            fn has_kink_between(&self, at: usize, x: f64, other: f64) -> bool {
                has_kink_between(self, at, x, other)
            }

            fn on_slope(&self, input: Operand<'_>, at: usize, slope: f64) -> String {
                on_slope(self, input.value(at), at, slope)
            }
        })+
    };
}

bent! {
    L1Loss is "l1_loss", bend: |_| 0.0, steepness: |_| 1.0;
    SmoothL1Loss is "smooth_l1_loss", bend: |of| of.beta, steepness: |_| 1.0;
    HuberLoss is "huber_loss", bend: |of| of.delta, steepness: |of| of.delta;
}

fn value(loss: &impl Bent, x: f64, at: usize) -> f64 {
    let (bend, steepness) = (loss.bend(), loss.steepness());
    let distance = loss.distance(at, x).abs();
    if distance < bend {
        0.5 * distance * distance / bend * steepness
    } else {
        steepness * (distance - 0.5 * bend)
    }
}

/// NaN has no side, and so a slope of 0 where there is no square.
fn slope(loss: &impl Bent, x: f64, at: usize) -> f64 {
    let (bend, steepness) = (loss.bend(), loss.steepness());
    let distance = loss.distance(at, x);
    if bend > 0.0 {
        steepness * (distance / bend).clamp(-1.0, 1.0)
    } else {
        steepness * f64::from(i8::from(distance > 0.0) - i8::from(distance < 0.0))
    }
}

/// The slope of a square with a bend goes on without a step: only without it there is a kink.
fn has_kink_between(loss: &impl Bent, at: usize, x: f64, other: f64) -> bool {
    let side = |x: f64| loss.distance(at, x).partial_cmp(&0.0);
    loss.bend() == 0.0 && side(x) != side(other)
}

fn on_slope(loss: &impl Bent, x: f64, at: usize, slope: f64) -> String {
    let distance = loss.distance(at, x).abs();
    let side = if slope > 0.0 { "above" } else { "below" };
    let away = number(distance);
    let rule = if distance < loss.bend() {
        "so near the loss is a square, and its slope grows with the distance"
    } else {
        "there the loss is a line, and its slope is the same however far it is"
    };
    format!(
        "{{me=}} lies {away} {side} its target: {rule}, {}.",
        number(slope)
    )
}

impl IntoOp for HingeEmbeddingLoss {
    type Op = Reduced<Self>;
}

impl Described for HingeEmbeddingLoss {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("hinge_embedding_loss", OpKind::Loss, Self::ABOUT)
            .reading_batches()
            .saying(&Phrases {
                flat: "{me=} has reached the margin, and more of it costs nothing",
                ..TOLD
            });

    fn check(&self) -> Vec<SettingError> {
        let is_side = |&target: &f64| target == 1.0 || target == -1.0;
        let must = "must hold only 1 (alike) and -1 (not alike)";
        (!self.target.data().iter().all(is_side))
            .then(|| SettingError::unfit("target", must))
            .into_iter()
            .collect()
    }
}

impl HingeEmbeddingLoss {
    fn is_alike(&self, at: usize) -> bool {
        self.target.data()[at] == 1.0
    }
}

impl Pointwise for HingeEmbeddingLoss {
    fn reduction(&self) -> Reduction {
        self.reduction
    }

    fn expect_constants(&self, input: (&str, &Shape)) -> Result<(), ShapeError> {
        expect_target(&self.target, input)
    }

    fn value(&self, input: Operand<'_>, at: usize) -> f64 {
        let x = input.value(at);
        if self.is_alike(at) {
            x
        } else if x >= self.margin {
            0.0
        } else {
            self.margin - x
        }
    }

    /// At the margin it is 0.
    fn slope(&self, input: Operand<'_>, at: usize) -> f64 {
        if self.is_alike(at) {
            1.0
        } else if input.value(at) < self.margin {
            -1.0
        } else {
            0.0
        }
    }

    fn has_kink_between(&self, at: usize, x: f64, other: f64) -> bool {
        !self.is_alike(at) && (x < self.margin) != (other < self.margin)
    }

    fn on_slope(&self, _: Operand<'_>, _: usize, slope: f64) -> String {
        let margin = number(self.margin);
        if slope > 0.0 {
            "The target of {me=} is 1, so the loss is its value, with a slope of 1.".to_owned()
        } else {
            format!(
                "The target of {{me=}} is −1, so the loss is what is missing to {margin}: raising \
                 it lowers the loss by as much, a slope of −1."
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::ops::OperandRole;
    use crate::ops::testing::{Layer, noise, refuses};

    /// The loss of each element, and its slope.
    fn losses(keys: Value, x: Value) -> (Vec<f64>, Vec<f64>) {
        let keys = crate::ops::testing::with(keys, json!({ "reduction": "none" }));
        let layer = Layer::new(keys, &[x]).unwrap();
        let losses = layer.output().data().to_vec();
        let slopes = layer.gradient(OperandRole::Input(0), &vec![1.0; losses.len()]);
        (losses, slopes)
    }

    #[test]
    fn near_and_far_are_as_in_pytorch() {
        let x = json!([3, 1, 1.5, -1]);
        let of = |op: &str, key: &str, bend: f64| {
            losses(
                json!({ "op": op, "target": [1, 1, 1, 1], key: bend }),
                x.clone(),
            )
        };
        let l1 = losses(
            json!({ "op": "l1_loss", "target": [1, 1, 1, 1] }),
            x.clone(),
        );
        let lines = (vec![2.0, 0.0, 0.5, 2.0], vec![1.0, 0.0, 1.0, -1.0]);
        assert_eq!(l1, lines);
        assert_eq!(of("smooth_l1_loss", "beta", 0.0), lines);
        assert_eq!(
            of("smooth_l1_loss", "beta", 2.0),
            (vec![1.0, 0.0, 0.0625, 1.0], vec![1.0, 0.0, 0.25, -1.0])
        );
        assert_eq!(
            of("huber_loss", "delta", 0.5),
            (vec![0.875, 0.0, 0.125, 0.875], vec![0.5, 0.0, 0.5, -0.5])
        );
    }

    #[test]
    fn a_hinge_is_flat_from_its_margin_on() {
        let keys = json!({ "op": "hinge_embedding_loss", "target": [1, -1, -1, -1] });
        assert_eq!(
            losses(keys, json!([3, 0.25, 1, 2])),
            (vec![3.0, 0.75, 0.0, 0.0], vec![1.0, -1.0, 0.0, 0.0])
        );
    }

    #[test]
    fn only_without_a_square_there_is_a_kink() {
        let of = |op: &str, x: f64| {
            let keys = json!({ "op": op, "target": [0, 1], "reduction": "none" });
            Layer::new(keys, &[json!([0, x])]).unwrap()
        };
        assert_eq!(of("l1_loss", 0.9).kink(&of("l1_loss", 1.1)), Some(1));
        assert_eq!(of("l1_loss", 1.0).kink(&of("l1_loss", 1.1)), Some(1));
        assert_eq!(of("huber_loss", 0.9).kink(&of("huber_loss", 1.1)), None);
    }

    #[test]
    fn the_laws_hold_for_every_reduction() {
        for op in ["l1_loss", "smooth_l1_loss", "huber_loss"] {
            for reduction in ["mean", "sum", "none"] {
                let keys = json!({ "op": op, "target": noise(&[2, 3], 2), "reduction": reduction });
                let layer = Layer::new(keys, &[noise(&[2, 3], 1)]).unwrap();
                layer.keeps_the_laws(0.0);
            }
        }
    }

    #[test]
    fn misfits_are_refused() {
        let row = &[json!([1, 2])][..];
        refuses(&[
            (
                json!({ "op": "huber_loss", "target": [1, 2], "delta": 0 }),
                row,
                "delta: must be above 0",
            ),
            (
                json!({ "op": "smooth_l1_loss", "target": [1, 2], "beta": -1 }),
                row,
                "beta: must not be negative",
            ),
            (
                json!({ "op": "hinge_embedding_loss", "target": [1, 0] }),
                row,
                "target: must hold only 1 (alike) and -1 (not alike)",
            ),
            (
                json!({ "op": "l1_loss", "target": [1] }),
                row,
                "target: `target` has shape [1], but `a` has [2]",
            ),
        ]);
    }
}
