//! `sum` and `mean` over some axes, or all.

use super::along::Along;
use super::axes::Projection;
use super::descriptor::{Described, Descriptor};
use super::kind::OpKind;
use super::phrases::Phrases;
use super::settings::settings;
use super::torch::{Torch, TorchArgument};
use super::{
    Contribution, FactorKind, IntoOp, Op, OperandRole, Operands, Run, Settings, ShapeError, Shapes,
};
use crate::tensor::{Shape, Tensor};

/// The sum over some axes, or all.
pub type Sum = Reduce<false>;
/// The mean over some axes, or all.
pub type Mean = Reduce<true>;

settings! {
    /// The sum or the mean over some axes, or all: every input neuron is read by one output neuron.
    pub struct Reduce<const MEAN: bool> {
        /// The axes; none named means all of them.
        dim: Vec<i64> = Vec::new(),
        /// Whether the axes stay, with a size of 1.
        keepdim: bool = false,
    }
}

impl<const MEAN: bool> IntoOp for Reduce<MEAN> {
    type Op = Self;
}

impl<const MEAN: bool> Described for Reduce<MEAN> {
    const DESCRIPTOR: &'static Descriptor = &Descriptor::of::<Self>(
        if MEAN { "mean" } else { "sum" },
        OpKind::Reduction,
        Self::ABOUT,
    )
    .in_torch(Torch::Function)
    .saying(&Self::PHRASES);
}

impl<const MEAN: bool> Reduce<MEAN> {
    const PHRASES: Phrases = Phrases {
        unchanged: if MEAN {
            ""
        } else {
            ": in a sum, everyone counts in full"
        },
        ..Phrases::NONE
    };

    fn along(&self) -> Along<'_> {
        Along {
            dim: &self.dim,
            keepdim: self.keepdim,
        }
    }

    /// From the input's neurons to the output's.
    fn projection<'a>(&self, input: &'a Shape) -> Projection<'a> {
        self.along().projection(input)
    }
}

impl<const MEAN: bool> Op for Reduce<MEAN> {
    fn settings(&self) -> &dyn Settings {
        self
    }

    fn torch_arguments(&self, input: &Shape) -> Vec<(&'static str, TorchArgument)> {
        self.along().torch_arguments(self, input)
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        self.along().output_shape(shapes)
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        let input = operands.input();
        let projection = self.projection(input.shape());
        let mut output = Tensor::filled(shape.clone(), 0.0);
        let sums = output.data_mut();
        for (at, x) in input.data().iter().enumerate() {
            sums[projection.place(at)] += x;
        }
        if MEAN {
            let n = (input.data().len() / sums.len()) as f64;
            sums.iter_mut().for_each(|sum| *sum /= n);
        }
        output
    }

    fn receptive_field(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        output: usize,
        visit: &mut dyn FnMut(usize),
    ) {
        self.projection(run.input().shape())
            .visit_fibre(output, visit);
    }

    fn contributions(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        let term = run.term(self.projection(run.input().shape()).place(at));
        visit(if MEAN {
            let n = run.input().data().len() / run.output.data().len();
            term.times(FactorKind::Scale, 1.0 / n as f64)
        } else {
            term
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::ops::testing::{Layer, noise, refuses};

    #[test]
    fn the_laws_hold_over_any_axes() {
        for (dim, shape, kept) in [
            (json!([]), "[]", "[1, 1, 1]"),
            (json!(1), "[2, 4]", "[2, 1, 4]"),
            (json!([0, -1]), "[3]", "[1, 3, 1]"),
            (json!([-1, 0, 1]), "[]", "[1, 1, 1]"),
        ] {
            for op in ["sum", "mean"] {
                for keepdim in [false, true] {
                    let keys = json!({ "op": op, "dim": dim, "keepdim": keepdim });
                    let layer = Layer::new(keys, &[noise(&[2, 3, 4], 1)]).unwrap();
                    assert_eq!(
                        layer.output().shape().to_string(),
                        if keepdim { kept } else { shape }
                    );
                    layer.keeps_the_laws(0.0);
                }
            }
        }
        Layer::new(json!({ "op": "mean", "dim": 0 }), &[json!(5)])
            .unwrap()
            .keeps_the_laws(0.0);
    }

    #[test]
    fn a_mean_shares_its_gradient() {
        let layer = Layer::new(
            json!({ "op": "mean", "dim": 0 }),
            &[json!([[1, 2], [3, 6]])],
        )
        .unwrap();
        assert_eq!(layer.output().data(), [2.0, 4.0]);
        assert_eq!(
            layer.terms(OperandRole::Input(0), 3),
            [(1, vec![("scale", 0.5)])]
        );
        let sum = Layer::new(json!({ "op": "sum" }), &[json!([[1, 2], [3, 6]])]).unwrap();
        assert_eq!(sum.terms(OperandRole::Input(0), 3), [(0, vec![])]);
    }

    #[test]
    fn misfits_are_refused() {
        let matrix = &[json!([[1, 2], [3, 4]])][..];
        let sum = |dim: Value| json!({ "op": "sum", "dim": dim });
        let whole = "dim: must be a whole number, or a list of them";
        refuses(&[
            (
                sum(json!(2)),
                matrix,
                "dim: `a` has 2 axes, so `dim` must be from -2 to 1, not 2",
            ),
            (
                sum(json!([0, 5])),
                matrix,
                "dim: `a` has 2 axes, so `dim` must be from -2 to 1, not 5",
            ),
            (
                sum(json!([0, 0])),
                matrix,
                "dim: `dim` names axis 0 of `a` twice",
            ),
            (
                sum(json!([0, -2])),
                matrix,
                "dim: `dim` names axis 0 of `a` twice",
            ),
            (sum(json!(0.5)), matrix, whole),
            (sum(json!("0")), matrix, whole),
            (sum(json!([0.5])), matrix, whole),
            (sum(json!(null)), matrix, whole),
            (sum(json!(1_u64 << 63)), matrix, whole),
            (
                json!({ "op": "mean", "dim": 0, "keepdim": "yes" }),
                matrix,
                "keepdim: must be true or false",
            ),
        ]);
    }
}
