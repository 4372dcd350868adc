//! The forward run on a page: what is given, and layer by layer what is computed from it.

use std::io;

use super::{MOST_COLUMNS, Page, show};
use crate::backprop::Backprop;
use crate::diagnostic::list;
use crate::ops::Value;
use crate::scenario::Scenario;
use crate::tape::{Kind, Layer, Network};
use crate::tensor::TensorId;
use crate::words;

/// Writes the forward run, with the notes for the tensors that `has_note` chooses.
///
/// # Errors
/// Those of the page.
pub fn forward(
    page: &mut dyn Page,
    scenario: &Scenario,
    backprop: &Backprop,
    has_note: &dyn Fn(TensorId) -> bool,
) -> io::Result<()> {
    let (network, tape) = (backprop.network(), backprop.tape());
    let value = |page: &mut dyn Page, id| show(page, &network.tensor(id).name, tape.value(id));
    let noted = |id| scenario.notes.tensor(id, backprop.update());
    let note = |page: &mut dyn Page, id| match noted(id).filter(|_| has_note(id)) {
        Some(note) => page.note(note),
        None => Ok(()),
    };
    page.section("Forward run", None)?;
    for entry in entries(network) {
        let number = match entry {
            Entry::Leaf(id) => {
                page.line(&network.tensor(id).name, &use_of(network, id))?;
                value(page, id)?;
                note(page, id)?;
                continue;
            }
            Entry::Layer(number) => number,
        };
        let layer = network.layer(number);
        page.line(
            &network.tensor(layer.output).name,
            &computation(network, layer),
        )?;
        for id in own_parameters(network, layer) {
            value(page, id)?;
            note(page, id)?;
        }
        let before = network.pre_activation(number);
        for id in before
            .filter(|&id| is_shown(backprop, id))
            .into_iter()
            .chain([layer.output])
        {
            value(page, id)?;
            note(page, id)?;
        }
    }
    Ok(())
}

/// An entry of the forward run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// An input, or a parameter that no layer has for itself.
    Leaf(TensorId),
    /// A layer, by its number.
    Layer(usize),
}

/// The entries of the forward run in their order: what is given stands before the first layer that
/// reads it.
pub fn entries(network: &Network) -> Vec<Entry> {
    let inputs = network
        .ids()
        .filter(|&id| network.tensor(id).kind == Kind::Input);
    let leaves = inputs.chain(network.shared_parameters());
    let first_use = |id: TensorId| network.consumers(id).iter().map(|one| one.layer).min();
    let leaves = leaves.map(|id| (first_use(id), Entry::Leaf(id)));
    let layers = 0..network.layers().len();
    let mut entries: Vec<_> = leaves
        .chain(layers.map(|number| (Some(number), Entry::Layer(number))))
        .collect();
    entries.sort_by_key(|(number, _)| number.unwrap_or(usize::MAX));
    entries.into_iter().map(|(_, entry)| entry).collect()
}

/// Whether the values of a tensor are shown: of what a layer computes before its activation, where
/// that makes steps.
pub fn is_shown(backprop: &Backprop, id: TensorId) -> bool {
    match backprop.network().tensor(id).kind {
        Kind::Input | Kind::Layer(_) | Kind::Parameter(_) => true,
        Kind::Updated(_) => false,
        Kind::PreActivation(_) => backprop.steps().range(id).is_some(),
    }
}

/// Writes the upstream gradients that are given.
///
/// # Errors
/// Those of the page.
pub fn upstream(page: &mut dyn Page, backprop: &Backprop) -> io::Result<()> {
    let network = backprop.network();
    page.section("Upstream gradients", None)?;
    for (&id, tensor) in backprop.upstream() {
        let name = &network.tensor(id).name;
        if let Some(side) = side(network, id) {
            page.line(name, &format!("is given {side}."))?;
        }
        show(page, name, tensor)?;
    }
    Ok(())
}

/// On which side of its layer's activation a tensor is, where the layer ends in one: whose gradient
/// is meant differs from course to course.
pub fn side(network: &Network, id: TensorId) -> Option<String> {
    let (side, number) = match network.tensor(id).kind {
        Kind::Layer(number) => ("after", number),
        Kind::PreActivation(number) => ("before", number),
        Kind::Input | Kind::Parameter(_) | Kind::Updated(_) => return None,
    };
    let activation = network.layer(number).op.activation()?;
    Some(format!("{side} its {}", activation.title()))
}

/// Says how the parameters are updated, where they are.
///
/// # Errors
/// Those of the page.
pub fn update(page: &mut dyn Page, backprop: &Backprop) -> io::Result<()> {
    let Some(rule) = words::update_rule(backprop) else {
        return Ok(());
    };
    page.section("Update", None)?;
    page.paragraph(&rule)?;
    let network = backprop.network();
    let updates = network.updates().into_iter();
    for &parameter in updates.flat_map(|updates| &updates.parameters) {
        for (name, tensor) in words::kept(backprop, parameter) {
            let of = &network.tensor(parameter).name;
            show(page, &format!("{name} of {of}"), &tensor)?;
        }
    }
    Ok(())
}

/// The heading over what somebody has worked out for a tensor, and the name that belongs there:
/// its gradient, or what becomes of a parameter.
pub fn worked_out(network: &Network, id: TensorId) -> (&'static str, &str) {
    let (heading, of) = match network.tensor(id).kind {
        Kind::Updated(parameter) => ("new values of", parameter),
        Kind::Input | Kind::Layer(_) | Kind::Parameter(_) | Kind::PreActivation(_) => {
            ("gradient of", id)
        }
    };
    (heading, &network.tensor(of).name)
}

/// The parameters that a layer has for itself.
pub fn own_parameters(network: &Network, layer: &Layer) -> impl Iterator<Item = TensorId> {
    let parameters = layer.weight.into_iter().chain(layer.bias);
    parameters.filter(|&id| network.is_own_parameter(id))
}

/// Returns what an input or a parameter that is no layer's own is there for: `is given.` or `is
/// used by encoder and decoder.`
pub fn use_of(network: &Network, leaf: TensorId) -> String {
    if network.tensor(leaf).kind == Kind::Input {
        return "is given.".to_owned();
    }
    let users = network.users(leaf).into_iter();
    let names: Vec<String> = users.map(|id| network.tensor(id).name.clone()).collect();
    format!("is used by {}.", list(&names, "and"))
}

/// Returns what a layer computes, in a line: `is max_pool2d of x, with kernel_size 2.`
pub fn computation(network: &Network, layer: &Layer) -> String {
    let names: Vec<&str> = layer
        .inputs
        .iter()
        .map(|&id| network.tensor(id).name.as_str())
        .collect();
    let parameters = layer.op.descriptor().parameters.iter();
    let shared = parameters.filter_map(|parameter| {
        let id = layer.tensor_in(parameter.role)?;
        let name = &network.tensor(id).name;
        (!network.is_own_parameter(id)).then(|| format!("{} {name}", parameter.key))
    });
    let given = layer.op.given().into_iter();
    let settings = given
        .filter(|(_, value)| is_short(value))
        .map(|(key, value)| format!("{key} {value}"));
    let settings: Vec<String> = shared.chain(settings).collect();
    let with = if settings.is_empty() {
        String::new()
    } else {
        format!(", with {}", settings.join(", "))
    };
    format!("is {} of {}{with}.", layer.op.name(), names.join(", "))
}

/// Whether a setting fits in a line: a constant of many numbers does not.
fn is_short(value: &Value) -> bool {
    match value {
        Value::Tensor(tensor) => tensor.data().len() <= MOST_COLUMNS,
        Value::Flag(_)
        | Value::Whole(_)
        | Value::Number(_)
        | Value::Name(_)
        | Value::List(_)
        | Value::Other => true,
    }
}
