//! `cat` and `stack`: tensors joined along an axis, one that they have or a new one.

use super::axes::{axis, known_axis, shape_of, too_many_elements};
use super::descriptor::{Described, Descriptor};
use super::kind::OpKind;
use super::rearrange::REARRANGED;
use super::settings::settings;
use super::torch::Torch;
use super::{
    Contribution, IntoOp, Op, Operand, OperandRole, Operands, Run, Settings, ShapeError, Shapes,
};
use crate::tensor::{Shape, Tensor};

settings! {
    /// Tensors joined along an axis.
    #[derive(Copy)]
    pub struct Cat {
        /// The axis.
        dim: i64 = 0,
    }
}

settings! {
    /// Tensors of one shape laid side by side along a new axis.
    #[derive(Copy)]
    pub struct Stack {
        /// The new axis, counted in the output.
        dim: i64 = 0,
    }
}

impl IntoOp for Cat {
    type Op = Joining<Self>;
}

impl IntoOp for Stack {
    type Op = Joining<Self>;
}

impl Described for Stack {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("stack", OpKind::Rearrangement, Self::ABOUT)
            .reading(1..=usize::MAX)
            .saying(&REARRANGED)
            .in_torch(Torch::FunctionOfList);
}

impl Described for Cat {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("cat", OpKind::Rearrangement, Self::ABOUT)
            .reading(1..=usize::MAX)
            .saying(&REARRANGED)
            .in_torch(Torch::FunctionOfList);
}

/// An op that joins its inputs.
#[derive(Debug)]
pub struct Joining<S>(S);

impl<S> From<S> for Joining<S> {
    fn from(settings: S) -> Self {
        Self(settings)
    }
}

/// What differs between the ops that join.
trait Joins: Settings {
    /// The axis of the output along which the inputs lie.
    fn dim(&self) -> i64;

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError>;

    /// The input of that number, as it lies in the output.
    fn piece(&self, operands: &Operands<'_>, number: usize, output: &Shape) -> Piece {
        let axis = known_axis(self.dim(), output.rank());
        let size = |input: Operand<'_>| input.shape()[axis..].iter().product::<usize>();
        Piece {
            size: size(operands.inputs.get(number)),
            start: operands.inputs.iter().take(number).map(size).sum(),
            block: output[axis..].iter().product(),
        }
    }
}

impl Joins for Cat {
    fn dim(&self) -> i64 {
        self.dim
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        let (first_name, first) = shapes.input();
        if let Some(number) = shapes
            .inputs
            .iter()
            .position(|(_, shape)| shape.rank() == 0)
        {
            let name = shapes.inputs[number].0;
            return Err(ShapeError::input(
                number,
                format!("`{name}` is a single number, but `cat` joins tensors along an axis"),
            )
            .hinted("put a `reshape` to [1] before it"));
        }
        let axis = axis("dim", self.dim, shapes.input())?;
        for (number, (name, shape)) in shapes.inputs.iter().enumerate() {
            if shape.rank() != first.rank() || shape.without(axis) != first.without(axis) {
                let message = format!(
                    "`{name}` has shape {shape}, but `{first_name}` has {first}, and `cat` joins \
                     along axis {axis}"
                );
                return Err(ShapeError::input(number, message)
                    .hinted("all other axes must have the same sizes"));
            }
        }
        let joined = shapes
            .inputs
            .iter()
            .try_fold(0_usize, |sum, (_, shape)| sum.checked_add(shape[axis]));
        let mut sizes = first.to_vec();
        sizes[axis] = joined.ok_or_else(too_many_elements)?;
        shape_of(&sizes)
    }
}

impl Joins for Stack {
    fn dim(&self) -> i64 {
        self.dim
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        let (first_name, first) = shapes.input();
        let inputs = shapes.inputs.iter().enumerate();
        if let Some((number, (name, shape))) = inputs.into_iter().find(|(_, of)| of.1 != first) {
            let message = format!("`{name}` has shape {shape}, but `{first_name}` has {first}");
            return Err(ShapeError::input(number, message)
                .hinted("`stack` lays tensors of one shape side by side; `cat` joins others"));
        }
        let longer = shape_of(&[&first[..], &[shapes.inputs.len()]].concat())?;
        let axis = axis("dim", self.dim, (first_name, &longer))?;
        let mut sizes = first.to_vec();
        sizes.insert(axis, shapes.inputs.len());
        shape_of(&sizes)
    }
}

/// One input, seen as blocks: each block of the output holds one block of every input,
/// in order.
struct Piece {
    /// The elements of the input in one block.
    size: usize,
    /// Where they begin in the output's block.
    start: usize,
    /// The elements of an output's block.
    block: usize,
}

impl<S: Joins> Op for Joining<S> {
    fn settings(&self) -> &dyn Settings {
        &self.0
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        self.0.output_shape(shapes)
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        let mut data = vec![0.0; shape.numel()];
        let axis = known_axis(self.0.dim(), shape.rank());
        let block: usize = shape[axis..].iter().product();
        let mut start = 0;
        for input in operands.inputs.iter() {
            let size = input.shape()[axis..].iter().product();
            for (into, from) in data
                .chunks_exact_mut(block)
                .zip(input.data().chunks_exact(size))
            {
                into[start..][..size].copy_from_slice(from);
            }
            start += size;
        }
        Tensor::new(shape.clone(), data).expect("the pieces fill the output")
    }

    fn receptive_field(
        &self,
        run: &Run<'_>,
        role: OperandRole,
        output: usize,
        visit: &mut dyn FnMut(usize),
    ) {
        let OperandRole::Input(number) = role else {
            return;
        };
        let piece = self.0.piece(&run.operands, number, run.output.shape());
        let (block, in_block) = (output / piece.block, output % piece.block);
        if (piece.start..piece.start + piece.size).contains(&in_block) {
            visit(block * piece.size + in_block - piece.start);
        }
    }

    fn contributions(
        &self,
        run: &Run<'_>,
        role: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        let OperandRole::Input(number) = role else {
            return;
        };
        let piece = self.0.piece(&run.operands, number, run.output.shape());
        visit(run.term(at / piece.size * piece.block + piece.start + at % piece.size));
    }
}
