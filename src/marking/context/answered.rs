use super::gradient::GradientContext;
use crate::marking::tolerance::Tolerance;

/// What a learner has written down for a tensor.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// In row-major order; nothing where a place was left blank.
    pub theirs: &'a [Option<f64>],
    /// When a number is right.
    pub tolerance: Tolerance,
}

impl<'a> Answered<'a> {
    /// The wrong numbers, each with the right one.
    pub(in crate::marking) fn wrong(
        self,
        context: &GradientContext<'_>,
    ) -> impl Iterator<Item = (f64, f64)> + use<'a> {
        let right = context.backprop.summed(context.tensor);
        let pairs = self
            .theirs
            .iter()
            .enumerate()
            .filter_map(move |(at, theirs)| Some(((*theirs)?, *right.data().get(at)?)));
        pairs.filter(move |&(theirs, right)| !self.tolerance.is_right(theirs, right))
    }
}
