//! The frame of a pane.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;
use ratatui::widgets::{Block, BorderType, Widget};

use super::layout::inside;
use super::theme::Theme;

/// Draws the frame of a pane, and returns what is inside.
pub(super) fn pane(title: &str, theme: Theme, area: Rect, buffer: &mut Buffer) -> Rect {
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(theme.frame());
    block
        .title(Span::styled(title, theme.heading()))
        .render(area, buffer);
    inside(area)
}
