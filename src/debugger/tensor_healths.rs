//! What tensors are like, looked at when it is first asked for.

use std::sync::OnceLock;

use crate::backprop::Backprop;
use crate::cancel::Cancel;
use crate::health::TensorHealth;
use crate::tensor::TensorId;

/// What tensors of a session's run are like, each looked at when it is first asked for.
#[derive(Debug, Default)]
pub(super) struct TensorHealths {
    by_tensor: Box<[OnceLock<TensorHealth>]>,
    cancel: Cancel,
}

impl TensorHealths {
    /// Those of a run, none of which is looked at yet.
    pub(super) fn new(backprop: &Backprop, cancel: Cancel) -> Self {
        Self {
            by_tensor: backprop.network().ids().map(|_| OnceLock::new()).collect(),
            cancel,
        }
    }

    /// What a tensor is like; nothing where looking at it was given up.
    pub(super) fn of(&self, backprop: &Backprop, tensor: TensorId) -> Option<&TensorHealth> {
        let cell = self.by_tensor.get(tensor.0 as usize)?;
        if cell.get().is_none() {
            let health = TensorHealth::of(backprop, tensor, &self.cancel);
            _ = cell.set(health.ok()?);
        }
        cell.get()
    }
}
