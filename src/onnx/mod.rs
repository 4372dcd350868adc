//! Models in ONNX, the exchange format of deep learning frameworks, made scenarios.
//!
//! A node becomes a layer of its own; nodes that only work out sizes are worked out here, and nodes
//! that change nothing leave nothing behind. Everything is exact: weights keep their numbers, and
//! what no op of a scenario can express is refused, all of it at once.

mod attributes;
mod call;
mod constant;
mod draft;
mod graph;
mod inputs;
mod names;
mod numbers;
mod operators;
mod proto;
mod refusal;
mod size;
mod target;
#[cfg(test)]
mod tests;
mod text;

use std::io::Cursor;
use std::sync::Arc;

use prost::Message;

use crate::diagnostic::Diagnostic;
use crate::scenario::{Files, OpenError, Options, ReadSeek, Scenario};
use crate::tensor::Tensor;

pub use target::Target;

/// The file that an imported scenario reads its tensors from, in its own folder.
pub const WEIGHTS: &str = "weights.safetensors";

/// What the user says of a model.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The scenario's title.
    pub title: String,
    /// The numbers of the model's inputs.
    pub inputs: Vec<Given>,
    /// The tensors of the model whose gradient begins the backward pass; none means the model's
    /// outputs.
    pub outputs: Vec<String>,
    /// What the output should have been. Without it the upstream gradient of every output is 1.
    pub target: Option<Target>,
    /// How many elements all tensors may have together.
    pub options: Options,
}

/// What the user gives for an input of a model.
#[derive(Debug, Clone)]
pub struct Given {
    /// The input's name. Without it, it is the first of the model's that nothing has been given for
    /// yet.
    pub name: Option<String>,
    /// Its numbers.
    pub tensor: Tensor,
}

/// An imported model.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The scenario's file.
    pub text: String,
    /// The bytes of [`WEIGHTS`], which lies beside it.
    pub weights: Arc<[u8]>,
    /// The scenario that the two make.
    pub scenario: Scenario,
    /// What the user should know of it.
    pub remarks: Vec<String>,
}

/// Makes a scenario of an ONNX model. `files` opens the files beside the model, in which large
/// models keep their weights.
///
/// # Errors
/// The bytes are no model; every node that a scenario cannot express; inputs that are missing or do
/// not fit.
pub fn import(model: &[u8], request: &Request, files: &dyn Files) -> Result<Imported, Diagnostic> {
    size::check(model)?;
    let model = proto::Model::decode(model).map_err(|error| no_model(&error))?;
    let draft = graph::read(&model, request, files)?;
    let (text, weights) =
        text::write(&draft, &request.title).map_err(|error| Diagnostic::new(error.to_string()))?;
    let weights: Arc<[u8]> = weights.into();
    let scenario = Scenario::read(
        "scenario.json",
        text.as_bytes(),
        &Beside(Arc::clone(&weights)),
        request.options,
    )?;
    Ok(Imported {
        text,
        weights,
        scenario,
        remarks: draft.remarks,
    })
}

/// Returns the tensor of a file that holds one `TensorProto`, as ONNX's own tools write inputs.
///
/// # Errors
/// The bytes are none, or hold more than `most_elements` numbers, or nothing that can be the input
/// of a network.
pub fn tensor(bytes: &[u8], most_elements: usize) -> Result<Tensor, Diagnostic> {
    let tensor = proto::Tensor::decode(bytes).map_err(|error| no_model(&error))?;
    let numbers = numbers::read(&tensor, &crate::scenario::NoFiles, most_elements);
    numbers
        .and_then(|numbers| numbers.widened())
        .map_err(|refusal| refusal.about("the tensor"))
}

fn no_model(error: &prost::DecodeError) -> Diagnostic {
    Diagnostic::new(format!("this is no ONNX file, or it is cut short: {error}"))
        .hinted("export the model with `torch.onnx.export`, or with your framework's exporter")
}

/// The files of an imported scenario, before they are on any disk.
struct Beside(Arc<[u8]>);

impl Files for Beside {
    fn open(&self, path: &str) -> Result<Box<dyn ReadSeek>, OpenError> {
        if path == WEIGHTS {
            Ok(Box::new(Cursor::new(Arc::clone(&self.0))))
        } else {
            crate::scenario::NoFiles.open(path)
        }
    }
}
