//! One neuron's sum with its words, as JSON.

use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::json::{Number, write};
use super::trace::Step;
use crate::backprop::Backprop;
use crate::tensor::Neuron;
use crate::words::{self, Chain, Frame};

/// Writes a step as the trace does, with the words and the teacher's notes, and with the chain of largest terms where it is asked for.
///
/// # Errors
/// Those of `out`.
pub fn explanation_json(
    backprop: &Backprop,
    neuron: Neuron,
    notes: &[&str],
    why: Option<&Chain>,
    out: &mut dyn Write,
) -> io::Result<()> {
    write(out, &Explanation { backprop, neuron, notes, why })?;
    out.write_all(b"\n")
}

struct Explanation<'a> {
    backprop: &'a Backprop,
    neuron: Neuron,
    notes: &'a [&'a str],
    why: Option<&'a Chain>,
}

impl Serialize for Explanation<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let step = self.backprop.steps().step_of(self.neuron);
        let words: Vec<String> = words::step(self.backprop, self.neuron).sentences.iter().map(ToString::to_string).collect();
        let mut entry = serializer.serialize_map(None)?;
        Step { backprop: self.backprop, step, neuron: self.neuron, with_terms: true }.serialize_members(&mut entry)?;
        entry.serialize_entry("words", &words)?;
        entry.serialize_entry("notes", self.notes)?;
        if let Some(chain) = self.why {
            let story: Vec<String> = chain.story(self.backprop).sentences.iter().map(ToString::to_string).collect();
            entry.serialize_entry(
                "why",
                &chain.frames.iter().map(|frame| Cause { backprop: self.backprop, frame }).collect::<Vec<_>>(),
            )?;
            entry.serialize_entry("why_words", &story)?;
        }
        entry.end()
    }
}

/// One neuron of a chain of largest terms.
struct Cause<'a> {
    backprop: &'a Backprop,
    frame: &'a Frame,
}

impl Serialize for Cause<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (network, frame) = (self.backprop.network(), self.frame);
        let mut entry = serializer.serialize_map(None)?;
        entry.serialize_entry("neuron", &network.address(frame.neuron).to_string())?;
        entry.serialize_entry("grad", &Number(frame.gradient))?;
        entry.serialize_entry("given_upstream", &Number(frame.given.unwrap_or(0.0)))?;
        if let Some((_, term)) = &frame.largest {
            entry.serialize_entry("from", &network.address(term.from).to_string())?;
            entry.serialize_entry("product", &Number(term.product()))?;
            entry.serialize_entry("others", &frame.n_others)?;
            entry.serialize_entry("others_sum", &Number(frame.others))?;
        }
        entry.serialize_entry("says", &frame.remark(self.backprop))?;
        entry.end()
    }
}
