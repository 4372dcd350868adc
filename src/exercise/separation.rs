//! Which slips the numbers of an exercise cannot tell apart.

use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::marking::{Bounds, Choice, Hypothesis, Tolerance, conceivable, gradients, numbers};
use crate::tensor::{Element, TensorId};

/// So many neurons are looked at before all of a tensor.
const A_FEW: usize = 2;

/// A slip that gives the right numbers all through a tensor, or two that give the same wrong ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Blur {
    pub(super) tensor: TensorId,
    pub(super) one: Choice,
    /// The slip that comes to the same; nothing where the first comes to what is right.
    pub(super) other: Option<Choice>,
}

impl Blur {
    /// Whether this is a slip that cannot be seen, and the other one a pair with it: of a pair that
    /// is half seen nothing can be said.
    pub(super) fn hides(&self, other: &Self) -> bool {
        let pair = [Some(other.one), other.other];
        self.other.is_none()
            && self.tensor == other.tensor
            && other.other.is_some()
            && pair.contains(&Some(self.one))
    }
}

/// Returns what the numbers of a tensor cannot tell apart by more than the tolerance of marking: of
/// the single slips, in all of their forms. Two forms of one slip have the same name and need not
/// be told apart.
///
/// # Errors
/// It was given up.
pub(super) fn blurs(
    backprop: &Backprop,
    tensor: TensorId,
    cancel: &Cancel,
) -> Result<Vec<Blur>, Cancelled> {
    blurs_of(&conceivable(backprop, tensor), backprop, tensor, cancel)
}

/// Does the same for some slips alone.
pub(super) fn blurs_of(
    slips: &[Hypothesis],
    backprop: &Backprop,
    tensor: TensorId,
    cancel: &Cancel,
) -> Result<Vec<Blur>, Cancelled> {
    let right = backprop.gradient(tensor).data();
    let largest = right
        .iter()
        .fold(0.0, |largest: f64, x| largest.max(x.abs()));
    let bounds = Tolerance::default().at(largest);
    let hypotheses = alike_in_a_few(slips, backprop, tensor, bounds);
    let wrong: Vec<(Choice, Vec<f64>)> = hypotheses
        .iter()
        .zip(gradients(backprop, tensor, &hypotheses, cancel)?)
        .filter_map(|(hypothesis, numbers)| Some((*hypothesis.choices().first()?, numbers?)))
        .collect();
    let mut blurs = Vec::new();
    let mut seen: Vec<&(Choice, Vec<f64>)> = Vec::new();
    for slip in &wrong {
        if is_same(&slip.1, right, bounds) {
            blurs.push(Blur {
                tensor,
                one: slip.0,
                other: None,
            });
            continue;
        }
        let alike = seen
            .iter()
            .filter(|other| other.0.slip != slip.0.slip && is_same(&other.1, &slip.1, bounds));
        blurs.extend(alike.map(|other| Blur {
            tensor,
            one: other.0,
            other: Some(slip.0),
        }));
        seen.push(slip);
    }
    Ok(blurs)
}

/// The slips that a few neurons do not tell from what is right and from all others: of most, the
/// rest of the tensor need not be worked out.
fn alike_in_a_few(
    slips: &[Hypothesis],
    backprop: &Backprop,
    tensor: TensorId,
    bounds: Bounds,
) -> Vec<Hypothesis> {
    let right = backprop.gradient(tensor).data();
    let telling = (0..right.len()).filter(|&at| right[at] != 0.0);
    let few: Vec<usize> = telling.take(A_FEW).collect();
    let right: Vec<f64> = few.iter().map(|&at| right[at]).collect();
    let mut given = vec![Vec::with_capacity(A_FEW); slips.len()];
    for at in few {
        let numbers = numbers(backprop, Element { tensor, at }, slips);
        let both = given.iter_mut().zip(numbers);
        both.for_each(|(given, number)| given.push(number.value));
    }
    let is_alike = |(number, slip): (usize, &Hypothesis)| {
        let own = &given[number];
        let is_like = |(other, theirs): (&Hypothesis, &Vec<f64>)| {
            is_same(own, theirs, bounds) && !other.ids().eq(slip.ids())
        };
        let is_alike = is_same(own, &right, bounds) || slips.iter().zip(&given).any(is_like);
        is_alike.then(|| slip.clone())
    };
    slips.iter().enumerate().filter_map(is_alike).collect()
}

/// Whether numbers are everywhere so near each other that marking takes one for the other.
fn is_same(one: &[f64], other: &[f64], bounds: Bounds) -> bool {
    one.iter()
        .zip(other)
        .all(|(&a, &b)| bounds.is_right(a, b) || bounds.is_right(b, a))
}
