//! `backstep worksheet`: a scenario as homework.

use std::path::Path;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use super::input::{self, ScenarioArgument};
use super::output::OutputArguments;
use super::{Failure, Global, Outcome, report};
use crate::diagnostic::{Diagnostic, list, quote};
use crate::exercise::{FORMATS, Format, GivenAway, Unfit, Worksheet, asked, format};
use crate::scenario::Asked;

/// Writes a scenario as homework: the forward values given, the gradients left blank.
///
/// The page in HTML has a field for each gradient and saves an answer file for `backstep check`.
#[derive(Debug, Args)]
#[command(
    after_help = concat!(
        "Examples:\n",
        "  backstep worksheet pool-to-conv -o worksheet.html\n",
        "  backstep worksheet homework.json --ask 'pool[0,1],x' --format tex\n",
        "  backstep worksheet homework.json --update 2 -o second.html\n",
        "  backstep worksheet homework.json --format csv -o answer.csv",
    )
)]
pub(super) struct Arguments {
    #[command(flatten)]
    scenario: ScenarioArgument,
    /// The format; left out, the one that the output's ending names, else html.
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    format: Option<String>,
    /// Ask for the gradients of these tensors and neurons: several names with commas between, or
    /// the option again for each. Left out, the scenario says which, else it is every tensor that
    /// makes steps.
    #[arg(long, value_name = "NAME")]
    ask: Vec<String>,
    /// At this update of a scenario that is trained, counted from 1.
    #[arg(long, value_name = "K", value_parser = input::update)]
    update: Option<usize>,
    #[command(flatten)]
    output: OutputArguments,
}

pub(super) fn run(arguments: &Arguments, global: &Global) -> Result<Outcome, Failure> {
    let format = arguments.format()?;
    arguments.output.check()?;
    let scenario = input::scenario(&arguments.scenario.scenario, global)?;
    let named = input::asked(&scenario, &arguments.ask)?;
    let tensors = named.iter().flat_map(Asked::tensors).copied();
    let backprop = input::backprop_at(&scenario, arguments.update, global)?.stepping(tensors);
    let asked = named.unwrap_or_else(|| asked(&scenario, &backprop));
    let worksheet = Worksheet {
        scenario: &scenario,
        backprop: &backprop,
        asked,
        student: None,
    };
    format
        .check(&worksheet)
        .map_err(|unfit| too_large(format, &unfit))?;
    arguments
        .output
        .write(&global.cancel, |out| (format.write)(&worksheet, out))?;
    for GivenAway {
        note,
        number,
        asked,
    } in format.given_away(&worksheet)
    {
        let place = note.map_or("the description".to_owned(), |of| {
            format!("the note at {of}")
        });
        let says = format!("{place} says {number}, which is what {asked} is asked for");
        report::remark(&says, global);
    }
    Ok(Outcome::Fine)
}

impl Arguments {
    fn format(&self) -> Result<&'static Format, Diagnostic> {
        let ending = self
            .output
            .file()
            .and_then(Path::extension)
            .and_then(|ending| ending.to_str());
        match self.format.as_deref().or(ending) {
            None => Ok(&FORMATS[0]),
            Some(name) => format(name).ok_or_else(|| {
                let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
                Diagnostic::new(format!("{} is no format of a worksheet", quote(name)))
                    .hinted(format!("`--format` takes {}", list(&names, "or")))
            }),
        }
    }
}

/// The names of the formats, for `--help` and for the shell.
pub(super) fn formats() -> PossibleValuesParser {
    PossibleValuesParser::new(
        FORMATS
            .iter()
            .map(|format| PossibleValue::new(format.name).help(format.about)),
    )
}

/// Says that a tensor is too large for a format.
pub(super) fn too_large(format: &Format, unfit: &Unfit) -> Diagnostic {
    let message = format!(
        "`{}` has shape {}, which is too large to ask for in {}",
        unfit.tensor, unfit.shape, format.name
    );
    Diagnostic::new(message).hinted(format!(
        "`--ask` names smaller tensors, and {} takes all of these",
        list(&unfit.takes, "or")
    ))
}
