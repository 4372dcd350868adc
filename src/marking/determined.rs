//! Where one parameter's gradient says of its layer which gradient has arrived there, so that a
//! mistake in the other's is that one's own.

use super::comparison::Marking;
use super::marks::Status;
use super::remark::Remark;
use crate::backprop::Backprop;
use crate::tape::{Kind, Layer};
use crate::tensor::TensorId;

/// More rows than this are not looked at.
const MOST_ROWS: usize = 64;
/// Rows that are as near to a combination of others determine nothing within the tolerances.
const INDEPENDENT: f64 = 0.01;

/// Returns the first wrong parameter on the way back, where the other one of its layer is right and
/// could not be if another gradient than the true one had arrived.
pub(super) fn own_mistake(marking: &Marking) -> Option<Remark> {
    let truth = marking.truth();
    let network = truth.network();
    let status = |id: TensorId| Some(marking.tensor(id)?.status());
    let mut steps = truth.steps().tensors().iter().copied();
    let wrong = steps.find(|&id| status(id) == Some(Status::Wrong))?;
    let Kind::Parameter(number) = network.tensor(wrong).kind else {
        return None;
    };
    let layer = &network.layers()[number];
    let other = [layer.weight, layer.bias]
        .into_iter()
        .flatten()
        .find(|&id| id != wrong)?;
    let is_own = |id| network.is_own_parameter(id);
    let says = is_own(wrong)
        && is_own(other)
        && status(other) == Some(Status::Correct)
        && status(layer.output).is_none()
        && determines(truth, layer, other);
    let name = |id| network.tensor(id).name.clone();
    says.then(|| Remark::OwnMistake {
        layer: name(layer.output),
        right: name(other),
        wrong: name(wrong),
    })
}

/// Whether the gradient of a parameter determines the one that arrives at its layer. Of a linear
/// layer the bias's is that gradient, summed over the rows; the weight's is a combination of the
/// rows of the input, in which each row of the gradient has a part of its own where these rows are
/// independent.
fn determines(truth: &Backprop, layer: &Layer, parameter: TensorId) -> bool {
    let kind = layer.op.kind();
    let is_linear = kind.is_weighted_sum() && !kind.is_convolution();
    let [input] = &layer.inputs[..] else {
        return false;
    };
    if !is_linear {
        return false;
    }
    let input = truth.tape().value(*input);
    let n_in = input.shape().last().copied().unwrap_or(1);
    let rows: Vec<Vec<f64>> = input.data().chunks(n_in).map(<[f64]>::to_vec).collect();
    if Some(parameter) == layer.bias {
        rows.len() == 1
    } else {
        rows.len() <= MOST_ROWS && are_independent(rows)
    }
}

/// Whether no row is nearly a combination of the others, by elimination.
fn are_independent(mut rows: Vec<Vec<f64>>) -> bool {
    let largest = |row: &[f64]| row.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
    let scale = rows.iter().map(|row| largest(row)).fold(0.0, f64::max);
    for n_done in 0..rows.len() {
        let (done, rest) = rows.split_at_mut(n_done + 1);
        let row = &done[n_done];
        let size = largest(row);
        if size <= INDEPENDENT * scale {
            return false;
        }
        let pivot = row.iter().position(|x| x.abs() == size).unwrap_or(0);
        for other in rest {
            let factor = other[pivot] / row[pivot];
            other
                .iter_mut()
                .zip(row)
                .for_each(|(other, x)| *other -= factor * x);
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::are_independent;

    #[test]
    fn rows_are_independent_where_none_is_a_combination_of_others() {
        let are = |rows: &[&[f64]]| are_independent(rows.iter().map(|row| row.to_vec()).collect());
        assert!(are(&[&[1.0, 2.0, 3.0]]));
        assert!(are(&[&[0.0, 1.0], &[1.0, 0.0]]));
        assert!(!are(&[&[0.0, 0.0]]));
        assert!(!are(&[&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.001]]));
        assert!(!are(&[&[1.0, 0.0], &[0.0, 1.0], &[3.0, 5.0]]));
    }
}
