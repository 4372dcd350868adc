//! What the lines of the pane are written on.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// The significant digits of a number, as on the map and in the words, unless a sum needs more.
pub(super) const DIGITS: usize = 4;

/// The lines of the pane, drawn one after the other.
pub(super) struct Page<'a> {
    pub(super) area: Rect,
    pub(super) row: u16,
    pub(super) buffer: &'a mut Buffer,
}

impl Page<'_> {
    pub(super) fn put(&mut self, column: usize, text: &str, style: Style) {
        let Ok(column) = u16::try_from(column) else {
            return;
        };
        if self.row < self.area.height && column < self.area.width {
            let (x, y) = (self.area.x + column, self.area.y + self.row);
            self.buffer
                .set_stringn(x, y, text, usize::from(self.area.width - column), style);
        }
    }
}
