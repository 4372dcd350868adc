//! Somebody's numbers for one tensor, and what each of them is.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::numbers::Numbers;
use super::tolerance::{Bounds, Tolerance};
use crate::backprop::Backprop;
use crate::tape::Kind;
use crate::tensor::{Element, Tensor, TensorId};

/// Somebody's numbers for one tensor, in row-major order, and what each of them is.
#[derive(Debug, Clone, PartialEq)]
pub struct Marks {
    /// The numbers.
    pub numbers: Numbers,
    /// What they are; nothing where none is asked for.
    pub statuses: Vec<Option<Status>>,
    /// When one of them is right.
    pub bounds: Bounds,
}

impl Marks {
    /// The marks of a tensor of which the answer has no number: it is left blank, or unreadable.
    pub fn none(n: usize, why: Status) -> Self {
        Self {
            numbers: Numbers::blank(n),
            statuses: vec![Some(why); n],
            bounds: Bounds::EXACT,
        }
    }

    /// The marks of numbers beside the true gradients alone, of which nothing is carried.
    pub(super) fn judged(
        backprop: &Backprop,
        tensor: TensorId,
        numbers: Numbers,
        tolerance: Tolerance,
    ) -> Self {
        let truth = backprop.gradient(tensor).data();
        let is_right = |bounds: Bounds| {
            let right = move |(theirs, right): (Option<f64>, &f64)| {
                theirs.is_none_or(|theirs| bounds.is_right(theirs, *right))
            };
            numbers.iter().zip(truth).map(right)
        };
        let largest = largest(truth.iter().copied());
        let of_step = bounds_of_step(backprop, tensor, tolerance);
        let mut bounds = of_step.unwrap_or_else(|| tolerance.at(largest));
        // What cancels is measured by what it is summed from, which is asked only where something
        // is not right.
        if of_step.is_none() && !is_right(bounds).all(|right| right) {
            bounds = tolerance.at(largest.max(size_where_it_cancels(backprop, tensor)));
        }
        let status = |(theirs, right): (Option<f64>, bool)| match (theirs, right) {
            (None, _) => Some(Status::Blank),
            (Some(_), true) => Some(Status::Correct),
            (Some(_), false) => Some(Status::Wrong),
        };
        Self {
            statuses: numbers.iter().zip(is_right(bounds)).map(status).collect(),
            numbers,
            bounds,
        }
    }

    /// The marks of the numbers in some places, where no others are asked for.
    pub(super) fn only(mut self, places: Option<&BTreeSet<usize>>) -> Self {
        if let Some(places) = places {
            for at in (0..self.statuses.len()).filter(|at| !places.contains(at)) {
                self.numbers.set(at, None);
                self.statuses[at] = None;
            }
        }
        self
    }

    /// Marks those wrong numbers as carried that follow from other wrong ones.
    pub(super) fn carry(&mut self, followed: impl FnOnce() -> Tensor) {
        if self.wrong().next().is_none() {
            return;
        }
        let (followed, bounds) = (followed(), self.bounds);
        let numbers = self.numbers.iter().zip(followed.data());
        for (status, (theirs, &follows)) in self.statuses.iter_mut().zip(numbers) {
            let is_so = theirs.is_some_and(|theirs| bounds.is_right(theirs, follows));
            if *status == Some(Status::Wrong) && is_so {
                *status = Some(Status::Carried);
            }
        }
    }

    /// Whether something is wrong, and all of it is what follows from other numbers.
    pub(super) fn follow(&self, followed: impl FnOnce() -> Tensor) -> bool {
        let mut wrong = self.wrong().peekable();
        wrong.peek().is_some() && {
            let followed = followed();
            wrong.all(|at| {
                let theirs = self.numbers.get(at);
                theirs.is_some_and(|it| self.bounds.is_right(it, followed.data()[at]))
            })
        }
    }

    /// Marks all wrong numbers as carried.
    pub(super) fn carry_wrong(&mut self) {
        let statuses = self.statuses.iter_mut();
        let wrong = statuses.filter(|status| **status == Some(Status::Wrong));
        wrong.for_each(|status| *status = Some(Status::Carried));
    }

    /// How many numbers have a status.
    pub fn count(&self, status: Status) -> usize {
        self.statuses
            .iter()
            .filter(|&&other| other == Some(status))
            .count()
    }

    /// How many numbers are asked for.
    pub(super) fn n_asked(&self) -> usize {
        self.statuses.iter().flatten().count()
    }

    /// The places of the numbers that are wrong.
    pub fn wrong(&self) -> impl Iterator<Item = usize> {
        self.statuses
            .iter()
            .enumerate()
            .filter(|(_, status)| **status == Some(Status::Wrong))
            .map(|(at, _)| at)
    }

    /// The status of the tensor as a whole: the worst that matters.
    pub fn status(&self) -> Status {
        let worst = [
            Status::Wrong,
            Status::Carried,
            Status::Unreadable,
            Status::Blank,
        ]
        .into_iter()
        .find(|status| self.statuses.contains(&Some(*status)));
        worst.unwrap_or(Status::Correct)
    }
}

/// What a number of somebody's is beside the true one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Right within the tolerance.
    Correct,
    /// Not right, but what the right method gives from their own numbers downstream, which are
    /// wrong themselves.
    Carried,
    /// Wrong.
    Wrong,
    /// Left blank.
    Blank,
    /// Written, but nobody can tell which number it is.
    Unreadable,
}

impl Status {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Correct => "correct",
            Self::Carried => "carried",
            Self::Wrong => "wrong",
            Self::Blank => "blank",
            Self::Unreadable => "unreadable",
        }
    }

    /// The sign that stands for it where there is no room for a word.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Correct => "✓",
            Self::Carried => "~",
            Self::Wrong => "✗",
            Self::Blank => "?",
            Self::Unreadable => "!",
        }
    }
}

/// A tensor whose largest gradient is smaller than this part of its terms is measured by these: its
/// sums cancel, as those of a bias before batch norm do, and what is left is rounding.
const CANCELS: f64 = 10.0;
/// How many elements of a tensor are looked at for the size of their terms.
const MOST_SIZED: usize = 8;

/// When what becomes of a parameter in an update is right: it is the step that counts. Returns
/// nothing for other tensors.
pub fn bounds_of_step(
    backprop: &Backprop,
    tensor: TensorId,
    tolerance: Tolerance,
) -> Option<Bounds> {
    match backprop.network().tensor(tensor).kind {
        Kind::Updated(parameter) => {
            let new = backprop.gradient(tensor).data();
            let before = backprop.tape().value(parameter).data();
            let steps = new.iter().zip(before).map(|(new, old)| new - old);
            Some(tolerance.at_step(largest(steps), largest(new.iter().copied())))
        }
        Kind::Input | Kind::Layer(_) | Kind::Parameter(_) | Kind::PreActivation(_) => None,
    }
}

/// The largest size of those numbers that are finite.
pub(super) fn largest(numbers: impl Iterator<Item = f64>) -> f64 {
    let finite = numbers.filter(|number| number.is_finite());
    finite.fold(0.0, |largest, number| largest.max(number.abs()))
}

/// What a tensor whose sums cancel is measured by: a part of the largest sum of the sizes of an
/// element's terms, over a few elements.
pub(super) fn size_where_it_cancels(backprop: &Backprop, tensor: TensorId) -> f64 {
    let n = backprop.gradient(tensor).data().len();
    let size = |at: usize| {
        let mut size = 0.0;
        backprop.terms(Element { tensor, at }, &mut |term| {
            size += term.product().abs();
        });
        size
    };
    largest((0..n).step_by(n.div_ceil(MOST_SIZED).max(1)).map(size)) / CANCELS
}
