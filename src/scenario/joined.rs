//! Several scenarios as one: their networks side by side.

use std::collections::BTreeMap;

use super::emit::{Numbers, Text};
use super::{Asked, Gradients, Scenario};
use crate::tape::{
    Built, Draft, Handle, Kind, Network, NetworkBuilder, NetworkErrors, Reads, Recipe,
};
use crate::tensor::{Address, Element, Tensor, TensorId};

/// The update that notes are of: nothing is trained.
const FIRST: usize = 1;

/// One of several scenarios.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its name, which stands with a point before those of its tensors.
    pub name: String,
    /// The scenario.
    pub scenario: Scenario,
    /// What it asks for.
    pub asked: Asked,
}

/// Returns the text of the scenario that holds these, each with names of its own: `mlp.fc` is the
/// tensor `fc` of the part `mlp`. All are in the first one's precision, with its loss scale.
///
/// # Errors
/// Together they are too large, or two parts have one name.
pub fn joined(parts: &[Part], max_elements: usize) -> Result<String, NetworkErrors> {
    let mut net = NetworkBuilder::with_limit(max_elements);
    parts.iter().for_each(|part| part.build(&mut net));
    let Built {
        network, leaves, ..
    } = net.build()?;
    let mut text = Text::of_network(&network, &leaves, &mut |_, tensor| Numbers::Here(tensor));
    let titles = parts.iter().map(|part| part.scenario.title.as_str());
    text.title = titles
        .filter(|title| !title.is_empty())
        .collect::<Vec<_>>()
        .join(" · ");
    let described = parts
        .iter()
        .filter(|part| !part.scenario.description.is_empty());
    let described = described.map(|part| format!("{}: {}", part.name, part.scenario.description));
    text.description = described.collect::<Vec<_>>().join(" ");
    parts.iter().for_each(|part| part.say(&mut text));
    let is_before = |part: &Part| part.scenario.gradients == Gradients::BeforeActivations;
    text.is_before_activations = parts.iter().all(is_before);
    let first = parts.first();
    text.arithmetic = first.map_or_else(Default::default, |part| part.scenario.arithmetic);
    Ok(text.to_json())
}

impl Part {
    fn network(&self) -> &Network {
        &self.scenario.network
    }

    /// What a tensor is called among those of the others.
    fn of(&self, id: TensorId) -> String {
        format!("{}.{}", self.name, self.network().tensor(id).name)
    }

    fn of_element(&self, Element { tensor, at }: Element) -> String {
        let shape = &self.network().tensor(tensor).shape;
        Address::of(&self.of(tensor), shape, at).to_string()
    }

    fn build(&self, net: &mut NetworkBuilder) {
        let mut handles: BTreeMap<TensorId, Handle> = BTreeMap::new();
        for (&id, value) in &self.scenario.leaves {
            let (name, value) = (self.of(id), value.clone());
            let handle = match self.network().tensor(id).kind {
                Kind::Input => net.input(&name, value),
                Kind::Parameter(_) | Kind::Layer(_) | Kind::PreActivation(_) | Kind::Updated(_) => {
                    net.parameter(&name, value)
                }
            };
            handles.insert(id, handle);
        }
        for layer in self.network().layers() {
            let reads = Reads {
                inputs: layer.inputs.iter().map(|id| handles[id]).collect(),
                weight: layer.weight.map(|id| handles[&id]),
                bias: layer.bias.map(|id| handles[&id]),
            };
            let (name, op) = (self.of(layer.output), Recipe::Made(layer.op.clone()));
            handles.insert(layer.output, net.draft(Draft::new(&name, op, reads)));
        }
    }

    /// Says what belongs to its network: what is given, what is asked, and a teacher's words.
    fn say(&self, text: &mut Text) {
        let Scenario {
            upstream,
            points,
            notes,
            ..
        } = &self.scenario;
        let here =
            |(&id, tensor): (&TensorId, &Tensor)| (self.of(id), Numbers::Here(tensor.clone()));
        text.upstream.extend(upstream.iter().map(here));
        // What becomes of parameters is nothing here, since nothing is trained.
        let is_here = |id: TensorId| !matches!(self.network().tensor(id).kind, Kind::Updated(_));
        for &tensor in self.asked.tensors().iter().filter(|&&id| is_here(id)) {
            match self.asked.part(tensor) {
                None => text.ask.push(self.of(tensor)),
                Some(places) => text.ask.extend(
                    places
                        .iter()
                        .map(|&at| self.of_element(Element { tensor, at })),
                ),
            }
        }
        text.points.extend(
            points
                .iter()
                .filter(|(id, _)| is_here(**id))
                .map(|(&id, &points)| (self.of(id), points)),
        );
        let of_tensors = self
            .network()
            .ids()
            .filter(|&id| is_here(id))
            .filter_map(|id| Some((self.of(id), notes.tensor(id, FIRST)?)));
        let of_elements = notes
            .elements(FIRST)
            .filter(|(element, _)| is_here(element.tensor))
            .map(|(element, note)| (self.of_element(element), note));
        let all = of_tensors.chain(of_elements);
        text.notes
            .extend(all.map(|(of, note)| (of, note.to_owned())));
    }
}
