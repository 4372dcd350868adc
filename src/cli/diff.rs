//! `backstep diff`: two runs side by side, and where they part.

use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{Failure, Global, Outcome, input};
use crate::backprop::Backprop;
use crate::diagnostic::{Diagnostic, quote, visible};
use crate::json::Number;
use crate::marking::{
    Answer, ChosenTolerance, Difference, Differences, Found, Furthest, Origin, Recording,
};
use crate::scenario::tensor_file::Kind;
use crate::scenario::{ReadSeek, Scenario};
use crate::tensor::numerals::apart;
use crate::tensor::{Address, rounded};
use crate::text::aligned;

/// Lays two runs side by side: the first tensor in which they part, forwards and backwards.
///
/// A run is a scenario, or a file with gradients and perhaps values of one: an answer, a trace,
/// .npz, .safetensors or .pt. The order of the tensors is that of the scenario; where neither run
/// is one, arrays are compared in the order of their names.
///
/// Exit code 0: they are the same in all that both have. 1: they part, or something cannot be read.
/// 2: they cannot be compared.
#[derive(Debug, Args)]
#[command(
    after_help = concat!(
        "Examples:\n",
        "  backstep diff net.json grads.npz\n",
        "  backstep diff before.json after.json\n",
        "  backstep diff net.json --precision bf16\n",
        "  backstep diff float32.npz bfloat16.npz --scenario net.json",
    )
)]
pub(super) struct Arguments {
    /// A run.
    #[arg(value_name = "A")]
    first: String,
    /// The run that is compared with it. Left out, it is A in its precision, which `--precision`
    /// may name, and A is the same without rounding.
    #[arg(value_name = "B")]
    second: Option<String>,
    /// The scenario of which both are runs, where neither is one.
    #[arg(long, value_name = "SCENARIO")]
    scenario: Option<String>,
    /// How far a number of B may be off, relative to that of A. Left out, 0.001; for arrays of
    /// float16 and numbers that people write 0.01, for arrays of bfloat16 0.03.
    #[arg(long, value_name = "PART", value_parser = input::tolerance)]
    rtol: Option<f64>,
    /// How far it may be off besides, relative to the largest number of the tensor in A. Left out,
    /// 0.00001; for arrays of float16 and numbers that people write 0.001, for arrays of bfloat16
    /// 0.01.
    #[arg(long, value_name = "PART", value_parser = input::tolerance)]
    atol: Option<f64>,
    /// How to say what was found.
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    format: ReportFormat,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ReportFormat {
    Text,
    Json,
}

pub(super) fn run(arguments: &Arguments, global: &Global) -> Result<Outcome, Failure> {
    let Some(second) = &arguments.second else {
        return run_rounded(arguments, global);
    };
    let names = [&arguments.first, second];
    if names.iter().all(|name| *name == "-") {
        return Err(Diagnostic::new("stdin can be read once, but `-` stands there twice").into());
    }
    let [first, second] = names.map(|name| Opened::of(name, global));
    let opened = [first?, second?];
    let named = arguments.scenario.as_deref();
    let named = named.map(|name| backprop(&input::scenario(name, global)?, global));
    let named = named.transpose()?;
    let mut scenarios = opened.iter().filter_map(Opened::scenario).chain(&named);
    let known = scenarios.next().cloned();
    let [first, second] = opened.map(|opened| opened.recording(known.as_ref(), global));
    let (mut first, mut second) = (first?, second?);
    if known.is_none() {
        first.expect(&second);
        second.expect(&first);
    }
    let recordings = [&first, &second];
    let chosen = ChosenTolerance {
        rtol: arguments.rtol,
        atol: arguments.atol,
    };
    let comparison = Comparison {
        names,
        recordings,
        differences: Differences::of(recordings, known.as_ref(), chosen),
        is_in_order: known.is_some(),
    };
    say(&comparison, arguments)
}

/// Lays a run that rounds beside the same one that does not.
fn run_rounded(arguments: &Arguments, global: &Global) -> Result<Outcome, Failure> {
    let name = &arguments.first;
    let problem = |message: String| Failure::from(Diagnostic::new(message));
    let Opened::Scenario(rounded) = Opened::of(name, global)? else {
        return Err(problem(format!("{} is compared with nothing", quote(name))));
    };
    let precision = rounded.arithmetic().precision;
    if !precision.rounds() {
        let message = format!("{} is compared with nothing", quote(name));
        let hint = "name another run, or a precision for this one, as in `--precision bf16`";
        return Err(Diagnostic::new(message).hinted(hint).into());
    }
    let exact = rounded.unrounded();
    let recordings = [exact, &rounded].map(Recording::of_scenario);
    let recordings = [&recordings[0], &recordings[1]];
    let names = [name, &format!("{name} in {}", precision.name())];
    let chosen = ChosenTolerance {
        rtol: arguments.rtol,
        atol: arguments.atol,
    };
    let comparison = Comparison {
        names,
        recordings,
        differences: Differences::of(recordings, Some(exact), chosen),
        is_in_order: true,
    };
    say(&comparison, arguments)
}

/// Says what was found.
fn say(comparison: &Comparison<'_>, arguments: &Arguments) -> Result<Outcome, Failure> {
    comparison.expect_something()?;
    let mut out = BufWriter::new(io::stdout().lock());
    match arguments.format {
        ReportFormat::Text => comparison.write_text(&mut out)?,
        ReportFormat::Json => writeln!(out, "{}", comparison.json())?,
    }
    out.flush()?;
    Ok(
        if comparison.differences.is_none() && !comparison.is_in_part() {
            Outcome::Fine
        } else {
            Outcome::FoundWrong
        },
    )
}

fn backprop(scenario: &Scenario, global: &Global) -> Result<Backprop, Failure> {
    Ok(input::backprop(scenario, global)?)
}

/// What a name on the command line stands for.
enum Opened<'a> {
    /// A scenario that was run.
    Scenario(Box<Backprop>),
    /// Another file.
    File(&'a str, Box<dyn ReadSeek>),
}

impl<'a> Opened<'a> {
    fn of(name: &'a str, global: &Global) -> Result<Self, Failure> {
        // What is no file is one of the gallery, or there is nothing.
        if name != "-" && !Path::new(name).exists() {
            let scenario = input::scenario(name, global)?;
            return Ok(Self::Scenario(Box::new(backprop(&scenario, global)?)));
        }
        let cannot = |error| input::about(name, &error);
        let mut reader = input::open(name).map_err(cannot)?;
        if Answer::is_in(name, &mut reader).map_err(cannot)? {
            return Ok(Self::File(name, reader));
        }
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).map_err(cannot)?;
        let scenario = input::scenario_in(name, bytes, global)?;
        Ok(Self::Scenario(Box::new(backprop(&scenario, global)?)))
    }

    fn scenario(&self) -> Option<&Backprop> {
        match self {
            Self::Scenario(backprop) => Some(backprop),
            Self::File(..) => None,
        }
    }

    /// What is known of the run: of a file, what it has of a scenario's run, or its arrays where no
    /// scenario is known.
    fn recording(self, known: Option<&Backprop>, global: &Global) -> Result<Recording, Diagnostic> {
        let (name, mut reader) = match self {
            Self::Scenario(backprop) => return Ok(Recording::of_scenario(&backprop)),
            Self::File(name, reader) => (name, reader),
        };
        match (known, Kind::of(name)) {
            (Some(scenario), _) => {
                let network = scenario.network();
                let known = |id| Some(scenario.tape().value(id));
                let answer = Answer::read_from(name, &mut reader, network, &known)?;
                Ok(Recording::of_answer(answer, network))
            }
            (None, Some(kind)) => Ok(Recording::of_arrays(
                name,
                kind,
                reader,
                global.max_elements,
            )?),
            (None, None) => {
                let message = format!("{} does not say of which network it is", quote(name));
                Err(Diagnostic::new(message).hinted("name its scenario with `--scenario`"))
            }
        }
    }
}

/// Two runs and what is found between them.
struct Comparison<'a> {
    names: [&'a String; 2],
    recordings: [&'a Recording; 2],
    differences: Differences,
    /// Whether the tensors stand in a network's order.
    is_in_order: bool,
}

impl Comparison<'_> {
    /// Refuses runs of which nothing can be compared.
    fn expect_something(&self) -> Result<(), Diagnostic> {
        if !self.differences.values.is_empty() || !self.differences.gradients.is_empty() {
            return Ok(());
        }
        let [first, second] = self.names.map(|name| quote(name));
        let problem = Diagnostic::new(format!("{first} and {second} have no tensor in common"));
        let mut unread = self
            .recordings
            .into_iter()
            .flat_map(|recording| &recording.problems);
        Err(match unread.next() {
            Some(unread) => problem.hinted(unread.to_string()),
            None => problem,
        })
    }

    /// Whether something could not be read, which may be another one as well.
    fn is_in_part(&self) -> bool {
        let mut problems = self.recordings.iter().flat_map(|run| &run.problems);
        problems.any(|problem| !problem.is_read())
    }

    /// The parts of the runs that can be compared, with what each is called and its order.
    fn parts(&self) -> impl Iterator<Item = (&'static str, &'static str, &[Difference])> {
        let Differences {
            values, gradients, ..
        } = &self.differences;
        let parts = [
            ("values", "forward", &values[..]),
            ("gradients", "backward", &gradients[..]),
        ];
        parts
            .into_iter()
            .filter(|(_, _, tensors)| !tensors.is_empty())
    }

    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        let first = |(part, _, tensors): (&str, &str, &[Difference])| match tensors
            .iter()
            .find(|tensor| tensor.is_one())
        {
            Some(tensor) if self.is_in_order => {
                format!("{part}: they part at {}", visible(&tensor.name))
            }
            Some(_) => format!("{part}: they part"),
            None if self.is_in_part() => format!("{part}: the same in all that can be read"),
            None => format!("{part}: the same"),
        };
        for part in self.parts() {
            writeln!(out, "{}", first(part))?;
        }
        for (name, recording) in self.names.iter().zip(self.recordings) {
            for problem in &recording.problems {
                writeln!(
                    out,
                    "! {}: {}",
                    visible(name),
                    visible(&problem.to_string())
                )?;
            }
        }
        for (part, order, tensors) in self.parts() {
            let heading = match self.is_in_order {
                true => format!("{part}, {order}"),
                false => part.to_owned(),
            };
            let heading = [
                "",
                &heading,
                "differ",
                "largest difference",
                "relative",
                "A and B",
            ];
            let rows = tensors.iter().map(row);
            let table: Vec<_> = [heading.map(str::to_owned).to_vec()]
                .into_iter()
                .chain(rows)
                .collect();
            writeln!(out)?;
            aligned(&table).try_for_each(|line| writeln!(out, "{line}"))?;
        }
        let alone = ["A", "B"].into_iter().zip(self.differences.n_alone);
        let mut alone = alone.filter(|(_, n)| *n > 0).peekable();
        if alone.peek().is_some() {
            writeln!(out)?;
        }
        alone.try_for_each(|(run, n)| writeln!(out, "{n} more in {run} alone"))
    }

    fn json(&self) -> Value {
        let Differences {
            tolerance,
            values,
            gradients,
            n_alone,
        } = &self.differences;
        let tensors = |tensors: &[Difference]| tensors.iter().map(tensor).collect::<Vec<_>>();
        let first = |tensors: &[Difference]| {
            let first = tensors.iter().find(|tensor| tensor.is_one());
            first.map(|tensor| tensor.name.clone())
        };
        let problems = |recording: &Recording| {
            let problems = recording.problems.iter().map(ToString::to_string);
            problems.collect::<Vec<_>>()
        };
        json!({
            "runs": self.names, "in_order": self.is_in_order,
            "tolerance": { "rtol": tolerance.rtol, "atol": tolerance.atol,
                "of": tolerance.of.map(Origin::name) },
            "first": { "value": first(values), "gradient": first(gradients) },
            "values": tensors(values), "gradients": tensors(gradients),
            "alone": n_alone, "problems": self.recordings.map(problems),
        })
    }
}

/// The significant digits of a difference.
const DIGITS: usize = 3;

/// A row of the table.
fn row(tensor: &Difference) -> Vec<String> {
    let sign = if tensor.is_one() { "≠" } else { "=" };
    let name = visible(&tensor.name).into_owned();
    let rest = match &tensor.found {
        Found::Shapes([one, other]) => vec![format!("shape {one}, in B {other}")],
        Found::Numbers {
            n_other,
            total,
            furthest,
            shape,
        } => {
            let others = format!("{n_other} of {total}");
            let furthest = furthest.map(
                |Furthest {
                     at,
                     numbers: [a, b],
                     by,
                     relative,
                 }| {
                    let at = Address::of(&name, shape, at);
                    let [by, relative] = [by, relative].map(|number| rounded(number, DIGITS));
                    [
                        by,
                        relative,
                        format!("{at}: {} and {}", apart(a, b), apart(b, a)),
                    ]
                },
            );
            [others]
                .into_iter()
                .chain(furthest.into_iter().flatten())
                .collect()
        }
    };
    [vec![sign.to_owned(), name], rest].concat()
}

fn tensor(tensor: &Difference) -> Value {
    match &tensor.found {
        Found::Shapes(shapes) => json!({
            "name": tensor.name, "same": false,
            "shapes": shapes.each_ref().map(|shape| shape.to_vec()),
        }),
        Found::Numbers {
            n_other,
            total,
            furthest,
            shape,
        } => json!({
            "name": tensor.name, "same": !tensor.is_one(), "differ": n_other, "total": total,
            "furthest": furthest.map(|Furthest { at, numbers, by, relative }| json!({
                "index": shape.index(at).to_vec(), "numbers": numbers.map(Number),
                "by": Number(by), "relative": Number(relative),
            })),
        }),
    }
}
