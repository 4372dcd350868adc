//! Answers in `.npz`, `.safetensors` and `.pt` files: the arrays have the tensors' names, and NaN
//! is a blank.

use std::io::{Read, Seek};

use super::{Answer, Reading, misshapen};
use crate::diagnostic::{Diagnostic, quote};
use crate::scenario::tensor_file::{Kind, TensorFile};
use crate::tape::Network;

pub(super) fn read(
    file_name: &str,
    kind: Kind,
    reader: impl Read + Seek,
    network: &Network,
) -> Result<Answer, Diagnostic> {
    if kind == Kind::Npy {
        return Err(Diagnostic::new(format!(
            "{} holds one array without a name",
            quote(file_name)
        ))
        .hinted("write the gradients with `numpy.savez`, each under its tensor's name"));
    }
    let mut file = TensorFile::open(kind, reader).map_err(|error| Diagnostic {
        hint: error.hint(),
        ..Diagnostic::new(format!("{} cannot be read: {error}", quote(file_name)))
    })?;
    let mut answer = Reading::new(network);
    answer.answer.is_precise = true;
    for key in file.keys().to_vec() {
        // An export keeps the values of the forward run beside the gradients, under names that no
        // tensor can have.
        if key.starts_with("value/") {
            continue;
        }
        let Some(id) = answer.find(&key) else {
            continue;
        };
        let tensor = network.tensor(id);
        match file.tensor(Some(&key), tensor.shape.numel()) {
            Ok(read) if *read.shape() == tensor.shape => {
                let numbers = read
                    .data()
                    .iter()
                    .map(|number| (!number.is_nan()).then_some(*number));
                answer.answer.gradients.insert(id, numbers.collect());
            }
            Ok(read) => {
                answer.spoil(id, misshapen(tensor, &format!("has {}", read.shape())));
            }
            Err(error) => answer.spoil(id, format!("{} cannot be read: {error}", quote(&key))),
        }
    }
    Ok(answer.finish())
}
