//! A function as an op of its own, so that its elements have steps of their own.

use super::activation::Activation;
use super::function::Function;
use crate::ops::descriptor::Described;
use crate::ops::{
    Contribution, IntoOp, Op, OperandRole, Operands, Run, Settings, ShapeError, Shapes,
};
use crate::tensor::{Shape, Tensor};

/// A layer that applies a function to each element.
#[derive(Debug)]
pub struct Elementwise(Activation);

impl<F: Into<Activation>> From<F> for Elementwise {
    fn from(function: F) -> Self {
        Self(function.into())
    }
}

impl<F: Function + Described + Into<Activation>> IntoOp for F {
    type Op = Elementwise;
}

impl Op for Elementwise {
    fn settings(&self) -> &dyn Settings {
        &*self.0
    }

    fn function_at(&self, _: &Run<'_>, _: usize) -> Option<Activation> {
        Some(self.0)
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        Ok(shapes.input().1.clone())
    }

    fn forward(&self, operands: &Operands<'_>, _: &Shape) -> Tensor {
        self.0.of(operands.input().tensor)
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
        visit(run.term_times(at, self.0.factor(run.input().value(at))));
    }

    fn accumulate(&self, run: &Run<'_>, _: OperandRole, sums: &mut [f64]) {
        self.0.add_scaled(run.upstream, run.input().data(), sums);
    }

    fn kink(&self, one: &Run<'_>, other: &Run<'_>) -> Option<usize> {
        self.0.kink(one.input().data(), other.input().data())
    }
}
