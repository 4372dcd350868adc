//! What was done wrong at one element, as data: the rules that were followed, and the numbers.

use smallvec::{SmallVec, smallvec};

use super::hypothesis::Followed;
use super::single_term::{SWAPPED_TWO, TermSlip};
use crate::tensor::Element;

/// What was done wrong at one element, and how that gives the number there.
#[derive(Debug, Clone, PartialEq)]
pub enum Cause {
    /// Wrong rules, which give all wrong numbers of the tensor.
    Rules(Followed),
    /// A slip with one of the element's terms.
    Term(TermSlip),
    /// This element's number and another one's were exchanged.
    Swapped([Element; 2]),
}

impl Cause {
    /// The ids of the slips: one, or two of different stages.
    pub fn slips(&self) -> SmallVec<[&'static str; 2]> {
        match self {
            Self::Rules(followed) => followed.hypothesis.ids().collect(),
            Self::Term(slip) => smallvec![slip.id],
            Self::Swapped(_) => smallvec![SWAPPED_TWO],
        }
    }
}
