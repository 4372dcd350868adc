//! `backstep inspect`: how a network is doing, a row a tensor.

use std::io::{self, BufWriter, Write};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::input::{self, ScenarioArgument};
use super::{Failure, Global, Outcome, report};
use crate::backprop::Backprop;
use crate::health::{Gate, Health, Numbers, RoundingLoss, TensorHealth, WATCHES, Watch};
use crate::json::Number;
use crate::report::harmless;
use crate::tensor::exact;
use crate::text::{aligned, wrapped};
use crate::words;

/// How wide the sentences are set.
const WIDTH: usize = 80;

/// Shows how a network is doing: what the values and gradients of each tensor are like, and what
/// follows from that.
///
/// `gradients` is their root mean square, with a bar that is one shorter with each power of ten;
/// `ratio` is that size over the one of the tensor downstream.
///
/// Exit code 0: nothing is found of what `--fail-on` names. 1: something is. 2: the scenario or the
/// command line cannot be used.
#[derive(Debug, Args)]
#[command(
    after_help = concat!(
        "Examples:\n",
        "  backstep inspect net.json\n",
        "  backstep inspect net.json --format csv\n",
        "  backstep inspect net.json --update 100\n",
        "  backstep inspect net.json --fail-on nan,dead=0.5,vanishing=1e-6",
    )
)]
pub(super) struct Arguments {
    #[command(flatten)]
    scenario: ScenarioArgument,
    /// At this update of a scenario that is trained, counted from 1.
    #[arg(long, value_name = "K", value_parser = input::update)]
    update: Option<usize>,
    /// End with 1 where one of these is found, each with a limit of its own where it has one.
    #[arg(
        long,
        value_name = "NAME[=LIMIT]",
        value_delimiter = ',',
        value_parser = watch,
        long_help = watches(),
    )]
    fail_on: Vec<Watch>,
    /// How to say it.
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    format: ReportFormat,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ReportFormat {
    Text,
    Json,
    Csv,
}

fn watch(text: &str) -> Result<Watch, String> {
    Watch::parse(text).map_err(|error| match error.hint() {
        Some(hint) => format!("{error}; {hint}"),
        None => error.to_string(),
    })
}

fn watches() -> String {
    let rows = WATCHES.iter().map(|row| {
        let name = match row.limit {
            Some(limit) => format!("{}={}", row.name, exact(limit)),
            None => row.name.to_owned(),
        };
        vec![format!("  {name}"), row.about.to_owned()]
    });
    let rows: Vec<_> = rows.collect();
    let lines: Vec<String> = aligned(&rows).collect();
    format!(
        "End with 1 where one of these is found, each with a limit of its own where it has one; \
         these are the limits that are taken otherwise:\n{}",
        lines.join("\n")
    )
}

pub(super) fn run(arguments: &Arguments, global: &Global) -> Result<Outcome, Failure> {
    let scenario = input::scenario(&arguments.scenario.scenario, global)?;
    let backprop = input::backprop_at(&scenario, arguments.update, global)?;
    let health = Health::of(&backprop, &global.cancel)?;
    let rounds = backprop.arithmetic().precision.rounds();
    if let Some(watch) = arguments.fail_on.iter().find(|watch| watch.row.rounds)
        && !rounds
    {
        let name = watch.row.name;
        report::remark(
            &format!("in f64 nothing is rounded, so `{name}` is found nowhere; see --precision"),
            global,
        );
    }
    let inspected = Inspected {
        backprop: &backprop,
        health: &health,
        found: found(&arguments.fail_on, &health),
    };
    let mut out = BufWriter::new(io::stdout().lock());
    match arguments.format {
        ReportFormat::Text => inspected.write_text(&mut out)?,
        ReportFormat::Json => writeln!(out, "{}", inspected.json())?,
        ReportFormat::Csv => inspected.write_csv(&mut out)?,
    }
    out.flush()?;
    Ok(match inspected.found.is_empty() {
        true => Outcome::Fine,
        false => Outcome::FoundWrong,
    })
}

/// What of what is watched for was found, and where.
fn found<'a>(watches: &[Watch], health: &'a Health) -> Vec<(Watch, &'a TensorHealth)> {
    let in_tensor = |watch: &Watch| {
        let (watch, tensors) = (*watch, health.tensors.iter());
        tensors
            .filter(move |tensor| watch.is_in(tensor))
            .map(move |tensor| (watch, tensor))
    };
    watches.iter().flat_map(in_tensor).collect()
}

/// A network that was looked at.
struct Inspected<'a> {
    backprop: &'a Backprop,
    health: &'a Health,
    found: Vec<(Watch, &'a TensorHealth)>,
}

impl Inspected<'_> {
    fn name(&self, tensor: &TensorHealth) -> &str {
        &self.backprop.network().tensor(tensor.tensor).name
    }

    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        let strongest = self.health.strongest();
        let network = self.backprop.network();
        let table = words::health_table(network, &self.health.tensors, strongest);
        aligned(&table).try_for_each(|line| writeln!(out, "{line}"))?;
        for finding in &self.health.findings {
            writeln!(out)?;
            let said = words::finding(self.backprop, finding);
            wrapped(&said, WIDTH)
                .iter()
                .try_for_each(|line| writeln!(out, "{line}"))?;
        }
        if !self.found.is_empty() {
            writeln!(out)?;
        }
        for (watch, tensor) in &self.found {
            writeln!(out, "{}: {}", watch.row.name, self.name(tensor))?;
        }
        Ok(())
    }

    fn json(&self) -> Value {
        let network = self.backprop.network();
        let tensors = self.health.tensors.iter().map(|health| {
            let info = network.tensor(health.tensor);
            let gate = health.gate.as_ref().map(|gate| {
                json!({
                    "activation": gate.activation.name(), "units": gate.n_units,
                    "samples": gate.n_samples, "dead": gate.n_dead,
                    "saturated": gate.n_saturated, "mean_slope": Number(gate.mean_slope),
                })
            });
            let mut tensor = json!({
                "name": info.name, "kind": info.kind.name(), "shape": info.shape.to_vec(),
                "values": numbers(&health.values),
                "gradients": health.gradients.as_ref().map(numbers),
                "ratio": health.ratio.map(Number), "activation": gate,
                "worst": info.shape.index(health.worst()).to_vec(),
            });
            if let Some(lost) = &health.rounding {
                let lost = LOST.map(|(name, of)| (name.to_owned(), of(lost).into()));
                tensor["rounding"] = Value::Object(lost.into_iter().collect());
            }
            tensor
        });
        let findings = self.health.findings.iter();
        let found = self.found.iter().map(|(watch, tensor)| {
            json!({ "watch": watch.row.name, "limit": watch.row.limit.map(|_| watch.limit),
                "tensor": self.name(tensor) })
        });
        let mut all = json!({
            "tensors": tensors.collect::<Vec<_>>(),
            "findings": findings.map(|one| words::finding(self.backprop, one)).collect::<Vec<_>>(),
            "found": found.collect::<Vec<_>>(),
        });
        let arithmetic = self.backprop.arithmetic();
        if !arithmetic.is_plain() {
            all["precision"] = arithmetic.precision.name().into();
            all["loss_scale"] = json!(Number(arithmetic.loss_scale));
        }
        all
    }

    fn rounds(&self) -> bool {
        self.backprop.arithmetic().precision.rounds()
    }

    fn write_csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut table = csv::Writer::from_writer(out);
        let of = |side: &str| COLUMNS.map(|(name, _)| format!("{side}_{name}"));
        let headings = ["tensor", "kind", "shape"].map(str::to_owned).into_iter();
        let rest = ["ratio", "units", "dead", "saturated"].map(str::to_owned);
        let lost = LOST.map(|(name, _)| name.to_owned());
        let lost: &[String] = if self.rounds() { &lost } else { &[] };
        table.write_record(
            headings
                .chain(of("value"))
                .chain(of("gradient"))
                .chain(rest)
                .chain(lost.iter().cloned()),
        )?;
        for health in &self.health.tensors {
            let info = self.backprop.network().tensor(health.tensor);
            let first = [
                harmless(&info.name),
                info.kind.name().to_owned(),
                info.shape.sizes(),
            ];
            let columns = |numbers: Option<&Numbers>| {
                COLUMNS.map(|(_, of)| numbers.map_or(String::new(), |numbers| exact(of(numbers))))
            };
            let gate = health.gate.as_ref();
            let count =
                |n: fn(&Gate) -> usize| gate.map_or(String::new(), |gate| n(gate).to_string());
            let rest = [
                health.ratio.map_or(String::new(), exact),
                count(|gate| gate.n_units),
                count(|gate| gate.n_dead),
                count(|gate| gate.n_saturated),
            ];
            let values = columns(Some(&health.values));
            let gradients = columns(health.gradients.as_ref());
            let lost = health.rounding.as_ref();
            let lost = lost.map(|lost| LOST.map(|(_, of)| of(lost).to_string()));
            let numbers = values.into_iter().chain(gradients).chain(rest);
            let lost = lost.into_iter().flatten();
            table.write_record(first.into_iter().chain(numbers).chain(lost))?;
        }
        table.flush()
    }
}

/// A number that is told of numbers, with its name.
type Column = (&'static str, fn(&Numbers) -> f64);

/// What is told of numbers in a table.
const COLUMNS: [Column; 10] = [
    ("min", |numbers| numbers.min),
    ("max", |numbers| numbers.max),
    ("mean", |numbers| numbers.mean),
    ("mean_size", |numbers| numbers.mean_size),
    ("largest", |numbers| numbers.largest),
    ("norm", |numbers| numbers.norm),
    ("rms", |numbers| numbers.rms),
    ("zeros", |numbers| numbers.n_zero as f64),
    ("nan", |numbers| numbers.n_nan as f64),
    ("infinite", |numbers| numbers.n_infinite as f64),
];

/// A count of what rounding has lost, with its name.
type Loss = (&'static str, fn(&RoundingLoss) -> usize);

/// What is told of the numbers that rounding has lost.
const LOST: [Loss; 7] = [
    ("values_flushed", |lost| lost.values.n_flushed),
    ("values_overflowed", |lost| lost.values.n_overflowed),
    ("gradients_flushed", |lost| lost.gradients.n_flushed),
    ("gradients_overflowed", |lost| lost.gradients.n_overflowed),
    ("terms", |lost| lost.terms.n),
    ("terms_flushed", |lost| lost.terms.n_flushed),
    ("terms_swamped", |lost| lost.terms.n_swamped),
];

fn numbers(numbers: &Numbers) -> Value {
    let columns = COLUMNS
        .iter()
        .map(|(name, of)| ((*name).to_owned(), json!(Number(of(numbers)))));
    let mut object: serde_json::Map<String, Value> = columns.collect();
    object.insert("histogram".to_owned(), json!(numbers.histogram));
    object.into()
}
