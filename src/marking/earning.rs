//! Which of somebody's own numbers others follow from, and whether these can earn marks.

use std::collections::BTreeMap;

use super::hypothesis::gradients;
use super::marks::Marks;
use super::search::{paired, singles};
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::tensor::{Tensor, TensorId};

/// Returns those of the answer's tensors that carry and are others than the true ones, with the
/// true gradients where a place was left blank.
///
/// A number that is off by less than a hundredth of what is still right is taken for the true one:
/// it was only printed with fewer digits.
pub(super) fn filled(
    backprop: &Backprop,
    all: &BTreeMap<TensorId, Marks>,
    carries: impl Fn(TensorId) -> bool,
) -> BTreeMap<TensorId, Tensor> {
    let fill = |(&tensor, marks): (&TensorId, &Marks)| {
        let (truth, printed) = (backprop.gradient(tensor), marks.bounds.of_printing());
        let other = |at: usize| {
            marks
                .numbers
                .get(at)
                .filter(|&number| !printed.is_right(number, truth.data()[at]))
        };
        let is_other = (0..marks.numbers.len()).any(|at| other(at).is_some());
        let filled = || {
            Tensor::from_fn(truth.shape().clone(), |at| {
                other(at).unwrap_or(truth.data()[at])
            })
        };
        is_other.then(|| (tensor, filled()))
    };
    let carrying = all.iter().filter(|(tensor, _)| carries(**tensor));
    carrying.filter_map(fill).collect()
}

/// The largest tensor in which a number that stands everywhere may still follow from a method.
const MOST_FLAT: usize = 4096;

/// Whether what follows from these numbers can earn marks. It cannot where nothing is written, nor
/// where zeros or some other number stand everywhere though the true ones differ, unless it is a
/// number that a known slip gives: then there was a method to follow.
pub(super) fn earns_further_up(
    backprop: &Backprop,
    own: &Backprop,
    tensor: TensorId,
    marks: &Marks,
    cancel: &Cancel,
) -> Result<bool, Cancelled> {
    let truth = backprop.gradient(tensor).data();
    let written = || marks.numbers.iter().flatten();
    if written().all(|number| number == 0.0) {
        return Ok(written().next().is_some() && truth.iter().all(|&number| number == 0.0));
    }
    let is_flat =
        written().count() > 1 && is_constant(written()) && !is_constant(truth.iter().copied());
    if is_flat && truth.len() > MOST_FLAT {
        return Ok(false);
    }
    Ok(!is_flat || follows_a_known_hypothesis(own, tensor, marks, cancel)?)
}

fn follows_a_known_hypothesis(
    own: &Backprop,
    tensor: TensorId,
    marks: &Marks,
    cancel: &Cancel,
) -> Result<bool, Cancelled> {
    let mut hypotheses = singles(own, tensor, None, cancel)?;
    hypotheses.extend(paired(&hypotheses));
    let gives = |learnt: Vec<f64>| {
        let mut both = marks.numbers.iter().zip(learnt);
        both.all(|(theirs, learnt)| {
            theirs.is_none_or(|theirs| marks.bounds.is_right(theirs, learnt))
        })
    };
    let gradients = gradients(own, tensor, &hypotheses, cancel)?;
    Ok(gradients.into_iter().flatten().any(gives))
}

fn is_constant(mut numbers: impl Iterator<Item = f64>) -> bool {
    numbers
        .next()
        .is_none_or(|first| numbers.all(|number| number == first))
}
