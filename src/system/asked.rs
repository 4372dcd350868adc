//! What a signal asks of the program.

/// What a signal asks of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// To end, with the exit code that says so.
    End(u8),
    /// To stop until the shell goes on with it.
    Stop,
}
