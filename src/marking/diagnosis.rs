//! Where the wrong numbers of a tensor meet the slips of the catalogue.

use rayon::prelude::*;
use smallvec::SmallVec;

use super::catalogue::{
    BEFORE_THE_ACTIVATION, CONSTANT_FACTOR, COPIED_THE_VALUES, LEFT_AT_ZERO, slips,
};
use super::cause::Cause;
use super::comparison::Marking;
use super::context::Answered;
use super::derivation::Outcome;
use super::hypothesis::{Hypothesis, gradients, numbers};
use super::hypothesis_cache::HypothesisCache;
use super::marks::{Marks, Status};
use super::mistyped::is_mistyped;
use super::search::{every, paired};
use super::single_term::{N_SLIPS, TermSlip, swapped_two, term_slips};
use super::slip::BETTER_THAN_CHANCE;
use super::tolerance::{Bounds, Origin};
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::tensor::{Element, TensorId};

/// What explains wrong numbers of a tensor.
///
/// The numbers of a large tensor are not all looked at, but so many that nothing fits them by
/// accident; what is counted are those that are.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnosis {
    /// What was done, at the first element that it explains.
    pub cause: Cause,
    /// How many of the wrong numbers it explains.
    pub explains: usize,
    /// How many wrong numbers there are.
    pub of: usize,
    /// How many of all numbers are as it gives them, the right ones among them.
    pub agrees: usize,
    /// How many numbers there are, blanks left out.
    pub total: usize,
}

impl Diagnosis {
    /// The ids of the slips that together give these numbers: one, or two of different stages.
    pub fn slips(&self) -> SmallVec<[&'static str; 2]> {
        self.cause.slips()
    }

    /// Whether the numbers are those of another convention: dL/dz, which many call delta, of a
    /// layer that ends in an activation.
    pub fn is_convention(&self) -> bool {
        self.slips()[..] == [BEFORE_THE_ACTIVATION]
    }

    /// Whether another diagnosis is of the same rules, and these take some work to follow.
    pub(super) fn is_repeated_by(&self, other: &Self) -> bool {
        let is_work = |id: &&str| ![LEFT_AT_ZERO, COPIED_THE_VALUES].contains(id);
        matches!(self.cause, Cause::Rules(_))
            && self.slips() == other.slips()
            && self.slips().iter().all(is_work)
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
                let marks = marking.tensor(element.tensor)?;
                let theirs = marks.numbers.get(element.at)?;
                let slips = term_slips(marking.own(), element, theirs, marks.bounds);
                slips
                    .into_iter()
                    .find(|slip| slip.id == first.id)
                    .map(Cause::Term)
            }
        }
    }

    /// Takes what rules give at an element times its slope, where that is another than 1.
    pub(super) fn times(&mut self, slope: impl Fn(Element) -> Option<f64>) {
        let Cause::Rules(followed) = &mut self.cause else {
            return;
        };
        if let Some(factor) = slope(followed.element).filter(|slope| *slope != 1.0) {
            let number = followed.outcome.number();
            followed.outcome = Outcome::Scaled { factor, number };
        }
    }

    /// How many right numbers would be others by it.
    pub fn contradicts(&self) -> usize {
        self.total - self.agrees - (self.of - self.explains)
    }

    /// How many numbers are right.
    pub fn n_right(&self) -> usize {
        self.total - self.of
    }
}

/// So many wrong numbers are tried one by one before a hypothesis is worked out for the whole
/// tensor: hardly a wrong one survives them.
const TRIED_SINGLY: usize = 8;
/// Pairs of slips are looked for where an element has no more terms than this: a person makes them,
/// and no person adds up more.
const MOST_TERMS_FOR_PAIRS: usize = 512;
/// About how many terms are gone through to see what a hypothesis gives in a tensor.
const MOST_TERMS: usize = 1 << 22;
/// How many numbers are looked at of a tensor that has more.
const MOST_NUMBERS: usize = 1 << 17;
/// Among so many right numbers a single wrong one is a number that is off, and nothing more.
const MANY: usize = 20;

/// Returns what explains the wrong numbers of a tensor: the slips, and the pairs of slips, that
/// give every one of them and that are not contradicted by half of the right ones, or by any where
/// a single number is wrong. Where there are none, a slip in single terms, unless it may well fit
/// by accident or a single number is one slip of the pen away from the right one. Where nothing
/// fits, nothing is returned: there is no guessing.
///
/// Of those that fit, the ones are returned that agree with the most numbers and need the fewest
/// slips, in the catalogue's order. One of them is right, and nothing in the numbers tells which.
///
/// # Errors
/// It was given up.
pub fn diagnose(
    hypotheses: &HypothesisCache,
    marking: &Marking,
    tensor: TensorId,
    cancel: &Cancel,
) -> Result<Vec<Diagnosis>, Cancelled> {
    let Some(marks) = marking.tensor(tensor) else {
        return Ok(Vec::new());
    };
    let case = Case {
        truth: marking.truth(),
        marking,
        tensor,
        marks,
        n_wrong: marks.count(Status::Wrong),
        cancel,
    };
    let Some(first) = marks.wrong().next() else {
        return Ok(Vec::new());
    };
    let mut found = case.explained_by_rules(first, hypotheses)?;
    // Zeros come of many a slip where zeros are multiplied, but a program has only left them.
    let is_zero = |fit: &Fit| fit.hypothesis.ids().eq([LEFT_AT_ZERO]);
    if marking.origin() != Origin::People && found.iter().any(is_zero) {
        found.retain(is_zero);
    }
    // Another convention is no mistake, so it comes before all, but zeros alone show none.
    let is_convention = |fit: &Fit| fit.diagnosis.is_convention();
    let shows_one = marks.numbers.iter().flatten().any(|number| number != 0.0);
    if found.iter().any(is_convention) {
        found.retain(|fit| is_convention(fit) == shows_one);
    }
    let mut found = best(found);
    // A factor is what becomes of many a rule: where one is known, that is the mistake.
    let is_factor = |fit: &Fit| fit.hypothesis.ids().eq([CONSTANT_FACTOR]);
    if !found.iter().all(is_factor) {
        found.retain(|fit| !is_factor(fit));
    }
    if found.is_empty() {
        return case.explained_singly();
    }
    Ok(found.into_iter().map(|fit| fit.diagnosis).collect())
}

/// Keeps of the hypotheses that fit those that fit best.
fn best(mut found: Vec<Fit>) -> Vec<Fit> {
    // A pair that comes to the same as one of its slips alone says no more than that slip.
    let is_more: Vec<bool> = found
        .iter()
        .map(|fit| !found.iter().any(|other| other.is_all_of(fit)))
        .collect();
    let mut is_more = is_more.into_iter();
    found.retain(|_| is_more.next().unwrap_or(true));
    let rank = |fit: &Fit| (fit.diagnosis.contradicts(), fit.hypothesis.choices().len());
    let Some(first) = found.iter().map(rank).min() else {
        return found;
    };
    found.retain(|fit| rank(fit) == first);
    found.sort_by_key(Fit::place);
    found
}

/// A tensor with something wrong in it.
struct Case<'a> {
    truth: &'a Backprop,
    marking: &'a Marking,
    tensor: TensorId,
    marks: &'a Marks,
    /// How many numbers are wrong.
    n_wrong: usize,
    cancel: &'a Cancel,
}

/// A hypothesis that gives the wrong numbers, with the numbers that it gives where one looks.
struct Fit {
    hypothesis: Hypothesis,
    numbers: Vec<f64>,
    diagnosis: Diagnosis,
}

impl Fit {
    /// Whether a pair comes to the same numbers with another slip more.
    fn is_all_of(&self, pair: &Self) -> bool {
        self.hypothesis.choices().len() < pair.hypothesis.choices().len()
            && self
                .hypothesis
                .ids()
                .all(|id| pair.hypothesis.ids().any(|other| other == id))
            && self
                .numbers
                .iter()
                .zip(&pair.numbers)
                .all(|(&one, &other)| Bounds::EXACT.is_right(one, other))
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
    /// The hypotheses that give every wrong number, and that the right ones do not contradict.
    fn explained_by_rules(
        &self,
        first: usize,
        known: &HypothesisCache,
    ) -> Result<Vec<Fit>, Cancelled> {
        let own = self.marking.own();
        let right = self.marking.summed(self.tensor);
        let mut n_terms = 0;
        own.terms(self.element(first), &mut |_| n_terms += 1);
        let mut hypotheses = self.tried(right.data(), n_terms);
        for at in self.some_wrong(TRIED_SINGLY) {
            self.cancel.check()?;
            let mut given = numbers(own, self.element(at), &hypotheses).into_iter();
            hypotheses.retain(|_| {
                let number = given.next();
                number.is_some_and(|number| self.is_theirs(at, number.value))
            });
        }
        let places = self.looked_at(n_terms);
        let mut found: Vec<Fit> = Vec::new();
        for hypothesis in hypotheses {
            let numbers = if hypothesis.only_moves() {
                Some(hypothesis.moved(own, self.tensor, right.data(), &places))
            } else if places.len() == right.data().len() {
                self.all_numbers(known, &hypothesis)?
            } else {
                Some(self.numbers(&hypothesis, &places)?)
            };
            let fit = numbers.and_then(|numbers| self.fit(hypothesis, first, &places, numbers));
            let Some(fit) = fit else { continue };
            // Of a slip's forms, the one is told that agrees best, the first of several.
            let is_same = |other: &&mut Fit| other.hypothesis.ids().eq(fit.hypothesis.ids());
            match found.iter_mut().find(is_same) {
                Some(other) if fit.diagnosis.agrees > other.diagnosis.agrees => *other = fit,
                Some(_) => {}
                None => found.push(fit),
            }
        }
        Ok(found)
    }

    /// At most so many places of wrong numbers.
    fn some_wrong(&self, most: usize) -> impl Iterator<Item = usize> {
        self.marks.wrong().step_by(spread(self.n_wrong, most))
    }

    /// The places whose numbers are looked at, in order: all of them, or of a large tensor as many
    /// wrong ones as others.
    fn looked_at(&self, n_terms: usize) -> Vec<usize> {
        let n = self.marks.numbers.len();
        let most = (MOST_TERMS / n_terms.max(1)).clamp(1000, MOST_NUMBERS);
        if n <= most {
            return (0..n).collect();
        }
        let some = (0..n).step_by(spread(n, most / 2));
        let mut places: Vec<usize> = self.some_wrong(most / 2).chain(some).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// The hypotheses to try: those that anybody can be expected to follow, and those that only
    /// these numbers show.
    fn tried(&self, right: &[f64], n_terms: usize) -> Vec<Hypothesis> {
        let answered = Answered {
            theirs: &self.marks.numbers,
            right,
            bounds: self.marks.bounds,
        };
        let (mut tried, recognised) = every(self.marking.own(), self.tensor, &answered);
        // One number can be met by chance: a pair needs two that bear it out.
        if self.n_wrong > 1 && n_terms <= MOST_TERMS_FOR_PAIRS {
            tried.extend(paired(&tried));
        }
        tried.extend(recognised);
        tried
    }

    /// What a hypothesis gives in all places; nothing where it has nothing to do.
    fn all_numbers(
        &self,
        known: &HypothesisCache,
        hypothesis: &Hypothesis,
    ) -> Result<Option<Vec<f64>>, Cancelled> {
        let (tensor, own) = (self.tensor, self.marking.own());
        if self.marking.is_right_downstream(tensor) {
            let numbers = known.numbers(self.truth, tensor, hypothesis, self.cancel)?;
            return Ok(numbers.map(|numbers| numbers.to_vec()));
        }
        let one = std::slice::from_ref(hypothesis);
        Ok(gradients(own, tensor, one, self.cancel)?.pop().flatten())
    }

    /// What a hypothesis gives in some places.
    fn numbers(&self, hypothesis: &Hypothesis, places: &[usize]) -> Result<Vec<f64>, Cancelled> {
        let own = self.marking.own();
        let number = |&at: &usize| {
            self.cancel.check()?;
            let numbers = numbers(own, self.element(at), std::slice::from_ref(hypothesis));
            Ok(numbers[0].value)
        };
        places.par_iter().map(number).collect()
    }

    /// Whether a hypothesis's number is the one that stands in a place.
    fn is_theirs(&self, at: usize, number: f64) -> bool {
        self.marks
            .numbers
            .get(at)
            .is_some_and(|theirs| self.marks.bounds.is_right(theirs, number))
    }

    /// Counts how many numbers are as a hypothesis gives them, of those that are looked at. Returns
    /// nothing where it does not fit.
    fn fit(
        &self,
        hypothesis: Hypothesis,
        first: usize,
        places: &[usize],
        numbers: Vec<f64>,
    ) -> Option<Fit> {
        let (mut of, mut agrees, mut total, mut n_zeros) = (0, 0, 0, 0);
        for (&at, &number) in places.iter().zip(&numbers) {
            let is_wrong = self.marks.statuses[at] == Some(Status::Wrong);
            let agrees_here = self.is_theirs(at, number);
            if is_wrong && !agrees_here {
                return None;
            }
            of += usize::from(is_wrong);
            n_zeros += usize::from(!is_wrong && agrees_here && number == 0.0);
            agrees += usize::from(agrees_here);
            total += usize::from(self.marks.numbers.get(at).is_some());
        }
        let followed = hypothesis.followed(self.marking.own(), self.element(first));
        let diagnosis = Diagnosis {
            cause: Cause::Rules(followed),
            explains: of,
            of,
            agrees,
            total,
        };
        self.is_borne_out(&diagnosis, n_zeros).then_some(Fit {
            hypothesis,
            numbers,
            diagnosis,
        })
    }

    /// Whether less than half of the right numbers contradict a rule that gives the wrong ones, and
    /// fewer than bear it out: many a right number is the same by any rule, and zeros that it gives
    /// as well show nothing. One number is met by chance, and a program does the same everywhere,
    /// so there no right number may contradict.
    fn is_borne_out(&self, diagnosis: &Diagnosis, n_zeros: usize) -> bool {
        let is_same_everywhere = self.n_wrong == 1 || self.marking.origin() != Origin::People;
        match diagnosis.contradicts() {
            0 => true,
            _ if is_same_everywhere => false,
            contradicts => {
                2 * contradicts < diagnosis.n_right() - n_zeros && contradicts < diagnosis.explains
            }
        }
    }

    fn element(&self, at: usize) -> Element {
        Element {
            tensor: self.tensor,
            at,
        }
    }

    /// Looks at one number at a time, for what explains them all.
    fn explained_singly(&self) -> Result<Vec<Diagnosis>, Cancelled> {
        let (of, total) = (self.n_wrong, self.marks.numbers.iter().flatten().count());
        let diagnosis = |cause| Diagnosis {
            cause,
            explains: of,
            of,
            agrees: total,
            total,
        };
        let right = self.truth.gradient(self.tensor).data();
        let swapped = swapped_two(right, &self.marks.numbers, self.marks.bounds);
        if let Some((one, other)) = swapped {
            let both = [one, other].map(|at| self.element(at));
            return Ok(vec![diagnosis(Cause::Swapped(both))]);
        }
        // A program does the same to every term.
        if self.is_just_off(total) || self.marking.origin() != Origin::People {
            return Ok(Vec::new());
        }
        let slips = self.single_terms()?.into_iter();
        Ok(slips.map(|slip| diagnosis(Cause::Term(slip))).collect())
    }

    /// Whether but one number is wrong, among many or by a slip of the pen.
    fn is_just_off(&self, total: usize) -> bool {
        let right = self.marking.summed(self.tensor);
        let is_mistyped = |at: usize| {
            let theirs = self.marks.numbers.get(at);
            theirs.is_some_and(|theirs| is_mistyped(theirs, right.data()[at]))
        };
        self.n_wrong == 1 && (total > MANY || self.marks.wrong().any(is_mistyped))
    }

    /// The slips with one term of each sum that give all of the wrong numbers, and would hardly
    /// give them by chance.
    fn single_terms(&self) -> Result<Vec<TermSlip>, Cancelled> {
        let mut wrong = self.marks.wrong().map(|at| self.term_slips(at));
        let mut found = wrong.next().unwrap_or_default();
        for here in wrong {
            self.cancel.check()?;
            found.retain_mut(|slip| {
                let again = here.iter().find(|other| other.id == slip.id);
                slip.chance *= again.map_or(1.0, |other| other.chance);
                again.is_some()
            });
            if found.is_empty() {
                break;
            }
        }
        found.retain(|slip| N_SLIPS * slip.chance < BETTER_THAN_CHANCE);
        Ok(found)
    }

    /// The slips with one term that give the number in a place. Of the terms that fit a slip, the
    /// first is told.
    fn term_slips(&self, at: usize) -> Vec<TermSlip> {
        let theirs = self.marks.numbers.get(at).unwrap_or_default();
        let (own, bounds) = (self.marking.own(), self.marks.bounds);
        let mut slips = term_slips(own, self.element(at), theirs, bounds);
        slips.dedup_by_key(|slip| slip.id);
        slips
    }
}

/// The step that goes through at most so many of some places. It shares no divisor with their
/// number, so that of a tensor it does not stay in one row, column or channel.
fn spread(n: usize, most: usize) -> usize {
    let least = n.div_ceil(most).max(1);
    let mut steps = least..;
    steps.find(|&step| gcd(step, n) == 1).unwrap_or(least)
}

fn gcd(one: usize, other: usize) -> usize {
    if other == 0 {
        one
    } else {
        gcd(other, one % other)
    }
}
