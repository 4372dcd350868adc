//! Models in ONNX, the exchange format of deep learning frameworks, made scenarios.
//!
//! A node becomes a layer of its own; nodes that only work out sizes are worked out here, and nodes
//! that change nothing leave nothing behind. Everything is exact: weights keep their numbers, and
//! what no op of a scenario can express is refused, all of it at once.

mod attributes;
mod constant;
mod context;
mod emit;
mod error;
mod folded;
mod functions;
mod importer;
mod inputs;
mod layer;
mod links;
mod module;
mod names;
mod needed;
mod node;
mod numbers;
mod operators;
mod parameters;
mod proto;
mod regrouped;
mod remarks;
mod request;
mod sequences;
mod size;
mod target;
#[cfg(test)]
mod tests;
mod value;
mod which;

use std::collections::BTreeMap;
use std::sync::Arc;

use prost::Message;

use crate::scenario::{Files, NoFiles};
use crate::tape::{Network, Tape};
use crate::tensor::{Tensor, TensorId};

pub use emit::WEIGHTS;
pub use error::{Declined, ImportError, InputError, NodeName, Unsupported};
pub use request::{Given, Request};
pub use target::Target;

/// An imported model.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The scenario's file.
    pub text: String,
    /// The bytes of [`WEIGHTS`], which lies beside it.
    pub weights: Arc<[u8]>,
    /// The network that the two describe.
    pub network: Arc<Network>,
    /// The values of its inputs and parameters.
    pub leaves: BTreeMap<TensorId, Tensor>,
    /// The gradients with which its backward pass begins.
    pub upstream: BTreeMap<TensorId, Tensor>,
    /// What the user should know of it.
    pub remarks: Vec<String>,
}

impl Imported {
    /// Runs the network forward.
    pub fn tape(&self) -> Tape {
        Tape::record(Arc::clone(&self.network), &self.leaves)
    }
}

/// Makes a scenario of an ONNX model. `files` opens the files beside the model, in which large
/// models keep their weights.
///
/// # Errors
/// The bytes are no model; every node that a scenario cannot express; inputs that are missing or do
/// not fit.
pub fn import(model: &[u8], request: &Request, files: &dyn Files) -> Result<Imported, ImportError> {
    size::check(model)?;
    let mut model = proto::Model::decode(model)?;
    functions::inline(&mut model);
    if let Some(graph) = &mut model.graph {
        sequences::replace(graph, files);
        regrouped::restore(graph, files);
    }
    let parts = importer::import(&model, request, files)?;
    let (text, weights) = emit::emit(&parts, &request.title)?;
    Ok(Imported {
        text,
        weights: weights.into(),
        network: parts.built.network,
        leaves: parts.built.leaves,
        upstream: parts.upstream,
        remarks: parts.remarks,
    })
}

/// Returns the tensor of a file that holds one `TensorProto`, as ONNX's own tools write inputs.
///
/// # Errors
/// The bytes are none, or hold more than `most_elements` numbers, or nothing that can be the input
/// of a network.
pub fn tensor(bytes: &[u8], most_elements: usize) -> Result<Tensor, ImportError> {
    let tensor = proto::Tensor::decode(bytes)?;
    let numbers = numbers::read(&tensor, &NoFiles, most_elements);
    numbers
        .and_then(|numbers| numbers.widened())
        .map_err(|reason| ImportError::Numbers {
            tensor: None,
            reason,
        })
}
