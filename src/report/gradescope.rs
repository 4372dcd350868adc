//! The report as Gradescope's `results.json`.

use std::io::{self, Write};

use serde::Serialize;

use super::graded::{self, Graded};
use super::writer::{Heading, Report};

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
    Ok(graded::begin(heading, results))
}

fn results(graded: Graded) -> Results {
    let mut lines = vec![graded.verdict];
    lines.extend(graded.problems);
    Results {
        score: graded.points,
        output: lines.join("\n"),
        output_format: "text",
        visibility: "visible",
        tests: graded.tests.into_iter().map(test).collect(),
    }
}

fn test(test: graded::Test) -> Test {
    let is_passed = test.points >= test.max_points;
    Test {
        name: test.name,
        score: test.points,
        max_score: test.max_points,
        status: if is_passed { "passed" } else { "failed" },
        output: test.said,
        output_format: "text",
        visibility: "visible",
    }
}
