//! What systems do differently, each thing once for Unix and once for all others. Nothing else in
//! the program asks which system it runs on.

#[cfg(any(not(unix), test))]
mod other;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(crate) use other::*;
#[cfg(unix)]
pub(crate) use unix::*;

/// What a signal asks of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// To end, with the exit code that says so.
    End(u8),
    /// To stop until the shell goes on with it.
    Stop,
}
