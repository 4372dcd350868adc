//! An answer laid beside the true gradients, number by number.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::Answer;
use super::earning::{earns_further_up, filled};
use super::marks::{Marks, Status};
use super::numbers::Numbers;
use super::remark::Remark;
use super::tolerance::{Origin, Tolerance};
use super::uses::not_every_use;
use super::whole::Whole;
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::scenario::Asked;
use crate::tape::Kind;
use crate::tensor::{Element, Tensor, TensorId};

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
        Self::carrying(backprop, answer, tolerance, None, cancel)
    }

    /// Marks every tensor of an answer, where only those wrong numbers carry that are asked for, if
    /// it is said which. What the scenario gives never does.
    pub(super) fn carrying(
        backprop: &Backprop,
        answer: &Answer,
        tolerance: Tolerance,
        asked: Option<&Asked>,
        cancel: &Cancel,
    ) -> Result<Self, Cancelled> {
        let mut all = BTreeMap::new();
        for (&tensor, numbers) in &answer.gradients {
            cancel.check()?;
            let tolerance = answer.tolerance_in(tensor, tolerance);
            let numbers = answer.beside(numbers, backprop.gradient(tensor).data());
            let mut marks = Marks::judged(backprop, tensor, numbers, tolerance);
            let unreadable = answer.unreadable_in(tensor);
            unreadable.for_each(|at| marks.statuses[at] = Some(Status::Unreadable));
            let places = asked.and_then(|asked| asked.part(tensor));
            all.insert(tensor, marks.only(places));
        }
        let is_asked = |id| asked.is_none_or(|asked| asked.has(id));
        let filled = filled(backprop, &all, |id| {
            is_handed_on(backprop, id) && is_asked(id)
        });
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
            let is_told = answer.origin != Origin::People && off[tensor.0 as usize];
            (is_told && marks.follow(|| own.summed(tensor))).then_some(tensor)
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
        let is_new = |id: TensorId| matches!(network.tensor(id).kind, Kind::Updated(_));
        let is_given = |id: TensorId| !is_new(id) && self.truth.contributors(id).next().is_none();
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

    /// The wrong gradients that are arrays of integers, and one in which numbers are NaN.
    pub(super) fn of_numbers(&self, answer: &Answer) -> Vec<Remark> {
        let of = |(&id, &holds): (&TensorId, &Whole)| {
            let marks = self.tensor(id)?;
            let is_wrong = marks.status() == Status::Wrong;
            let right = self.truth.gradient(id).data();
            let lost = holds.loses(&marks.numbers, right).filter(|_| is_wrong)?;
            Some(Remark::Integers {
                tensor: self.truth.network().tensor(id).name.clone(),
                holds,
                lost,
            })
        };
        let nan = |(&id, numbers): (&TensorId, &Numbers)| {
            let n = numbers.not_numbers(self.truth.gradient(id).data()).count();
            (n > 0).then(|| Remark::NotNumbers {
                tensor: self.truth.network().tensor(id).name.clone(),
                n,
                of: numbers.len(),
                are_blanks: answer.has_nan_for_blanks,
            })
        };
        let integers = answer.whole.iter().filter_map(of);
        // Where it began is nearest to the loss, and the others follow.
        integers
            .chain(answer.gradients.iter().rev().find_map(nan))
            .collect()
    }

    /// The backward run in which the gradients that the answer gives stand in place of the true
    /// ones: what its author went on from.
    pub fn own(&self) -> &Backprop {
        &self.own
    }

    /// Whether what the answer goes on from to a tensor are the true gradients.
    pub(super) fn is_right_downstream(&self, tensor: TensorId) -> bool {
        if let Kind::Updated(parameter) = self.truth.network().tensor(tensor).kind {
            return !self.off[parameter.0 as usize];
        }
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
    /// where the slope is not 0, and is only where no other numbers are wrong.
    pub(super) fn through_activation(&self, before: TensorId) -> Option<(Self, TensorId)> {
        let network = self.truth.network();
        let Kind::PreActivation(layer) = network.tensor(before).kind else {
            return None;
        };
        let (output, z) = (network.layer(layer).output, self.truth.tape().value(before));
        let activation = network.layer(layer).op.activation()?;
        let slope = |at: usize| activation.slope(z.data()[at]);
        let is_open = |at: usize| slope(at) != 0.0;
        let mut marks = self.tensor(before)?.clone();
        if self.marks.contains_key(&output) || !marks.wrong().all(is_open) {
            return None;
        }
        let numbers = marks.numbers.iter().enumerate();
        marks.numbers = numbers
            .map(|(at, number)| Some(number? / slope(at)).filter(|_| is_open(at)))
            .collect();
        let statuses = marks.statuses.iter_mut().enumerate();
        let hidden = statuses.filter(|(at, _)| !is_open(*at));
        hidden.for_each(|(_, status)| *status = status.map(|_| Status::Blank));
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

    /// The marks without those of some tensors whose gradients are handed on to nobody.
    pub(super) fn without(&self, tensors: &[TensorId]) -> Self {
        let mut rest = self.clone();
        rest.marks.retain(|tensor, _| !tensors.contains(tensor));
        rest
    }

    /// The marks of the same numbers beside other gradients than the true ones.
    pub(super) fn beside(&self, truth: Backprop) -> Self {
        let mut all = self.marks.clone();
        for (&tensor, marks) in &mut all {
            let numbers = marks.numbers.iter().zip(truth.gradient(tensor).data());
            for (status, (theirs, &right)) in marks.statuses.iter_mut().zip(numbers) {
                let is_right = theirs.map(|theirs| marks.bounds.is_right(theirs, right));
                *status = status.and(is_right).map_or(*status, |is_right| {
                    Some(if is_right {
                        Status::Correct
                    } else {
                        Status::Wrong
                    })
                });
            }
        }
        let filled = filled(&truth, &all, |id| is_handed_on(&truth, id));
        Self {
            origin: self.origin,
            own: truth.following(&filled),
            off: truth.following_from(filled.keys().copied()),
            marks: all,
            follow: BTreeSet::new(),
            truth,
        }
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
    /// have the neuron's tensor, or where none is asked for.
    pub fn element(&self, element: Element) -> Option<(Option<f64>, Status)> {
        let marks = self.tensor(element.tensor)?;
        Some((marks.numbers.get(element.at), marks.statuses[element.at]?))
    }
}

/// Whether others follow from the gradient of a tensor that is summed itself. Those of inputs are
/// handed on to nobody, and those of parameters only to their update.
fn is_handed_on(backprop: &Backprop, id: TensorId) -> bool {
    let is_made = match backprop.network().tensor(id).kind {
        Kind::Layer(_) | Kind::PreActivation(_) => true,
        Kind::Parameter(_) => backprop.network().updated(id).is_some(),
        Kind::Input | Kind::Updated(_) => false,
    };
    is_made && backprop.contributors(id).next().is_some()
}

#[cfg(test)]
mod tests;
