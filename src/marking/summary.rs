//! What all answers come to.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::marked::Marked;
use super::marks::{Marks, Status};
use super::scheme::MarkScheme;
use super::submission::Verdict;
use crate::tensor::Shape;

/// What all answers come to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Summary {
    /// How many files there are.
    pub submissions: usize,
    /// How many students there are from whom nothing came.
    pub missing: usize,
    /// The mean of the files' scores; 0 where there are none.
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
    /// In how many something of it cannot be read.
    pub unreadable: usize,
    /// The number that most got wrong, the first of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hardest: Option<Hardest>,
    /// The tensor's shape.
    #[serde(skip)]
    pub shape: Shape,
    /// In how many files each of its numbers is wrong, in row-major order.
    #[serde(skip)]
    pub wrong_numbers: Vec<u32>,
}

/// The number of a tensor that most got wrong.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Hardest {
    /// Its place, an index an axis.
    pub index: Vec<usize>,
    /// In how many files it is wrong.
    pub wrong: usize,
}

impl Summary {
    /// The summary of no answers.
    pub fn new(scheme: &MarkScheme) -> Self {
        Self {
            tensors: scheme
                .shapes()
                .map(|(name, shape)| TensorSummary::none(name, shape))
                .collect(),
            ..Self::default()
        }
    }

    /// Counts a file in. Schemes may differ: tensors of one name and shape are counted together.
    pub fn add(&mut self, marked: &Marked) {
        let submission = &marked.submission;
        if submission.verdict == Verdict::Missing {
            self.missing += 1;
            return;
        }
        self.submissions += 1;
        self.total_score += submission.score;
        self.mean_score = self.total_score / self.submissions as f64;
        *self.verdicts.entry(submission.verdict).or_default() += 1;
        for slip in submission.slips() {
            *self.slips.entry(slip.to_owned()).or_default() += 1;
        }
        for ((network, report), marks) in marked.tensors().zip(&marked.marks) {
            let shape = &network.tensor(report.tensor).shape;
            self.tensor(&report.name, shape).add(marks);
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
            unreadable: 0,
            hardest: None,
            shape,
            wrong_numbers,
        }
    }

    fn add(&mut self, marks: &Marks) {
        *self.count(marks.status()) += 1;
        for at in marks.wrong() {
            self.wrong_numbers[at] += 1;
            let wrong = self.wrong_numbers[at] as usize;
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
            Status::Unreadable => &mut self.unreadable,
        }
    }
}
