//! Gradients of a convolution beside those of one into which an exporter has folded a batch norm:
//! under one name, but of two weights. The folded weight is the convolution's times γ/σ, a factor a
//! channel, so that the convolution's gradient is the folded one's times that factor; and the
//! gradient of the batch norm's bias is that of the folded bias.

use std::ops::Range;

use super::answer::Answer;
use super::comparison::Marking;
use super::marks::{Marks, Status, largest};
use super::remark::Remark;
use super::tolerance::{Bounds, Tolerance};
use crate::tape::Layer;
use crate::tensor::{Tensor, TensorId};

/// Returns the convolutions that are not compared number by number: the answer has the gradients of
/// a batch norm that the scenario does not have, and other ones than the scenario's for the
/// convolution. With each come the tensors that are not compared.
pub(super) fn folded(
    marking: &Marking,
    answer: &Answer,
    tolerance: Tolerance,
) -> Vec<(Vec<TensorId>, Remark)> {
    let norms = norms(answer);
    let network = marking.truth().network();
    let is_wrong = |id: &TensorId| {
        let marks = marking.tensor(*id);
        marks.is_some_and(|marks| marks.status() == Status::Wrong)
    };
    let is_folded = |layer: &Layer| {
        let (weight, bias) = layer.weight.zip(layer.bias)?;
        if !layer.op.kind().is_convolution() || ![weight, bias].iter().any(is_wrong) {
            return None;
        }
        let folded = marking.truth().gradient(bias);
        let of_channels = norms
            .iter()
            .filter(|norm| norm.bias.shape() == folded.shape());
        let bounds = tolerance.at(largest(folded.data().iter().copied()));
        let is_its = |norm: &&Norm<'_>| are_right(bounds, norm.bias.data(), folded.data());
        let its = of_channels.clone().find(is_its);
        let name = its.or(of_channels.clone().next())?.name.to_owned();
        let layer_name = network.tensor(layer.output).name.clone();
        // The channels of a transposed one's output are not its weight's first axis.
        let unfolds = its.is_some() && layer.op.kind().weighs_windows();
        let remark = if let Some(channel) = zeroed(marking, weight).filter(|_| unfolds) {
            Remark::Zeroed {
                weight: network.tensor(weight).name.clone(),
                channel,
                norm: name,
            }
        } else if unfolds && are_scaled(marking, weight, bias) {
            Remark::Unfolded {
                layer: layer_name,
                norm: name,
            }
        } else {
            Remark::Folded {
                layer: layer_name,
                norm: name,
            }
        };
        Some((vec![weight, bias], remark))
    };
    network.layers().iter().filter_map(is_folded).collect()
}

/// A layer that may be a batch norm, which the answer has and the scenario does not.
struct Norm<'a> {
    name: &'a str,
    /// The gradient of its bias.
    bias: &'a Tensor,
}

fn norms(answer: &Answer) -> Vec<Norm<'_>> {
    let names = answer.unknown.iter().filter_map(|(name, bias)| {
        let name = name.strip_suffix(".bias")?;
        let weight = answer.unknown.get(&format!("{name}.weight"))?;
        (weight.shape() == bias.shape()).then_some(Norm { name, bias })
    });
    names.collect()
}

fn are_right(bounds: Bounds, theirs: &[f64], right: &[f64]) -> bool {
    let mut both = theirs.iter().zip(right);
    both.all(|(&theirs, &right)| bounds.is_right(theirs, right))
}

/// The first channel of a weight's gradients that is zero and should not be: a factor of zero would
/// have made the folded weight zero as well.
fn zeroed(marking: &Marking, weight: TensorId) -> Option<usize> {
    let (marks, truth) = (marking.tensor(weight)?, marking.truth());
    let (right, values) = (truth.gradient(weight), truth.tape().value(weight));
    let n_channels = *right.shape().first()?;
    let n = right.data().len() / n_channels;
    let is_zeroed = |channel: &usize| {
        let mut places = channel * n..(channel + 1) * n;
        let is_zero = |at: usize| marks.numbers.get(at) == Some(0.0);
        let is_weighed = || {
            let is_right = |&at: &usize| marks.bounds.is_right(0.0, right.data()[at]);
            !places.clone().all(|at| is_right(&at))
                && places.clone().any(|at| values.data()[at] != 0.0)
        };
        is_weighed() && places.all(is_zero)
    };
    (0..n_channels).find(is_zeroed)
}

/// Whether the gradients of a convolution are the true ones times a factor for each channel. One
/// number a channel says nothing of that.
fn are_scaled(marking: &Marking, weight: TensorId, bias: TensorId) -> bool {
    let (Some(weights), truth) = (marking.tensor(weight), marking.truth()) else {
        return false;
    };
    let (right, right_biases) = (truth.gradient(weight).data(), truth.gradient(bias).data());
    let n = right.len() / right_biases.len();
    let is_scaled = |(channel, &right_bias): (usize, &f64)| {
        let places = channel * n..(channel + 1) * n;
        let factor = factor(weights, right, places.clone());
        let fits = |marks: &Marks, at: usize, right: f64| {
            let bounds = marks.bounds.times(factor.abs());
            marks
                .numbers
                .get(at)
                .is_some_and(|theirs| bounds.is_right(theirs, factor * right))
        };
        let bias_fits = || {
            let biases = marking.tensor(bias);
            biases.is_none_or(|biases| fits(biases, channel, right_bias))
        };
        places.into_iter().all(|at| fits(weights, at, right[at])) && bias_fits()
    };
    n > 1 && right_biases.iter().enumerate().all(is_scaled)
}

/// The factor between the numbers of some places, by that of which the right number is largest.
fn factor(marks: &Marks, right: &[f64], places: Range<usize>) -> f64 {
    let clearest = places.max_by(|&one, &other| right[one].abs().total_cmp(&right[other].abs()));
    let both = clearest.and_then(|at| Some((marks.numbers.get(at)?, right[at])));
    match both {
        Some((theirs, right)) if right != 0.0 => theirs / right,
        _ => 1.0,
    }
}
