//! `batch_norm`, `layer_norm`, `group_norm`, `instance_norm` and `rms_norm`: x̂ = (x - mean) /
//! sqrt(var + eps) over a group of neurons, then weight · x̂ + bias.

mod bulk;
mod groups;
mod sentences;
mod settings;

use self::groups::{Groups, Moments};
use self::sentences::{BY_MEAN_SQUARE, FIXED, PHRASES, without_channels};
use super::phrases::Phrases;
use super::torch::{self, TorchArgument};
use super::{
    Contribution, Factor, FactorKind, Op, Operand, OperandRole, Operands, Run, Settings,
    ShapeError, Shapes, Simplification, expect_shape,
};
use crate::tensor::{Shape, Tensor, exact};

pub use settings::{BatchNorm, GroupNorm, InstanceNorm, LayerNorm, RmsNorm};

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
    /// The last axes of every sample by their mean square, around 0.
    MeanSquare { normalized_shape: Vec<usize> },
    /// So many groups of the channels of every sample by their own mean and (biased) variance, or
    /// each channel alone.
    Channels { n_groups: Option<usize> },
}

impl<S: Settings> Norm<S> {
    fn groups(&self, shape: &Shape) -> Groups {
        match &self.over {
            Over::Batch | Over::Running { .. } => Groups {
                n_samples: shape[0],
                n_groups: shape[1],
                size: shape[2..].iter().product(),
                n_parameters: shape[1],
                n_alike: shape[2..].iter().product(),
            },
            Over::Layer { normalized_shape } | Over::MeanSquare { normalized_shape } => {
                let size = normalized_shape.iter().product();
                Groups {
                    n_samples: 1,
                    n_groups: shape.numel() / size,
                    size,
                    n_parameters: size,
                    n_alike: 1,
                }
            }
            Over::Channels { n_groups } => {
                let n_groups = shape[0] * n_groups.unwrap_or(shape[1]);
                Groups {
                    n_samples: 1,
                    n_groups,
                    size: shape.numel() / n_groups,
                    n_parameters: shape[1],
                    n_alike: shape[2..].iter().product(),
                }
            }
        }
    }

    fn moments(&self, input: &Tensor, group: usize) -> Moments {
        let values = || {
            let places = self.groups(input.shape()).places(group);
            places.map(move |at| input.data()[at])
        };
        match &self.over {
            Over::Running { mean, variance } => {
                Moments::new(mean.data()[group], variance.data()[group], self.eps)
            }
            Over::Batch | Over::Layer { .. } | Over::Channels { .. } => {
                Moments::of(values(), self.eps)
            }
            Over::MeanSquare { .. } => Moments::around_0(values(), self.eps),
        }
    }

    /// What a neuron's part in the mean is: nothing where no mean is subtracted.
    fn share_of_mean(&self, n: f64) -> f64 {
        match self.over {
            Over::MeanSquare { .. } => 0.0,
            Over::Batch | Over::Running { .. } | Over::Layer { .. } | Over::Channels { .. } => {
                1.0 / n
            }
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
            Over::Layer { .. } | Over::MeanSquare { .. } | Over::Channels { .. } => {
                groups.alike(parameter).for_each(|mut places| {
                    visit(groups.of(places.start), &mut places);
                });
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
                let gain = |output| moments.scale * weight_of(run, groups, output);
                if let Over::Running { .. } = self.over {
                    return visit(run.term_times(at, Factor::of(FactorKind::Jacobian, gain(at))));
                }
                let n = groups.n_neurons() as f64;
                let shared = moments.normal(x.value(at)) / n;
                let share = self.share_of_mean(n);
                for output in groups.places(groups.of(at)) {
                    let own = if output == at { 1.0 } else { 0.0 };
                    let (gain, beside) = (gain(output), moments.normal(x.value(output)));
                    let slope = gain * (own - share - beside * shared);
                    let sent = run.upstream[output] * gain;
                    let factor = Factor::coupled(sent, slope, || {
                        let own = if output == at { sent } else { 0.0 };
                        own - sent * share - sent * beside * shared
                    });
                    visit(run.term_times(output, factor));
                }
            }
        }
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

fn weight_of(run: &Run<'_>, groups: Groups, output: usize) -> f64 {
    let weight = run.operands.weight;
    weight.map_or(1.0, |weight| weight.value(groups.parameter_at(output)))
}

impl<S: Settings> Op for Norm<S> {
    fn settings(&self) -> &dyn Settings {
        &self.settings
    }

    fn phrases(&self) -> &'static Phrases {
        match self.over {
            Over::Running { .. } => &FIXED,
            Over::MeanSquare { .. } => &BY_MEAN_SQUARE,
            Over::Batch | Over::Layer { .. } | Over::Channels { .. } => &PHRASES,
        }
    }

    fn couples(&self) -> bool {
        match self.over {
            Over::Running { .. } => false,
            Over::Batch | Over::Layer { .. } | Over::MeanSquare { .. } | Over::Channels { .. } => {
                true
            }
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
        let (op, (name, shape)) = (self.settings.descriptor().name, shapes.input());
        let (parameters, why) = match &self.over {
            Over::Layer { normalized_shape } | Over::MeanSquare { normalized_shape } => {
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
            Over::Batch | Over::Running { .. } | Over::Channels { .. } => {
                let &[samples, channels, ref positions @ ..] = &shape[..] else {
                    return Err(without_channels(op, name, shape));
                };
                if let Over::Channels {
                    n_groups: Some(n_groups),
                } = self.over
                    && channels % n_groups != 0
                {
                    let message = format!(
                        "`{name}` has {channels} channels, which do not make {n_groups} groups"
                    );
                    return Err(ShapeError::key("num_groups", message)
                        .hinted("`num_groups` must divide the number of channels"));
                }
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
        let input = operands.input();
        let (weight, bias) = (
            operands.weight.map(Operand::data),
            operands.bias.map(Operand::data),
        );
        let mut output = Tensor::filled(shape.clone(), 0.0);
        self.rows(input.tensor, weight)
            .write(input.data(), bias, output.data_mut());
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
            (OperandRole::Weight | OperandRole::Bias, _) => visit(groups.parameter_at(output)),
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
            &|group| self.moments(run.input().tensor, group),
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
        let (n, moments) = (
            groups.n_neurons() as f64,
            self.moments(x.tensor, groups.of(at)),
        );
        let normal = |at| moments.normal(x.value(at));
        let by_others = match simplification {
            Simplification::FixedStatistics => 0.0,
            Simplification::FixedMean | Simplification::FixedVariance
                if self.share_of_mean(n) == 0.0 =>
            {
                return None;
            }
            Simplification::FixedMean => -normal(output) * normal(at) / n,
            Simplification::FixedVariance => -1.0 / n,
            Simplification::NoTarget
            | Simplification::FromOne
            | Simplification::NoTwo
            | Simplification::SoftmaxTwice { .. } => {
                return None;
            }
        };
        let own = if output == at { 1.0 } else { 0.0 };
        Some(moments.scale * weight_of(run, groups, output) * (own + by_others))
    }

    fn accumulate(&self, run: &Run<'_>, role: OperandRole, sums: &mut [f64]) {
        self.accumulate_rows(run, role, sums);
    }
}

#[cfg(test)]
mod tests;
