//! The text of a scenario that nobody has written: an imported model, a generated exercise.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Gradients, setting, written};
use crate::json;
use crate::ops::Value;
use crate::tape::{Kind, Layer, Network};
use crate::tensor::{Arithmetic, Tensor, TensorId, exact};

/// What a scenario's text says, in the order in which it says it.
#[derive(Debug, Default)]
pub(crate) struct Text {
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) inputs: Vec<(String, Numbers)>,
    /// The parameters that no layer has for itself.
    pub(crate) parameters: Vec<(String, Numbers)>,
    pub(crate) layers: Vec<LayerText>,
    pub(crate) upstream: Vec<(String, Numbers)>,
    /// How the parameters are updated, in JSON.
    pub(crate) train: Option<String>,
    pub(crate) ask: Vec<String>,
    pub(crate) points: BTreeMap<String, f64>,
    /// Whether homework is about the gradients before the activations.
    pub(crate) is_before_activations: bool,
    pub(crate) arithmetic: Arithmetic,
    pub(crate) notes: BTreeMap<String, String>,
}

/// What the text says of a layer.
#[derive(Debug, Default)]
pub(crate) struct LayerText {
    /// What stands in one line: keys, and their values in JSON.
    pub(crate) line: Vec<(&'static str, String)>,
    /// The tensors below it, each in lines of its own.
    pub(crate) below: Vec<(&'static str, Tensor)>,
}

/// Where the numbers of a tensor are.
#[derive(Debug, Clone)]
pub(crate) enum Numbers {
    /// In the text.
    Here(Tensor),
    /// In a file beside it, under a key.
    Beside(&'static str, String),
}

/// Says where the numbers of a tensor are, which has this name.
pub(crate) type Place<'a> = &'a mut dyn FnMut(String, Tensor) -> Numbers;

impl Text {
    /// The inputs, parameters and layers of a network.
    pub(crate) fn of_network(
        network: &Network,
        leaves: &BTreeMap<TensorId, Tensor>,
        place: Place<'_>,
    ) -> Self {
        let mut text = Self::default();
        for id in network.ids() {
            let list = match network.tensor(id).kind {
                Kind::Input => &mut text.inputs,
                Kind::Parameter(_) if owner_key(network, id).is_none() => &mut text.parameters,
                Kind::Parameter(_) | Kind::Layer(_) | Kind::PreActivation(_) | Kind::Updated(_) => {
                    continue;
                }
            };
            let name = &network.tensor(id).name;
            list.push((name.clone(), place(name.clone(), leaves[&id].clone())));
        }
        let mut before = (text.inputs.len() == 1).then_some(TensorId(0));
        for layer in network.layers() {
            text.layers
                .push(LayerText::of(network, leaves, layer, before, place));
            before = Some(layer.output);
        }
        text
    }

    /// Writes the text.
    pub(crate) fn to_json(&self) -> String {
        let mut out = String::from("{\n  \"backstep\": 1");
        let title = [("title", &self.title), ("description", &self.description)];
        for (key, words) in title {
            push(
                &mut out,
                format_args!(",\n  \"{key}\": {}", json::text(words)),
            );
        }
        push_tensors(&mut out, "inputs", &self.inputs);
        if !self.parameters.is_empty() {
            push_tensors(&mut out, "parameters", &self.parameters);
        }
        out.push_str(",\n  \"layers\": [");
        for (number, layer) in self.layers.iter().enumerate() {
            out.push_str(if number == 0 { "\n    " } else { ",\n    " });
            layer.push_to(&mut out);
        }
        out.push_str("\n  ]");
        if !self.upstream.is_empty() {
            push_tensors(&mut out, "upstream", &self.upstream);
        }
        let Arithmetic {
            precision,
            loss_scale,
        } = self.arithmetic;
        let convention = self.is_before_activations.then_some(Gradients::BEFORE);
        let said = [
            ("train", self.train.clone()),
            ("ask", (!self.ask.is_empty()).then(|| json::text(&self.ask))),
            (
                "points",
                (!self.points.is_empty()).then(|| json::text(&self.points)),
            ),
            (
                "gradients",
                convention.map(|convention| json::text(&convention)),
            ),
            (
                "precision",
                (precision.rounds()).then(|| json::text(&precision.name())),
            ),
            ("loss_scale", (loss_scale != 1.0).then(|| exact(loss_scale))),
            (
                "notes",
                (!self.notes.is_empty()).then(|| json::text(&self.notes)),
            ),
        ];
        for (key, said) in said {
            if let Some(said) = said {
                push(&mut out, format_args!(",\n  \"{key}\": {said}"));
            }
        }
        out.push_str("\n}\n");
        out
    }
}

impl LayerText {
    /// A layer's settings where they differ from their defaults, and then its tensors. `before` is
    /// what it reads where it does not say so.
    fn of(
        network: &Network,
        leaves: &BTreeMap<TensorId, Tensor>,
        layer: &Layer,
        before: Option<TensorId>,
        place: Place<'_>,
    ) -> Self {
        let name = &network.tensor(layer.output).name;
        let mut text = Self::default();
        text.line.push(("name", json::text(name)));
        text.line.push(("op", json::text(&layer.op.name())));
        let from: Vec<&str> = layer
            .inputs
            .iter()
            .map(|&read| network.tensor(read).name.as_str())
            .collect();
        match from[..] {
            [_] if before == layer.inputs.first().copied() => {}
            [only] => text.line.push(("from", json::text(&only))),
            _ => text.line.push(("from", json::text(&from))),
        }
        let mut tensors = Vec::new();
        for parameter in layer.op.descriptor().parameters {
            let Some(id) = layer.tensor_in(parameter.role) else {
                continue;
            };
            if owner_key(network, id) == Some((layer.output, parameter.key)) {
                tensors.push((parameter.key, leaves[&id].clone()));
            } else {
                let of = json::text(&network.tensor(id).name);
                text.line
                    .push((parameter.key, format!("{{ \"parameter\": {of} }}")));
            }
        }
        for (key, value) in layer.op.given() {
            match value {
                Value::Tensor(tensor) => tensors.push((key, tensor)),
                value => text.line.push((key, json::text(&setting::json(&value)))),
            }
        }
        for (key, tensor) in tensors {
            match place(format!("{name}.{key}"), tensor) {
                Numbers::Here(tensor) if tensor.shape().rank() > 1 => {
                    text.below.push((key, tensor))
                }
                numbers => text.line.push((key, numbers.in_line())),
            }
        }
        text
    }

    fn push_to(&self, out: &mut String) {
        let line: Vec<String> = self
            .line
            .iter()
            .map(|(key, value)| format!("\"{key}\": {value}"))
            .collect();
        let line = line.join(", ");
        if self.below.is_empty() {
            return push(out, format_args!("{{ {line} }}"));
        }
        push(out, format_args!("{{\n      {line}"));
        for (key, tensor) in &self.below {
            push(
                out,
                format_args!(",\n      \"{key}\": {}", written::tensor(tensor, 6)),
            );
        }
        out.push_str("\n    }");
    }
}

/// The layer that has a parameter for itself, and under which key: the first to read it, where the
/// parameter is called after it.
fn owner_key(network: &Network, id: TensorId) -> Option<(TensorId, &'static str)> {
    let info = network.tensor(id);
    let Kind::Parameter(number) = info.kind else {
        return None;
    };
    let layer = &network.layers()[number];
    let key = info.name.strip_prefix(&network.tensor(layer.output).name)?;
    let mut parameters = layer.op.descriptor().parameters.iter();
    let own = parameters.find(|own| {
        key.strip_prefix('.') == Some(own.key) && layer.tensor_in(own.role) == Some(id)
    })?;
    (!layer.inputs.contains(&id)).then_some((layer.output, own.key))
}

impl Numbers {
    fn in_line(&self) -> String {
        match self {
            Self::Here(tensor) => written::tensor(tensor, 4),
            Self::Beside(file, key) => format!(
                "{{ \"file\": {}, \"key\": {} }}",
                json::text(file),
                json::text(key)
            ),
        }
    }
}

/// Adds an object whose members are tensors, each in lines of its own.
fn push_tensors(out: &mut String, key: &str, tensors: &[(String, Numbers)]) {
    push(out, format_args!(",\n  \"{key}\": {{"));
    for (number, (name, numbers)) in tensors.iter().enumerate() {
        out.push_str(if number == 0 { "\n    " } else { ",\n    " });
        push(
            out,
            format_args!("{}: {}", json::text(name), numbers.in_line()),
        );
    }
    out.push_str("\n  }");
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text)
        .expect("a string takes whatever is written to it");
}
