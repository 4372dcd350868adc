//! A student's page as Markdown.

use super::page::{Page, Section};
use crate::report::grid::Grid;
use crate::report::phrases;
use crate::tensor::rounded;
use crate::words::{self, DIGITS, without_markup};

pub(super) fn page(page: &Page<'_>) -> String {
    let submission = &page.marked.submission;
    let mut text = format!("# {}\n\n", without_markup(&submission.student));
    if !page.title.is_empty() {
        text.push_str(&format!("{}\n\n", without_markup(page.title)));
    }
    text.push_str(&format!("**{}**\n", phrases::verdict(submission)));
    for problem in &page.problems {
        text.push_str(&format!("\n> {}\n", without_markup(problem)));
    }
    for section in &page.sections {
        push(&mut text, section);
    }
    text
}

fn push(text: &mut String, section: &Section<'_>) {
    let tensor = section.report;
    text.push_str(&format!(
        "\n## {} `{}`\n\n{}\n",
        tensor.status.sign(),
        tensor.name,
        without_markup(&section.says)
    ));
    for (place, line) in section.lines.iter().enumerate() {
        text.push_str(&format!(
            "{}- {}\n",
            if place == 0 { "\n" } else { "" },
            without_markup(line)
        ));
    }
    if let Some((grids, right)) = &section.right {
        grids.iter().for_each(|grid| push_grid(text, grid, right));
    }
    if let Some(remark) = section.remark() {
        text.push_str(&format!("\n{}\n", without_markup(&remark)));
    }
    for step in &section.steps {
        text.push_str(&format!(
            "\n{}",
            words::markdown(&step.backprop, step.element, &step.notes)
        ));
    }
}

/// The right gradients as a table.
fn push_grid(text: &mut String, grid: &Grid, right: &[f64]) {
    let columns: String = (0..grid.n_columns)
        .map(|column| format!(" {column} |"))
        .collect();
    text.push_str(&format!(
        "\n| gradient of `{}` |{columns}\n| --- |{}\n",
        grid.caption,
        " ---: |".repeat(grid.n_columns)
    ));
    for (row, places) in grid.rows().enumerate() {
        let numbers: String = places
            .map(|at| format!(" {} |", rounded(right[at], DIGITS)))
            .collect();
        text.push_str(&format!("| {row} |{numbers}\n"));
    }
}
