//! How a scenario is trained.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::tape::Network;
use crate::tensor::{Tensor, TensorId};

/// The most updates that a scenario asks for.
pub const MOST_UPDATES: usize = 1_000_000;

/// How long a scenario is trained, and on what. Its network knows the optimizer.
#[derive(Debug, Clone)]
pub struct Train {
    /// How many updates there are, at least one.
    pub updates: usize,
    /// What is read in turn, or nothing where every update reads what the scenario has.
    pub batches: Vec<Batch>,
}

/// What an update reads in place of the scenario's inputs and targets.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The inputs that are others.
    pub inputs: BTreeMap<TensorId, Tensor>,
    /// The network with the constants that are others; the tensors have the same ids in it.
    pub network: Arc<Network>,
}
