//! A column of the map.

use super::block::Block;
use super::flow::Place;

/// The blocks of one column, one below the other.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) place: Place,
    pub(super) blocks: Vec<Block>,
}

impl Column {
    /// Whether the column is in a width without being cut.
    pub(super) fn fits(&self, width: u16) -> bool {
        self.width() <= width && self.blocks.iter().all(Block::has_all_columns)
    }

    /// Whether all of it is in view as pictures.
    pub(super) fn is_whole_picture(&self) -> bool {
        let is_whole = |block: &Block| block.is_picture() && block.is_whole();
        self.blocks.iter().all(is_whole)
    }

    pub(super) fn width(&self) -> u16 {
        self.blocks.iter().map(Block::width).max().unwrap_or(0)
    }
}
