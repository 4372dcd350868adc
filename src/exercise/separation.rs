//! Which slips the numbers of an exercise cannot tell apart.

use std::collections::BTreeSet;

use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::marking::{
    Bounds, Choice, Hypothesis, Tolerance, bounds_of_step, conceivable, gradients, numbers,
};
use crate::tensor::{Element, TensorId};

/// So many neurons are looked at before all of a tensor.
const A_FEW: usize = 3;
/// Numbers that are farther apart, relative to the larger, are another to marking.
const FAR: f64 = 0.06;

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
    let tolerance = Tolerance::default();
    let of_step = bounds_of_step(backprop, tensor, tolerance);
    let bounds = of_step.unwrap_or_else(|| tolerance.at(largest));
    let hypotheses = alike_in_a_few(slips, backprop, tensor, part, bounds);
    let is_same = |one: &[f64], other: &[f64]| {
        let mut both = one.iter().zip(other).enumerate();
        both.all(|(at, (&a, &b))| is_alike(a, b, bounds) || !is_in(part, at))
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
    let mut left = slips.to_vec();
    for at in telling.take(A_FEW) {
        let numbers = numbers(backprop, Element { tensor, at }, &left);
        let given: Vec<f64> = numbers.iter().map(|number| number.value).collect();
        let mut is_alike = alike_there(&left, &given, right[at], bounds).into_iter();
        left.retain(|_| is_alike.next().unwrap_or(true));
    }
    left
}

/// By slip: whether its number at a neuron is as good as the right one, or that of another slip. In
/// order of size only neighbours need to be looked at.
fn alike_there(slips: &[Hypothesis], given: &[f64], right: f64, bounds: Bounds) -> Vec<bool> {
    let mut found: Vec<bool> = given
        .iter()
        .map(|&own| is_alike(own, right, bounds))
        .collect();
    let mut order: Vec<usize> = (0..given.len()).collect();
    order.sort_by(|&one, &other| given[one].total_cmp(&given[other]));
    for (place, &one) in order.iter().enumerate() {
        for &other in &order[place + 1..] {
            let (a, b) = (given[one], given[other]);
            if b - a > FAR * a.abs().max(b.abs()) + bounds.atol {
                break;
            }
            let is_known = found[one] && found[other];
            let differ = || !slips[one].ids().eq(slips[other].ids());
            if !is_known && is_alike(a, b, bounds) && differ() {
                (found[one], found[other]) = (true, true);
            }
        }
    }
    found
}

fn is_in(part: Part<'_>, at: usize) -> bool {
    part.is_none_or(|places| places.contains(&at))
}

/// Whether two numbers are so near each other that marking takes one for the other.
fn is_alike(one: f64, other: f64, bounds: Bounds) -> bool {
    bounds.is_right(one, other) || bounds.is_right(other, one)
}
