//! Somebody's own gradients, whatever file they come from.

use std::collections::{BTreeMap, BTreeSet};

use super::problem::Problem;
use crate::marking::numbers::Numbers;
use crate::marking::tolerance::{Origin, Tolerance};
use crate::marking::whole::Whole;
use crate::tensor::{Element, Tensor, TensorId};

/// The format of an answer in JSON and its version, as the file says it.
pub const ANSWER_FORMAT: &str = "backstep-answer/1";

/// The same of the key of a generated exercise, which is an answer too.
pub const KEY_FORMAT: &str = "backstep-key/1";

/// Somebody's own gradients.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Who has written them, where the file says so.
    pub student: Option<String>,
    /// SHA-256 of the scenario that it is an answer to, where the file says so.
    pub exercise: Option<String>,
    /// Where its numbers come from; of arrays of several types, the coarsest of those that can hold
    /// a gradient.
    pub origin: Origin,
    /// By tensor: where its own numbers come from, where that is said.
    pub origins: BTreeMap<TensorId, Origin>,
    /// Whether NaN stands for a blank, as it does in arrays, where the right number is another.
    pub has_nan_for_blanks: bool,
    /// By tensor: which whole numbers its array holds, where it holds no others.
    pub whole: BTreeMap<TensorId, Whole>,
    /// By tensor: the numbers.
    pub gradients: BTreeMap<TensorId, Numbers>,
    /// By tensor: the values of the forward run that came along.
    pub values: BTreeMap<TensorId, Tensor>,
    /// Lists of numbers under names that no tensor of the scenario has: they may be parameters of a
    /// layer that was folded into another.
    pub unknown: BTreeMap<String, Tensor>,
    /// The names that were matched otherwise than as they are, each with the scenario's.
    pub renamed: Vec<(String, String)>,
    /// The names whose tensors were found by the values that came along, up to the order of their
    /// axes, each with the scenario's.
    pub by_values: Vec<(String, String)>,
    /// The numbers that could not be read, each of which spoils nothing but itself.
    pub unreadable: BTreeSet<Element>,
    /// The tensors that could not be read.
    pub spoilt: BTreeSet<TensorId>,
    /// What is wrong with them, and with tensors that the scenario does not have.
    pub problems: Vec<Problem>,
}

impl Answer {
    /// How far a number may be off where nobody says otherwise.
    pub fn tolerance(&self) -> Tolerance {
        self.origin.into()
    }

    /// The same in one tensor, where nobody has chosen another tolerance than that of the answer.
    pub(in crate::marking) fn tolerance_in(&self, tensor: TensorId, of: Tolerance) -> Tolerance {
        let own = self.origins.get(&tensor).filter(|_| of.of.is_some());
        own.map_or(of, |&origin| origin.into())
    }

    /// What is written for a tensor beside the right numbers, with the blanks that are seen only
    /// there.
    pub(in crate::marking) fn beside(&self, numbers: &Numbers, right: &[f64]) -> Numbers {
        let mut beside = numbers.clone();
        if self.has_nan_for_blanks {
            numbers
                .not_numbers(right)
                .for_each(|at| beside.set(at, None));
        }
        beside
    }

    /// The places of a tensor whose numbers could not be read.
    pub(in crate::marking) fn unreadable_in(
        &self,
        tensor: TensorId,
    ) -> impl Iterator<Item = usize> {
        let from = Element { tensor, at: 0 };
        let elements = self.unreadable.range(from..);
        let of_tensor = elements.take_while(move |element| element.tensor == tensor);
        of_tensor.map(|element| element.at)
    }

    /// The answer without its gradients of some tensors.
    pub(in crate::marking) fn without(&self, tensors: &[TensorId]) -> Self {
        let mut rest = self.clone();
        rest.gradients.retain(|tensor, _| !tensors.contains(tensor));
        rest
    }

    /// The numbers for a tensor; nothing where the tensor is not there.
    pub fn numbers(&self, tensor: TensorId) -> Option<&Numbers> {
        self.gradients.get(&tensor)
    }
}

impl Default for Answer {
    /// Nothing, written by somebody.
    fn default() -> Self {
        Self {
            student: None,
            exercise: None,
            origin: Origin::People,
            origins: BTreeMap::new(),
            has_nan_for_blanks: false,
            whole: BTreeMap::new(),
            gradients: BTreeMap::new(),
            values: BTreeMap::new(),
            unknown: BTreeMap::new(),
            renamed: Vec::new(),
            by_values: Vec::new(),
            unreadable: BTreeSet::new(),
            spoilt: BTreeSet::new(),
            problems: Vec::new(),
        }
    }
}
