//! Worksheets: everything that is needed to work out the gradients by hand, with the places for
//! them left blank.

mod csv;
mod html;
mod json;
mod page;

use std::io::{self, Write};

use crate::backprop::Backprop;
use crate::document::fits;
use crate::ops::Ties;
use crate::scenario::Scenario;
use crate::tape::Network;
use crate::tensor::{Shape, TensorId};

/// What a worksheet is made of.
#[derive(Debug, Clone)]
pub struct Worksheet<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Its backward run, of which a worksheet shows only what is given.
    pub backprop: &'a Backprop,
    /// The tensors whose gradients are asked for, in the order in which they are asked.
    pub asked: Vec<TensorId>,
    /// Whose worksheet it is, where it is for one student alone.
    pub student: Option<&'a str>,
}

/// A format that worksheets are written in.
#[derive(Debug)]
pub struct Format {
    /// Its name on the command line, and how its files end.
    pub name: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
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
        fits: html::fits,
        write: html::write,
    },
    Format {
        name: "md",
        about: "Markdown, with empty tables for the gradients",
        fits,
        write: page::write_markdown,
    },
    Format {
        name: "tex",
        about: "for LaTeX, to print and fill in by hand",
        fits,
        write: page::write_tex,
    },
    Format {
        name: "json",
        about: "an answer file whose every gradient is null",
        fits: |_| true,
        write: json::write,
    },
    Format {
        name: "csv",
        about: "a table with a gradient a row, for a spreadsheet",
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
    /// Returns the first asked tensor that is too large for the format.
    ///
    /// # Errors
    /// That tensor, where there is one.
    pub fn check(&self, worksheet: &Worksheet<'_>) -> Result<(), Unfit> {
        let network = worksheet.network();
        let shape = |id: &TensorId| &network.tensor(*id).shape;
        let Some(&large) = worksheet.asked.iter().find(|id| !(self.fits)(shape(id))) else {
            return Ok(());
        };
        let takes = FORMATS
            .iter()
            .filter(|format| worksheet.asked.iter().all(|id| (format.fits)(shape(id))));
        let tensor = network.tensor(large);
        Err(Unfit {
            tensor: tensor.name.clone(),
            shape: tensor.shape.clone(),
            takes: takes.map(|format| format.name).collect(),
        })
    }
}

/// Returns the tensors that homework on a scenario asks for: those that it names, or all that make
/// steps, in backward order.
pub fn asked(scenario: &Scenario, backprop: &Backprop) -> Vec<TensorId> {
    scenario
        .ask
        .clone()
        .unwrap_or_else(|| backprop.steps().tensors().to_vec())
}

impl<'a> Worksheet<'a> {
    fn network(&self) -> &'a Network {
        self.backprop.network()
    }

    fn title(&self) -> &'a str {
        if self.scenario.title.is_empty() {
            "Backpropagation by hand"
        } else {
            &self.scenario.title
        }
    }

    /// How many numbers are asked for.
    fn n_asked(&self) -> usize {
        self.asked
            .iter()
            .map(|&id| self.network().tensor(id).shape.numel())
            .sum()
    }

    /// What is to be done, in a sentence or two.
    fn task(&self) -> String {
        let n = match self.n_asked() {
            1 => "one number".to_owned(),
            n => format!("{n} numbers"),
        };
        format!(
            "Work out the gradient of the loss with respect to each number of the tensors below: {n} in all. A gradient may be written as a \
             decimal (3.5) or as a fraction (7/2)."
        )
    }

    /// The max pooling layers' outputs, each with its rule for ties in words that fit after its
    /// name.
    fn tie_rules(&self) -> impl Iterator<Item = (&'a str, &'static str)> {
        let network = self.network();
        network.layers().iter().filter_map(|layer| {
            let ties = layer.op.ties()?;
            Some((network.tensor(layer.output).name.as_str(), tie_rule(ties)))
        })
    }
}

fn tie_rule(ties: Ties) -> &'static str {
    match ties {
        Ties::First => {
            "has this rule for ties: of several largest numbers in a window, the first in reading order gets the whole gradient."
        }
        Ties::Split => {
            "has this rule for ties: several largest numbers in a window share the gradient evenly."
        }
        Ties::All => {
            "has this rule for ties: of several largest numbers in a window, each gets the whole gradient."
        }
    }
}
