//! `backstep` and `backstep SCENARIO`: the gallery and the debugger, or every step as plain text where there is no terminal.

use std::io::{self, BufWriter, Write};

use clap::Args;

use super::explain::WIDTH;
use super::look::{self, has_screen, look};
use super::script::{self, Written};
use super::{Failure, Global, Outcome, input, report};
use crate::backprop::Backprop;
use crate::debugger::{Position, Session};
use crate::diagnostic::{Diagnostic, quote, visible};
use crate::gallery;
use crate::marking::Tolerance;
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
    /// Lay these gradients beside the true ones: a student's answer or your own (JSON, a trace, CSV, .npz, .safetensors or .pt).
    #[arg(long, value_name = "FILE", requires = "scenario")]
    answer: Option<String>,
    /// How far a number of the answer may be off, relative to the true one. Left out, 0.01, and for numbers to full precision (a trace,
    /// .npz, .safetensors, .pt) 0.001.
    #[arg(long, value_name = "R", requires = "answer", value_parser = input::tolerance)]
    rtol: Option<f64>,
    /// How far it may be off whatever the true one. Left out, 0.01, and for numbers to full precision 0.00001.
    #[arg(long, value_name = "A", requires = "answer", value_parser = input::tolerance)]
    atol: Option<f64>,
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
    let mut session = session(arguments, scenario, global)?;
    if let Some(commands) = commands {
        return run_script(arguments, session, at, &commands, global);
    }
    if let Some(at) = at {
        let step = step_of(session.backprop(), at)?;
        session.go_to(Position::Step(step));
    }
    if !has_screen() {
        print_steps(session)?;
        return Ok(Outcome::Fine);
    }
    Ok(outcome(tui::debug(session, Vec::new(), look(&arguments.look, global))?))
}

/// Begins the session, with the answer where there is one.
fn session(arguments: &Arguments, scenario: Scenario, global: &Global) -> Result<Session, Diagnostic> {
    let Some(file) = &arguments.answer else { return Ok(Session::new(scenario)) };
    let answer = input::answer(file, &scenario.network)?;
    for problem in &answer.problems {
        report::remark(&format!("{} is not marked: {}", quote(&problem.tensor), problem.message), global);
    }
    let usual = answer.tolerance();
    let tolerance = Tolerance { rtol: arguments.rtol.unwrap_or(usual.rtol), atol: arguments.atol.unwrap_or(usual.atol) };
    Ok(Session::new(scenario).with_answer(answer, tolerance))
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

/// Prints every step from the current one on: the terms, the sum, the words, the notes where they belong, and what the answer has.
fn print_steps(mut session: Session) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    writeln!(out, "{}", visible(session.title()))?;
    let mut last_tensor = None;
    while let Some(neuron) = session.neuron() {
        let notes = &session.scenario().notes;
        let of_tensor = notes.tensor(neuron.tensor).filter(|_| last_tensor != Some(neuron.tensor));
        let notes: Vec<&str> = of_tensor.into_iter().chain(notes.neuron(neuron)).collect();
        last_tensor = Some(neuron.tensor);
        writeln!(out, "\n{}", words::text(session.backprop(), neuron, &notes, WIDTH))?;
        if let Some(says) = session.says_of_theirs() {
            writeln!(out, "{}", words::wrapped(&format!("Answer: {says}."), WIDTH).join("\n"))?;
        }
        session.next(1);
    }
    out.flush()
}
