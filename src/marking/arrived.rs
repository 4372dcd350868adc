//! Which gradient has arrived at a layer, worked out from that of its weight.
//!
//! The gradient of a weight is a sum over the places at which the weight is used: what arrives
//! there times what the weight meets there. The weights of one output are equations in the
//! gradients that arrive at it, one for each row of a linear layer's input and for each place of a
//! convolution's map. A linear layer has mostly more inputs than rows. A convolution has more
//! weights than places only where its maps are small, as those of the last layers are; elsewhere
//! nothing is found.

use super::comparison::Marking;
use super::marks::Status;
use super::tolerance::Origin;
use crate::tape::Layer;
use crate::tensor::{Shape, Tensor, TensorId};

/// More unknowns than this are not looked for.
const MOST_UNKNOWN: usize = 64;
/// A row that is as near to a combination of others determines nothing within the tolerances.
const INDEPENDENT: f64 = 0.01;
/// What is left over of a weight's gradient, as a part of it, where single precision is all that is
/// between it and a gradient that arrives.
const ROUNDING: f64 = 1e-4;
/// What is left over at least where no gradient gives it.
const LEFT_OVER: f64 = 1e-2;

/// What a weight's gradient tells of the one that has arrived at its layer.
pub(super) enum Arrived {
    /// It was this one.
    Gradient(Tensor),
    /// There is none that gives it.
    Nothing,
}

/// Returns what a layer's weight tells, where its gradient is wrong and the equations determine
/// what has arrived.
pub(super) fn arrived(marking: &Marking, layer: &Layer) -> Option<Arrived> {
    let weight = layer.weight?;
    let marks = marking.tensor(weight)?;
    let theirs: Vec<f64> = marks.numbers.iter().collect::<Option<_>>()?;
    let is_told = marks.status() == Status::Wrong && marking.origin() == Origin::Arrays;
    let system = System::of(marking, layer, weight).filter(|_| is_told)?;
    let shape = marking.truth().gradient(layer.output).shape().clone();
    let mut gradient = Tensor::filled(shape, 0.0);
    let (mut left, mut whole) = (0.0, 0.0);
    for (output, theirs) in theirs.chunks(system.n_equations).enumerate() {
        let (arrived, residual) = system.basis.solved(theirs);
        left += residual;
        whole += dot(theirs, theirs);
        for (place, number) in system.places.iter().zip(arrived) {
            gradient.data_mut()[place + output * system.stride] = number;
        }
    }
    match (left / whole).sqrt() {
        part if part <= ROUNDING => Some(Arrived::Gradient(gradient)),
        part if part >= LEFT_OVER => Some(Arrived::Nothing),
        _ => None,
    }
}

/// The equations of one output of a layer. They are the same for all outputs.
struct System {
    n_equations: usize,
    /// The places of the unknowns of the first output, and how far apart the outputs are.
    places: Vec<usize>,
    stride: usize,
    /// What the unknowns are multiplied by, a column each.
    basis: Basis,
}

impl System {
    /// The system of a layer whose outputs all look at the same inputs; nothing where it does not
    /// determine its unknowns with equations to spare.
    fn of(marking: &Marking, layer: &Layer, weight: TensorId) -> Option<Self> {
        let (truth, network) = (marking.truth(), marking.truth().network());
        let shape = &network.tensor(weight).shape;
        let output = &network.tensor(layer.output).shape;
        let axis = axis_of_outputs(layer, shape, &network.tensor(layer.inputs[0]).shape, output)?;
        let (n_outer, n_outputs, stride) = output.around(axis);
        let (n_equations, n_unknown) = (shape.numel() / n_outputs, n_outer * stride);
        if !network.is_own_parameter(weight) || n_unknown > MOST_UNKNOWN.min(n_equations - 1) {
            return None;
        }
        let place = |unknown: usize| unknown / stride * n_outputs * stride + unknown % stride;
        let unknown = |place: usize| place / (n_outputs * stride) * stride + place % stride;
        let mut columns = vec![vec![0.0; n_equations]; n_unknown];
        let contributor = truth.contributors(weight).next()?;
        (0..n_equations).for_each(|equation| {
            contributor.terms(equation, &mut |_, term| {
                columns[unknown(term.from.at)][equation] = term.local();
            });
        });
        Some(Self {
            n_equations,
            places: (0..n_unknown).map(place).collect(),
            stride,
            basis: Basis::of(columns)?,
        })
    }
}

/// The axis of a layer's output along which its outputs stand that have a weight each.
fn axis_of_outputs(layer: &Layer, weight: &Shape, input: &Shape, output: &Shape) -> Option<usize> {
    let kind = layer.op.kind();
    let is_linear = kind.is_weighted_sum() && !kind.is_convolution();
    let n_spatial = if is_linear { 0 } else { layer.spatial_axes() };
    let axis = output.rank().checked_sub(n_spatial + 1)?;
    // Groups of channels have equations of their own.
    let looks_at_all = is_linear || kind.weighs_windows() && weight.get(1) == input.get(axis);
    let has_outputs = weight.rank() == n_spatial + 2 && layer.op.activation().is_none();
    (looks_at_all && has_outputs).then_some(axis)
}

/// Columns that are orthonormal, and how others are made of them.
struct Basis {
    columns: Vec<Vec<f64>>,
    made_of: Vec<Vec<f64>>,
}

impl Basis {
    /// Makes columns orthonormal, one after the other; returns nothing where one is nearly made of
    /// those before it.
    fn of(mut columns: Vec<Vec<f64>>) -> Option<Self> {
        let size = |column: &[f64]| dot(column, column).sqrt();
        let sizes = columns.iter().map(|column| size(column));
        let largest = sizes.fold(0.0, f64::max);
        let mut made_of = Vec::new();
        for at in 0..columns.len() {
            let (done, rest) = columns.split_at_mut(at);
            let column = &mut rest[0];
            let mut parts = Vec::with_capacity(at + 1);
            for other in done.iter() {
                let part = dot(other, column);
                subtract(column, other, part);
                parts.push(part);
            }
            let own = size(column);
            // Written so that NaN determines nothing either.
            if !(own > INDEPENDENT * largest && own.is_finite()) {
                return None;
            }
            column.iter_mut().for_each(|x| *x /= own);
            parts.push(own);
            made_of.push(parts);
        }
        Some(Self { columns, made_of })
    }

    /// How much of each of the others comes nearest to these sums, and the square of what is left
    /// over.
    fn solved(&self, sums: &[f64]) -> (Vec<f64>, f64) {
        let mut left = sums.to_vec();
        let mut parts = vec![0.0; self.columns.len()];
        for (part, column) in parts.iter_mut().zip(&self.columns) {
            *part = dot(column, &left);
            subtract(&mut left, column, *part);
        }
        for at in (0..parts.len()).rev() {
            let later = self.made_of.iter().zip(&parts).skip(at + 1);
            let known: f64 = later.map(|(made_of, part)| made_of[at] * part).sum();
            parts[at] = (parts[at] - known) / self.made_of[at][at];
        }
        (parts, dot(&left, &left))
    }
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

fn subtract(from: &mut [f64], column: &[f64], times: f64) {
    from.iter_mut()
        .zip(column)
        .for_each(|(from, x)| *from -= times * x);
}

#[cfg(test)]
mod tests {
    use super::Basis;

    fn basis(columns: &[&[f64]]) -> Option<Basis> {
        Basis::of(columns.iter().map(|column| column.to_vec()).collect())
    }

    #[test]
    fn what_arrived_is_found_from_sums_of_it_with_what_they_leave_over() {
        let basis = basis(&[&[1.0, 2.0, 2.0], &[3.0, 0.0, 1.0]]).unwrap();
        let (found, left) = basis.solved(&[1.0 * 5.0 + 3.0 * 7.0, 10.0, 10.0 + 7.0]);
        assert!((found[0] - 5.0).abs() < 1e-12 && (found[1] - 7.0).abs() < 1e-12);
        assert!(left < 1e-20);
        // (2, 5, −6) is at right angles to both columns.
        let (found, left) = basis.solved(&[2.0, 5.0, -6.0]);
        assert!(found.iter().all(|number| number.abs() < 1e-12));
        assert!((left - 65.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_nearly_a_combination_of_others_determines_nothing() {
        assert!(basis(&[&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.01]]).is_none());
        assert!(basis(&[&[0.0, 0.0]]).is_none());
    }
}
