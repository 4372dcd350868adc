use std::sync::Arc;

use smallvec::SmallVec;

use super::catalogue::slips;
use super::cause::Cause;
use super::context::Answered;
use super::hypotheses::Hypotheses;
use super::hypothesis::{Hypothesis, numbers};
use super::marks::{Marking, Marks};
use super::search::recognised;
use super::single_term::{swapped_two, term_slips};
use super::tolerance::Tolerance;
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::tensor::{Element, TensorId};

/// What explains wrong numbers of a tensor.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnosis {
    /// What was done, at the first element that it explains.
    pub cause: Cause,
    /// How many of the wrong numbers it explains.
    pub explains: usize,
    /// How many wrong numbers there are.
    pub of: usize,
    /// Whether it gives the right numbers as the answer has them, too.
    pub everywhere: bool,
}

impl Diagnosis {
    /// The ids of the slips that together give these numbers: one, or two of different stages.
    pub fn slips(&self) -> SmallVec<[&'static str; 2]> {
        self.cause.slips()
    }

    /// What was done at an element whose number is wrong; nothing where it explains nothing there.
    pub fn at(&self, marking: &Marking, element: Element) -> Option<Cause> {
        match &self.cause {
            Cause::Rules(first) => {
                let followed = first.hypothesis.followed(marking.own(), element);
                Some(Cause::Rules(followed))
            }
            Cause::Swapped(_) => Some(self.cause.clone()),
            Cause::Term(first) => {
                let theirs = marking.element(element)?.0?;
                let slips = term_slips(marking.own(), element, theirs, marking.tolerance());
                slips
                    .into_iter()
                    .find(|slip| slip.id == first.id)
                    .map(Cause::Term)
            }
        }
    }
}

/// So many wrong numbers are tried one by one before a hypothesis is worked out for the whole
/// tensor: hardly a wrong one survives them.
const TRIED_SINGLY: usize = 8;

/// Returns what explains the wrong numbers of a tensor: the slips, and the pairs of slips, that
/// give every one of them. Where there are none, what explains single numbers. Where nothing fits,
/// nothing is returned: there is no guessing.
///
/// Those come first that give the right numbers as the answer has them, too; then single slips
/// before pairs; then by the catalogue.
///
/// # Errors
/// It was given up.
pub fn diagnose(
    truth: &Backprop,
    hypotheses: &Hypotheses,
    marking: &Marking,
    tensor: TensorId,
    cancel: &Cancel,
) -> Result<Vec<Diagnosis>, Cancelled> {
    let Some(marks) = marking.tensor(tensor) else {
        return Ok(Vec::new());
    };
    let case = Case {
        truth,
        marking,
        tensor,
        marks,
        wrong: marks.wrong().collect(),
        cancel,
    };
    let (mut found, mut by_pairs): (Vec<_>, Vec<_>) = match case.wrong[..] {
        [] => return Ok(Vec::new()),
        // One number can be met by chance: a pair needs two that bear it out.
        [_] => (
            case.explained_by(hypotheses, |hypothesis| hypothesis.choices().len() == 1)?,
            Vec::new(),
        ),
        _ => {
            let found = case.explained_by(hypotheses, |_| true)?;
            found
                .into_iter()
                .partition(|fit| fit.hypothesis.choices().len() == 1)
        }
    };
    // A pair that comes to the same as one of its slips alone says no more than that slip.
    by_pairs.retain(|pair| !found.iter().any(|single: &Fit| single.is_all_of(pair)));
    found.append(&mut by_pairs);
    found.sort_by_key(|fit| {
        (
            !fit.diagnosis.everywhere,
            fit.diagnosis.slips().len(),
            fit.place(),
        )
    });
    if found.is_empty() {
        case.explained_singly()
    } else {
        Ok(found.into_iter().map(|found| found.diagnosis).collect())
    }
}

/// Returns those of a tensor's explanations that fit best: the first, and all that fit as well. One
/// of them is right, and nothing in the numbers tells which.
pub fn likeliest(diagnoses: &[Diagnosis]) -> &[Diagnosis] {
    let rank = |diagnosis: &Diagnosis| (diagnosis.everywhere, diagnosis.slips().len());
    let n = diagnoses
        .iter()
        .take_while(|diagnosis| rank(diagnosis) == rank(&diagnoses[0]))
        .count();
    &diagnoses[..n]
}

/// A tensor with something wrong in it.
struct Case<'a> {
    truth: &'a Backprop,
    marking: &'a Marking,
    tensor: TensorId,
    marks: &'a Marks,
    /// The places of the wrong numbers.
    wrong: Vec<usize>,
    cancel: &'a Cancel,
}

/// A hypothesis that gives the wrong numbers, with all the numbers that it gives.
struct Fit {
    hypothesis: Hypothesis,
    numbers: Arc<[f64]>,
    diagnosis: Diagnosis,
}

impl Fit {
    /// Whether a pair comes to the same numbers with another slip more.
    fn is_all_of(&self, pair: &Self) -> bool {
        let exact = Tolerance {
            rtol: 1e-9,
            atol: 1e-12,
        };
        self.hypothesis
            .ids()
            .all(|id| pair.hypothesis.ids().any(|other| other == id))
            && self
                .numbers
                .iter()
                .zip(pair.numbers.iter())
                .all(|(&one, &other)| exact.is_right(one, other))
    }

    /// The places of the slips in the catalogue.
    fn place(&self) -> SmallVec<[usize; 2]> {
        self.hypothesis
            .choices()
            .iter()
            .filter_map(|choice| slips().position(|slip| slip == choice.slip))
            .collect()
    }
}

impl Case<'_> {
    /// The hypotheses to try: those that anybody can be expected to follow, and those that only
    /// these numbers show.
    fn hypotheses(
        &self,
        known: &Hypotheses,
        is_tried: impl Fn(&Hypothesis) -> bool,
    ) -> Result<Vec<Hypothesis>, Cancelled> {
        let expected = known
            .tensor(self.truth, self.tensor, self.cancel)?
            .iter()
            .filter(|hypothesis| is_tried(hypothesis))
            .cloned();
        let answered = Answered {
            theirs: &self.marks.numbers,
            tolerance: self.marking.tolerance(),
        };
        let recognised = recognised(self.marking.own(), self.tensor, &answered);
        Ok(expected.chain(recognised).collect())
    }

    fn explained_by(
        &self,
        known: &Hypotheses,
        is_tried: impl Fn(&Hypothesis) -> bool,
    ) -> Result<Vec<Fit>, Cancelled> {
        let (truth, own) = (self.truth, self.marking.own());
        let mut hypotheses = self.hypotheses(known, is_tried)?;
        for &at in self.wrong.iter().take(TRIED_SINGLY) {
            self.cancel.check()?;
            let mut given = numbers(own, self.element(at), &hypotheses).into_iter();
            hypotheses.retain(|_| {
                given
                    .next()
                    .is_some_and(|number| self.is_theirs(at, number.value))
            });
        }
        let numbers = known.numbers(truth, own, self.tensor, &hypotheses, self.cancel)?;
        let mut found: Vec<Fit> = Vec::new();
        for (hypothesis, numbers) in hypotheses.into_iter().zip(numbers) {
            let Some(numbers) = numbers else { continue };
            // Of a slip's forms that come to the same numbers, the first is told.
            let is_known = found
                .iter()
                .any(|known| known.hypothesis.ids().eq(hypothesis.ids()));
            if !is_known && self.wrong.iter().all(|&at| self.is_theirs(at, numbers[at])) {
                let diagnosis = self.diagnosis(&hypothesis, &numbers);
                found.push(Fit {
                    hypothesis,
                    numbers,
                    diagnosis,
                });
            }
        }
        Ok(found)
    }

    /// Whether a hypothesis's number is the one that stands in a place.
    fn is_theirs(&self, at: usize, number: f64) -> bool {
        self.marks.numbers[at]
            .is_some_and(|theirs| self.marking.tolerance().is_right(theirs, number))
    }

    fn diagnosis(&self, hypothesis: &Hypothesis, numbers: &[f64]) -> Diagnosis {
        let n_wrong = self.wrong.len();
        let followed = hypothesis.followed(self.marking.own(), self.element(self.wrong[0]));
        let mut written = (0..numbers.len()).filter(|&at| self.marks.numbers[at].is_some());
        Diagnosis {
            cause: Cause::Rules(followed),
            explains: n_wrong,
            of: n_wrong,
            everywhere: written.all(|at| self.is_theirs(at, numbers[at])),
        }
    }

    fn element(&self, at: usize) -> Element {
        Element {
            tensor: self.tensor,
            at,
        }
    }

    /// Looks at one number at a time.
    fn explained_singly(&self) -> Result<Vec<Diagnosis>, Cancelled> {
        let of = self.wrong.len();
        let diagnosis = |cause, explains| Diagnosis {
            cause,
            explains,
            of,
            everywhere: false,
        };
        let tolerance = self.marking.tolerance();
        let right = self.truth.gradient(self.tensor).data();
        if let Some((one, other)) = swapped_two(right, &self.marks.numbers, tolerance) {
            let both = [one, other].map(|at| self.element(at));
            return Ok(vec![diagnosis(Cause::Swapped(both), 2)]);
        }
        let mut found: Vec<Diagnosis> = Vec::new();
        for &at in &self.wrong {
            self.cancel.check()?;
            let Some(theirs) = self.marks.numbers[at] else {
                continue;
            };
            let mut slips = term_slips(self.marking.own(), self.element(at), theirs, tolerance);
            // Of the terms that fit a slip, the first is told.
            slips.dedup_by_key(|slip| slip.id);
            for slip in slips {
                match found
                    .iter_mut()
                    .find(|known| known.slips()[..] == [slip.id])
                {
                    Some(known) => known.explains += 1,
                    None => found.push(diagnosis(Cause::Term(slip), 1)),
                }
            }
        }
        found.sort_by_key(|diagnosis| std::cmp::Reverse(diagnosis.explains));
        Ok(found)
    }
}
