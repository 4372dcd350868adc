//! `backstep export`: the trace.

use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::Path;

use clap::{Args, ValueEnum};

use super::input::{self, ScenarioArgument};
use super::output::OutputArguments;
use super::progress::Progress;
use super::{Failure, Global, Outcome};
use crate::diagnostic::{Diagnostic, list, quote};
use crate::export::{Detail, FORMATS, Format, Selection, Subject, format};

/// Writes the trace: every tensor, every step, every contribution.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  backstep export the-question\n  backstep export net.json --detail tensors -o net.trace.json\n  backstep export net.json --tensor pool --steps 1..4"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    scenario: ScenarioArgument,
    /// The format; left out, the one that the output's ending names, else json.
    #[arg(long, value_name = "FORMAT", value_parser = clap::builder::PossibleValuesParser::new(FORMATS.iter().map(|format| format.name)))]
    format: Option<String>,
    /// How much of each step.
    #[arg(long, value_enum, default_value_t = DetailArgument::Contributions)]
    detail: DetailArgument,
    /// Only these tensors and their steps: several names with commas between, or the option again for each.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    tensor: Vec<String>,
    /// Only these steps, counted from 1, the last one included: `3..8`, `3..`, `..8` or `5`.
    #[arg(long, value_name = "A..B", value_parser = steps)]
    steps: Option<Range<usize>>,
    #[command(flatten)]
    output: OutputArguments,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DetailArgument {
    /// Values and gradients only.
    Tensors,
    /// Each step's sum too.
    Steps,
    /// Each step's contributions too.
    Contributions,
}

pub(super) fn run(arguments: &Arguments, global: &Global) -> Result<Outcome, Failure> {
    let format = arguments.format()?;
    arguments.output.check()?;
    let scenario = input::scenario(&arguments.scenario.scenario, global)?;
    let tensors: Vec<_> = arguments.tensor.iter().map(|name| input::tensor(&scenario, name)).collect::<Result<_, _>>()?;
    let backprop = input::backprop(&scenario);
    let n_steps = backprop.steps().len();
    let steps = arguments.steps.clone().unwrap_or(0..n_steps);
    if steps.start > 0 && steps.start >= n_steps {
        let message = format!("there is no step {}: the scenario has {n_steps} steps", steps.start + 1);
        return Err(Diagnostic::new(message).into());
    }
    let detail = match arguments.detail {
        DetailArgument::Tensors => Detail::Tensors,
        DetailArgument::Steps => Detail::Steps,
        DetailArgument::Contributions => Detail::Contributions,
    };
    let selection = Selection { detail, tensors: (!tensors.is_empty()).then_some(tensors), steps };
    let subject = Subject { scenario: &scenario, backprop: &backprop };
    let progress = Progress::of_output(global);
    arguments.output.write(|out| {
        let mut out = BufWriter::new(progress.counting(out));
        (format.write)(subject, &selection, &mut out)?;
        out.flush()
    })
}

impl Arguments {
    /// The format that was asked for, or the one of the output's ending.
    fn format(&self) -> Result<&'static Format, Diagnostic> {
        let ending = self.output.file().and_then(Path::extension).and_then(|ending| ending.to_str());
        match (&self.format, ending) {
            (None, None) => Ok(&FORMATS[0]),
            (Some(name), _) => format(name).ok_or_else(|| unknown(name)),
            (None, Some(ending)) => format(ending).ok_or_else(|| unknown(ending)),
        }
    }
}

fn unknown(name: &str) -> Diagnostic {
    let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
    Diagnostic::new(format!("{} is no format of a trace", quote(name))).hinted(format!("`--format` takes {}", list(&names, "or")))
}

/// Reads `A..B`, counted from 1 with the end included, as a range counted from 0.
fn steps(text: &str) -> Result<Range<usize>, String> {
    let number = |text: &str| match text.trim().parse::<usize>() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("steps are counted from 1, as in 3..8".to_owned()),
    };
    let (first, last) = match text.split_once("..") {
        None => (number(text)?, number(text)?),
        Some((first, last)) => {
            let first = if first.is_empty() { 1 } else { number(first)? };
            (first, if last.is_empty() { usize::MAX } else { number(last)? })
        }
    };
    if first > last { Err(format!("{first} comes after {last}")) } else { Ok(first - 1..last) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_counted_from_one() {
        assert_eq!(steps("3..8"), Ok(2..8));
        assert_eq!(steps("5"), Ok(4..5));
        assert_eq!(steps("..8"), Ok(0..8));
        assert_eq!(steps("3.."), Ok(2..usize::MAX));
        assert!(steps("0..3").is_err());
        assert!(steps("4..3").is_err());
        assert!(steps("x").is_err());
    }
}
