//! How the loss, the gradients and single numbers go over the updates, drawn with bars of text.

use super::chart::{Chart, Floor};
use super::plot::{Axis, Plot, Plotted};
use super::{CommandError, Line, Session, Sheet, TextRole};
use crate::backprop::Backprop;
use crate::tape::Kind;
use crate::training::Training;

/// The rows of a plot.
const ROWS: usize = 8;
/// The rows of the plot of a gradient's size.
const FEW_ROWS: usize = 3;
/// The most gradients that are plotted.
const MOST: usize = 6;
/// How many times as large as the smallest the largest loss is from which on its logarithm is
/// plotted: three decades.
const WIDE: f64 = 1e3;

/// Numbers, each with its update.
type Numbered = Vec<(usize, f64)>;

/// Shows how numbers go, as far as updates have been run.
///
/// # Errors
/// The scenario is not trained; it was given up.
pub(super) fn sheet(session: &Session, plot: Plot) -> Result<Sheet, CommandError> {
    let training = session.expect_trained()?;
    let lines = match plot.of {
        None => course(session, training, plot.axis),
        Some(of) => numbers(session, training, of, plot.axis)?,
    };
    let n_run = training.curve().losses().len();
    let is_new = n_run <= 1 && training.n_updates() > 1;
    let rest = is_new.then(|| {
        let last = training.n_updates();
        format!("Only updates that have been run are plotted: `update {last}` runs all.")
    });
    let blank = rest.is_some().then(Line::default);
    let rest = blank.into_iter().chain(rest.map(Line::from));
    let says = session.says_update().unwrap_or_default();
    Ok(Sheet::text(
        says,
        lines.into_iter().chain(rest).collect::<Vec<_>>(),
    ))
}

/// Plots the loss, that before an edit, and the sizes of the gradients.
fn course(session: &Session, training: &Training, axis: Option<Axis>) -> Vec<Line> {
    let curve = training.curve();
    let numbered = |losses: &[f64]| -> Numbered { (1..).zip(losses.iter().copied()).collect() };
    // Before any update is made, the first loss is known all the same.
    let losses = match curve.losses() {
        [] => vec![(session.backprop.update(), session.loss())],
        known => numbered(known),
    };
    let is_other = |before: &&[f64]| !is_alike(before, curve.losses());
    let before = session.losses_before().filter(is_other).map(numbered);
    let both: Vec<f64> = losses
        .iter()
        .chain(before.iter().flatten())
        .map(|one| one.1)
        .collect();
    let axis_of_loss = axis.unwrap_or_else(|| suited(&both));
    let mut lines = Vec::new();
    push(&mut lines, "loss", &losses, axis_of_loss, ROWS, Floor::Zero);
    if let Some(before) = before {
        let title = "loss before the change";
        push(&mut lines, title, &before, axis_of_loss, ROWS, Floor::Zero);
    }
    for (place, &parameter) in training.parameters().iter().enumerate().take(MOST) {
        let points = curve.points().iter();
        let norms: Numbered = points.map(|it| (it.update, it.norms[place])).collect();
        let name = &session.network().tensor(parameter).name;
        let title = format!("size of the gradient of {name}");
        let axis = axis.unwrap_or(Axis::Linear);
        push(&mut lines, &title, &norms, axis, FEW_ROWS, Floor::Zero);
    }
    lines
}

/// Plots what a number and its gradient are at each update, or the size of a tensor's gradient.
fn numbers(
    session: &Session,
    training: &Training,
    of: Plotted,
    axis: Option<Axis>,
) -> Result<Vec<Line>, CommandError> {
    let mut training = training.clone();
    let n_updates = training.curve().losses().len().max(1);
    let runs = Chart::updates(n_updates).into_iter().map(|update| {
        let run = training.at(update, &session.cancel)?;
        Ok((update, run))
    });
    let network = session.network();
    let axis = axis.unwrap_or(Axis::Linear);
    let mut lines = Vec::new();
    match of {
        Plotted::Tensor(tensor) => {
            let norm = |run: &Backprop| {
                let squares = run.gradient(tensor).data().iter().map(|one| one * one);
                squares.sum::<f64>().sqrt()
            };
            let norms = runs.map(|run| run.map(|(update, run)| (update, norm(&run))));
            let norms = norms.collect::<Result<Numbered, CommandError>>()?;
            let name = &network.tensor(tensor).name;
            let title = match network.tensor(tensor).kind {
                Kind::Updated(_) => format!("size of {name}"),
                _ => format!("size of the gradient of {name}"),
            };
            push(&mut lines, &title, &norms, axis, ROWS, Floor::Zero);
        }
        Plotted::Element(element) => {
            let both = runs.map(|run| {
                let (update, run) = run?;
                let value = run.tape().element(element);
                Ok((update, value, run.element(element)))
            });
            let both = both.collect::<Result<Vec<(usize, f64, f64)>, CommandError>>()?;
            let values: Numbered = both.iter().map(|one| (one.0, one.1)).collect();
            let gradients: Numbered = both.iter().map(|one| (one.0, one.2)).collect();
            let name = network.address(element).to_string();
            if let Kind::Updated(_) = network.tensor(element.tensor).kind {
                push(&mut lines, &name, &gradients, axis, ROWS, Floor::Least);
                return Ok(lines);
            }
            push(&mut lines, &name, &values, axis, ROWS, Floor::Least);
            let title = format!("gradient of {name}");
            push(
                &mut lines,
                &title,
                &gradients,
                Axis::Linear,
                FEW_ROWS,
                Floor::Zero,
            );
        }
    }
    Ok(lines)
}

/// Adds a plot under its title, where there is something to plot.
fn push(
    lines: &mut Vec<Line>,
    title: &str,
    numbers: &Numbered,
    axis: Axis,
    n_rows: usize,
    floor: Floor,
) {
    if numbers.is_empty() {
        return;
    }
    if !lines.is_empty() {
        lines.push(Line::default());
    }
    let title = Line::default().then(title, TextRole::Strong);
    lines.push(match axis {
        Axis::Linear => title,
        Axis::Logarithmic => title.then(", on a logarithmic axis", TextRole::Quiet),
    });
    let floor = match axis {
        Axis::Linear => floor,
        Axis::Logarithmic => Floor::Logarithmic,
    };
    let chart = Chart {
        numbers,
        n_rows,
        floor,
    };
    lines.extend(chart.lines());
}

/// The axis on which a loss is read best.
fn suited(numbers: &[f64]) -> Axis {
    let positive = || {
        numbers
            .iter()
            .copied()
            .filter(|one| *one > 0.0 && one.is_finite())
    };
    let least = positive().fold(f64::INFINITY, f64::min);
    let most = positive().fold(0.0, f64::max);
    let has_sign = numbers.iter().any(|one| *one < 0.0);
    match most >= WIDE * least && !has_sign {
        true => Axis::Logarithmic,
        false => Axis::Linear,
    }
}

/// Whether two runs have the same losses, as far as both are known.
fn is_alike(one: &[f64], other: &[f64]) -> bool {
    let mut both = one.iter().zip(other);
    both.all(|(one, other)| one.to_bits() == other.to_bits())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_over_three_decades_has_a_logarithmic_axis() {
        assert_eq!(suited(&[4.0, 0.5, 0.004]), Axis::Logarithmic);
        assert_eq!(suited(&[4.0, 0.5, 0.005]), Axis::Linear);
        // 0 has no logarithm, and what falls below it none that is worth one.
        assert_eq!(suited(&[4.0, 0.0]), Axis::Linear);
        assert_eq!(suited(&[4.0, 0.0001, -1.0]), Axis::Linear);
        assert_eq!(suited(&[f64::NAN, f64::INFINITY, 1.0]), Axis::Linear);
        assert_eq!(suited(&[]), Axis::Linear);
    }
}
