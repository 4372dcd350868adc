//! What leaves the program as a file: one format a file here, each a writer over the same walk of steps.

mod explanation;
mod json;
mod trace;

use std::io::{self, Write};
use std::ops::Range;

pub use explanation::explanation_json;

use crate::backprop::Backprop;
use crate::scenario::Scenario;
use crate::tensor::{Neuron, TensorId};

/// What a trace is made of.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Its backward run.
    pub backprop: &'a Backprop,
}

/// Which part of it is written.
#[derive(Debug, Clone)]
pub struct Selection {
    /// How much of each step.
    pub detail: Detail,
    /// Only these tensors, where any are named.
    pub tensors: Option<Vec<TensorId>>,
    /// Only these steps, counted from 0.
    pub steps: Range<usize>,
}

/// How much a trace says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detail {
    /// The tensors with their values and gradients.
    Tensors,
    /// The steps too.
    Steps,
    /// The contributions to each step too.
    #[default]
    Contributions,
}

impl Selection {
    fn has(&self, tensor: TensorId) -> bool {
        self.tensors.as_ref().is_none_or(|tensors| tensors.contains(&tensor))
    }

    /// The steps that are selected, each with its number counted from 0.
    fn steps<'a>(&'a self, backprop: &'a Backprop) -> impl Iterator<Item = (usize, Neuron)> {
        let steps = backprop.steps();
        let numbered = self.steps.clone().map_while(|step| Some((step, steps.neuron(step)?)));
        numbered.filter(|(_, neuron)| self.has(neuron.tensor))
    }
}

/// A format that traces are written in.
#[derive(Debug)]
pub struct Format {
    /// Its name on the command line, and how its files end.
    pub name: &'static str,
    /// Writes a trace.
    pub write: fn(Subject<'_>, &Selection, &mut dyn Write) -> io::Result<()>,
}

/// All formats; the first is the one that is taken where nothing says otherwise.
pub const FORMATS: &[Format] = &[Format { name: "json", write: trace::write_json }];

/// Returns the format of that name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}
