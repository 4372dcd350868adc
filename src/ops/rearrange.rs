//! The same numbers under another index: `identity`, `flatten`, `reshape`, `permute`. Their
//! gradients only change places, so a contribution has no factors.

use super::axes::{axes, axis, known_axis, nested, shape_of};
use super::descriptor::{Described, Descriptor};
use super::kind::OpKind;
use super::phrases::Phrases;
use super::settings::{Bound, Domain, Length, SettingError, settings};
use super::torch::Torch;
use super::{Contribution, IntoOp, Op, OperandRole, Operands, Run, Settings, ShapeError, Shapes};
use crate::tensor::{Shape, Tensor};

settings! {
    /// The same numbers in neurons of their own.
    pub struct Identity;
}

settings! {
    /// Some axes made one: the same neurons under another index.
    #[derive(Copy)]
    pub struct Flatten {
        /// The first of the axes.
        start_dim: i64 = 0,
        /// The last of the axes.
        end_dim: i64 = -1,
    }
}

settings! {
    /// Other sizes: the same neurons under another index.
    pub struct Reshape {
        required {
            /// The sizes; -1 leaves one of them to be worked out.
            shape: Vec<Option<usize>>,
        }
    }
}

pub(super) const REARRANGED: Phrases = Phrases {
    unchanged: ": it is the same number in another place",
    ..Phrases::NONE
};

impl IntoOp for Identity {
    type Op = InOrder<Self>;
}

impl Described for Identity {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("identity", OpKind::Rearrangement, Self::ABOUT)
            .saying(&REARRANGED)
            .in_torch(Torch::Expression("{x}.clone()"));
}

impl IntoOp for Flatten {
    type Op = InOrder<Self>;
}

impl Described for Flatten {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("flatten", OpKind::Rearrangement, Self::ABOUT)
            .saying(&REARRANGED)
            .in_torch(Torch::Function);
}

impl IntoOp for Reshape {
    type Op = InOrder<Self>;
}

impl Described for Reshape {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("reshape", OpKind::Rearrangement, Self::ABOUT)
            .saying(&REARRANGED)
            .in_torch(Torch::Function);

    fn check(&self) -> Vec<SettingError> {
        let n_left_out = self.shape.iter().filter(|size| size.is_none()).count();
        let must = "must leave at most one size to be worked out with -1";
        (n_left_out > 1)
            .then(|| SettingError::unfit("shape", must))
            .into_iter()
            .collect()
    }
}

/// An op that keeps the row-major order: element n of the output is element n of the input.
#[derive(Debug)]
pub struct InOrder<S>(S);

impl<S> From<S> for InOrder<S> {
    fn from(settings: S) -> Self {
        Self(settings)
    }
}

/// What differs between the ops that keep the order.
trait KeepsOrder: Settings {
    /// Whether the output's neurons are the input's.
    const IS_VIEW: bool;

    fn output_shape(&self, input: (&str, &Shape)) -> Result<Shape, ShapeError>;
}

impl KeepsOrder for Identity {
    const IS_VIEW: bool = false;

    fn output_shape(&self, (_, shape): (&str, &Shape)) -> Result<Shape, ShapeError> {
        Ok(shape.clone())
    }
}

impl KeepsOrder for Flatten {
    const IS_VIEW: bool = true;

    fn output_shape(&self, input: (&str, &Shape)) -> Result<Shape, ShapeError> {
        flattened(self.start_dim, self.end_dim, input)
    }
}

impl KeepsOrder for Reshape {
    const IS_VIEW: bool = true;

    fn output_shape(&self, input: (&str, &Shape)) -> Result<Shape, ShapeError> {
        reshaped(&self.shape, input)
    }
}

impl<S: KeepsOrder> Op for InOrder<S> {
    fn settings(&self) -> &dyn Settings {
        &self.0
    }

    fn is_view(&self) -> bool {
        S::IS_VIEW
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        self.0.output_shape(shapes.input())
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        operands
            .input()
            .tensor
            .reshaped(shape.clone())
            .expect("`output_shape` keeps the number of elements")
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
        visit(run.term(at));
    }

    fn accumulate(&self, run: &Run<'_>, _: OperandRole, sums: &mut [f64]) {
        let terms = sums.iter_mut().zip(run.upstream);
        terms.for_each(|(sum, upstream)| *sum += upstream);
    }
}

fn flattened(start_dim: i64, end_dim: i64, input: (&str, &Shape)) -> Result<Shape, ShapeError> {
    let (start, end) = (
        axis("start_dim", start_dim, input)?,
        axis("end_dim", end_dim, input)?,
    );
    let (name, shape) = input;
    if start > end {
        return Err(ShapeError::key(
            "start_dim",
            format!("`start_dim` is axis {start} of `{name}`, but `end_dim` is axis {end}"),
        )
        .labelled("comes after `end_dim`")
        .hinted("`flatten` makes one axis of those from `start_dim` to `end_dim`"));
    }
    if shape.rank() == 0 {
        return Ok(Shape::from([1]));
    }
    let mut sizes = shape[..start].to_vec();
    sizes.push(shape[start..=end].iter().product());
    sizes.extend_from_slice(&shape[end + 1..]);
    shape_of(&sizes)
}

fn reshaped(sizes: &[Option<usize>], (name, shape): (&str, &Shape)) -> Result<Shape, ShapeError> {
    let shape_error = |why: String| {
        let hint = "the sizes must multiply to the number of elements; -1 leaves one of them to be \
                    worked out";
        ShapeError::key(
            "shape",
            format!(
                "`{name}` has shape {shape}, so {} elements, {why}",
                shape.numel()
            ),
        )
        .hinted(hint)
    };
    let known = sizes
        .iter()
        .flatten()
        .try_fold(1_usize, |product, &size| product.checked_mul(size));
    let Some(known) = known else {
        return Err(shape_error(
            "but these sizes multiply to more than a computer can count".to_owned(),
        ));
    };
    let left_out = shape.numel() / known;
    if sizes.contains(&None) && known * left_out != shape.numel() {
        return Err(shape_error(format!("which do not divide by {known}")));
    }
    if !sizes.contains(&None) && known != shape.numel() {
        return Err(shape_error(format!("but these sizes multiply to {known}")));
    }
    shape_of(
        &sizes
            .iter()
            .map(|size| size.unwrap_or(left_out))
            .collect::<Vec<_>>(),
    )
}

settings! {
    /// The axes in another order.
    pub struct Permute {
        required {
            /// Which axis of the input each axis of the output is.
            dims: Vec<i64> => Domain::List(Bound::Any, Length::Any),
        }
    }
}

impl IntoOp for Permute {
    type Op = Self;
}

impl Described for Permute {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("permute", OpKind::Rearrangement, Self::ABOUT)
            .saying(&REARRANGED)
            .in_torch(Torch::Function);
}

impl Permute {
    /// The axis of the input that each axis of the output is.
    fn order(&self) -> impl DoubleEndedIterator<Item = usize> {
        let rank = self.dims.len();
        self.dims.iter().map(move |&dim| known_axis(dim, rank))
    }

    /// The place in the input of an output neuron. Like [`Permute::output_place`] it asks for one
    /// stride after the other, because a list of more than four of them would be on the heap, for
    /// every neuron.
    fn input_place(&self, input: &Shape, output: usize) -> usize {
        let mut rest = output;
        let along = |axis: usize| {
            let at = rest % input[axis];
            rest /= input[axis];
            at * stride(input, axis)
        };
        self.order().rev().map(along).sum()
    }

    /// How many neurons a row of the output has, along its last axis.
    fn n_in_row(&self, input: &Shape) -> usize {
        self.order().next_back().map_or(1, |last| input[last])
    }

    /// Visits the output's rows in their order: where in the input the first neuron of each is, and
    /// how far apart they are there.
    fn visit_rows(&self, input: &Shape, visit: &mut dyn FnMut(usize, usize)) {
        let mut axes = self.order().rev();
        let step = axes.next().map_or(1, |last| stride(input, last));
        let loops: Vec<_> = axes
            .map(|axis| (input[axis], stride(input, axis)))
            .collect();
        nested(0, &loops, &mut |first| visit(first, step));
    }

    /// The place in the output of an input neuron.
    fn output_place(&self, input: &Shape, at: usize) -> usize {
        self.order().fold(0, |place, axis| {
            place * input[axis] + at / stride(input, axis) % input[axis]
        })
    }
}

/// How far apart in row-major order two neighbours along an axis are.
fn stride(shape: &Shape, axis: usize) -> usize {
    shape[axis + 1..].iter().product()
}

impl Op for Permute {
    fn settings(&self) -> &dyn Settings {
        self
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        let (name, shape) = shapes.input();
        axes("dims", &self.dims, shapes.input())?;
        if self.dims.len() != shape.rank() {
            let (given, rank) = (self.dims.len(), shape.rank());
            return Err(ShapeError::key(
                "dims",
                format!("`{name}` has {rank} axes, but `dims` lists {given}"),
            )
            .hinted("list every axis once, in the order that they are to have"));
        }
        shape_of(&self.order().map(|axis| shape[axis]).collect::<Vec<_>>())
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        let input = operands.input();
        let mut output = Tensor::filled(shape.clone(), 0.0);
        let mut rows = output.data_mut().chunks_mut(self.n_in_row(input.shape()));
        self.visit_rows(input.shape(), &mut |first, step| {
            let values = input.data()[first..].iter().step_by(step);
            let pairs = rows.next().into_iter().flatten().zip(values);
            pairs.for_each(|(output, input)| *output = *input);
        });
        output
    }

    fn receptive_field(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        output: usize,
        visit: &mut dyn FnMut(usize),
    ) {
        visit(self.input_place(run.input().shape(), output));
    }

    fn contributions(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        visit(run.term(self.output_place(run.input().shape(), at)));
    }

    fn accumulate(&self, run: &Run<'_>, _: OperandRole, sums: &mut [f64]) {
        let input = run.input().shape();
        let mut rows = run.upstream.chunks(self.n_in_row(input));
        self.visit_rows(input, &mut |first, step| {
            let sums = sums[first..].iter_mut().step_by(step);
            let terms = sums.zip(rows.next().into_iter().flatten());
            terms.for_each(|(sum, upstream)| *sum += upstream);
        });
    }
}

#[cfg(test)]
mod tests;
