//! Another setting of a layer, in the network that there is.

use std::sync::Arc;

use serde_json::value::RawValue;

use super::{Scenario, setting};
use crate::ops;
use crate::tape::Network;
use crate::tensor::TensorId;

impl Scenario {
    /// Returns the network in which a layer has another setting, or the default of a setting that
    /// has no value.
    ///
    /// There is none where the setting is not the op's own, where anything does not fit any more,
    /// and where a note would stand at another element: then the text has to be read.
    pub(super) fn refitted(
        &self,
        layer: TensorId,
        key: &str,
        value: Option<&RawValue>,
    ) -> Option<Arc<Network>> {
        // Every batch has a network of its own.
        if self
            .train
            .as_ref()
            .is_some_and(|train| !train.batches.is_empty())
        {
            return None;
        }
        let op = &self.network.layer_of(layer)?.op;
        let row = op.descriptor();
        let key = row
            .settings()
            .into_iter()
            .find(|known| known.key == key)?
            .key;
        let mut given = op.given();
        given.retain(|(known, _)| *known != key);
        if let Some(value) = value {
            given.push((key, setting::read(value).ok()?));
        }
        let n_given: usize = self
            .upstream
            .values()
            .map(|given| given.shape().numel())
            .sum();
        let limit = self.origin.options.max_elements.checked_sub(n_given)?;
        let network = self
            .network
            .with_op(layer, ops::read(row, given).ok()?, limit)
            .ok()?;
        let is_same = |id: TensorId| {
            network.shares(&self.network, id)
                && network.tensor(id).shape == self.network.tensor(id).shape
        };
        let fits = |id: &TensorId| is_same(*id);
        let keeps_notes = self.notes.elements.is_empty() || self.network.ids().all(is_same);
        (keeps_notes && self.upstream.keys().all(fits)).then_some(network)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::to_raw_value;

    use super::*;
    use crate::scenario::{NoFiles, Options};

    /// A padded convolution, and what is added to its scenario.
    fn scenario(more: &str) -> Scenario {
        let json = format!(
            r#"{{ "backstep": 1, "inputs": {{ "x": [1, 2, 3] }},
                "layers": [ {{ "name": "c", "op": "conv1d", "weight": [1, 1, 1], "padding": 1 }},
                            {{ "name": "y", "op": "sum" }} ]{more} }}"#
        );
        Scenario::read("net.json", json.as_bytes(), &NoFiles, Options::default()).unwrap()
    }

    /// The shape of the convolution's output with another setting.
    fn shape(scenario: &Scenario, key: &str, value: serde_json::Value) -> Option<Vec<usize>> {
        let layer = scenario.network.find("c").unwrap();
        let network = scenario.refitted(layer, key, Some(&to_raw_value(&value).unwrap()))?;
        assert!(Arc::ptr_eq(
            &network.layers()[1].op,
            &scenario.network.layers()[1].op
        ));
        Some(network.tensor(layer).shape.to_vec())
    }

    #[test]
    fn a_setting_is_changed_where_all_else_stays_as_it_is() {
        let plain = scenario("");
        assert_eq!(shape(&plain, "padding", 2.into()), Some(vec![5]));
        assert_eq!(shape(&plain, "padding", "valid".into()), Some(vec![1]));
        assert_eq!(shape(&plain, "stride", 2.into()), Some(vec![2]));
        assert_eq!(shape(&plain, "stride", 0.into()), None);
        assert_eq!(shape(&plain, "dilation", 9.into()), None);
        assert_eq!(shape(&plain, "op", "conv2d".into()), None);
        assert_eq!(shape(&plain, "padding", (1_usize << 27).into()), None);
        let layer = plain.network.find("c").unwrap();
        let without = plain.refitted(layer, "padding", None).unwrap();
        assert_eq!(without.tensor(layer).shape.to_vec(), [1]);
    }

    #[test]
    fn what_stands_at_elements_of_the_old_shape_is_not_kept() {
        let given = scenario(r#", "upstream": { "c": [1, 2, 3] }"#);
        assert_eq!(shape(&given, "padding", 2.into()), None);
        assert_eq!(shape(&given, "activation", "relu".into()), Some(vec![3]));
        let noted = scenario(r#", "notes": { "c[1]": "the middle" }"#);
        assert_eq!(shape(&noted, "padding", 2.into()), None);
        assert_eq!(shape(&noted, "activation", "relu".into()), Some(vec![3]));
    }
}
