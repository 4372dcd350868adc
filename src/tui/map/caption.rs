//! The lines above a grid.

use unicode_width::UnicodeWidthStr;

use super::grid::small;

/// A line above a grid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Caption {
    /// The tensor's name, in its first line.
    pub(super) name: String,
    /// What is said besides.
    pub(super) rest: String,
}

impl Caption {
    pub(super) fn width(&self) -> u16 {
        small(self.name.width() + self.rest.width())
    }
}
