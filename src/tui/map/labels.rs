//! Texts that are written over lines.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::write::put;

/// Texts, each with its place and look.
#[derive(Debug, Default)]
pub(super) struct Labels(Vec<(u16, u16, String, Style)>);

impl Labels {
    /// Adds a text, and returns where it ends.
    pub(super) fn push(&mut self, x: u16, y: u16, text: &str, style: Style) -> u16 {
        self.0.push((x, y, text.to_owned(), style));
        x.saturating_add(u16::try_from(text.width()).unwrap_or(u16::MAX))
    }

    pub(super) fn draw(&self, area: Rect, buffer: &mut Buffer) {
        for (x, y, text, style) in &self.0 {
            put(buffer, area, *x, *y, text, *style);
        }
    }
}
