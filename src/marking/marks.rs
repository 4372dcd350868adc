use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::answer::Answer;
use super::hypothesis::gradients;
use super::numbers::Numbers;
use super::remark::Remark;
use super::search::{paired, singles};
use super::tolerance::{Bounds, Origin, Tolerance};
use super::uses::one_use_alone;
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
            let mut marks = Marks::judged(backprop, tensor, numbers, tolerance);
            let unreadable = answer.unreadable_in(tensor);
            unreadable.for_each(|at| marks.statuses[at] = Status::Unreadable);
            all.insert(tensor, marks);
        }
        // The gradients of inputs and parameters are handed on to nobody.
        let is_made = |id| matches!(backprop.network().tensor(id).kind, Kind::Layer(_));
        let is_summed = |id| is_made(id) && backprop.contributors(id).next().is_some();
        let filled = filled(backprop, &all, |id| is_summed(id) && carries(id));
        let own = backprop.following(&filled);
        let off = backprop.following_from(filled.keys().copied());
        let mut earning = BTreeMap::new();
        for (tensor, gradient) in filled {
            if earns_further_up(backprop, &own, tensor, &all[&tensor], cancel)? {
                earning.insert(tensor, gradient);
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
        Ok(Self {
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

    /// The parameters of which the answer has the gradient of one use alone.
    pub(super) fn of_one_use(&self) -> Vec<Remark> {
        let wrong = self
            .marks
            .iter()
            .filter(|(_, marks)| marks.status() == Status::Wrong);
        let of = |(&id, marks): (&TensorId, &Marks)| {
            one_use_alone(&self.truth, id, &marks.numbers, marks.bounds)
        };
        wrong.filter_map(of).collect()
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

    /// Keeps that run alone.
    pub fn into_own(self) -> Backprop {
        self.own
    }

    /// The marks of a tensor, where the answer has it.
    pub fn tensor(&self, tensor: TensorId) -> Option<&Marks> {
        self.marks.get(&tensor)
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
mod tests {
    use super::*;
    use crate::scenario::{NoFiles, Options, Scenario};

    /// x -> a -> b, each two numbers, with weights 2 3; 5 7 and 1 1; 1 −1.
    fn backprop() -> Backprop {
        let json = r#"{
            "backstep": 1, "inputs": { "x": [1, 2] },
            "layers": [
                { "name": "a", "op": "linear", "weight": [[2, 3], [5, 7]] },
                { "name": "b", "op": "linear", "weight": [[1, 1], [1, -1]] }
            ],
            "upstream": { "b": [10, 4] }
        }"#;
        let scenario =
            Scenario::read("net.json", json.as_bytes(), &NoFiles, Options::default()).unwrap();
        Backprop::run(scenario.tape(), scenario.upstream)
    }

    /// The statuses of `a` and `x`, whose true gradients are 14, 6 and 58, 84.
    fn marked(a: [Option<f64>; 2], x: [Option<f64>; 2]) -> String {
        let backprop = backprop();
        let [a_id, x_id] = ["a", "x"].map(|name| backprop.network().find(name).unwrap());
        let gradients = BTreeMap::from([
            (a_id, a.into_iter().collect()),
            (x_id, x.into_iter().collect()),
        ]);
        let answer = Answer {
            gradients,
            ..Answer::default()
        };
        let cancel = Cancel::default();
        let marking = Marking::new(&backprop, &answer, Tolerance::default(), &cancel).unwrap();
        let letters = |tensor| {
            marking
                .tensor(tensor)
                .unwrap()
                .statuses
                .iter()
                .map(|status| match status {
                    Status::Correct => 'r',
                    Status::Carried => 'c',
                    Status::Wrong => 'w',
                    Status::Blank => '-',
                    Status::Unreadable => '!',
                })
        };
        letters(a_id).chain([' ']).chain(letters(x_id)).collect()
    }

    #[test]
    fn what_follows_rightly_from_a_wrong_number_is_carried() {
        assert_eq!(
            marked([Some(14.0), Some(6.0)], [Some(58.0), Some(84.0)]),
            "rr rr"
        );
        assert_eq!(
            marked([Some(14.05), Some(6.0)], [Some(58.5), Some(90.0)]),
            "rr rw"
        );
        // 14 · 2 + 5 · 5 and 14 · 3 + 5 · 7.
        assert_eq!(
            marked([Some(14.0), Some(5.0)], [Some(53.0), Some(77.0)]),
            "rw cc"
        );
        assert_eq!(
            marked([Some(14.0), Some(5.0)], [Some(58.0), Some(76.0)]),
            "rw rw"
        );
        assert_eq!(marked([Some(14.0), None], [Some(58.0), None]), "r- r-");
        assert_eq!(
            marked([Some(13.0), None], [Some(56.0), Some(81.0)]),
            "w- cc"
        );
    }

    #[test]
    fn blank_zeroed_and_constant_numbers_earn_nothing_further_up() {
        assert_eq!(marked([None, None], [Some(58.0), Some(1.0)]), "-- rw");
        assert_eq!(
            marked([Some(0.0), Some(0.0)], [Some(0.0), Some(0.0)]),
            "ww ww"
        );
        // 11 · 2 + 11 · 5 and 11 · 3 + 11 · 7.
        assert_eq!(
            marked([Some(11.0), Some(11.0)], [Some(77.0), Some(110.0)]),
            "ww ww"
        );
        // 14 is 10 + 4, what comes of leaving out the weights: that is a method, and 14 · 2 + 14 ·
        // 5 and 14 · 3 + 14 · 7 follow from it.
        assert_eq!(
            marked([Some(14.0), Some(14.0)], [Some(98.0), Some(140.0)]),
            "rw cc"
        );
    }

    #[test]
    fn the_status_of_a_tensor_is_its_worst() {
        let of = |statuses: &[Status]| {
            Marks {
                numbers: Numbers::blank(0),
                statuses: statuses.to_vec(),
                bounds: Bounds::EXACT,
            }
            .status()
        };
        assert_eq!(
            of(&[
                Status::Correct,
                Status::Blank,
                Status::Carried,
                Status::Wrong
            ]),
            Status::Wrong
        );
        assert_eq!(
            of(&[Status::Correct, Status::Blank, Status::Carried]),
            Status::Carried
        );
        assert_eq!(of(&[Status::Unreadable, Status::Blank]), Status::Unreadable);
        assert_eq!(of(&[Status::Correct, Status::Blank]), Status::Blank);
        assert_eq!(of(&[Status::Correct]), Status::Correct);
    }
}
