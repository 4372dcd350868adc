//! What the gallery shows of a scenario before it is opened.

use crate::debugger::Session;
use crate::diagnostic::visible;
use crate::tape::{Layer, Network};
use crate::tensor::TensorId;
use crate::words;

/// A look at a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Preview {
    /// The tensors in the order in which data flows.
    pub(super) flow: Vec<Stop>,
    pub(super) n_steps: usize,
    /// The first neuron, and what is said about it.
    pub(super) taste: Option<(String, String)>,
}

/// A tensor on the way of the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stop {
    /// What stands between it and the one before.
    pub(super) link: &'static str,
    /// Its name and its sizes.
    pub(super) tensor: String,
    /// The op that makes it, where one does.
    pub(super) op: Option<&'static str>,
}

impl Preview {
    /// Looks at a session on its first step.
    pub(super) fn of(session: &Session) -> Self {
        Self {
            flow: flow(session.network()),
            n_steps: session.n_steps(),
            taste: taste(session),
        }
    }
}

/// The teacher's first note, or else what the first step says.
fn taste(session: &Session) -> Option<(String, String)> {
    let noted = session
        .backprop()
        .steps()
        .iter()
        .find_map(|(_, element)| Some((element, session.notes_of(element).next()?.to_owned())));
    let said = || {
        session.element().map(|element| {
            (
                element,
                words::step(session.backprop(), element).to_string(),
            )
        })
    };
    let (element, text) = noted.or_else(said)?;
    Some((
        session.network().address(element).to_string(),
        visible(&text).into_owned(),
    ))
}

/// Follows the layers from one to the next; one that reads anything but the layer before begins
/// anew and names what it reads.
fn flow(network: &Network) -> Vec<Stop> {
    let mut flow = Vec::new();
    let mut last = None;
    for layer in network.layers() {
        if layer.inputs.as_slice() != last.as_slice() {
            flow.extend(sources(network, layer, !flow.is_empty()));
        }
        flow.push(Stop {
            link: " → ",
            tensor: tensor(network, layer.output),
            op: Some(layer.op.name()),
        });
        last = Some(layer.output);
    }
    flow
}

/// The tensors that a layer reads, where it does not just go on.
fn sources(network: &Network, layer: &Layer, is_later: bool) -> Vec<Stop> {
    let links = std::iter::once(if is_later { ";  " } else { "" }).chain(std::iter::repeat(" + "));
    let named = layer.inputs.iter().map(|&id| match network.layer_of(id) {
        // It stands in the flow already with its sizes.
        Some(_) => visible(&network.tensor(id).name).into_owned(),
        None => tensor(network, id),
    });
    links
        .zip(named)
        .map(|(link, tensor)| Stop {
            link,
            tensor,
            op: None,
        })
        .collect()
}

/// A tensor's name and sizes, joined by a blank at which no line is broken.
fn tensor(network: &Network, id: TensorId) -> String {
    let tensor = network.tensor(id);
    let sizes: Vec<String> = tensor.shape.iter().map(ToString::to_string).collect();
    format!(
        "{}\u{a0}{}",
        visible(&tensor.name),
        if sizes.is_empty() {
            "1".to_owned()
        } else {
            sizes.join("×")
        }
    )
}
