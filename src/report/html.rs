//! The report as one page for a browser: the class at a glance, and each student's part folded
//! below. It needs no network, and runs nothing but its own lines that sort the table.

use std::io::{self, Write};

use askama::Template;

use super::grid::Grid;
use super::phrases;
use super::style::STYLE;
use super::writer::{Expected, Heading, Report};
use crate::diagnostic::visible;
use crate::document::Shell;
use crate::marking::{Marked, Summary, TensorReport, TensorSummary, did};
use crate::tape::Network;

/// What sorts the table.
const SCRIPT: &str = include_str!("sort.js");
/// How many shades the numbers of wrong answers have.
const SHADES: usize = 9;
/// How many of the hardest numbers are listed of a tensor that is too large to be laid out.
const MOST_LISTED: usize = 10;

struct Html {
    title: String,
    expected: Expected,
    students: Vec<Student>,
}

pub(super) fn begin(heading: &Heading, _: &mut dyn Write) -> io::Result<Box<dyn Report>> {
    let title = if heading.title.is_empty() {
        "Marked answers".into()
    } else {
        visible(&heading.title)
    };
    Ok(Box::new(Html {
        title: title.into_owned(),
        expected: heading.expected,
        students: Vec::new(),
    }))
}

#[derive(Template)]
#[template(path = "report/class.html")]
struct Class {
    shell: Shell,
    n_answers: String,
    verdicts: Vec<(&'static str, usize)>,
    mean_score: String,
    names: Vec<String>,
    tensors: Vec<Tensor>,
    slips: Vec<Common>,
    students: Vec<Student>,
}

/// Where the class went wrong in a tensor.
struct Tensor {
    name: String,
    counts: String,
    grids: Vec<Heat>,
    listed: Vec<(String, usize)>,
    is_shown: bool,
}

/// A grid of how many got each number wrong.
struct Heat {
    caption: String,
    columns: Vec<usize>,
    rows: Vec<Vec<Cell>>,
}

struct Cell {
    wrong: usize,
    shade: usize,
}

struct Common {
    id: String,
    did: &'static str,
    n: usize,
    of: usize,
}

struct Student {
    place: usize,
    name: String,
    file: String,
    verdict: &'static str,
    score: f64,
    percent: String,
    /// A mark for each tensor that anybody is asked for.
    cells: Vec<Option<Mark>>,
    slips: String,
    problems: Vec<String>,
    tensors: Vec<Told>,
}

/// A status as a sign, a name and a rank to sort by.
#[derive(Clone)]
struct Mark {
    sign: &'static str,
    name: &'static str,
    earned: String,
}

struct Told {
    name: String,
    mark: Mark,
    says: String,
    lines: Vec<String>,
}

impl Report for Html {
    fn add(&mut self, marked: &Marked, _: &mut dyn Write) -> io::Result<()> {
        self.students
            .push(Student::of(self.students.len() + 1, marked, self.expected));
        Ok(())
    }

    fn end(self: Box<Self>, summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
        let names: Vec<String> = summary
            .tensors
            .iter()
            .map(|tensor| tensor.name.clone())
            .collect();
        let mut students = self.students;
        students.iter_mut().for_each(|student| student.fill(&names));
        let page = Class {
            shell: Shell {
                title: self.title,
                style: STYLE,
                script: Some(SCRIPT),
            },
            n_answers: phrases::counted(summary.submissions, "answer"),
            verdicts: summary
                .verdicts
                .iter()
                .map(|(&verdict, &n)| (phrases::verdict_name(verdict), n))
                .collect(),
            mean_score: phrases::percent(summary.mean_score),
            students,
            tensors: summary
                .tensors
                .iter()
                .map(|tensor| Tensor::of(tensor, summary.submissions))
                .collect(),
            slips: common(summary),
            names,
        };
        out.write_all(page.render().map_err(io::Error::other)?.as_bytes())
    }
}

fn common(summary: &Summary) -> Vec<Common> {
    let of = summary.submissions;
    let common = |(id, n): (&str, usize)| Common {
        id: id.to_owned(),
        did: did(id).unwrap_or_default(),
        n,
        of,
    };
    summary.common_slips().into_iter().map(common).collect()
}

impl Tensor {
    fn of(tensor: &TensorSummary, n_answers: usize) -> Self {
        let wrong = &tensor.wrong_numbers;
        let cell = |at: usize| {
            let wrong = wrong[at] as usize;
            Cell {
                wrong,
                shade: (wrong * SHADES).div_ceil(n_answers.max(1)),
            }
        };
        let is_shown = tensor.hardest.is_some();
        let heat = |grid: Grid| Heat {
            rows: grid.rows().map(|row| row.map(cell).collect()).collect(),
            columns: (0..grid.n_columns).collect(),
            caption: grid.caption,
        };
        let grids: Vec<Heat> = Grid::all(&tensor.name, &tensor.shape)
            .into_iter()
            .filter(|_| is_shown)
            .map(heat)
            .collect();
        let mut hardest: Vec<usize> = (0..wrong.len())
            .filter(|&at| grids.is_empty() && wrong[at] > 0)
            .collect();
        hardest.sort_by_key(|&at| std::cmp::Reverse(wrong[at]));
        let listed = hardest.into_iter().take(MOST_LISTED).map(|at| {
            (
                phrases::address(&tensor.name, &tensor.shape.index(at)),
                wrong[at] as usize,
            )
        });
        let TensorSummary {
            correct,
            carried,
            blank,
            unreadable,
            ..
        } = *tensor;
        let counts = [
            (tensor.wrong, "wrong"),
            (correct, "right"),
            (carried, "carried"),
            (blank, "blank"),
            (unreadable, "unreadable"),
        ];
        let counts: Vec<String> = counts
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, name)| format!("{name} in {n}"))
            .collect();
        Self {
            name: tensor.name.clone(),
            counts: counts.join(", "),
            listed: listed.collect(),
            grids,
            is_shown,
        }
    }
}

impl Student {
    fn of(place: usize, marked: &Marked, expected: Expected) -> Self {
        let submission = &marked.submission;
        Self {
            place,
            name: visible(&submission.student).into_owned(),
            file: visible(&submission.file).into_owned(),
            verdict: phrases::verdict_name(submission.verdict),
            score: submission.score,
            percent: phrases::percent(submission.score),
            cells: Vec::new(),
            slips: submission.slips().join(", "),
            problems: phrases::problems(marked, phrases::disclosure(expected)),
            tensors: marked
                .tensors()
                .map(|(network, report)| Told::of(network, report, expected))
                .collect(),
        }
    }

    /// Fills the cells of the table of the class, whose columns are known when all answers are.
    fn fill(&mut self, names: &[String]) {
        let mark = |name: &String| {
            let told = self.tensors.iter().find(|told| told.name == *name)?;
            Some(told.mark.clone())
        };
        self.cells = names.iter().map(mark).collect();
    }
}

impl Told {
    fn of(network: &Network, report: &TensorReport, expected: Expected) -> Self {
        let (says, lines) = phrases::tensor(network, report, expected);
        Self {
            name: report.name.clone(),
            mark: Mark::of(report),
            says,
            lines,
        }
    }
}

impl Mark {
    fn of(tensor: &TensorReport) -> Self {
        let (sign, name) = (tensor.status.sign(), tensor.status.name());
        Self {
            sign,
            name,
            earned: format!("{}/{}", tensor.earned(), tensor.total),
        }
    }
}
