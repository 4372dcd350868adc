//! The files of an imported scenario.

use super::error::ImportError;
use super::importer::Parts;
use crate::scenario::tensor_file::{Precision, write_safetensors};
use crate::scenario::{Numbers, Text};
use crate::tensor::Tensor;

/// The file that an imported scenario reads its tensors from, in its own folder.
pub const WEIGHTS: &str = "weights.safetensors";
/// The most numbers of a target or an upstream gradient that are written out in the scenario, where
/// they are easy to change.
const MOST_WRITTEN: usize = 100;

/// Returns the scenario's text, and the bytes of the file with its tensors.
pub(super) fn emit(parts: &Parts, title: &str) -> Result<(String, Vec<u8>), ImportError> {
    let mut stored = Vec::new();
    let network = &parts.built.network;
    let mut text = Text::of_network(network, &parts.built.leaves, &mut |name, tensor| {
        let is_target = name.ends_with(".target");
        place(name, tensor, is_target, &mut stored)
    });
    let upstream = parts.upstream.iter().filter(|_| !parts.has_loss);
    text.upstream = upstream
        .map(|(&id, gradient)| {
            let name = &network.tensor(id).name;
            // No tensor's name has a slash in it, so the key is nobody else's.
            let key = format!("upstream/{name}");
            (
                name.clone(),
                place(key, gradient.clone(), true, &mut stored),
            )
        })
        .collect();
    text.title = title.to_owned();
    text.description.clone_from(&parts.description);
    let stored: Vec<(String, &Tensor, Precision)> = stored
        .iter()
        .map(|(key, tensor)| (key.clone(), tensor, Precision::of(tensor)))
        .collect();
    let mut weights = Vec::new();
    write_safetensors(&mut weights, ("title", title), &stored)
        .map_err(|error| ImportError::Weights(error.to_string()))?;
    Ok((text.to_json(), weights))
}

/// Leaves a tensor in the text where it is small and may stand there, and stores it otherwise.
fn place(
    key: String,
    tensor: Tensor,
    may_stay: bool,
    stored: &mut Vec<(String, Tensor)>,
) -> Numbers {
    let is_small = tensor.data().len() <= MOST_WRITTEN;
    if may_stay && is_small && tensor.data().iter().all(|number| number.is_finite()) {
        return Numbers::Here(tensor);
    }
    stored.push((key.clone(), tensor));
    Numbers::Beside(WEIGHTS, key)
}
