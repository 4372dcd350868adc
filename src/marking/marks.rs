//! An answer laid beside the true gradients, number by number.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::answer::Answer;
use super::hypothesis::gradients;
use super::numbers::Numbers;
use super::remark::Remark;
use super::search::{paired, singles};
use super::tolerance::{Bounds, Origin, Tolerance};
use super::uses::not_every_use;
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::tape::Kind;
use crate::tensor::{Element, Tensor, TensorId};

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

/// An answer laid beside the true gradients.
#[derive(Debug, Clone)]
pub struct Marking {
    origin: Origin,
    truth: Backprop,
    own: Backprop,
    /// By tensor: whether its gradient there may be another than the true one.
    off: Vec<bool>,
    marks: BTreeMap<TensorId, Marks>,
    /// The tensors whose wrong numbers all follow from earlier ones that earn nothing.
    follow: BTreeSet<TensorId>,
}

/// Somebody's numbers for one tensor, in row-major order, and what each of them is.
#[derive(Debug, Clone, PartialEq)]
pub struct Marks {
    /// The numbers.
    pub numbers: Numbers,
    /// What they are.
    pub statuses: Vec<Status>,
    /// When one of them is right.
    pub bounds: Bounds,
}

impl Marking {
    /// Marks every tensor of an answer.
    ///
    /// # Errors
    /// It was given up.
    pub fn new(
        backprop: &Backprop,
        answer: &Answer,
        tolerance: Tolerance,
        cancel: &Cancel,
    ) -> Result<Self, Cancelled> {
        Self::carrying(backprop, answer, tolerance, |_| true, cancel)
    }

    /// Marks every tensor of an answer, where only wrong numbers of some tensors carry: those that
    /// somebody was asked to work out. What the scenario gives never does.
    pub(super) fn carrying(
        backprop: &Backprop,
        answer: &Answer,
        tolerance: Tolerance,
        carries: impl Fn(TensorId) -> bool,
        cancel: &Cancel,
    ) -> Result<Self, Cancelled> {
        let mut all = BTreeMap::new();
        for (&tensor, numbers) in &answer.gradients {
            cancel.check()?;
            let numbers = answer.beside(numbers, backprop.gradient(tensor).data());
            let tolerance = answer.tolerance_in(tensor, tolerance);
            let mut marks = Marks::judged(backprop, tensor, numbers, tolerance);
            let unreadable = answer.unreadable_in(tensor);
            unreadable.for_each(|at| marks.statuses[at] = Status::Unreadable);
            all.insert(tensor, marks);
        }
        // The gradients of inputs and parameters are handed on to nobody.
        let is_made = |id| match backprop.network().tensor(id).kind {
            Kind::Layer(_) | Kind::PreActivation(_) => true,
            Kind::Input | Kind::Parameter(_) => false,
        };
        let is_summed = |id| is_made(id) && backprop.contributors(id).next().is_some();
        let filled = filled(backprop, &all, |id| is_summed(id) && carries(id));
        let own = backprop.following(&filled);
        let off = backprop.following_from(filled.keys().copied());
        let mut earning = BTreeMap::new();
        for (&tensor, gradient) in &filled {
            if earns_further_up(backprop, &own, tensor, &all[&tensor], cancel)? {
                earning.insert(tensor, gradient.clone());
            }
        }
        let carrying = backprop.following(&earning);
        let follows = backprop.following_from(earning.keys().copied());
        for (&tensor, marks) in &mut all {
            cancel.check()?;
            if follows[tensor.0 as usize] {
                marks.carry(|| carrying.summed(tensor));
            }
        }
        let follows = |(&tensor, marks): (&TensorId, &Marks)| {
            let is_asked = answer.origin != Origin::People && off[tensor.0 as usize];
            (is_asked && marks.follow(|| own.summed(tensor))).then_some(tensor)
        };
        let follow = match earning.len() < filled.len() {
            true => all.iter().filter_map(follows).collect(),
            false => BTreeSet::new(),
        };
        Ok(Self {
            follow,
            origin: answer.origin,
            own,
            off,
            marks: all,
            truth: backprop.clone(),
        })
    }

    /// Where the answer's numbers come from.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// The true gradients.
    pub fn truth(&self) -> &Backprop {
        &self.truth
    }

    /// Whether the wrong numbers of a tensor all follow from earlier ones that earn nothing: those
    /// of a program, which does not leave zeros further back for want of time.
    pub(super) fn follows(&self, tensor: TensorId) -> bool {
        self.follow.contains(&tensor)
    }

    /// The tensors that the answer has.
    pub(super) fn tensors(&self) -> impl Iterator<Item = TensorId> {
        self.marks.keys().copied()
    }

    /// The gradients that the scenario gives, where the answer has others.
    pub(super) fn of_given(&self) -> Vec<Remark> {
        let network = self.truth.network();
        let is_given = |id: TensorId| self.truth.contributors(id).next().is_none();
        let first_wrong = |(&tensor, marks): (&TensorId, &Marks)| {
            let at = marks.wrong().next().filter(|_| is_given(tensor))?;
            let element = Element { tensor, at };
            Some(Remark::Given {
                address: network.address(element),
                yours: marks.numbers.get(at)?,
                expected: self.truth.element(element),
            })
        };
        self.marks.iter().filter_map(first_wrong).collect()
    }

    /// The parameters of which the answer has not the gradient of every use.
    pub(super) fn of_uses(&self) -> Vec<Remark> {
        let wrong = self
            .marks
            .iter()
            .filter(|(_, marks)| marks.status() == Status::Wrong);
        let of = |(&id, marks): (&TensorId, &Marks)| {
            not_every_use(&self.truth, id, &marks.numbers, marks.bounds)
        };
        wrong.filter_map(of).collect()
    }

    /// The wrong gradients that are arrays of integers.
    pub(super) fn of_integers(&self, answer: &Answer) -> Vec<Remark> {
        let origins = answer.origins.iter();
        let integers = origins.filter(|(_, origin)| **origin == Origin::Integers);
        let of = |(&id, _): (&TensorId, &Origin)| {
            let marks = self.tensor(id)?;
            let mut both = marks.numbers.iter().zip(self.truth.gradient(id).data());
            (marks.status() == Status::Wrong).then(|| Remark::Integers {
                tensor: self.truth.network().tensor(id).name.clone(),
                is_cut: both.all(|(theirs, right)| theirs == Some(right.trunc())),
            })
        };
        integers.filter_map(of).collect()
    }

    /// The backward run in which the gradients that the answer gives stand in place of the true
    /// ones: what its author went on from.
    pub fn own(&self) -> &Backprop {
        &self.own
    }

    /// Whether what the answer goes on from to a tensor are the true gradients.
    pub(super) fn is_right_downstream(&self, tensor: TensorId) -> bool {
        let mut contributors = self.truth.contributors(tensor);
        contributors.all(|contributor| !self.off[contributor.layer.output.0 as usize])
    }

    /// The gradients of a tensor that follow rightly from the answer's own.
    pub(super) fn summed(&self, tensor: TensorId) -> Tensor {
        if self.is_right_downstream(tensor) {
            self.truth.gradient(tensor).clone()
        } else {
            self.own.summed(tensor)
        }
    }

    /// What is written before a layer's activation as if it were written for the layer's output,
    /// where that has no numbers of its own: then nobody sees how they were summed. It can be told
    /// where the slope is 1, and is only where no other numbers are wrong.
    pub(super) fn through_activation(&self, before: TensorId) -> Option<(Self, TensorId)> {
        let network = self.truth.network();
        let Kind::PreActivation(layer) = network.tensor(before).kind else {
            return None;
        };
        let (output, z) = (network.layer(layer).output, self.truth.tape().value(before));
        let activation = network.layer(layer).op.activation()?;
        let is_open = |at: usize| activation.slope(z.data()[at]) == 1.0;
        let mut marks = self.tensor(before)?.clone();
        if self.marks.contains_key(&output) || !marks.wrong().all(is_open) {
            return None;
        }
        let numbers = marks.numbers.iter().enumerate();
        marks.numbers = numbers
            .map(|(at, number)| number.filter(|_| is_open(at)))
            .collect();
        let statuses = marks.statuses.iter_mut().enumerate();
        let hidden = statuses.filter(|(at, _)| !is_open(*at));
        hidden.for_each(|(_, status)| *status = Status::Blank);
        let mut through = self.clone();
        through.marks.insert(output, marks);
        Some((through, output))
    }

    /// The marks of one who has gone on to a tensor from the right numbers, whatever is wrong in
    /// those that the answer gives: they may come from elsewhere.
    pub(super) fn starting_right(&self, tensor: TensorId) -> Option<Self> {
        (!self.is_right_downstream(tensor)).then(|| Self {
            own: self.truth.clone(),
            off: vec![false; self.off.len()],
            ..self.clone()
        })
    }

    /// Keeps that run alone.
    pub fn into_own(self) -> Backprop {
        self.own
    }

    /// The marks of a tensor, where the answer has it.
    pub fn tensor(&self, tensor: TensorId) -> Option<&Marks> {
        self.marks.get(&tensor)
    }

    /// The status of a tensor as a whole, where the answer has it.
    pub(super) fn status(&self, tensor: TensorId) -> Option<Status> {
        self.tensor(tensor).map(Marks::status)
    }

    /// The number that the answer gives a neuron, and what it is; nothing where the answer does not
    /// have the neuron's tensor.
    pub fn element(&self, element: Element) -> Option<(Option<f64>, Status)> {
        let marks = self.tensor(element.tensor)?;
        Some((marks.numbers.get(element.at), marks.statuses[element.at]))
    }
}

impl Marks {
    /// The marks of a tensor of which the answer has no number: it is left blank, or unreadable.
    pub fn none(n: usize, why: Status) -> Self {
        Self {
            numbers: Numbers::blank(n),
            statuses: vec![why; n],
            bounds: Bounds::EXACT,
        }
    }

    /// The marks of numbers beside the true gradients alone, of which nothing is carried.
    fn judged(
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
        let mut bounds = tolerance.at(largest);
        // What cancels is measured by what it is summed from, which is asked only where something
        // is not right.
        if !is_right(bounds).all(|right| right) {
            bounds = tolerance.at(largest.max(size_where_it_cancels(backprop, tensor)));
        }
        let status = |(theirs, right): (Option<f64>, bool)| match (theirs, right) {
            (None, _) => Status::Blank,
            (Some(_), true) => Status::Correct,
            (Some(_), false) => Status::Wrong,
        };
        Self {
            statuses: numbers.iter().zip(is_right(bounds)).map(status).collect(),
            numbers,
            bounds,
        }
    }

    /// Marks those wrong numbers as carried that follow from other wrong ones.
    fn carry(&mut self, followed: impl FnOnce() -> Tensor) {
        if !self.statuses.contains(&Status::Wrong) {
            return;
        }
        let (followed, bounds) = (followed(), self.bounds);
        let numbers = self.numbers.iter().zip(followed.data());
        for (status, (theirs, &follows)) in self.statuses.iter_mut().zip(numbers) {
            let is_so = theirs.is_some_and(|theirs| bounds.is_right(theirs, follows));
            if *status == Status::Wrong && is_so {
                *status = Status::Carried;
            }
        }
    }

    /// Whether something is wrong, and all of it is what follows from other numbers.
    fn follow(&self, followed: impl FnOnce() -> Tensor) -> bool {
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
        let wrong = statuses.filter(|status| **status == Status::Wrong);
        wrong.for_each(|status| *status = Status::Carried);
    }

    /// How many numbers have a status.
    pub fn count(&self, status: Status) -> usize {
        self.statuses
            .iter()
            .filter(|&&other| other == status)
            .count()
    }

    /// The places of the numbers that are wrong.
    pub fn wrong(&self) -> impl Iterator<Item = usize> {
        self.statuses
            .iter()
            .enumerate()
            .filter(|(_, status)| **status == Status::Wrong)
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
        .find(|status| self.statuses.contains(status));
        worst.unwrap_or(Status::Correct)
    }
}

/// A tensor whose largest gradient is smaller than this part of its terms is measured by these: its
/// sums cancel, as those of a bias before batch norm do, and what is left is rounding.
const CANCELS: f64 = 10.0;
/// How many elements of a tensor are looked at for the size of their terms.
const MOST_SIZED: usize = 8;

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

/// Returns those of the answer's tensors that carry and are others than the true ones, with the
/// true gradients where a place was left blank.
///
/// A number that is off by less than a hundredth of what is still right is taken for the true one:
/// it was only printed with fewer digits.
fn filled(
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
fn earns_further_up(
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

#[cfg(test)]
mod tests;
