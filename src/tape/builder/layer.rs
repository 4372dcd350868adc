//! Adding a layer: everything about it that can be wrong.

use std::sync::Arc;

use super::{Draft, Handle, NetworkBuilder, NetworkFault, Node, Place, Reads, Recipe, Site};
use crate::diagnostic::nearest;
use crate::ops::{self, Descriptor, Fault, Op, OperandRole, SettingError, Shapes, Value};
use crate::tape::network::before_activation;
use crate::tensor::Shape;

impl NetworkBuilder {
    /// Adds a layer as far as it is known.
    pub(crate) fn draft(&mut self, draft: Draft<'_>) -> Handle {
        let n_errors = self.errors.len();
        let Draft {
            name,
            op,
            reads,
            has_inputs,
        } = draft;
        name.iter().for_each(|name| self.check_name(name));
        let n_errors_of_name = self.errors.len() - n_errors;
        let is_own = self.expect_own(name, &reads);
        let made = op.and_then(|recipe| {
            let descriptor = recipe.descriptor();
            self.expect_parameters(name, descriptor, &reads);
            if has_inputs {
                self.expect_arity(name, descriptor, reads.inputs.len());
            }
            self.make(name, recipe)
        });
        let is_right = self.errors.len() == n_errors + n_errors_of_name;
        let shape = made
            .as_ref()
            .filter(|_| has_inputs && is_own && is_right)
            .and_then(|op| self.output_shape(name?, op.as_ref(), &reads));
        let number = self.layers.len();
        let layer = Handle(Place::Layer(number));
        self.note_reader(number, &reads);
        let is_fused = made.as_ref().is_some_and(|op| op.activation().is_some());
        let pre_activation = name.filter(|_| is_fused).map(before_activation);
        name.iter().for_each(|name| _ = self.call(name, layer));
        if let Some(name) = &pre_activation {
            self.check_name(name);
            self.call(name, Handle(Place::PreActivation(number)));
        }
        self.layers.push(Node {
            name: name.map(str::to_owned),
            pre_activation,
            op: made,
            reads,
            shape,
        });
        layer
    }

    fn refuse_layer(&mut self, name: Option<&str>, site: impl Into<Site>, fault: NetworkFault) {
        self.refuse(name.map(str::to_owned), site.into(), fault);
    }

    /// Whether every tensor that a layer reads is one of this network's; those of another one are
    /// refused.
    fn expect_own(&mut self, name: Option<&str>, reads: &Reads) -> bool {
        let is_own = |tensor: Handle| match tensor.0 {
            Place::Input(number) => number < self.inputs.len(),
            Place::Layer(number) => number < self.layers.len(),
            Place::Parameter(number) => number < self.parameters.len(),
            Place::PreActivation(_) | Place::Updated(_) => false,
        };
        let all_own = reads.all().all(is_own);
        if !all_own {
            self.refuse_layer(name, Site::Inputs, NetworkFault::Foreign);
        }
        all_own
    }

    /// Notes of the parameters among what a layer reads that they are read.
    fn note_reader(&mut self, layer: usize, reads: &Reads) {
        for read in reads.all() {
            if let Place::Parameter(number) = read.0
                && let Some(parameter) = self.parameters.get_mut(number)
            {
                parameter.reader.get_or_insert(layer);
            }
        }
    }

    /// Refuses parameters that the op does not have, and misses those that it must have.
    fn expect_parameters(&mut self, name: Option<&str>, op: &'static Descriptor, reads: &Reads) {
        for parameter in op.parameters {
            if parameter.is_required && reads.get(parameter.role).is_none() {
                self.refuse_setting(
                    name,
                    op,
                    None,
                    SettingError {
                        key: parameter.key,
                        fault: Fault::Missing,
                    },
                );
            }
        }
        for (role, key) in [(OperandRole::Weight, "weight"), (OperandRole::Bias, "bias")] {
            let is_there = reads.get(role).is_some();
            if is_there && op.parameters.iter().all(|parameter| parameter.role != role) {
                let fault = NetworkFault::NoParameter { op: op.name, key };
                self.refuse_layer(name, Site::Key(key), fault);
            }
        }
    }

    fn expect_arity(&mut self, name: Option<&str>, op: &'static Descriptor, found: usize) {
        if !op.arity.contains(&found) {
            let fault = NetworkFault::Arity {
                op: op.name,
                takes: op.arity.clone(),
                found,
            };
            self.refuse_layer(name, Site::Inputs, fault);
        }
    }

    /// Returns the op, unless something is wrong with its settings or its constants are too large.
    fn make(&mut self, name: Option<&str>, recipe: Recipe) -> Option<Arc<dyn Op>> {
        let descriptor = recipe.descriptor();
        let (op, given, refused) = match recipe {
            Recipe::Made(op) => {
                let given = op.given();
                (Some(op), given, Vec::new())
            }
            Recipe::Given { given, refused, .. } => (None, given, refused),
        };
        let names: Vec<(&'static str, String)> = given.iter().filter_map(named).collect();
        let constants = given.iter().filter_map(|(_, value)| match value {
            Value::Tensor(tensor) => Some(tensor.shape().clone()),
            _ => None,
        });
        let constants: Vec<Shape> = constants.collect();
        let fits = constants.iter().all(|shape| self.take(name, shape));
        match ops::read(descriptor, given) {
            Ok(read) => {
                Some(op.unwrap_or_else(|| read.into())).filter(|_| fits && refused.is_empty())
            }
            Err(errors) => {
                let news = errors
                    .into_iter()
                    .filter(|error| !refused.contains(&error.key));
                news.for_each(|error| {
                    let found = names.iter().find(|(key, _)| *key == error.key);
                    self.refuse_setting(name, descriptor, found.map(|(_, name)| &**name), error);
                });
                None
            }
        }
    }

    /// Refuses a setting; `found` is the name that it was given.
    fn refuse_setting(
        &mut self,
        name: Option<&str>,
        op: &'static Descriptor,
        found: Option<&str>,
        error: SettingError,
    ) {
        let meant = match &error.fault {
            Fault::Unknown(names) => nearest(found.unwrap_or_default(), names.iter().copied()),
            _ => None,
        };
        let (op, site) = (op.name, Site::Key(error.key));
        self.refuse_layer(name, site, NetworkFault::Setting { op, error, meant });
    }

    /// Returns the shape of a layer's output, where everything that it reads is known and fits.
    fn output_shape(&mut self, name: &str, op: &dyn Op, reads: &Reads) -> Option<Shape> {
        let shapes = Shapes {
            inputs: reads
                .inputs
                .iter()
                .map(|&of| self.named(of))
                .collect::<Option<_>>()?,
            weight: reads
                .weight
                .map_or(Some(None), |of| self.named(of).map(Some))?,
            bias: reads
                .bias
                .map_or(Some(None), |of| self.named(of).map(Some))?,
        };
        match op.output_shape(&shapes) {
            Ok(shape) => {
                let n_copied = op.n_copied(&shapes, &shape);
                self.fits(name, op, reads, (&shape, n_copied))
                    .then_some(shape)
            }
            Err(error) => {
                self.refuse_layer(Some(name), error.at, NetworkFault::Shape(error));
                None
            }
        }
    }

    /// Whether there is room for a layer's output and for the copies that it works with.
    fn fits(
        &mut self,
        name: &str,
        op: &dyn Op,
        reads: &Reads,
        (shape, n_copied): (&Shape, usize),
    ) -> bool {
        if op.is_view() {
            // It has no elements of its own, but a gradient, and it is one of the views of each
            // tensor that it shows.
            let views =
                std::iter::successors(reads.inputs.first().copied(), |&of| self.view_of(of));
            let n_shown = views.count();
            self.budget.keep(shape.numel().saturating_add(n_shown));
        } else if !self.take(Some(name), shape) {
            return false;
        }
        if op.activation().is_some() {
            self.budget.keep(shape.numel());
        }
        self.budget.copy(n_copied);
        let checked = self.budget.check();
        self.accept(Some(name), checked)
    }

    /// Name and shape of a tensor, where they are known.
    fn named(&self, tensor: Handle) -> Option<(&str, &Shape)> {
        Some((self.name(tensor)?, self.shape(tensor)?))
    }
}

/// The key of a setting and the name that it is given, where it is given one.
fn named((key, value): &(&'static str, Value)) -> Option<(&'static str, String)> {
    match value {
        Value::Name(name) => Some((key, name.clone())),
        _ => None,
    }
}
