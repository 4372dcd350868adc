//! One submission as the autograders of courses take it: a test for each tensor, with its points.

use std::io::{self, Write};

use serde::Serialize;

use super::phrases;
use super::writer::{Expected, Heading, Report};
use crate::diagnostic::visible;
use crate::json::write_lines;
use crate::marking::{Marked, Summary, Unreadable};

/// The results of the one submission, and each test of them, stand on lines of their own.
const LINES: usize = 3;

/// What is known of a submission once it is marked.
pub(super) struct Graded {
    /// Whose it is, and how it went.
    pub verdict: String,
    /// What else is to be said of it, the reason why it cannot be read among it.
    pub problems: Vec<String>,
    /// Whether it could be read.
    pub is_readable: bool,
    pub points: f64,
    /// The part of all points that it earned, from 0 to 1.
    pub score: f64,
    pub tests: Vec<Test>,
}

/// What a tensor earned.
pub(super) struct Test {
    pub name: String,
    pub points: f64,
    pub max_points: f64,
    pub said: String,
}

/// Begins the report that writes of its one submission what `results` makes of it.
pub(super) fn begin<R: Serialize + 'static>(
    heading: &Heading,
    results: fn(Graded) -> R,
) -> Box<dyn Report> {
    Box::new(Grader {
        expected: heading.expected,
        tensors: heading.tensors.clone(),
        results,
    })
}

struct Grader<R> {
    expected: Expected,
    /// The asked tensors with their points.
    tensors: Vec<(String, f64)>,
    results: fn(Graded) -> R,
}

impl<R: Serialize> Report for Grader<R> {
    fn add(&mut self, marked: &Marked, out: &mut dyn Write) -> io::Result<()> {
        write_lines(out, LINES, &(self.results)(self.graded(marked)))?;
        out.write_all(b"\n")
    }

    fn end(self: Box<Self>, _: &Summary, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

impl<R> Grader<R> {
    fn graded(&self, marked: &Marked) -> Graded {
        let submission = &marked.submission;
        let student = visible(&submission.student);
        let disclosure = phrases::disclosure(self.expected);
        Graded {
            verdict: format!("{student}: {}", phrases::verdict(submission)),
            problems: phrases::problems(marked, disclosure),
            is_readable: submission.error.is_none(),
            points: phrases::hundredths(submission.points(), submission.max_points()),
            score: submission.score,
            tests: match submission.error {
                None => self.marked_tests(marked),
                Some(Unreadable::Missing | Unreadable::NoAnswer { .. }) => {
                    self.unread_tests("nothing was handed in that can be marked")
                }
                Some(_) => self.unread_tests("the file cannot be read"),
            },
        }
    }

    fn marked_tests(&self, marked: &Marked) -> Vec<Test> {
        let tests = marked.tensors().map(|(network, report)| Test {
            name: report.name.clone(),
            points: phrases::hundredths(report.points(), report.max_points),
            max_points: report.max_points,
            said: phrases::tensor_text(network, report, self.expected),
        });
        tests.collect()
    }

    /// The points that there are to earn stay the same where nothing can be read.
    fn unread_tests(&self, said: &str) -> Vec<Test> {
        let tests = self.tensors.iter().map(|(name, points)| Test {
            name: name.clone(),
            points: 0.0,
            max_points: *points,
            said: said.to_owned(),
        });
        tests.collect()
    }
}
