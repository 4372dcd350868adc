//! The report as Gradescope's `results.json`: a test for each tensor, with its points.

use std::io::{self, Write};

use serde::Serialize;

use super::phrases;
use super::writer::{Expected, Heading, Report};
use crate::diagnostic::visible;
use crate::json::write_lines;
use crate::marking::{Marked, Summary};

/// The results of the one submission, and each test of them, stand on lines of their own.
const LINES: usize = 3;

struct Gradescope {
    expected: Expected,
    /// The asked tensors with their points.
    tensors: Vec<(String, f64)>,
}

#[derive(Serialize)]
struct Results {
    score: f64,
    output: String,
    output_format: &'static str,
    visibility: &'static str,
    tests: Vec<Test>,
}

#[derive(Serialize)]
struct Test {
    name: String,
    score: f64,
    max_score: f64,
    status: &'static str,
    output: String,
    output_format: &'static str,
    visibility: &'static str,
}

pub(super) fn begin(heading: &Heading, _: &mut dyn Write) -> io::Result<Box<dyn Report>> {
    Ok(Box::new(Gradescope {
        expected: heading.expected,
        tensors: heading.tensors.clone(),
    }))
}

impl Report for Gradescope {
    fn add(&mut self, marked: &Marked, out: &mut dyn Write) -> io::Result<()> {
        let submission = &marked.submission;
        let mut tests: Vec<Test> = marked
            .tensors()
            .map(|(network, report)| {
                let said = phrases::tensor_text(network, report, self.expected);
                test(&report.name, report.points(), report.max_points, said)
            })
            .collect();
        if submission.error.is_some() {
            // The points that there are to earn stay the same.
            let unread = self.tensors.iter().map(|(name, points)| {
                test(name, 0.0, *points, "the file cannot be read".to_owned())
            });
            tests.extend(unread);
        }
        let said = [format!(
            "{}: {}",
            visible(&submission.student),
            phrases::verdict(submission)
        )];
        let output = said
            .into_iter()
            .chain(phrases::problems(
                marked,
                phrases::disclosure(self.expected),
            ))
            .collect::<Vec<_>>()
            .join("\n");
        let score = phrases::hundredths(submission.points());
        write_lines(
            out,
            LINES,
            &Results {
                score,
                output,
                output_format: "text",
                visibility: "visible",
                tests,
            },
        )?;
        out.write_all(b"\n")
    }

    fn end(self: Box<Self>, _: &Summary, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

fn test(name: &str, score: f64, max_score: f64, output: String) -> Test {
    let status = if score >= max_score {
        "passed"
    } else {
        "failed"
    };
    Test {
        name: name.to_owned(),
        score: phrases::hundredths(score),
        max_score,
        status,
        output,
        output_format: "text",
        visibility: "visible",
    }
}
