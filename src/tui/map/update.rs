//! The cell of a parameter that sends both terms of an update: one from its value, one from its
//! gradient.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::theme::Theme;
use super::block::Block;
use super::scene::{Scene, TermState};
use super::write::{mark, put};
use crate::tape::Kind;
use crate::tensor::Element;

/// Writes the number of the first term beside the value and that of the next beside the gradient,
/// where a parameter sends the terms of an update and its cell has both. Says whether it does.
pub(super) fn draw_marks(
    scene: &Scene<'_>,
    block: &Block,
    element: Element,
    cell: Rect,
    theme: Theme,
    buffer: &mut Buffer,
) -> bool {
    let kind = |element: Element| scene.session.network().tensor(element.tensor).kind;
    let is_update = scene
        .current
        .is_some_and(|current| matches!(kind(current), Kind::Updated(_)));
    let has_both = block.lines.have_value() && block.lines.have_gradient();
    // Of more than two the wire tells all, and no line of the cell stands for one alone.
    let [value, gradient] = *scene.sends(element) else {
        return false;
    };
    if !is_update || !has_both {
        return false;
    }
    let x = cell.x + u16::from(block.has_senders);
    let (first, _) = block.numbered_rows(cell);
    for (term, y) in [
        (value, first),
        (gradient, first + block.lines.gradient_at()),
    ] {
        let look = match scene.state(term) {
            TermState::Added => theme.contributes(term),
            TermState::Zero | TermState::Pending => theme.faint(),
        };
        put(buffer, cell, x, y, &mark(term), look);
    }
    true
}
