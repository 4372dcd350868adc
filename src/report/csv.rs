//! The report as CSV: a row a student, as a spreadsheet and a gradebook take it.
//!
//! A tensor's column holds the part of its points that are earned, from 0 to 1: a number to
//! average, and nothing that a spreadsheet takes for a date, as it would `3/4`. It is empty where
//! the file could not be read.

use std::io::{self, Write};

use csv::WriterBuilder;

use super::phrases;
use super::writer::{Expected, Heading, Report};
use crate::diagnostic::visible;
use crate::marking::{Marked, Summary};
use crate::tensor::exact;

/// The columns are known when all answers are, so the rows wait for the end.
struct Table {
    expected: Expected,
    rows: Vec<Row>,
}

struct Row {
    /// The student, the file, the verdict, the score, the points, and how many there are.
    first: [String; 6],
    /// By the tensor's name: its part of the marks.
    tensors: Vec<(String, f64)>,
    slips: String,
    /// What is to be known before the marks, and what could not be read.
    problems: String,
}

pub(super) fn begin(heading: &Heading, _: &mut dyn Write) -> io::Result<Box<dyn Report>> {
    Ok(Box::new(Table {
        expected: heading.expected,
        rows: Vec::new(),
    }))
}

impl Report for Table {
    fn add(&mut self, marked: &Marked, _: &mut dyn Write) -> io::Result<()> {
        let submission = &marked.submission;
        let verdict = phrases::verdict_name(submission.verdict).to_owned();
        let problems = phrases::problems(marked, phrases::disclosure(self.expected));
        let max_points = submission.max_points();
        let tensors = submission
            .tensors
            .iter()
            .map(|tensor| (tensor.name.clone(), tensor.part));
        self.rows.push(Row {
            first: [
                harmless(&submission.student),
                harmless(&submission.file),
                verdict,
                exact(submission.score),
                exact(phrases::hundredths(submission.points(), max_points)),
                max_points_cell(max_points),
            ],
            tensors: tensors.collect(),
            slips: submission.slips().join("; "),
            problems: harmless(&problems.join("; ")),
        });
        Ok(())
    }

    fn end(self: Box<Self>, summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
        let mut names: Vec<&str> = Vec::new();
        for tensor in &summary.tensors {
            if !names.contains(&tensor.name.as_str()) {
                names.push(&tensor.name);
            }
        }
        let mut writer = WriterBuilder::new().from_writer(out);
        let first = [
            "student",
            "file",
            "verdict",
            "score",
            "points",
            "max_points",
        ];
        writer.write_record(first.iter().chain(&names).chain(&["slips", "problems"]))?;
        for row in &self.rows {
            let of = |name: &&str| {
                row.tensors
                    .iter()
                    .find(|(other, _)| other == name)
                    .map_or(String::new(), |(_, score)| exact(*score))
            };
            let tensors: Vec<String> = names.iter().map(of).collect();
            writer.write_record(
                row.first
                    .iter()
                    .chain(&tensors)
                    .chain([&row.slips, &row.problems]),
            )?;
        }
        writer.flush()
    }
}

/// How many points there are; nothing where that is not known.
pub(crate) fn max_points_cell(max_points: f64) -> String {
    match max_points > 0.0 {
        true => exact(phrases::hundredths(max_points, max_points)),
        false => String::new(),
    }
}

/// A stranger's text, which a spreadsheet is not to take for a formula.
pub(crate) fn harmless(text: &str) -> String {
    let shown = visible(text);
    let is_formula = shown
        .trim_start()
        .starts_with(['=', '+', '-', '@', '|', '%', '＝', '＋', '－', '＠']);
    if is_formula {
        format!("'{shown}")
    } else {
        shown.into_owned()
    }
}
