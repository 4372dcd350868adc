//! Other gradients put in the place of those that were computed, and what follows from them.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::Backprop;
use super::rounded::Rounded;
use crate::tensor::{Tensor, TensorId};

impl Backprop {
    /// Returns the same backprop in which some tensors have other gradients, each in its tensor's
    /// shape: what a learner wrote down.
    ///
    /// Terms and sums then take these as upstream gradients. The gradients of the tensors before
    /// them are not worked out anew; [`Backprop::summed`] does so for one.
    #[must_use]
    pub fn with_gradients(&self, gradients: &BTreeMap<TensorId, Tensor>) -> Self {
        let of = |id: TensorId| {
            OnceLock::from(match gradients.get(&id) {
                Some(gradient) => Rounded::from(gradient.clone()),
                None => self.rounded(id).clone(),
            })
        };
        let gradients_of_all = self.network().ids().map(of).collect();
        Self {
            gradients: gradients_of_all,
            starts_before_activation: self.starts(gradients),
            turn: Arc::default(),
            ..self.clone()
        }
    }

    /// Returns the backprop in which some tensors have other gradients, as
    /// [`Backprop::with_gradients`] does, and those of the tensors before them follow from these.
    ///
    /// They are computed when they are first looked at.
    #[must_use]
    pub fn following(&self, gradients: &BTreeMap<TensorId, Tensor>) -> Self {
        let follow = self.following_from(gradients.keys().copied());
        let of = |id: TensorId| match gradients.get(&id) {
            Some(gradient) => OnceLock::from(Rounded::from(gradient.clone())),
            None if follow[id.0 as usize] => OnceLock::new(),
            None => OnceLock::from(self.rounded(id).clone()),
        };
        Self {
            gradients: self.network().ids().map(of).collect(),
            starts_before_activation: self.starts(gradients),
            turn: Arc::default(),
            ..self.clone()
        }
    }

    /// By layer: whether what it sends back starts from one of these gradients.
    fn starts(&self, gradients: &BTreeMap<TensorId, Tensor>) -> Arc<[bool]> {
        let network = self.network();
        let is_put_in = |layer: usize| {
            let before = network.pre_activation(layer);
            before.is_some_and(|before| gradients.contains_key(&before))
        };
        (0..network.layers().len()).map(is_put_in).collect()
    }

    /// By tensor: whether its gradient is, or follows from, that of one of these tensors.
    pub(crate) fn following_from(&self, tensors: impl Iterator<Item = TensorId>) -> Vec<bool> {
        let network = self.network();
        let mut follow = vec![false; network.tensors().len()];
        tensors.for_each(|id| follow[id.0 as usize] = true);
        for (number, layer) in network
            .layers()
            .iter()
            .enumerate()
            .rev()
            .filter(|(_, layer)| !layer.op.is_view())
        {
            let mut follows = follow[layer.output.0 as usize];
            if let Some(before) = network.pre_activation(number) {
                follow[before.0 as usize] |= follows;
                follows = follow[before.0 as usize];
            }
            if follows {
                let read = layer.roles().map(|(_, read)| network.base(read));
                let all = read.into_iter().flat_map(|base| network.with_views(base));
                all.for_each(|id| follow[id.0 as usize] = true);
            }
        }
        for (parameter, new) in network.all_updated() {
            follow[new.0 as usize] |= follow[parameter.0 as usize];
        }
        follow
    }
}
