//! Which parameter of the model it is.

use super::module::is_name_in_module;

/// The keys of parameters, which are the ends of their names.
pub(super) const WEIGHT: &str = "weight";
pub(super) const BIAS: &str = "bias";

/// A parameter of the model, as a node reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Which {
    /// What tells it from all others.
    pub(super) key: String,
    /// What it is to be called.
    pub(super) name: String,
    /// Whether the name is the model's own, and not one of the exporter's making.
    pub(super) is_named: bool,
    /// Whether what is read is the parameter transposed.
    pub(super) is_turned: bool,
}

impl Which {
    /// One of the model's own name.
    pub(super) fn named(name: String, is_turned: bool) -> Self {
        Self {
            key: name.clone(),
            name,
            is_named: true,
            is_turned,
        }
    }

    /// Whether it has the name of a module's parameter.
    pub(super) fn is_in_module(&self) -> bool {
        self.is_named && is_name_in_module(&self.name)
    }

    /// Whether its name is the model's and not one that a layer gives its weight or bias:
    /// `attn.in_proj_weight`, or `weight` of a model that is one layer.
    pub(super) fn has_own_name(&self) -> bool {
        let of_layer = [WEIGHT, BIAS]
            .iter()
            .any(|key| self.name.ends_with(&format!(".{key}")));
        let is_of_model = [WEIGHT, BIAS].contains(&self.name.as_str());
        (self.is_named && is_of_model || self.is_in_module()) && !of_layer
    }

    /// The same parameter, read the other way round.
    #[must_use]
    pub(super) fn turned(self) -> Self {
        let is_turned = !self.is_turned;
        Self { is_turned, ..self }
    }
}
