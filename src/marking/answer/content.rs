use std::collections::BTreeMap;

use super::problem::Problem;
use crate::marking::tolerance::{Origin, Tolerance};
use crate::tensor::TensorId;

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
    /// By tensor: the numbers in row-major order, with nothing where a place was left blank.
    pub gradients: BTreeMap<TensorId, Vec<Option<f64>>>,
    /// By tensor: the values of the forward run that came along.
    pub values: BTreeMap<TensorId, Vec<f64>>,
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

    /// What is written in a place, beside the right number there; nothing where it is blank.
    pub(in crate::marking) fn written(&self, theirs: Option<f64>, right: f64) -> Option<f64> {
        let is_blank = |theirs: f64| self.has_nan_for_blanks && theirs.is_nan() && !right.is_nan();
        theirs.filter(|&theirs| !is_blank(theirs))
    }

    /// The numbers for a tensor, with nothing where a place was left blank; nothing at all where
    /// the tensor is not there.
    pub fn numbers(&self, tensor: TensorId) -> Option<&[Option<f64>]> {
        self.gradients.get(&tensor).map(Vec::as_slice)
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
