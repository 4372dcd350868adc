//! What is said of an answer, and of all answers together, in the shape in which it is written out.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::diagnosis::{Diagnosis, diagnose};
use super::{Answer, Marking, Marks, Problem, Status, Tolerance};
use crate::backprop::Backprop;
use crate::tensor::{Neuron, TensorId, exact};

/// What answers are marked against.
#[derive(Debug, Clone)]
pub struct Exam {
    /// The true gradients.
    pub backprop: Backprop,
    /// The tensors that are asked for.
    pub asked: Vec<TensorId>,
    /// How far a number may be off.
    pub tolerance: Tolerance,
}

/// What is said of one file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Submission {
    /// The file's name.
    pub file: String,
    /// Who has written it.
    pub student: String,
    /// What it comes to.
    pub verdict: Verdict,
    /// The part of the asked numbers that are correct or carried, from 0 to 1.
    pub score: f64,
    /// Why the file cannot be read, where it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What could not be read of single tensors.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// What is said of the asked tensors, in the order in which they are asked.
    pub tensors: Vec<TensorReport>,
}

/// What an answer comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FirstWrong {
    /// Its place, an index an axis.
    pub index: Vec<usize>,
    /// What the answer says.
    #[serde(serialize_with = "number")]
    pub yours: f64,
    /// What is right.
    #[serde(serialize_with = "number")]
    pub expected: f64,
}

/// What all answers come to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// How many files there are.
    pub submissions: usize,
    /// The mean of their scores; 0 where there are none.
    pub mean_score: f64,
    /// How many came to each verdict.
    pub verdicts: BTreeMap<Verdict, usize>,
    /// In how many files each slip is among the explanations.
    pub slips: BTreeMap<String, usize>,
    /// What became of each asked tensor.
    pub tensors: Vec<TensorSummary>,
    /// By tensor: in how many files each of its numbers is wrong.
    #[serde(skip)]
    wrong: Vec<Vec<usize>>,
    #[serde(skip)]
    total_score: f64,
}

/// What became of one tensor over all answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
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
    /// The number that most got wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hardest: Option<Hardest>,
}

/// The number of a tensor that most got wrong.
#[derive(Debug, Clone, PartialEq, Serialize)]
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
}

impl Exam {
    /// Marks a file. Without a name in it, the student is who the caller takes it to be from.
    pub fn mark(&self, file: &str, student: &str, answer: &Answer) -> Marked {
        let marking = Marking::new(&self.backprop, answer, self.tolerance);
        let n = |tensor| self.backprop.network().tensor(tensor).shape.numel();
        let marks: Vec<Marks> =
            self.asked.iter().map(|&tensor| marking.tensor(tensor).cloned().unwrap_or_else(|| Marks::blank(n(tensor)))).collect();
        let tensors: Vec<TensorReport> =
            self.asked.iter().zip(&marks).map(|(&tensor, marks)| self.tensor(&marking, tensor, marks)).collect();
        let submission = Submission {
            file: file.to_owned(),
            student: answer.student.as_deref().unwrap_or(student).to_owned(),
            verdict: verdict(&tensors),
            score: score(&tensors),
            error: None,
            problems: answer.problems.clone(),
            tensors,
        };
        Marked { submission, marks }
    }

    /// Says of a file that it cannot be read.
    pub fn unreadable(&self, file: &str, student: &str, error: impl Into<String>) -> Marked {
        let submission = Submission {
            file: file.to_owned(),
            student: student.to_owned(),
            verdict: Verdict::Unreadable,
            score: 0.0,
            error: Some(error.into()),
            problems: Vec::new(),
            tensors: Vec::new(),
        };
        Marked { submission, marks: Vec::new() }
    }

    fn tensor(&self, marking: &Marking, tensor: TensorId, marks: &Marks) -> TensorReport {
        let network = self.backprop.network();
        let truth = self.backprop.gradient(tensor).data();
        let first_wrong = marks.wrong().next().and_then(|at| {
            let index = network.tensor(tensor).shape.index(at).to_vec();
            Some(FirstWrong { index, yours: marks.numbers[at]?, expected: truth[at] })
        });
        let [correct, carried, wrong, blank] =
            [Status::Correct, Status::Carried, Status::Wrong, Status::Blank].map(|status| marks.count(status));
        let diagnosis = if wrong > 0 { diagnose(&self.backprop, marking, tensor) } else { Vec::new() };
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

    /// The summary of no answers.
    pub fn summary(&self) -> Summary {
        let tensors = self.asked.iter().map(|&tensor| self.backprop.network().tensor(tensor));
        Summary {
            submissions: 0,
            mean_score: 0.0,
            verdicts: BTreeMap::new(),
            slips: BTreeMap::new(),
            tensors: tensors.clone().map(|tensor| TensorSummary::none(&tensor.name)).collect(),
            wrong: tensors.map(|tensor| vec![0; tensor.shape.numel()]).collect(),
            total_score: 0.0,
        }
    }

    /// The address of a number of an asked tensor, by the tensor's place among those asked.
    pub fn address(&self, asked: usize, at: usize) -> String {
        self.backprop.network().address(Neuron { tensor: self.asked[asked], at }).to_string()
    }
}

impl Summary {
    /// Counts a file in.
    pub fn add(&mut self, exam: &Exam, marked: &Marked) {
        let submission = &marked.submission;
        self.submissions += 1;
        self.total_score += submission.score;
        self.mean_score = self.total_score / self.submissions as f64;
        *self.verdicts.entry(submission.verdict).or_default() += 1;
        let diagnoses = submission.tensors.iter().flat_map(|tensor| &tensor.diagnosis);
        let mut slips: Vec<&str> = diagnoses.flat_map(|diagnosis| &diagnosis.slips).copied().collect();
        slips.sort_unstable();
        slips.dedup();
        for slip in slips {
            *self.slips.entry(slip.to_owned()).or_default() += 1;
        }
        for (asked, marks) in marked.marks.iter().enumerate() {
            let tensor = &mut self.tensors[asked];
            *tensor.count(marks.status()) += 1;
            for at in marks.wrong() {
                let n = &mut self.wrong[asked][at];
                *n += 1;
                if tensor.hardest.as_ref().is_none_or(|hardest| *n > hardest.wrong) {
                    let shape = &exam.backprop.network().tensor(exam.asked[asked]).shape;
                    tensor.hardest = Some(Hardest { index: shape.index(at).to_vec(), wrong: *n });
                }
            }
        }
    }

    /// In how many files each number of an asked tensor is wrong, in row-major order.
    pub fn wrong(&self, asked: usize) -> &[usize] {
        &self.wrong[asked]
    }
}

impl TensorSummary {
    fn none(name: &str) -> Self {
        Self { name: name.to_owned(), correct: 0, carried: 0, wrong: 0, blank: 0, hardest: None }
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
    if has(Status::Wrong) {
        Verdict::Wrong
    } else if tensors.iter().any(|tensor| tensor.blank > 0) {
        Verdict::Incomplete
    } else {
        Verdict::Correct
    }
}

fn score(tensors: &[TensorReport]) -> f64 {
    let earned: usize = tensors.iter().map(|tensor| tensor.correct + tensor.carried).sum();
    let total: usize = tensors.iter().map(|tensor| tensor.total).sum();
    earned as f64 / total.max(1) as f64
}

/// Writes a number, or the word for one that JSON has no number for.
fn number<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if value.is_finite() { serializer.serialize_f64(*value) } else { serializer.serialize_str(&exact(*value)) }
}
