//! `backstep export`: a scenario's run as a file.

use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::Path;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, ValueEnum};

use super::input::{self, ScenarioArgument};
use super::output::OutputArguments;
use super::progress::Progress;
use super::{Failure, Global, Outcome, report};
use crate::diagnostic::{Diagnostic, list, quote};
use crate::export::{Detail, FORMATS, Format, Holds, Selection, Subject, Updates};
use crate::scenario::Scenario;
use crate::tensor::TensorId;
use crate::tui;

/// Writes the run as data, as a solution, as a script or as a page to step through: every tensor,
/// every step, every contribution.
#[derive(Debug, Args)]
#[command(
    after_help = concat!(
        "Examples:\n",
        "  backstep export the-question\n",
        "  backstep export net.json --detail tensors -o net.trace.json\n",
        "  backstep export net.json --tensor pool --steps 1..4 --format csv\n",
        "  backstep export net.json -o solution.tex\n",
        "  backstep export net.json -o page.html\n",
        "  backstep export net.json --steps 1..4 -o slide.svg\n",
        "  backstep export net.json --update 57 -o net.trace.json\n",
        "  backstep export net.json --updates 1..100 -o curve.csv",
    )
)]
pub(super) struct Arguments {
    #[command(flatten)]
    scenario: ScenarioArgument,
    /// The format; left out, the one that the output's ending names, else json.
    #[arg(long, value_name = "FORMAT",
        value_parser = PossibleValuesParser::new(formats().map(value)))]
    format: Option<String>,
    /// How much of each step; left out, all of it.
    #[arg(long, value_enum)]
    detail: Option<DetailArgument>,
    /// Only these tensors and their steps: several names with commas between, or the option again
    /// for each.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    tensor: Vec<String>,
    /// Only these steps, counted from 1, the last one included: `3..8`, `3..`, `..8` or `5`.
    #[arg(long, value_name = "A..B", value_parser = steps)]
    steps: Option<Range<usize>>,
    /// At this update of a scenario that is trained, counted from 1.
    #[arg(long, value_name = "K", value_parser = input::update, conflicts_with = "updates")]
    update: Option<usize>,
    /// These updates, the last one included, as `1..20`, `5..` or `..8`: the loss of each as csv,
    /// with `--tensor` also numbers; as npz or safetensors the trained parameters, or the tensors
    /// of `--tensor`, with an axis for the updates; as html a page that goes through them, which is
    /// also what html is of a scenario that is trained, unless `--update` says which one.
    #[arg(
        long,
        value_name = "A..B",
        value_parser = updates,
        conflicts_with_all = ["steps", "detail"]
    )]
    updates: Option<Range<usize>>,
    #[command(flatten)]
    output: OutputArguments,
}

fn value(format: &Format) -> PossibleValue {
    PossibleValue::new(format.name).help(format.about)
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
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
    arguments.fits(format)?;
    arguments.output.check()?;
    let scenario = input::scenario(&arguments.scenario.scenario, global)?;
    let tensors = arguments.tensors(&scenario)?;
    if let Some(updates) = arguments.updates(format, &scenario) {
        return write_updates(arguments, format, &scenario, (updates, tensors), global);
    }
    let stepped = tensors.iter().flatten().copied();
    let backprop = input::backprop_at(&scenario, arguments.update, global)?.stepping(stepped);
    let selection = arguments.selection(tensors, backprop.steps().len())?;
    let subject = Subject {
        scenario: &scenario,
        backprop: &backprop,
    };
    (format.check)(subject, &selection)?;
    let progress = Progress::of_output(global);
    arguments.output.write(&global.cancel, |out| {
        let mut out = BufWriter::new(progress.counting(out));
        (format.write)(subject, &selection, &mut out)?;
        out.flush()
    })?;
    Ok(Outcome::Fine)
}

/// Writes several updates.
fn write_updates(
    arguments: &Arguments,
    format: &Format,
    scenario: &Scenario,
    (updates, tensors): (Range<usize>, Option<Vec<TensorId>>),
    global: &Global,
) -> Result<Outcome, Failure> {
    let Some(write) = format.updates else {
        let able = formats().filter(|format| format.updates.is_some());
        let names: Vec<&str> = able.map(|format| format.name).collect();
        let message = format!("`--updates` means nothing for {}", format.name);
        let hint = format!(
            "it is for {}; `--update` takes one update",
            list(&names, "and")
        );
        return Err(Diagnostic::new(message).hinted(hint).into());
    };
    let mut training = input::training(scenario, updates.start + 1)?;
    let last = match updates.end {
        usize::MAX => training.n_updates(),
        end => end,
    };
    input::training(scenario, last)?;
    let mut chosen = Updates {
        training: &mut training,
        updates: updates.start + 1..=last,
        tensors,
        steps: 0..usize::MAX,
        cancel: &global.cancel,
    };
    if format.holds == Holds::Page {
        let first = chosen.run(updates.start + 1)?;
        if let Some(remark) = input::not_finite(&first, &global.cancel)? {
            report::remark(&remark, global);
        }
        let selection = arguments.selection(chosen.tensors.clone(), first.steps().len())?;
        let backprop = &first;
        (format.check)(Subject { scenario, backprop }, &selection)?;
        chosen.steps = selection.steps;
    }
    let (n_numbers, most) = (chosen.n_numbers(), global.options().max_elements);
    if format.holds == Holds::Tensors && n_numbers > most {
        let message = format!("so many updates are {n_numbers} numbers, more than {most}");
        let hint =
            "fewer of them, or fewer tensors with `--tensor`; `--max-elements` sets how many";
        return Err(Diagnostic::new(message).hinted(hint).into());
    }
    let progress = Progress::of_output(global);
    arguments.output.write(&global.cancel, |out| {
        let mut out = BufWriter::new(progress.counting(out));
        write(&mut chosen, &mut out)?;
        out.flush()
    })?;
    Ok(Outcome::Fine)
}

impl Arguments {
    /// The updates that are to be written, counted from 0, where it is several: those that are
    /// asked for, or all of them in a page of a scenario that trains.
    fn updates(&self, format: &Format, scenario: &Scenario) -> Option<Range<usize>> {
        let goes_through_all =
            format.holds == Holds::Page && scenario.train.is_some() && self.update.is_none();
        let all = goes_through_all.then_some(0..usize::MAX);
        self.updates.clone().or(all)
    }

    /// The format that was asked for, or the one of the output's ending.
    fn format(&self) -> Result<&'static Format, Diagnostic> {
        let ending = self
            .output
            .file()
            .and_then(Path::extension)
            .and_then(|ending| ending.to_str());
        match (&self.format, ending) {
            (None, None) => Ok(&FORMATS[0]),
            (Some(name), _) => find(|format| format.name == name).ok_or_else(|| unknown(name)),
            (None, Some(ending)) => {
                find(|format| format.ending == ending).ok_or_else(|| unknown(ending))
            }
        }
    }

    /// Refuses a choice that means nothing in what is to be written.
    fn fits(&self, format: &Format) -> Result<(), Diagnostic> {
        let refused = |option: &str, fits: fn(&Format) -> bool| {
            let names: Vec<&str> = formats()
                .filter(|format| fits(format))
                .map(|format| format.name)
                .collect();
            let message = format!(
                "`{option}` means nothing for {}, which has no such parts to choose from",
                format.name
            );
            Err(Diagnostic::new(message)
                .hinted(format!("`{option}` is for {}", list(&names, "and"))))
        };
        if self.detail.is_some() && !format.holds.has_detail() {
            return refused("--detail", |format| format.holds.has_detail());
        }
        if self.steps.is_some() && !format.holds.has_steps() {
            return refused("--steps", |format| format.holds.has_steps());
        }
        if self.steps.is_some() && self.detail == Some(DetailArgument::Tensors) {
            return Err(Diagnostic::new(
                "`--steps` chooses steps, but `--detail tensors` leaves all of them out",
            )
            .hinted("leave one of the two out"));
        }
        Ok(())
    }

    /// The tensors that are to be written, where any are named.
    fn tensors(&self, scenario: &Scenario) -> Result<Option<Vec<TensorId>>, Diagnostic> {
        let named = self.tensor.iter();
        let tensors = named.map(|name| input::tensor(scenario, name));
        let tensors = tensors.collect::<Result<Vec<_>, _>>()?;
        Ok(Some(tensors).filter(|tensors| !tensors.is_empty()))
    }

    /// What is to be written of a scenario that has so many steps.
    fn selection(
        &self,
        tensors: Option<Vec<TensorId>>,
        n_steps: usize,
    ) -> Result<Selection, Diagnostic> {
        let steps = self.steps.clone().unwrap_or(0..n_steps);
        if steps.start > 0 && steps.start >= n_steps {
            let message = format!(
                "there is no step {}: the scenario has {n_steps} steps",
                steps.start + 1
            );
            return Err(Diagnostic::new(message));
        }
        let detail = match self.detail {
            Some(DetailArgument::Tensors) => Detail::Tensors,
            Some(DetailArgument::Steps) => Detail::Steps,
            Some(DetailArgument::Contributions) | None => Detail::Contributions,
        };
        Ok(Selection {
            detail,
            tensors,
            steps,
        })
    }
}

/// All formats, those that draw the screen among them.
fn formats() -> impl Iterator<Item = &'static Format> {
    FORMATS.iter().chain([&tui::SVG])
}

fn find(is_it: impl Fn(&Format) -> bool) -> Option<&'static Format> {
    formats().find(|format| is_it(format))
}

/// Returns the format of a file's ending.
pub(super) fn of_ending(output: &OutputArguments) -> Result<&'static Format, Diagnostic> {
    let ending = output
        .file()
        .and_then(Path::extension)
        .and_then(|ending| ending.to_str())
        .unwrap_or_default();
    find(|format| format.ending == ending).ok_or_else(|| {
        let endings: Vec<String> = formats()
            .map(|format| format!(".{}", format.ending))
            .collect();
        Diagnostic::new(format!("{} is no ending of an export", quote(ending)))
            .hinted(format!("it may be {}", list(&endings, "or")))
    })
}

fn unknown(name: &str) -> Diagnostic {
    let names: Vec<&str> = formats().map(|format| format.name).collect();
    Diagnostic::new(format!("{} is no format that `export` knows", quote(name)))
        .hinted(format!("`--format` takes {}", list(&names, "or")))
}

fn steps(text: &str) -> Result<Range<usize>, String> {
    range(text, "steps")
}

fn updates(text: &str) -> Result<Range<usize>, String> {
    range(text, "updates")
}

/// Reads `A..B`, counted from 1 with the end included, as a range counted from 0.
fn range(text: &str, of: &str) -> Result<Range<usize>, String> {
    let number = |text: &str| match text.trim().parse::<usize>() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(format!("{of} are counted from 1, as in 3..8")),
    };
    let (first, last) = match text.split_once("..") {
        None => (number(text)?, number(text)?),
        Some((first, last)) => {
            let first = if first.is_empty() { 1 } else { number(first)? };
            (
                first,
                if last.is_empty() {
                    usize::MAX
                } else {
                    number(last)?
                },
            )
        }
    };
    if first > last {
        Err(format!("{first} comes after {last}"))
    } else {
        Ok(first - 1..last)
    }
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
        let told = |text| updates(text).unwrap_err();
        assert!(told("0..2").starts_with("updates are counted from 1"));
    }
}
