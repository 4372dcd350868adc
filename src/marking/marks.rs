use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::answer::Answer;
use super::hypothesis::gradients;
use super::search::{paired, singles};
use super::tolerance::Tolerance;
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
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
}

impl Status {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Correct => "correct",
            Self::Carried => "carried",
            Self::Wrong => "wrong",
            Self::Blank => "blank",
        }
    }

    /// The sign that stands for it where there is no room for a word.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Correct => "✓",
            Self::Carried => "~",
            Self::Wrong => "✗",
            Self::Blank => "?",
        }
    }
}

/// An answer laid beside the true gradients.
#[derive(Debug, Clone)]
pub struct Marking {
    tolerance: Tolerance,
    own: Backprop,
    marks: BTreeMap<TensorId, Marks>,
}

/// Somebody's numbers for one tensor, in row-major order, and what each of them is.
#[derive(Debug, Clone, PartialEq)]
pub struct Marks {
    /// The numbers, with nothing where a place was left blank.
    pub numbers: Vec<Option<f64>>,
    /// What they are.
    pub statuses: Vec<Status>,
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
        let filled = filled(backprop, answer, tolerance);
        let own = backprop.with_gradients(&filled);
        let mut earning = BTreeMap::new();
        for (tensor, gradient) in filled {
            let numbers = &answer.gradients[&tensor];
            if earns_further_up(backprop, &own, tensor, numbers, tolerance, cancel)? {
                earning.insert(tensor, gradient);
            }
        }
        let carrying = backprop.with_gradients(&earning);
        let marks = answer.gradients.iter().map(|(&tensor, numbers)| {
            cancel.check()?;
            let statuses = statuses(backprop, &carrying, tensor, numbers, tolerance);
            let numbers = numbers.clone();
            Ok((tensor, Marks { numbers, statuses }))
        });
        Ok(Self {
            tolerance,
            marks: marks.collect::<Result<_, Cancelled>>()?,
            own,
        })
    }

    /// How far a number may be off and still be right.
    pub fn tolerance(&self) -> Tolerance {
        self.tolerance
    }

    /// The backward run in which the gradients that the answer gives stand in place of the true
    /// ones: what its author went on from.
    pub fn own(&self) -> &Backprop {
        &self.own
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
        Some((marks.numbers[element.at], marks.statuses[element.at]))
    }
}

impl Marks {
    /// The marks of a tensor that the answer does not have.
    pub fn blank(n: usize) -> Self {
        Self {
            numbers: vec![None; n],
            statuses: vec![Status::Blank; n],
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
        let worst = [Status::Wrong, Status::Carried, Status::Blank]
            .into_iter()
            .find(|status| self.statuses.contains(status));
        worst.unwrap_or(Status::Correct)
    }
}

/// Returns those of the answer's tensors that are others than the true ones, with the true
/// gradients where a place was left blank.
///
/// A number that is off by less than a hundredth of what is still right is taken for the true one:
/// it was only printed with fewer digits.
fn filled(
    backprop: &Backprop,
    answer: &Answer,
    tolerance: Tolerance,
) -> BTreeMap<TensorId, Tensor> {
    let printed = Tolerance {
        rtol: tolerance.rtol / 100.0,
        atol: tolerance.atol / 100.0,
    };
    let fill = |(&tensor, numbers): (&TensorId, &Vec<Option<f64>>)| {
        let truth = backprop.gradient(tensor);
        let other =
            |at: usize| numbers[at].filter(|&number| !printed.is_right(number, truth.data()[at]));
        let is_other = (0..numbers.len()).any(|at| other(at).is_some());
        let filled = || {
            Tensor::from_fn(truth.shape().clone(), |at| {
                other(at).unwrap_or(truth.data()[at])
            })
        };
        is_other.then(|| (tensor, filled()))
    };
    answer.gradients.iter().filter_map(fill).collect()
}

/// Whether what follows from these numbers can earn marks. It cannot where nothing is written, nor
/// where zeros or some other number stand everywhere though the true ones differ, unless it is a
/// number that a known slip gives: then there was a method to follow.
fn earns_further_up(
    backprop: &Backprop,
    own: &Backprop,
    tensor: TensorId,
    numbers: &[Option<f64>],
    tolerance: Tolerance,
    cancel: &Cancel,
) -> Result<bool, Cancelled> {
    let truth = backprop.gradient(tensor).data();
    let written = || numbers.iter().flatten().copied();
    if written().all(|number| number == 0.0) {
        return Ok(written().next().is_some() && truth.iter().all(|&number| number == 0.0));
    }
    let is_flat =
        written().count() > 1 && is_constant(written()) && !is_constant(truth.iter().copied());
    Ok(!is_flat || follows_a_known_hypothesis(own, tensor, numbers, tolerance, cancel)?)
}

fn follows_a_known_hypothesis(
    own: &Backprop,
    tensor: TensorId,
    numbers: &[Option<f64>],
    tolerance: Tolerance,
    cancel: &Cancel,
) -> Result<bool, Cancelled> {
    let mut hypotheses = singles(own, tensor, None, cancel)?;
    hypotheses.extend(paired(&hypotheses));
    let gives = |learnt: Vec<f64>| {
        let both = numbers
            .iter()
            .zip(learnt)
            .filter_map(|(theirs, learnt)| Some(((*theirs)?, learnt)));
        both.into_iter()
            .all(|(theirs, learnt)| tolerance.is_right(theirs, learnt))
    };
    let gradients = gradients(own, tensor, &hypotheses, cancel)?;
    Ok(gradients.into_iter().flatten().any(gives))
}

fn is_constant(mut numbers: impl Iterator<Item = f64>) -> bool {
    numbers
        .next()
        .is_none_or(|first| numbers.all(|number| number == first))
}

fn statuses(
    backprop: &Backprop,
    carrying: &Backprop,
    tensor: TensorId,
    numbers: &[Option<f64>],
    tolerance: Tolerance,
) -> Vec<Status> {
    let truth = backprop.gradient(tensor).data();
    let is_right =
        |at: usize| numbers[at].is_none_or(|number| tolerance.is_right(number, truth[at]));
    // What would follow from wrong numbers is asked only where something is not right.
    let followed = (0..truth.len())
        .any(|at| !is_right(at))
        .then(|| carrying.summed(tensor));
    let status = |at: usize| match (numbers[at], &followed) {
        (None, _) => Status::Blank,
        (Some(_), _) if is_right(at) => Status::Correct,
        (Some(number), Some(followed)) if tolerance.is_right(number, followed.data()[at]) => {
            Status::Carried
        }
        (Some(_), _) => Status::Wrong,
    };
    (0..truth.len()).map(status).collect()
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
        let gradients = BTreeMap::from([(a_id, a.to_vec()), (x_id, x.to_vec())]);
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
                numbers: Vec::new(),
                statuses: statuses.to_vec(),
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
        assert_eq!(of(&[Status::Correct, Status::Blank]), Status::Blank);
        assert_eq!(of(&[Status::Correct]), Status::Correct);
    }
}
