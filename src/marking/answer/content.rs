use std::collections::BTreeMap;

use super::problem::Problem;
use crate::marking::tolerance::Tolerance;
use crate::tensor::TensorId;

/// The format of an answer in JSON and its version, as the file says it.
pub const ANSWER_FORMAT: &str = "backstep-answer/1";

/// Somebody's own gradients.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// Who has written them, where the file says so.
    pub student: Option<String>,
    /// Whether a program has written them to many digits, as in arrays and traces, and not a person
    /// by hand.
    pub is_precise: bool,
    /// By tensor: the numbers in row-major order, with nothing where a place was left blank.
    pub gradients: BTreeMap<TensorId, Vec<Option<f64>>>,
    /// What could not be read of tensors, each of which spoils nothing but itself.
    pub problems: Vec<Problem>,
}

impl Answer {
    /// How far a number may be off where nobody says otherwise: by what is lost by hand, or by what
    /// single precision loses on the way through a network (the bounds of
    /// `torch.autograd.gradcheck`).
    pub fn tolerance(&self) -> Tolerance {
        if self.is_precise {
            Tolerance {
                rtol: 1e-3,
                atol: 1e-5,
            }
        } else {
            Tolerance::default()
        }
    }

    /// The numbers for a tensor, with nothing where a place was left blank; nothing at all where
    /// the tensor is not there.
    pub fn numbers(&self, tensor: TensorId) -> Option<&[Option<f64>]> {
        self.gradients.get(&tensor).map(Vec::as_slice)
    }
}
