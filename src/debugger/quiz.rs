//! What is hidden to be predicted.

use std::collections::BTreeMap;

/// What is hidden from the learner, and how the learner has done so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Quiz {
    /// Whether every step is to be predicted before its sum is shown.
    pub(super) is_on: bool,
    /// The step that is predicted by itself, until it is solved or left.
    pub(super) asked: Option<usize>,
    /// By step: whether the first attempt was right; nothing for one that was only shown.
    pub(super) solved: BTreeMap<usize, Solved>,
}

/// What became of a step that is no longer hidden, or not for much longer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Solved {
    /// Whether the first attempt was right, where there was one.
    pub(super) first: Option<bool>,
    /// Whether the sum is shown.
    pub(super) is_open: bool,
}

impl Quiz {
    pub(super) fn hides(&self, step: usize) -> bool {
        let is_open = self.solved.get(&step).is_some_and(|solved| solved.is_open);
        self.asked == Some(step) || (self.is_on && !is_open)
    }

    /// Forgets the steps, because their sums have become others. The mode stays.
    pub(super) fn begin_anew(&mut self) {
        *self = Self {
            is_on: self.is_on,
            ..Self::default()
        };
    }
}
