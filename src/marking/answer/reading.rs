use std::collections::HashSet;

use super::content::Answer;
use super::problem::{Misshape, Problem};
use crate::diagnostic::nearest;
use crate::tape::Network;
use crate::tensor::TensorId;

/// How many tensors that the scenario does not have are named one by one.
const MOST_UNKNOWN: usize = 20;

/// An answer that is being read.
pub(super) struct Reading<'a> {
    pub(super) network: &'a Network,
    pub(super) answer: Answer,
    /// The tensors that something is wrong with, which is said once of each.
    spoilt: HashSet<TensorId>,
    /// The names that no tensor has.
    unknown: HashSet<String>,
    /// The place among the problems of the last of them that is named.
    last_named: usize,
}

impl<'a> Reading<'a> {
    pub(super) fn new(network: &'a Network) -> Self {
        Self {
            network,
            answer: Answer::default(),
            spoilt: HashSet::new(),
            unknown: HashSet::new(),
            last_named: 0,
        }
    }

    /// Finds a tensor by the name that the file gives it, or notes that there is none.
    pub(super) fn find(&mut self, name: &str) -> Option<TensorId> {
        let found = self.network.find(name);
        if found.is_none() && self.unknown.insert(name.to_owned()) {
            self.note_unknown(name);
        }
        found
    }

    fn note_unknown(&mut self, name: &str) {
        if self.unknown.len() > MOST_UNKNOWN {
            return;
        }
        let tensors = self.network.tensors().iter();
        let nearest = nearest(name, tensors.map(|tensor| tensor.name.as_str()));
        self.last_named = self.answer.problems.len();
        self.answer.problems.push(Problem::Unknown {
            tensor: name.to_owned(),
            nearest: nearest.map(str::to_owned),
        });
    }

    /// Notes what is wrong with a tensor, unless something was wrong with it before.
    pub(super) fn spoil(&mut self, tensor: TensorId, problem: Problem) {
        if self.spoilt.insert(tensor) {
            self.answer.problems.push(problem);
        }
    }

    /// Notes that a tensor has another shape than the scenario's.
    pub(super) fn misshapen(&mut self, tensor: TensorId, found: Misshape) {
        let expected = self.network.tensor(tensor);
        let problem = Problem::Shape {
            tensor: expected.name.clone(),
            expected: expected.shape.clone(),
            found,
        };
        self.spoil(tensor, problem);
    }

    /// Returns what was read. A tensor of which something could not be read is not read at all.
    pub(super) fn finish(self) -> Answer {
        let mut answer = self.answer;
        answer.gradients.retain(|id, _| !self.spoilt.contains(id));
        let more = self.unknown.len().saturating_sub(MOST_UNKNOWN);
        let last = answer.problems.get_mut(self.last_named);
        if let Some(Problem::Unknown { tensor, .. }) = last.as_deref().filter(|_| more > 0) {
            let tensor = tensor.clone();
            answer.problems[self.last_named] = Problem::UnknownToo { tensor, more };
        }
        answer
    }
}
