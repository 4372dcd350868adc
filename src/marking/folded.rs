//! Gradients of a convolution beside those of one into which an exporter has folded a batch norm:
//! under one name, but of two weights.

use super::answer::{Answer, Problem};
use super::marks::{Marking, Status};
use super::remark::Remark;
use crate::backprop::Backprop;
use crate::tape::Layer;
use crate::tensor::TensorId;

/// Returns the convolutions that cannot be compared: the answer has the gradients of a batch norm
/// that the scenario does not have, and other ones than the scenario's for the convolution. With
/// each come the tensors that are not compared.
pub(super) fn folded(
    backprop: &Backprop,
    marking: &Marking,
    answer: &Answer,
) -> Vec<(Vec<TensorId>, Remark)> {
    let Some(norm) = unknown_norm(answer) else {
        return Vec::new();
    };
    let network = backprop.network();
    let is_wrong = |id: &TensorId| {
        let marks = marking.tensor(*id);
        marks.is_some_and(|marks| marks.status() == Status::Wrong)
    };
    let cannot_be_compared = |layer: &Layer| {
        let own = [layer.weight, layer.bias].into_iter().flatten();
        let own: Vec<TensorId> = own.collect();
        let is_folded = layer.op.kind().is_convolution() && own.iter().any(is_wrong);
        let name = &network.tensor(layer.output).name;
        is_folded.then(|| {
            let remark = Remark::Folded {
                layer: name.clone(),
                norm: norm.to_owned(),
            };
            (own, remark)
        })
    };
    network
        .layers()
        .iter()
        .filter_map(cannot_be_compared)
        .collect()
}

/// The first batch norm whose parameters the answer has and the scenario does not.
fn unknown_norm(answer: &Answer) -> Option<&str> {
    let unknown = || answer.problems.iter().filter_map(unknown);
    let is_norm = |layer: &&str| {
        let layer = layer.to_lowercase();
        let parts = ["bn", "norm", "downsample"];
        parts.iter().any(|part| layer.contains(part))
    };
    let weights = unknown().filter_map(|name| name.strip_suffix(".weight"));
    let mut norms = weights.filter(is_norm);
    norms.find(|layer| unknown().any(|name| name.strip_suffix(".bias") == Some(layer)))
}

/// The name that no tensor of the scenario has, where that is the problem.
fn unknown(problem: &Problem) -> Option<&str> {
    match problem {
        Problem::Unknown { tensor, .. } => Some(tensor),
        _ => None,
    }
}
