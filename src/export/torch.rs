//! The scenario as a Python script for PyTorch, which compares its gradients with ours.
//!
//! Ops have the names and keys of `torch.nn.functional`, so an op is its function with the keys
//! that the file gives. What stands here is where PyTorch wants something else.

use std::io::{self, Write};

use super::{Selection, Subject};
use crate::diagnostic::visible;
use crate::json;
use crate::ops::{Family, Ties, Value};
use crate::tape::{Layer, Network};
use crate::tensor::{Tensor, TensorId};

/// Imports and functions that every script begins with.
const BEGIN: &str = include_str!("torch/begin.py");
/// Max pooling with the tie rules that PyTorch does not have.
const TIES: &str = include_str!("torch/ties.py");
/// The keys that no function of PyTorch has: what they ask for is done by other means.
const OURS: &[&str] = &["activation", "ties"];
/// The comparison.
const END: &str = include_str!("torch/end.py");

/// Writes the script.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(
    subject: Subject<'_>,
    selection: &Selection,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Subject { scenario, backprop } = subject;
    let network = backprop.network();
    let name = |id: TensorId| string(&network.tensor(id).name);
    out.write_all(BEGIN.as_bytes())?;
    if network.layers().iter().any(|layer| rule(layer).is_some()) {
        out.write_all(TIES.as_bytes())?;
    }
    writeln!(
        out,
        "print({})\n\n# Inputs, weights and biases.",
        string(&visible(&scenario.title))
    )?;
    for (&id, tensor) in &scenario.leaves {
        writeln!(out, "t[{}] = leaf({})", name(id), numbers(tensor))?;
    }
    writeln!(out, "\n# Forward.")?;
    for layer in network.layers() {
        writeln!(
            out,
            "t[{}] = keep({})",
            name(layer.output),
            Call { network, layer }.output()
        )?;
    }
    writeln!(
        out,
        "\n# Backward, from the upstream gradients that are given.\nupstream = {{}}"
    )?;
    for (&id, tensor) in backprop.upstream() {
        writeln!(
            out,
            "upstream[{}] = constant({})",
            name(id),
            numbers(tensor)
        )?;
    }
    writeln!(
        out,
        "torch.autograd.backward([t[name] for name in upstream], list(upstream.values()))"
    )?;
    writeln!(
        out,
        "\n# The gradients that backstep found.\nexpected = {{}}"
    )?;
    for id in selection.tensors(backprop) {
        writeln!(
            out,
            "expected[{}] = {}",
            name(id),
            numbers(backprop.gradient(id))
        )?;
    }
    out.write_all(END.as_bytes())
}

/// The rule for ties of a max-pooling layer, where PyTorch does not have it.
fn rule(layer: &Layer) -> Option<Ties> {
    match layer.op.family() {
        Family::MaxPool(ties) if ties != Ties::First => Some(ties),
        _ => None,
    }
}

/// One layer as a Python expression.
struct Call<'a> {
    network: &'a Network,
    layer: &'a Layer,
}

impl Call<'_> {
    fn output(&self) -> String {
        let computed = self.computed();
        match self.layer.op.activation() {
            Some(activation) if matches!(activation.name(), "sigmoid" | "tanh") => {
                format!("torch.{}({computed})", activation.name())
            }
            Some(activation) => format!("F.{}({computed})", activation.name()),
            None => computed,
        }
    }

    fn computed(&self) -> String {
        let x = self.input();
        let inputs: Vec<String> = self
            .layer
            .inputs
            .iter()
            .map(|&id| self.tensor(id))
            .collect();
        if let Some(n_axes) = self.n_axes() {
            return self.spatial(n_axes);
        }
        match self.layer.op.name() {
            "identity" => format!("{x}.clone()"),
            "add" => inputs.join(" + "),
            "sub" => inputs.join(" - "),
            "mul" => inputs.join(" * "),
            "div" => inputs.join(" / "),
            "matmul" => inputs.join(" @ "),
            "cat" => self.call("torch.cat", &format!("[{}]", inputs.join(", "))),
            "dropout" => {
                let p = self
                    .setting("p")
                    .map_or_else(|| "0.5".to_owned(), |p| python(&p));
                format!(
                    "{x} * {} / (1 - {p})",
                    self.constant("mask").unwrap_or_default()
                )
            }
            "sigmoid" | "tanh" | "exp" | "log" | "sqrt" | "pow" | "abs" | "neg" | "flatten"
            | "reshape" | "permute" | "sum" | "mean" => {
                self.call(&format!("torch.{}", self.layer.op.name()), &x)
            }
            name => self.call(&format!("F.{name}"), &x),
        }
    }

    /// An op over windows. PyTorch wants an axis for the channels, which may be left out here.
    fn spatial(&self, n_axes: usize) -> String {
        let shape = &self.network.tensor(self.layer.output).shape;
        let is_bare = shape.rank() == n_axes;
        let x = self.input();
        let is_global = self.layer.op.name().starts_with("global");
        if let Some(ties) = rule(self.layer) {
            let windows = &shape[shape.rank() - n_axes..];
            let input = &self.network.tensor(self.layer.inputs[0]).shape;
            let kernel = if is_global {
                format!(", {:?}", &input[input.rank() - n_axes..])
            } else {
                String::new()
            };
            return self.call(
                "tied_max_pool",
                &format!("{x}, \"{}\", {windows:?}{kernel}", ties.name()),
            );
        }
        let batched = if is_bare { format!("{x}[None]") } else { x };
        let output = match is_global {
            true => self.call(
                &format!("F.adaptive_max_pool{n_axes}d"),
                &format!("{batched}, 1"),
            ),
            false => self.call(&format!("F.{}", self.layer.op.name()), &batched),
        };
        if is_bare {
            format!("{output}[0]")
        } else {
            output
        }
    }

    /// A function with its first argument, and with the layer's weight, bias, constants and
    /// settings under their names.
    fn call(&self, function: &str, first: &str) -> String {
        let mut arguments = vec![first.to_owned()];
        arguments.extend(self.parameters());
        let given = self.layer.op.given();
        let theirs = || given.iter().filter(|(key, _)| !OURS.contains(key));
        let constants =
            theirs().filter_map(|(key, _)| Some(format!("{key}={}", self.constant(key)?)));
        arguments.extend(constants);
        let settings = theirs().filter(|(_, value)| !matches!(value, Value::Tensor(_)));
        arguments.extend(settings.map(|(key, value)| format!("{key}={}", python(value))));
        arguments.extend(self.additions());
        format!("{function}({})", arguments.join(", "))
    }

    fn parameters(&self) -> impl Iterator<Item = String> {
        // A bare kernel has no axes for channels, and its bias may have none either.
        let is_bare = self
            .layer
            .weight
            .is_some_and(|id| self.n_axes() == Some(self.rank(id)));
        let weight = self.layer.weight.map(|id| {
            format!(
                "weight={}{}",
                self.tensor(id),
                if is_bare { "[None, None]" } else { "" }
            )
        });
        let bias = self.layer.bias.map(|id| {
            format!(
                "bias={}{}",
                self.tensor(id),
                if is_bare { ".reshape(1)" } else { "" }
            )
        });
        weight.into_iter().chain(bias)
    }

    /// How many axes the windows of the op have, where it has windows.
    fn n_axes(&self) -> Option<usize> {
        Some(self.layer.spatial_axes()).filter(|&n_axes| n_axes > 0)
    }

    /// What PyTorch wants to be told that a scenario may leave out.
    fn additions(&self) -> Option<String> {
        let has = |key| self.layer.op.given().iter().any(|(known, _)| *known == key);
        match self.layer.op.name() {
            "softmax" | "log_softmax" if !has("dim") => Some("dim=-1".to_owned()),
            "sum" | "mean" if has("keepdim") && !has("dim") => Some(format!(
                "dim={:?}",
                (0..self.rank(self.layer.inputs[0])).collect::<Vec<_>>()
            )),
            "batch_norm" if self.is_training() || !has("running_mean") => {
                Some("running_mean=None, running_var=None".to_owned())
            }
            _ => None,
        }
    }

    fn is_training(&self) -> bool {
        self.layer.op.family() == Family::BatchNorm { training: true }
    }

    fn setting(&self, key: &str) -> Option<Value> {
        let mut given = self.layer.op.given().into_iter();
        given.find_map(|(known, value)| (known == key).then_some(value))
    }

    fn constant(&self, key: &str) -> Option<String> {
        let Some(Value::Tensor(tensor)) = self.setting(key) else {
            return None;
        };
        let tensor = &tensor;
        let input = &self.network.tensor(self.layer.inputs[0]).shape;
        match (self.layer.op.family(), key) {
            // PyTorch would change them, and the batch's own statistics count.
            (Family::BatchNorm { training: true }, "running_mean" | "running_var") => None,
            (Family::CrossEntropy, "target") if tensor.shape() == input => {
                Some(format!("constant({})", numbers(tensor)))
            }
            (Family::CrossEntropy | Family::NegativeLogLikelihood, "target") => {
                Some(format!("constant({}).long()", numbers(tensor)))
            }
            _ => Some(format!("constant({})", numbers(tensor))),
        }
    }

    fn input(&self) -> String {
        self.tensor(self.layer.inputs[0])
    }

    fn tensor(&self, id: TensorId) -> String {
        format!("t[{}]", string(&self.network.tensor(id).name))
    }

    fn rank(&self, id: TensorId) -> usize {
        self.network.tensor(id).shape.rank()
    }
}

/// A text as a Python string: what JSON escapes, Python reads the same.
fn string(text: &str) -> String {
    json::text(&text)
}

/// A setting as Python writes it.
fn python(value: &Value) -> String {
    match value {
        Value::Flag(true) => "True".to_owned(),
        Value::Flag(false) => "False".to_owned(),
        Value::Whole(whole) => whole.to_string(),
        Value::Number(value) => number(*value),
        Value::Name(name) => string(name),
        Value::List(values) => format!(
            "[{}]",
            values.iter().map(python).collect::<Vec<_>>().join(", ")
        ),
        Value::Tensor(tensor) => numbers(tensor),
        Value::Other => "None".to_owned(),
    }
}

/// A tensor's numbers as nested lists.
fn numbers(tensor: &Tensor) -> String {
    let mut text = String::new();
    nested(&mut text, tensor.shape(), tensor.data());
    text
}

fn nested(text: &mut String, shape: &[usize], data: &[f64]) {
    let Some((&size, inner)) = shape.split_first() else {
        return text.push_str(&number(data[0]));
    };
    text.push('[');
    for (row, numbers) in data.chunks(data.len() / size).enumerate() {
        text.push_str(if row == 0 { "" } else { ", " });
        nested(text, inner, numbers);
    }
    text.push(']');
}

/// A number as Python reads it back to the same f64, the sign of a zero among it.
fn number(value: f64) -> String {
    if value.is_nan() {
        "nan".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "inf" } else { "-inf" }.to_owned()
    } else {
        format!("{value:?}")
    }
}
