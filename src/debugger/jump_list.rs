//! The jump list, by which one returns to where one was.

use std::sync::Arc;

use super::{CommandError, Position, Session};

/// The most jumps that are remembered.
const LONGEST: usize = 100;

/// Where jumps began, the latest last.
#[derive(Debug, Clone, Default)]
pub(super) struct JumpList(Vec<Position>);

impl Session {
    /// Goes to a position from which [`Self::return_from_jump`] leads back.
    pub fn jump_to(&mut self, position: Position) {
        let before = self.position();
        self.go_to(position);
        if self.position() != before {
            let JumpList(jumps) = Arc::make_mut(&mut self.jumps);
            jumps.push(before);
            let n_forgotten = jumps.len().saturating_sub(LONGEST);
            jumps.drain(..n_forgotten);
        }
    }

    /// Goes back to where the last jump began.
    ///
    /// # Errors
    /// There was no jump.
    pub fn return_from_jump(&mut self) -> Result<(), CommandError> {
        let JumpList(jumps) = Arc::make_mut(&mut self.jumps);
        let before = jumps.pop().ok_or(CommandError::NoJump)?;
        self.go_to(before);
        Ok(())
    }

    /// Whether there was a jump to return from.
    pub fn has_jumped(&self) -> bool {
        !self.jumps.0.is_empty()
    }
}
