//! Numbers over the updates as a chart of bars, with its axes, and as a single row of bars.

use super::{Line, TextRole};
use crate::tensor::rounded;

/// The most columns of a chart, so many that it has room on the smallest screen.
const COLUMNS: usize = 44;
/// The room for the numbers of the axis.
const AXIS: usize = 9;
/// How many significant digits the axis has.
const DIGITS: usize = 4;
/// Bars, the higher the more: eighths of a row.
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Numbers over the updates that they belong to.
pub(super) struct Chart<'a> {
    /// Each with its update, in their order.
    pub(super) numbers: &'a [(usize, f64)],
    pub(super) n_rows: usize,
    pub(super) floor: Floor,
}

/// Where the bars of a chart begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Floor {
    /// At 0, or at the least number where that is below it; 0 is always in view.
    Zero,
    /// At the least number.
    Least,
    /// At the least positive number, and up from there by ratios.
    Logarithmic,
}

impl Chart<'_> {
    /// The updates of which a chart has room for a column, of so many: of each column the last.
    pub(super) fn updates(n_updates: usize) -> Vec<usize> {
        let n = n_updates.min(COLUMNS);
        (1..=n).map(|column| column * n_updates / n).collect()
    }

    /// The rows, the axis below them, and the first and the last update. Each column is the last
    /// number of its part of the updates; one that is not finite is a cross at the top, and what
    /// has no logarithm a dot at the bottom.
    pub(super) fn lines(&self) -> Vec<Line> {
        let numbers = self.numbers;
        let has_place = |number: &f64| {
            number.is_finite() && (self.floor != Floor::Logarithmic || *number > 0.0)
        };
        let placed = || numbers.iter().map(|of| of.1).filter(has_place);
        let most = placed().fold(f64::NEG_INFINITY, f64::max);
        let least = placed().fold(f64::INFINITY, f64::min);
        let (least, most) = match self.floor {
            Floor::Zero => (least.min(0.0), most.max(0.0)),
            Floor::Least | Floor::Logarithmic => (least, most),
        };
        let columns: Vec<f64> = columns(numbers);
        let share = |number: f64| match self.floor {
            Floor::Logarithmic => libm::log(number / least) / libm::log(most / least),
            Floor::Zero | Floor::Least => (number - least) / (most - least),
        };
        let height = |number: f64| {
            let share = if most > least { share(number) } else { 0.0 };
            // The least is still seen.
            ((share * (8 * self.n_rows) as f64).round() as usize).max(1)
        };
        let mut lines = Vec::with_capacity(self.n_rows + 2);
        for row in 0..self.n_rows {
            let is_last = row + 1 == self.n_rows;
            let label = match row {
                0 if most.is_finite() => rounded(most, DIGITS),
                _ if is_last && least.is_finite() => rounded(least, DIGITS),
                _ => String::new(),
            };
            let floor = 8 * (self.n_rows - 1 - row);
            let bar = |&number: &f64| match number {
                _ if has_place(&number) => BARS[height(number).saturating_sub(floor).min(8)],
                _ if !number.is_finite() && row == 0 => '×',
                _ if number.is_finite() && is_last => '·',
                _ => ' ',
            };
            let bars: String = columns.iter().map(bar).collect();
            lines.push(cells(format!("{label:>AXIS$} │{bars}")));
        }
        let width = columns.len();
        lines.push(cells(format!("{:>AXIS$} └{}", "", "─".repeat(width))));
        let (first, last) = (
            numbers.first().map_or(1, |of| of.0).to_string(),
            numbers.last().map_or(1, |of| of.0).to_string(),
        );
        if numbers.len() < 2 {
            lines.push(cells(format!("{:>AXIS$}  {first}", "update")));
            return lines;
        }
        let gap = width.saturating_sub(first.len()).max(last.len() + 1);
        lines.push(cells(format!("{:>AXIS$}  {first}{last:>gap$}", "update")));
        lines
    }
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

    fn drawn(numbers: &[f64], n_rows: usize, floor: Floor) -> Vec<String> {
        let numbers: Vec<(usize, f64)> = (1..).zip(numbers.iter().copied()).collect();
        let numbers = &numbers;
        let chart = Chart {
            numbers,
            n_rows,
            floor,
        };
        chart.lines().iter().map(Line::plain).collect()
    }

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
        assert_eq!(
            drawn(&[4.0, 2.0, 0.0], 2, Floor::Zero),
            [
                "        4 │█  ",
                "        0 │██▁",
                "          └───",
                "   update  1 3",
            ]
        );
    }

    #[test]
    fn equal_ratios_are_equal_steps_of_a_logarithmic_axis() {
        assert_eq!(
            drawn(&[100.0, 10.0, 1.0, 0.0, f64::NAN], 2, Floor::Logarithmic),
            [
                "      100 │█   ×",
                "        1 │██▁· ",
                "          └─────",
                "   update  1   5",
            ]
        );
        // Nothing has a logarithm, and nothing breaks.
        let none = drawn(&[0.0, -1.0], 2, Floor::Logarithmic);
        assert_eq!(none[1], "          │··");
        // One number alone is the least and the most.
        let one = drawn(&[7.0], 1, Floor::Logarithmic);
        assert_eq!((&*one[0], &*one[2]), ("        7 │▁", "   update  1"));
    }

    #[test]
    fn zero_is_in_view_of_what_is_below_it() {
        let drawn = drawn(&[-8.0, -4.0, -2.0], 2, Floor::Zero);
        assert_eq!(drawn[0], "        0 │  ▄");
        assert_eq!(drawn[1], "       −8 │▁██");
    }

    #[test]
    fn what_hardly_moves_is_seen_from_its_least_on() {
        let drawn = drawn(&[10.5, 10.25, 10.0], 1, Floor::Least);
        assert_eq!(drawn[0], "     10.5 │█▄▁");
    }

    #[test]
    fn many_updates_share_columns() {
        assert_eq!(Chart::updates(3), [1, 2, 3]);
        let many = Chart::updates(1000);
        assert_eq!((many.len(), many.last()), (COLUMNS, Some(&1000)));
        assert!(many.is_sorted() && many[0] > 1);
        assert!(Chart::updates(0).is_empty());
    }
}
