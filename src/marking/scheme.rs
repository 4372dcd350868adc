//! What answers are marked against, and the marking of one.

use std::sync::Arc;

use super::answer::Answer;
use super::diagnosis::diagnose;
use super::hypotheses::Hypotheses;
use super::marks::{Marking, Marks};
use super::submission::{FirstWrong, Submission, TensorReport};
use super::tolerance::Tolerance;
use super::unreadable::Unreadable;
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::scenario::{Notes, Scenario};
use crate::tape::Network;
use crate::tensor::{Element, Shape, TensorId};

/// What answers are marked against.
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
    /// The tensors that are asked for.
    pub asked: Vec<TensorId>,
    /// How far a number may be off.
    pub tolerance: Tolerance,
    hypotheses: Hypotheses,
}

/// A file's marks, number by number, and what is found in them.
#[derive(Debug)]
pub struct Marked {
    /// What is found.
    pub submission: Submission,
    /// The marks of the asked tensors; empty where the file cannot be read.
    pub marks: Vec<Marks>,
    /// The network whose gradients they are; nothing where the file cannot be read.
    network: Option<Arc<Network>>,
    /// The backward run with the answer's gradients in place of the true ones, where the file can
    /// be read.
    pub own: Option<Backprop>,
}

impl MarkScheme {
    /// What answers to a scenario are marked against: these tensors, within a tolerance.
    pub fn new(
        scenario: Scenario,
        backprop: Backprop,
        asked: Vec<TensorId>,
        tolerance: Tolerance,
    ) -> Self {
        let hypotheses = Hypotheses::of(&scenario.network);
        let sha256 = scenario.sha256();
        let Scenario { title, notes, .. } = scenario;
        Self {
            title,
            sha256,
            notes,
            backprop,
            asked,
            tolerance,
            hypotheses,
        }
    }

    /// Marks a file. Without a name in it, the student is who the caller takes it to be from.
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
        let marking = Marking::new(&self.backprop, answer, self.tolerance, cancel)?;
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
        let reports = self.asked.iter().zip(&marks);
        let reports = reports
            .map(|(&tensor, marks)| self.report(&marking, tensor, marks, cancel))
            .collect::<Result<_, _>>()?;
        let student = answer.student.as_deref().unwrap_or(student);
        let problems = answer.problems.clone();
        Ok(Marked {
            submission: Submission::new(file, student, problems, reports),
            marks,
            network: Some(Arc::clone(self.backprop.network())),
            own: Some(marking.into_own()),
        })
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
            Some(FirstWrong {
                element,
                yours: marks.numbers[at]?,
                expected: self.backprop.element(element),
            })
        });
        let diagnosis = diagnose(&self.backprop, &self.hypotheses, marking, tensor, cancel)?;
        let name = &self.backprop.network().tensor(tensor).name;
        Ok(TensorReport::new(
            tensor,
            name,
            marks,
            first_wrong,
            diagnosis,
        ))
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
    /// A file that cannot be read.
    pub fn unreadable(file: &str, student: &str, error: Unreadable) -> Self {
        Self {
            submission: Submission::unreadable(file, student, error),
            marks: Vec::new(),
            network: None,
            own: None,
        }
    }

    /// What is found in the asked tensors, with the network whose they are.
    pub fn tensors(&self) -> impl Iterator<Item = (&Network, &TensorReport)> {
        let reports = self.submission.tensors.iter();
        reports.filter_map(|report| Some((&**self.network.as_ref()?, report)))
    }
}
