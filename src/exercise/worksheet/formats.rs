//! The formats that worksheets are written in, a row each.

use std::io::{self, Write};

use super::given_away::{GivenAway, Words};
use super::{Worksheet, csv, html, json, page};
use crate::document::fits;
use crate::tensor::{Shape, TensorId};

/// A format that worksheets are written in.
#[derive(Debug)]
pub struct Format {
    /// Its name on the command line, and how its files end.
    pub name: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// Which of the teacher's words are in it.
    words: Words,
    /// Whether a tensor of this shape is small enough to be asked for in this format.
    fits: fn(&Shape) -> bool,
    /// Writes a worksheet that [fits](Format::check).
    pub write: fn(&Worksheet<'_>, &mut dyn Write) -> io::Result<()>,
}

/// All formats; the first is the one that is taken where nothing says otherwise.
pub const FORMATS: &[Format] = &[
    Format {
        name: "html",
        about: "a page to fill in, which saves an answer file",
        words: Words::All,
        fits: html::fits,
        write: html::write,
    },
    Format {
        name: "md",
        about: "Markdown, with empty tables for the gradients",
        words: Words::OfTensors,
        fits,
        write: page::write_markdown,
    },
    Format {
        name: "tex",
        about: "for LaTeX, to print and fill in by hand",
        words: Words::OfTensors,
        fits,
        write: page::write_tex,
    },
    Format {
        name: "json",
        about: "an answer file whose every gradient is null",
        words: Words::None,
        fits: |_| true,
        write: json::write,
    },
    Format {
        name: "csv",
        about: "a table with a gradient a row, for a spreadsheet",
        words: Words::None,
        fits: |_| true,
        write: csv::write,
    },
];

/// Returns the format of that name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// A tensor that is asked for and too large for the format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// The tensor's name.
    pub tensor: String,
    /// Its shape.
    pub shape: Shape,
    /// The formats that take it.
    pub takes: Vec<&'static str>,
}

impl Format {
    /// Returns the asked numbers that a note or the description on a worksheet holds, and that
    /// stand nowhere else on it.
    pub fn given_away(&self, worksheet: &Worksheet<'_>) -> Vec<GivenAway> {
        worksheet.given_away(self.words)
    }

    /// Returns the first asked tensor that is too large for the format.
    ///
    /// # Errors
    /// That tensor, where there is one.
    pub fn check(&self, worksheet: &Worksheet<'_>) -> Result<(), Unfit> {
        let network = worksheet.network();
        let shape = |id: &TensorId| &network.tensor(*id).shape;
        let asked = worksheet.asked.tensors();
        let Some(&large) = asked.iter().find(|id| !(self.fits)(shape(id))) else {
            return Ok(());
        };
        let takes = FORMATS
            .iter()
            .filter(|format| asked.iter().all(|id| (format.fits)(shape(id))));
        let tensor = network.tensor(large);
        Err(Unfit {
            tensor: tensor.name.clone(),
            shape: tensor.shape.clone(),
            takes: takes.map(|format| format.name).collect(),
        })
    }
}
