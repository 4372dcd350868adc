//! Answers in `.npz`, `.safetensors` and `.pt` files: the arrays have the tensors' names, and NaN
//! is a blank.

use std::io::{Read, Seek};
use std::sync::Arc;

use super::content::Answer;
use super::error::AnswerError;
use super::problem::{Misshape, Problem};
use super::reading::Reading;
use crate::scenario::tensor_file::{Kind, TensorFile};
use crate::tape::Network;

pub(super) fn read(
    file_name: &str,
    kind: Kind,
    reader: impl Read + Seek,
    network: &Network,
) -> Result<Answer, AnswerError> {
    let file = || file_name.to_owned();
    if kind == Kind::Npy {
        return Err(AnswerError::NamelessArray { file: file() });
    }
    let mut arrays = TensorFile::open(kind, reader).map_err(|error| AnswerError::Arrays {
        file: file(),
        error,
    })?;
    let mut answer = Reading::new(network);
    answer.answer.is_precise = true;
    for key in arrays.keys().to_vec() {
        // An export keeps the values of the forward run beside the gradients, under names that no
        // tensor can have.
        if key.starts_with("value/") {
            continue;
        }
        let Some(id) = answer.find(&key) else {
            continue;
        };
        let tensor = network.tensor(id);
        match arrays.tensor(Some(&key), tensor.shape.numel()) {
            Ok(read) if *read.shape() == tensor.shape => {
                let numbers = read
                    .data()
                    .iter()
                    .map(|number| (!number.is_nan()).then_some(*number));
                answer.answer.gradients.insert(id, numbers.collect());
            }
            Ok(read) => answer.misshapen(id, Misshape::Shape(read.shape().clone())),
            Err(error) => {
                let (tensor, error) = (key, Arc::new(error));
                answer.spoil(id, Problem::Array { tensor, error });
            }
        }
    }
    Ok(answer.finish())
}
