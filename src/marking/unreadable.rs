//! Why a file cannot be marked.

use std::io;

use super::answer::AnswerError;
use crate::diagnostic::{Diagnostic, quote};

/// Why a file cannot be marked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// There is none.
    #[error("nothing was handed in")]
    Missing,
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
