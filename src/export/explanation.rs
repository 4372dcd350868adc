//! One neuron's sum with its words, as JSON.

use std::io::{self, Write};

use serde::Serialize;

use super::trace::Step;
use crate::backprop::Backprop;
use crate::json::write;
use crate::tensor::Neuron;
use crate::words;

/// Writes a step as the trace does, with the words and the teacher's notes.
///
/// # Errors
/// Those of `out`.
pub fn explanation_json(backprop: &Backprop, neuron: Neuron, notes: &[&str], out: &mut dyn Write) -> io::Result<()> {
    let words = words::step(backprop, neuron).sentences.iter().map(ToString::to_string).collect();
    write(out, &Explanation { step: Step::of(backprop, neuron), words, notes })?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Explanation<'a> {
    #[serde(flatten)]
    step: Step<'a>,
    words: Vec<String>,
    notes: &'a [&'a str],
}
