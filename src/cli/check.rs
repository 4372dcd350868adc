//! `backstep check`: answers beside the true gradients, with what explains the wrong ones.

use std::collections::{BTreeSet, HashSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use rayon::prelude::*;

use super::answers::{AnswerFile, Found, Strangers, endings};
use super::class::{Class, HandIns, hand_in_of_one, hand_ins, roster};
use super::feedback::{FeedbackArguments, Pages};
use super::gradebook::{Grade, Grades};
use super::mark_scheme::{MarkOptions, MarkSchemes};
use super::output::OutputArguments;
use super::progress::Progress;
use super::{Failure, Global, Outcome, copies, gradebook, input};
use crate::cancel::{Cancel, Cancelled};
use crate::diagnostic::{Diagnostic, list, quote};
use crate::marking::{
    ChosenTolerance, Fingerprint, Marked, Remark, Submission, Summary, Unreadable, Verdict, Zeros,
};
use crate::report::{Expected, FORMATS, Format, Heading, format, format_of_ending};
use crate::tensor::parse_finite;

/// Marks answers: whose numbers are right, which follow from earlier ones, and what explains the
/// wrong ones.
///
/// An answer is JSON, CSV, .npz, .safetensors or .pt, or a trace. A folder holds a file or a
/// sub-folder for each student. Where SCENARIO is a folder with a sub-folder for each student, as
/// `ID/scenario.json`, every answer is marked against its own student's scenario.
///
/// Exit code 0: every answer is correct. 1: something is wrong, blank or unreadable, or was handed
/// in and cannot be compared. 2: the scenario or the command line cannot be used.
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
    /// The answers: files, folders, or `-` for stdin. Of a folder that `capture` wrote they may be
    /// left out: they are the gradients that it recorded.
    #[arg(value_name = "ANSWER")]
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
    /// Mark these tensors and neurons, whatever the scenario asks for: several names with commas
    /// between, or the option again for each.
    #[arg(long, value_name = "NAME")]
    ask: Vec<String>,
    /// Mark what a worksheet of this update asks for, in a scenario that is trained.
    #[arg(long, value_name = "K", value_parser = input::update)]
    update: Option<usize>,
    /// The points of tensors, in the place of the scenario's: `pool=4,x=2`. A tensor without points
    /// has one for each number.
    #[arg(long, value_name = "TENSOR=POINTS", value_delimiter = ',', value_parser = points)]
    points: Vec<(String, f64)>,
    /// How much a tensor's zeros count in which nothing but zeros is added up.
    #[arg(long, value_name = "COUNT", value_enum, default_value_t)]
    zeros: ZerosArgument,
    /// Who is in the class: a table of its students, for those from whom nothing came, and to find
    /// whose id stands in the name of a file.
    #[arg(long, value_name = "FILE")]
    roster: Option<PathBuf>,
    /// The roster's column with the ids; left out, the first with a usual name (id, student, email,
    /// ...), or the only one.
    #[arg(long, value_name = "COLUMN", requires = "roster")]
    id_column: Option<String>,
    /// Write the roster with columns more that hold everybody's points, how many there are, and the
    /// percentage, as the course's system takes it back.
    #[arg(long, value_name = "FILE", requires = "roster")]
    gradebook: Option<PathBuf>,
    /// Write a list of the answers that are alike where neither chance nor a slip makes them so:
    /// wrong numbers that are another student's right ones, and the same wrong ones in both.
    #[arg(long, value_name = "FILE")]
    copies: Option<PathBuf>,
    /// Of what a student has handed in several times, mark what earns most instead of the last.
    #[arg(long)]
    best: bool,
    /// Tell no right number, neither in the report nor on the pages: only where each mistake is, of
    /// which kind, and a question. Left out, that is so for `gradescope` and
    /// `prairielearn` alone.
    #[arg(
        long,
        value_name = "YES",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    hide_expected: Option<bool>,
    #[command(flatten)]
    feedback: FeedbackArguments,
    /// Write the report to this file instead of stdout.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrite the report's file, the gradebook, and pages in the feedback's folder.
    #[arg(long)]
    force: bool,
}

/// How much zeros count that nobody has to work out.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum ZerosArgument {
    /// All of a tensor's together as much as one other number.
    #[default]
    Together,
    /// Each as much as any other number.
    Each,
}

impl From<ZerosArgument> for Zeros {
    fn from(zeros: ZerosArgument) -> Self {
        match zeros {
            ZerosArgument::Together => Self::Together,
            ZerosArgument::Each => Self::Each,
        }
    }
}

/// Reads the points of a tensor.
fn points(text: &str) -> Result<(String, f64), String> {
    let (name, points) = text.split_once('=').ok_or("it must be TENSOR=POINTS")?;
    match parse_finite(points) {
        Ok(points) if points > 0.0 => Ok((name.trim().to_owned(), points)),
        _ => Err("points must be a number above 0".to_owned()),
    }
}

pub(super) fn run(arguments: &Arguments, global: &Global) -> Result<Outcome, Failure> {
    let output = OutputArguments {
        output: arguments.output.clone(),
        force: arguments.force,
    };
    let gradebook = OutputArguments {
        output: arguments.gradebook.clone(),
        force: arguments.force,
    };
    let copies = OutputArguments {
        output: arguments.copies.clone(),
        force: arguments.force,
    };
    let others = gradebook.file().or(copies.file());
    let writes = output.file().or(others).is_some() || arguments.feedback.is_given();
    if arguments.force && !writes {
        let problem = Diagnostic::new("`--force` overwrites files, but none is written");
        return Err(problem
            .hinted("`-o`, `--gradebook` and `--feedback` write files")
            .into());
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
    gradebook.check()?;
    copies.check()?;
    let pages = arguments
        .feedback
        .pages(arguments.expected(false), arguments.force)?;
    let options = MarkOptions {
        ask: &arguments.ask,
        update: arguments.update,
        points: &arguments.points,
        zeros: arguments.zeros.into(),
        tolerance: ChosenTolerance {
            rtol: arguments.rtol,
            atol: arguments.atol,
        },
    };
    let roster = arguments
        .roster
        .as_ref()
        .map(|path| roster(path, arguments.id_column.as_deref()));
    let roster = roster.transpose()?;
    let scenario = input::file_of(&arguments.scenario);
    let class = Class::of(&scenario, roster.as_ref())?;
    let schemes = MarkSchemes::of(&scenario, options, &class, global)?;
    let mut found = Found::of(&input::answers(&arguments.answers, &arguments.scenario)?)?;
    class.assign(&mut found.answers);
    found.pass_over(match format.is_for_one {
        true => Strangers::All,
        false => Strangers::BesideAnswers,
    });
    let is_class = arguments.roster.is_some() || found.answers.iter().any(AnswerFile::is_in_folder);
    let is_nothing = format.is_for_one && found.answers.is_empty();
    let nothing = is_nothing.then(|| nothing(&arguments.answers[0], &found));
    if nothing.is_none() {
        found.expect_answers()?;
    }
    // The best of a folder is one student's; else it is better asked whose the others are.
    let hand_ins = match format.is_for_one && arguments.best {
        true => hand_in_of_one(found.answers),
        false => hand_ins(found.answers),
    };
    if format.is_for_one && hand_ins.len() > 1 {
        let message = format!(
            "`{}` holds one submission, but there are {}",
            format.name,
            hand_ins.len()
        );
        return Err(Diagnostic::new(message)
            .hinted("`--best` takes the best of a folder; else check them one by one")
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
        expected: arguments.expected(format.is_for_one),
        class: Some(&class).filter(|_| is_class && !format.is_for_one),
        pages,
        is_best: arguments.best,
        cancel: &global.cancel,
        verdicts: BTreeSet::new(),
        grades: Grades::new(),
        fingerprints: copies.file().map(|_| Vec::new()),
        unread: Vec::new(),
        missing: Vec::new(),
        failure: None,
    };
    let progress = Progress::of(hand_ins.len(), global);
    let written = output.write(&global.cancel, |out| {
        check.run((&hand_ins, nothing.as_ref()), format, &progress, out)
    });
    if let Some(failure) = check.failure {
        return Err(failure);
    }
    written?;
    drop(progress);
    if let Some(answers) = &check.fingerprints {
        copies.write(&global.cancel, |out| copies::write(answers, out))?;
    }
    if let (Some(roster), Some(_)) = (&roster, gradebook.file()) {
        let (title, grades) = (schemes.heading().title, &check.grades);
        gradebook.write(&global.cancel, |out| {
            gradebook::write(roster, &title, grades, out)
        })?;
    }
    if !global.quiet {
        check.tell_what_is_not_there(&mut io::stderr().lock())?;
    }
    let mut verdicts = check.verdicts.iter();
    Ok(if verdicts.all(|verdict| *verdict == Verdict::Correct) {
        Outcome::Fine
    } else {
        Outcome::FoundWrong
    })
}

/// What is reported where a folder holds no answer at all.
fn nothing(folder: &str, found: &Found) -> Marked {
    let files = found.skipped.iter().map(|(name, _)| name.clone());
    let error = Unreadable::NoAnswer {
        files: files.collect(),
        endings: endings(),
    };
    Marked::unreadable(folder, folder, error)
}

/// Answers on their way into a report.
struct Check<'a> {
    schemes: &'a MarkSchemes<'a>,
    expected: Expected,
    /// Who is looked for, where all answers of a class are there.
    class: Option<&'a Class>,
    pages: Option<Pages>,
    /// Whether of several hand-ins the best is marked; else it is the last.
    is_best: bool,
    cancel: &'a Cancel,
    /// The verdicts that were given.
    verdicts: BTreeSet<Verdict>,
    grades: Grades,
    /// What the answers are compared by, where they are.
    fingerprints: Option<Vec<Fingerprint>>,
    /// The files that cannot be read.
    unread: Vec<String>,
    /// The students from whom nothing came.
    missing: Vec<String>,
    /// Why a page could not be written.
    failure: Option<Failure>,
}

/// What is made of an answer while all of its marks are there.
struct Made {
    page: Option<String>,
    fingerprint: Option<Fingerprint>,
}

/// The most files or students that are named on stderr.
const MOST_NAMED: usize = 10;

impl Check<'_> {
    /// Marks the answers batch by batch, so that what is held in memory does not grow with their
    /// number.
    fn run(
        &mut self,
        (hand_ins, nothing): (&[HandIns], Option<&Marked>),
        format: &Format,
        progress: &Progress,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let heading = Heading {
            expected: self.expected,
            ..self.schemes.heading()
        };
        let mut report = (format.begin)(&heading, out)?;
        let mut summary = self.schemes.summary();
        let mut came = HashSet::new();
        for batch in hand_ins.chunks(self.schemes.batch()) {
            let mark = |one: &HandIns| {
                let marked = self.mark(one);
                progress.advance(1);
                marked
            };
            let all: Result<Vec<_>, Cancelled> = batch.par_iter().map(mark).collect();
            for (marked, Made { page, fingerprint }) in all? {
                self.add(&marked, &mut summary);
                let all = self.fingerprints.iter_mut();
                all.for_each(|all| all.extend(fingerprint.clone()));
                report.add(&marked, out)?;
                let student = &marked.submission.student;
                if let (Some(pages), Some(page)) = (&mut self.pages, page) {
                    pages
                        .write(student, &page, self.cancel)
                        .map_err(|failure| {
                            self.failure = Some(failure);
                            io::Error::other("a page cannot be written")
                        })?;
                }
                came.insert(student.clone());
            }
        }
        if let Some(nothing) = nothing {
            self.add(nothing, &mut summary);
            report.add(nothing, out)?;
        }
        for student in self
            .class
            .into_iter()
            .flat_map(|class| class.missing(&came))
        {
            let marked = Marked::missing(student);
            self.add(&marked, &mut summary);
            report.add(&marked, out)?;
        }
        report.end(&summary, out)
    }

    /// Marks what one student has handed in: the last of it, or the best.
    fn mark(&self, hand_ins: &HandIns) -> Result<(Marked, Made), Cancelled> {
        let mark = |answer: &AnswerFile| {
            let say = |submission: &mut Submission| {
                if !answer.others.is_empty() {
                    submission.remarks.push(Remark::HandIns {
                        others: answer.others.clone(),
                        is_best: self.is_best,
                    });
                }
            };
            self.schemes
                .mark(answer, say, self.cancel, |scheme, marked| {
                    let compared = scheme.filter(|_| self.fingerprints.is_some());
                    Made {
                        page: self.pages.as_ref().map(|pages| pages.page(scheme, marked)),
                        fingerprint: compared.map(|scheme| Fingerprint::of(scheme, marked)),
                    }
                })
        };
        let mut best = mark(&hand_ins.last)?;
        for answer in hand_ins.before.iter().rev().filter(|_| self.is_best) {
            let other = mark(answer)?;
            if other.0.submission.score > best.0.submission.score {
                best = other;
            }
        }
        Ok(best)
    }

    fn add(&mut self, marked: &Marked, summary: &mut Summary) {
        summary.add(marked);
        let submission = &marked.submission;
        self.verdicts.insert(submission.verdict);
        let grade = Grade::of(submission);
        self.grades.insert(submission.student.clone(), grade);
        match submission.verdict {
            Verdict::Unreadable => self.unread.push(submission.file.clone()),
            Verdict::Missing => self.missing.push(submission.student.clone()),
            Verdict::Correct | Verdict::Wrong | Verdict::Incomplete => {}
        }
    }

    /// Says which files cannot be read, and from whom nothing came.
    fn tell_what_is_not_there(&self, stderr: &mut dyn Write) -> io::Result<()> {
        match &self.unread[..] {
            [] => {}
            [one] => writeln!(stderr, "{} cannot be read", quote(one))?,
            all => writeln!(
                stderr,
                "{} answers cannot be read: {}",
                all.len(),
                named(all)
            )?,
        }
        match &self.missing[..] {
            [] => Ok(()),
            [one] => writeln!(stderr, "nothing came from {}", quote(one)),
            all => writeln!(
                stderr,
                "nothing came from {} students: {}",
                all.len(),
                named(all)
            ),
        }
    }
}

/// The first of some names; the others are counted.
fn named(all: &[String]) -> String {
    let shown = all.iter().take(MOST_NAMED).map(|name| quote(name));
    let n_more = all.len().saturating_sub(MOST_NAMED);
    let more = (n_more > 0).then(|| format!("{n_more} more"));
    list(&shown.chain(more).collect::<Vec<_>>(), "and")
}

impl Arguments {
    /// Whether right numbers are told; where nobody says, not to students.
    fn expected(&self, is_for_students: bool) -> Expected {
        match self.hide_expected.unwrap_or(is_for_students) {
            true => Expected::Hidden,
            false => Expected::Shown,
        }
    }

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
