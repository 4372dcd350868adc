//! Why a file cannot be marked.

use std::io;

use super::answer::AnswerError;
use crate::diagnostic::{Diagnostic, list, quote};

/// Why a file cannot be marked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// There is none.
    #[error("nothing was handed in")]
    Missing,
    /// What there is, is no answer.
    #[error("no answer was handed in{}: its name ends in {endings}", only(files))]
    NoAnswer {
        /// The names of what was handed in.
        files: Vec<String>,
        /// How the names of answers end.
        endings: String,
    },
    /// Its bytes cannot be read.
    #[error("{0}")]
    File(#[source] io::Error),
    /// They are no answer.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// Each student has a scenario of their own, and none of those that this may be has one.
    #[error("there is no scenario for {}", students.join(" nor for "))]
    NoScenario {
        /// The students' names, in backticks.
        students: Vec<String>,
    },
    /// The student's own scenario cannot be used.
    #[error("the scenario of {} cannot be used: {}", quote(student), problem.message)]
    Scenario {
        /// The student.
        student: String,
        /// What is wrong with it.
        problem: Box<Diagnostic>,
    },
}

/// The most files that are named.
const MOST_NAMED: usize = 5;

/// `, only `a.py``.
fn only(files: &[String]) -> String {
    let shown = files.iter().take(MOST_NAMED).map(|file| quote(file));
    let n_more = files.len().saturating_sub(MOST_NAMED);
    let more = (n_more > 0).then(|| format!("{n_more} more"));
    let all: Vec<String> = shown.chain(more).collect();
    match all.is_empty() {
        true => String::new(),
        false => format!(", only {}", list(&all, "and")),
    }
}
