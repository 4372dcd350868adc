//! `backstep check`: answers beside the true gradients, with what explains the wrong ones.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::PossibleValuesParser;
use rayon::prelude::*;

use super::answers::{AnswerFile, Found};
use super::feedback::{FeedbackArguments, Pages};
use super::mark_scheme::{Asked, MarkSchemes};
use super::output::OutputArguments;
use super::progress::Progress;
use super::{Failure, Global, Outcome, input};
use crate::cancel::{Cancel, Cancelled};
use crate::diagnostic::{Diagnostic, list, quote};
use crate::marking::{ChosenTolerance, Verdict};
use crate::report::{FORMATS, Format, format, format_of_ending};

/// Marks answers: whose numbers are right, which follow from earlier ones, and what explains the
/// wrong ones.
///
/// An answer is JSON, CSV, .npz, .safetensors or .pt, or a trace. A folder holds a file or a
/// sub-folder for each student. Where SCENARIO is a folder with a sub-folder for each student, as
/// `ID/scenario.json`, every answer is marked against its own student's scenario.
///
/// Exit code 0: every answer is correct. 1: something is wrong, blank or unreadable. 2: the
/// scenario or the command line cannot be used.
#[derive(Debug, Args)]
#[command(
    after_help = concat!(
        "Examples:\n",
        "  backstep check homework.json s1024.json\n",
        "  backstep check homework.json submissions/ --format html -o class.html\n",
        "  backstep check homework.json submissions/ --feedback pages/\n",
        "  backstep check exercises/ submissions/ --format csv -o marks.csv\n",
        "  backstep export homework.json --detail tensors | backstep check homework.json -",
    )
)]
pub(super) struct Arguments {
    /// The scenario, or a folder with a scenario for each student.
    #[arg(value_name = "SCENARIO")]
    scenario: String,
    /// The answers: files, folders, or `-` for stdin.
    #[arg(required = true, value_name = "ANSWER")]
    answers: Vec<String>,
    /// The format; left out, the one that the output's ending names, else text.
    #[arg(long, value_name = "FORMAT",
        value_parser = PossibleValuesParser::new(FORMATS.iter().map(|format| format.name)))]
    format: Option<String>,
    /// How far a number may be off, relative to the right one. Left out, 0.01; for arrays and
    /// traces 0.001, for arrays of float16 0.01 and of bfloat16 0.03.
    #[arg(long, value_name = "PART", value_parser = input::tolerance)]
    rtol: Option<f64>,
    /// How far it may be off besides, relative to the largest right number of its tensor. Left out,
    /// 0.001; for arrays and traces 0.00001, for arrays of float16 0.001 and of bfloat16 0.01.
    #[arg(long, value_name = "PART", value_parser = input::tolerance)]
    atol: Option<f64>,
    /// Mark these tensors, whatever the scenario asks for: several names with commas between, or
    /// the option again for each.
    #[arg(long, value_name = "TENSOR", value_delimiter = ',')]
    ask: Vec<String>,
    #[command(flatten)]
    feedback: FeedbackArguments,
    /// Write the report to this file instead of stdout.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrite the report's file, and pages in the feedback's folder.
    #[arg(long)]
    force: bool,
}

pub(super) fn run(arguments: &Arguments, global: &Global) -> Result<Outcome, Failure> {
    let output = OutputArguments {
        output: arguments.output.clone(),
        force: arguments.force,
    };
    if arguments.force && output.file().is_none() && !arguments.feedback.is_given() {
        let problem = Diagnostic::new("`--force` overwrites files, but none is written");
        return Err(problem.hinted("`-o` and `--feedback` write files").into());
    }
    if [&arguments.scenario]
        .into_iter()
        .chain(&arguments.answers)
        .filter(|name| *name == "-")
        .count()
        > 1
    {
        return Err(Diagnostic::new("stdin can be read once, but `-` stands there twice").into());
    }
    let format = arguments.format(&output)?;
    output.check()?;
    let pages = arguments.feedback.pages(arguments.force)?;
    let asked = Asked {
        ask: &arguments.ask,
        tolerance: ChosenTolerance {
            rtol: arguments.rtol,
            atol: arguments.atol,
        },
    };
    let schemes = MarkSchemes::of(&arguments.scenario, asked, global)?;
    let found = Found::of(&arguments.answers)?;
    if format.is_for_one && found.answers.len() > 1 {
        let message = format!(
            "`{}` holds one submission, but there are {}",
            format.name,
            found.answers.len()
        );
        return Err(Diagnostic::new(message)
            .hinted("check them one by one, or take another format")
            .into());
    }
    if !global.quiet {
        let mut stderr = io::stderr().lock();
        found.skipped.iter().try_for_each(|(name, reason)| {
            writeln!(stderr, "{} is passed over: {reason}", quote(name))
        })?;
    }
    let mut check = Check {
        schemes: &schemes,
        pages,
        cancel: &global.cancel,
        verdicts: BTreeSet::new(),
        failure: None,
    };
    let progress = Progress::of(found.answers.len(), global);
    let written = output.write(&global.cancel, |out| {
        check.run(&found.answers, format, &progress, out)
    });
    if let Some(failure) = check.failure {
        return Err(failure);
    }
    written?;
    Ok(
        if check
            .verdicts
            .iter()
            .all(|verdict| *verdict == Verdict::Correct)
        {
            Outcome::Fine
        } else {
            Outcome::FoundWrong
        },
    )
}

/// Answers on their way into a report.
struct Check<'a> {
    schemes: &'a MarkSchemes<'a>,
    pages: Option<Pages>,
    cancel: &'a Cancel,
    /// The verdicts that were given.
    verdicts: BTreeSet<Verdict>,
    /// Why a page could not be written.
    failure: Option<Failure>,
}

impl Check<'_> {
    /// Marks the answers batch by batch, so that what is held in memory does not grow with their
    /// number.
    fn run(
        &mut self,
        answers: &[AnswerFile],
        format: &Format,
        progress: &Progress,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut report = (format.begin)(&self.schemes.heading(), out)?;
        let mut summary = self.schemes.summary();
        for batch in answers.chunks(self.schemes.batch()) {
            let mark = |answer: &AnswerFile| {
                let marked = self.schemes.mark(answer, self.cancel, |scheme, marked| {
                    Some(self.pages.as_ref()?.page(scheme, marked))
                });
                progress.advance(1);
                marked
            };
            let all: Result<Vec<_>, Cancelled> = batch.par_iter().map(mark).collect();
            for (marked, page) in all? {
                summary.add(&marked);
                report.add(&marked, out)?;
                self.verdicts.insert(marked.submission.verdict);
                if let (Some(pages), Some(page)) = (&mut self.pages, page) {
                    pages
                        .write(&marked.submission.student, &page, self.cancel)
                        .map_err(|failure| {
                            self.failure = Some(failure);
                            io::Error::other("a page cannot be written")
                        })?;
                }
            }
        }
        report.end(&summary, out)
    }
}

impl Arguments {
    /// The format that was asked for, or the one of the output's ending.
    fn format(&self, output: &OutputArguments) -> Result<&'static Format, Diagnostic> {
        let ending = output
            .file()
            .and_then(Path::extension)
            .and_then(|ending| ending.to_str());
        let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        let unknown = |name: &str| {
            Diagnostic::new(format!("{} is no format of a report", quote(name)))
                .hinted(format!("`--format` takes {}", list(&names, "or")))
        };
        match (&self.format, ending) {
            (None, None) => Ok(&FORMATS[0]),
            (Some(name), _) => format(name).ok_or_else(|| unknown(name)),
            (None, Some(ending)) => format_of_ending(ending).ok_or_else(|| unknown(ending)),
        }
    }
}
