//! The report as plain text: the class at a glance, then a page for each student. A single student
//! gets the page alone.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::phrases;
use super::writer::{Expected, Heading, Report};
use crate::diagnostic::visible;
use crate::marking::{Marked, Status, Summary, did};
use crate::text::{aligned, padded, shortened_name};
use crate::words;

/// How wide the words are set.
const WIDTH: usize = 80;
/// The widest name in the class table.
const WIDEST_NAME: usize = 30;
/// How many slips the summary lists.
const MOST_SLIPS: usize = 10;

struct Text {
    title: String,
    expected: Expected,
    students: Vec<Student>,
}

/// What is said of one student.
struct Student {
    /// The name, the verdict and the score.
    first: [String; 3],
    /// By the tensor's name.
    statuses: Vec<(String, Status)>,
    slips: String,
    page: String,
}

pub(super) fn begin(heading: &Heading, _: &mut dyn Write) -> io::Result<Box<dyn Report>> {
    Ok(Box::new(Text {
        title: visible(&heading.title).into_owned(),
        expected: heading.expected,
        students: Vec::new(),
    }))
}

impl Report for Text {
    fn add(&mut self, marked: &Marked, _: &mut dyn Write) -> io::Result<()> {
        self.students.push(Student::of(marked, self.expected));
        Ok(())
    }

    fn end(self: Box<Self>, summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
        if let [only] = &self.students[..] {
            return out.write_all(only.page.as_bytes());
        }
        if !self.title.is_empty() {
            writeln!(out, "{}\n", self.title)?;
        }
        write_lines(out, &class(&self.students, summary))?;
        writeln!(
            out,
            "\n✓ correct   ~ follows from earlier numbers   ✗ wrong   ? blank   ! unreadable\n"
        )?;
        write_summary(out, summary)?;
        for student in &self.students {
            write!(out, "\n{}\n{}", "─".repeat(WIDTH), student.page)?;
        }
        Ok(())
    }
}

impl Student {
    fn of(marked: &Marked, expected: Expected) -> Self {
        let submission = &marked.submission;
        let tensors = submission.tensors.iter();
        Self {
            first: [
                shortened_name(&visible(&submission.student), WIDEST_NAME).into_owned(),
                phrases::verdict_name(submission.verdict).to_owned(),
                phrases::percent(submission.score),
            ],
            statuses: tensors
                .map(|tensor| (tensor.name.clone(), tensor.status))
                .collect(),
            slips: submission.slips().join(", "),
            page: page(marked, expected),
        }
    }
}

fn page(marked: &Marked, expected: Expected) -> String {
    let submission = &marked.submission;
    let (student, file) = (visible(&submission.student), visible(&submission.file));
    let mut page = format!("{student}: {}\n", phrases::verdict(submission));
    if !file.is_empty() {
        page.push_str(&format!("{file}\n"));
    }
    page.push('\n');
    for problem in phrases::problems(marked, phrases::disclosure(expected)) {
        page.push_str(&format!("  ! {}\n", phrases::hanging(&problem, 4, WIDTH)));
    }
    let name_width = submission
        .tensors
        .iter()
        .map(|tensor| tensor.name.width())
        .max()
        .unwrap_or(0)
        .min(WIDTH / 4);
    for (network, tensor) in marked.tensors() {
        let (first, lines) = phrases::tensor(network, tensor, expected);
        let begin = format!(
            "  {} {}  ",
            tensor.status.sign(),
            padded(&tensor.name, name_width)
        );
        let indent = name_width + 6;
        page.push_str(&format!(
            "{begin}{}\n",
            phrases::hanging(&first, indent, WIDTH)
        ));
        for line in lines {
            page.push_str(&format!(
                "{}– {}\n",
                " ".repeat(indent),
                phrases::hanging(&line, indent + 2, WIDTH)
            ));
        }
    }
    let part = phrases::part(submission).into_iter();
    // Where nothing is compared that is said above.
    let is_marked = !submission.tensors.is_empty();
    let uncompared = words::uncompared(&submission.problems).filter(|_| is_marked);
    let sums: Vec<String> = part.chain(uncompared).collect();
    if !sums.is_empty() {
        page.push('\n');
    }
    for sum in sums {
        page.push_str(&format!("  {}\n", phrases::hanging(&sum, 2, WIDTH)));
    }
    page
}

/// The class as a table: a row a student, a sign a tensor.
fn class(students: &[Student], summary: &Summary) -> Vec<Vec<String>> {
    let names: Vec<&str> = summary
        .tensors
        .iter()
        .map(|tensor| tensor.name.as_str())
        .collect();
    let first = ["student", "verdict", "score"].into_iter();
    let first = first.chain(names.iter().copied()).chain(["slips"]);
    let mut table = vec![first.map(str::to_owned).collect::<Vec<_>>()];
    for student in students {
        let sign = |name: &&str| {
            let status = student.statuses.iter().find(|(other, _)| other == name);
            status.map_or("", |(_, status)| status.sign()).to_owned()
        };
        let mut row = student.first.to_vec();
        row.extend(names.iter().map(sign).chain([student.slips.clone()]));
        table.push(row);
    }
    table
}

fn write_summary(out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
    let answers = phrases::counted(summary.submissions, "answer");
    let verdicts = phrases::verdicts(summary.verdicts.iter());
    let missing = match summary.missing {
        0 => String::new(),
        1 => " From 1 student nothing came.".to_owned(),
        n => format!(" From {n} students nothing came."),
    };
    writeln!(
        out,
        "{answers}: {verdicts}. Mean score {}.{missing}\n",
        phrases::percent(summary.mean_score)
    )?;
    let mut table = vec![
        [
            "tensor",
            "correct",
            "carried",
            "wrong",
            "blank",
            "unreadable",
            "hardest number",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    for tensor in &summary.tensors {
        let counts = [
            tensor.correct,
            tensor.carried,
            tensor.wrong,
            tensor.blank,
            tensor.unreadable,
        ]
        .map(|n| n.to_string());
        let hardest = tensor.hardest.as_ref().map_or(String::new(), |hardest| {
            format!(
                "{}, wrong in {}",
                phrases::address(&tensor.name, &hardest.index),
                hardest.wrong
            )
        });
        table.push([vec![tensor.name.clone()], counts.to_vec(), vec![hardest]].concat());
    }
    write_lines(out, &table)?;
    if !summary.slips.is_empty() {
        writeln!(out, "\nmost common slips")?;
    }
    for (id, n) in summary.common_slips().into_iter().take(MOST_SLIPS) {
        writeln!(out, "  {n:4} × {id}: {}", did(id).unwrap_or_default())?;
    }
    Ok(())
}

/// Writes a table with its columns aligned.
fn write_lines(out: &mut dyn Write, table: &[Vec<String>]) -> io::Result<()> {
    aligned(table).try_for_each(|line| writeln!(out, "  {line}"))
}
