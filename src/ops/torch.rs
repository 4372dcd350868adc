//! How an op is called in PyTorch.

use super::value::Value;
use crate::tensor::Tensor;

/// How an op is called in PyTorch. The function has the op's own name where nothing else is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Torch {
    /// A function of `torch.nn.functional`.
    Functional,
    /// A function of `torch`.
    Function,
    /// A function of `torch` that takes a list of tensors.
    FunctionOfList,
    /// An operator between the tensors.
    Operator(&'static str),
    /// An expression, in which `{x}`, `{y}` and `{z}` are the inputs, and a key in braces that
    /// setting.
    Expression(&'static str),
}

/// What PyTorch is given for a setting.
#[derive(Debug, Clone, PartialEq)]
pub enum TorchArgument {
    /// The value itself.
    Value(Value),
    /// A tensor of whole numbers.
    Classes(Tensor),
    /// `None`.
    None,
}

/// The keys that no function of PyTorch has: what they ask for is done by other means.
const OURS: &[&str] = &["activation", "ties"];

/// The settings that are given, under their own names: what most functions take.
pub(super) fn given(settings: Vec<(&'static str, Value)>) -> Vec<(&'static str, TorchArgument)> {
    let given = settings.into_iter();
    given
        .filter(|(key, _)| !OURS.contains(key))
        .map(|(key, value)| (key, TorchArgument::Value(value)))
        .collect()
}
