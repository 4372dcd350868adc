//! Whole tensors of a norm's numbers at once. What is added to a sum is what the terms are, in
//! their order, so with the same bits.

use rayon::prelude::*;

use super::super::axes::LONG_ROW;
use super::super::contribution::coupled;
use super::super::{Operand, OperandRole, Run, Settings};
use super::groups::{Groups, Moments};
use super::{Norm, Over};
use crate::parallel::{for_each_chunk, with_wide_registers};
use crate::tensor::Tensor;

/// How many elements of weight and bias one thread takes at a time.
const PARAMETERS_AT_ONCE: usize = 64;

/// The tensor of a norm, in rows: each is what one sample has of one group.
pub(super) struct Rows {
    groups: Groups,
    moments: Vec<Moments>,
    /// The weight of every neuron of a sample, and 1 where there is none.
    weights: Vec<f64>,
}

impl Rows {
    pub(super) fn new(groups: Groups, moments: Vec<Moments>, weight: Option<&[f64]>) -> Self {
        Self {
            groups,
            moments,
            weights: spread(groups, weight, 1.0),
        }
    }

    /// The moments of a row, and where the weights of its neurons begin.
    fn row(&self, number: usize) -> (Moments, usize) {
        let moments = self.moments[number % self.groups.n_groups];
        (moments, number * self.groups.size % self.weights.len())
    }

    /// Writes what the norm makes of x.
    pub(super) fn write(&self, x: &[f64], bias: Option<&[f64]>, y: &mut [f64]) {
        let (size, biases) = (self.groups.size, spread(self.groups, bias, 0.0));
        for_each_chunk(y, size, x.len(), &|number, y| {
            let (moments, first) = self.row(number);
            let x = &x[number * size..][..size];
            let parameters = self.weights[first..].iter().zip(&biases[first..]);
            for ((y, &x), (weight, bias)) in y.iter_mut().zip(x).zip(parameters) {
                *y = moments.normal(x) * weight + bias;
            }
        });
    }

    /// x̂ of every neuron.
    fn normals(&self, x: &[f64]) -> Vec<f64> {
        let (mut normals, size) = (x.to_vec(), self.groups.size);
        for_each_chunk(&mut normals, size, x.len(), &|number, normals| {
            let (moments, _) = self.row(number);
            normals.iter_mut().for_each(|x| *x = moments.normal(*x));
        });
        normals
    }

    /// Adds the terms of a norm by constants, one for each neuron.
    fn add_uncoupled(&self, upstream: &[f64], sums: &mut [f64]) {
        let size = self.groups.size;
        for_each_chunk(sums, size, upstream.len(), &|number, sums| {
            let (moments, first) = self.row(number);
            let sent = upstream[number * size..].iter().zip(&self.weights[first..]);
            for (sum, (upstream, weight)) in sums.iter_mut().zip(sent) {
                *sum += upstream * (moments.scale * weight);
            }
        });
    }

    /// Adds the terms of the weight, or of the bias where there are no normalised values to
    /// multiply by.
    fn add_to_parameters(&self, upstream: &[f64], normals: Option<&[f64]>, sums: &mut [f64]) {
        let (n_alike, n_of_all) = (self.groups.n_alike, self.weights.len());
        for_each_chunk(sums, PARAMETERS_AT_ONCE, upstream.len(), &|nth, sums| {
            let n = sums.len() * n_alike;
            let firsts = (nth * PARAMETERS_AT_ONCE * n_alike..upstream.len()).step_by(n_of_all);
            for first in firsts {
                let upstream = &upstream[first..][..n];
                let normals = normals.map(|normals| &normals[first..][..n]);
                match (n_alike, normals) {
                    (1, None) => {
                        let terms = sums.iter_mut().zip(upstream);
                        terms.for_each(|(sum, upstream)| *sum += upstream);
                    }
                    (1, Some(normals)) => {
                        let terms = upstream.iter().zip(normals);
                        let terms = sums.iter_mut().zip(terms);
                        terms.for_each(|(sum, (upstream, normal))| *sum += upstream * normal);
                    }
                    (_, None) => {
                        let runs = sums.iter_mut().zip(upstream.chunks(n_alike));
                        runs.for_each(|(sum, run)| run.iter().for_each(|u| *sum += u));
                    }
                    (_, Some(normals)) => {
                        let runs = upstream.chunks(n_alike).zip(normals.chunks(n_alike));
                        for (sum, (upstream, normals)) in sums.iter_mut().zip(runs) {
                            let terms = upstream.iter().zip(normals);
                            terms.for_each(|(upstream, normal)| *sum += upstream * normal);
                        }
                    }
                }
            }
        });
    }

    /// Adds the terms of whole groups that are normalised by their own statistics, each sum in its
    /// order, and one term of all sums at a time.
    fn add_coupled(&self, x: &[f64], upstream: &[f64], share: f64, sums: &mut [f64]) {
        let (groups, n) = (self.groups, self.groups.n_neurons() as f64);
        let read: &[f64] = sums;
        let sums_of = |group: usize| {
            let moments = self.moments[group];
            let places = || groups.places(group);
            let normals: Vec<f64> = places().map(|at| moments.normal(x[at])).collect();
            let shared: Vec<f64> = normals.iter().map(|normal| normal / n).collect();
            let weights = places().map(|at| self.weights[at % self.weights.len()]);
            let gains: Vec<f64> = weights.map(|weight| moments.scale * weight).collect();
            let upstream: Vec<f64> = places().map(|at| upstream[at]).collect();
            let mut sums: Vec<f64> = places().map(|at| read[at]).collect();
            with_wide_registers(
                #[inline(always)]
                || {
                    for (output, &beside) in normals.iter().enumerate() {
                        let (upstream, gain) = (upstream[output], gains[output]);
                        let sent = upstream * gain;
                        let term = |is_own: bool, shared: f64| {
                            let (own, own_sent) = if is_own { (1.0, sent) } else { (0.0, 0.0) };
                            let of_parts = || own_sent - sent * share - sent * beside * shared;
                            let slope = gain * (own - share - beside * shared);
                            upstream * coupled(sent, slope, of_parts)
                        };
                        let of_own = sums[output] + term(true, shared[output]);
                        let pairs = sums.iter_mut().zip(&shared);
                        if sent.is_finite() {
                            pairs.for_each(|(sum, shared)| {
                                *sum += upstream * (gain * (0.0 - share - beside * shared));
                            });
                        } else {
                            pairs.for_each(|(sum, &shared)| *sum += term(false, shared));
                        }
                        sums[output] = of_own;
                    }
                },
            );
            sums
        };
        let all: Vec<Vec<f64>> = (0..groups.n_groups).into_par_iter().map(sums_of).collect();
        for (group, of_group) in all.into_iter().enumerate() {
            for (at, sum) in groups.places(group).zip(of_group) {
                sums[at] = sum;
            }
        }
    }

    /// Adds the sums over whole groups: with g = weight · upstream, (gⱼ - mean(g) - x̂ⱼ mean(g x̂))
    /// / sqrt(var + eps).
    fn add_closed(&self, normals: &[f64], upstream: &[f64], has_mean: bool, sums: &mut [f64]) {
        let (groups, n) = (self.groups, self.groups.n_neurons() as f64);
        let g = |at: usize| self.weights[at % self.weights.len()] * upstream[at];
        let means: Vec<(f64, f64)> = (0..groups.n_groups)
            .into_par_iter()
            .map(|group| {
                let (sum, product_sum) = groups
                    .places(group)
                    .fold((0.0, 0.0), |(sum, product_sum), at| {
                        (sum + g(at), product_sum + g(at) * normals[at])
                    });
                (if has_mean { sum / n } else { 0.0 }, product_sum / n)
            })
            .collect();
        for_each_chunk(sums, groups.size, upstream.len(), &|number, sums| {
            let (group, first) = (number % groups.n_groups, number * groups.size);
            let (moments, (mean, product_mean)) = (self.moments[group], means[group]);
            for (sum, at) in sums.iter_mut().zip(first..) {
                *sum += moments.scale * (g(at) - mean - normals[at] * product_mean);
            }
        });
    }
}

/// What each neuron of a sample has of a parameter.
fn spread(groups: Groups, parameter: Option<&[f64]>, without: f64) -> Vec<f64> {
    let n = groups.n_parameters * groups.n_alike;
    parameter.map_or_else(
        || vec![without; n],
        |parameter| (0..n).map(|at| parameter[at / groups.n_alike]).collect(),
    )
}

impl<S: Settings> Norm<S> {
    /// The rows of an input, with the statistics of every group. These do not depend on who asks,
    /// so the bits are those of the terms.
    pub(super) fn rows(&self, input: &Tensor, weight: Option<&[f64]>) -> Rows {
        let groups = self.groups(input.shape());
        let moments = (0..groups.n_groups).into_par_iter();
        let moments = moments.map(|group| self.moments(input, group)).collect();
        Rows::new(groups, moments, weight)
    }

    pub(super) fn accumulate_rows(&self, run: &Run<'_>, role: OperandRole, sums: &mut [f64]) {
        let (input, upstream) = (run.input(), run.upstream);
        let rows = self.rows(input.tensor, run.operands.weight.map(Operand::data));
        let n = rows.groups.n_neurons();
        let share = self.share_of_mean(n as f64);
        match (role, &self.over) {
            (OperandRole::Bias, _) => rows.add_to_parameters(upstream, None, sums),
            (OperandRole::Weight, _) => {
                let normals = rows.normals(input.data());
                rows.add_to_parameters(upstream, Some(&normals), sums);
            }
            (OperandRole::Input(_), Over::Running { .. }) => rows.add_uncoupled(upstream, sums),
            (OperandRole::Input(_), _) if n > LONG_ROW => {
                let normals = rows.normals(input.data());
                rows.add_closed(&normals, upstream, share != 0.0, sums);
            }
            (OperandRole::Input(_), _) => {
                rows.add_coupled(input.data(), upstream, share, sums);
            }
        }
    }
}
