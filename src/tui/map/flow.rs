//! The columns of a network in the order in which data flows, and which of them the current step
//! wants to see.

use std::collections::{BTreeMap, BTreeSet};

use super::scene::Scene;
use crate::debugger::Position;
use crate::tape::{Kind, Network};
use crate::tensor::TensorId;

/// The place of a column in the order in which data flows. Between two layers' outputs there are
/// places for a parameter that is being computed, and before that for what it becomes.
pub(super) type Place = usize;
/// From a layer's output to that of a layer that reads it.
const LAYER: Place = 4;
/// From a parameter to the output of its layer.
const PARAMETER: Place = 2;
/// From what a parameter becomes to the parameter, which sends it all of its terms.
const UPDATED: Place = 1;

/// The columns of a network, and which of them the current step wants to see, the most wanted
/// first.
pub(super) struct Flow {
    /// The tensors of each column.
    pub(super) columns: BTreeMap<Place, Vec<TensorId>>,
    /// The weights that are factors, each with the place of the output of the layer that uses it.
    pub(super) weights: Vec<(TensorId, Place)>,
    /// Where the current neuron is.
    pub(super) current: Option<Place>,
    /// Where the current neuron, the downstream neurons and the factors are.
    pub(super) needed: BTreeSet<Place>,
    /// All places, the most wanted first.
    pub(super) wanted: Vec<Place>,
}

impl Flow {
    pub(super) fn new(scene: &Scene<'_>) -> Self {
        let network = scene.session.network();
        let mut places: BTreeMap<TensorId, Place> = network
            .depths()
            .into_iter()
            .map(|(tensor, depth)| (tensor, LAYER * depth + PARAMETER))
            .collect();
        let current = scene.current.map(|element| element.tensor);
        let before = |tensor| match network.tensor(tensor).kind {
            Kind::Updated(parameter) => parameter,
            Kind::Input | Kind::Layer(_) | Kind::Parameter(_) | Kind::PreActivation(_) => tensor,
        };
        if let Some(parameter) = current.map(before)
            && let Kind::Parameter(layer) | Kind::PreActivation(layer) =
                network.tensor(parameter).kind
            && let Some(&output) = places.get(&network.layers()[layer].output)
        {
            places.entry(parameter).or_insert(output - PARAMETER);
        }
        if let Some(new) = current
            && let Some(&parameter) = places.get(&before(new)).filter(|_| before(new) != new)
        {
            places.insert(new, parameter - UPDATED);
        }
        let mut columns: BTreeMap<Place, Vec<TensorId>> = BTreeMap::new();
        for (&tensor, &place) in &places {
            columns.entry(place).or_default().push(tensor);
        }
        let current = current.and_then(|tensor| places.get(&tensor).copied());
        let mut flow = Self {
            columns,
            weights: weights(scene, &places),
            current,
            needed: BTreeSet::new(),
            wanted: Vec::new(),
        };
        flow.want(scene, &places);
        flow
    }

    fn want(&mut self, scene: &Scene<'_>, places: &BTreeMap<TensorId, Place>) {
        let all: Vec<Place> = self.columns.keys().copied().collect();
        let first = match scene.session.position() {
            Position::Start => all.last().copied(),
            Position::End => all.first().copied(),
            Position::Step(_) => self.current,
        };
        self.wanted.extend(first);
        let downstream: BTreeSet<Place> = scene
            .downstream()
            .iter()
            .filter_map(|tensor| places.get(tensor).copied())
            .collect();
        self.wanted.extend(downstream.iter().copied());
        let nearest = |place: &Place| {
            first.map_or(0, |first| {
                place.abs_diff(first) * 2 + usize::from(*place > first)
            })
        };
        let last = downstream.last().copied().or(first).unwrap_or(0);
        let between = all
            .iter()
            .copied()
            .filter(|&place| place < last && first.is_some_and(|first| place > first));
        self.wanted.extend(between);
        let sources = scene
            .sources()
            .into_iter()
            .filter_map(|tensor| places.get(&tensor).copied());
        self.wanted.extend(sources);
        self.needed.extend(self.wanted.iter().copied());
        let mut others = all.clone();
        others.sort_by_key(nearest);
        self.wanted.extend(others);
        let mut seen = BTreeSet::new();
        self.wanted.retain(|&place| seen.insert(place));
    }

    /// The tensors of each column without those that only share it with others of the step.
    pub(super) fn columns_of_step(&self, scene: &Scene<'_>) -> BTreeMap<Place, Vec<TensorId>> {
        let column = |(&place, tensors): (&Place, &Vec<TensorId>)| {
            let of_step = tensors.iter().copied().filter(|&it| scene.is_in_step(it));
            let of_step: Vec<TensorId> = of_step.collect();
            let is_apart = of_step.is_empty();
            (place, if is_apart { tensors.clone() } else { of_step })
        };
        self.columns.iter().map(column).collect()
    }

    /// Whether a layer reads a tensor that does not stand right before it.
    pub(super) fn skips(&self, network: &Network) -> bool {
        let place = |tensor: TensorId| {
            let base = network.base(tensor);
            self.columns
                .iter()
                .find(|(_, column)| column.contains(&base))
                .map(|(&place, _)| place)
        };
        network
            .layers()
            .iter()
            .filter(|layer| !layer.op.is_view())
            .any(|layer| {
                let output = place(layer.output);
                layer.inputs.iter().any(|&input| {
                    place(input)
                        .zip(output)
                        .is_some_and(|(from, to)| to > from + LAYER)
                })
            })
    }
}

/// The weights that are factors in the step and have no column of their own. Of a weight's uses it
/// is the step's that it stands at.
fn weights(scene: &Scene<'_>, places: &BTreeMap<TensorId, Place>) -> Vec<(TensorId, Place)> {
    let network = scene.session.network();
    let without_column = scene
        .sources()
        .into_iter()
        .filter(|tensor| !places.contains_key(tensor));
    let downstream = scene.downstream();
    let at_use = |tensor| {
        let consumers = network.consumers(tensor).iter();
        let mut users = consumers.map(|consumer| network.layer(consumer.layer).output);
        let in_step = users.clone().find(|user| downstream.contains(user));
        let place = places.get(&in_step.or_else(|| users.next())?)?;
        Some((tensor, *place))
    };
    without_column.filter_map(at_use).collect()
}
