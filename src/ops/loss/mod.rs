//! Losses: how far the input is from a target, sample by sample, then reduced to one number by a
//! mean or a sum, or not at all.

mod classes;
mod distance;
mod elementwise;
mod likelihood;

use rayon::prelude::*;

use super::phrases::{FactorWords, Phrases};
use super::settings::named;
use super::torch::{self, TorchArgument};
use super::{
    Contribution, Factor, FactorKind, Op, Operand, OperandRole, Operands, Run, Settings,
    ShapeError, Shapes, Simplification,
};
use crate::tensor::numerals::{number, sum};
use crate::tensor::{Shape, Tensor};

pub use classes::{CrossEntropy, NllLoss};
pub use distance::{HingeEmbeddingLoss, HuberLoss, L1Loss, SmoothL1Loss};
pub use elementwise::{BinaryCrossEntropyWithLogits, MseLoss};
pub use likelihood::{BatchReduction, BinaryCrossEntropy, KlDiv};

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

    /// The derivative of its sample's loss by an input neuron, as the factor of an upstream
    /// gradient; a closed gate where the loss does not look at the neuron.
    fn slope(&self, input: Operand<'_>, at: usize, upstream: f64) -> Factor;

    /// [`Loss::slope`] without the part that the target has in it, where the loss compares the
    /// input with a target.
    fn slope_without_target(&self, _input: Operand<'_>, _at: usize) -> Option<f64> {
        None
    }

    /// [`Loss::slope`] where the target is taken for the class before it, if there is one.
    fn slope_counted_from_one(&self, _input: Operand<'_>, _at: usize) -> Option<f64> {
        None
    }

    /// [`Loss::slope`] without the 2 that comes from a square, where the loss is one.
    fn slope_without_two(&self, _input: Operand<'_>, _at: usize) -> Option<f64> {
        None
    }

    /// [`Loss::slope`] where the probabilities go through the loss's softmax once more, and their
    /// gradient comes back through that or does not.
    fn slope_after_two_softmaxes(
        &self,
        _input: Operand<'_>,
        _at: usize,
        _comes_back: bool,
    ) -> Option<f64> {
        None
    }

    /// [`Loss::slope`] of all input neurons, with the same bits; `upstream` says what reaches the
    /// loss of each.
    fn slopes(&self, input: Operand<'_>, upstream: &(dyn Fn(usize) -> f64 + Sync)) -> Vec<Factor> {
        (0..input.data().len())
            .into_par_iter()
            .with_min_len(1024)
            .map(|at| self.slope(input, at, upstream(at)))
            .collect()
    }

    /// What the mean divides by.
    fn divisor(&self, input: &Shape) -> f64;

    /// The first input neuron whose loss has a kink between two inputs.
    fn kink(&self, _input: Operand<'_>, _other: Operand<'_>) -> Option<usize> {
        None
    }

    /// Says where a slope, which is not NaN, comes from.
    fn on_slope(&self, _input: Operand<'_>, _at: usize, _slope: f64) -> Option<String> {
        None
    }

    /// The settings as PyTorch takes them.
    fn torch_arguments(&self, _input: &Shape) -> Vec<(&'static str, TorchArgument)> {
        torch::given(self.settings().given())
    }
}

impl<L: Loss> Reduced<L> {
    /// The output neuron that an input neuron is read by.
    fn output_of(&self, run: &Run<'_>, at: usize) -> usize {
        match self.0.reduction() {
            Reduction::None => self.0.sample_of(run.input().shape(), at),
            Reduction::Mean | Reduction::Sum => 0,
        }
    }

    /// The share of each sample's loss in the output.
    fn scale(&self, run: &Run<'_>) -> Option<f64> {
        let is_mean = self.0.reduction() == Reduction::Mean;
        is_mean.then(|| 1.0 / self.0.divisor(run.input().shape()))
    }

    /// The gradient of the loss of an input neuron's sample.
    fn upstream(&self, run: &Run<'_>, at: usize, scale: Option<f64>) -> f64 {
        run.upstream[self.output_of(run, at)] * scale.unwrap_or(1.0)
    }

    /// The term of an input neuron whose slope is known.
    fn term(&self, run: &Run<'_>, at: usize, slope: Factor, scale: Option<f64>) -> Contribution {
        let output = self.output_of(run, at);
        let Some(scale) = scale else {
            return run.term_times(output, slope);
        };
        // PyTorch multiplies by 2/n, which is small where the slope of a square is too large.
        if let Some(half) = self.half(run, at, slope) {
            return run
                .term_times(output, half)
                .times(FactorKind::Scale, 2.0 * scale);
        }
        let term = run.term_times(output, slope);
        // With nothing to weigh the mean is 0/0, and still this does not move it.
        if slope.is_closed && !scale.is_finite() {
            term
        } else {
            term.times(FactorKind::Scale, scale)
        }
    }

    /// Half of the slope of a square, where the half alone is a number.
    fn half(&self, run: &Run<'_>, at: usize, slope: Factor) -> Option<Factor> {
        let overflows = slope.value.is_infinite();
        let half = overflows.then(|| self.0.slope_without_two(run.input(), at))??;
        half.is_finite().then(|| Factor::of(slope.kind, half))
    }
}

impl<L: Loss> Op for Reduced<L> {
    fn settings(&self) -> &dyn Settings {
        self.0.settings()
    }

    fn on_slope(&self, run: &Run<'_>, at: usize, slope: f64) -> Option<String> {
        self.0.on_slope(run.input(), at, slope)
    }

    fn torch_arguments(&self, input: &Shape) -> Vec<(&'static str, TorchArgument)> {
        self.0.torch_arguments(input)
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
                .fold(0.0, |sum, sample| sum + self.0.value(input, sample))
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
        let scale = self.scale(run);
        let slope = self.0.slope(run.input(), at, self.upstream(run, at, scale));
        visit(self.term(run, at, slope, scale));
    }

    fn simplified(
        &self,
        run: &Run<'_>,
        _: usize,
        at: usize,
        simplification: Simplification,
    ) -> Option<f64> {
        match simplification {
            Simplification::NoTarget => self.0.slope_without_target(run.input(), at),
            Simplification::FromOne => self.0.slope_counted_from_one(run.input(), at),
            Simplification::NoTwo => self.0.slope_without_two(run.input(), at),
            Simplification::SoftmaxTwice { comes_back } => {
                self.0
                    .slope_after_two_softmaxes(run.input(), at, comes_back)
            }
            Simplification::FixedStatistics
            | Simplification::FixedMean
            | Simplification::FixedVariance => None,
        }
    }

    fn kink(&self, one: &Run<'_>, other: &Run<'_>) -> Option<usize> {
        let at = self.0.kink(one.input(), other.input())?;
        Some(self.output_of(one, at))
    }

    fn accumulate(&self, run: &Run<'_>, _: OperandRole, sums: &mut [f64]) {
        let scale = self.scale(run);
        let slopes = self
            .0
            .slopes(run.input(), &|at| self.upstream(run, at, scale));
        for (at, (sum, slope)) in sums.iter_mut().zip(slopes).enumerate() {
            *sum += self.term(run, at, slope, scale).product();
        }
    }
}

/// The words of losses that say where their slope comes from.
const TOLD: Phrases = Phrases {
    factors: &[FactorWords::of(FactorKind::Jacobian, "that slope")],
    ..Phrases::NONE
};

/// Says where the slope of a loss comes from that is a probability minus its target. `gives` says
/// where the probability comes from.
fn probability_minus_target(gives: &str, p: f64, slope: f64) -> String {
    let target = [1.0, 0.0]
        .into_iter()
        .find(|target| (slope - (p - target)).abs() <= 1e-9);
    let said = match target {
        Some(target) => {
            let difference = if target == 0.0 {
                number(slope)
            } else {
                sum(&[p, -target], slope)
            };
            format!(
                "and the target says {target}. The slope of the loss is the difference, \
                 {difference}"
            )
        }
        None => {
            let wants = if slope < 0.0 { "more" } else { "less" };
            let slope = number(slope);
            format!("and the target wants {wants}. The slope of the loss is {slope} there")
        }
    };
    let way = if slope < 0.0 { "lowers" } else { "raises" };
    format!("{gives}, {said}: raising {{me}} {way} the loss.")
}
