//! `linear`: y = f(W x + b) on the last axis.

use super::axes::shape_of;
use super::keys::Reader;
use super::{Activation, Contribution, FactorKind, Family, Misfit, Op, Operands, Run, Shapes, Slot};
use crate::tensor::{Shape, Tensor};

/// A fully connected layer: every output looks at every input of its row.
#[derive(Debug)]
pub(super) struct Linear {
    activation: Option<Activation>,
}

impl Linear {
    pub(super) fn read(keys: &mut Reader<'_>) -> Self {
        keys.required_parameter("weight");
        keys.parameter("bias");
        Self { activation: keys.optional("activation") }
    }
}

/// The sizes [out, in] of a layer's weight.
fn weight_sizes(operands: &Operands<'_>) -> (usize, usize) {
    let shape = operands.get(Slot::Weight).shape();
    (shape[0], shape[1])
}

impl Op for Linear {
    fn family(&self) -> Family {
        Family::Linear
    }

    fn activation(&self) -> Option<Activation> {
        self.activation
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, Misfit> {
        let (input, shape) = shapes.input();
        let Some((&n_in, outer)) = shape.split_last() else {
            return Err(Misfit::input(
                0,
                format!("`{input}` is a single number, but `linear` works on the last axis of its input"),
            )
            .hinted("give it a list, or put a `reshape` to [1] before it"));
        };
        let (name, weight) = shapes.expect_weight("linear")?;
        if weight.rank() != 2 {
            let message = format!("`{name}` has shape {weight}, but a linear weight has two axes, [out, in]");
            return Err(Misfit::key("weight", message).hinted("write one row of weights for each output"));
        }
        let (n_out, wide) = (weight[0], weight[1]);
        if wide != n_in {
            let what =
                if shape.rank() == 1 { format!("`{input}` has {n_in} elements") } else { format!("rows of `{input}` have {n_in}") };
            let (is_unflattened, is_transposed) = (shape.numel() == wide && shape.rank() > 1, n_out == n_in);
            let (rows, hint) = if is_unflattened {
                (n_out, format!("`{input}` is {shape}: put a `flatten` layer before this one"))
            } else if is_transposed {
                (wide, "the weight is [out, in]: it looks transposed".to_owned())
            } else {
                (n_out, format!("make each row {n_in} wide, or check the layers before this one"))
            };
            let message = format!("`{name}` has shape {weight}, but {what}, so it must be [{rows}, {n_in}]");
            return Err(Misfit::key("weight", message).labelled(format!("rows of {wide} here")).hinted(hint));
        }
        shapes.expect_bias(&Shape::from([n_out]), &format!("there are {n_out} outputs"))?;
        let mut sizes = outer.to_vec();
        sizes.push(n_out);
        shape_of(&sizes)
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        let (n_out, n_in) = weight_sizes(operands);
        let (x, weight) = (operands.input().data(), operands.get(Slot::Weight).data());
        let bias = operands.bias.map(|bias| bias.data());
        Tensor::from_fn(shape.clone(), |at| {
            let (row, output) = (at / n_out, at % n_out);
            let pairs = x[row * n_in..][..n_in].iter().zip(&weight[output * n_in..][..n_in]);
            pairs.map(|(x, w)| x * w).sum::<f64>() + bias.map_or(0.0, |bias| bias[output])
        })
    }

    fn receptive_field(&self, run: &Run<'_>, slot: Slot, output: usize, visit: &mut dyn FnMut(usize)) {
        let (n_out, n_in) = weight_sizes(&run.operands);
        match slot {
            Slot::Input(_) => (output / n_out * n_in..(output / n_out + 1) * n_in).for_each(visit),
            Slot::Weight => (output % n_out * n_in..(output % n_out + 1) * n_in).for_each(visit),
            Slot::Bias => visit(output % n_out),
        }
    }

    fn contributions(&self, run: &Run<'_>, slot: Slot, at: usize, visit: &mut dyn FnMut(Contribution)) {
        let (n_out, n_in) = weight_sizes(&run.operands);
        let n_rows = run.output.data().len() / n_out;
        match slot {
            Slot::Input(_) => {
                let (row, column) = (at / n_in, at % n_in);
                let weight = run.operands.get(Slot::Weight);
                for output in 0..n_out {
                    visit(run.term_times(row * n_out + output, weight.factor(FactorKind::Weight, output * n_in + column)));
                }
            }
            Slot::Weight => {
                let (output, column) = (at / n_in, at % n_in);
                for row in 0..n_rows {
                    visit(run.term_times(row * n_out + output, run.input().factor(FactorKind::Input, row * n_in + column)));
                }
            }
            Slot::Bias => (0..n_rows).for_each(|row| visit(run.term(row * n_out + at))),
        }
    }
}
