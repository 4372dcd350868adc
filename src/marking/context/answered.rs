//! What a learner has written down for a tensor, beside what is right.

use crate::marking::numbers::Numbers;
use crate::marking::tolerance::Bounds;

/// What a learner has written down for a tensor.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// Their numbers.
    pub theirs: &'a Numbers,
    /// What follows rightly from what they have written down downstream, in the same order.
    pub right: &'a [f64],
    /// When a number is right.
    pub bounds: Bounds,
}

impl<'a> Answered<'a> {
    /// The wrong numbers, each with the right one.
    pub(in crate::marking) fn wrong(self) -> impl Iterator<Item = (f64, f64)> + use<'a> {
        let both = self.theirs.iter().zip(self.right);
        let pairs = both.filter_map(|(theirs, &right)| Some((theirs?, right)));
        pairs.filter(move |&(theirs, right)| !self.bounds.is_right(theirs, right))
    }
}
