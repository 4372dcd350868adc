//! The size of a picture: shades as large as there is room for.

use ratatui::layout::Rect;

use super::super::numbers::Aligned;
use super::block::{Block, HALF, window};
use super::scene::Scene;
use crate::tensor::Element;

/// How large a shade may be, the largest first: its width, which is its height in halves of a row.
const PIXELS: [u16; 5] = [8, 6, 4, 2, HALF];
/// The room between the pictures of the values and of the gradients.
const BETWEEN_TWINS: u16 = 1;

impl Block {
    /// Takes shades as large as there is room for, with those of the gradients beside those of the
    /// values if possible, and where not even the smallest have room, a part of them.
    pub(super) fn fit_shades(
        &mut self,
        scene: &Scene<'_>,
        interest: [Vec<usize>; 2],
        width: u16,
        height: u16,
    ) {
        let smallest = if scene.has_halves { HALF } else { 2 * HALF };
        let largest = 2 + self.scale.taller;
        let sizes = PIXELS
            .iter()
            .filter(|size| (smallest..=largest).contains(size));
        (self.rows, self.columns) = (0..self.grid.n_rows, 0..self.grid.n_columns);
        self.numbers = vec![Aligned::whole(0); self.grid.n_columns];
        for has_twin in [true, false] {
            for &pixel in sizes.clone() {
                (self.pixel, self.has_twin) = (pixel, has_twin);
                if self.margin() + self.grids_width() <= width && self.grid_height() <= height {
                    return;
                }
            }
        }
        let n = |room: u16, halves: u16| {
            usize::from((room.saturating_sub(2) * halves / smallest).max(1))
        };
        self.pixel = smallest;
        self.rows = window(self.grid.n_rows, n(height, 2), &interest[0]);
        self.has_twin = true;
        self.has_twin = self.margin() + self.grids_width() <= width;
        let of_numbers = width.saturating_sub(self.margin());
        self.columns = window(self.grid.n_columns, n(of_numbers, 1), &interest[1]);
        self.numbers.truncate(self.columns.len());
    }

    /// How far right of the values the gradients are, where both are pictures.
    pub(super) fn twin(&self) -> Option<u16> {
        self.has_twin.then(|| self.grid_width() + BETWEEN_TWINS)
    }

    /// The width of the picture of the values and of that of the gradients.
    pub(super) fn grids_width(&self) -> u16 {
        match self.twin() {
            Some(offset) => offset + self.grid_width(),
            None => self.grid_width(),
        }
    }

    /// The frame of the grid, and of the picture beside it.
    pub(super) fn frames(&self) -> Rect {
        Rect {
            width: self.grids_width(),
            ..self.frame()
        }
    }

    /// The neuron at a position of the screen.
    pub(super) fn neuron_at(&self, (x, y): (u16, u16)) -> Option<Element> {
        let of_twin = self.twin().and_then(|offset| x.checked_sub(offset));
        let is_there = |cell: Rect| {
            cell.contains((x, y).into()) || of_twin.is_some_and(|x| cell.contains((x, y).into()))
        };
        let mut cells = self.cells();
        cells
            .find(|&(_, cell)| is_there(cell))
            .map(|(element, _)| element)
    }
}
