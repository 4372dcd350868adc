//! Losses over classes: `cross_entropy` and `nll_loss`. A sample is a row along the class axis:
//! axis 1, or the only one.

mod settings;

use rayon::prelude::*;

use super::{Loss, Reduction, probability_minus_target};
use crate::ops::axes::Rows;
use crate::ops::softmax::Normaliser;
use crate::ops::torch::{self, TorchArgument};
use crate::ops::{Factor, FactorKind, Operand, Settings, ShapeError, expect_shape};
use crate::tensor::numerals::number;
use crate::tensor::{Address, Shape, Tensor, exact};

pub use settings::{CrossEntropy, NllLoss};

/// A loss over classes.
#[derive(Debug)]
pub struct Classes<S> {
    settings: S,
    reads: Reads,
    target: Tensor,
    weight: Option<Tensor>,
    ignore_index: i64,
    label_smoothing: f64,
    reduction: Reduction,
    /// The weights of all target classes that are not ignored, added up: what the mean over class
    /// targets divides by.
    target_weight: f64,
}

/// What the input holds.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Reads {
    /// Numbers that softmax makes probabilities of.
    Logits,
    /// ln p itself.
    LogProbabilities,
}

impl<S> Classes<S> {
    /// The loss with the weights of its target classes added up.
    fn weighed(mut self) -> Self {
        let counted = (0..self.target.data().len()).filter_map(|sample| self.class(sample));
        self.target_weight = counted.map(|class| self.weight_of(class)).sum();
        self
    }

    /// The target class of a sample, unless the sample is ignored.
    fn class(&self, sample: usize) -> Option<usize> {
        let target = self.target.data()[sample];
        (target != self.ignore_index as f64).then_some(target as usize)
    }

    fn weight_of(&self, class: usize) -> f64 {
        self.weight.as_ref().map_or(1.0, |weight| {
            weight.data().get(class).copied().unwrap_or(0.0)
        })
    }

    /// Whether smoothing multiplies every sample's share, which is 0 where it is ignored, by a
    /// weight that is not finite.
    fn shares_out_infinity(&self) -> bool {
        let weights = self.weight.iter().flat_map(|weight| weight.data());
        self.label_smoothing > 0.0 && weights.clone().any(|weight| !weight.is_finite())
    }

    /// Whether the target is a probability for every class instead of one class a sample.
    fn has_probabilities(&self, input: &Shape) -> bool {
        self.reads == Reads::Logits && self.target.shape() == input
    }

    fn is_ignored(&self, input: &Shape, sample: usize) -> bool {
        !self.has_probabilities(input) && self.class(sample).is_none()
    }

    /// q of an input neuron whose sample is not ignored; nothing where the loss does not look at
    /// its class.
    fn goal(&self, input: &Shape, at: usize) -> Option<f64> {
        self.goal_of(input, at, self.class(rows(input).number(at)))
    }

    /// [`Self::goal`] where this is the target class of the sample.
    fn goal_of(&self, input: &Shape, at: usize, target: Option<usize>) -> Option<f64> {
        let rows = rows(input);
        let class = rows.position(at);
        let smoothing = self.label_smoothing;
        let share = if self.has_probabilities(input) {
            self.target.data()[at]
        } else if target == Some(class) {
            1.0
        } else if smoothing > 0.0 {
            0.0
        } else {
            return None;
        };
        let goal = (1.0 - smoothing) * share + smoothing / rows.size as f64;
        Some(self.weight_of(class) * goal)
    }

    /// The goals of a sample that is not ignored, each with its input neuron.
    fn goals(&self, input: &Shape, sample: usize) -> impl Iterator<Item = (usize, f64)> {
        let places = rows(input).places(sample);
        places.filter_map(|at| Some((at, self.goal(input, at)?)))
    }

    fn row(&self, input: Operand<'_>, sample: usize) -> Row {
        match self.reads {
            Reads::LogProbabilities => Row::LogProbabilities,
            Reads::Logits => {
                let places = rows(input.shape()).places(sample);
                Row::Logits {
                    normaliser: Normaliser::of(places.map(|at| input.value(at))),
                    goals: self
                        .goals(input.shape(), sample)
                        .map(|(_, goal)| goal)
                        .sum(),
                }
            }
        }
    }

    fn slope_in(&self, row: &Row, input: Operand<'_>, at: usize, upstream: f64) -> Factor {
        let (shape, sample) = (input.shape(), rows(input.shape()).number(at));
        let is_ignored = self.is_ignored(shape, sample);
        let goal = self.goal(shape, at).filter(|_| !is_ignored);
        match row {
            Row::LogProbabilities => goal.map_or(Factor::closed(FactorKind::Jacobian), |goal| {
                Factor::of(FactorKind::Jacobian, -goal)
            }),
            Row::Logits { normaliser, goals } => {
                let p = normaliser.probability(input.value(at));
                if is_ignored && !p.is_nan() && !self.shares_out_infinity() {
                    return Factor::closed(FactorKind::Jacobian);
                }
                // What is NaN is so for all, and for a sample that is ignored, too.
                if is_ignored {
                    return Factor::of(FactorKind::Jacobian, f64::NAN);
                }
                let sent = |goal: f64| upstream * goal;
                let all = || {
                    self.goals(shape, sample)
                        .map(|(_, goal)| sent(goal))
                        .sum::<f64>()
                };
                Factor::coupled(upstream, p * goals - goal.unwrap_or(0.0), || {
                    p * all() - goal.map_or(0.0, sent)
                })
            }
        }
    }

    fn expect_classes(
        &self,
        (name, shape): (&str, &Shape),
        n_classes: usize,
    ) -> Result<(), ShapeError> {
        let expected = shape.without(class_axis(shape));
        let target = self.target.shape();
        if *target != expected {
            let axis = class_axis(shape);
            let message = format!(
                "`target` has shape {target}, but `{name}` {shape} has its classes on axis {axis}, \
                 so it must be {expected}"
            );
            return Err(ShapeError::key("target", message).hinted(match self.reads {
                Reads::Logits => {
                    format!(
                        "give the number of a class for each sample, or in shape {shape} a \
                         probability for each class"
                    )
                }
                Reads::LogProbabilities => "give the number of a class for each sample".to_owned(),
            }));
        }
        let is_class =
            |value: f64| value.fract() == 0.0 && (0.0..n_classes as f64).contains(&value);
        let fits = |&value: &f64| is_class(value) || value == self.ignore_index as f64;
        let Some(wrong) = self.target.data().iter().position(|value| !fits(value)) else {
            return Ok(());
        };
        let (place, value) = (
            Address::of("target", target, wrong),
            exact(self.target.data()[wrong]),
        );
        let message = format!(
            "`{place}` is {value}, but `{name}` has {n_classes} classes, numbered 0 to {}",
            n_classes - 1
        );
        Err(ShapeError::key("target", message)
            .labelled("no such class")
            .hinted(format!(
                "a sample without a class is marked with `ignore_index`, here {}",
                self.ignore_index
            )))
    }
}

/// A sample's way from the input to ln p.
enum Row {
    Logits { normaliser: Normaliser, goals: f64 },
    LogProbabilities,
}

impl Row {
    fn log_probability(&self, x: f64) -> f64 {
        match self {
            Self::Logits { normaliser, .. } => normaliser.log_probability(x),
            Self::LogProbabilities => x,
        }
    }

    /// How the normaliser's share in every class pulls at x: p · Σ_c q_c.
    fn pull(&self, x: f64) -> f64 {
        match self {
            Self::Logits { normaliser, goals } => normaliser.probability(x) * goals,
            Self::LogProbabilities => 0.0,
        }
    }
}

fn class_axis(input: &Shape) -> usize {
    usize::from(input.rank() > 1)
}

fn rows(input: &Shape) -> Rows {
    Rows::along(input, class_axis(input))
}

impl<S: Settings> Loss for Classes<S> {
    fn settings(&self) -> &dyn Settings {
        &self.settings
    }

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    fn losses_shape(&self, (name, shape): (&str, &Shape)) -> Result<Shape, ShapeError> {
        if shape.rank() == 0 {
            return Err(ShapeError::input(
                0,
                format!("`{name}` is a single number, but this loss needs one for each class"),
            )
            .hinted("the input is [C], [N, C] or [N, C, ...]"));
        }
        let n_classes = rows(shape).size;
        if let Some(weight) = &self.weight {
            let why = format!("`{name}` has {n_classes} classes");
            expect_shape(
                "weight",
                ("weight", weight.shape()),
                &Shape::from([n_classes]),
                &why,
            )?;
        }
        if self.has_probabilities(shape) {
            if self.ignore_index >= 0 {
                return Err(ShapeError::key(
                    "ignore_index",
                    "the target holds probabilities, so there is no class to ignore",
                )
                .hinted("leave `ignore_index` out, or give one class a sample"));
            }
        } else {
            self.expect_classes((name, shape), n_classes)?;
        }
        Ok(shape.without(class_axis(shape)))
    }

    fn n_samples(&self, input: &Shape) -> usize {
        input.numel() / rows(input).size
    }

    fn value(&self, input: Operand<'_>, sample: usize) -> f64 {
        let shape = input.shape();
        if self.is_ignored(shape, sample) {
            return 0.0;
        }
        let row = self.row(input, sample);
        let goals = self.goals(shape, sample);
        goals.fold(0.0, |loss, (at, goal)| {
            loss - goal * row.log_probability(input.value(at))
        })
    }

    fn sample_of(&self, input: &Shape, at: usize) -> usize {
        rows(input).number(at)
    }

    fn elements(&self, input: &Shape, sample: usize, visit: &mut dyn FnMut(usize)) {
        rows(input).places(sample).for_each(visit);
    }

    /// p Σ_c q_c - q for a logit, and -q for a log-probability.
    fn slope(&self, input: Operand<'_>, at: usize, upstream: f64) -> Factor {
        let sample = rows(input.shape()).number(at);
        self.slope_in(&self.row(input, sample), input, at, upstream)
    }

    /// p Σ_c q_c, where a sample counts; a log-probability has no part of its own.
    fn slope_without_target(&self, input: Operand<'_>, at: usize) -> Option<f64> {
        let sample = rows(input.shape()).number(at);
        let counts = self.reads == Reads::Logits && !self.is_ignored(input.shape(), sample);
        counts.then(|| self.row(input, sample).pull(input.value(at)))
    }

    /// p Σ_c q_c - q, where all classes weigh the same, so that Σ_c q_c stays what it is.
    fn slope_counted_from_one(&self, input: Operand<'_>, at: usize) -> Option<f64> {
        let (shape, sample) = (input.shape(), rows(input.shape()).number(at));
        if self.weight.is_some() || self.has_probabilities(shape) {
            return None;
        }
        let before = self.class(sample)?.checked_sub(1)?;
        let goal = self.goal_of(shape, at, Some(before)).unwrap_or(0.0);
        Some(self.row(input, sample).pull(input.value(at)) - goal)
    }

    /// s = p(p) Σ_c q_c - q, where a sample counts, and back through the softmax:
    /// p (s - Σ_c p_c s_c).
    fn slope_after_two_softmaxes(
        &self,
        input: Operand<'_>,
        at: usize,
        comes_back: bool,
    ) -> Option<f64> {
        let (shape, sample) = (input.shape(), rows(input.shape()).number(at));
        let Row::Logits { normaliser, goals } = self.row(input, sample) else {
            return None;
        };
        let p = |at| normaliser.probability(input.value(at));
        let again = Normaliser::of(rows(shape).places(sample).map(p));
        let slope = |at| again.probability(p(at)) * goals - self.goal(shape, at).unwrap_or(0.0);
        let mean = || {
            rows(shape)
                .places(sample)
                .map(|at| p(at) * slope(at))
                .sum::<f64>()
        };
        (!self.is_ignored(shape, sample)).then(|| match comes_back {
            true => p(at) * (slope(at) - mean()),
            false => slope(at),
        })
    }

    /// Works out every sample's normaliser once.
    fn slopes(&self, input: Operand<'_>, upstream: &(dyn Fn(usize) -> f64 + Sync)) -> Vec<Factor> {
        let samples: Vec<Row> = (0..self.n_samples(input.shape()))
            .into_par_iter()
            .map(|sample| self.row(input, sample))
            .collect();
        let row = |at| &samples[rows(input.shape()).number(at)];
        let slope = |at| self.slope_in(row(at), input, at, upstream(at));
        (0..input.data().len())
            .into_par_iter()
            .with_min_len(1024)
            .map(slope)
            .collect()
    }

    /// Only a logit's slope has more to it than its goal.
    fn on_slope(&self, input: Operand<'_>, at: usize, slope: f64) -> Option<String> {
        let Row::Logits { normaliser, .. } = self.row(input, rows(input.shape()).number(at)) else {
            return None;
        };
        let p = normaliser.probability(input.value(at));
        let gives = format!("The softmax gives {{me}} a probability of {}", number(p));
        Some(probability_minus_target(&gives, p, slope))
    }

    /// PyTorch wants classes as whole numbers.
    fn torch_arguments(&self, input: &Shape) -> Vec<(&'static str, TorchArgument)> {
        let mut arguments = torch::given(self.settings.given());
        if !self.has_probabilities(input) {
            let target = arguments.iter_mut().find(|(key, _)| *key == "target");
            target.into_iter().for_each(|(_, target)| {
                *target = TorchArgument::Classes(self.target.clone());
            });
        }
        arguments
    }

    fn divisor(&self, input: &Shape) -> f64 {
        if self.has_probabilities(input) {
            self.n_samples(input) as f64
        } else if self.target_weight == 0.0 && self.label_smoothing > 0.0 {
            // The targets' own part is 0/0, whatever is shared out beside it.
            f64::NAN
        } else {
            self.target_weight
        }
    }
}

#[cfg(test)]
mod tests;
