//! `dropout` with the mask written down: a scenario has no chance in it.

use super::descriptor::{Described, Descriptor};
use super::kind::OpKind;
use super::phrases::{FactorWords, Phrases};
use super::settings::{Domain, Interval, SettingError, settings};
use super::torch::Torch;
use super::{
    Contribution, FactorKind, IntoOp, Op, OperandRole, Operands, Run, Settings, ShapeError, Shapes,
};
use crate::tensor::{Shape, Tensor};

settings! {
    /// x · mask / (1 − p): some elements become zero, the others are scaled up.
    pub struct Dropout {
        required {
            /// 1 for each element that is kept, 0 for one that is dropped.
            mask: Tensor,
        }
        /// The part that is dropped.
        p: f64 = 0.5 => Domain::NumberIn(KEPT),
    }
}

/// What is kept is divided by 1 − p.
const KEPT: Interval = Interval {
    least: 0.0,
    end: 1.0,
    is_closed: false,
    must: "must be at least 0 and less than 1, because what is kept is divided by 1 - p",
};

impl IntoOp for Dropout {
    type Op = Self;
}

impl Described for Dropout {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("dropout", OpKind::Mask, Self::ABOUT)
            .in_torch(Torch::Expression("{x} * {mask} / (1 - {p})"))
            .saying(&Phrases {
                factors: &[
                    FactorWords::of(FactorKind::Operand, "the mask"),
                    FactorWords::of(
                        FactorKind::Scale,
                        "{value}, by which dropout scales up what it keeps",
                    ),
                ],
                ..Phrases::NONE
            });

    fn check(&self) -> Vec<SettingError> {
        let is_mask = self
            .mask
            .data()
            .iter()
            .all(|&keep| keep == 0.0 || keep == 1.0);
        let must = "must hold only 0 (dropped) and 1 (kept)";
        (!is_mask)
            .then(|| SettingError::unfit("mask", must))
            .into_iter()
            .collect()
    }
}

impl Op for Dropout {
    fn settings(&self) -> &dyn Settings {
        self
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        let (name, shape) = shapes.input();
        if self.mask.shape() != shape {
            let message = format!(
                "`mask` has shape {}, but `{name}` has {shape}",
                self.mask.shape()
            );
            return Err(ShapeError::key("mask", message)
                .hinted("the mask says for each neuron whether it is kept"));
        }
        Ok(shape.clone())
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        Tensor::from_fn(shape.clone(), |at| {
            operands.input().value(at) * self.mask.data()[at] / (1.0 - self.p)
        })
    }

    fn receptive_field(
        &self,
        _: &Run<'_>,
        _: OperandRole,
        output: usize,
        visit: &mut dyn FnMut(usize),
    ) {
        visit(output);
    }

    fn contributions(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        let term = run
            .term(at)
            .times(FactorKind::Operand, self.mask.data()[at]);
        visit(term.times(FactorKind::Scale, 1.0 / (1.0 - self.p)));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::ops::testing::{Layer, noise, refuses};

    #[test]
    fn what_is_kept_is_scaled() {
        let keys = json!({ "op": "dropout", "mask": [1, 0], "p": 0.75 });
        let layer = Layer::new(keys.clone(), &[json!([3, 5])]).unwrap();
        assert_eq!(layer.output().data(), [12.0, 0.0]);
        assert_eq!(
            layer.terms(OperandRole::Input(0), 0),
            [(0, vec![("operand", 1.0), ("scale", 4.0)])]
        );
        assert_eq!(
            layer.terms(OperandRole::Input(0), 1),
            [(1, vec![("operand", 0.0), ("scale", 4.0)])]
        );
        Layer::new(keys, &[noise(&[2], 1)])
            .unwrap()
            .keeps_the_laws(0.0);
    }

    #[test]
    fn misfits_are_refused() {
        let dropout = |mask: Value, p: Value| json!({ "op": "dropout", "mask": mask, "p": p });
        let row = &[json!([1, 2])][..];
        let mask = || json!([1, 0]);
        let (values, range) = (
            "mask: must hold only 0 (dropped) and 1 (kept)",
            "p: must be at least 0 and less than 1, because what is kept is divided by 1 - p",
        );
        refuses(&[
            (json!({ "op": "dropout" }), row, "mask: missing"),
            (
                dropout(json!([1, 0, 1]), json!(0)),
                row,
                "mask: `mask` has shape [3], but `a` has [2]",
            ),
            (dropout(json!([1, 0.5]), json!(0)), row, values),
            (dropout(json!([1, -1]), json!(0)), row, values),
            (dropout(mask(), json!(1)), row, range),
            (dropout(mask(), json!(-0.1)), row, range),
            (dropout(mask(), json!(1e300)), row, range),
            (dropout(mask(), json!(true)), row, "p: must be a number"),
            (dropout(mask(), json!(null)), row, "p: must be a number"),
        ]);
    }
}
