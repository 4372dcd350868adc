//! What stands in the frame of a grid: the numbers of rows and columns, and how many senders lie
//! beyond it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::super::theme::Theme;
use super::block::Block;
use super::scene::Scene;
use super::write::put;

/// Writes into the frame of a grid, where no wire lies in it.
pub(super) fn draw(
    scene: &Scene<'_>,
    block: &Block,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    if block.rows.len() > 1 || block.columns.len() > 1 {
        draw_places(block, theme, area, buffer);
    }
    let beyond = beyond(scene, block);
    let frame = block.frame();
    let width = u16::try_from(beyond.chars().count()).unwrap_or(u16::MAX);
    if !beyond.is_empty() && width + 2 <= frame.width {
        let place = Position {
            x: frame.right() - 1 - width,
            y: frame.bottom() - 1,
        };
        write(place, &beyond, theme, area, buffer);
    }
}

fn draw_places(block: &Block, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let frame = block.frame();
    let has_columns = block.columns.len() > 1 || block.columns.start > 0;
    for column in block.columns.clone().filter(|_| has_columns) {
        let cell = block.cell(block.rows.start, column);
        let place = Position {
            x: cell.x + cell.width / 2,
            y: frame.y,
        };
        write(place, &column.to_string(), theme, area, buffer);
    }
    for row in block.rows.clone() {
        let cell = block.cell(row, block.columns.start);
        let place = Position {
            x: frame.x,
            y: block.numbered_rows(cell).0,
        };
        write(place, &row.to_string(), theme, area, buffer);
    }
}

/// Counts the senders of this page that are not in view, by where they lie: `↑2 ↓1 ‹3 4›`.
fn beyond(scene: &Scene<'_>, block: &Block) -> String {
    let (mut above, mut below, mut left, mut right) = (0, 0, 0, 0);
    for at in scene.senders_of(block.tensor) {
        let (page, row, column) = block.grid.locate(at);
        match () {
            () if page != block.page => {}
            () if row < block.rows.start => above += 1,
            () if row >= block.rows.end => below += 1,
            () if column < block.columns.start => left += 1,
            () if column >= block.columns.end => right += 1,
            () => {}
        }
    }
    let counts = [
        (above, format!("↑{above}")),
        (below, format!("↓{below}")),
        (left, format!("‹{left}")),
        (right, format!("{right}›")),
    ];
    let shown = counts.into_iter().filter(|(n, _)| *n > 0);
    shown.map(|(_, text)| text).collect::<Vec<_>>().join(" ")
}

/// Writes a text where nothing but the frame is.
fn write(place: Position, text: &str, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let (Position { x, y }, style) = (place, theme.frame());
    let is_frame = |place: Position| {
        area.contains(place)
            && matches!(buffer[place].symbol(), "─" | "│" | "┴" | "┬")
            && buffer[place].fg == style.fg.unwrap_or_default()
            && buffer[place].modifier == style.add_modifier
    };
    let mut places = (x..).zip(text.chars()).map(|(x, _)| Position { x, y });
    if places.all(is_frame) {
        put(buffer, area, x, y, text, theme.quiet());
    }
}
