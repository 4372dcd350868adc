use std::collections::BTreeMap;

use super::problem::Problem;
use crate::marking::numbers::Numbers;
use crate::marking::tolerance::{Origin, Tolerance};
use crate::tensor::{Tensor, TensorId};

/// The format of an answer in JSON and its version, as the file says it.
pub const ANSWER_FORMAT: &str = "backstep-answer/1";

/// Somebody's own gradients.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Who has written them, where the file says so.
    pub student: Option<String>,
    /// Where its numbers come from.
    pub origin: Origin,
    /// Whether NaN stands for a blank, as it does in arrays, where the right number is another.
    pub has_nan_for_blanks: bool,
    /// By tensor: the numbers.
    pub gradients: BTreeMap<TensorId, Numbers>,
    /// By tensor: the values of the forward run that came along.
    pub values: BTreeMap<TensorId, Tensor>,
    /// The names that were matched otherwise than as they are, each with the scenario's.
    pub renamed: Vec<(String, String)>,
    /// What could not be read of tensors, each of which spoils nothing but itself.
    pub problems: Vec<Problem>,
}

impl Answer {
    /// How far a number may be off where nobody says otherwise.
    pub fn tolerance(&self) -> Tolerance {
        self.origin.into()
    }

    /// What is written for a tensor beside the right numbers, with the blanks that are seen only
    /// there.
    pub(in crate::marking) fn beside(&self, numbers: &Numbers, right: &[f64]) -> Numbers {
        let mut numbers = numbers.clone();
        if self.has_nan_for_blanks {
            let is_blank =
                |at: &usize| numbers.get(*at).is_some_and(f64::is_nan) && !right[*at].is_nan();
            let blank: Vec<usize> = (0..right.len()).filter(is_blank).collect();
            blank.into_iter().for_each(|at| numbers.set(at, None));
        }
        numbers
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
            origin: Origin::People,
            has_nan_for_blanks: false,
            gradients: BTreeMap::new(),
            values: BTreeMap::new(),
            renamed: Vec::new(),
            problems: Vec::new(),
        }
    }
}
