//! `backstep join`: several scenarios as one, for a sheet with several exercises.

use std::io::Write;
use std::path::Path;

use clap::Args;

use super::output::OutputArguments;
use super::{Failure, Global, Outcome, input};
use crate::diagnostic::{Diagnostic, quote};
use crate::exercise::asked;
use crate::scenario::{Part, joined};
use crate::tensor::is_name;

/// Joins scenarios into one, for a sheet with several exercises.
///
/// Their networks stand side by side, and each tensor has its scenario's name before its own:
/// `mlp.fc`. What is asked for, the points and the notes come along.
#[derive(Debug, Args)]
#[command(after_help = concat!(
        "Examples:\n",
        "  backstep join week-4/mlp.json week-4/pooling.json -o week-4.json\n",
        "  backstep join a=the-question b=pool-to-conv | backstep worksheet - -o sheet.html",
    ))]
pub(super) struct Arguments {
    /// The scenarios, each called after its file, or by the name before it: NAME=SCENARIO.
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<String>,
    #[command(flatten)]
    output: OutputArguments,
}

pub(super) fn run(arguments: &Arguments, global: &Global) -> Result<Outcome, Failure> {
    arguments.output.check()?;
    let mut parts: Vec<Part> = Vec::new();
    for argument in &arguments.scenarios {
        let part = part(argument, global)?;
        if parts.iter().any(|other| other.name == part.name) {
            let message = format!("two scenarios are called {}", quote(&part.name));
            let hint = "`NAME=SCENARIO` gives one another name";
            return Err(Diagnostic::new(message).hinted(hint).into());
        }
        parts.push(part);
    }
    let arithmetic = |part: &Part| part.scenario.arithmetic;
    if let Some(other) = parts
        .iter()
        .find(|part| arithmetic(part) != arithmetic(&parts[0]))
    {
        let names = [&parts[0], other].map(|part| quote(&part.name));
        let message = format!(
            "{} and {} have not the same precision and loss scale",
            names[0], names[1]
        );
        let hint = "`--precision` and `--loss-scale` decide for all of them";
        return Err(Diagnostic::new(message).hinted(hint).into());
    }
    let text = joined(&parts, global.max_elements)
        .map_err(|errors| Diagnostic::new(errors.to_string()))?;
    let write = |out: &mut dyn Write| out.write_all(text.as_bytes());
    arguments.output.write(&global.cancel, write)?;
    Ok(Outcome::Fine)
}

fn part(argument: &str, global: &Global) -> Result<Part, Failure> {
    let named = argument.split_once('=').filter(|(name, _)| is_name(name));
    let (name, file) = match named {
        Some((name, file)) => (name.to_owned(), file),
        None => (called(argument), argument),
    };
    let scenario = input::scenario(file, global)?;
    if scenario.train.is_some() {
        let message = format!(
            "{} is trained, and several networks have no one loss",
            quote(&name)
        );
        let hint = "without its key `train` it can be joined";
        return Err(Diagnostic::new(message).hinted(hint).into());
    }
    let asked = asked(&scenario, &input::backprop(&scenario, global)?);
    Ok(Part {
        name,
        scenario,
        asked,
    })
}

/// What a scenario is called after its file.
fn called(file: &str) -> String {
    let stem = Path::new(file).file_stem().unwrap_or_default();
    let is_sign = |c: char| !c.is_ascii_alphanumeric() && c != '.';
    let name = stem.to_string_lossy().replace(is_sign, "_");
    match is_name(&name) {
        true => name,
        false => format!("_{name}"),
    }
}
