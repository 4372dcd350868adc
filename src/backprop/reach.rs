//! What upstream gradients arrive, what they reach, and by which ways.

use std::collections::BTreeMap;

use crate::tape::Network;
use crate::tensor::{Arithmetic, Escapes, Tensor, TensorId};

/// What arrives of upstream gradients that are given, and which of these leave the range of the
/// format.
pub(super) fn arrived(
    arithmetic: Arithmetic,
    given: BTreeMap<TensorId, Tensor>,
) -> (BTreeMap<TensorId, Tensor>, BTreeMap<TensorId, Escapes>) {
    if arithmetic.is_plain() {
        return (given, BTreeMap::new());
    }
    let Arithmetic {
        precision,
        loss_scale,
    } = arithmetic;
    let arrives = |given: Tensor| {
        let data = given.data();
        let scaled = Tensor::from_fn(given.shape().clone(), |at| data[at] * loss_scale);
        scaled.rounded_to(precision)
    };
    let arrived = given.into_iter().map(|(id, given)| {
        let (given, escapes) = arrives(given);
        ((id, given), (id, escapes))
    });
    arrived.unzip()
}

/// By tensor: whether an upstream gradient is given to it or a view of it, or to something that
/// depends on it.
pub(super) fn reached(network: &Network, given: &BTreeMap<TensorId, Tensor>) -> Vec<bool> {
    let mut reached = vec![false; network.tensors().len()];
    // What a reached view shows is reached already.
    let mark = |reached: &mut Vec<bool>, tensor: TensorId| {
        for id in network.chain(tensor) {
            if std::mem::replace(&mut reached[id.0 as usize], true) {
                break;
            }
        }
    };
    given.keys().for_each(|&id| mark(&mut reached, id));
    for layer in network.layers().iter().rev() {
        if reached[layer.output.0 as usize] {
            layer.roles().for_each(|(_, read)| mark(&mut reached, read));
        }
    }
    for (before, output) in network.pre_activations() {
        reached[before.0 as usize] = reached[output.0 as usize];
    }
    for (parameter, new) in network.all_updated() {
        reached[new.0 as usize] = reached[parameter.0 as usize];
    }
    reached
}

/// By tensor: the view through which its whole gradient comes, if there is one; of several in a row
/// the last.
pub(super) fn only_ways(
    network: &Network,
    given: &BTreeMap<TensorId, Tensor>,
) -> Vec<Option<TensorId>> {
    let mut ways = vec![None; network.tensors().len()];
    // By tensor: how many gradients are given to it and its views.
    let mut n_given: Vec<usize> = network
        .ids()
        .map(|id| usize::from(given.contains_key(&id)))
        .collect();
    // A view is a layer, so that the views of it stand behind it.
    for id in network.ids().rev() {
        if let Some(viewed) = network.tensor(id).view_of {
            n_given[viewed.0 as usize] += n_given[id.0 as usize];
        }
    }
    for view in network.ids().rev() {
        let Some(viewed) = network.tensor(view).view_of else {
            continue;
        };
        let is_all = network.consumers(view).len() == network.consumers(viewed).len()
            && n_given[view.0 as usize] == n_given[viewed.0 as usize];
        if is_all {
            let way = ways[view.0 as usize].unwrap_or(view);
            ways[viewed.0 as usize].get_or_insert(way);
        }
    }
    ways
}
