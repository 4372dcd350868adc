//! The hint on the first frame, which says how to begin.

use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthStr;

use super::layout::Panes;
use super::theme::Theme;

/// The hint, and what is left of it where there is little room.
const WORDINGS: [&str; 4] = [
    " Begin here:  → next neuron · ↓ next term · P quiz · ? all keys ",
    " → next neuron · ↓ next term · P quiz · ? all keys ",
    " Begin here:  → next neuron · ? all keys ",
    " → next neuron · ? all keys ",
];

/// Draws the hint into the lower edge of the first pane, where it takes no line from anything, left
/// of what is said there.
pub(super) fn draw(theme: Theme, panes: &Panes, buffer: &mut Buffer) {
    let pane = panes.map.unwrap_or(panes.terms);
    let Some(y) = pane.bottom().checked_sub(1).filter(|_| !pane.is_empty()) else {
        return;
    };
    let free = (pane.x + 1..pane.right())
        .map_while(|x| buffer.cell((x, y)))
        .take_while(|cell| cell.symbol() == "─")
        .count();
    let fitting = WORDINGS.iter().find(|wording| wording.width() + 3 <= free);
    if let Some(wording) = fitting {
        buffer.set_string(pane.x + 2, y, wording, theme.hint());
    }
}
