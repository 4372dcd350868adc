//! How a command ends.

use std::io;

use crate::cancel::Cancelled;
use crate::diagnostic::Diagnostic;

/// How a command ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Done, and all is right.
    Fine,
    /// Done, and something was found to be wrong.
    FoundWrong,
    /// Done, but a command of a script was refused.
    Refused,
    /// Its terminal is gone.
    HungUp,
}

/// Why a command failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The command line or a file cannot be used.
    Unusable(Diagnostic),
    /// Reading or writing failed.
    Io(io::Error),
    /// A signal has ended it.
    Cancelled,
}

impl From<Diagnostic> for Failure {
    fn from(problem: Diagnostic) -> Self {
        Self::Unusable(problem)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Cancelled> for Failure {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}
