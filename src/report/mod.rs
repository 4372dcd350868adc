//! What is said of marked answers: one file a format, each fed by the same walk over the
//! submissions.

mod csv;
mod feedback;
mod gradescope;
mod grid;
mod html;
mod json;
mod jsonl;
mod junit;
mod text;
mod told;

use std::io::{self, Write};

use crate::marking::{Exam, Submission, Summary, Tolerance};

pub use feedback::{FEEDBACK, Feedback, Reveal};

/// What holds for all submissions of a report.
#[derive(Debug, Clone)]
pub struct Heading {
    /// What the answers are to; empty where it has no title.
    pub title: String,
    /// SHA-256 of the scenario, where it is the same for all of them. Where it is not, each
    /// submission says its own.
    pub scenario_sha256: Option<String>,
    /// When a number is right.
    pub tolerance: Tolerance,
    /// The names of the asked tensors, with their numbers of elements, as far as they are the same
    /// for all.
    pub tensors: Vec<(String, usize)>,
}

impl Heading {
    /// The heading of answers that are all marked against one exam.
    pub fn of(exam: &Exam) -> Self {
        let tensors = exam
            .shapes()
            .map(|(name, shape)| (name.to_owned(), shape.numel()));
        Self {
            title: exam.title.clone(),
            scenario_sha256: Some(exam.sha256.clone()),
            tolerance: exam.tolerance,
            tensors: tensors.collect(),
        }
    }
}

/// A report that is being written. What can be written at once is; what a format needs at its end
/// it keeps.
pub trait Report {
    /// Takes the next submission.
    ///
    /// # Errors
    /// Those of `out`.
    fn add(&mut self, submission: &Submission, out: &mut dyn Write) -> io::Result<()>;

    /// Ends the report.
    ///
    /// # Errors
    /// Those of `out`.
    fn end(self: Box<Self>, summary: &Summary, out: &mut dyn Write) -> io::Result<()>;
}

/// A format that reports are written in.
#[derive(Debug)]
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// How its files end.
    pub ending: &'static str,
    /// Whether it holds a single submission and no more.
    pub is_for_one: bool,
    /// Begins a report.
    pub begin: fn(&Heading, &mut dyn Write) -> io::Result<Box<dyn Report>>,
}

impl Format {
    const fn of_many(
        name: &'static str,
        ending: &'static str,
        begin: fn(&Heading, &mut dyn Write) -> io::Result<Box<dyn Report>>,
    ) -> Self {
        Self {
            name,
            ending,
            is_for_one: false,
            begin,
        }
    }
}

/// All formats; the first is the one that is taken where nothing says otherwise.
pub const FORMATS: &[Format] = &[
    Format::of_many("text", "txt", text::begin),
    Format::of_many("json", "json", json::begin),
    Format::of_many("jsonl", "jsonl", jsonl::begin),
    Format::of_many("csv", "csv", csv::begin),
    Format::of_many("html", "html", html::begin),
    Format::of_many("junit", "xml", junit::begin),
    Format {
        name: "gradescope",
        ending: "results.json",
        is_for_one: true,
        begin: gradescope::begin,
    },
];

/// Returns the format of that name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// Returns the format whose files end like that.
pub fn format_of_ending(ending: &str) -> Option<&'static Format> {
    FORMATS
        .iter()
        .find(|format| format.ending == ending || format.name == ending)
}
