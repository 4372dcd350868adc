//! What is found in one file, as data.

use schemars::JsonSchema;
use serde::Serialize;

use super::answer::Problem;
use super::diagnosis::Diagnosis;
use super::marks::{Marks, Status};
use super::remark::{Follows, Remark};
use super::tolerance::Tolerance;
use super::unreadable::Unreadable;
use super::worth::Worth;
use crate::tensor::{Element, TensorId};

/// What is found in one file.
#[derive(Debug)]
pub struct Submission {
    /// The file's name.
    pub file: String,
    /// Who has written it.
    pub student: String,
    /// Which scenario it was marked against, where each student has one of their own.
    pub scenario_sha256: Option<String>,
    /// What it comes to.
    pub verdict: Verdict,
    /// The part of the points that it earns, from 0 to 1.
    pub score: f64,
    /// Why the file cannot be marked, where it cannot.
    pub error: Option<Unreadable>,
    /// How far its numbers may be off, where that is not as far as those that people write.
    pub tolerance: Option<Tolerance>,
    /// What is to be known before the marks.
    pub remarks: Vec<Remark>,
    /// What could not be read of single tensors.
    pub problems: Vec<Problem>,
    /// The points of the tensors that cannot be compared.
    pub uncompared: f64,
    /// How many tensors it need not have, and has not.
    pub n_not_given: usize,
    /// What is found in the asked tensors, in the order in which they are asked.
    pub tensors: Vec<TensorReport>,
}

/// What an answer comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Everything is right, or follows from numbers that are only rounded.
    Correct,
    /// Something is wrong.
    Wrong,
    /// Nothing is wrong, and something is blank, or cannot be read or compared.
    Incomplete,
    /// The file cannot be read.
    Unreadable,
    /// The student is known, and nothing came.
    Missing,
}

/// What is found in one tensor of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct TensorReport {
    /// The tensor.
    pub tensor: TensorId,
    /// Its name.
    pub name: String,
    /// The worst status of its numbers.
    pub status: Status,
    /// How many numbers are correct.
    pub correct: usize,
    /// How many are carried.
    pub carried: usize,
    /// How many are wrong.
    pub wrong: usize,
    /// How many are blank.
    pub blank: usize,
    /// How many cannot be read.
    pub unreadable: usize,
    /// How many are asked for.
    pub total: usize,
    /// How far its numbers may be off, where that is not as far as those of the submission.
    pub tolerance: Option<Tolerance>,
    /// The first wrong number in row-major order.
    pub first_wrong: Option<FirstWrong>,
    /// The part of the tensor's points that they earn, from 0 to 1.
    pub part: f64,
    /// The tensor's points.
    pub max_points: f64,
    /// What explains the wrong numbers. It is empty where a remark does.
    pub diagnosis: Vec<Diagnosis>,
    /// What its wrong numbers follow from, where that is known.
    pub follows: Option<Follows>,
    /// Why numbers that are wrong by themselves are carried all the same.
    pub kept: Option<Kept>,
}

/// Why numbers keep their marks that neither are right nor follow from earlier ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// The same mistake was made in this tensor before, and is taken off only there.
    Repeats(String),
    /// They are right by another convention: they are dL/dz, before the activation of the layer.
    BeforeTheActivation,
}

/// A number that is wrong, beside the right one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FirstWrong {
    /// Where it is.
    pub element: Element,
    /// What the answer says.
    pub yours: f64,
    /// What is right.
    pub expected: f64,
    /// Whether it would be right with the other sign.
    pub has_other_sign: bool,
}

impl Submission {
    /// What is found in the asked tensors of a file that can be read.
    pub(super) fn new(file: &str, student: &str, tensors: Vec<TensorReport>) -> Self {
        let submission = Self {
            file: file.to_owned(),
            student: student.to_owned(),
            scenario_sha256: None,
            verdict: verdict(&tensors),
            score: 0.0,
            error: None,
            tolerance: None,
            remarks: Vec::new(),
            problems: Vec::new(),
            uncompared: 0.0,
            n_not_given: 0,
            tensors,
        };
        submission.scored()
    }

    /// What is found beside what could not be read of single tensors: where some cannot be
    /// compared, nobody says that all is right.
    pub(super) fn with_problems(self, problems: Vec<Problem>) -> Self {
        let is_all = problems.iter().all(|it| it.uncompared().is_none());
        let verdict = match self.verdict {
            Verdict::Correct if !is_all => Verdict::Incomplete,
            verdict => verdict,
        };
        Self {
            verdict,
            problems,
            ..self
        }
    }

    fn scored(self) -> Self {
        let score = self.points() / self.max_points();
        Self {
            score: if score.is_nan() { 0.0 } else { score },
            ..self
        }
    }

    /// What is found beside convolutions that are not compared number by number: the remarks on
    /// them, and the points of those that are not compared at all.
    pub(super) fn beside(self, folded: &[Remark], uncompared: f64) -> Self {
        let is_zeroed = |remark: &Remark| matches!(remark, Remark::Zeroed { .. });
        let verdict = if folded.iter().any(is_zeroed) {
            Verdict::Wrong
        } else if uncompared > 0.0 && self.verdict == Verdict::Correct {
            Verdict::Incomplete
        } else {
            self.verdict
        };
        let beside = Self {
            verdict,
            uncompared,
            ..self
        };
        beside.scored()
    }

    /// A file that cannot be read.
    pub(super) fn unreadable(file: &str, student: &str, error: Unreadable) -> Self {
        Self {
            verdict: Verdict::Unreadable,
            score: 0.0,
            error: Some(error),
            ..Self::new(file, student, Vec::new())
        }
    }

    /// The points that it earns.
    pub fn points(&self) -> f64 {
        let points = self.tensors.iter().map(TensorReport::points);
        points.fold(0.0, |sum, points| sum + points)
    }

    /// The points that there are; none where it is not known what it is marked against.
    pub fn max_points(&self) -> f64 {
        let points = self.tensors.iter().map(|tensor| tensor.max_points);
        points.fold(self.uncompared, |sum, points| sum + points)
    }

    /// The slips that may explain its tensors, each once.
    pub fn slips(&self) -> Vec<&'static str> {
        let diagnoses = self.tensors.iter().flat_map(|tensor| &tensor.diagnosis);
        let mut slips = Vec::new();
        let sources = self.remarks.iter().flat_map(Remark::slips);
        for slip in diagnoses.flat_map(Diagnosis::slips).chain(sources) {
            if !slips.contains(&slip) {
                slips.push(slip);
            }
        }
        slips
    }
}

impl TensorReport {
    /// The counts of a tensor's marks, with its first wrong number and what explains them all.
    pub(super) fn new(
        tensor: TensorId,
        name: &str,
        marks: &Marks,
        worth: &Worth,
        first_wrong: Option<FirstWrong>,
        diagnosis: Vec<Diagnosis>,
    ) -> Self {
        Self {
            tensor,
            name: name.to_owned(),
            status: marks.status(),
            correct: marks.count(Status::Correct),
            carried: marks.count(Status::Carried),
            wrong: marks.count(Status::Wrong),
            blank: marks.count(Status::Blank),
            unreadable: marks.count(Status::Unreadable),
            total: marks.n_asked(),
            tolerance: None,
            first_wrong,
            part: worth.part(marks),
            max_points: worth.max_points,
            diagnosis,
            follows: None,
            kept: None,
        }
    }

    /// How many of its numbers earn their marks.
    pub fn earned(&self) -> usize {
        self.correct + self.carried
    }

    /// The points that its numbers earn.
    pub fn points(&self) -> f64 {
        self.part * self.max_points
    }
}

fn verdict(tensors: &[TensorReport]) -> Verdict {
    let open = |tensor: &TensorReport| tensor.blank + tensor.unreadable;
    if tensors.iter().any(|tensor| tensor.wrong > 0) {
        Verdict::Wrong
    } else if tensors.is_empty() || tensors.iter().any(|tensor| open(tensor) > 0) {
        Verdict::Incomplete
    } else {
        Verdict::Correct
    }
}
