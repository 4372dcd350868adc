//! Scenarios with something changed: a value, a given gradient, a layer's setting.
//!
//! An edit changes the network and its numbers, and costs what it changes. The text is made anew
//! only when somebody asks for it: it is the user's own file, with nothing else changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::value::RawValue;

use super::loader::{self, Before};
use super::source_map::Members;
use super::trained::trains_in_f64;
use super::{NoFiles, Scenario, Settings};
use crate::diagnostic::{Diagnostic, list, quote};
use crate::tape::Kind;
use crate::tensor::{Arithmetic, Element, Precision, Tensor, TensorId};

/// What is to be another.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// The value of an input, a weight or a bias.
    Value(Element, f64),
    /// The upstream gradient that is given to an element.
    Upstream(Element, f64),
    /// What the numbers are rounded to.
    Precision(Precision),
    /// What the gradients are multiplied by, a number above 0.
    LossScale(f64),
    /// A layer's setting, as in the scenario's file.
    Setting {
        /// The layer's output.
        layer: TensorId,
        /// The setting's key.
        key: String,
        /// Its value in JSON, or a bare word for a string; the default where it is left out.
        value: Option<String>,
    },
}

/// The key of a layer that no edit may change, since everything else calls the layer by it.
const NAME: &str = "name";

impl Scenario {
    /// Returns the scenario after an edit, and the edit that takes it back.
    ///
    /// # Errors
    /// Why there is no such scenario: what is edited is computed, or a number is not finite, which
    /// a scenario cannot hold, or every problem that a layer with the setting has.
    pub fn edited(&self, edit: &Edit) -> Result<(Self, Edit), Diagnostic> {
        let rounds = match edit {
            Edit::Precision(precision) => *precision != Arithmetic::default().precision,
            Edit::LossScale(loss_scale) => *loss_scale != Arithmetic::default().loss_scale,
            Edit::Value(..) | Edit::Upstream(..) | Edit::Setting { .. } => false,
        };
        if rounds && self.train.is_some() {
            return Err(trains_in_f64());
        }
        match edit {
            Edit::Value(element, value) => self.with_value(*element, *value),
            Edit::Upstream(element, value) => self.with_upstream(*element, *value),
            Edit::Precision(precision) => {
                let mut edited = self.to_edit();
                let was = std::mem::replace(&mut edited.arithmetic.precision, *precision);
                Ok((edited, Edit::Precision(was)))
            }
            Edit::LossScale(loss_scale) => {
                let mut edited = self.to_edit();
                let was = std::mem::replace(&mut edited.arithmetic.loss_scale, *loss_scale);
                Ok((edited, Edit::LossScale(was)))
            }
            Edit::Setting { layer, key, value } => self.with_setting(*layer, key, value.as_deref()),
        }
    }

    fn with_value(&self, element: Element, value: f64) -> Result<(Self, Edit), Diagnostic> {
        let mut edited = self.to_edit();
        let Some(leaf) = edited.leaves.get_mut(&element.tensor) else {
            let address = self.network.address(element);
            return Err(
                Diagnostic::new(format!("`{address}` is computed, so it cannot be set"))
                    .hinted("set an input, a weight or a bias that it is computed from"),
            );
        };
        let read = self.leaf_as_read(element.tensor);
        let was = replaced(leaf, element.at, value, read)
            .ok_or_else(|| self.not_finite(element.tensor))?;
        Ok((edited, Edit::Value(element, was)))
    }

    fn with_upstream(&self, element: Element, value: f64) -> Result<(Self, Edit), Diagnostic> {
        let mut edited = self.to_edit();
        let Some(given) = edited.upstream.get_mut(&element.tensor) else {
            let ids = self.upstream.keys();
            let names: Vec<String> = ids
                .map(|&id| quote(&self.network.tensor(id).name))
                .collect();
            let name = &self.network.tensor(element.tensor).name;
            return Err(
                Diagnostic::new(format!("no upstream gradient is given to `{name}`"))
                    .hinted(format!("one is given to {}", list(&names, "and"))),
            );
        };
        let read = self.upstream_as_read(element.tensor);
        let was = replaced(given, element.at, value, read)
            .ok_or_else(|| self.not_finite(element.tensor))?;
        Ok((edited, Edit::Upstream(element, was)))
    }

    /// The scenario with other values of inputs and parameters and other upstream gradients, each
    /// in its tensor's shape.
    pub(crate) fn renumbered(
        &self,
        leaves: BTreeMap<TensorId, Tensor>,
        upstream: BTreeMap<TensorId, Tensor>,
    ) -> Self {
        Self {
            leaves,
            upstream,
            ..self.to_edit()
        }
    }

    fn to_edit(&self) -> Self {
        Self {
            is_edited: true,
            ..self.clone()
        }
    }

    fn not_finite(&self, tensor: TensorId) -> Diagnostic {
        let name = &self.network.tensor(tensor).name;
        Diagnostic::new(format!("`{name}` can hold only finite numbers"))
    }

    fn with_setting(
        &self,
        layer: TensorId,
        key: &str,
        value: Option<&str>,
    ) -> Result<(Self, Edit), Diagnostic> {
        let number = self.layer_with_setting(layer, key)?;
        let was = self
            .settings(layer)
            .into_iter()
            .find(|(known, _)| known == key);
        let inverse = Edit::Setting {
            layer,
            key: key.to_owned(),
            value: was.map(|(_, value)| value),
        };
        let mut settings = Settings::clone(&self.settings);
        let of_layer = settings.entry(number).or_default();
        let is_in_text = self
            .members(number)
            .is_some_and(|members| members.value(key).is_some());
        let value = value.map(json_of);
        let network = self.refitted(layer, key, value.as_deref());
        match (is_in_text, value) {
            (false, None) => drop(of_layer.remove(key)),
            (_, value) => drop(of_layer.insert(key.to_owned(), value)),
        }
        let settings = Arc::new(settings);
        if let Some(network) = network {
            let edited = Self {
                network,
                settings,
                ..self.to_edit()
            };
            return Ok((edited, inverse));
        }
        let before = Before {
            tensors: self.tensors_by_place(),
            settings,
        };
        let read = loader::load(&self.origin.source, &NoFiles, self.origin.options, &before)?;
        let mut edited = Self {
            origin: Arc::clone(&self.origin),
            settings: before.settings,
            arithmetic: self.arithmetic,
            is_edited: true,
            ..read
        };
        edited.keep_default_upstream(self);
        Ok((edited, inverse))
    }

    /// Returns the number of a layer whose setting may be edited.
    fn layer_with_setting(&self, layer: TensorId, key: &str) -> Result<usize, Diagnostic> {
        let info = self.network.tensor(layer);
        let name = &info.name;
        match (info.kind, key) {
            (Kind::Input | Kind::Parameter(_) | Kind::PreActivation(_) | Kind::Updated(_), _) => {
                Err(Diagnostic::new(format!(
                    "`{name}` is no layer, so it has no settings"
                )))
            }
            (Kind::Layer(_), NAME) => Err(Diagnostic::new(
                "a layer keeps its name, by which everything else calls it",
            )),
            (Kind::Layer(number), "weight" | "bias") => {
                let layer = &self.network.layers()[number];
                let mut parameters = layer.op.descriptor().parameters.iter();
                let parameter = parameters.find(|parameter| parameter.key == key);
                let read = parameter.and_then(|parameter| layer.tensor_in(parameter.role));
                let own = || format!("{name}.{key}");
                let name = read.map_or_else(own, |id| self.network.tensor(id).name.clone());
                let hint = format!("its numbers can be set one by one, as in `set {name}[0] 1`");
                Err(Diagnostic::new(format!("`{key}` is a tensor and no setting")).hinted(hint))
            }
            (Kind::Layer(_), "ties") if self.origin.options.ties.is_some() => Err(Diagnostic::new(
                "`--ties` on the command line decides for every layer",
            )
            .hinted("start without it to set `ties` here")),
            (Kind::Layer(number), _) => Ok(number),
        }
    }

    /// The keys of a layer that can be set, with their values as in the file.
    pub fn settings(&self, layer: TensorId) -> Vec<(String, String)> {
        let Kind::Layer(number) = self.network.tensor(layer).kind else {
            return Vec::new();
        };
        let none = BTreeMap::new();
        let edits = self.settings.get(&number).unwrap_or(&none);
        let members = self
            .members(number)
            .map_or(&[][..], |members| &members.list);
        let text = &self.origin.source.text;
        let written = members
            .iter()
            .filter(|member| !edits.contains_key(&member.key))
            .map(|member| (member.key.clone(), text[member.value.clone()].to_owned()));
        let edited = edits
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), value.as_ref()?.get().to_owned())));
        written
            .chain(edited)
            .filter(|(key, _)| !matches!(key.as_str(), NAME | "weight" | "bias"))
            .collect()
    }

    /// The members of a layer in the text.
    pub(super) fn members(&self, layer: usize) -> Option<&Members> {
        self.origin.map().layers.get(layer)
    }

    /// An upstream gradient that the text leaves out is not read again with the text.
    fn keep_default_upstream(&mut self, before: &Self) {
        for (id, given) in &mut self.upstream {
            let is_left_out = before.upstream_as_read(*id).is_none();
            if let Some(before) = before.upstream.get(id).filter(|_| is_left_out) {
                *given = before.clone();
            }
        }
    }
}

/// Puts a number at a place of a tensor, and returns the one that stood there. A number that is not
/// finite is put only where it was read.
fn replaced(tensor: &mut Tensor, at: usize, value: f64, read: Option<&Tensor>) -> Option<f64> {
    let was_read = read.is_some_and(|read| read.data()[at].to_bits() == value.to_bits());
    let place = tensor.data_mut().get_mut(at)?;
    (value.is_finite() || was_read).then(|| std::mem::replace(place, value))
}

/// Returns a setting as JSON: what is no JSON is a bare word.
fn json_of(text: &str) -> Box<RawValue> {
    let json = RawValue::from_string(text.trim().to_owned());
    json.unwrap_or_else(|_| {
        let word = serde_json::value::to_raw_value(text.trim());
        word.expect("a text is written without fail")
    })
}

#[cfg(test)]
mod tests;
