//! What the functions of several elements have in common.

use smallvec::SmallVec;

use crate::ops::axes::{Projection, broadcast};
use crate::ops::{
    Contribution, Factor, Op, Operand, OperandRole, Operands, Run, Settings, ShapeError, Shapes,
};
use crate::tensor::{Shape, Tensor};

/// A function of the elements that several tensors have in one place.
pub trait Joint: Settings {
    /// The function's value.
    fn value(&self, elements: &[f64]) -> f64;

    /// The partial derivative by one of the elements; nothing where it is 1 and needs no words.
    fn factor(&self, number: usize, elements: &[f64]) -> Option<Factor>;

    /// Whether there is a kink or a step between two places.
    fn has_kink_between(&self, elements: &[f64], others: &[f64]) -> bool;
}

/// An op that applies a function to the elements in each place.
#[derive(Debug)]
pub struct OfPlaces<J>(J);

impl<J: Joint> From<J> for OfPlaces<J> {
    fn from(function: J) -> Self {
        Self(function)
    }
}

/// The elements that the inputs have in one place.
type Elements = SmallVec<[f64; 3]>;

/// How the output's neurons map to those of an operand.
fn projection<'a>(output: &'a Shape, operand: Operand<'_>) -> Projection<'a> {
    Projection::of_broadcast(output, operand.shape())
}

/// The elements of which an output neuron is made.
fn elements(operands: &Operands<'_>, shape: &Shape, output: usize) -> Elements {
    let inputs = operands.inputs.iter();
    inputs
        .map(|input| input.value(projection(shape, input).place(output)))
        .collect()
}

impl<J: Joint> Op for OfPlaces<J> {
    fn settings(&self) -> &dyn Settings {
        &self.0
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        broadcast(&shapes.inputs)
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        Tensor::from_fn(shape.clone(), |output| {
            self.0.value(&elements(operands, shape, output))
        })
    }

    fn receptive_field(
        &self,
        run: &Run<'_>,
        role: OperandRole,
        output: usize,
        visit: &mut dyn FnMut(usize),
    ) {
        visit(projection(run.output.shape(), run.operands.get(role)).place(output));
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
        let shape = run.output.shape();
        projection(shape, run.operands.get(role)).visit_fibre(at, &mut |output| {
            let elements = elements(&run.operands, shape, output);
            visit(match self.0.factor(number, &elements) {
                Some(factor) => run.term_times(output, factor),
                None => run.term(output),
            });
        });
    }

    fn kink(&self, one: &Run<'_>, other: &Run<'_>) -> Option<usize> {
        let shape = one.output.shape();
        (0..shape.numel()).find(|&output| {
            let [elements, moved] = [one, other].map(|run| elements(&run.operands, shape, output));
            self.0.has_kink_between(&elements, &moved)
        })
    }
}
