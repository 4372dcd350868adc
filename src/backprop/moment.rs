//! Which update it is.

use std::collections::BTreeMap;

use crate::optim::Kept;
use crate::tensor::TensorId;

/// A moment of training: which update is next, and what the optimizer has kept until then.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// The number of the update, counted from 1.
    pub update: usize,
    /// By parameter: what is kept of it.
    pub kept: BTreeMap<TensorId, Kept>,
}
