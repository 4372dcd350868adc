//! `backstep` and `backstep SCENARIO`: the gallery and the debugger, or every step as plain text
//! where there is no terminal.

use std::io::{self, BufWriter, Write};
use std::sync::mpsc::channel;

use clap::Args;

use super::explain::WIDTH;
use super::look::{self, has_screen, look};
use super::script::{self, Written};
use super::{Failure, Global, Outcome, input, report};
use crate::backprop::Backprop;
use crate::debugger::{Position, Script, Session};
use crate::diagnostic::{Diagnostic, visible};
use crate::gallery;
use crate::marking::{ChosenTolerance, beforehand};
use crate::scenario::Scenario;
use crate::tensor::Element;
use crate::text::wrapped;
use crate::tui::{self, Ended, Loaded, Loading, Stage};
use crate::words::{self, Disclosure};

#[derive(Debug, Clone, Args)]
pub(super) struct Arguments {
    /// A scenario: a path, `-` for stdin, or a name of the gallery; or a folder that `capture`
    /// wrote, whose gradients then lie beside the true ones. Without a terminal its steps are
    /// printed as plain text.
    #[arg(value_name = "SCENARIO")]
    scenario: Option<String>,
    /// Start at this neuron, as in `pool[0,1]`, or at the first of a tensor, as in `pool`.
    #[arg(long, value_name = "NEURON", requires = "scenario")]
    at: Option<String>,
    /// Start at this update of a scenario that is trained, counted from 1.
    #[arg(long, value_name = "K", value_parser = input::update, requires = "scenario")]
    update: Option<usize>,
    #[command(flatten)]
    script: script::ScriptFlags,
    /// Lay these gradients beside the true ones: a student's answer or your own (JSON, a trace,
    /// CSV, .npz, .safetensors or .pt).
    #[arg(long, value_name = "FILE", requires = "scenario")]
    answer: Option<String>,
    /// How far a number of the answer may be off, relative to the true one. Left out, 0.01; for
    /// arrays and traces 0.001, for arrays of float16 0.01 and of bfloat16 0.03.
    #[arg(long, value_name = "PART", requires = "answer", value_parser = input::tolerance)]
    rtol: Option<f64>,
    /// How far it may be off besides, relative to the largest true number of its tensor. Left out,
    /// 0.001; for arrays and traces 0.00001, for arrays of float16 0.001 and of bfloat16 0.01.
    #[arg(long, value_name = "PART", requires = "answer", value_parser = input::tolerance)]
    atol: Option<f64>,
    #[command(flatten)]
    look: look::Flags,
}

pub(super) fn run(arguments: &Arguments, global: &Global) -> Result<Outcome, Failure> {
    let Some(name) = &arguments.scenario else {
        if !has_screen(None) {
            return list_gallery();
        }
        return outcome(tui::gallery(
            global.options(),
            look(&arguments.look, global),
        )?);
    };
    let asked = Asked {
        name: name.clone(),
        commands: arguments.script.written(name)?,
        arguments: arguments.clone(),
        global: global.clone(),
    };
    if arguments.script.is_batch() || !has_screen(Some(name)) {
        return without_screen(&asked);
    }
    let (remarks, made) = channel();
    let open = move |stage: &Stage| {
        let (session, script) = asked.open(stage, &|remark| _ = remarks.send(remark))?;
        Ok(Loaded {
            session,
            calls: script.map(Script::into_calls).unwrap_or_default(),
        })
    };
    let loading = if name == "-" {
        // Keys come only once stdin has been read.
        let opened = open(&Stage::default())?;
        Loading::begin("stdin", |_| Ok(opened))
    } else {
        Loading::begin(name, open)
    };
    let ended = tui::debug(loading, look(&arguments.look, global))?;
    made.try_iter()
        .for_each(|remark: String| report::remark(&remark, global));
    outcome(ended)
}

/// Prints what the commands say, or every step where there are none.
fn without_screen(asked: &Asked) -> Result<Outcome, Failure> {
    let (session, script) = asked.open(&Stage::default(), &|remark| {
        report::remark(&remark, &asked.global)
    })?;
    let mut session = session.cancelled_by(asked.global.cancel.clone());
    match script {
        Some(script) => Ok(script::obey(script, &mut session)?),
        None => {
            print_steps(session)?;
            Ok(Outcome::Fine)
        }
    }
}

/// What is to be debugged, and how it is to begin.
struct Asked {
    name: String,
    commands: Option<Written>,
    arguments: Arguments,
    global: Global,
}

impl Asked {
    /// Opens the session, and reads the commands for it. What is worth knowing and no error goes to
    /// `remark`.
    fn open(
        &self,
        stage: &Stage,
        remark: &dyn Fn(String),
    ) -> Result<(Session, Option<Script>), Diagnostic> {
        stage.is("reading the scenario");
        let scenario = input::scenario(&self.name, &self.global)?;
        let at = self
            .arguments
            .at
            .as_deref()
            .map(|at| input::elements(&scenario, at))
            .transpose()?;
        let mut session = self.session(scenario, stage, remark)?;
        let said = input::not_finite(session.backprop(), &self.global.cancel);
        if let Some(said) = said.map_err(|given_up| Diagnostic::new(given_up.to_string()))? {
            remark(said);
        }
        if let Some(update) = self.arguments.update {
            session
                .go_to_update(update)
                .map_err(|refused| Diagnostic::new(refused.to_string()))?;
        }
        if let Some(at) = at {
            let step = step_of(session.backprop(), at.first())?;
            session.go_to(Position::Step(step));
        } else if self.commands.is_some() {
            // Before the first step, so that a breakpoint on the first neuron is not passed by.
            session.go_to(Position::Start);
        }
        let script = self
            .commands
            .as_ref()
            .map(|written| written.read(&session))
            .transpose()?;
        Ok((session, script))
    }

    /// Begins the session, with the answer where there is one.
    fn session(
        &self,
        scenario: Scenario,
        stage: &Stage,
        remark: &dyn Fn(String),
    ) -> Result<Session, Diagnostic> {
        let running = "running the network forward";
        let given = self.arguments.answer.clone();
        let Some(file) = given.or_else(|| input::recorded(&self.name)) else {
            stage.is(running);
            return Ok(Session::new(scenario));
        };
        stage.is("reading the answer");
        let answer = input::answer(&file, &scenario)?;
        for problem in &answer.problems {
            remark(match problem.is_read() {
                true => problem.to_string(),
                false => format!("not marked: {problem}"),
            });
        }
        let Arguments { rtol, atol, .. } = self.arguments;
        let tolerance = ChosenTolerance { rtol, atol }.or_usual(answer.origin);
        stage.is(running);
        let session = Session::new(scenario);
        for known in beforehand(session.backprop(), &answer, tolerance) {
            remark(words::remark(session.network(), &known, Disclosure::All));
        }
        stage.is("comparing the answer");
        let session = session.cancelled_by(self.global.cancel.clone());
        session
            .with_answer(answer, tolerance)
            .map_err(|given_up| Diagnostic::new(given_up.to_string()))
    }
}

/// Returns the step in which a neuron's gradient is summed.
fn step_of(backprop: &Backprop, element: Element) -> Result<usize, Diagnostic> {
    let network = backprop.network();
    let base = Element {
        tensor: network.base(element.tensor),
        at: element.at,
    };
    backprop.steps().step_of(base).ok_or_else(|| {
        let address = network.address(element);
        Diagnostic::new(format!(
            "`{address}` makes no step, because nothing that a gradient reaches looks at it"
        ))
        .hinted(format!(
            "`backstep explain SCENARIO '{address}'` says what its gradient is"
        ))
    })
}

fn outcome(ended: Ended) -> Result<Outcome, Failure> {
    match ended {
        Ended::Quit => Ok(Outcome::Fine),
        Ended::HungUp => Ok(Outcome::HungUp),
        Ended::Refused(problem) => Err((*problem).into()),
    }
}

/// Prints the names of the gallery's scenarios and what each teaches, one a line, in columns that
/// `cut` and `grep` can use.
fn list_gallery() -> Result<Outcome, Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    let widest = gallery::ALL
        .iter()
        .map(|item| item.name.len())
        .max()
        .unwrap_or(0);
    for item in gallery::ALL {
        writeln!(
            out,
            "{:<widest$}  {}",
            item.name,
            visible(&item.headline().description)
        )?;
    }
    out.flush()?;
    Ok(Outcome::Fine)
}

/// Prints every step from the current one on: the terms, the sum, the words, the notes where they
/// belong, and what the answer has.
fn print_steps(mut session: Session) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    writeln!(out, "{}", visible(session.title()))?;
    let mut last_tensor = None;
    while let Some(element) = session.element() {
        let notes = &session.scenario().notes;
        let update = session.backprop().update();
        let of_tensor = notes
            .tensor(element.tensor, update)
            .filter(|_| last_tensor != Some(element.tensor));
        let notes: Vec<&str> = of_tensor
            .into_iter()
            .chain(notes.element(element, update))
            .collect();
        last_tensor = Some(element.tensor);
        writeln!(
            out,
            "\n{}",
            words::text(session.backprop(), element, &notes, WIDTH)
        )?;
        session.explain()?;
        if let Some(says) = session.says_of_theirs() {
            writeln!(
                out,
                "{}",
                wrapped(&format!("Answer: {says}."), WIDTH).join("\n")
            )?;
        }
        session.next(1);
    }
    Ok(out.flush()?)
}
