//! A student's page for a browser.

use askama::Template;

use super::page::{Page, Section, Step};
use crate::diagnostic::visible;
use crate::document::Shell;
use crate::report::grid::Grid;
use crate::report::phrases;
use crate::report::style::STYLE;
use crate::tensor::rounded;
use crate::words::{self, DIGITS, MOST_ROWS, Piece, Table};

#[derive(Template)]
#[template(path = "report/feedback/page.html")]
struct Document {
    title: String,
    student: String,
    shell: Shell,
    verdict: &'static str,
    percent: String,
    problems: Vec<String>,
    sections: Vec<Shown>,
}

struct Shown {
    name: String,
    sign: &'static str,
    status: &'static str,
    says: String,
    lines: Vec<String>,
    remark: Option<String>,
    right: Vec<Right>,
    steps: Vec<Terms>,
}

/// A grid of right gradients.
struct Right {
    caption: String,
    columns: Vec<usize>,
    rows: Vec<Vec<String>>,
}

/// The terms of a neuron.
struct Terms {
    heading: String,
    columns: Vec<&'static str>,
    rows: Vec<Row>,
    /// What stands above and below the terms: what is given, and how many have no row.
    given: Option<String>,
    more: Option<(usize, String)>,
    name: String,
    gradient: String,
    words: Vec<(bool, String)>,
    notes: Vec<String>,
}

struct Row {
    from: String,
    numbers: Vec<String>,
}

pub(super) fn page(page: &Page<'_>) -> String {
    let submission = &page.marked.submission;
    let document = Document {
        title: visible(page.title).into_owned(),
        student: visible(&submission.student).into_owned(),
        shell: Shell {
            title: visible(&submission.student).into_owned(),
            style: STYLE,
            script: None,
        },
        verdict: phrases::verdict_name(submission.verdict),
        percent: phrases::percent(submission.score),
        problems: page.problems.clone(),
        sections: page.sections.iter().map(Shown::of).collect(),
    };
    document
        .render()
        .expect("a page of text can be written into memory")
}

impl Shown {
    fn of(section: &Section<'_>) -> Self {
        let right = section
            .right
            .iter()
            .flat_map(|(grids, right)| grids.iter().map(|grid| Right::of(grid, right)));
        Self {
            name: section.report.name.clone(),
            sign: section.report.status.sign(),
            status: section.report.status.name(),
            says: section.says.clone(),
            lines: section.lines.clone(),
            remark: section.remark(),
            right: right.collect(),
            steps: section.steps.iter().map(Terms::of).collect(),
        }
    }
}

impl Right {
    fn of(grid: &Grid, right: &[f64]) -> Self {
        let row =
            |places: std::ops::Range<usize>| places.map(|at| rounded(right[at], DIGITS)).collect();
        Self {
            caption: grid.caption.clone(),
            columns: (0..grid.n_columns).collect(),
            rows: grid.rows().map(row).collect(),
        }
    }
}

impl Terms {
    fn of(step: &Step<'_>) -> Self {
        let (backprop, network) = (&step.backprop, step.backprop.network());
        let table = Table::new(backprop, step.element, MOST_ROWS);
        let number = |value: f64| rounded(value, DIGITS);
        let row = |row: &words::Row| {
            let factors = row
                .factors
                .iter()
                .map(|factor| factor.map_or_else(String::new, |factor| number(factor.value)));
            let numbers = [number(row.upstream)]
                .into_iter()
                .chain(factors)
                .chain([number(row.product)]);
            Row {
                from: network.address(row.from).to_string(),
                numbers: numbers.collect(),
            }
        };
        let story = words::step(backprop, step.element);
        let pieces = |(place, sentence): (usize, &words::Sentence)| {
            let space = (place > 0).then(|| (false, " ".to_owned()));
            let pieces = sentence.pieces.iter().map(|piece| {
                (
                    matches!(piece, Piece::Element { .. }),
                    piece.as_str().to_owned(),
                )
            });
            space.into_iter().chain(pieces).collect::<Vec<_>>()
        };
        Self {
            heading: words::heading(backprop, step.element),
            columns: table.columns.iter().map(|kind| kind.name()).collect(),
            rows: table.rows.iter().map(row).collect(),
            given: table.given.map(number),
            more: table.more.map(|more| (more.n, number(more.sum))),
            name: network.address(step.element).to_string(),
            gradient: table.totals("", DIGITS).pop().unwrap_or_default().1,
            words: story
                .sentences
                .iter()
                .enumerate()
                .flat_map(pieces)
                .collect(),
            notes: step
                .notes
                .iter()
                .map(|note| visible(note).into_owned())
                .collect(),
        }
    }
}
