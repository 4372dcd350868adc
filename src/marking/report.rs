//! What is said of an answer, and of all answers together, in the shape in which it is written out.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::diagnosis::{Diagnosis, Methods, diagnose, likeliest};
use super::{Answer, Marking, Marks, Problem, Status, Tolerance};
use crate::backprop::Backprop;
use crate::json::Number;
use crate::scenario::{Notes, Scenario};
use crate::tensor::{Shape, TensorId};

/// What answers are marked against.
#[derive(Debug)]
pub struct Exam {
    /// The scenario's title; empty where it has none.
    pub title: String,
    /// SHA-256 of the scenario file's bytes, in hex.
    pub sha256: String,
    /// A teacher's words.
    pub notes: Notes,
    /// The true gradients.
    pub backprop: Backprop,
    /// The tensors that are asked for.
    pub asked: Vec<TensorId>,
    /// How far a number may be off.
    pub tolerance: Tolerance,
    methods: Methods,
}

/// The format of a report and its version, as the file says it.
pub const REPORT_FORMAT: &str = "backstep-report/1";

/// A whole report. It is written piece by piece, so that no more than one submission is held; this
/// is what the pieces make.
#[derive(Debug, Clone, PartialEq, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Report {
    /// The format and its version.
    #[schemars(extend("const" = REPORT_FORMAT))]
    pub format: String,
    /// SHA-256 of the scenario file's bytes, in hex; left out where each student has a scenario of
    /// their own.
    pub scenario_sha256: Option<String>,
    /// How far a number may be off, relative to the right one.
    pub rtol: Number,
    /// How far a number may be off whatever the right one.
    pub atol: Number,
    /// What is said of each file.
    pub submissions: Vec<Submission>,
    /// What all of them come to.
    pub summary: Summary,
}

/// What is said of one file.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Submission {
    /// The file's name.
    pub file: String,
    /// Who has written it.
    pub student: String,
    /// Which scenario it was marked against, where each student has one of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario_sha256: Option<String>,
    /// What it comes to.
    pub verdict: Verdict,
    /// The part of the asked numbers that are correct or carried, from 0 to 1.
    pub score: f64,
    /// Why the file cannot be read, where it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What could not be read of single tensors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// What is said of the asked tensors, in the order in which they are asked.
    pub tensors: Vec<TensorReport>,
}

/// What an answer comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Everything is correct.
    Correct,
    /// Something is wrong, or carried from something wrong.
    Wrong,
    /// Nothing is wrong, and something is blank.
    Incomplete,
    /// The file cannot be read.
    Unreadable,
}

/// What is said of one tensor of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TensorReport {
    /// The tensor's name.
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
    /// How many there are.
    pub total: usize,
    /// The first wrong number in row-major order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_wrong: Option<FirstWrong>,
    /// What explains the wrong numbers.
    pub diagnosis: Vec<Diagnosis>,
}

/// A number that is wrong, beside the right one.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FirstWrong {
    /// Its place, an index an axis.
    pub index: Vec<usize>,
    /// What the answer says.
    pub yours: Number,
    /// What is right.
    pub expected: Number,
}

/// What all answers come to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Summary {
    /// How many files there are.
    pub submissions: usize,
    /// The mean of their scores; 0 where there are none.
    pub mean_score: f64,
    /// How many came to each verdict.
    pub verdicts: BTreeMap<Verdict, usize>,
    /// In how many files each slip is among the likeliest explanations.
    pub slips: BTreeMap<String, usize>,
    /// What became of each asked tensor.
    pub tensors: Vec<TensorSummary>,
    #[serde(skip)]
    total_score: f64,
}

/// What became of one tensor over all answers.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TensorSummary {
    /// The tensor's name.
    pub name: String,
    /// In how many files it is correct as a whole.
    pub correct: usize,
    /// In how many it is carried.
    pub carried: usize,
    /// In how many something of it is wrong.
    pub wrong: usize,
    /// In how many it is blank, or partly so.
    pub blank: usize,
    /// The number that most got wrong, the first of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hardest: Option<Hardest>,
    /// The tensor's shape.
    #[serde(skip)]
    pub shape: Shape,
    /// In how many files each of its numbers is wrong, in row-major order.
    #[serde(skip)]
    pub wrong_numbers: Vec<usize>,
}

/// The number of a tensor that most got wrong.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Hardest {
    /// Its place, an index an axis.
    pub index: Vec<usize>,
    /// In how many files it is wrong.
    pub wrong: usize,
}

/// A file's marks, number by number, and what is said of them.
#[derive(Debug, Clone)]
pub struct Marked {
    /// What is said.
    pub submission: Submission,
    /// The marks of the asked tensors; empty where the file cannot be read.
    pub marks: Vec<Marks>,
    /// The shapes of the asked tensors.
    pub shapes: Vec<Shape>,
    /// The backward run with the answer's gradients in place of the true ones, where the file can
    /// be read.
    pub own: Option<Backprop>,
}

impl Exam {
    /// What answers to a scenario are marked against: these tensors, within a tolerance.
    pub fn new(
        scenario: Scenario,
        backprop: Backprop,
        asked: Vec<TensorId>,
        tolerance: Tolerance,
    ) -> Self {
        let methods = Methods::of(&scenario.network);
        let sha256 = scenario.sha256();
        let Scenario { title, notes, .. } = scenario;
        Self {
            title,
            sha256,
            notes,
            backprop,
            asked,
            tolerance,
            methods,
        }
    }

    /// Marks a file. Without a name in it, the student is who the caller takes it to be from.
    pub fn mark(&self, file: &str, student: &str, answer: &Answer) -> Marked {
        let marking = Marking::new(&self.backprop, answer, self.tolerance);
        let n = |tensor| self.backprop.network().tensor(tensor).shape.numel();
        let marks: Vec<Marks> = self
            .asked
            .iter()
            .map(|&tensor| {
                marking
                    .tensor(tensor)
                    .cloned()
                    .unwrap_or_else(|| Marks::blank(n(tensor)))
            })
            .collect();
        let tensors: Vec<TensorReport> = self
            .asked
            .iter()
            .zip(&marks)
            .map(|(&tensor, marks)| self.tensor(&marking, tensor, marks))
            .collect();
        let submission = Submission {
            file: file.to_owned(),
            student: answer.student.as_deref().unwrap_or(student).to_owned(),
            scenario_sha256: None,
            verdict: verdict(&tensors),
            score: score(&tensors),
            error: None,
            problems: answer.problems.clone(),
            tensors,
        };
        let shapes = self.shapes().map(|(_, shape)| shape.clone()).collect();
        Marked {
            submission,
            marks,
            shapes,
            own: Some(marking.into_own()),
        }
    }

    fn tensor(&self, marking: &Marking, tensor: TensorId, marks: &Marks) -> TensorReport {
        let network = self.backprop.network();
        let truth = self.backprop.gradient(tensor).data();
        let first_wrong = marks.wrong().next().and_then(|at| {
            let index = network.tensor(tensor).shape.index(at).to_vec();
            Some(FirstWrong {
                index,
                yours: Number(marks.numbers[at]?),
                expected: Number(truth[at]),
            })
        });
        let [correct, carried, wrong, blank] = [
            Status::Correct,
            Status::Carried,
            Status::Wrong,
            Status::Blank,
        ]
        .map(|status| marks.count(status));
        let diagnosis = if wrong > 0 {
            diagnose(&self.backprop, &self.methods, marking, tensor)
        } else {
            Vec::new()
        };
        TensorReport {
            name: network.tensor(tensor).name.clone(),
            status: marks.status(),
            correct,
            carried,
            wrong,
            blank,
            total: marks.numbers.len(),
            first_wrong,
            diagnosis,
        }
    }

    /// The shapes of the asked tensors, each with its name.
    pub fn shapes(&self) -> impl Iterator<Item = (&str, &Shape)> {
        let tensors = self
            .asked
            .iter()
            .map(|&tensor| self.backprop.network().tensor(tensor));
        tensors.map(|tensor| (tensor.name.as_str(), &tensor.shape))
    }
}

impl Marked {
    /// What is said of a file that cannot be read.
    pub fn unreadable(file: &str, student: &str, error: impl Into<String>) -> Self {
        let submission = Submission {
            file: file.to_owned(),
            student: student.to_owned(),
            scenario_sha256: None,
            verdict: Verdict::Unreadable,
            score: 0.0,
            error: Some(error.into()),
            problems: Vec::new(),
            tensors: Vec::new(),
        };
        Self {
            submission,
            marks: Vec::new(),
            shapes: Vec::new(),
            own: None,
        }
    }
}

impl Submission {
    /// The slips of the likeliest explanations of its tensors, each once.
    pub fn slips(&self) -> Vec<&'static str> {
        let mut slips: Vec<&str> = Vec::new();
        for slip in self
            .tensors
            .iter()
            .flat_map(|tensor| likeliest(&tensor.diagnosis))
            .flat_map(|diagnosis| &diagnosis.slips)
        {
            if !slips.contains(slip) {
                slips.push(slip);
            }
        }
        slips
    }
}

impl TensorReport {
    /// How many of its numbers earn their marks.
    pub fn earned(&self) -> usize {
        self.correct + self.carried
    }

    /// The part of its numbers that earn their marks, from 0 to 1.
    pub fn score(&self) -> f64 {
        self.earned() as f64 / self.total as f64
    }
}

impl Summary {
    /// The summary of no answers.
    pub fn new(exam: &Exam) -> Self {
        Self {
            tensors: exam
                .shapes()
                .map(|(name, shape)| TensorSummary::none(name, shape))
                .collect(),
            ..Self::default()
        }
    }

    /// Counts a file in. Exams may differ: tensors of one name and shape are counted together.
    pub fn add(&mut self, marked: &Marked) {
        let submission = &marked.submission;
        self.submissions += 1;
        self.total_score += submission.score;
        self.mean_score = self.total_score / self.submissions as f64;
        *self.verdicts.entry(submission.verdict).or_default() += 1;
        for slip in submission.slips() {
            *self.slips.entry(slip.to_owned()).or_default() += 1;
        }
        for ((tensor, shape), marks) in submission
            .tensors
            .iter()
            .zip(&marked.shapes)
            .zip(&marked.marks)
        {
            self.tensor(&tensor.name, shape).add(marks);
        }
    }

    /// The slips, the most common first.
    pub fn common_slips(&self) -> Vec<(&str, usize)> {
        let mut slips: Vec<(&str, usize)> =
            self.slips.iter().map(|(id, &n)| (id.as_str(), n)).collect();
        slips.sort_by_key(|&(_, n)| std::cmp::Reverse(n));
        slips
    }

    fn tensor(&mut self, name: &str, shape: &Shape) -> &mut TensorSummary {
        let known = self
            .tensors
            .iter()
            .position(|tensor| tensor.name == name && tensor.shape == *shape);
        let place = known.unwrap_or_else(|| {
            self.tensors.push(TensorSummary::none(name, shape));
            self.tensors.len() - 1
        });
        &mut self.tensors[place]
    }
}

impl TensorSummary {
    fn none(name: &str, shape: &Shape) -> Self {
        let (shape, wrong_numbers) = (shape.clone(), vec![0; shape.numel()]);
        Self {
            name: name.to_owned(),
            correct: 0,
            carried: 0,
            wrong: 0,
            blank: 0,
            hardest: None,
            shape,
            wrong_numbers,
        }
    }

    fn add(&mut self, marks: &Marks) {
        *self.count(marks.status()) += 1;
        for at in marks.wrong() {
            self.wrong_numbers[at] += 1;
            let wrong = self.wrong_numbers[at];
            let place = |index: &[usize]| self.shape.place(index);
            let is_harder = |hardest: &Hardest| {
                wrong > hardest.wrong
                    || (wrong == hardest.wrong && Some(at) < place(&hardest.index))
            };
            if self.hardest.as_ref().is_none_or(is_harder) {
                self.hardest = Some(Hardest {
                    index: self.shape.index(at).to_vec(),
                    wrong,
                });
            }
        }
    }

    fn count(&mut self, status: Status) -> &mut usize {
        match status {
            Status::Correct => &mut self.correct,
            Status::Carried => &mut self.carried,
            Status::Wrong => &mut self.wrong,
            Status::Blank => &mut self.blank,
        }
    }
}

fn verdict(tensors: &[TensorReport]) -> Verdict {
    let has = |status| tensors.iter().any(|tensor| tensor.status == status);
    if has(Status::Wrong) || has(Status::Carried) {
        Verdict::Wrong
    } else if tensors.iter().any(|tensor| tensor.blank > 0) {
        Verdict::Incomplete
    } else {
        Verdict::Correct
    }
}

fn score(tensors: &[TensorReport]) -> f64 {
    let earned: usize = tensors.iter().map(TensorReport::earned).sum();
    let total: usize = tensors.iter().map(|tensor| tensor.total).sum();
    earned as f64 / total.max(1) as f64
}
