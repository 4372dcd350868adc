//! The jump list, by which one returns to where one was.

use super::Position;

/// The most jumps that are remembered.
const LONGEST: usize = 100;

/// Where jumps began, the latest last.
#[derive(Debug, Clone, Default)]
pub(super) struct JumpList(Vec<Position>);

impl JumpList {
    pub(super) fn push(&mut self, position: Position) {
        self.0.push(position);
        let n_forgotten = self.0.len().saturating_sub(LONGEST);
        self.0.drain(..n_forgotten);
    }

    /// Gives the steps other numbers.
    pub(super) fn renumber(&mut self, number: impl Fn(usize) -> usize + Copy) {
        let jumps = self.0.iter_mut();
        jumps.for_each(|position| *position = position.moved(number));
    }

    pub(super) fn pop(&mut self) -> Option<Position> {
        self.0.pop()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
