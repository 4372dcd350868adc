//! A parameter that several layers use, of which an answer has the gradient of one use alone.

use super::numbers::Numbers;
use super::remark::Remark;
use super::tolerance::Bounds;
use crate::backprop::{Backprop, Contributor};
use crate::tape::Kind;
use crate::tensor::TensorId;

/// Says of a parameter, which is wrong, that it has the gradient of one use alone.
pub(super) fn one_use_alone(
    truth: &Backprop,
    tensor: TensorId,
    numbers: &Numbers,
    bounds: Bounds,
) -> Option<Remark> {
    let network = truth.network();
    let info = network.tensor(tensor);
    let is_it = |of: &Contributor<'_>| {
        let mut one = vec![0.0; numbers.len()];
        of.accumulate(&mut one);
        let mut both = numbers.iter().zip(one);
        both.all(|(theirs, one)| theirs.is_some_and(|it| bounds.is_right(it, one)))
    };
    // In the order of the forward run.
    let mut uses: Vec<Contributor<'_>> = truth.contributors(tensor).collect();
    uses.reverse();
    let is_shared = matches!(info.kind, Kind::Parameter(_)) && uses.len() > 1;
    let layer = |of: &Contributor<'_>| network.tensor(of.layer.output).name.clone();
    let only = uses.iter().filter(|_| is_shared).find(|of| is_it(of))?;
    Some(Remark::OneUse {
        parameter: info.name.clone(),
        only: layer(only),
        uses: uses.iter().map(layer).collect(),
    })
}
