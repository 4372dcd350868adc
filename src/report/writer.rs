//! A report that is being written, one submission after the other.

use std::io::{self, Write};

use crate::marking::{MarkScheme, Marked, Summary, Tolerance};

/// Whether the right number is told beside a wrong one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Expected {
    /// It is.
    #[default]
    Shown,
    /// It is not, nor is any other number than the answer's own: only where the mistake is, of
    /// which kind, and a question.
    Hidden,
}

/// What holds for all submissions of a report.
#[derive(Debug, Clone)]
pub struct Heading {
    /// What the answers are to; empty where it has no title.
    pub title: String,
    /// SHA-256 of the scenario, where it is the same for all of them. Where it is not, each
    /// submission says its own.
    pub scenario_sha256: Option<String>,
    /// How far a number may be off that somebody has written by hand.
    pub tolerance: Tolerance,
    /// Whether right numbers are told.
    pub expected: Expected,
    /// The names of the asked tensors, with their points, as far as they are the same for all.
    pub tensors: Vec<(String, f64)>,
}

impl Heading {
    /// The heading of answers that are all marked against one mark scheme.
    pub fn of(scheme: &MarkScheme) -> Self {
        let tensors = scheme
            .points()
            .map(|(name, points)| (name.to_owned(), points));
        Self {
            title: scheme.title.clone(),
            scenario_sha256: Some(scheme.sha256.clone()),
            tolerance: scheme.tolerance(),
            expected: Expected::default(),
            tensors: tensors.collect(),
        }
    }
}

/// A report that is being written. What can be written at once is; what a format needs at its end
/// it keeps.
pub trait Report {
    /// Takes the next submission, with what was found in it.
    ///
    /// # Errors
    /// Those of `out`.
    fn add(&mut self, marked: &Marked, out: &mut dyn Write) -> io::Result<()>;

    /// Ends the report.
    ///
    /// # Errors
    /// Those of `out`.
    fn end(self: Box<Self>, summary: &Summary, out: &mut dyn Write) -> io::Result<()>;
}
