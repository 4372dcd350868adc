//! One layer: its op, what it reads, its keys.

use std::ops::Range;

use super::json::{self, Object, Raw};
use super::loader::Loader;
use super::other_names::instead;
use super::setting;
use crate::diagnostic::{Diagnostic, Source, list, nearest, quote};
use crate::ops::{self, Descriptor, Domain, OperandRole, Value};
use crate::tape::{Draft, Handle, NetworkError, NetworkFault, Reads, Recipe, Site};
use crate::tensor::is_name;

/// The keys that every layer has.
const COMMON_KEYS: &[&str] = &["name", "op", "from"];

impl Loader<'_> {
    /// Reads one layer, and reports what is wrong with it.
    pub(super) fn layer(&mut self, object: &Object<'_>) {
        self.refuse_duplicates(object);
        let op = self.op(object);
        let name = self.required_string(object, "name");
        let inputs = self.from(name.as_deref(), object);
        let has_inputs = inputs.is_some();
        let mut reads = Reads::from(inputs.unwrap_or_default());
        let recipe = op.map(|op| {
            self.parameters(name.as_deref(), object, op, &mut reads);
            let recipe = self.settings(object, op);
            self.refuse_unknown_of(object, op);
            recipe
        });
        self.net.draft(Draft {
            name: name.as_deref(),
            op: recipe,
            reads,
            has_inputs,
        });
        self.held = 0;
        let source = self.source;
        self.report(|error| place(source, object, error));
    }

    fn op(&mut self, object: &Object<'_>) -> Option<&'static Descriptor> {
        let name = self.required_string(object, "op")?;
        ops::find(&name).or_else(|| {
            let similar = || like(&name);
            let all = || {
                let names: Vec<_> = ops::names().collect();
                format!("the ops are {}", names.join(", "))
            };
            let known = instead(&name).map(str::to_owned);
            let hint = known.or_else(similar).unwrap_or_else(all);
            let span = key_place(self.source, object, "op");
            self.problem(
                Diagnostic::new(format!("there is no op {}", quote(&name)))
                    .at(self.source, span)
                    .hinted(hint),
            )
        })
    }

    fn required_string(&mut self, object: &Object<'_>, key: &str) -> Option<String> {
        if object.get(key).is_none() {
            let span = layer_place(object);
            let hint = match key {
                "op" => "`op` says what the layer computes, as in \"op\": \"linear\"",
                _ => "other layers, `upstream` and `notes` call it by its `name`",
            };
            return self.problem(
                Diagnostic::new(format!("the layer has no `{key}`"))
                    .at(self.source, span)
                    .hinted(hint),
            );
        }
        self.string_member(object, key)
    }

    /// Returns the tensors that the layer reads, where they are all known.
    fn from(&mut self, layer: Option<&str>, object: &Object<'_>) -> Option<Vec<Handle>> {
        let Some(member) = object.get("from") else {
            return self.layer_before(object);
        };
        let names = match json::array(member.value) {
            Some(names) => names,
            None => vec![member.value],
        };
        if names.is_empty() {
            let problem = Diagnostic::new("`from` must name at least one tensor")
                .at(self.source, json::span(self.source, member.value));
            return self.problem(problem.hinted("left out, it is the layer before"));
        }
        let read: Vec<Option<Handle>> = names
            .into_iter()
            .map(|name| self.read_name(layer, name))
            .collect();
        read.into_iter().collect()
    }

    /// What a layer reads that does not say so: the layer before it, or the only input.
    fn layer_before(&mut self, object: &Object<'_>) -> Option<Vec<Handle>> {
        let (n_inputs, n_layers) = self.net.counts();
        if n_layers > 0 || n_inputs <= 1 {
            return self.net.newest().map(|newest| vec![newest]);
        }
        let message = format!(
            "there are {n_inputs} inputs, so `from` must say which one the first layer reads"
        );
        let first = self.net.names().next().map(quote).unwrap_or_default();
        self.problem(
            Diagnostic::new(message)
                .at(self.source, layer_place(object))
                .hinted(format!("the first of them is {first}")),
        )
    }

    fn read_name(&mut self, layer: Option<&str>, raw: Raw<'_>) -> Option<Handle> {
        let Some(name) = json::string(raw) else {
            return self.unfit(
                raw,
                "`from` must be the name of a tensor or a list of names",
            );
        };
        let found = self.net.find(&name);
        if let Some(tensor) = found.filter(|&found| !self.net.is_pre_activation(found)) {
            return Some(tensor);
        }
        if self.net.counts().0 == 0 {
            return None;
        }
        let bare = name.split('[').next().unwrap_or_default();
        let (message, hint) = if found.is_some() {
            let hint = "for that, give the activation a layer of its own".to_owned();
            let message = format!(
                "no layer reads {}, which its activation is taken of",
                quote(&name)
            );
            (message, Some(hint))
        } else if layer == Some(&name) {
            let hint = "a layer reads only what stands before it".to_owned();
            (format!("{} would read itself", quote(&name)), Some(hint))
        } else if self.layer_names.contains(&name) {
            let hint = "put it above; a layer reads only what stands before it".to_owned();
            (
                format!("{} is computed only later", quote(&name)),
                Some(hint),
            )
        } else if bare != name && self.net.find(bare).is_some() {
            (
                "`from` names a whole tensor, not one neuron".to_owned(),
                Some(format!("write \"{bare}\"")),
            )
        } else {
            (
                format!("there is no tensor {} to read", quote(&name)),
                self.names_like(&name),
            )
        };
        let mut problem = Diagnostic::new(message).at(self.source, json::span(self.source, raw));
        problem.hint = hint;
        self.problem(problem)
    }

    /// Adds the parameters that the layer gives its op.
    fn parameters(
        &mut self,
        layer: Option<&str>,
        object: &Object<'_>,
        op: &Descriptor,
        reads: &mut Reads,
    ) {
        // A name that a layer cannot have is reported once, and not again for each of its
        // parameters.
        let is_checked = layer.is_some_and(|name| is_name(name) && self.net.find(name).is_none());
        for parameter in op.parameters {
            let Some(member) = object.get(parameter.key) else {
                continue;
            };
            let name = format!("{}.{}", layer.unwrap_or_default(), parameter.key);
            let tensor = self.parameter(&name, is_checked, member);
            match parameter.role {
                OperandRole::Weight => reads.weight = Some(tensor),
                OperandRole::Bias => reads.bias = Some(tensor),
                OperandRole::Input(_) => {}
            }
        }
    }

    /// Reads what is given of the op's settings, and reports what cannot be read.
    fn settings(&mut self, object: &Object<'_>, op: &'static Descriptor) -> Recipe {
        let (mut given, mut refused) = (Vec::new(), Vec::new());
        for setting in op.settings() {
            if object.get(setting.key).is_none() && self.overridden(setting.key).is_none() {
                continue;
            }
            match self.setting(object, setting.key, &setting.domain) {
                Some(value) => given.push((setting.key, value)),
                None => refused.push(setting.key),
            }
        }
        Recipe::Given { op, given, refused }
    }

    /// Reports keys that the op does not have.
    fn refuse_unknown_of(&mut self, object: &Object<'_>, op: &Descriptor) {
        let parameters = op.parameters.iter().map(|parameter| parameter.key);
        let settings = op.settings().into_iter().map(|setting| setting.key);
        let known: Vec<&str> = parameters
            .chain(settings)
            .chain(COMMON_KEYS.iter().copied())
            .collect();
        self.refuse_unknown(object, &known, &format!("`{}`", op.name));
    }

    /// What the command line says of a setting.
    fn overridden(&self, key: &str) -> Option<Value> {
        let ties = self.options.ties.filter(|_| key == "ties")?;
        Some(Value::Name(ties.name().to_owned()))
    }

    fn setting(&mut self, object: &Object<'_>, key: &str, domain: &Domain) -> Option<Value> {
        if let Some(value) = self.overridden(key) {
            return Some(value);
        }
        let raw = object.get(key)?.value;
        if *domain == Domain::Tensor {
            let tensor = self.tensor(raw)?;
            self.held += tensor.shape().numel();
            return Some(Value::Tensor(tensor));
        }
        let problem = |why| {
            Diagnostic::new(format!("`{key}` {why}")).at(self.source, json::span(self.source, raw))
        };
        setting::read(raw)
            .map_err(|why| self.problems.push(problem(why)))
            .ok()
    }
}

/// The hint for a mistyped op: what it was most likely meant to be, along each number of axes where
/// it says none.
fn like(name: &str) -> Option<String> {
    let meant = nearest(name, ops::names())?;
    let says_axes = name.contains(|c: char| c.is_ascii_digit());
    let of_axes = without_axes(meant).filter(|_| !says_axes);
    let is_meant = |op: &&str| *op == meant || of_axes.is_some() && without_axes(op) == of_axes;
    let meant: Vec<String> = ops::names().filter(is_meant).map(quote).collect();
    Some(format!("did you mean {}?", list(&meant, "or")))
}

/// What an op's name has before `1d`, `2d` or `3d`.
fn without_axes(op: &str) -> Option<&str> {
    op.strip_suffix('d')?.strip_suffix(['1', '2', '3'])
}

/// Where in a layer's text an error is.
fn place(source: &Source, object: &Object<'_>, error: &NetworkError) -> Range<usize> {
    let is_left_out = |key| object.get(key).is_none();
    match error.site {
        Site::Whole => key_place(source, object, "op"),
        Site::Name => key_place(source, object, "name"),
        Site::Inputs => key_place(source, object, "from"),
        Site::Input(number) => input_place(source, object, number),
        // What is missing is asked for by the op.
        Site::Key(key)
            if is_left_out(key) && matches!(error.fault, NetworkFault::Setting { .. }) =>
        {
            key_place(source, object, "op")
        }
        Site::Key(key) => key_place(source, object, key),
    }
}

fn layer_place(object: &Object<'_>) -> Range<usize> {
    object
        .members
        .first()
        .map_or(object.span.clone(), |first| first.key_span.clone())
}

/// Where a key's value stands, or the layer where the key is left out.
fn key_place(source: &Source, object: &Object<'_>, key: &str) -> Range<usize> {
    object.get(key).map_or_else(
        || layer_place(object),
        |member| json::span(source, member.value),
    )
}

fn input_place(source: &Source, object: &Object<'_>, number: usize) -> Range<usize> {
    let listed = object
        .get("from")
        .and_then(|member| json::array(member.value)?.get(number).copied());
    match listed {
        Some(name) => json::span(source, name),
        None if object.get("from").is_some() => key_place(source, object, "from"),
        None => key_place(source, object, "op"),
    }
}
