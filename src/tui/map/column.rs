//! A column of the map.

use super::block::Block;
use super::flow::Place;
use super::scene::Scene;

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

    /// How many of the neurons in view send something to the current one.
    pub(super) fn n_senders(&self, scene: &Scene<'_>) -> usize {
        let cells = self.blocks.iter().flat_map(Block::cells);
        cells
            .filter(|(element, _)| !scene.sends(*element).is_empty())
            .count()
    }

    /// How many of the neurons in view send something other than 0.
    pub(super) fn n_that_count(&self, scene: &Scene<'_>) -> usize {
        let cells = self.blocks.iter().flat_map(Block::cells);
        cells.filter(|&(element, _)| scene.counts(element)).count()
    }

    pub(super) fn width(&self) -> u16 {
        self.blocks.iter().map(Block::width).max().unwrap_or(0)
    }
}
