//! The scenario as a Python script for PyTorch, which compares its gradients with ours.
//!
//! How PyTorch calls an op stands in the op's row. Here it gets its tensors and settings, and the
//! axes that PyTorch wants where there are no channels.

mod python;
mod sides;
mod training;

use std::io::{self, Write};

use python::{number, numbers, string};

use super::{Selection, Subject};
use crate::diagnostic::visible;
use crate::ops::{DefaultValue, Descriptor, Ties, Torch, TorchArgument, Value};
use crate::tape::{Kind, Layer, Network};
use crate::tensor::TensorId;

/// Imports and functions that every script begins with.
const BEGIN: &str = include_str!("torch/begin.py");
/// Max pooling with the tie rules that PyTorch does not have.
const TIES: &str = include_str!("torch/ties.py");
/// The comparison of gradients.
const COMPARE: &str = include_str!("torch/compare.py");
/// What came of it.
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
    // PyTorch rounds more than the tensors, inside its sums too.
    let backprop = backprop.unrounded();
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
    for &id in scenario.leaves.keys() {
        let value = backprop.tape().value(id);
        writeln!(out, "t[{}] = leaf({})", name(id), numbers(value))?;
    }
    writeln!(out, "\n# Forward.")?;
    forward(network, "", out)?;
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
    let is_gradient = |id: &TensorId| !matches!(network.tensor(*id).kind, Kind::Updated(_));
    for id in selection.tensors(backprop).filter(is_gradient) {
        writeln!(
            out,
            "expected[{}] = {}",
            name(id),
            numbers(backprop.gradient(id))
        )?;
    }
    out.write_all(COMPARE.as_bytes())?;
    if backprop.update() == 1 {
        training::write(scenario, backprop, &forward, out)?;
    }
    out.write_all(END.as_bytes())
}

/// Writes the layers, each line after this indentation.
fn forward(network: &Network, indent: &str, out: &mut dyn Write) -> io::Result<()> {
    let name = |id: TensorId| string(&network.tensor(id).name);
    for (number, layer) in network.layers().iter().enumerate() {
        let computed = Call { network, layer }.computed();
        let before = network.pre_activation(number);
        let first = before.unwrap_or(layer.output);
        writeln!(out, "{indent}t[{}] = keep({computed})", name(first))?;
        if let Some((activation, before)) = layer.op.activation().zip(before) {
            let (output, function) = (name(layer.output), function(activation.descriptor()));
            let before = name(before);
            writeln!(out, "{indent}t[{output}] = keep({function}(t[{before}]))")?;
        }
    }
    Ok(())
}

/// The rule for ties of a layer whose windows are won, where PyTorch does not have it.
fn rule(layer: &Layer) -> Option<Ties> {
    layer.op.ties().filter(|&ties| ties != Ties::First)
}

/// What PyTorch is given for an op's settings.
type Arguments = Vec<(&'static str, TorchArgument)>;

/// One layer as a Python expression.
struct Call<'a> {
    network: &'a Network,
    layer: &'a Layer,
}

impl Call<'_> {
    /// What the op computes. PyTorch wants an axis for the channels of windows, which may be left
    /// out here.
    fn computed(&self) -> String {
        if let Some(ties) = rule(self.layer) {
            return self.tied(ties);
        }
        let x = self.tensor(self.layer.inputs[0]);
        if self.layer.spatial_axes() > 0 && self.windows().len() == self.rank(self.layer.output) {
            format!("{}[0]", self.of(&format!("{x}[None]")))
        } else {
            self.of(&x)
        }
    }

    /// What the op computes of an input.
    fn of(&self, x: &str) -> String {
        let row = self.layer.op.descriptor();
        let inputs = || {
            let others = self.layer.inputs.iter().skip(1);
            let others = others.map(|&id| self.tensor(id));
            std::iter::once(x.to_owned())
                .chain(others)
                .collect::<Vec<String>>()
        };
        match row.torch {
            Torch::Functional | Torch::Function => match self.sides() {
                Some(sides) => self.padded(&function(row), x, &sides),
                None => self.call(&function(row), &inputs().join(", ")),
            },
            Torch::FunctionOfList => {
                self.call(&function(row), &format!("[{}]", inputs().join(", ")))
            }
            Torch::Operator(operator) => inputs().join(operator),
            Torch::Expression(expression) => self.filled(expression, &inputs()),
        }
    }

    /// Max pooling by a rule that PyTorch does not have.
    fn tied(&self, ties: Ties) -> String {
        let x = self.tensor(self.layer.inputs[0]);
        let windows = self.windows();
        // The windows of a pooling that has no size for them are whole maps.
        let has_size = self
            .arguments()
            .iter()
            .any(|(key, _)| *key == "kernel_size");
        let kernel = if has_size {
            String::new()
        } else {
            let input = &self.network.tensor(self.layer.inputs[0]).shape;
            format!(", {:?}", &input[input.rank() - windows.len()..])
        };
        self.call(
            "tied_max_pool",
            &format!("{x}, \"{}\", {windows:?}{kernel}", ties.name()),
        )
    }

    /// The sizes of the output along which windows lie.
    fn windows(&self) -> &[usize] {
        let shape = &self.network.tensor(self.layer.output).shape;
        &shape[shape.rank() - self.layer.spatial_axes()..]
    }

    /// A function with its first argument, and with the layer's weight, bias and settings under
    /// their names.
    fn call(&self, function: &str, first: &str) -> String {
        self.call_with(function, first, self.arguments())
    }

    fn call_with(&self, function: &str, first: &str, arguments: Arguments) -> String {
        let arguments = arguments
            .into_iter()
            .map(|(key, argument)| format!("{key}={}", python(&argument)));
        let all: Vec<String> = std::iter::once(first.to_owned())
            .chain(self.parameters())
            .chain(arguments)
            .collect();
        format!("{function}({})", all.join(", "))
    }

    fn parameters(&self) -> impl Iterator<Item = String> {
        // A bare kernel has no axes for channels, and its bias may have none either.
        let axes = self.layer.spatial_axes();
        let is_bare = axes > 0 && self.layer.weight.is_some_and(|id| self.rank(id) == axes);
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

    fn arguments(&self) -> Arguments {
        let input = &self.network.tensor(self.layer.inputs[0]).shape;
        self.layer.op.torch_arguments(input)
    }

    /// An expression with the inputs and the settings that it names.
    fn filled(&self, expression: &str, inputs: &[String]) -> String {
        let named = ["{x}", "{y}", "{z}"].into_iter().zip(inputs);
        let mut filled = named.fold(expression.to_owned(), |filled, (name, input)| {
            filled.replace(name, input)
        });
        for (key, argument) in self.arguments() {
            filled = filled.replace(&format!("{{{key}}}"), &python(&argument));
        }
        let given = self.layer.op.given();
        for setting in self.layer.op.descriptor().settings() {
            let value = given.iter().find(|(key, _)| *key == setting.key);
            let value = match (value, setting.default) {
                (Some((_, value)), _) => value.clone(),
                (None, DefaultValue::Value(value)) => value,
                (None, DefaultValue::Required | DefaultValue::Nothing) => continue,
            };
            let place = format!("{{{}}}", setting.key);
            filled = filled.replace(&place, &python(&TorchArgument::Value(value)));
        }
        filled
    }

    fn tensor(&self, id: TensorId) -> String {
        format!("t[{}]", string(&self.network.tensor(id).name))
    }

    fn rank(&self, id: TensorId) -> usize {
        self.network.tensor(id).shape.rank()
    }
}

/// The function that has an op's name.
fn function(op: &Descriptor) -> String {
    let module = match op.torch {
        Torch::Functional => "F",
        Torch::Function | Torch::FunctionOfList | Torch::Operator(_) | Torch::Expression(_) => {
            "torch"
        }
    };
    format!("{module}.{}", op.name)
}

/// An argument as Python writes it.
fn python(argument: &TorchArgument) -> String {
    match argument {
        TorchArgument::Value(value) => value_in_python(value),
        TorchArgument::Classes(classes) => format!("constant({}).long()", numbers(classes)),
        TorchArgument::None => "None".to_owned(),
    }
}

fn value_in_python(value: &Value) -> String {
    match value {
        Value::Flag(true) => "True".to_owned(),
        Value::Flag(false) => "False".to_owned(),
        Value::Whole(whole) => whole.to_string(),
        Value::Number(value) => number(*value),
        Value::Name(name) => string(name),
        Value::List(values) => {
            let values: Vec<String> = values.iter().map(value_in_python).collect();
            format!("[{}]", values.join(", "))
        }
        Value::Tensor(tensor) => format!("constant({})", numbers(tensor)),
        Value::Other => "None".to_owned(),
    }
}
