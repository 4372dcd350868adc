//! A parameter that several layers use, of which an answer has not the gradient of every use.

use super::numbers::Numbers;
use super::remark::{Remark, Uses};
use super::tolerance::Bounds;
use crate::backprop::{Backprop, Contributor};
use crate::tape::Kind;
use crate::tensor::TensorId;

/// Says of a parameter, which is wrong, that it has the gradient of one use alone, or of all but
/// one.
pub(super) fn not_every_use(
    truth: &Backprop,
    tensor: TensorId,
    numbers: &Numbers,
    bounds: Bounds,
) -> Option<Remark> {
    let network = truth.network();
    let info = network.tensor(tensor);
    // In the order of the forward run.
    let mut uses: Vec<Contributor<'_>> = truth.contributors(tensor).collect();
    uses.reverse();
    if !matches!(info.kind, Kind::Parameter(_)) || uses.len() < 2 {
        return None;
    }
    let of_one = |of: &Contributor<'_>| {
        let mut one = vec![0.0; numbers.len()];
        of.accumulate(&mut one);
        one
    };
    let is_it = |right: &mut dyn Iterator<Item = f64>| {
        let mut both = numbers.iter().zip(right);
        both.all(|(theirs, right)| theirs.is_some_and(|it| bounds.is_right(it, right)))
    };
    let layer = |of: &Contributor<'_>| network.tensor(of.layer.output).name.clone();
    let whole = truth.gradient(tensor).data();
    let has = uses.iter().find_map(|of| {
        let one = of_one(of);
        let mut others = whole.iter().zip(&one).map(|(whole, one)| whole - one);
        if is_it(&mut one.iter().copied()) {
            Some(Uses::Only(layer(of)))
        } else {
            is_it(&mut others).then(|| Uses::AllBut(layer(of)))
        }
    });
    Some(Remark::Uses {
        parameter: info.name.clone(),
        uses: uses.iter().map(layer).collect(),
        has: has?,
    })
}
