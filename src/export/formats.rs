//! The formats that a scenario's run is written in, a row each.

use std::io::{self, Write};

use super::updates::{self, Updates};
use super::{Selection, Subject, csv, html, jsonl, npz, safetensors, solution, torch, trace};
use crate::diagnostic::Diagnostic;

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
    /// Refuses what is too large for the format, with a hint what to choose instead.
    pub check: fn(Subject<'_>, &Selection) -> Result<(), Diagnostic>,
    /// Writes several updates of a training, where the format can.
    pub updates: Option<WriteUpdates>,
    /// Writes the file. The memory for it does not grow with the number of contributions.
    pub write: fn(Subject<'_>, &Selection, &mut dyn Write) -> io::Result<()>,
}

/// Writes several updates of a training.
pub type WriteUpdates = fn(&mut Updates<'_>, &mut dyn Write) -> io::Result<()>;

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
        check: takes_all,
        updates: None,
        write: trace::write,
    },
    Format {
        name: "jsonl",
        about: "the trace with one step a line",
        ending: "jsonl",
        holds: Holds::Trace,
        check: takes_all,
        updates: None,
        write: jsonl::write,
    },
    Format {
        name: "csv",
        about: "one contribution a row, for a spreadsheet",
        ending: "csv",
        holds: Holds::Trace,
        check: takes_all,
        updates: Some(updates::csv),
        write: csv::write,
    },
    Format {
        name: "npz",
        about: "values and gradients, for NumPy",
        ending: "npz",
        holds: Holds::Tensors,
        check: takes_all,
        updates: Some(updates::npz),
        write: npz::write,
    },
    Format {
        name: "safetensors",
        about: "values and gradients",
        ending: "safetensors",
        holds: Holds::Tensors,
        check: takes_all,
        updates: Some(updates::safetensors),
        write: safetensors::write,
    },
    Format {
        name: "torch",
        about: "a Python script that finds the same gradients with PyTorch",
        ending: "py",
        holds: Holds::Tensors,
        check: takes_all,
        updates: None,
        write: torch::write,
    },
    Format {
        name: "md",
        about: "the solution in words and numbers, as Markdown",
        ending: "md",
        holds: Holds::Solution,
        check: takes_all,
        updates: None,
        write: solution::markdown,
    },
    Format {
        name: "tex",
        about: "the solution in words and numbers, for LaTeX",
        ending: "tex",
        holds: Holds::Solution,
        check: takes_all,
        updates: None,
        write: solution::tex,
    },
    Format {
        name: "html",
        about: "the debugger as one page, for a browser",
        ending: "html",
        holds: Holds::Page,
        check: html::check,
        updates: Some(html::updates),
        write: html::write,
    },
];

/// Refuses nothing.
fn takes_all(_: Subject<'_>, _: &Selection) -> Result<(), Diagnostic> {
    Ok(())
}

/// Returns the format of that name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}
