//! What the user says of a model.

use super::target::Target;
use crate::tape::MAX_ELEMENTS;
use crate::tensor::Tensor;

/// What the user says of a model.
#[derive(Debug, Clone)]
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
    /// Whether the layers that make the model's outputs are called as those are.
    pub names_of_outputs: bool,
    /// How many elements all tensors may have together.
    pub max_elements: usize,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            title: String::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            target: None,
            names_of_outputs: false,
            max_elements: MAX_ELEMENTS,
        }
    }
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
