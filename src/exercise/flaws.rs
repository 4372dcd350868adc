//! What makes numbers unfit for an exercise.

use super::template::{Arithmetic, Template};
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::marking::singles;
use crate::ops::Relu;
use crate::tape::Layer;
use crate::tensor::TensorId;

/// The largest number that an exercise shows or asks for.
const LARGEST: f64 = 99.0;

/// Returns how many flaws an exercise has: ties that are not wanted or wanted and not there, ReLUs
/// at their bend or all alike, asked tensors that are nearly all zero, and numbers that are large
/// or not exact.
///
/// # Errors
/// It was given up.
pub(super) fn flaws(
    template: &Template,
    backprop: &Backprop,
    asked: &[TensorId],
    cancel: &Cancel,
) -> Result<usize, Cancelled> {
    let dead = asked
        .iter()
        .filter(|&&tensor| is_dead(backprop, tensor))
        .count();
    let ties = ties(template, backprop, cancel)?;
    Ok(ties + bends(backprop) + dead + unwieldy(template, backprop))
}

/// Ties show in the slip of breaking them by another rule, which has something to do only where
/// there is one.
fn ties(template: &Template, backprop: &Backprop, cancel: &Cancel) -> Result<usize, Cancelled> {
    let feeds_pooling = |tensor: &TensorId| {
        backprop
            .contributors(*tensor)
            .any(|contributor| contributor.layer.op.ties().is_some())
    };
    let mut has_ties = false;
    for tensor in backprop.network().ids().filter(feeds_pooling) {
        let slips = singles(backprop, tensor, None, cancel)?;
        has_ties |= slips.iter().any(|slip| slip.ids().eq(["other-tie-rule"]));
    }
    Ok(usize::from(has_ties != template.has_ties))
}

/// Layers whose ReLUs are not some open and some closed, and ReLUs at exactly 0.
fn bends(backprop: &Backprop) -> usize {
    let network = backprop.network();
    let layer = |(number, layer): (usize, &Layer)| {
        let is_relu = layer.op.activation() == Some(Relu.into());
        let z = backprop
            .tape()
            .preactivation(number)
            .filter(|_| is_relu)?
            .data();
        let n_open = z.iter().filter(|&&z| z > 0.0).count();
        let is_mixed = n_open < z.len() && 2 * n_open >= z.len();
        Some(z.iter().filter(|&&z| z == 0.0).count() + usize::from(!is_mixed))
    };
    network.layers().iter().enumerate().filter_map(layer).sum()
}

/// Whether fewer than two gradients of a tensor differ from zero, or fewer than half of those that
/// can.
fn is_dead(backprop: &Backprop, tensor: TensorId) -> bool {
    let gradient = backprop.gradient(tensor).data();
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
    n_nonzero < 2.min(gradient.len()) || 2 * n_nonzero < most
}

/// Numbers that are too large, and numbers that are not exact in a template that promises it.
fn unwieldy(template: &Template, backprop: &Backprop) -> usize {
    let is_unwieldy = |number: &&f64| {
        let is_exact =
            template.arithmetic == Arithmetic::Rounded || (**number * 8.0).fract() == 0.0;
        number.abs() > LARGEST || !is_exact
    };
    let tensors = backprop
        .network()
        .ids()
        .flat_map(|id| [backprop.tape().value(id), backprop.gradient(id)]);
    tensors
        .map(|tensor| tensor.data().iter().filter(is_unwieldy).count())
        .sum()
}
