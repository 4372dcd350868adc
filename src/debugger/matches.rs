//! The tensors that a search has found.

use super::Position;

/// The tensors that a search has found.
#[derive(Debug, Clone)]
pub(super) struct Matches {
    pub(super) name: String,
    /// Where their steps begin, in backward order; at least one.
    pub(super) matches: Vec<Position>,
}

impl Matches {
    pub(super) fn after(&self, position: Position) -> (Position, String) {
        self.at(self
            .matches
            .iter()
            .position(|&found| found > position)
            .unwrap_or(0))
    }

    pub(super) fn before(&self, position: Position) -> (Position, String) {
        self.at(self
            .matches
            .iter()
            .rposition(|&found| found < position)
            .unwrap_or(self.matches.len() - 1))
    }

    fn at(&self, number: usize) -> (Position, String) {
        (
            self.matches[number],
            format!(
                "match {} of {} for `{}`",
                number + 1,
                self.matches.len(),
                self.name
            ),
        )
    }
}
