//! `linear`: y = f(W x + b) on the last axis.

use super::axes::shape_of;
use super::descriptor::{Described, Descriptor, Parameter};
use super::kind::OpKind;
use super::phrases::{FactorWords, Phrases};
use super::settings::settings;
use super::{
    Activation, Contribution, FactorKind, IntoOp, Op, OperandRole, Operands, Run, Settings,
    ShapeError, Shapes,
};
use crate::gemm;
use crate::tensor::{Shape, Tensor};

settings! {
    /// A fully connected layer: every output looks at every input of its row.
    #[derive(Copy)]
    pub struct Linear {
        /// A function of each sum.
        activation: Option<Activation> = None,
    }
}

impl IntoOp for Linear {
    type Op = Self;
}

impl Described for Linear {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("linear", OpKind::Linear, Self::ABOUT)
            .with(&[
                Parameter::weight("[out, in]").required(),
                Parameter::bias("[out]"),
            ])
            .reading_batches()
            .saying(&Phrases {
                kin: "of its own row",
                factors: &[
                    FactorWords::of(FactorKind::Weight, "the weight on its wire to {me}"),
                    FactorWords::in_one(
                        FactorKind::Input,
                        "the value that comes down the wire",
                        "the value that comes down the wire, {source=}",
                    ),
                ],
                ..Phrases::NONE
            });
}

/// The sizes [out, in] of a layer's weight.
fn weight_sizes(operands: &Operands<'_>) -> (usize, usize) {
    let shape = operands.get(OperandRole::Weight).shape();
    (shape[0], shape[1])
}

/// The axis from which on the elements of a tensor are so many, where several axes hold them.
fn unflattened(shape: &Shape, n_elements: usize) -> Option<usize> {
    let several = 0..shape.rank().saturating_sub(1);
    let mut from = several.filter(|&axis| shape[axis..].iter().product::<usize>() == n_elements);
    from.next()
}

impl Op for Linear {
    fn settings(&self) -> &dyn Settings {
        self
    }

    fn activation(&self) -> Option<Activation> {
        self.activation
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        let (input, shape) = shapes.input();
        let Some((&n_in, outer)) = shape.split_last() else {
            return Err(ShapeError::input(
                0,
                format!(
                    "`{input}` is a single number, but `linear` works on the last axis of its input"
                ),
            )
            .hinted("give it a list, or put a `reshape` to [1] before it"));
        };
        let (name, weight) = shapes.expect_weight("linear")?;
        if weight.rank() != 2 {
            let message =
                format!("`{name}` has shape {weight}, but a linear weight has two axes, [out, in]");
            return Err(ShapeError::key("weight", message)
                .hinted("write one row of weights for each output"));
        }
        let (n_out, wide) = (weight[0], weight[1]);
        if wide != n_in {
            let what = if shape.rank() == 1 {
                format!("`{input}` has {n_in} elements")
            } else {
                format!("rows of `{input}` have {n_in}")
            };
            let (unflattened, is_transposed) = (unflattened(shape, wide), n_out == n_in);
            let (rows, hint) = if let Some(from) = unflattened {
                let setting = match from {
                    0 => String::new(),
                    axis => format!(" with \"start_dim\": {axis}"),
                };
                (
                    n_out,
                    format!("`{input}` is {shape}: put a `flatten` layer{setting} before this one"),
                )
            } else if is_transposed {
                (
                    wide,
                    "the weight is [out, in]: it looks transposed".to_owned(),
                )
            } else {
                (
                    n_out,
                    format!("make each row {n_in} wide, or check the layers before this one"),
                )
            };
            let message =
                format!("`{name}` has shape {weight}, but {what}, so it must be [{rows}, {n_in}]");
            return Err(ShapeError::key("weight", message)
                .labelled(format!("rows of {wide} here"))
                .hinted(hint));
        }
        shapes.expect_bias(&Shape::from([n_out]), &format!("there are {n_out} outputs"))?;
        let mut sizes = outer.to_vec();
        sizes.push(n_out);
        shape_of(&sizes)
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        let (n_out, n_in) = weight_sizes(operands);
        let (x, weight) = (
            operands.input().data(),
            operands.get(OperandRole::Weight).data(),
        );
        let bias = operands.bias.map(|bias| bias.data());
        // A sum begins at −0, to which whatever is added is the sum. The weight's rows are the left
        // side, so that even a single row of inputs makes many sums at a time.
        let n_rows = x.len() / n_in;
        let mut sums = vec![-0.0; shape.numel()];
        gemm::add_matrices(&mut sums, weight, &gemm::transposed(x, n_in), n_rows);
        let sums = gemm::transposed(&sums, n_rows);
        Tensor::from_fn(shape.clone(), |at| {
            sums[at] + bias.map_or(0.0, |bias| bias[at % n_out])
        })
    }

    fn receptive_field(
        &self,
        run: &Run<'_>,
        role: OperandRole,
        output: usize,
        visit: &mut dyn FnMut(usize),
    ) {
        let (n_out, n_in) = weight_sizes(&run.operands);
        match role {
            OperandRole::Input(_) => {
                (output / n_out * n_in..(output / n_out + 1) * n_in).for_each(visit)
            }
            OperandRole::Weight => {
                (output % n_out * n_in..(output % n_out + 1) * n_in).for_each(visit)
            }
            OperandRole::Bias => visit(output % n_out),
        }
    }

    fn contributions(
        &self,
        run: &Run<'_>,
        role: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        let (n_out, n_in) = weight_sizes(&run.operands);
        let n_rows = run.output.data().len() / n_out;
        match role {
            OperandRole::Input(_) => {
                let (row, column) = (at / n_in, at % n_in);
                let weight = run.operands.get(OperandRole::Weight);
                for output in 0..n_out {
                    visit(run.term_times(
                        row * n_out + output,
                        weight.factor(FactorKind::Weight, output * n_in + column),
                    ));
                }
            }
            OperandRole::Weight => {
                let (output, column) = (at / n_in, at % n_in);
                for row in 0..n_rows {
                    visit(run.term_times(
                        row * n_out + output,
                        run.input().factor(FactorKind::Input, row * n_in + column),
                    ));
                }
            }
            OperandRole::Bias => (0..n_rows).for_each(|row| visit(run.term(row * n_out + at))),
        }
    }

    fn n_contributions(&self, run: &Run<'_>, role: OperandRole, _at: usize) -> usize {
        let (n_out, _) = weight_sizes(&run.operands);
        match role {
            OperandRole::Input(_) => n_out,
            OperandRole::Weight | OperandRole::Bias => run.output.data().len() / n_out,
        }
    }

    fn accumulate(&self, run: &Run<'_>, role: OperandRole, sums: &mut [f64]) {
        let (n_out, n_in) = weight_sizes(&run.operands);
        let upstream = run.upstream_at_sums();
        match role {
            OperandRole::Input(_) => gemm::add_matrices(
                sums,
                &upstream,
                run.operands.get(OperandRole::Weight).data(),
                n_in,
            ),
            OperandRole::Weight => gemm::add_matrices(
                sums,
                &gemm::transposed(&upstream, n_out),
                run.input().data(),
                n_in,
            ),
            OperandRole::Bias => {
                for row in upstream.chunks(n_out) {
                    sums.iter_mut()
                        .zip(row)
                        .for_each(|(sum, upstream)| *sum += upstream);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use crate::ops::testing::{Layer, noise};

    proptest! {
        #[test]
        fn bulk_is_the_sum_of_the_terms(n_rows in 1..12_usize, n_in in 1..40_usize,
            n_out in 1..40_usize, seed: u64, activated: bool) {
            let mut layer = json!({"op": "linear", "weight": noise(&[n_out, n_in], seed),
                "bias": noise(&[n_out], seed ^ 1)});
            if activated {
                layer["activation"] = json!("tanh");
            }
            Layer::new(layer, &[noise(&[n_rows, n_in], seed ^ 2)]).unwrap().lists_what_it_sums(0.0);
        }
    }

    #[test]
    fn long_rows_keep_the_order() {
        for (n_rows, n_in, n_out) in [(1, 600, 530), (3, 270, 300), (70, 9, 300)] {
            let layer = json!({"op": "linear", "weight": noise(&[n_out, n_in], 2)});
            Layer::new(layer, &[noise(&[n_rows, n_in], 1)])
                .unwrap()
                .lists_what_it_sums(0.0);
        }
    }

    #[test]
    fn a_sum_of_nothing_but_negative_zeros() {
        let layer = |bias| json!({"op": "linear", "weight": [[-0.0, 0.0]], "bias": bias});
        let output = |bias| {
            Layer::new(layer(bias), &[json!([1, -1])])
                .unwrap()
                .output()
                .data()[0]
        };
        assert!(
            output(json!([-0.0])).is_sign_negative() && output(json!([0.0])).is_sign_positive()
        );
    }
}
