//! How far the activation of a layer is open.

use crate::ops::{Activation, Slope};
use crate::tape::{Kind, Network, Tape};
use crate::tensor::TensorId;

/// How far the activation that makes a tensor lets gradients through.
#[derive(Debug, Clone)]
pub struct Gate {
    /// The activation.
    pub activation: Activation,
    /// What its units are.
    pub unit: Unit,
    /// How many units it has.
    pub n_units: usize,
    /// How many samples go through in a batch; 1 where there is none.
    pub n_samples: usize,
    /// How many units are closed in every sample and place, where the activation opens and closes.
    pub n_dead: usize,
    /// How many units are nearly flat in every sample and place, where it does not.
    pub n_saturated: usize,
    /// The place of the first neuron of a unit that is closed or nearly flat so.
    pub first_flat: Option<usize>,
    /// The mean size of the slopes.
    pub mean_slope: f64,
}

/// What is dead or alive as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A neuron, over the samples of a batch.
    Neuron,
    /// A channel, over samples and places: all of it comes from one filter.
    Channel,
}

impl Gate {
    pub(super) fn of(tape: &Tape, tensor: TensorId) -> Option<Self> {
        let Kind::Layer(number) = tape.network().tensor(tensor).kind else {
            return None;
        };
        let run = tape.layer_run(number, &[]);
        let op = &tape.network().layers()[number].op;
        let (of_all, z) = match run.activation {
            Some((activation, z)) => (Some(activation), z),
            None => (None, run.operands.input().tensor),
        };
        let activation = of_all.or_else(|| op.function_at(&run, 0))?;
        if !activation.is_activation() {
            return None;
        }
        let units = Units::of(tape.network(), tensor);
        let (mut is_flat, mut sum) = (vec![true; units.n], 0.0);
        for (at, &z) in z.data().iter().enumerate() {
            let function = of_all.or_else(|| op.function_at(&run, at))?;
            let slope = function.slope(z);
            sum += slope.abs();
            is_flat[units.of_place(at)] &= match function.is_gate() {
                true => slope == 0.0,
                false => Slope(slope).is_nearly_flat(),
            };
        }
        let first_flat = (0..z.data().len()).find(|&at| is_flat[units.of_place(at)]);
        let n_flat = is_flat.into_iter().filter(|&is_flat| is_flat).count();
        let is_gate = activation.is_gate();
        Some(Self {
            activation,
            unit: units.unit,
            n_units: units.n,
            n_samples: units.n_samples,
            n_dead: if is_gate { n_flat } else { 0 },
            n_saturated: if is_gate { 0 } else { n_flat },
            first_flat,
            mean_slope: sum / z.data().len() as f64,
        })
    }

    /// The share of its units that let nothing through.
    pub fn dead(&self) -> f64 {
        self.n_dead as f64 / self.n_units as f64
    }

    /// The share of its units that let next to nothing through.
    pub fn saturated(&self) -> f64 {
        self.n_saturated as f64 / self.n_units as f64
    }
}

/// How the places of a tensor fall into units.
struct Units {
    unit: Unit,
    n: usize,
    n_samples: usize,
    /// How many places of one sample a unit has.
    n_places: usize,
}

impl Units {
    fn of(network: &Network, tensor: TensorId) -> Self {
        let shape = &network.tensor(tensor).shape;
        let axes = axes(network, tensor);
        let n_samples = if axes.has_batch { shape[0] } else { 1 };
        let spatial = &shape[shape.rank() - axes.n_spatial..];
        let n_places: usize = spatial.iter().product();
        Self {
            unit: match axes.n_spatial {
                0 => Unit::Neuron,
                _ => Unit::Channel,
            },
            n: shape.numel() / n_samples / n_places,
            n_samples,
            n_places,
        }
    }

    fn of_place(&self, at: usize) -> usize {
        at / self.n_places % self.n
    }
}

#[derive(Clone, Copy, Default)]
struct Axes {
    has_batch: bool,
    n_spatial: usize,
}

/// What the axes of a tensor are, as the nearest layers that leave no doubt have them.
fn axes(network: &Network, tensor: TensorId) -> Axes {
    let shape = &network.tensor(tensor).shape;
    let before = std::iter::successors(network.layer_of(tensor), |layer| {
        network.layer_of(*layer.inputs.first()?)
    });
    let mut axes = Axes::default();
    let mut is_batch_known = false;
    for layer in before {
        let row = layer.op.descriptor();
        let Some(&read) = layer.inputs.first() else {
            break;
        };
        let read = &network.tensor(read).shape;
        if !is_batch_known && (row.axes > 0 || row.reads_batches) {
            is_batch_known = true;
            axes.has_batch =
                row.has_batch_axis(read.rank()) && shape.rank() > 1 && read[0] == shape[0];
        }
        if row.axes > 0 {
            let has_channels = read.rank() > row.axes && read.rank() == shape.rank();
            axes.n_spatial = if has_channels { row.axes } else { 0 };
            break;
        }
    }
    axes
}
