//! `matmul`: products of vectors, matrices, and batches of matrices.

use super::axes::{Projection, broadcast, broadcastable, shape_of};
use super::descriptor::{Described, Descriptor};
use super::kind::OpKind;
use super::phrases::{FactorWords, Phrases};
use super::settings::settings;
use super::torch::Torch;
use super::{
    Contribution, FactorKind, IntoOp, Op, OperandRole, Operands, Run, Settings, ShapeError, Shapes,
};
use crate::gemm::{add_matrices, transposed};
use crate::tensor::{Shape, Tensor};

settings! {
    /// The matrix product: of vectors, matrices and batches of matrices.
    ///
    /// As `torch.matmul` defines it: a vector on the left is a row and on the right a column, and
    /// the axes before the last two are batches that broadcast.
    pub struct Matmul;
}

impl IntoOp for Matmul {
    type Op = Self;
}

impl Described for Matmul {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("matmul", OpKind::MatrixProduct, Self::ABOUT)
            .reading(2..=2)
            .in_torch(Torch::Operator(" @ "))
            .saying(&Phrases {
                factors: &[FactorWords::in_one(
                    FactorKind::Operand,
                    "the number that {me} is multiplied by there",
                    "the number that {me} is multiplied by there, {source=}",
                )],
                ..Phrases::NONE
            });
}

/// A product seen as batches of [rows, inner] times [inner, columns].
struct Product<'a> {
    rows: usize,
    inner: usize,
    columns: usize,
    /// From the output's batches to those of each operand.
    left: Projection<'a>,
    right: Projection<'a>,
}

impl<'a> Product<'a> {
    fn new(left: &[usize], right: &[usize], output: &'a [usize]) -> Self {
        let (left_batches, rows, inner) = as_matrices(left, Side::Left);
        let (right_batches, _, columns) = as_matrices(right, Side::Right);
        let matrix_axes = left.len().min(2) + right.len().min(2) - 2;
        let batches = &output[..output.len() - matrix_axes];
        let to = |operand| Projection::of_broadcast(batches, operand);
        Self {
            rows,
            inner,
            columns,
            left: to(left_batches),
            right: to(right_batches),
        }
    }

    fn of_run(run: &Run<'a>) -> Self {
        let [left, right] = [0, 1].map(|number| run.operands.inputs.get(number));
        Self::new(left.shape(), right.shape(), run.output.shape())
    }

    /// Batch, row and column of an output neuron.
    fn index(&self, output: usize) -> (usize, usize, usize) {
        (
            output / self.columns / self.rows,
            output / self.columns % self.rows,
            output % self.columns,
        )
    }

    fn output(&self, batch: usize, row: usize, column: usize) -> usize {
        (batch * self.rows + row) * self.columns + column
    }

    fn left(&self, batch: usize, row: usize, inner: usize) -> usize {
        (self.left.place(batch) * self.rows + row) * self.inner + inner
    }

    fn right(&self, batch: usize, inner: usize, column: usize) -> usize {
        (self.right.place(batch) * self.inner + inner) * self.columns + column
    }
}

#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

/// Splits a shape into its batches and the two sizes of a matrix; a vector is a row on the left and
/// a column on the right.
fn as_matrices(shape: &[usize], side: Side) -> (&[usize], usize, usize) {
    match (shape, side) {
        ([batches @ .., rows, columns], _) => (batches, *rows, *columns),
        ([size], Side::Left) => (&[], 1, *size),
        ([size], Side::Right) => (&[], *size, 1),
        ([], _) => (&[], 1, 1),
    }
}

impl Op for Matmul {
    fn settings(&self) -> &dyn Settings {
        self
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        let [(left_name, left), (right_name, right)] = shapes.inputs[..] else {
            return Err(ShapeError::layer("`matmul` multiplies two tensors"));
        };
        if let Some(number) = shapes
            .inputs
            .iter()
            .position(|(_, shape)| shape.rank() == 0)
        {
            let name = shapes.inputs[number].0;
            return Err(ShapeError::input(
                number,
                format!(
                    "`{name}` is a single number, but `matmul` multiplies vectors and matrices"
                ),
            )
            .hinted("`mul` multiplies a tensor by a number"));
        }
        let (left_batches, rows, inner) = as_matrices(left, Side::Left);
        let (right_batches, needed, columns) = as_matrices(right, Side::Right);
        if inner != needed {
            let message = format!(
                "`{left_name}` has shape {left} and `{right_name}` has {right}: \
                 rows of {inner} cannot be multiplied by columns of {needed}"
            );
            return Err(ShapeError::input(1, message).hinted(
                if right.rank() > 1 && inner == columns {
                    format!(
                        "put a `permute` that swaps the last two axes of `{right_name}` before it"
                    )
                } else {
                    "the last axis on the left must be as long as the last but one on the right"
                        .to_owned()
                },
            ));
        }
        if !broadcastable(left_batches, right_batches) {
            let message = format!(
                "the batches of `{left_name}` {left} and `{right_name}` {right} do not broadcast"
            );
            return Err(ShapeError::input(1, message)
                .hinted("before the last two axes, two sizes must be equal, or one of them 1"));
        }
        let batches = broadcast(&[
            (left_name, &Shape::from(left_batches)),
            (right_name, &Shape::from(right_batches)),
        ])?;
        let mut sizes = batches.to_vec();
        sizes.extend((left.rank() > 1).then_some(rows));
        sizes.extend((right.rank() > 1).then_some(columns));
        shape_of(&sizes)
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        let (left, right) = (
            operands.get(OperandRole::Input(0)),
            operands.get(OperandRole::Input(1)),
        );
        let product = Product::new(left.shape(), right.shape(), shape);
        // A sum begins at −0, to which whatever is added is the sum.
        let mut output = Tensor::filled(shape.clone(), -0.0);
        for (batch, sums) in output
            .data_mut()
            .chunks_mut(product.rows * product.columns)
            .enumerate()
        {
            let left = &left.data()[product.left(batch, 0, 0)..][..product.rows * product.inner];
            let right =
                &right.data()[product.right(batch, 0, 0)..][..product.inner * product.columns];
            add_matrices(sums, left, right, product.columns);
        }
        output
    }

    fn receptive_field(
        &self,
        run: &Run<'_>,
        role: OperandRole,
        output: usize,
        visit: &mut dyn FnMut(usize),
    ) {
        let product = Product::of_run(run);
        let (batch, row, column) = product.index(output);
        match role {
            OperandRole::Input(0) => {
                (0..product.inner).for_each(|inner| visit(product.left(batch, row, inner)))
            }
            _ => (0..product.inner).for_each(|inner| visit(product.right(batch, inner, column))),
        }
    }

    fn contributions(
        &self,
        run: &Run<'_>,
        role: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        let product = Product::of_run(run);
        let (left, right) = (
            run.operands.get(OperandRole::Input(0)),
            run.operands.get(OperandRole::Input(1)),
        );
        if role == OperandRole::Input(0) {
            let (row, inner) = (at / product.inner % product.rows, at % product.inner);
            product
                .left
                .visit_fibre(at / product.inner / product.rows, &mut |batch| {
                    let other = product.right(batch, inner, 0);
                    for column in 0..product.columns {
                        let output = product.output(batch, row, column);
                        visit(
                            run.term_times(
                                output,
                                right.factor(FactorKind::Operand, other + column),
                            ),
                        );
                    }
                });
        } else {
            let (inner, column) = (at / product.columns % product.inner, at % product.columns);
            product
                .right
                .visit_fibre(at / product.columns / product.inner, &mut |batch| {
                    let other = product.left(batch, 0, inner);
                    for row in 0..product.rows {
                        let output = product.output(batch, row, column);
                        visit(run.term_times(
                            output,
                            left.factor(FactorKind::Operand, other + row * product.inner),
                        ));
                    }
                });
        }
    }

    fn accumulate(&self, run: &Run<'_>, role: OperandRole, sums: &mut [f64]) {
        let product = Product::of_run(run);
        let (left, right) = (
            run.operands.get(OperandRole::Input(0)).data(),
            run.operands.get(OperandRole::Input(1)).data(),
        );
        for (batch, upstream) in run
            .upstream
            .chunks(product.rows * product.columns)
            .enumerate()
        {
            let (left_at, right_at) = (product.left(batch, 0, 0), product.right(batch, 0, 0));
            let left_places = left_at..left_at + product.rows * product.inner;
            let right_places = right_at..right_at + product.inner * product.columns;
            if role == OperandRole::Input(0) {
                let columns = transposed(&right[right_places], product.columns);
                add_matrices(&mut sums[left_places], upstream, &columns, product.inner);
            } else {
                let rows = transposed(&left[left_places], product.inner);
                add_matrices(&mut sums[right_places], &rows, upstream, product.columns);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ops::testing::{Layer, noise, refuses};

    #[test]
    fn the_laws_hold_for_every_pairing() {
        for (left, right, output) in [
            (&[3][..], &[3][..], "[]"),
            (&[2, 3], &[3], "[2]"),
            (&[3], &[3, 2], "[2]"),
            (&[2, 3], &[3, 4], "[2, 4]"),
            (&[3], &[2, 2, 3, 4], "[2, 2, 4]"),
            (&[2, 2, 4, 3], &[3], "[2, 2, 4]"),
            (&[2, 1, 2, 3], &[3, 3, 2], "[2, 3, 2, 2]"),
            (&[1, 1, 3], &[2, 3, 1], "[2, 1, 1]"),
            (&[2, 9, 13], &[1, 13, 21], "[2, 9, 21]"),
        ] {
            let layer = Layer::new(
                json!({ "op": "matmul" }),
                &[noise(left, 1), noise(right, 2)],
            )
            .unwrap();
            assert_eq!(layer.output().shape().to_string(), output);
            layer.keeps_the_laws(0.0);
        }
    }

    #[test]
    fn a_row_times_columns() {
        let layer = Layer::new(
            json!({ "op": "matmul" }),
            &[json!([[1, 2]]), json!([[3, 4], [5, 6]])],
        )
        .unwrap();
        assert_eq!(layer.output().data(), [13.0, 16.0]);
        assert_eq!(
            layer.terms(OperandRole::Input(0), 1),
            [(0, vec![("operand", 5.0)]), (1, vec![("operand", 6.0)])]
        );
        assert_eq!(
            layer.terms(OperandRole::Input(1), 2),
            [(0, vec![("operand", 2.0)])]
        );
    }

    #[test]
    fn products_that_do_not_fit_are_refused() {
        let product = || json!({ "op": "matmul" });
        let (matrix, tall) = (json!([[1, 2], [3, 4]]), json!([[1, 2], [3, 4], [5, 6]]));
        refuses(&[
            (
                product(),
                &[matrix.clone(), tall],
                "from 1: `a` has shape [2, 2] and `b` has [3, 2]: rows of 2 cannot be multiplied \
                 by columns of 3",
            ),
            (
                product(),
                &[matrix, json!(2)],
                "from 1: `b` is a single number, but `matmul` multiplies vectors and matrices",
            ),
            (
                product(),
                &[json!([1, 2]), json!([1, 2, 3])],
                "from 1: `a` has shape [2] and `b` has [3]: rows of 2 cannot be multiplied by \
                 columns of 3",
            ),
            (
                product(),
                &[json!([[[1]], [[2]]]), json!([[[1]], [[2]], [[3]]])],
                "from 1: the batches of `a` [2, 1, 1] and `b` [3, 1, 1] do not broadcast",
            ),
        ]);
    }
}
