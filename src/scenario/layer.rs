//! One layer: its op, what it reads, its keys.

use std::ops::Range;

use super::json::{self, Object, Raw};
use super::loader::Loader;
use super::setting;
use crate::diagnostic::{Diagnostic, list, nearest, quote};
use crate::ops::{
    self, Descriptor, Domain, ErrorSite, Fault, Op, OperandRole, Parameter, SettingError,
    ShapeError, Shapes, Value,
};
use crate::tape::{Kind, Layer};
use crate::tensor::{Shape, TensorId};

/// The keys that every layer has.
const COMMON_KEYS: &[&str] = &["name", "op", "from"];
/// The longest text of a setting that is read; a list of 32 sizes is far shorter.
const LONGEST_SETTING: usize = 4096;

impl Loader<'_> {
    /// Reads one layer, and reports what is wrong with it.
    pub(super) fn layer(&mut self, number: usize, object: &Object<'_>) {
        self.refuse_duplicates(object);
        let output = TensorId(u32::try_from(self.n_inputs + number).unwrap_or(u32::MAX));
        let op = self.op(object);
        let inputs = self.from(number, object);
        let made = op.and_then(|op| self.made(number, object, op, inputs, output));
        let shape = made
            .as_ref()
            .and_then(|layer| self.output_shape(object, layer));
        let view_of = made
            .as_ref()
            .filter(|layer| layer.op.is_view())
            .map(|layer| layer.inputs[0]);
        self.layers.extend(made);
        if let Some(name) = self.required_string(object, "name") {
            let span = self.key_place(object, "name");
            self.name(output, &name, span, Kind::Layer(number), shape);
            if let Some(known) = self.tensors.get_mut(&output) {
                known.view_of = view_of;
            }
        }
    }

    fn op(&mut self, object: &Object<'_>) -> Option<&'static Descriptor> {
        let name = self.required_string(object, "op")?;
        ops::find(&name).or_else(|| {
            let hint = match nearest(&name, ops::names()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!(
                    "the ops are {}",
                    ops::names().collect::<Vec<_>>().join(", ")
                ),
            };
            let span = self.key_place(object, "op");
            self.problem(
                Diagnostic::new(format!("there is no op {}", quote(&name)))
                    .at(self.source, span)
                    .hinted(hint),
            )
        })
    }

    fn required_string(&mut self, object: &Object<'_>, key: &str) -> Option<String> {
        if object.get(key).is_none() {
            let span = self.layer_place(object);
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
    fn from(&mut self, number: usize, object: &Object<'_>) -> Option<Vec<TensorId>> {
        let Some(member) = object.get("from") else {
            return self.layer_before(number, object);
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
        let ids: Vec<Option<TensorId>> = names
            .into_iter()
            .map(|name| self.read_name(number, name))
            .collect();
        ids.into_iter().collect()
    }

    /// What a layer reads that does not say so: the layer before it, or the only input.
    fn layer_before(&mut self, number: usize, object: &Object<'_>) -> Option<Vec<TensorId>> {
        if number == 0 && self.n_inputs > 1 {
            let span = self.layer_place(object);
            let message = format!(
                "there are {} inputs, so `from` must say which one the first layer reads",
                self.n_inputs
            );
            let first = self
                .tensors
                .values()
                .next()
                .map(|first| quote(&first.name))
                .unwrap_or_default();
            return self.problem(
                Diagnostic::new(message)
                    .at(self.source, span)
                    .hinted(format!("the first of them is {first}")),
            );
        }
        let before = if number == 0 {
            0
        } else {
            self.n_inputs + number - 1
        };
        Some(vec![TensorId(u32::try_from(before).ok()?)])
    }

    fn read_name(&mut self, number: usize, raw: Raw<'_>) -> Option<TensorId> {
        let Some(name) = json::string(raw) else {
            return self.unfit(
                raw,
                "`from` must be the name of a tensor or a list of names",
            );
        };
        if let Some(&id) = self.names.get(&name) {
            return Some(id);
        }
        if self.n_inputs == 0 {
            return None;
        }
        let is_itself = self.layer_names.get(number).and_then(Option::as_ref) == Some(&name);
        let is_later = self
            .layer_names
            .iter()
            .flatten()
            .any(|later| *later == name);
        let bare = name.split('[').next().unwrap_or_default();
        let (message, hint) = if is_itself {
            let hint = "a layer reads only what stands before it".to_owned();
            (format!("{} would read itself", quote(&name)), Some(hint))
        } else if is_later {
            let hint = "put it above; a layer reads only what stands before it".to_owned();
            (
                format!("{} is computed only later", quote(&name)),
                Some(hint),
            )
        } else if bare != name && self.names.contains_key(bare) {
            (
                "`from` names a whole tensor, not one neuron".to_owned(),
                Some(format!("write \"{bare}\"")),
            )
        } else {
            (
                format!("there is no tensor {} to read", quote(&name)),
                Some(self.names_like(&name)),
            )
        };
        let mut problem = Diagnostic::new(message).at(self.source, json::span(self.source, raw));
        problem.hint = hint;
        self.problem(problem)
    }

    /// Reads the op's own keys. Returns the layer unless something was wrong with it.
    fn made(
        &mut self,
        number: usize,
        object: &Object<'_>,
        op: &'static Descriptor,
        inputs: Option<Vec<TensorId>>,
        output: TensorId,
    ) -> Option<Layer> {
        let n_problems = self.problems.len();
        let (mut weight, mut bias) = (None, None);
        for parameter in op.parameters {
            let tensor = self.parameter(number, object, op, parameter);
            match parameter.role {
                OperandRole::Weight => weight = tensor,
                OperandRole::Bias => bias = tensor,
                OperandRole::Input(_) => {}
            }
        }
        let made = self.settings(object, op);
        let keys = op.parameters.iter().map(|parameter| parameter.key);
        let settings = op.settings().into_iter().map(|setting| setting.key);
        let known: Vec<&str> = keys
            .chain(settings)
            .chain(COMMON_KEYS.iter().copied())
            .collect();
        self.refuse_unknown(object, &known, &format!("`{}`", op.name));
        let inputs = inputs?;
        self.check_arity(object, op, inputs.len());
        let layer = Layer {
            op: made?,
            inputs,
            weight,
            bias,
            output,
        };
        (self.problems.len() == n_problems).then_some(layer)
    }

    /// Reads the op's settings, and reports what is wrong with them.
    fn settings(&mut self, object: &Object<'_>, op: &Descriptor) -> Option<Box<dyn Op>> {
        let (mut given, mut unreadable) = (Vec::new(), Vec::new());
        for setting in op.settings() {
            if object.get(setting.key).is_none() && self.overridden(setting.key).is_none() {
                continue;
            }
            match self.setting(object, setting.key, &setting.domain) {
                Some(value) => given.push((setting.key, value)),
                None => unreadable.push(setting.key),
            }
        }
        let made = op.op(given);
        // What could not be read has been reported.
        let errors = made.as_ref().err().into_iter().flatten();
        errors
            .filter(|error| !unreadable.contains(&error.key))
            .for_each(|error| self.refuse_setting(object, op, error));
        made.ok().filter(|_| unreadable.is_empty())
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
            return self.tensor(raw).map(Value::Tensor);
        }
        let value = if raw.get().len() > LONGEST_SETTING {
            Err("is too long")
        } else {
            setting::read(raw).ok_or("holds a number that is too large, or text that is not valid")
        };
        let problem = |why| {
            Diagnostic::new(format!("`{key}` {why}")).at(self.source, json::span(self.source, raw))
        };
        value.map_err(|why| self.problems.push(problem(why))).ok()
    }

    /// Names the tensor under a key as a parameter of the layer, where it is there.
    fn parameter(
        &mut self,
        number: usize,
        object: &Object<'_>,
        op: &Descriptor,
        parameter: &Parameter,
    ) -> Option<TensorId> {
        let key = parameter.key;
        let Some(member) = object.get(key) else {
            if parameter.is_required {
                let fault = Fault::Missing;
                self.refuse_setting(object, op, &SettingError { key, fault });
            }
            return None;
        };
        let layer = self.layer_names.get(number).cloned().flatten();
        let id =
            TensorId(u32::try_from(self.first_parameter + self.n_parameters).unwrap_or(u32::MAX));
        self.n_parameters += 1;
        let value = self.tensor(member.value);
        let shape = value.as_ref().map(|value| value.shape().clone());
        self.name(
            id,
            &format!("{}.{key}", layer.unwrap_or_default()),
            member.key_span.clone(),
            Kind::Parameter(number),
            shape,
        );
        self.leaves.extend(value.map(|value| (id, value)));
        Some(id)
    }

    fn check_arity(&mut self, object: &Object<'_>, op: &Descriptor, n_inputs: usize) {
        let arity = &op.arity;
        if arity.contains(&n_inputs) {
            return;
        }
        let takes = match (*arity.start(), *arity.end()) {
            (1, 1) => "one tensor".to_owned(),
            (least, most) if least == most => format!("{least} tensors"),
            (least, _) => format!("{least} or more tensors"),
        };
        let span = self.key_place(object, "from");
        let mut problem = Diagnostic::new(format!(
            "`{}` reads {takes}, but here it is {n_inputs}",
            op.name
        ))
        .at(self.source, span);
        problem.hint = if n_inputs < *arity.start() {
            Some("list what it reads in `from`".to_owned())
        } else {
            (*arity.end() == 1).then(|| {
                "put a `cat`, `add` or `mul` before it, which makes one tensor of several"
                    .to_owned()
            })
        };
        self.problems.push(problem);
    }

    /// Returns the shape of the layer's output, where everything it reads is known and fits.
    fn output_shape(&mut self, object: &Object<'_>, layer: &Layer) -> Option<Shape> {
        let named = |id: &TensorId| {
            let known = self.tensors.get(id)?;
            Some((known.name.as_str(), known.shape.as_ref()?))
        };
        let shapes = Shapes {
            inputs: layer.inputs.iter().map(named).collect::<Option<_>>()?,
            weight: layer
                .weight
                .as_ref()
                .map_or(Some(None), |id| named(id).map(Some))?,
            bias: layer
                .bias
                .as_ref()
                .map_or(Some(None), |id| named(id).map(Some))?,
        };
        match layer.op.output_shape(&shapes) {
            Ok(shape) => {
                let span = self.key_place(object, "op");
                // A view has no elements of its own.
                (layer.op.is_view() || self.charge(&shape, span)).then_some(shape)
            }
            Err(shape_error) => self.shape_error(object, shape_error),
        }
    }

    fn shape_error<T>(&mut self, object: &Object<'_>, shape_error: ShapeError) -> Option<T> {
        let span = match shape_error.at {
            ErrorSite::Key(key) => self.key_place(object, key),
            ErrorSite::Input(number) => self.input_place(object, number),
            ErrorSite::Layer => self.key_place(object, "op"),
        };
        let mut problem = Diagnostic::new(shape_error.message).at(self.source, span);
        if let Some(label) = shape_error.label {
            problem = problem.labelled(label);
        }
        problem.hint = shape_error.hint;
        self.problem(problem)
    }

    fn layer_place(&self, object: &Object<'_>) -> Range<usize> {
        object
            .members
            .first()
            .map_or(object.span.clone(), |first| first.key_span.clone())
    }

    /// Where a key's value stands, or the layer where the key is left out.
    fn key_place(&self, object: &Object<'_>, key: &str) -> Range<usize> {
        object.get(key).map_or_else(
            || self.layer_place(object),
            |member| json::span(self.source, member.value),
        )
    }

    fn input_place(&self, object: &Object<'_>, number: usize) -> Range<usize> {
        let listed = object
            .get("from")
            .and_then(|member| json::array(member.value)?.get(number).copied());
        match listed {
            Some(name) => json::span(self.source, name),
            None if object.get("from").is_some() => self.key_place(object, "from"),
            None => self.key_place(object, "op"),
        }
    }

    /// Reports what is wrong with a setting or a parameter.
    fn refuse_setting(&mut self, object: &Object<'_>, op: &Descriptor, error: &SettingError) {
        let key = error.key;
        let place = if object.get(key).is_some() { key } else { "op" };
        let (message, hint) = match &error.fault {
            Fault::Missing => {
                let message = format!("the key `{key}` is missing, which `{}` needs", op.name);
                (message, None)
            }
            Fault::Unfit(must) => (format!("`{key}` {must}"), None),
            Fault::Unknown(names) => {
                let found = object
                    .get(key)
                    .and_then(|member| json::string(member.value))
                    .unwrap_or_default();
                let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
                let meant = nearest(&found, names.iter().copied())
                    .map(|meant| format!("did you mean `{meant}`?"));
                (format!("`{key}` must be {}", list(&quoted, "or")), meant)
            }
        };
        let span = self.key_place(object, place);
        let mut problem = Diagnostic::new(message).at(self.source, span);
        problem.hint = hint;
        self.problems.push(problem);
    }
}
