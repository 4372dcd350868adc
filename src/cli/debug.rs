//! `backstep` and `backstep SCENARIO`: the gallery and the debugger, or every step as plain text where there is no terminal.

use std::io::{self, BufWriter, Write};

use clap::Args;

use super::explain::WIDTH;
use super::look::{self, has_screen, look};
use super::script::{self, Written};
use super::{Failure, Global, Outcome, input};
use crate::backprop::Backprop;
use crate::debugger::{Position, Session};
use crate::diagnostic::{Diagnostic, visible};
use crate::gallery;
use crate::scenario::Scenario;
use crate::tensor::Neuron;
use crate::tui::{self, Ended};
use crate::words;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A scenario: a path, `-` for stdin, or a name of the gallery. Without a terminal its steps are printed as plain text.
    #[arg(value_name = "SCENARIO")]
    scenario: Option<String>,
    /// Start at this neuron, as in `pool[0,1]`.
    #[arg(long, value_name = "NEURON", requires = "scenario")]
    at: Option<String>,
    #[command(flatten)]
    script: script::ScriptFlags,
    #[command(flatten)]
    look: look::Flags,
}

pub(super) fn run(arguments: &Arguments, global: &Global) -> Result<Outcome, Failure> {
    let Some(name) = &arguments.scenario else {
        if !has_screen() {
            return list_gallery();
        }
        return Ok(outcome(tui::gallery(global.options(), look(&arguments.look, global))?));
    };
    let commands = arguments.script.written(name)?;
    let scenario = input::scenario(name, global)?;
    let at = arguments.at.as_deref().map(|at| input::neuron(&scenario, at)).transpose()?;
    if let Some(commands) = commands {
        return run_script(arguments, Session::new(scenario), at, &commands, global);
    }
    if !has_screen() {
        let backprop = input::backprop(&scenario);
        let first = at.map(|at| step_of(&backprop, at)).transpose()?;
        print_steps(&scenario, &backprop, first.unwrap_or(0))?;
        return Ok(Outcome::Fine);
    }
    let mut session = Session::new(scenario);
    if let Some(at) = at {
        let step = step_of(session.backprop(), at)?;
        session.go_to(Position::Step(step));
    }
    Ok(outcome(tui::debug(session, Vec::new(), look(&arguments.look, global))?))
}

/// Begins with commands: on the screen, or without one.
fn run_script(
    arguments: &Arguments,
    mut session: Session,
    at: Option<Neuron>,
    written: &Written,
    global: &Global,
) -> Result<Outcome, Failure> {
    // Before the first step, so that a breakpoint on the first neuron is not passed by.
    let start = at.map(|at| step_of(session.backprop(), at)).transpose()?.map_or(Position::Start, Position::Step);
    session.go_to(start);
    let script = written.read(&session)?;
    if arguments.script.is_batch() {
        script::obey(script, &mut session)?;
        return Ok(Outcome::Fine);
    }
    Ok(outcome(tui::debug(session, script.into_calls(), look(&arguments.look, global))?))
}

/// Returns the step in which a neuron's gradient is summed.
fn step_of(backprop: &Backprop, neuron: Neuron) -> Result<usize, Diagnostic> {
    let network = backprop.network();
    let base = Neuron { tensor: network.base(neuron.tensor), at: neuron.at };
    backprop.steps().step_of(base).ok_or_else(|| {
        let address = network.address(neuron);
        Diagnostic::new(format!("`{address}` makes no step, because nothing that a gradient reaches looks at it"))
            .hinted(format!("`backstep explain SCENARIO '{address}'` says what its gradient is"))
    })
}

fn outcome(ended: Ended) -> Outcome {
    match ended {
        Ended::Quit => Outcome::Fine,
        Ended::Signal(signal) => Outcome::Interrupted(u8::try_from(signal).unwrap_or(u8::MAX)),
    }
}

/// Prints the names of the gallery's scenarios and what each teaches, one a line, in columns that `cut` and `grep` can use.
fn list_gallery() -> Result<Outcome, Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    let widest = gallery::ALL.iter().map(|item| item.name.len()).max().unwrap_or(0);
    for item in gallery::ALL {
        writeln!(out, "{:<widest$}  {}", item.name, visible(&item.headline().description))?;
    }
    out.flush()?;
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
