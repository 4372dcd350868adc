//! What makes numbers unfit for an exercise.

use super::blueprint::Demands;
use crate::backprop::Backprop;
use crate::ops::{OperandRole, Relu};
use crate::scenario::Asked;
use crate::tape::{Layer, Tape};
use crate::tensor::{Element, Tensor, TensorId};

/// The largest number that an exercise shows or asks for.
const LARGEST: f64 = 99.0;

/// Returns how many flaws an exercise has: ties that are not wanted or wanted and not there, ReLUs
/// at their bend or all alike, asked tensors that are nearly all zero, and numbers that are large
/// or not exact.
pub(super) fn flaws(demands: Demands, backprop: &Backprop, asked: &Asked) -> usize {
    let n = forward(demands, backprop.tape()) + backward(demands, backprop, asked);
    n.saturating_sub(demands.n_tolerated)
}

/// Those of them that the forward run shows; none is tolerated.
pub(super) fn forward(demands: Demands, tape: &Tape) -> usize {
    let ties = usize::from(has_ties(tape) != demands.has_ties);
    let values = tape.network().ids();
    let values = values.map(|id| unwieldy(demands, tape.value(id)));
    ties + bends(tape) + values.sum::<usize>()
}

/// The others; none is tolerated.
pub(super) fn backward(demands: Demands, backprop: &Backprop, asked: &Asked) -> usize {
    let is_dead = |tensor: &&TensorId| is_dead(backprop, **tensor, asked);
    let n_dead = asked.tensors().iter().filter(is_dead).count();
    let gradients = backprop.network().ids();
    let gradients = gradients.map(|id| unwieldy(demands, backprop.gradient(id)));
    n_dead + gradients.sum::<usize>()
}

/// Whether several numbers of some window are its largest.
pub(super) fn has_ties(tape: &Tape) -> bool {
    let layers = tape.network().layers().iter().enumerate();
    let mut pooling = layers.filter(|(_, layer)| layer.op.ties().is_some());
    pooling.any(|(number, layer)| {
        let run = tape.layer_run(number, &[]);
        let is_tied = |window: usize| {
            let (largest, mut n_largest) = (run.output.value(window), 0);
            layer
                .op
                .receptive_field(&run, OperandRole::Input(0), window, &mut |at| {
                    n_largest += usize::from(run.input().value(at) == largest);
                });
            n_largest > 1
        };
        (0..run.output.shape().numel()).any(is_tied)
    })
}

/// Layers whose ReLUs are not some open and some closed, and ReLUs at exactly 0.
fn bends(tape: &Tape) -> usize {
    let network = tape.network();
    let layer = |(number, layer): (usize, &Layer)| {
        let is_relu = layer.op.activation() == Some(Relu.into());
        let z = tape.preactivation(number).filter(|_| is_relu)?.data();
        let n_open = z.iter().filter(|&&z| z > 0.0).count();
        let is_mixed = n_open < z.len() && 2 * n_open >= z.len();
        Some(z.iter().filter(|&&z| z == 0.0).count() + usize::from(!is_mixed))
    };
    network.layers().iter().enumerate().filter_map(layer).sum()
}

/// Whether fewer than two asked gradients of a tensor differ from zero, or fewer than two fifths of
/// those that can: where two of three neurons are open on both sides of a weight, four ninths of it
/// do.
fn is_dead(backprop: &Backprop, tensor: TensorId, asked: &Asked) -> bool {
    let all = backprop.gradient(tensor).data();
    let places = (0..all.len()).filter(|&at| asked.has_element(Element { tensor, at }));
    let gradient: Vec<f64> = places.map(|at| all[at]).collect();
    let n_nonzero = gradient.iter().filter(|&&number| number != 0.0).count();
    // Of what feeds a max pooling, no more than the winners can get anything.
    let n_winners = backprop
        .contributors(tensor)
        .filter(|contributor| contributor.layer.op.ties().is_some())
        .map(|contributor| contributor.run.output.shape().numel());
    let most = n_winners
        .min()
        .unwrap_or(gradient.len())
        .min(gradient.len());
    n_nonzero < 2.min(gradient.len()) || 5 * n_nonzero < 2 * most
}

/// How many numbers are too large, or not exact where they have to be.
fn unwieldy(demands: Demands, tensor: &Tensor) -> usize {
    let is_unwieldy =
        |number: &&f64| number.abs() > LARGEST || (demands.is_exact && !is_friendly(**number));
    tensor.data().iter().filter(is_unwieldy).count()
}

/// Whether all numbers are whole, or halves, quarters or eighths.
pub(super) fn is_exact(backprop: &Backprop) -> bool {
    numbers(backprop).all(is_friendly)
}

fn is_friendly(number: f64) -> bool {
    (number * 8.0).fract() == 0.0
}

/// All values and gradients.
fn numbers(backprop: &Backprop) -> impl Iterator<Item = f64> {
    let tensors = backprop.network().ids();
    let both = tensors.flat_map(|id| [backprop.tape().value(id), backprop.gradient(id)]);
    both.flat_map(Tensor::data).copied()
}
