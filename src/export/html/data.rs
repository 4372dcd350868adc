//! What the page's script steps through: every tensor once, and each step with its terms, words and
//! mistakes.
//!
//! A neuron is a pair of its tensor's place in the list of tensors and its own row-major place in
//! the tensor.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use super::super::{Selection, Subject};
use crate::backprop::Backprop;
use crate::diagnostic::visible;
use crate::json::Number;
use crate::marking::{Preview, WrongWay};
use crate::ops::{Factor, FactorKind};
use crate::tape::{Kind, Network};
use crate::tensor::{Element, Precision, TensorId};
use crate::words::{self, Row, Sentence, Table};

/// The most neurons of a receptive field that are marked.
const LARGEST_FIELD: usize = 4096;

/// The most pooling windows of a neuron that are outlined.
const MOST_WINDOWS: usize = 16;

/// A run, computed while it is written.
pub(super) struct Run<'a> {
    pub(super) subject: Subject<'a>,
    pub(super) selection: &'a Selection,
}

impl Serialize for Run<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Members<'a> {
            /// How many steps the scenario has, in the page or not.
            n_steps: usize,
            tensors: Tensors<'a>,
            /// Which layer reads which tensor: the tensor read, the layer's output, and the view
            /// between them where there is one.
            links: Vec<(u32, u32, Option<u32>)>,
            /// The tensors that make steps, each with the number of its first step.
            order: Vec<(u32, usize)>,
            /// The tensors whose steps are printed.
            asked: Vec<u32>,
            steps: Steps<'a>,
        }
        let (subject, selection) = (self.subject, self.selection);
        let backprop = subject.backprop;
        let order = backprop.steps().tensors().iter();
        Members {
            n_steps: backprop.steps().len(),
            tensors: Tensors(subject),
            links: links(backprop.network()),
            order: order
                .filter_map(|&id| Some((id.0, backprop.steps().range(id)?.start + 1)))
                .collect(),
            asked: asked(subject),
            steps: Steps { subject, selection },
        }
        .serialize(serializer)
    }
}

/// The steps that have a place in the page. A view that is selected stands for its base.
pub(super) fn steps<'a>(
    subject: Subject<'a>,
    selection: &'a Selection,
) -> impl Iterator<Item = (usize, Element)> + 'a {
    let network = subject.backprop.network();
    let bases: Option<Vec<TensorId>> = selection
        .tensors
        .as_ref()
        .map(|tensors| tensors.iter().map(|&id| network.base(id)).collect());
    let numbered = subject
        .backprop
        .steps()
        .iter()
        .skip(selection.steps.start)
        .take(selection.steps.len());
    numbered.filter(move |(_, element)| {
        bases
            .as_ref()
            .is_none_or(|bases| bases.contains(&element.tensor))
    })
}

fn asked(Subject { scenario, backprop }: Subject<'_>) -> Vec<u32> {
    let network = backprop.network();
    let asked = scenario.asked(backprop.steps().tensors());
    asked
        .tensors()
        .iter()
        .map(|&id| network.base(id).0)
        .collect()
}

fn links(network: &Network) -> Vec<(u32, u32, Option<u32>)> {
    let layers = network.layers().iter().filter(|layer| !layer.op.is_view());
    let reads = layers.flat_map(|layer| layer.inputs.iter().map(|&read| (read, layer.output)));
    reads
        .map(|(read, output)| {
            (
                network.base(read).0,
                output.0,
                (network.base(read) != read).then_some(read.0),
            )
        })
        .collect()
}

struct Tensors<'a>(Subject<'a>);

impl Serialize for Tensors<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let depths = self.0.backprop.network().depths();
        serializer.collect_seq(
            self.0
                .backprop
                .network()
                .ids()
                .map(|id| TensorEntry::of(self.0, id, &depths)),
        )
    }
}

/// A tensor; of a view there is nothing but its name, its shape and its base.
#[derive(Serialize)]
struct TensorEntry<'a> {
    name: &'a str,
    /// What computes it.
    maker: String,
    shape: &'a [usize],
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<u32>,
    /// How many layers lie between it and the inputs.
    #[serde(skip_serializing_if = "Option::is_none")]
    depth: Option<usize>,
    /// The outputs of the layers whose parameter it is, where it has no column.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    users: Vec<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// The places of its winners of max-pooling windows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    winners: Vec<usize>,
    values: Flat<'a>,
    gradients: Flat<'a>,
}

impl<'a> TensorEntry<'a> {
    fn of(
        Subject { scenario, backprop }: Subject<'a>,
        id: TensorId,
        depths: &BTreeMap<TensorId, usize>,
    ) -> Self {
        let network = backprop.network();
        let tensor = network.tensor(id);
        let base = network.base(id);
        let is_there = match tensor.kind {
            Kind::Input | Kind::Layer(_) | Kind::Parameter(_) => base == id,
            Kind::PreActivation(_) | Kind::Updated(_) => backprop.steps().range(id).is_some(),
        };
        let numbers = |data: &'a [f64]| Flat(if is_there { data } else { &[] });
        let is_beside = is_there && !depths.contains_key(&id);
        let read = match tensor.kind {
            // It stands beside what it was.
            Kind::Updated(parameter) => parameter,
            Kind::Input | Kind::Layer(_) | Kind::Parameter(_) | Kind::PreActivation(_) => id,
        };
        let consumers = network.consumers(read).iter().filter(|_| is_beside);
        let users = consumers.map(|consumer| network.layer(consumer.layer).output.0);
        Self {
            name: &tensor.name,
            maker: network.maker(id),
            shape: &tensor.shape,
            base: (base != id).then_some(base.0),
            depth: depths.get(&id).copied(),
            users: users.collect(),
            note: scenario
                .notes
                .tensor(id, backprop.update())
                .map(|note| visible(note).into_owned()),
            winners: winners(backprop, id),
            values: numbers(backprop.tape().value(id).data()),
            gradients: numbers(backprop.gradient(id).data()),
        }
    }
}

fn winners(backprop: &Backprop, tensor: TensorId) -> Vec<usize> {
    let network = backprop.network();
    if network.base(tensor) != tensor || !network.competes(tensor) {
        return Vec::new();
    }
    (0..network.tensor(tensor).shape.numel())
        .filter(|&at| backprop.wins(Element { tensor, at }))
        .collect()
}

/// Numbers in row-major order.
struct Flat<'a>(&'a [f64]);

impl Serialize for Flat<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().copied().map(Number))
    }
}

struct Steps<'a> {
    subject: Subject<'a>,
    selection: &'a Selection,
}

impl Serialize for Steps<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for (step, element) in steps(self.subject, self.selection) {
            list.serialize_element(&Step::of(self.subject, step, element))?;
        }
        list.end()
    }
}

/// One neuron's sum, and all that is said of it.
#[derive(Serialize)]
struct Step {
    /// Its number, counted from 1.
    step: usize,
    tensor: u32,
    at: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    given: Option<Number>,
    /// What the terms make, and the format it is rounded to, where the gradient is another number.
    #[serde(skip_serializing_if = "Option::is_none")]
    sum: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_format: Option<&'static str>,
    gradient: Number,
    /// What the sum is, where it is no gradient.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<String>,
    /// What the factors of the terms are.
    columns: Vec<&'static str>,
    terms: Vec<Term>,
    /// By tensor: the runs of places that the neuron is computed from, as first place and length.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    field: Vec<(u32, Runs)>,
    /// By the number of a term that comes from a pooling neuron, counted from 0: the places in
    /// this tensor that its window holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    windows: Vec<(usize, Runs)>,
    /// Sentences in pieces.
    words: Vec<Vec<Piece>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// The numbers that slips give here, how they come about, and whether that is a convention
    /// rather than a mistake.
    mistakes: Vec<(Number, String, bool)>,
    /// What was done by slips that give the right number.
    invisible: Vec<String>,
}

/// From which neuron, its gradient, the product, the factors under their columns, and why the
/// product is zero.
#[derive(Serialize)]
struct Term(
    u32,
    usize,
    Number,
    Number,
    Vec<Option<Cell>>,
    Option<&'static str>,
);

/// A factor, and the neuron or weight whose value it is, where it is one.
#[derive(Serialize)]
#[serde(untagged)]
enum Cell {
    Plain(Number),
    Sourced(Number, u32, usize),
}

/// Plain words, or a neuron and the number of the term that it sends, counted from 1; 0 where it
/// sends none.
#[derive(Serialize)]
#[serde(untagged)]
enum Piece {
    Text(String),
    Element(u32, usize, usize),
}

impl Step {
    fn of(Subject { scenario, backprop }: Subject<'_>, step: usize, element: Element) -> Self {
        let table = Table::new(backprop, element, usize::MAX);
        let (preview, network) = (Preview::of(backprop, element), backprop.network());
        let told = |way: &WrongWay| {
            (
                Number(way.number),
                words::way(network, way) + &words::elsewhere(way),
                way.is_convention,
            )
        };
        Self {
            step: step + 1,
            tensor: element.tensor.0,
            at: element.at,
            given: table.given.map(Number),
            sum: table.rounded_to.map(|_| Number(table.sum)),
            in_format: table.rounded_to.map(Precision::name),
            gradient: Number(table.gradient),
            result: matches!(network.tensor(element.tensor).kind, Kind::Updated(_))
                .then(|| words::table_names(backprop, element).1),
            columns: table
                .columns
                .iter()
                .copied()
                .map(FactorKind::name)
                .collect(),
            terms: table
                .rows
                .iter()
                .map(|row| Term::of(backprop, element, row))
                .collect(),
            field: field(backprop, element),
            windows: windows(backprop, element, &table.rows),
            words: words::step(backprop, element)
                .sentences
                .iter()
                .map(pieces)
                .collect(),
            note: scenario
                .notes
                .element(element, backprop.update())
                .map(|note| visible(note).into_owned()),
            mistakes: preview.wrong.iter().map(told).collect(),
            invisible: words::invisible(network, &preview),
        }
    }
}

impl Term {
    fn of(backprop: &Backprop, element: Element, row: &Row) -> Self {
        let cell = |factor: &Factor| match factor.source {
            Some(source) => Cell::Sourced(Number(factor.value), source.tensor.0, source.at),
            None => Cell::Plain(Number(factor.value)),
        };
        let factors = row
            .factors
            .iter()
            .map(|factor| factor.as_ref().map(cell))
            .collect();
        let why = words::why_zero(backprop, element, row);
        Self(
            row.from.tensor.0,
            row.from.at,
            Number(row.upstream),
            Number(row.product),
            factors,
            why,
        )
    }
}

fn pieces(sentence: &Sentence) -> Vec<Piece> {
    let piece = |piece: &words::Piece| match piece {
        words::Piece::Text(text) => Piece::Text(text.clone()),
        words::Piece::Element { element, term, .. } => {
            Piece::Element(element.tensor.0, element.at, term.unwrap_or(0))
        }
    };
    sentence.pieces.iter().map(piece).collect()
}

/// What a neuron is computed from, unless it is all of a tensor: then there is nothing to outline.
fn field(backprop: &Backprop, element: Element) -> Vec<(u32, Runs)> {
    let field = backprop.receptive_field(element, LARGEST_FIELD);
    let tensors = field.chunk_by(|one, other| one.tensor == other.tensor);
    let partial =
        tensors.filter(|part| part.len() < backprop.network().tensor(part[0].tensor).shape.numel());
    partial.map(|part| (part[0].tensor.0, runs(part))).collect()
}

/// The pooling windows in which a neuron stands, each with the number of the term that comes from
/// there.
fn windows(backprop: &Backprop, element: Element, terms: &[Row]) -> Vec<(usize, Runs)> {
    let pools = |row: &&(usize, &Row)| {
        let mut kinds = row.1.factors.iter().flatten().map(|factor| factor.kind);
        kinds.any(|kind| matches!(kind, FactorKind::Winner | FactorKind::Share))
    };
    let window = |&(number, row): &(usize, &Row)| {
        let mut members = backprop.receptive_field(row.from, LARGEST_FIELD);
        members.retain(|member| member.tensor == element.tensor);
        (number, runs(&members))
    };
    let first: Vec<(usize, &Row)> = terms.iter().enumerate().take(MOST_WINDOWS).collect();
    first.iter().filter(pools).map(window).collect()
}

/// Places side by side, as the first and how many they are.
type Runs = Vec<(usize, usize)>;

fn runs(neurons: &[Element]) -> Runs {
    let runs = neurons.chunk_by(|one, other| one.at + 1 == other.at);
    runs.map(|run| (run[0].at, run.len())).collect()
}
