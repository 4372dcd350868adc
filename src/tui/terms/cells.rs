//! What stands in the cells of the terms.

use unicode_width::UnicodeWidthStr;

use super::precision::OfSum;
use crate::debugger::{Session, Shown};
use crate::tensor::rounded;
use crate::tui::numbers::Aligned;
use crate::words::{Row, table_names};

/// All that a term multiplies, in one text: `0.509×−0.0123×0.01`. What is still asked is hidden.
pub(super) fn joined(session: &Session, row: &Row, digits: usize) -> String {
    let factors = row.factors.iter().flatten();
    let factors = factors.map(|factor| match session.shown() >= Shown::Factors {
        true => rounded(factor.value, digits),
        false => "?".to_owned(),
    });
    let all = [rounded(row.upstream, digits)].into_iter().chain(factors);
    all.collect::<Vec<_>>().join("×")
}

/// What the numbers are that the terms begin with.
pub(super) fn heading_of_upstream(session: &Session) -> &'static str {
    let element = session.element();
    element.map_or("upstream", |of| table_names(session.backprop(), of).0)
}

/// Writes the total of a sum, with a sign before it where what is shown does not quite add up to
/// it.
pub(super) fn total(of_sum: OfSum, total: f64) -> String {
    let text = of_sum.precision.write(total);
    if of_sum.holds {
        text
    } else {
        format!("≈{text}")
    }
}

/// A heading over a column of numbers, on its right.
pub(super) fn heading(name: &str, numbers: Aligned) -> String {
    let width = numbers.width();
    format!("{name:>width$}")
}

/// A number below a heading, on its right.
pub(super) fn cell(name: &str, numbers: Aligned, value: f64) -> String {
    let width = numbers.width().max(name.width());
    format!("{:>width$}", numbers.write(value))
}

/// A text below a heading, its last digit before the point where those of the numbers are.
pub(super) fn right(name: &str, numbers: Aligned, text: &str) -> String {
    let width = numbers.width().max(name.width());
    format!("{:>width$}", numbers.place(text))
}
