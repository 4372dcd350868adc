//! What has been edited, and what there was before.

use std::sync::Arc;

use crate::backprop::Backprop;
use crate::scenario::Edit;

/// What has been edited.
#[derive(Debug, Clone, Default)]
pub(super) struct Edits {
    /// What the scenario was before any edit.
    pub(super) original: Option<Arc<Backprop>>,
    /// The edits that stand, the latest last.
    pub(super) done: Vec<Done>,
    /// The edits that were undone, the next to be done again last.
    pub(super) undone: Vec<Done>,
}

/// An edit and the one that takes it back.
#[derive(Debug, Clone)]
pub(super) struct Done {
    pub(super) edit: Edit,
    pub(super) inverse: Edit,
    pub(super) says: String,
}

impl Edits {
    /// The edits that stand, in words.
    pub(super) fn list(&self) -> impl Iterator<Item = &str> {
        self.done.iter().map(|done| done.says.as_str())
    }
}
