//! What leaves the program as a file: one format a file here, each a writer over the same walk of
//! steps.

pub mod answer;
mod arrays;
mod csv;
mod explanation;
mod html;
mod jsonl;
mod npz;
mod safetensors;
mod schema;
mod solution;
mod torch;
mod trace;

use std::io::{self, Write};
use std::ops::Range;

pub use explanation::explanation_json;
pub use schema::{SCHEMAS, SchemaOf};

use crate::backprop::Backprop;
use crate::diagnostic::Diagnostic;
use crate::scenario::Scenario;
use crate::tensor::{Element, TensorId};

/// How many bytes of a trace are gathered before they are handed on.
const BLOCK: usize = 1 << 16;

/// What is written.
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
        self.tensors
            .as_ref()
            .is_none_or(|tensors| tensors.contains(&tensor))
    }

    /// The tensors that are selected, in the network's order.
    fn tensors(&self, backprop: &Backprop) -> impl Iterator<Item = TensorId> {
        backprop.network().ids().filter(|&id| self.has(id))
    }

    /// The steps that are selected, each with its number counted from 0.
    fn steps<'a>(&'a self, backprop: &'a Backprop) -> impl Iterator<Item = (usize, Element)> {
        let steps = backprop.steps();
        let numbered = self
            .steps
            .clone()
            .map_while(|step| Some((step, steps.element(step)?)));
        numbered.filter(|(_, element)| self.has(element.tensor))
    }
}

/// A format that a scenario's run is written in.
#[derive(Debug)]
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// How its files end.
    pub ending: &'static str,
    /// What its files hold.
    pub holds: Holds,
    /// Writes the file. The memory for it does not grow with the number of contributions.
    pub write: fn(Subject<'_>, &Selection, &mut dyn Write) -> io::Result<()>,
}

/// What the files of a format hold, and so which parts of it can be selected. Tensors can be in
/// every format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Tensors, steps and contributions: steps can be selected, and how much of each.
    Trace,
    /// Tensors only.
    Tensors,
    /// The run and the terms of some steps in words, as a teacher would write them: steps can be
    /// selected.
    Solution,
    /// The run and some steps, to go through one by one: steps can be selected, and there may not
    /// be too many.
    Page,
}

impl Holds {
    /// Whether one can choose how much of each step is written.
    pub fn has_detail(self) -> bool {
        self == Self::Trace
    }

    /// Whether one can choose steps.
    pub fn has_steps(self) -> bool {
        self != Self::Tensors
    }
}

/// All formats; the first is the one that is taken where nothing says otherwise.
pub const FORMATS: &[Format] = &[
    Format {
        name: "json",
        about: "the trace in one piece",
        ending: "json",
        holds: Holds::Trace,
        write: trace::write,
    },
    Format {
        name: "jsonl",
        about: "the trace with one step a line",
        ending: "jsonl",
        holds: Holds::Trace,
        write: jsonl::write,
    },
    Format {
        name: "csv",
        about: "one contribution a row, for a spreadsheet",
        ending: "csv",
        holds: Holds::Trace,
        write: csv::write,
    },
    Format {
        name: "npz",
        about: "values and gradients, for NumPy",
        ending: "npz",
        holds: Holds::Tensors,
        write: npz::write,
    },
    Format {
        name: "safetensors",
        about: "values and gradients",
        ending: "safetensors",
        holds: Holds::Tensors,
        write: safetensors::write,
    },
    Format {
        name: "torch",
        about: "a Python script that finds the same gradients with PyTorch",
        ending: "py",
        holds: Holds::Tensors,
        write: torch::write,
    },
    Format {
        name: "md",
        about: "the solution in words and numbers, as Markdown",
        ending: "md",
        holds: Holds::Solution,
        write: solution::markdown,
    },
    Format {
        name: "tex",
        about: "the solution in words and numbers, for LaTeX",
        ending: "tex",
        holds: Holds::Solution,
        write: solution::tex,
    },
    Format {
        name: "html",
        about: "the debugger as one page, for a browser",
        ending: "html",
        holds: Holds::Page,
        write: html::write,
    },
];

impl Format {
    /// Refuses what is too large for the format.
    ///
    /// # Errors
    /// What is too large, with a hint what to choose instead.
    pub fn check(&self, subject: Subject<'_>, selection: &Selection) -> Result<(), Diagnostic> {
        if self.holds == Holds::Page {
            html::check(subject, selection)
        } else {
            Ok(())
        }
    }
}

/// Returns the format of that name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// Returns the format whose files end so, after the last dot.
pub fn format_of_ending(ending: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.ending == ending)
}
