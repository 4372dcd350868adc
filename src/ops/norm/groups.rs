//! Which neurons are normalised together, and by what.

use std::ops::Range;

/// A tensor as [n_samples, n_groups, size]: the neurons of one group are normalised together.
#[derive(Clone, Copy)]
pub(super) struct Groups {
    pub(super) n_samples: usize,
    pub(super) n_groups: usize,
    /// How many neurons of a group one sample has.
    pub(super) size: usize,
    /// How many elements weight and bias have.
    pub(super) n_parameters: usize,
    /// How many neurons in a row have the same of them.
    pub(super) n_alike: usize,
}

impl Groups {
    /// The group that a neuron is in.
    pub(super) fn of(self, at: usize) -> usize {
        at / self.size % self.n_groups
    }

    /// The element of weight and bias that a neuron is multiplied by and shifted by.
    pub(super) fn parameter_at(self, at: usize) -> usize {
        at / self.n_alike % self.n_parameters
    }

    /// The neurons that have this element of weight and bias, where they lie side by side.
    pub(super) fn alike(self, parameter: usize) -> impl Iterator<Item = Range<usize>> {
        let n_neurons = self.n_groups * self.n_neurons();
        let all = self.n_parameters * self.n_alike;
        (0..n_neurons / all).map(move |nth| {
            let first = nth * all + parameter * self.n_alike;
            first..first + self.n_alike
        })
    }

    /// How many neurons a group has.
    pub(super) fn n_neurons(self) -> usize {
        self.n_samples * self.size
    }

    /// The neurons of a group in row-major order.
    pub(super) fn places(self, group: usize) -> impl Iterator<Item = usize> + Clone {
        (0..self.n_samples).flat_map(move |sample| {
            let first = (sample * self.n_groups + group) * self.size;
            first..first + self.size
        })
    }
}

/// The statistics that a group is normalised by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moments {
    pub(super) mean: f64,
    /// 1 / sqrt(var + eps).
    pub(super) scale: f64,
}

impl Moments {
    pub(super) fn new(mean: f64, variance: f64, eps: f64) -> Self {
        Self {
            mean,
            scale: 1.0 / (variance + eps).sqrt(),
        }
    }

    /// Mean and biased variance of the values.
    pub(super) fn of(values: impl Iterator<Item = f64> + Clone, eps: f64) -> Self {
        let n = values.clone().count() as f64;
        let mean = values.clone().sum::<f64>() / n;
        let variance = values.map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
        Self::new(mean, variance, eps)
    }

    /// 0, and the mean square of the values.
    pub(super) fn around_0(values: impl Iterator<Item = f64> + Clone, eps: f64) -> Self {
        let n = values.clone().count() as f64;
        Self::new(0.0, values.map(|x| x * x).sum::<f64>() / n, eps)
    }

    /// x̂, the normalised value.
    pub(super) fn normal(self, x: f64) -> f64 {
        (x - self.mean) * self.scale
    }
}
