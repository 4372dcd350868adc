//! What stands at the frame of a grid: the numbers of rows and columns, and how many senders lie
//! beyond it.

use std::ops::Range;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::super::theme::Theme;
use super::block::{Block, HALF};
use super::grid::small;
use super::picture;
use super::scene::Scene;
use super::write::put;
use crate::tensor::rounded;

/// The significant digits of the number that the strongest shade stands for.
const SCALE_DIGITS: usize = 2;

/// The frame of a grid, at which is written where no wire lies.
#[derive(Clone, Copy)]
pub(super) struct Rim<'a> {
    pub(super) scene: &'a Scene<'a>,
    pub(super) block: &'a Block,
    pub(super) theme: Theme,
    pub(super) area: Rect,
}

impl Rim<'_> {
    pub(super) fn draw(self, buffer: &mut Buffer) {
        let block = self.block;
        let current = self
            .scene
            .current
            .filter(|current| block.find(*current).is_some());
        let (row, column) = current
            .map(|current| block.grid.locate(current.at))
            .map_or((None, None), |(_, row, column)| (Some(row), Some(column)));
        if block.grid.n_columns > 1 {
            self.draw_columns(column, buffer);
        }
        if block.grid.n_rows > 1 {
            self.draw_rows(row, buffer);
        }
        self.draw_foot(buffer);
    }

    fn draw_columns(self, current: Option<usize>, buffer: &mut Buffer) {
        let block = self.block;
        for column in numbered(&block.columns, column_stride(block), current) {
            let cell = block.cell(block.rows.start, column);
            let text = column.to_string();
            let x = cell.x + cell.width.saturating_sub(small(text.len())) / 2;
            self.write(
                x,
                block.frame().y,
                &text,
                self.look(current == Some(column)),
                buffer,
            );
        }
    }

    fn draw_rows(self, current: Option<usize>, buffer: &mut Buffer) {
        let block = self.block;
        for row in numbered(&block.rows, row_stride(block), current) {
            let (y, _) = block.numbered_rows(block.cell(row, block.columns.start));
            let text = row.to_string();
            let x = block.frame().x.saturating_sub(small(text.len()));
            self.write(x, y, &text, self.look(current == Some(row)), buffer);
        }
    }

    fn look(self, is_current: bool) -> Style {
        if is_current {
            self.theme.heading()
        } else {
            self.theme.quiet()
        }
    }

    /// Writes how many senders lie beyond the frame, or else what two pictures are of and what their
    /// strongest shade stands for.
    fn draw_foot(self, buffer: &mut Buffer) {
        let (frame, beyond) = (self.block.frame(), self.beyond());
        let y = frame.bottom() - 1;
        let width = small(beyond.width());
        if !beyond.is_empty() && width + 2 <= frame.width {
            self.write(
                frame.right() - 1 - width,
                y,
                &beyond,
                self.theme.quiet(),
                buffer,
            );
        } else if let Some(offset) = self.block.twin() {
            let (values, gradients) = picture::largest_of_twins(self.scene, self.block);
            let twins = [
                (frame.x, "values", values),
                (frame.x + offset, "gradients", gradients),
            ];
            for (x, name, largest) in twins {
                let scaled = format!("{name} ±{}", rounded(largest, SCALE_DIGITS));
                let fits = largest > 0.0 && small(scaled.width()) + 3 <= frame.width;
                let text = if fits { &scaled } else { name };
                self.write(x + 2, y, text, self.theme.quiet(), buffer);
            }
        }
    }

    /// Counts the senders of this page that are not in view, by where they lie: `↑2 ↓1 ‹3 4›`.
    fn beyond(self) -> String {
        let Self { scene, block, .. } = self;
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

    /// Writes a text where nothing is but the frame.
    fn write(self, x: u16, y: u16, text: &str, style: Style, buffer: &mut Buffer) {
        let frame = self.theme.frame();
        let is_frame = |cell: &Cell| {
            matches!(cell.symbol(), "─" | "┴" | "┬")
                && cell.fg == frame.fg.unwrap_or_default()
                && cell.modifier == frame.add_modifier
        };
        let is_free = |place: Position| {
            let is_there = self.area.contains(place);
            is_there && (buffer[place].symbol() == " " || is_frame(&buffer[place]))
        };
        if (x..)
            .zip(text.chars())
            .all(|(x, _)| is_free(Position { x, y }))
        {
            put(buffer, self.area, x, y, text, style);
        }
    }
}

/// One of how many columns gets a number, so that none touches the next.
fn column_stride(block: &Block) -> usize {
    let digits = block.columns.end.to_string().len();
    let is_enough = |stride: &usize| stride * usize::from(block.pixel) > digits;
    let strides = [1, 2, 5, 10, 20, 50, 100];
    let enough = strides.into_iter().find(is_enough);
    enough.filter(|_| block.is_picture()).unwrap_or(1)
}

fn row_stride(block: &Block) -> usize {
    if block.is_picture() && block.pixel == HALF {
        2
    } else {
        1
    }
}

/// The places of an axis that get a number: one of so many, and that of the current neuron with
/// none beside it.
fn numbered(
    places: &Range<usize>,
    stride: usize,
    current: Option<usize>,
) -> impl Iterator<Item = usize> {
    let is_near = move |at: usize| current.is_some_and(|current| at.abs_diff(current) < stride);
    let is_numbered =
        move |&at: &usize| current == Some(at) || at.is_multiple_of(stride) && !is_near(at);
    places.clone().filter(is_numbered)
}
