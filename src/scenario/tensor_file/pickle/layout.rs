//! Where a tensor's numbers lie in a file of PyTorch's.

use std::sync::Arc;

use super::super::dtype::Dtype;

/// How a tensor lies in its storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::scenario::tensor_file) struct Layout {
    pub(in crate::scenario::tensor_file) storage: Storage,
    /// The place of the first element in the storage.
    pub(in crate::scenario::tensor_file) offset: usize,
    pub(in crate::scenario::tensor_file) sizes: Vec<usize>,
    /// How far apart in the storage two elements are that follow each other along an axis.
    pub(in crate::scenario::tensor_file) strides: Vec<usize>,
    /// Whether the elements are the negatives of what the storage holds.
    pub(in crate::scenario::tensor_file) is_negated: bool,
}

/// Numbers of one type that tensors are views of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::scenario::tensor_file) struct Storage {
    pub(in crate::scenario::tensor_file) dtype: Dtype,
    /// The name of what holds them in the file.
    pub(in crate::scenario::tensor_file) key: Arc<str>,
    /// How many numbers it holds.
    pub(in crate::scenario::tensor_file) length: usize,
}
