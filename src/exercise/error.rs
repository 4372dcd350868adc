//! Why nothing can be drawn of a scenario.

use crate::cancel::Cancelled;
use crate::diagnostic::Diagnostic;
use crate::tensor::Address;

/// The most numbers that are drawn anew.
pub(super) const MOST_NUMBERS: usize = 1 << 11;

/// Why nothing can be drawn of a scenario.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OwnError {
    /// It is no homework.
    #[error("it has {0} numbers, too many for an exercise by hand: {MOST_NUMBERS} is the most")]
    TooLarge(usize),
    /// A number of it is NaN or infinite.
    #[error("`{0}` is {1}, and an exercise has finite numbers only")]
    NotFinite(Address, &'static str),
    /// What is drawn cannot be one file that is read again.
    #[error("what is drawn of it cannot be written as one file: {0}")]
    Unwritable(Box<Diagnostic>),
    /// No tensor has two different numbers.
    #[error("in each of its tensors all numbers are the same, and these are kept")]
    Constant,
    /// It was given up.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}
