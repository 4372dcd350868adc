//! What answers are marked against, and the marking of one.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::answer::Answer;
use super::catalogue::{CONSTANT_FACTOR, WRONG_SIGN};
use super::comparison::Marking;
use super::context::activation_of;
use super::diagnosis::{Diagnosis, diagnose};
use super::folded::folded;
use super::hypothesis_cache::HypothesisCache;
use super::marked::Marked;
use super::marks::{Marks, Status};
use super::remark::{Follows, Remark, beforehand};
use super::several::{Sources, sources};
use super::submission::{FirstWrong, Kept, Submission, TensorReport};
use super::tolerance::{ChosenTolerance, Origin, Tolerance};
use super::unreadable::Unreadable;
use super::worth::{Worth, Zeros};
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::scenario::{Asked, Notes, Scenario};
use crate::tensor::{Element, Shape, TensorId};

/// What answers are marked against.
///
/// ```
/// use backstep::backprop::Backprop;
/// use backstep::cancel::Cancel;
/// use backstep::gallery;
/// use backstep::marking::{Answer, ChosenTolerance, MarkScheme, Verdict};
/// use backstep::scenario::Options;
///
/// let scenario = gallery::find("the-question").unwrap().open(Options::default())?;
/// let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
/// let json = br#"{ "format": "backstep-answer/1", "grads": { "pool": [[11, 11], [11, 11]] } }"#;
/// let answer = Answer::read("ada.json", json, &scenario.network)?;
///
/// let scheme = MarkScheme::new(scenario, backprop, None, ChosenTolerance::default());
/// let marked = scheme.mark("ada.json", "ada", &answer, &Cancel::default())?;
/// assert_eq!(marked.submission.verdict, Verdict::Wrong);
/// // 2 + 3 + 6, without the weights.
/// assert!(marked.submission.slips().contains(&"forgot-the-weight"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct MarkScheme {
    /// The scenario's title; empty where it has none.
    pub title: String,
    /// SHA-256 of the scenario file's bytes, in hex.
    pub sha256: String,
    /// A teacher's words.
    pub notes: Notes,
    /// The true gradients.
    pub backprop: Backprop,
    /// What is asked for.
    pub asked: Asked,
    /// Whether nobody has named them, so that an array file may have a part of them.
    may_be_part: bool,
    /// How far somebody lets a number be off.
    chosen: ChosenTolerance,
    /// By tensor: its points, where somebody has said them.
    points: BTreeMap<TensorId, f64>,
    zeros: Zeros,
    /// By tensor: what its numbers are worth, worked out when it is first marked.
    worths: Vec<OnceLock<Worth>>,
    hypotheses: HypothesisCache,
}

impl MarkScheme {
    /// What answers to a scenario are marked against: what is asked here, or else all tensors that
    /// make steps.
    pub fn new(
        scenario: Scenario,
        backprop: Backprop,
        asked: Option<Asked>,
        chosen: ChosenTolerance,
    ) -> Self {
        let sha256 = scenario.sha256();
        let may_be_part = asked.is_none();
        let asked = asked.unwrap_or_else(|| scenario.asked(backprop.steps().tensors()));
        let Scenario {
            title,
            notes,
            points,
            ..
        } = scenario;
        let n_tensors = backprop.network().tensors().len();
        Self {
            title,
            sha256,
            notes,
            may_be_part,
            asked,
            backprop,
            chosen,
            points,
            zeros: Zeros::default(),
            worths: (0..n_tensors).map(|_| OnceLock::new()).collect(),
            hypotheses: HypothesisCache::default(),
        }
    }

    /// The scheme in which the zeros that nobody has to work out count like this.
    #[must_use]
    pub fn counting(self, zeros: Zeros) -> Self {
        Self { zeros, ..self }
    }

    /// Marks a file. Where the caller does not know from whom it is, that is who it says; where
    /// somebody else than whom the caller knows, that is remarked.
    ///
    /// # Errors
    /// It was given up.
    pub fn mark(
        &self,
        file: &str,
        student: &str,
        answer: &Answer,
        cancel: &Cancel,
    ) -> Result<Marked, Cancelled> {
        let (backprop, tolerance) = (&self.backprop, self.chosen.or_usual(answer.origin));
        let carrying = (!self.may_be_part).then_some(&self.asked);
        let marking = Marking::carrying(backprop, answer, tolerance, carrying, cancel)?;
        let folded = folded(&marking, answer, tolerance);
        let mut asked = self.asked_of(answer);
        let n_not_given = self.asked.tensors().len() - asked.len();
        let uncompared = self.points_of_uncompared(&folded, &asked);
        asked.retain(|tensor| !folded.iter().any(|(tensors, _)| tensors.contains(tensor)));
        let on_folded: Vec<Remark> = folded.iter().map(|(_, remark)| remark.clone()).collect();
        let (mut marks, mut reports) = self.tensors(&marking, answer, &asked, cancel)?;
        let mut marking = marking;
        let conventional = conventional(answer, &reports);
        if !conventional.is_empty() {
            // What comes further back starts from the gradients after the activation.
            let rest = answer.without(&conventional);
            marking = Marking::carrying(backprop, &rest, tolerance, carrying, cancel)?;
            let (others, reported) = self.tensors(&marking, &rest, &asked, cancel)?;
            for (number, (other, report)) in others.into_iter().zip(reported).enumerate() {
                if conventional.contains(&report.tensor) {
                    let (marks, report) = (&mut marks[number], &mut reports[number]);
                    self.keep(report, marks, Kept::BeforeTheActivation);
                } else {
                    (marks[number], reports[number]) = (other, report);
                }
            }
        }
        if answer.origin == Origin::People {
            self.take_off_once(&mut reports, &mut marks);
        }
        for report in &mut reports {
            let own = answer.tolerance_in(report.tensor, tolerance);
            report.tolerance = Some(own).filter(|own| *own != tolerance);
        }
        let is_explained = reports
            .iter()
            .all(|it| it.wrong == 0 || !it.diagnosis.is_empty() || it.follows.is_some());
        let Sources { mut remarks, rest } =
            self.remarks(&marking, answer, folded, tolerance, cancel)?;
        // Where each tensor's own mistake is known there is nothing to search between them.
        remarks.retain(|remark| {
            !is_explained
                || !matches!(
                    remark,
                    Remark::Between { .. }
                        | Remark::OwnMistake { .. }
                        | Remark::NothingGives { .. }
                        | Remark::Arrived { .. }
                )
        });
        for report in reports.iter_mut().filter(|report| report.wrong > 0) {
            let told = remarks
                .iter()
                .find_map(|remark| remark.explains(&report.name));
            if let Some(follows) = told {
                report.diagnosis.clear();
                report.follows = Some(follows);
            } else if let Some(rest) = rest.as_ref().filter(|_| report.diagnosis.is_empty()) {
                report.diagnosis =
                    diagnose(&HypothesisCache::default(), rest, report.tensor, cancel)?;
            }
        }
        remarks.splice(..0, self.said_otherwise(student, answer));
        let norms: Vec<&str> = on_folded.iter().filter_map(Remark::norm).collect();
        let problems = answer.problems.iter();
        let problems = problems.filter(|problem| !problem.is_of_one(&norms));
        let problems = problems.cloned().collect();
        let said = answer.student.as_deref().unwrap_or(file);
        let student = if student.is_empty() { said } else { student };
        let submission = Submission {
            tolerance: Some(tolerance).filter(|tolerance| *tolerance != self.tolerance()),
            n_not_given,
            remarks,
            ..Submission::new(file, student, reports)
                .with_problems(problems)
                .beside(&on_folded, uncompared)
        };
        Ok(Marked {
            submission,
            marks,
            network: Some(Arc::clone(self.backprop.network())),
            own: Some(marking.into_own()),
        })
    }

    /// A file that cannot be read, with the points that there were to earn.
    pub fn unreadable(&self, file: &str, student: &str, error: Unreadable) -> Marked {
        let mut marked = Marked::unreadable(file, student, error);
        marked.submission.uncompared = self.points().map(|(_, points)| points).sum();
        marked
    }

    /// The marks of the asked tensors, and what is found in them.
    fn tensors(
        &self,
        marking: &Marking,
        answer: &Answer,
        asked: &[TensorId],
        cancel: &Cancel,
    ) -> Result<(Vec<Marks>, Vec<TensorReport>), Cancelled> {
        let n = |tensor| self.backprop.network().tensor(tensor).shape.numel();
        let of = |&tensor: &TensorId| {
            let why_none = match answer.spoilt.contains(&tensor) {
                true => Status::Unreadable,
                false => Status::Blank,
            };
            let marks = marking.tensor(tensor).cloned();
            let none = || Marks::none(n(tensor), why_none).only(self.asked.part(tensor));
            marks.unwrap_or_else(none)
        };
        let marks: Vec<Marks> = asked.iter().map(of).collect();
        let reports = asked.iter().zip(&marks);
        let reports: Result<_, _> = reports
            .map(|(&tensor, marks)| self.report(marking, tensor, marks, cancel))
            .collect();
        Ok((marks, reports?))
    }

    /// What an answer says of itself that is not so.
    fn said_otherwise(&self, student: &str, answer: &Answer) -> Vec<Remark> {
        let said = answer.student.as_ref();
        let said = said.filter(|said| !student.is_empty() && !is_same_id(said, student));
        let is_other = |exercise: &String| *exercise != self.sha256;
        let student = said.map(|said| Remark::Student { said: said.clone() });
        let exercise = answer
            .exercise
            .as_ref()
            .filter(|exercise| is_other(exercise));
        let exercise = exercise.map(|_| Remark::Exercise { of: None });
        student.into_iter().chain(exercise).collect()
    }

    /// What is to be known before the marks, the forward run first.
    fn remarks(
        &self,
        marking: &Marking,
        answer: &Answer,
        folded: Vec<(Vec<TensorId>, Remark)>,
        tolerance: Tolerance,
        cancel: &Cancel,
    ) -> Result<Sources, Cancelled> {
        let mut remarks: Vec<Remark> = beforehand(&self.backprop, answer, tolerance)
            .into_iter()
            .chain(marking.of_given())
            .chain(marking.of_uses())
            .chain(marking.of_numbers(answer))
            .collect();
        let is_aside = |remark: &Remark| {
            use Remark::{ByValues, Integers, Renamed};
            matches!(remark, Renamed { .. } | ByValues { .. } | Integers { .. })
        };
        let is_comparable = folded.is_empty() && remarks.iter().all(is_aside);
        remarks.extend(folded.into_iter().map(|(_, remark)| remark));
        let mut rest = None;
        if is_comparable {
            let found = sources(marking, cancel)?;
            remarks.extend(found.remarks);
            rest = found.rest;
        }
        Ok(Sources { remarks, rest })
    }

    /// How far a number may be off that somebody has written by hand.
    pub fn tolerance(&self) -> Tolerance {
        self.chosen.or_usual(Origin::People)
    }

    /// The points of the asked tensors that are not compared, not even up to a factor.
    fn points_of_uncompared(&self, folded: &[(Vec<TensorId>, Remark)], asked: &[TensorId]) -> f64 {
        let not_at_all = folded
            .iter()
            .filter(|(_, remark)| !matches!(remark, Remark::Unfolded { .. }));
        let tensors = not_at_all.flat_map(|(tensors, _)| tensors);
        let points = tensors
            .filter(|tensor| asked.contains(tensor))
            .map(|&tensor| self.worth(tensor).max_points);
        points.sum()
    }

    /// The asked tensors of which an answer is expected to have something. A program may write down
    /// any part of its gradients where nobody has said which are asked.
    fn asked_of(&self, answer: &Answer) -> Vec<TensorId> {
        let is_there = |tensor: &TensorId| {
            answer.gradients.contains_key(tensor) || answer.spoilt.contains(tensor)
        };
        let is_part = self.may_be_part && answer.origin != Origin::People;
        let asked = self.asked.tensors().iter().copied();
        asked
            .filter(|tensor| !is_part || is_there(tensor))
            .collect()
    }

    fn report(
        &self,
        marking: &Marking,
        tensor: TensorId,
        marks: &Marks,
        cancel: &Cancel,
    ) -> Result<TensorReport, Cancelled> {
        let first_wrong = marks.wrong().next().and_then(|at| {
            let element = Element { tensor, at };
            let (yours, expected) = (marks.numbers.get(at)?, marking.truth().element(element));
            Some(FirstWrong {
                element,
                yours,
                expected,
                has_other_sign: marks.bounds.is_right(-yours, expected),
            })
        });
        let follows = marking.follows(tensor).then_some(Follows::Earlier);
        let diagnosis = match follows {
            Some(_) => Vec::new(),
            None => self.diagnosis(marking, tensor, cancel)?,
        };
        let (name, worth) = (
            &self.backprop.network().tensor(tensor).name,
            self.worth(tensor),
        );
        let report = TensorReport::new(tensor, name, marks, worth, first_wrong, diagnosis);
        Ok(TensorReport { follows, ..report })
    }

    /// What explains the wrong numbers of a tensor: how they are made of its own terms, or else how
    /// the gradients behind its activation are.
    fn diagnosis(
        &self,
        marking: &Marking,
        tensor: TensorId,
        cancel: &Cancel,
    ) -> Result<Vec<Diagnosis>, Cancelled> {
        let diagnosis = diagnose(&self.hypotheses, marking, tensor, cancel)?;
        if !diagnosis.is_empty() {
            return Ok(diagnosis);
        }
        if let Some((through, output)) = marking.through_activation(tensor) {
            let mut diagnosis = diagnose(&self.hypotheses, &through, output, cancel)?;
            let slope = |element| {
                let (activation, z) = activation_of(marking.truth(), element)?;
                Some(activation.slope(z))
            };
            diagnosis.iter_mut().for_each(|one| one.times(slope));
            return Ok(diagnosis);
        }
        let Some(marking) = marking.starting_right(tensor) else {
            return Ok(diagnosis);
        };
        let mut scaled = diagnose(&self.hypotheses, &marking, tensor, cancel)?;
        scaled.retain(|one| matches!(one.slips()[..], [CONSTANT_FACTOR | WRONG_SIGN]));
        Ok(scaled)
    }

    /// Marks numbers as carried that are wrong by the same slip as those of a tensor before, which
    /// is taken off once. Of several that may be made there, it is one that is made again.
    fn take_off_once(&self, reports: &mut [TensorReport], marks: &mut [Marks]) {
        let order = self.backprop.steps().tensors();
        let place = |tensor: TensorId| order.iter().position(|&other| other == tensor);
        let mut backward: Vec<usize> = (0..reports.len()).collect();
        backward.sort_by_key(|&number| place(reports[number].tensor));
        let mut made: Vec<usize> = Vec::new();
        for number in backward {
            let mut here = std::mem::take(&mut reports[number].diagnosis);
            let repeats = |one: &Diagnosis, first: &TensorReport| {
                let mut known = first.diagnosis.iter();
                known.any(|known| one.is_repeated_by(known))
            };
            let mut before = made.iter().copied();
            let first = before.find(|&first| here.iter().any(|one| repeats(one, &reports[first])));
            if let Some(first) = first {
                here.retain(|one| repeats(one, &reports[first]));
                let is_made_again =
                    |known: &Diagnosis| here.iter().any(|one| one.is_repeated_by(known));
                reports[first].diagnosis.retain(is_made_again);
                reports[number].diagnosis = here;
                let kept = Kept::Repeats(reports[first].name.clone());
                self.keep(&mut reports[number], &mut marks[number], kept);
            } else {
                reports[number].diagnosis = here;
                made.push(number);
            }
        }
    }

    /// Lets the wrong numbers of a tensor keep their marks.
    fn keep(&self, report: &mut TensorReport, marks: &mut Marks, kept: Kept) {
        marks.carry_wrong();
        let diagnosis = std::mem::take(&mut report.diagnosis);
        let (name, worth) = (report.name.clone(), self.worth(report.tensor));
        *report = TensorReport {
            kept: Some(kept),
            ..TensorReport::new(report.tensor, &name, marks, worth, None, diagnosis)
        };
    }

    fn worth(&self, tensor: TensorId) -> &Worth {
        self.worths[tensor.0 as usize].get_or_init(|| {
            let (places, points) = (self.asked.part(tensor), self.points.get(&tensor).copied());
            Worth::of(&self.backprop, tensor, places, points, self.zeros)
        })
    }

    /// The points of each asked tensor, with its name.
    pub fn points(&self) -> impl Iterator<Item = (&str, f64)> {
        let asked = self.asked.tensors().iter();
        asked.map(|&tensor| {
            let name = &self.backprop.network().tensor(tensor).name;
            (name.as_str(), self.worth(tensor).max_points)
        })
    }

    /// The shapes of the asked tensors, each with its name.
    pub fn shapes(&self) -> impl Iterator<Item = (&str, &Shape)> {
        let tensors = self
            .asked
            .tensors()
            .iter()
            .map(|&tensor| self.backprop.network().tensor(tensor));
        tensors.map(|tensor| (tensor.name.as_str(), &tensor.shape))
    }
}

/// The tensors for which somebody has written dL/dz.
fn conventional(answer: &Answer, reports: &[TensorReport]) -> Vec<TensorId> {
    let is_so = |report: &&TensorReport| {
        let mut diagnosis = report.diagnosis.iter();
        answer.origin == Origin::People && diagnosis.any(Diagnosis::is_convention)
    };
    reports
        .iter()
        .filter(is_so)
        .map(|report| report.tensor)
        .collect()
}

/// Whether two ids are one but for capitals, for signs that a folder's name cannot hold, and for
/// zeros that a spreadsheet takes off its beginning.
fn is_same_id(one: &str, other: &str) -> bool {
    let letters = |id: &str| {
        let letters = id.chars().filter(|c| c.is_alphanumeric());
        let letters: String = letters.flat_map(char::to_lowercase).collect();
        letters.trim_start_matches('0').to_owned()
    };
    letters(one) == letters(other)
}
