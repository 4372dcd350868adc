//! What stands at the frame of a grid: the numbers of rows and columns, and how many senders lie
//! beyond it.

use std::ops::Range;

use ratatui::buffer::Buffer;
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

/// One of so many rows gets a number where two of them share a row of the screen, so that wires
/// have room between.
const HALVES_A_NUMBER: usize = 4;

/// The signs over which a number may stand: blanks, and whatever line passes from left to right.
const LEVEL: &str = " ─━═╌┬┴┯┷╤╧╪";

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
        let (row, column) = current_of(self.scene, block);
        let rows = row_numbers(self.scene, block).map(|number| (row, number));
        let columns = column_numbers(self.scene, block).map(|number| (column, number));
        for (current, (at, Position { x, y }, text)) in rows.chain(columns) {
            self.write(x, y, &text, self.look(current == Some(at)), buffer);
        }
        self.draw_foot(buffer);
    }

    fn look(self, is_current: bool) -> Style {
        if is_current {
            self.theme.heading()
        } else {
            self.theme.quiet()
        }
    }

    /// Writes how many senders lie beyond the frame, or else what two pictures are of and what
    /// their strongest shade stands for.
    fn draw_foot(self, buffer: &mut Buffer) {
        let (frame, beyond) = (self.block.frame(), self.beyond());
        let y = frame.bottom() - 1;
        let width = small(beyond.width());
        if !beyond.is_empty() {
            self.write(
                frame.right() - 1 - width,
                y,
                &beyond,
                self.theme.quiet(),
                buffer,
            );
        } else if let Some(offset) = self.block.twin() {
            let (values, gradients) = picture::largest_of_twins(self.scene, self.block);
            let [values, gradients] = twin_captions(values, gradients, frame.width);
            for (x, text) in [(frame.x, values), (frame.x + offset, gradients)] {
                let lead = 1 + u16::from(small(text.width()) + 2 < frame.width);
                self.write(x + lead, y, &text, self.theme.quiet(), buffer);
            }
        }
    }

    /// Counts the senders of this page that are not in view, by where they lie, as far as there is
    /// room to say so.
    fn beyond(self) -> String {
        let Self { scene, block, .. } = self;
        let (mut above, mut below, mut left, mut right) = (0, 0, 0, 0);
        for at in scene.all_senders_of(block.tensor) {
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
            (above, "above"),
            (below, "below"),
            (left, "left"),
            (right, "right"),
        ];
        let places: Vec<(usize, &str)> = counts.into_iter().filter(|(n, _)| *n > 0).collect();
        let n: usize = places.iter().map(|(n, _)| n).sum();
        let said = match *places {
            [] => return String::new(),
            [(n, place)] => format!("{n} more {place}"),
            _ => {
                let each = places.iter().map(|(n, place)| format!("{n} {place}"));
                format!("{n} more: {}", each.collect::<Vec<_>>().join(", "))
            }
        };
        let fits = |text: &String| small(text.width()) + 2 <= block.frame().width;
        let mut choices = [said, format!("{n} more")].into_iter();
        choices.find(fits).unwrap_or_default()
    }

    /// Writes a text over nothing but level lines.
    fn write(self, x: u16, y: u16, text: &str, style: Style, buffer: &mut Buffer) {
        let is_free = |x| {
            let place = Position { x, y };
            self.area.contains(place) && LEVEL.contains(buffer[place].symbol())
        };
        if (x..).zip(text.chars()).all(|(x, _)| is_free(x)) {
            put(buffer, self.area, x, y, text, style);
        }
    }
}

/// What two pictures are of and what their strongest shades stand for, in the longest words that
/// both frames have room for.
fn twin_captions(values: f64, gradients: f64, width: u16) -> [String; 2] {
    let scale = |largest: f64| match largest > 0.0 {
        true => format!(" ±{}", rounded(largest, SCALE_DIGITS)),
        false => String::new(),
    };
    let scales = [values, gradients].map(scale);
    let named = |names: [&str; 2]| [0, 1].map(|at| format!("{}{}", names[at], scales[at]));
    let plain = |names: [&str; 2]| names.map(str::to_owned);
    let (long, short) = (["values", "gradients"], ["val", "grad"]);
    let fits = |texts: &[String; 2]| texts.iter().all(|it| small(it.width()) + 2 <= width);
    let mut choices = [named(long), named(short), plain(long), plain(short)].into_iter();
    choices.find(fits).unwrap_or_else(|| plain(short))
}

/// The numbers of the rows of a grid, each with its row and its place left of the frame.
pub(super) fn row_numbers(
    scene: &Scene<'_>,
    block: &Block,
) -> impl Iterator<Item = (usize, Position, String)> {
    let (current, _) = current_of(scene, block);
    let rows = numbered(&block.rows, row_stride(block), current);
    rows.filter(|_| block.grid.n_rows > 1).map(|row| {
        let (y, _) = block.numbered_rows(block.cell(row, block.columns.start));
        let text = row.to_string();
        let x = block.frame().x.saturating_sub(small(text.len()));
        (row, Position { x, y }, text)
    })
}

/// The numbers of the columns of a grid, each with its column and its place on the frame.
pub(super) fn column_numbers(
    scene: &Scene<'_>,
    block: &Block,
) -> impl Iterator<Item = (usize, Position, String)> {
    let (_, current) = current_of(scene, block);
    let columns = numbered(&block.columns, column_stride(block), current);
    columns.filter(|_| block.grid.n_columns > 1).map(|column| {
        let cell = block.cell(block.rows.start, column);
        let text = column.to_string();
        let x = cell.x + cell.width.saturating_sub(small(text.len())) / 2;
        let y = block.frame().y;
        (column, Position { x, y }, text)
    })
}

/// The row and the column of the current neuron in a block that shows it.
fn current_of(scene: &Scene<'_>, block: &Block) -> (Option<usize>, Option<usize>) {
    let current = scene.current.filter(|it| block.find(*it).is_some());
    let place = current.map(|current| block.grid.locate(current.at));
    place.map_or((None, None), |(_, row, column)| (Some(row), Some(column)))
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
        HALVES_A_NUMBER
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
