//! The hint on the first frame, which says how to begin.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::layout::Panes;
use super::theme::Theme;

/// The hint, and what is left of it where there is little room.
const WORDINGS: [&str; 3] = [
    " Begin here:  → next neuron · ↓ next term · P quiz · ? all keys ",
    " → next neuron · ↓ next term · P quiz · ? all keys ",
    " → next neuron · ? all keys ",
];

/// Draws the hint into the lower edge of the first pane, where it takes no line from anything.
pub(super) fn draw(theme: Theme, panes: &Panes, buffer: &mut Buffer) {
    let pane = panes.map.unwrap_or(panes.terms);
    let edge = Rect {
        y: pane.bottom().saturating_sub(1),
        height: pane.height.min(1),
        ..pane
    };
    let fitting = WORDINGS
        .iter()
        .find(|wording| wording.width() + 6 <= usize::from(edge.width));
    if let Some(wording) = fitting.filter(|_| edge.height > 0) {
        let line = "─".repeat(usize::from(edge.width).saturating_sub(2));
        buffer.set_string(edge.x + 1, edge.y, line, theme.frame());
        buffer.set_string(edge.x + 2, edge.y, wording, theme.hint());
    }
}
