//! The trace as JSON: one tensor and one step a line, written as they are computed.

use std::io::{self, Write};

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};

use super::json::{Nested, Number, write};
use super::{Detail, Selection, Subject};
use crate::backprop::Backprop;
use crate::ops::{Contribution, Factor};
use crate::tape::{Kind, Network};
use crate::tensor::{Neuron, TensorId};

/// Writes a scenario's trace.
///
/// # Errors
/// Those of `out`.
pub(super) fn write_json(subject: Subject<'_>, selection: &Selection, out: &mut dyn Write) -> io::Result<()> {
    let Subject { scenario, backprop } = subject;
    out.write_all(b"{\n  \"format\": \"backstep-trace/1\",\n  \"title\": ")?;
    write(out, &scenario.title)?;
    write!(out, ",\n  \"scenario_sha256\": \"{}\",\n  \"tensors\": [", scenario.sha256)?;
    let tensors = scenario.network.ids().filter(|&id| selection.has(id));
    lines(out, tensors.map(|id| TensorEntry { backprop, id }))?;
    if selection.detail != Detail::Tensors {
        out.write_all(b",\n  \"steps\": [")?;
        let with_terms = selection.detail == Detail::Contributions;
        lines(out, selection.steps(backprop).map(|(step, neuron)| Step { backprop, step: Some(step), neuron, with_terms }))?;
    }
    out.write_all(b"\n}\n")
}

/// Writes the elements of an array, each on a line of its own, and closes it.
fn lines<T: Serialize>(out: &mut dyn Write, elements: impl Iterator<Item = T>) -> io::Result<()> {
    for (number, element) in elements.enumerate() {
        out.write_all(if number == 0 { b"\n    " } else { b",\n    " })?;
        write(out, &element)?;
    }
    out.write_all(b"\n  ]")
}

struct TensorEntry<'a> {
    backprop: &'a Backprop,
    id: TensorId,
}

impl Serialize for TensorEntry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let network = self.backprop.network();
        let tensor = network.tensor(self.id);
        let nested = |data| Nested { shape: &tensor.shape, data };
        let mut entry = serializer.serialize_map(None)?;
        entry.serialize_entry("name", &tensor.name)?;
        entry.serialize_entry("kind", tensor.kind.name())?;
        if let Kind::Layer(number) = tensor.kind {
            entry.serialize_entry("op", network.layers()[number].op_name)?;
        }
        entry.serialize_entry("shape", &tensor.shape[..])?;
        entry.serialize_entry("value", &nested(self.backprop.tape().value(self.id).data()))?;
        entry.serialize_entry("grad", &nested(self.backprop.gradient(self.id).data()))?;
        entry.end()
    }
}

/// One neuron's sum as a trace writes it.
pub(super) struct Step<'a> {
    pub(super) backprop: &'a Backprop,
    /// Counted from 0; nothing for a neuron that has no step.
    pub(super) step: Option<usize>,
    pub(super) neuron: Neuron,
    pub(super) with_terms: bool,
}

impl Step<'_> {
    /// Writes the step's members into a map that may hold more.
    pub(super) fn serialize_members<M: SerializeMap>(&self, entry: &mut M) -> Result<(), M::Error> {
        let Self { backprop, neuron, .. } = *self;
        if let Some(step) = self.step {
            entry.serialize_entry("step", &(step + 1))?;
        }
        let place = Place::of(backprop.network(), neuron);
        entry.serialize_entry("tensor", place.tensor)?;
        entry.serialize_entry("index", &place.index)?;
        entry.serialize_entry("value", &Number(backprop.tape().neuron(neuron)))?;
        entry.serialize_entry("given_upstream", &Number(backprop.given(neuron).unwrap_or(0.0)))?;
        entry.serialize_entry("grad", &Number(backprop.neuron(neuron)))?;
        if self.with_terms {
            entry.serialize_entry("contributions", &Terms { backprop, neuron })?;
        }
        Ok(())
    }
}

impl Serialize for Step<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entry = serializer.serialize_map(None)?;
        self.serialize_members(&mut entry)?;
        entry.end()
    }
}

/// The contributions to a neuron, written one by one, for there may be millions.
struct Terms<'a> {
    backprop: &'a Backprop,
    neuron: Neuron,
}

impl Serialize for Terms<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        let mut result = Ok(());
        self.backprop.terms(self.neuron, &mut |term| {
            if result.is_ok() {
                result = list.serialize_element(&TermEntry::of(self.backprop.network(), &term));
            }
        });
        // Handed on as it is: whoever writes must still see that a pipe is closed.
        result?;
        list.end()
    }
}

/// Where a neuron is.
#[derive(Serialize)]
struct Place<'a> {
    tensor: &'a str,
    index: crate::tensor::Index,
}

impl<'a> Place<'a> {
    fn of(network: &'a Network, neuron: Neuron) -> Self {
        let tensor = network.tensor(neuron.tensor);
        Self { tensor: &tensor.name, index: tensor.shape.index(neuron.at) }
    }
}

#[derive(Serialize)]
struct TermEntry<'a> {
    from: &'a str,
    index: crate::tensor::Index,
    upstream: Number,
    factors: smallvec::SmallVec<[FactorEntry<'a>; 4]>,
    local: Number,
    product: Number,
}

impl<'a> TermEntry<'a> {
    fn of(network: &'a Network, term: &Contribution) -> Self {
        let Place { tensor, index } = Place::of(network, term.from);
        Self {
            from: tensor,
            index,
            upstream: Number(term.upstream),
            factors: term.factors.iter().map(|factor| FactorEntry::of(network, factor)).collect(),
            local: Number(term.local()),
            product: Number(term.product()),
        }
    }
}

#[derive(Serialize)]
struct FactorEntry<'a> {
    kind: &'static str,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    source: Option<Place<'a>>,
    value: Number,
}

impl<'a> FactorEntry<'a> {
    fn of(network: &'a Network, factor: &Factor) -> Self {
        let source = factor.source.map(|neuron| Place::of(network, neuron));
        Self { kind: factor.kind.name(), source, value: Number(factor.value) }
    }
}
