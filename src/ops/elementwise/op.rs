//! A function as an op of its own, so that its elements have steps of their own; and the loops over
//! many elements, each made for one function.

use super::super::{Contribution, Op, OperandRole, Operands, Run, Settings, ShapeError, Shapes};
use super::{Activation, Function};
use crate::gemm::for_each_chunk;
use crate::tensor::{Shape, Tensor};

/// How many elements one thread takes at a time, and how many multiplications a function costs at
/// least.
const CHUNK: usize = 4096;
const COST: usize = 4;

/// A layer that applies a function to each element.
#[derive(Debug)]
pub struct Elementwise<F>(F);

impl<F> From<F> for Elementwise<F> {
    fn from(function: F) -> Self {
        Self(function)
    }
}

impl<F: Function + Copy + Into<Activation>> Op for Elementwise<F> {
    fn settings(&self) -> &dyn Settings {
        &self.0
    }

    fn function_at(&self, _: &Run<'_>, _: usize) -> Option<Activation> {
        Some(self.0.into())
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        Ok(shapes.input().1.clone())
    }

    fn forward(&self, operands: &Operands<'_>, _: &Shape) -> Tensor {
        apply(&self.0, operands.input().tensor)
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
        let z = run.input().data();
        for_each_chunk(sums, CHUNK, z.len() * COST, &|nth, sums| {
            let pairs = run.upstream[nth * CHUNK..].iter().zip(&z[nth * CHUNK..]);
            sums.iter_mut()
                .zip(pairs)
                .for_each(|(sum, (&upstream, &z))| *sum += passed(&self.0, upstream, z));
        });
    }

    fn kink(&self, one: &Run<'_>, other: &Run<'_>) -> Option<usize> {
        kink(&self.0, one.input().data(), other.input().data())
    }
}

/// What passes of an upstream gradient: the product with f′(z), but 0 where a gate is closed.
#[inline]
fn passed(function: &impl Function, upstream: f64, z: f64) -> f64 {
    if function.is_closed_at(z) {
        0.0
    } else {
        upstream * function.slope(z)
    }
}

/// Returns f of every element.
pub(super) fn apply(function: &impl Function, z: &Tensor) -> Tensor {
    let mut y = Tensor::filled(z.shape().clone(), 0.0);
    for_each_chunk(y.data_mut(), CHUNK, z.data().len() * COST, &|nth, y| {
        y.iter_mut()
            .zip(&z.data()[nth * CHUNK..])
            .for_each(|(y, &z)| *y = function.value(z));
    });
    y
}

/// Returns what passes of upstream gradients, each at its z.
pub(super) fn scale(function: &impl Function, upstream: &[f64], z: &[f64]) -> Vec<f64> {
    let mut scaled = upstream.to_vec();
    for_each_chunk(&mut scaled, CHUNK, z.len() * COST, &|nth, scaled| {
        scaled
            .iter_mut()
            .zip(&z[nth * CHUNK..])
            .for_each(|(scaled, &z)| *scaled = passed(function, *scaled, z));
    });
    scaled
}

/// Returns the first place where the function has a kink between two points.
pub(super) fn kink(function: &impl Function, z: &[f64], other: &[f64]) -> Option<usize> {
    let mut pairs = z.iter().zip(other);
    pairs.position(|(&z, &other)| function.has_kink_between(z, other))
}
