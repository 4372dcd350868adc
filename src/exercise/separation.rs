//! Which slips the numbers of an exercise cannot tell apart.

use std::collections::BTreeSet;

use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::marking::{
    Attempts, Bounds, Choice, Hypothesis, Tolerance, bounds_of_step, conceivable,
};
use crate::tensor::TensorId;

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
    let mut alike = Alike::new(slips, right, bounds);
    let attempts = Attempts::new(backprop, tensor);
    for at in in_order(right, part) {
        cancel.check()?;
        alike.look_at(at, &attempts, is_in(part, at));
        if alike.pairs.is_empty() {
            break;
        }
    }
    Ok(alike.blurs(tensor))
}

/// The places of a tensor: first those that are asked for, of these first those whose number is not
/// zero, because they tell more apart, and at last the others.
fn in_order(right: &[f64], part: Part<'_>) -> impl Iterator<Item = usize> {
    let rank = |at: usize| (!is_in(part, at), right[at] == 0.0);
    let mut order: Vec<usize> = (0..right.len()).collect();
    order.sort_by_key(|&at| rank(at));
    order.into_iter()
}

/// The slips that the places looked at so far do not tell apart.
struct Alike<'a> {
    slips: &'a [Hypothesis],
    right: &'a [f64],
    bounds: Bounds,
    /// Two slips of different names by their number, the earlier first; nothing looked at leaves
    /// all of them. What is right goes by the number behind that of the last slip.
    pairs: Vec<(usize, usize)>,
    has_begun: bool,
    /// By slip: whether it has something to do at one of the places, if it is in a pair.
    applied: Vec<bool>,
}

impl<'a> Alike<'a> {
    fn new(slips: &'a [Hypothesis], right: &'a [f64], bounds: Bounds) -> Self {
        Self {
            slips,
            right,
            bounds,
            pairs: Vec::new(),
            has_begun: false,
            applied: vec![false; slips.len()],
        }
    }

    /// Looks at a place. Where it is not asked for it tells no two slips apart, and only shows that
    /// they have something to do.
    fn look_at(&mut self, at: usize, attempts: &Attempts<'_>, is_asked: bool) {
        let involved = self.involved();
        let slips = involved.iter().map(|&slip| &self.slips[slip]);
        let numbers = attempts.numbers(at, slips);
        let mut given = vec![self.right[at]; self.slips.len() + 1];
        for (&slip, number) in involved.iter().zip(&numbers) {
            given[slip] = number.value;
            self.applied[slip] |= number.applies(&self.slips[slip]);
        }
        if !self.has_begun {
            self.pairs = self.alike_at(&given);
        } else if is_asked {
            let bounds = self.bounds;
            self.pairs
                .retain(|&(one, other)| is_alike(given[one], given[other], bounds));
        }
        self.has_begun = true;
    }

    /// The slips that are in a pair.
    fn involved(&self) -> Vec<usize> {
        let mut is_involved = vec![!self.has_begun; self.slips.len() + 1];
        for &(one, other) in &self.pairs {
            (is_involved[one], is_involved[other]) = (true, true);
        }
        let slips = 0..self.slips.len();
        slips.filter(|&slip| is_involved[slip]).collect()
    }

    /// All pairs whose numbers are alike. In order of size only neighbours need to be looked at.
    fn alike_at(&self, given: &[f64]) -> Vec<(usize, usize)> {
        let mut order: Vec<usize> = (0..given.len()).collect();
        order.sort_unstable_by(|&one, &other| given[one].total_cmp(&given[other]));
        let mut pairs = Vec::new();
        for (place, &one) in order.iter().enumerate() {
            for &other in &order[place + 1..] {
                let (a, b) = (given[one], given[other]);
                if b - a > FAR * a.abs().max(b.abs()) + self.bounds.atol {
                    break;
                }
                if self.differ(one, other) && is_alike(a, b, self.bounds) {
                    pairs.push((one.min(other), one.max(other)));
                }
            }
        }
        pairs
    }

    /// Whether they are not two forms of one slip.
    fn differ(&self, one: usize, other: usize) -> bool {
        let name = |slip: usize| self.slips.get(slip)?.ids().next();
        name(one) != name(other)
    }

    /// What is left once all places were looked at.
    fn blurs(&self, tensor: TensorId) -> Vec<Blur> {
        let n = self.slips.len();
        let choice = |slip: usize| self.slips[slip].choices().first().copied();
        let mut is_hidden = vec![false; n];
        for &(slip, other) in &self.pairs {
            is_hidden[slip] |= other == n;
        }
        let shows = |slip: usize| self.applied[slip] && !is_hidden[slip];
        let mut left: Vec<(usize, Option<usize>)> = Vec::new();
        for &(one, other) in &self.pairs {
            if other == n && self.applied[one] {
                left.push((one, None));
            } else if other < n && shows(one) && shows(other) {
                left.push((other, Some(one)));
            }
        }
        left.sort_unstable();
        let blur = |(later, earlier): (usize, Option<usize>)| {
            Some(Blur {
                tensor,
                one: choice(earlier.unwrap_or(later))?,
                other: earlier.and_then(|_| choice(later)),
            })
        };
        left.into_iter().filter_map(blur).collect()
    }
}

fn is_in(part: Part<'_>, at: usize) -> bool {
    part.is_none_or(|places| places.contains(&at))
}

/// Whether two numbers are so near each other that marking takes one for the other.
fn is_alike(one: f64, other: f64, bounds: Bounds) -> bool {
    bounds.is_right(one, other) || bounds.is_right(other, one)
}
