//! `backstep` and `backstep SCENARIO`: the gallery and the debugger, or every step as plain text where there is no terminal.

use std::io::{self, BufWriter, Write};

use clap::Args;

use super::explain::notes;
use super::{Failure, Global, Outcome, has_terminal, input};
use crate::diagnostic::visible;
use crate::gallery;
use crate::scenario::Scenario;
use crate::words;

/// How wide the plain text is set.
const WIDTH: usize = 80;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A scenario: a path, `-` for stdin, or a name of the gallery. Without a terminal its steps are printed as plain text.
    #[arg(value_name = "SCENARIO")]
    scenario: Option<String>,
    /// Start at this neuron, as in `pool[0,1]`.
    #[arg(long, value_name = "NEURON", requires = "scenario")]
    at: Option<String>,
}

pub(super) fn run(arguments: &Arguments, global: &Global) -> Result<Outcome, Failure> {
    let Some(name) = &arguments.scenario else {
        return list_gallery();
    };
    let scenario = input::scenario(name, global)?;
    let at = arguments.at.as_deref().map(|at| input::neuron(&scenario, at)).transpose()?;
    let backprop = input::backprop(&scenario);
    let first = at.and_then(|neuron| backprop.steps().step_of(neuron)).unwrap_or(0);
    let _ = has_terminal();
    print_steps(&scenario, &backprop, first)?;
    Ok(Outcome::Fine)
}

fn list_gallery() -> Result<Outcome, Failure> {
    let mut out = io::stdout().lock();
    for item in gallery::ALL {
        writeln!(out, "{:<26} {}", item.name, item.headline().description)?;
    }
    Ok(Outcome::Fine)
}

/// Prints every step from `first` on: the terms, the sum, the words.
fn print_steps(scenario: &Scenario, backprop: &crate::backprop::Backprop, first: usize) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    writeln!(out, "{}", visible(&scenario.title))?;
    let steps = backprop.steps();
    for (step, neuron) in steps.iter().skip(first) {
        writeln!(out, "\nStep {} of {}", step + 1, steps.len())?;
        out.write_all(words::text(backprop, neuron, WIDTH).as_bytes())?;
        if let Some(note) = scenario.notes.neuron(neuron) {
            writeln!(out, "\nNote: {}", visible(note))?;
        }
    }
    let _ = notes;
    out.flush()
}
