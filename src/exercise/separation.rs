//! Which slips the numbers of an exercise cannot tell apart.

use std::collections::BTreeSet;

use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::marking::{Bounds, Choice, Hypothesis, Tolerance, conceivable, gradients, numbers};
use crate::tensor::{Element, TensorId};

/// So many neurons are looked at before all of a tensor.
const A_FEW: usize = 2;

/// The places of a tensor that are asked for, where not all are.
type Part<'a> = Option<&'a BTreeSet<usize>>;

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

/// Returns what the numbers of a tensor, or of a part of it, cannot tell apart by more than the
/// tolerance of marking: of the single slips, in all of their forms. Two forms of one slip have the
/// same name and need not be told apart.
///
/// # Errors
/// It was given up.
pub(super) fn blurs(
    backprop: &Backprop,
    tensor: TensorId,
    part: Part<'_>,
    cancel: &Cancel,
) -> Result<Vec<Blur>, Cancelled> {
    let slips = conceivable(backprop, tensor);
    blurs_of(&slips, backprop, tensor, part, cancel)
}

/// Does the same for some slips alone.
pub(super) fn blurs_of(
    slips: &[Hypothesis],
    backprop: &Backprop,
    tensor: TensorId,
    part: Part<'_>,
    cancel: &Cancel,
) -> Result<Vec<Blur>, Cancelled> {
    let right = backprop.gradient(tensor).data();
    let largest = right
        .iter()
        .fold(0.0, |largest: f64, x| largest.max(x.abs()));
    let bounds = Tolerance::default().at(largest);
    let hypotheses = alike_in_a_few(slips, backprop, tensor, part, bounds);
    let is_same = |one: &[f64], other: &[f64]| {
        let mut alike = alike(one, other, bounds).enumerate();
        alike.all(|(at, is_alike)| is_alike || !is_in(part, at))
    };
    let wrong: Vec<(Choice, Vec<f64>)> = hypotheses
        .iter()
        .zip(gradients(backprop, tensor, &hypotheses, cancel)?)
        .filter_map(|(hypothesis, numbers)| Some((*hypothesis.choices().first()?, numbers?)))
        .collect();
    let mut blurs = Vec::new();
    let mut seen: Vec<&(Choice, Vec<f64>)> = Vec::new();
    for slip in &wrong {
        if is_same(&slip.1, right) {
            blurs.push(Blur {
                tensor,
                one: slip.0,
                other: None,
            });
            continue;
        }
        let alike = seen
            .iter()
            .filter(|other| other.0.slip != slip.0.slip && is_same(&other.1, &slip.1));
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
    part: Part<'_>,
    bounds: Bounds,
) -> Vec<Hypothesis> {
    let right = backprop.gradient(tensor).data();
    let telling = (0..right.len()).filter(|&at| right[at] != 0.0 && is_in(part, at));
    let few: Vec<usize> = telling.take(A_FEW).collect();
    let right: Vec<f64> = few.iter().map(|&at| right[at]).collect();
    let mut given = vec![Vec::with_capacity(A_FEW); slips.len()];
    for at in few {
        let numbers = numbers(backprop, Element { tensor, at }, slips);
        let both = given.iter_mut().zip(numbers);
        both.for_each(|(given, number)| given.push(number.value));
    }
    let is_same = |one: &[f64], other: &[f64]| alike(one, other, bounds).all(|is_alike| is_alike);
    let is_alike = |(number, slip): (usize, &Hypothesis)| {
        let own = &given[number];
        let is_like = |(other, theirs): (&Hypothesis, &Vec<f64>)| {
            is_same(own, theirs) && !other.ids().eq(slip.ids())
        };
        let is_alike = is_same(own, &right) || slips.iter().zip(&given).any(is_like);
        is_alike.then(|| slip.clone())
    };
    slips.iter().enumerate().filter_map(is_alike).collect()
}

fn is_in(part: Part<'_>, at: usize) -> bool {
    part.is_none_or(|places| places.contains(&at))
}

/// By place: whether numbers are so near each other that marking takes one for the other.
fn alike(one: &[f64], other: &[f64], bounds: Bounds) -> impl Iterator<Item = bool> {
    let both = one.iter().zip(other);
    both.map(move |(&a, &b)| bounds.is_right(a, b) || bounds.is_right(b, a))
}
