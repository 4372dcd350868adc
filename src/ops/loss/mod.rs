//! Losses: how far the input is from a target, sample by sample, then reduced to one number by a
//! mean or a sum, or not at all.

mod classes;
mod elementwise;

use rayon::prelude::*;

use super::settings::named;
use super::{
    Contribution, FactorKind, Family, Op, Operand, OperandRole, Operands, Run, Settings,
    ShapeError, Shapes, Simplification,
};
use crate::tensor::{Shape, Tensor};

pub use classes::{CrossEntropy, NllLoss};
pub use elementwise::{BinaryCrossEntropyWithLogits, MseLoss};

/// A loss with its reduction. A sample is what has a loss of its own: a neuron, or a row of
/// classes.
#[derive(Debug)]
pub struct Reduced<L>(L);

/// What becomes of the samples' losses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reduction {
    /// Their mean.
    Mean,
    /// Their sum.
    Sum,
    /// They stay as they are.
    None,
}

named!(Reduction { "mean" => Reduction::Mean, "sum" => Reduction::Sum, "none" => Reduction::None });

/// A loss before its reduction.
pub trait Loss: std::fmt::Debug + Send + Sync {
    /// The settings of the loss and of its reduction.
    fn settings(&self) -> &dyn Settings;

    fn family(&self) -> Family;

    /// What becomes of the samples' losses.
    fn reduction(&self) -> Reduction;

    /// Returns the shape of the samples' losses, or what does not fit about the input or the
    /// constants.
    fn losses_shape(&self, input: (&str, &Shape)) -> Result<Shape, ShapeError>;

    /// How many samples an input has.
    fn n_samples(&self, input: &Shape) -> usize;

    /// The loss of one sample.
    fn value(&self, input: Operand<'_>, sample: usize) -> f64;

    /// The sample that an input neuron belongs to.
    fn sample_of(&self, input: &Shape, at: usize) -> usize;

    /// Visits the input neurons of a sample in row-major order.
    fn elements(&self, input: &Shape, sample: usize, visit: &mut dyn FnMut(usize));

    /// The derivative of its sample's loss by an input neuron.
    fn slope(&self, input: Operand<'_>, at: usize) -> f64;

    /// [`Loss::slope`] without the part that the target has in it, where the loss compares the
    /// input with a target.
    fn slope_without_target(&self, _input: Operand<'_>, _at: usize) -> Option<f64> {
        None
    }

    /// [`Loss::slope`] of all input neurons, with the same bits.
    fn slopes(&self, input: Operand<'_>) -> Vec<f64> {
        (0..input.data().len())
            .into_par_iter()
            .with_min_len(1024)
            .map(|at| self.slope(input, at))
            .collect()
    }

    /// What the mean divides by.
    fn divisor(&self, input: &Shape) -> f64;
}

impl<L: Loss> Reduced<L> {
    /// The term of an input neuron whose slope is known.
    fn term(&self, run: &Run<'_>, at: usize, slope: f64) -> Contribution {
        let output = match self.0.reduction() {
            Reduction::None => self.0.sample_of(run.input().shape(), at),
            Reduction::Mean | Reduction::Sum => 0,
        };
        let term = run.term(output).times(FactorKind::Jacobian, slope);
        if self.0.reduction() != Reduction::Mean {
            return term;
        }
        let divisor = self.0.divisor(run.input().shape());
        // With every sample ignored the mean is 0/0, and still nothing moves it.
        if divisor == 0.0 && slope == 0.0 {
            term
        } else {
            term.times(FactorKind::Scale, 1.0 / divisor)
        }
    }
}

impl<L: Loss> Op for Reduced<L> {
    fn settings(&self) -> &dyn Settings {
        self.0.settings()
    }

    fn family(&self) -> Family {
        self.0.family()
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        let losses = self.0.losses_shape(shapes.input())?;
        Ok(if self.0.reduction() == Reduction::None {
            losses
        } else {
            Shape::scalar()
        })
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        let input = operands.input();
        let sum = || {
            (0..self.0.n_samples(input.shape()))
                .map(|sample| self.0.value(input, sample))
                .sum::<f64>()
        };
        match self.0.reduction() {
            Reduction::None => Tensor::from_fn(shape.clone(), |sample| self.0.value(input, sample)),
            Reduction::Sum => Tensor::scalar(sum()),
            Reduction::Mean => Tensor::scalar(sum() / self.0.divisor(input.shape())),
        }
    }

    fn receptive_field(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        output: usize,
        visit: &mut dyn FnMut(usize),
    ) {
        let input = run.input().shape();
        match self.0.reduction() {
            Reduction::None => self.0.elements(input, output, visit),
            Reduction::Mean | Reduction::Sum => (0..input.numel()).for_each(visit),
        }
    }

    fn contributions(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        visit(self.term(run, at, self.0.slope(run.input(), at)));
    }

    fn simplified(
        &self,
        run: &Run<'_>,
        _: usize,
        at: usize,
        simplification: Simplification,
    ) -> Option<f64> {
        (simplification == Simplification::NoTarget)
            .then(|| self.0.slope_without_target(run.input(), at))?
    }

    fn accumulate(&self, run: &Run<'_>, _: OperandRole, sums: &mut [f64]) {
        for (at, (sum, slope)) in sums.iter_mut().zip(self.0.slopes(run.input())).enumerate() {
            *sum += self.term(run, at, slope).product();
        }
    }
}
