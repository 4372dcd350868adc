//! What follows from what the tensors of a network are like.

use super::gate::{Gate, Unit};
use super::run_loss::RunLoss;
use super::spread::{Beginning, origins};
use super::tensor_health::TensorHealth;
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::ops::Activation;
use crate::tape::{Kind, Network};
use crate::tensor::TensorId;

/// Something that is worth knowing of a network.
#[derive(Debug, Clone)]
pub enum Finding {
    /// Numbers of a tensor are NaN or infinite, and nothing that they are computed from is.
    NotFinite(Beginning),
    /// Rounding has lost numbers or terms.
    Rounding(RunLoss),
    /// Every gradient of some parameters is 0.
    NoGradient {
        /// The parameters, in forward order.
        parameters: Vec<TensorId>,
        /// The activation downstream that is closed everywhere, if one is.
        closed: Option<TensorId>,
    },
    /// Gradients shrink from layer to layer on their way back.
    Shrinking(Trend),
    /// Gradients grow from layer to layer on their way back.
    Growing(Trend),
    /// The gradients of a layer's weight have another size than those of both its neighbours.
    Apart {
        /// The weight.
        tensor: TensorId,
        /// How many times as large as the nearer of them they are.
        times: f64,
        /// The weights before and behind it.
        neighbours: [TensorId; 2],
    },
    /// Units of an activation are closed in every sample.
    Dead {
        /// The activation's output.
        tensor: TensorId,
        /// How far it is open.
        gate: Gate,
    },
    /// Units of an activation are nearly flat in every sample.
    Saturated {
        /// The activation's output.
        tensor: TensorId,
        /// How far it is open.
        gate: Gate,
    },
}

/// How gradients change from layer to layer.
#[derive(Debug, Clone)]
pub struct Trend {
    /// The last layer, where they come from.
    pub from: TensorId,
    /// The first layer, where they arrive.
    pub to: TensorId,
    /// The root mean squares of both.
    pub strengths: [f64; 2],
    /// By what they are multiplied with each layer, on a geometric average.
    pub per_layer: f64,
    /// The activations between.
    pub gates: Option<Gates>,
}

/// The activations of several layers.
#[derive(Debug, Clone)]
pub struct Gates {
    /// The one that most of them are.
    pub activation: Activation,
    /// The mean size of their slopes.
    pub mean_slope: f64,
    /// The largest slope that the activation has anywhere.
    pub greatest: f64,
}

/// From this ratio of sizes on, and this one with each layer, gradients vanish or explode.
const FAR: f64 = 100.0;
const WITH_EACH: f64 = 2.0;
/// So many times as large as their neighbours are gradients that stand apart.
const APART: f64 = 1000.0;

/// # Errors
/// It was given up.
pub(super) fn all(
    backprop: &Backprop,
    tensors: &[TensorHealth],
    cancel: &Cancel,
) -> Result<Vec<Finding>, Cancelled> {
    let network = backprop.network();
    let trend = trend(network, tensors);
    let gates = tensors
        .iter()
        .filter_map(|tensor| Some((tensor.tensor, tensor.gate.as_ref()?)));
    let begins = origins(backprop, cancel)?.into_iter();
    let rounding = RunLoss::of(backprop, tensors, cancel)?;
    Ok(begins
        .map(Finding::NotFinite)
        .chain(rounding.map(Finding::Rounding))
        .chain(no_gradient(network, tensors))
        .chain(trend)
        .chain(apart(network, tensors))
        .chain(gates.filter_map(|(tensor, gate)| flat(tensor, gate)))
        .collect())
}

/// The parameters whose gradients are all 0, those together that are so for the same reason.
fn no_gradient(network: &Network, tensors: &[TensorHealth]) -> Vec<Finding> {
    let mut groups: Vec<(Option<TensorId>, Vec<TensorId>)> = Vec::new();
    for health in tensors {
        let is_parameter = matches!(network.tensor(health.tensor).kind, Kind::Parameter(_));
        let is_zero = health
            .gradients
            .as_ref()
            .is_some_and(|gradients| gradients.is_zero());
        if !is_parameter || !is_zero {
            continue;
        }
        let closed = closed_behind(network, tensors, health.tensor);
        match groups.iter_mut().find(|(of, _)| *of == closed) {
            Some((_, parameters)) => parameters.push(health.tensor),
            None => groups.push((closed, vec![health.tensor])),
        }
    }
    let findings = groups.into_iter();
    findings
        .map(|(closed, parameters)| Finding::NoGradient { parameters, closed })
        .collect()
}

/// The first activation that reads a tensor, or what is computed from it, and is closed
/// everywhere.
fn closed_behind(
    network: &Network,
    tensors: &[TensorHealth],
    parameter: TensorId,
) -> Option<TensorId> {
    let mut depends = vec![false; network.tensors().len()];
    depends[parameter.0 as usize] = true;
    for layer in network.layers() {
        let mut read = layer.roles().map(|(_, read)| read);
        depends[layer.output.0 as usize] |= read.any(|read| depends[read.0 as usize]);
    }
    let is_closed = |health: &&TensorHealth| {
        let gate = health.gate.as_ref();
        gate.is_some_and(|gate| gate.n_dead == gate.n_units) && depends[health.tensor.0 as usize]
    };
    tensors.iter().find(is_closed).map(|health| health.tensor)
}

/// How the gradients of the layers that add inputs times weights change on the way back.
fn trend(network: &Network, tensors: &[TensorHealth]) -> Option<Finding> {
    let is_weighted_sum = |health: &TensorHealth| {
        let layer = network.layer_of(health.tensor);
        layer.is_some_and(|layer| layer.op.kind().is_weighted_sum())
    };
    let layers = tensors
        .iter()
        .enumerate()
        .filter(|(_, health)| is_weighted_sum(health));
    let strengths = layers.filter_map(|(place, health)| {
        let strength = health.strength().filter(|strength| *strength > 0.0)?;
        Some((place, strength))
    });
    let strengths: Vec<(usize, f64)> = strengths.collect();
    let [(first, arriving), .., (last, leaving)] = strengths[..] else {
        return None;
    };
    let n_between = strengths.len() - 1;
    let ratio = arriving / leaving;
    let per_layer = libm::exp(libm::log(ratio) / n_between as f64);
    let trend = Trend {
        from: tensors[last].tensor,
        to: tensors[first].tensor,
        strengths: [leaving, arriving],
        per_layer,
        gates: gates(&tensors[first..last]),
    };
    if n_between < 2 {
        None
    } else if ratio * FAR <= 1.0 && per_layer * WITH_EACH <= 1.0 {
        Some(Finding::Shrinking(trend))
    } else if ratio >= FAR && per_layer >= WITH_EACH {
        Some(Finding::Growing(trend))
    } else {
        None
    }
}

/// The activations of some tensors, where most of them are the same.
fn gates(tensors: &[TensorHealth]) -> Option<Gates> {
    let gates: Vec<&Gate> = tensors
        .iter()
        .filter_map(|health| health.gate.as_ref())
        .collect();
    let n_like = |gate: &Gate| {
        let same = gates
            .iter()
            .filter(|other| other.activation == gate.activation);
        same.count()
    };
    let most = gates.iter().max_by_key(|gate| n_like(gate))?;
    let slopes: f64 = gates.iter().map(|gate| gate.mean_slope).sum();
    (2 * n_like(most) > gates.len()).then(|| Gates {
        activation: most.activation,
        mean_slope: slopes / gates.len() as f64,
        greatest: greatest_slope(most.activation),
    })
}

/// The largest slope, which the activations that there are have near 0.
fn greatest_slope(activation: Activation) -> f64 {
    let near = (-512..=512).map(|step| f64::from(step) / 64.0);
    near.map(|z| activation.slope(z)).fold(0.0, f64::max)
}

/// The weights whose gradients stand apart from those before and behind them.
fn apart(network: &Network, tensors: &[TensorHealth]) -> Vec<Finding> {
    let is_weight = |health: &&TensorHealth| {
        let mut layers = network.layers().iter();
        layers.any(|layer| layer.weight == Some(health.tensor))
    };
    let weights = tensors.iter().filter(is_weight);
    let weights: Vec<(TensorId, f64)> = weights
        .filter_map(|health| Some((health.tensor, health.strength().filter(|size| *size > 0.0)?)))
        .collect();
    let found = weights.windows(3).filter_map(|three| {
        let [before, (tensor, own), behind] = *three else {
            return None;
        };
        let times = [own / before.1, own / behind.1];
        let nearest = if times.iter().all(|times| *times >= APART) {
            times[0].min(times[1])
        } else if times.iter().all(|times| times * APART <= 1.0) {
            times[0].max(times[1])
        } else {
            return None;
        };
        Some(Finding::Apart {
            tensor,
            times: nearest,
            neighbours: [before.0, behind.0],
        })
    });
    found.collect()
}

/// What is found where enough of an activation is flat. Of a single sample half of the neurons are
/// closed as a rule.
fn flat(tensor: TensorId, gate: &Gate) -> Option<Finding> {
    let tells = |n: usize| {
        let is_much = gate.n_samples > 1 || gate.unit == Unit::Channel;
        n > 0 && (is_much || n == gate.n_units)
    };
    let gate = gate.clone();
    if tells(gate.n_dead) {
        Some(Finding::Dead { tensor, gate })
    } else if tells(gate.n_saturated) {
        Some(Finding::Saturated { tensor, gate })
    } else {
        None
    }
}
