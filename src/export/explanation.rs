//! One neuron's sum with its words, as JSON.

use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::json::write;
use super::trace::Step;
use crate::backprop::Backprop;
use crate::tensor::Neuron;
use crate::words;

/// Writes a step as the trace does, with the words and the teacher's notes.
///
/// # Errors
/// Those of `out`.
pub fn explanation_json(backprop: &Backprop, neuron: Neuron, notes: &[&str], out: &mut dyn Write) -> io::Result<()> {
    write(out, &Explanation { backprop, neuron, notes })?;
    out.write_all(b"\n")
}

struct Explanation<'a> {
    backprop: &'a Backprop,
    neuron: Neuron,
    notes: &'a [&'a str],
}

impl Serialize for Explanation<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let step = self.backprop.steps().step_of(self.neuron);
        let words: Vec<String> = words::step(self.backprop, self.neuron).sentences.iter().map(ToString::to_string).collect();
        let mut entry = serializer.serialize_map(None)?;
        Step { backprop: self.backprop, step, neuron: self.neuron, with_terms: true }.serialize_members(&mut entry)?;
        entry.serialize_entry("words", &words)?;
        entry.serialize_entry("notes", self.notes)?;
        entry.end()
    }
}
