//! Which neurons are normalised together, and by what.

/// A tensor as [n_samples, n_groups, size]: the neurons of one group are normalised together.
#[derive(Clone, Copy)]
pub(super) struct Groups {
    pub(super) n_samples: usize,
    pub(super) n_groups: usize,
    /// How many neurons of a group one sample has.
    pub(super) size: usize,
}

impl Groups {
    /// The group that a neuron is in.
    pub(super) fn of(self, at: usize) -> usize {
        at / self.size % self.n_groups
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

    /// x̂, the normalised value.
    pub(super) fn normal(self, x: f64) -> f64 {
        (x - self.mean) * self.scale
    }
}
