//! The report as the `results.json` of PrairieLearn's external graders.

use std::io::{self, Write};

use serde::Serialize;

use super::graded::{self, Graded};
use super::writer::{Heading, Report};

#[derive(Serialize)]
struct Results {
    /// An answer that cannot be read costs no attempt.
    gradable: bool,
    /// The part of the points that is earned, from 0 to 1.
    score: f64,
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    format_errors: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    output: String,
    tests: Vec<Test>,
}

#[derive(Serialize)]
struct Test {
    name: String,
    points: f64,
    max_points: f64,
    message: String,
}

pub(super) fn begin(heading: &Heading, _: &mut dyn Write) -> io::Result<Box<dyn Report>> {
    Ok(graded::begin(heading, results))
}

fn results(graded: Graded) -> Results {
    let problems = graded.problems;
    let (format_errors, output) = match graded.is_readable {
        true => (Vec::new(), problems.join("\n")),
        false => (problems, String::new()),
    };
    Results {
        gradable: graded.is_readable,
        score: graded.score,
        message: graded.verdict,
        format_errors,
        output,
        tests: graded.tests.into_iter().map(test).collect(),
    }
}

fn test(test: graded::Test) -> Test {
    Test {
        name: test.name,
        points: test.points,
        max_points: test.max_points,
        message: test.said,
    }
}
