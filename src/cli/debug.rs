//! `backstep` and `backstep SCENARIO`: the gallery and the debugger, or every step as plain text where there is no terminal.

use std::io::{self, BufWriter, Write};

use clap::Args;

use super::explain::WIDTH;
use super::{Failure, Global, Outcome, input};
use crate::backprop::Backprop;
use crate::diagnostic::visible;
use crate::gallery;
use crate::scenario::Scenario;
use crate::words;

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

/// Prints every step from `first` on: the terms, the sum, the words, and the notes where they belong.
fn print_steps(scenario: &Scenario, backprop: &Backprop, first: usize) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    writeln!(out, "{}", visible(&scenario.title))?;
    let mut last_tensor = None;
    for (_, neuron) in backprop.steps().iter().skip(first) {
        let of_tensor = scenario.notes.tensor(neuron.tensor).filter(|_| last_tensor != Some(neuron.tensor));
        let notes: Vec<&str> = of_tensor.into_iter().chain(scenario.notes.neuron(neuron)).collect();
        last_tensor = Some(neuron.tensor);
        writeln!(out, "\n{}", words::text(backprop, neuron, &notes, WIDTH))?;
    }
    out.flush()
}
