//! The marks in the table of the class itself, as a course's system takes them back.

use std::collections::HashMap;
use std::io::{self, Write};

use csv::WriterBuilder;

use crate::exercise::Roster;
use crate::marking::{Submission, Verdict};
use crate::report::{harmless, hundredths, max_points_cell, percentage, unreadable};
use crate::tensor::exact;
use crate::words::uncompared;

/// What follows the points in a row: students who have exercises of their own can earn different
/// numbers of them.
const TITLES: [&str; 3] = ["max_points", "percent", "remark"];

/// What is added to a student's row: the points, how many there are, what part that is, and what of
/// the answer could not be marked.
pub(super) struct Grade([String; 4]);

/// The grades by the students' ids.
pub(super) type Grades = HashMap<String, Grade>;

impl Grade {
    /// The grade of what somebody has handed in. From whom nothing came has no points.
    pub(super) fn of(submission: &Submission) -> Self {
        let (points, max_points) = (submission.points(), submission.max_points());
        let remark = submission.error.as_ref().map(unreadable);
        let remark = remark.or_else(|| uncompared(&submission.problems));
        let known = |cell: String| match submission.verdict == Verdict::Missing {
            true => String::new(),
            false => cell,
        };
        Self([
            known(exact(hundredths(points, max_points))),
            max_points_cell(max_points),
            known(exact(percentage(submission.score))),
            harmless(&remark.unwrap_or_default()),
        ])
    }
}

/// Writes the roster with the grades in columns more.
pub(super) fn write(
    roster: &Roster,
    title: &str,
    grades: &Grades,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut rows = WriterBuilder::new().from_writer(out);
    let title = if title.is_empty() { "points" } else { title };
    let titles = roster.titles.iter().map(String::as_str);
    rows.write_record(titles.chain([title]).chain(TITLES).map(harmless))?;
    let none = Grade(Default::default());
    for student in &roster.students {
        let mut cells: Vec<String> = student.cells.iter().map(|cell| harmless(cell)).collect();
        cells.resize(roster.titles.len(), String::new());
        let Grade(grade) = grades.get(&student.id).unwrap_or(&none);
        rows.write_record(cells.iter().chain(grade))?;
    }
    rows.flush()
}
