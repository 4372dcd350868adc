//! A layer that a node becomes, before it has a name.

use super::module::is_name_in_module;
use super::which::{BIAS, WEIGHT, Which};
use crate::ops::{Descriptor, Op, Value};
use crate::tape::{Handle, Recipe};
use crate::tensor::{Shape, Tensor};

const KEYS: [&str; 2] = [WEIGHT, BIAS];

/// A tensor that a layer can read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Operand {
    pub(super) tensor: Handle,
    /// Its name in the scenario.
    pub(super) name: String,
    pub(super) shape: Shape,
}

/// Known numbers that become a layer's parameter.
#[derive(Debug, Clone)]
pub(super) struct Parameter {
    pub(super) tensor: Tensor,
    /// Their name in the model.
    pub(super) name: String,
    /// Which parameter of the model they are, where it is read in several places.
    pub(super) shared: Option<Which>,
    /// Whether they are other numbers than the parameter's.
    pub(super) is_changed: bool,
}

impl Parameter {
    /// The parameter that several layers share, where this is the very same.
    pub(super) fn shared_as_is(&self) -> Option<&Which> {
        let as_is = |which: &&Which| !which.is_turned && !self.is_changed;
        self.shared.as_ref().filter(as_is)
    }

    /// The same with other numbers.
    #[must_use]
    pub(super) fn changed(self, tensor: Tensor) -> Self {
        let is_changed = true;
        Self {
            tensor,
            is_changed,
            ..self
        }
    }
}

/// A layer, which gets its name when it is added.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    pub(super) op: Recipe,
    pub(super) from: Vec<Operand>,
    pub(super) weight: Option<Parameter>,
    pub(super) bias: Option<Parameter>,
}

impl Layer {
    /// A layer of an op.
    pub(super) fn of(op: impl Into<Box<dyn Op>>, from: impl IntoIterator<Item = Operand>) -> Self {
        let op: Box<dyn Op> = op.into();
        Self::new(Recipe::Made(op.into()), from)
    }

    /// A layer of an op of the table, with what is given of its settings.
    pub(super) fn row(
        op: &'static Descriptor,
        given: Vec<(&'static str, Value)>,
        from: impl IntoIterator<Item = Operand>,
    ) -> Self {
        Self::new(Recipe::given(op, given), from)
    }

    fn new(op: Recipe, from: impl IntoIterator<Item = Operand>) -> Self {
        let from = from.into_iter().collect();
        let (weight, bias) = (None, None);
        Self {
            op,
            from,
            weight,
            bias,
        }
    }

    /// The layer with a weight.
    pub(super) fn weight(self, weight: Parameter) -> Self {
        let weight = Some(weight);
        Self { weight, ..self }
    }

    /// The layer with a bias, where there is one.
    pub(super) fn bias(self, bias: Option<Parameter>) -> Self {
        Self { bias, ..self }
    }

    /// What the layer is to be called, where a parameter of it is called after it: `fc` for
    /// `fc.weight`.
    pub(super) fn home(&self) -> Option<&str> {
        let home = |key| {
            self.parameter(key)?
                .name
                .strip_suffix(key)?
                .strip_suffix('.')
        };
        KEYS.into_iter().find_map(home)
    }

    /// The keys of the parameters that the layer has for itself.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'static str> {
        let is_own = |of: &Parameter| of.shared_as_is().is_none();
        KEYS.into_iter()
            .filter(move |key| self.parameter(key).is_some_and(is_own))
    }

    /// The layer whose weight is called as its bias is: `in_proj_weight` beside `in_proj_bias`,
    /// where the exporter has kept only the weight's transpose, which has no name in the model.
    #[must_use]
    pub(super) fn named_alike(mut self) -> Self {
        let own = |bias: &Parameter| {
            let which = bias.shared_as_is().filter(|which| which.has_own_name())?;
            Some(format!("{}{WEIGHT}", which.name.strip_suffix(BIAS)?))
        };
        let named = self.bias.as_ref().and_then(own);
        if let (Some(weight), Some(name)) = (&mut self.weight, named)
            && weight.shared.is_none()
            && !is_name_in_module(&weight.name)
        {
            weight.shared = Some(Which::named(name, false));
        }
        self
    }

    fn parameter(&self, key: &str) -> Option<&Parameter> {
        if key == WEIGHT {
            self.weight.as_ref()
        } else {
            self.bias.as_ref()
        }
    }
}
