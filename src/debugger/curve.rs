//! How the loss and the gradients go over the updates, drawn with bars of text.

use super::{CommandError, Line, Session, Sheet, TextRole};
use crate::tensor::rounded;

/// The rows and the columns of a plot.
const ROWS: usize = 8;
const COLUMNS: usize = 60;
/// The rows of the plot of a gradient's size.
const FEW_ROWS: usize = 3;
/// The most gradients that are plotted.
const MOST: usize = 6;
/// The room for the numbers of the axis.
const AXIS: usize = 9;
/// How many significant digits the axis has.
const DIGITS: usize = 4;
/// Bars, the higher the more: eighths of a row.
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Shows the loss and the sizes of the gradients, as far as updates have been run.
///
/// # Errors
/// The scenario is not trained.
pub(super) fn sheet(session: &Session) -> Result<Sheet, CommandError> {
    let training = session.expect_trained()?;
    let curve = training.curve();
    let numbered =
        |losses: &[f64]| -> Vec<(usize, f64)> { (1..).zip(losses.iter().copied()).collect() };
    let losses = numbered(curve.losses());
    let mut lines = vec![Line::default().then("loss", TextRole::Strong)];
    lines.extend(plot(&losses, ROWS));
    let is_other = |before: &&[f64]| !is_alike(before, curve.losses());
    if let Some(before) = session.losses_before().filter(is_other) {
        lines.push(Line::default());
        lines.push(Line::default().then("loss before the change", TextRole::Strong));
        lines.extend(plot(&numbered(before), ROWS));
    }
    let network = session.network();
    for (place, &parameter) in training.parameters().iter().enumerate().take(MOST) {
        let norms: Vec<(usize, f64)> = curve
            .points()
            .iter()
            .map(|point| (point.update, point.norms[place]))
            .collect();
        if norms.is_empty() {
            continue;
        }
        let name = &network.tensor(parameter).name;
        lines.push(Line::default());
        let title = format!("size of the gradient of {name}");
        lines.push(Line::default().then(title, TextRole::Strong));
        lines.extend(plot(&norms, FEW_ROWS));
    }
    let says = session.says_update().unwrap_or_default();
    Ok(Sheet::text(says, lines))
}

/// Whether two runs have the same losses, as far as both are known.
fn is_alike(one: &[f64], other: &[f64]) -> bool {
    let mut both = one.iter().zip(other);
    both.all(|(one, other)| one.to_bits() == other.to_bits())
}

/// Draws numbers over the updates that they belong to. Each column is the last number of its part
/// of the updates; a number that is not finite is a cross at the top.
fn plot(numbers: &[(usize, f64)], n_rows: usize) -> Vec<Line> {
    let finite = || numbers.iter().map(|of| of.1).filter(|one| one.is_finite());
    let most = finite().fold(f64::NEG_INFINITY, f64::max);
    let least = finite().fold(f64::INFINITY, f64::min).min(0.0);
    let columns = columns(numbers);
    let height = |number: f64| {
        let share = if most > least {
            (number - least) / (most - least)
        } else {
            0.0
        };
        // The least is still seen.
        ((share * (8 * n_rows) as f64).round() as usize).max(1)
    };
    let mut lines = Vec::with_capacity(n_rows + 2);
    for row in 0..n_rows {
        let label = match row {
            0 if most.is_finite() => rounded(most, DIGITS),
            row if row + 1 == n_rows && least.is_finite() => rounded(least, DIGITS),
            _ => String::new(),
        };
        let floor = 8 * (n_rows - 1 - row);
        let bars: String = columns
            .iter()
            .map(|&number| match number.is_finite() {
                true => BARS[height(number).saturating_sub(floor).min(8)],
                false if row == 0 => '×',
                false => ' ',
            })
            .collect();
        lines.push(cells(format!("{label:>AXIS$} │{bars}")));
    }
    let width = columns.len();
    lines.push(cells(format!("{:>AXIS$} └{}", "", "─".repeat(width))));
    let (first, last) = (
        numbers.first().map_or(1, |of| of.0).to_string(),
        numbers.last().map_or(1, |of| of.0).to_string(),
    );
    let gap = width.saturating_sub(first.len()).max(last.len() + 1);
    lines.push(cells(format!("{:>AXIS$}  {first}{last:>gap$}", "update")));
    lines
}

fn cells(text: String) -> Line {
    let widths = [text.chars().count()];
    Line::cells(&[text], &widths, TextRole::Plain)
}

/// The numbers of the columns, of which each stands for as many updates.
fn columns(numbers: &[(usize, f64)]) -> Vec<f64> {
    let n = numbers.len().min(COLUMNS);
    let last = |column: usize| numbers[(column + 1) * numbers.len() / n - 1].1;
    (0..n).map(last).collect()
}

/// Returns the losses as a row of bars, which is so wide at most.
pub fn sparkline(losses: &[f64], width: usize) -> String {
    let n = losses.len().min(width);
    let shown: Vec<f64> = (0..n)
        .map(|column| losses[(column + 1) * losses.len() / n - 1])
        .collect();
    let finite = || shown.iter().copied().filter(|one| one.is_finite());
    let most = finite().fold(f64::NEG_INFINITY, f64::max);
    let least = finite().fold(f64::INFINITY, f64::min);
    let bar = |&number: &f64| match number.is_finite() {
        false => '×',
        true if most > least => {
            BARS[1 + ((number - least) / (most - least) * 7.0).round() as usize]
        }
        true => BARS[1],
    };
    shown.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_falling_loss_is_a_falling_row_of_bars() {
        assert_eq!(sparkline(&[8.0, 4.0, 2.0, 1.0], 12), "█▄▂▁");
        assert_eq!(sparkline(&[8.0, 4.0, 2.0, 1.0], 2), "█▁");
        assert_eq!(sparkline(&[1.0, f64::NAN], 4), "▁×");
        assert_eq!(sparkline(&[], 4), "");
        assert_eq!(sparkline(&[1.0], 0), "");
    }

    #[test]
    fn a_plot_has_its_largest_at_the_top_and_its_updates_below() {
        let lines: Vec<String> = plot(&[(1, 4.0), (2, 2.0), (3, 0.0)], 2)
            .iter()
            .map(Line::plain)
            .collect();
        assert_eq!(
            lines,
            [
                "        4 │█  ",
                "        0 │██▁",
                "          └───",
                "   update  1 3",
            ]
        );
    }
}
