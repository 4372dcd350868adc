//! `batch_norm` and `layer_norm`: x̂ = (x - mean) / sqrt(var + eps) over a group of neurons, then
//! weight · x̂ + bias.

mod groups;
mod sentences;

use std::iter;

use rayon::prelude::*;

use self::groups::{Groups, Moments};
use self::sentences::{FIXED, PHRASES, without_channels};
use super::axes::LONG_ROW;
use super::descriptor::{Described, Descriptor, Parameter};
use super::kind::OpKind;
use super::phrases::Phrases;
use super::settings::{Bound, Domain, Length, settings};
use super::torch::{self, TorchArgument};
use super::{
    Contribution, Factor, FactorKind, IntoOp, Op, Operand, OperandRole, Operands, Run, Settings,
    ShapeError, Shapes, Simplification, expect_shape,
};
use crate::tensor::{Shape, Tensor, exact};

settings! {
    /// Each channel of a batch brought to mean 0 and variance 1, then weighted and shifted.
    pub struct BatchNorm {
        /// The mean of each channel, a constant.
        running_mean: Option<Tensor> = None,
        /// The variance of each channel, a constant.
        running_var: Option<Tensor> = None,
        /// What is added to each variance.
        eps: f64 = 1e-5,
        /// Whether mean and variance are those of the batch itself.
        training: bool = false,
    }
}

settings! {
    /// The last axes of every sample brought to mean 0 and variance 1, then weighted and shifted.
    pub struct LayerNorm {
        required {
            /// The sizes of the last axes, the ones to normalise over.
            normalized_shape: Vec<usize>
                => Domain::WholeOrList(Bound::AtLeast(1), Length::AtLeastOne),
        }
        /// What is added to each variance.
        eps: f64 = 1e-5,
    }
}

impl IntoOp for BatchNorm {
    type Op = Norm<Self>;
}

impl Described for BatchNorm {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("batch_norm", OpKind::Coupled, Self::ABOUT)
            .with(&[
                Parameter::weight("[channels]"),
                Parameter::bias("[channels]"),
            ])
            .needing_unless("training", &["running_mean", "running_var"])
            .reading_batches()
            .saying(&PHRASES);
}

impl IntoOp for LayerNorm {
    type Op = Norm<Self>;
}

impl Described for LayerNorm {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("layer_norm", OpKind::Coupled, Self::ABOUT)
            .with(&[
                Parameter::weight("[*normalized_shape]"),
                Parameter::bias("[*normalized_shape]"),
            ])
            .saying(&PHRASES);
}

/// Normalisation to mean 0 and variance 1, with a weight and a bias after it.
#[derive(Debug)]
pub struct Norm<S> {
    settings: S,
    over: Over,
    eps: f64,
}

/// Which neurons are normalised together, and by which statistics.
#[derive(Debug)]
enum Over {
    /// Each channel of a batch by its own mean and (biased) variance.
    Batch,
    /// Each channel by constants, so that no neuron looks at another.
    Running { mean: Tensor, variance: Tensor },
    /// The last axes of every sample by their own mean and (biased) variance.
    Layer { normalized_shape: Vec<usize> },
}

impl From<BatchNorm> for Norm<BatchNorm> {
    /// Statistics may be given in training, but the batch's own count.
    fn from(settings: BatchNorm) -> Self {
        let statistics = settings
            .running_mean
            .clone()
            .zip(settings.running_var.clone());
        let over = match statistics {
            Some((mean, variance)) if !settings.training => Over::Running { mean, variance },
            Some(_) | None => Over::Batch,
        };
        let eps = settings.eps;
        Self {
            settings,
            over,
            eps,
        }
    }
}

impl From<LayerNorm> for Norm<LayerNorm> {
    fn from(settings: LayerNorm) -> Self {
        let normalized_shape = settings.normalized_shape.clone();
        let eps = settings.eps;
        Self {
            settings,
            over: Over::Layer { normalized_shape },
            eps,
        }
    }
}

impl<S: Settings> Norm<S> {
    fn groups(&self, shape: &Shape) -> Groups {
        match &self.over {
            Over::Batch | Over::Running { .. } => Groups {
                n_samples: shape[0],
                n_groups: shape[1],
                size: shape[2..].iter().product(),
            },
            Over::Layer { normalized_shape } => {
                let size = normalized_shape.iter().product();
                Groups {
                    n_samples: 1,
                    n_groups: shape.numel() / size,
                    size,
                }
            }
        }
    }

    fn moments(&self, input: Operand<'_>, group: usize) -> Moments {
        match &self.over {
            Over::Running { mean, variance } => {
                Moments::new(mean.data()[group], variance.data()[group], self.eps)
            }
            Over::Batch | Over::Layer { .. } => {
                let values = self
                    .groups(input.shape())
                    .places(group)
                    .map(|at| input.value(at));
                Moments::of(values, self.eps)
            }
        }
    }

    /// The element of weight and bias that a neuron is multiplied by and shifted by.
    fn parameter_at(&self, groups: Groups, at: usize) -> usize {
        match self.over {
            Over::Batch | Over::Running { .. } => groups.of(at),
            Over::Layer { .. } => at % groups.size,
        }
    }

    /// Visits the groups whose output neurons read an element of weight and bias, each with those
    /// neurons.
    fn readers(
        &self,
        groups: Groups,
        parameter: usize,
        visit: &mut dyn FnMut(usize, &mut dyn Iterator<Item = usize>),
    ) {
        match self.over {
            Over::Batch | Over::Running { .. } => visit(parameter, &mut groups.places(parameter)),
            Over::Layer { .. } => {
                for group in 0..groups.n_groups {
                    visit(group, &mut iter::once(group * groups.size + parameter));
                }
            }
        }
    }

    /// Visits the contributions to a neuron; `moments` gives the statistics of a group, and is
    /// asked once for each.
    fn visit_terms(
        &self,
        run: &Run<'_>,
        role: OperandRole,
        at: usize,
        moments: &dyn Fn(usize) -> Moments,
        visit: &mut dyn FnMut(Contribution),
    ) {
        let (x, groups) = (run.input(), self.groups(run.input().shape()));
        match role {
            OperandRole::Bias => self.readers(groups, at, &mut |_, outputs| {
                outputs.for_each(|output| visit(run.term(output)))
            }),
            OperandRole::Weight => self.readers(groups, at, &mut |group, outputs| {
                let moments = moments(group);
                outputs.for_each(|output| {
                    visit(run.term_times(
                        output,
                        Factor::of(FactorKind::Input, moments.normal(x.value(output))),
                    ))
                });
            }),
            OperandRole::Input(_) => {
                let moments = moments(groups.of(at));
                let gain = |output| moments.scale * self.weight_of(run, groups, output);
                if let Over::Running { .. } = self.over {
                    return visit(run.term_times(at, Factor::of(FactorKind::Jacobian, gain(at))));
                }
                let (n, normal) = (groups.n_neurons() as f64, moments.normal(x.value(at)));
                for output in groups.places(groups.of(at)) {
                    let own = if output == at { 1.0 } else { 0.0 };
                    let (gain, beside) = (gain(output), moments.normal(x.value(output)));
                    let slope = gain * (own - 1.0 / n - beside * normal / n);
                    let sent = run.upstream[output] * gain;
                    let factor = Factor::coupled(sent, slope, || {
                        let own = if output == at { sent } else { 0.0 };
                        own - sent / n - sent * beside * normal / n
                    });
                    visit(run.term_times(output, factor));
                }
            }
        }
    }

    fn weight_of(&self, run: &Run<'_>, groups: Groups, output: usize) -> f64 {
        run.operands.weight.map_or(1.0, |weight| {
            weight.value(self.parameter_at(groups, output))
        })
    }

    /// Adds the sums over whole groups: with g = weight · upstream, (gⱼ - mean(g) - x̂ⱼ mean(g x̂))
    /// / sqrt(var + eps).
    fn accumulate_closed(
        &self,
        run: &Run<'_>,
        groups: Groups,
        all_moments: &[Moments],
        sums: &mut [f64],
    ) {
        let (x, n) = (run.input(), groups.n_neurons() as f64);
        let g = |output: usize| self.weight_of(run, groups, output) * run.upstream[output];
        let means: Vec<(f64, f64)> = (0..groups.n_groups)
            .into_par_iter()
            .map(|group| {
                let normal = |at| all_moments[group].normal(x.value(at));
                let (sum, product_sum) = groups
                    .places(group)
                    .fold((0.0, 0.0), |(sum, product_sum), at| {
                        (sum + g(at), product_sum + g(at) * normal(at))
                    });
                (sum / n, product_sum / n)
            })
            .collect();
        sums.par_iter_mut()
            .with_min_len(1024)
            .enumerate()
            .for_each(|(at, sum)| {
                let (moments, (mean, product_mean)) =
                    (all_moments[groups.of(at)], means[groups.of(at)]);
                *sum += moments.scale * (g(at) - mean - moments.normal(x.value(at)) * product_mean);
            });
    }

    fn expect_constants(&self, n_channels: usize) -> Result<(), ShapeError> {
        let Over::Running { mean, variance } = &self.over else {
            return Ok(());
        };
        for (key, tensor) in [("running_mean", mean), ("running_var", variance)] {
            expect_shape(
                key,
                (key, tensor.shape()),
                &Shape::from([n_channels]),
                &format!("there are {n_channels} channels"),
            )?;
        }
        match variance
            .data()
            .iter()
            .position(|variance| variance + self.eps < 0.0)
        {
            Some(channel) => {
                let (variance, eps) = (exact(variance.data()[channel]), exact(self.eps));
                let message = format!(
                    "`running_var` + `eps` is negative for channel {channel}: {variance} + {eps}"
                );
                Err(ShapeError::key("running_var", message).labelled("has no square root"))
            }
            None => Ok(()),
        }
    }
}

impl<S: Settings> Op for Norm<S> {
    fn settings(&self) -> &dyn Settings {
        &self.settings
    }

    fn phrases(&self) -> &'static Phrases {
        match self.over {
            Over::Running { .. } => &FIXED,
            Over::Batch | Over::Layer { .. } => &PHRASES,
        }
    }

    fn couples(&self) -> bool {
        match self.over {
            Over::Running { .. } => false,
            Over::Batch | Over::Layer { .. } => true,
        }
    }

    /// In training PyTorch would change the running statistics, and the batch's own count.
    fn torch_arguments(&self, _: &Shape) -> Vec<(&'static str, TorchArgument)> {
        let mut arguments = torch::given(self.settings.given());
        if matches!(self.over, Over::Batch) {
            let is_statistic = |key: &str| matches!(key, "running_mean" | "running_var");
            arguments.retain(|(key, _)| !is_statistic(key));
            arguments.push(("running_mean", TorchArgument::None));
            arguments.push(("running_var", TorchArgument::None));
        }
        arguments
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        let (name, shape) = shapes.input();
        let (parameters, why) = match &self.over {
            Over::Layer { normalized_shape } => {
                if !shape.ends_with(normalized_shape) {
                    let message = format!(
                        "`{name}` has shape {shape}, which does not end with {normalized_shape:?}"
                    );
                    return Err(ShapeError::key("normalized_shape", message).hinted(
                        "`normalized_shape` is the sizes of the last axes, the ones to \
                         normalise over",
                    ));
                }
                let sizes = Shape::from(normalized_shape.as_slice());
                let why = format!("`normalized_shape` is {sizes}");
                (sizes, why)
            }
            Over::Batch | Over::Running { .. } => {
                let &[samples, channels, ref positions @ ..] = &shape[..] else {
                    return Err(without_channels(name, shape));
                };
                if matches!(self.over, Over::Batch)
                    && samples * positions.iter().product::<usize>() == 1
                {
                    let message = format!(
                        "`{name}` has shape {shape}: one value per channel, which in training is \
                         its own mean"
                    );
                    return Err(ShapeError::input(0, message)
                        .hinted("give a batch of two or more, or running statistics"));
                }
                self.expect_constants(channels)?;
                (
                    Shape::from([channels]),
                    format!("there are {channels} channels"),
                )
            }
        };
        shapes.weight.map_or(Ok(()), |weight| {
            expect_shape("weight", weight, &parameters, &why)
        })?;
        shapes.expect_bias(&parameters, &why)?;
        Ok(shape.clone())
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        let (x, groups) = (operands.input(), self.groups(shape));
        let parameter = |operand: Option<Operand<'_>>, at, without| {
            operand.map_or(without, |operand| operand.value(at))
        };
        let mut output = Tensor::filled(shape.clone(), 0.0);
        let y = output.data_mut();
        for group in 0..groups.n_groups {
            let moments = self.moments(x, group);
            for at in groups.places(group) {
                let element = self.parameter_at(groups, at);
                let (weight, bias) = (
                    parameter(operands.weight, element, 1.0),
                    parameter(operands.bias, element, 0.0),
                );
                y[at] = moments.normal(x.value(at)) * weight + bias;
            }
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
        let groups = self.groups(run.output.shape());
        match (role, &self.over) {
            (OperandRole::Input(_), Over::Running { .. }) => visit(output),
            (OperandRole::Input(_), _) => groups.places(groups.of(output)).for_each(visit),
            (OperandRole::Weight | OperandRole::Bias, _) => {
                visit(self.parameter_at(groups, output))
            }
        }
    }

    /// For the input ∂yᵢ/∂xⱼ = weight / sqrt(var + eps) · (δᵢⱼ - 1/n - x̂ᵢ x̂ⱼ / n) over the n
    /// neurons of the group (Ioffe and Szegedy, 2015), and just weight / sqrt(var + eps) where mean
    /// and variance are constants; for the weight x̂; for the bias 1.
    fn contributions(
        &self,
        run: &Run<'_>,
        role: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        self.visit_terms(
            run,
            role,
            at,
            &|group| self.moments(run.input(), group),
            visit,
        );
    }

    /// weight / sqrt(var + eps) for the neuron itself, and of what goes by way of the mean and of
    /// the variance that which is left, where these are the neurons' own.
    fn simplified(
        &self,
        run: &Run<'_>,
        output: usize,
        at: usize,
        simplification: Simplification,
    ) -> Option<f64> {
        if matches!(self.over, Over::Running { .. }) {
            return None;
        }
        let (x, groups) = (run.input(), self.groups(run.input().shape()));
        let (n, moments) = (groups.n_neurons() as f64, self.moments(x, groups.of(at)));
        let normal = |at| moments.normal(x.value(at));
        let by_others = match simplification {
            Simplification::FixedStatistics => 0.0,
            Simplification::FixedMean => -normal(output) * normal(at) / n,
            Simplification::FixedVariance => -1.0 / n,
            Simplification::NoTarget
            | Simplification::NoTwo
            | Simplification::SoftmaxTwice { .. } => {
                return None;
            }
        };
        let own = if output == at { 1.0 } else { 0.0 };
        Some(moments.scale * self.weight_of(run, groups, output) * (own + by_others))
    }

    /// The statistics of every group are worked out once here; they do not depend on who asks, so
    /// the bits are those of the terms.
    fn accumulate(&self, run: &Run<'_>, role: OperandRole, sums: &mut [f64]) {
        let groups = self.groups(run.input().shape());
        let all: Vec<Moments> = (0..groups.n_groups)
            .into_par_iter()
            .map(|group| self.moments(run.input(), group))
            .collect();
        let couples = !matches!(self.over, Over::Running { .. });
        if couples && matches!(role, OperandRole::Input(_)) && groups.n_neurons() > LONG_ROW {
            return self.accumulate_closed(run, groups, &all, sums);
        }
        sums.par_iter_mut()
            .with_min_len(16)
            .enumerate()
            .for_each(|(at, sum)| {
                self.visit_terms(run, role, at, &|group| all[group], &mut |term| {
                    *sum += term.product()
                });
            });
    }
}

#[cfg(test)]
mod tests;
