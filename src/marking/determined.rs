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

/// Returns the first wrong parameter on the way back, where the other one of its layer is right, or
/// the layer's input, and could not be if another gradient than the true one had arrived.
pub(super) fn own_mistake(marking: &Marking) -> Option<Remark> {
    let truth = marking.truth();
    let network = truth.network();
    let status = |id: TensorId| Some(marking.tensor(id)?.status());
    let is_right = |id: &TensorId| status(*id) == Some(Status::Correct);
    let mut steps = truth.steps().tensors().iter().copied();
    let wrong = steps.find(|&id| status(id) == Some(Status::Wrong))?;
    let Kind::Parameter(number) = network.tensor(wrong).kind else {
        return None;
    };
    let layer = &network.layers()[number];
    if !network.is_own_parameter(wrong) || status(layer.output).is_some() {
        return None;
    }
    let parameters = [layer.weight, layer.bias].into_iter().flatten();
    let says = parameters
        .filter(|&id| id != wrong && network.is_own_parameter(id) && determines(truth, layer, id));
    let hears = layer.inputs.iter().copied();
    let hears = hears.filter(|&id| hears_of_all(truth, layer, id));
    let right = says.chain(hears).find(is_right)?;
    let name = |id| network.tensor(id).name.clone();
    Some(Remark::OwnMistake {
        layer: name(layer.output),
        right: name(right),
        wrong: name(wrong),
    })
}

/// Whether a right gradient of a layer's only input can hardly come of a wrong one at the layer: it
/// has as many numbers at least, and each row of the weight, or filter, sends some of its own.
fn hears_of_all(truth: &Backprop, layer: &Layer, input: TensorId) -> bool {
    let network = truth.network();
    let numel = |id| network.tensor(id).shape.numel();
    let kind = layer.op.kind();
    let reads_rows = kind.weighs_windows() || (kind.is_weighted_sum() && !kind.is_convolution());
    let (Some(weight), &[only]) = (layer.weight, &layer.inputs[..]) else {
        return false;
    };
    let weight = truth.tape().value(weight);
    let n_rows = match weight.shape().rank() > layer.spatial_axes() {
        true => weight.shape()[0],
        false => 1,
    };
    let mut rows = weight.data().chunks(weight.shape().numel() / n_rows);
    reads_rows
        && only == input
        && network.consumers(input).len() == 1
        && numel(input) >= numel(layer.output)
        && rows.all(|row| row.iter().any(|&number| number != 0.0))
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
