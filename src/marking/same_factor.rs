//! Gradients that are all off by one and the same factor: what was done to them was done to all,
//! and no layer is to blame.

use super::comparison::Marking;
use super::marks::{Marks, Status};
use super::remark::Remark;
use crate::tape::Kind;
use crate::tensor::TensorId;

/// Says by which factor all gradients of the parameters are off, where those of two or more are.
/// Those of layers that are there are right: where they are off too, the first of them tells more.
pub(super) fn same_factor(marking: &Marking) -> Option<Remark> {
    let network = marking.truth().network();
    let is_parameter = |id: TensorId| matches!(network.tensor(id).kind, Kind::Parameter(_));
    let makes_steps = |id: &TensorId| marking.truth().contributors(*id).next().is_some();
    // Zeros are zeros by any factor.
    let shows = |id: &TensorId| {
        marking
            .truth()
            .gradient(*id)
            .data()
            .iter()
            .any(|&it| it != 0.0)
    };
    let known = marking.tensors().filter(|id| makes_steps(id) && shows(id));
    let (parameters, others): (Vec<_>, Vec<_>) = known.partition(|&id| is_parameter(id));
    let &[first, _, ..] = &parameters[..] else {
        return None;
    };
    let factor = factor(marking, first)?;
    let is_off = |&id: &TensorId| is_off_by(marking, id, factor);
    let is_right = |&id: &TensorId| marking.status(id) == Some(Status::Correct);
    let are_others_right = !others.is_empty() && others.iter().all(is_right);
    let is_input = |&id: &TensorId| matches!(network.tensor(id).kind, Kind::Input);
    let are_others_off = others.iter().all(|id| is_input(id) && is_off(id));
    let fits = parameters.iter().all(is_off) && (are_others_right || are_others_off);
    fits.then_some(Remark::SameFactor {
        factor,
        of_parameters: are_others_right,
    })
}

/// The factor between the clearest of a tensor's numbers and the right one.
pub(super) fn factor(marking: &Marking, tensor: TensorId) -> Option<f64> {
    let right = marking.truth().gradient(tensor).data();
    let size = |at: &usize| right[*at].abs();
    let largest = (0..right.len()).max_by(|a, b| size(a).total_cmp(&size(b)))?;
    let theirs = marking.tensor(tensor)?.numbers.get(largest)?;
    Some(theirs / right[largest]).filter(|factor| factor.is_finite())
}

/// Whether something is wrong in a tensor, and all its numbers are so many times the right ones.
fn is_off_by(marking: &Marking, tensor: TensorId, factor: f64) -> bool {
    let right = marking.truth().gradient(tensor).data();
    let is_off = |marks: &Marks| {
        let bounds = marks.bounds.times(factor.abs());
        let mut both = marks.numbers.iter().zip(right);
        !matches!(marks.status(), Status::Correct | Status::Blank)
            && both.all(|(theirs, right)| {
                theirs.is_some_and(|theirs| bounds.is_right(theirs, factor * right))
            })
    };
    marking.tensor(tensor).is_some_and(is_off)
}
