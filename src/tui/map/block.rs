//! One page of a tensor as a grid of cells.

use std::collections::BTreeSet;
use std::ops::Range;

use ratatui::layout::{Position, Rect};

use super::super::numbers::Aligned;
use super::caption::Caption;
use super::grid::{Grid, small};
use super::lines::Lines;
use super::scene::{Scale, Scene};
use crate::tensor::{Element, TensorId};

/// The significant digits of a number in a cell.
pub(super) const DIGITS: usize = 4;
/// The size of two shades that share a place of the screen, one above the other.
pub(super) const HALF: u16 = 1;
/// More rows of the screen than a title and a cell with its frame take.
const MORE_THAN_FITS: u16 = 8;

/// How close together the cells of a grid stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Density {
    /// Every cell has a frame.
    Roomy,
    /// The grid has a frame; its cells stand side by side.
    Tight,
    /// Every cell is a shade for its number: the values, and right of them the gradients.
    Picture,
}

/// The part of a tensor that a block may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub(super) width: u16,
    pub(super) height: u16,
    /// Whether a second line of the title names what computes the tensor.
    pub(super) names_ops: bool,
}

impl Room {
    /// A little more room than there is: enough to see whether a tensor fits, and no more, for its
    /// rows are measured one by one.
    pub(super) fn unbounded(self) -> Self {
        Self {
            height: self.height.saturating_add(MORE_THAN_FITS),
            ..self
        }
    }
}

/// A page of a tensor on the map: its title, and a window of its cells.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) tensor: TensorId,
    /// The number of the page among those that the leading axes make.
    pub(super) page: usize,
    pub(super) titles: Vec<Caption>,
    pub(super) density: Density,
    pub(super) lines: Lines,
    pub(super) rows: Range<usize>,
    pub(super) columns: Range<usize>,
    pub(super) grid: Grid,
    pub(super) numbers: Vec<Aligned>,
    /// The columns before each number: for the frame of a sender, the mark of a term, and of a
    /// winner.
    pub(super) marks: u16,
    /// Whether its cells have room for the frames of senders.
    pub(super) has_senders: bool,
    pub(super) scale: Scale,
    /// The size of a shade, where it is a picture.
    pub(super) pixel: u16,
    /// Whether a second picture, of the gradients, stands right of that of the values.
    pub(super) has_twin: bool,
    /// Where the block is, its titles included.
    pub(super) area: Rect,
}

impl Block {
    /// Lays out a page of a tensor in the room that there is, round the neurons that the look is
    /// about.
    pub(super) fn new(
        scene: &Scene<'_>,
        tensor: TensorId,
        page: usize,
        density: Density,
        lines: Lines,
        room: Room,
    ) -> Self {
        let info = scene.session.network().tensor(tensor);
        let grid = Grid::of(&info.shape);
        let is_picture = density == Density::Picture;
        let has_senders = scene.sends_from(tensor) && !is_picture;
        let scale = scene.scale;
        let may_win = density == Density::Roomy || grid.n_columns == 1 || scene.competes(tensor);
        let has_blank = may_win || has_senders;
        let marks = 1 + u16::from(has_senders) + u16::from(has_blank) + scale.wider / 2;
        let mut block = Self {
            tensor,
            page,
            titles: Vec::new(),
            density,
            lines,
            rows: 0..0,
            columns: 0..0,
            grid,
            numbers: Vec::new(),
            marks,
            has_senders,
            scale,
            pixel: HALF,
            has_twin: false,
            area: Rect::default(),
        };
        let interest = block.interest(scene);
        let n_titles = if grid.n_pages > 1 || room.names_ops {
            2
        } else {
            1
        };
        let height = room.height.saturating_sub(n_titles);
        if is_picture {
            block.fit_shades(scene, interest, room.width, height);
        } else {
            let [rows, columns] = interest;
            block.rows = window(grid.n_rows, block.rows_in(height), &rows);
            block.fit_columns(scene, &columns, room.width);
        }
        block
    }

    /// The rows and columns of this page that the look is about, the most important first.
    fn interest(&self, scene: &Scene<'_>) -> [Vec<usize>; 2] {
        let places = scene.interest(self.tensor);
        let places = places.iter().map(|&at| self.grid.locate(at));
        let (mut rows, mut columns) = (BTreeSet::new(), BTreeSet::new());
        let mut interest = [Vec::new(), Vec::new()];
        for (_, row, column) in places.filter(|(page, ..)| *page == self.page) {
            interest[0].extend(rows.insert(row).then_some(row));
            interest[1].extend(columns.insert(column).then_some(column));
        }
        interest
    }

    /// How many rows of cells fit a height.
    fn rows_in(&self, height: u16) -> usize {
        let line = self.cell_height() + self.gap();
        usize::from(
            height
                .saturating_sub(2 - self.gap())
                .saturating_sub(self.gap())
                / line,
        )
        .max(1)
    }

    /// Takes as many columns as fit the width, measured by the numbers in the rows of the window.
    fn fit_columns(&mut self, scene: &Scene<'_>, interest: &[usize], width: u16) {
        // No cell is narrower than this, which bounds how many columns need to be measured.
        let narrowest = usize::from(3 + self.marks);
        let measured = window(
            self.grid.n_columns,
            (usize::from(width) / narrowest).max(1),
            interest,
        );
        let numbers: Vec<Aligned> = measured
            .clone()
            .map(|column| {
                let first = self.element(self.rows.start, column);
                let cells = (first, self.rows.len(), self.lines);
                scene.measured(cells, || self.measure(scene, column))
            })
            .collect();
        let free = width.saturating_sub(self.margin() + 2);
        let is_seen = |columns: &Range<usize>| {
            let cells = &numbers[columns.start - measured.start..columns.end - measured.start];
            let widths = cells
                .iter()
                .map(|it| self.width_of(it) + self.lines_between());
            widths.sum::<u16>() <= free + self.lines_between()
        };
        let fewer_and_fewer = (1..=measured.len()).rev().map(|n| {
            let columns = window(self.grid.n_columns, n, interest);
            columns.start.max(measured.start)..columns.end.min(measured.end)
        });
        let columns = fewer_and_fewer
            .into_iter()
            .find(|columns| columns.len() == 1 || is_seen(columns))
            .unwrap_or(measured.clone());
        self.numbers = numbers[columns.start - measured.start..columns.end - measured.start].into();
        self.columns = columns;
    }

    fn measure(&self, scene: &Scene<'_>, column: usize) -> Aligned {
        let backprop = scene.session.backprop();
        let mut numbers = Aligned::new(DIGITS);
        for row in self.rows.clone() {
            let element = self.element(row, column);
            if self.lines.have_value() {
                scene.fit(&mut numbers, backprop.tape().element(element));
            }
            // A gradient takes its room before its step is done, so that nothing moves when it
            // appears.
            if self.lines.have_gradient() && backprop.is_computed(self.tensor) {
                scene.fit(&mut numbers, backprop.element(element));
            }
            let unrounded = scene.session.unrounded(element).gradient;
            if let Some(unrounded) = unrounded.filter(|_| self.lines == Lines::Unrounded) {
                scene.fit(&mut numbers, unrounded);
            }
            if let Some((Some(theirs), _)) = scene
                .session
                .theirs(element)
                .filter(|_| self.lines == Lines::Compared)
            {
                scene.fit(&mut numbers, theirs);
            }
        }
        numbers
    }

    /// The neuron of a row and column of the page.
    pub(super) fn element(&self, row: usize, column: usize) -> Element {
        Element {
            tensor: self.tensor,
            at: (self.page * self.grid.n_rows + row) * self.grid.n_columns + column,
        }
    }

    /// The rows and columns that are in view, each with its cell.
    pub(super) fn cells(&self) -> impl Iterator<Item = (Element, Rect)> {
        self.places()
            .map(|(row, column)| (self.element(row, column), self.cell(row, column)))
    }

    /// The rows and columns that are in view.
    pub(super) fn places(&self) -> impl Iterator<Item = (usize, usize)> {
        self.rows
            .clone()
            .flat_map(|row| self.columns.clone().map(move |column| (row, column)))
    }

    /// The neuron next to a row and column, if the page goes on there.
    pub(super) fn neighbour(
        &self,
        row: usize,
        column: usize,
        (down, right): (isize, isize),
    ) -> Option<Element> {
        let row = row
            .checked_add_signed(down)
            .filter(|&row| row < self.grid.n_rows)?;
        let column = column
            .checked_add_signed(right)
            .filter(|&column| column < self.grid.n_columns)?;
        Some(self.element(row, column))
    }

    /// Where a neuron's cell is, if it is in view.
    pub(super) fn find(&self, element: Element) -> Option<Rect> {
        let (page, row, column) = self.grid.locate(element.at);
        let is_in_view = element.tensor == self.tensor
            && page == self.page
            && self.rows.contains(&row)
            && self.columns.contains(&column);
        is_in_view.then(|| self.cell(row, column))
    }

    /// The inside of a cell that is in view.
    pub(super) fn cell(&self, row: usize, column: usize) -> Rect {
        let frame = self.frame();
        let before: u16 = (0..column - self.columns.start)
            .map(|column| self.cell_width(column) + self.lines_between())
            .sum();
        let above = self.rows_until(row - self.rows.start);
        Rect {
            x: frame.x + 1 + before,
            y: frame.y + 1 + above,
            width: self.cell_width(column - self.columns.start),
            height: self.cell_height(),
        }
    }

    /// The numbers of a column that is in view.
    pub(super) fn aligned(&self, element: Element) -> Aligned {
        let (_, _, column) = self.grid.locate(element.at);
        self.numbers
            .get(column.wrapping_sub(self.columns.start))
            .copied()
            .unwrap_or_default()
    }

    /// The lines of the grid, its frame among them.
    pub(super) fn strokes(&self) -> impl Iterator<Item = Rect> {
        let frame = self.frame();
        let column = move |x| Rect {
            x,
            width: 1,
            ..frame
        };
        let row = move |y| Rect {
            y,
            height: 1,
            ..frame
        };
        let last = self.columns.end - 1;
        let has_lanes = self.density != Density::Picture;
        let columns = self
            .columns
            .clone()
            .filter(move |&at| has_lanes || at == last);
        let columns = columns.map(move |at| {
            let cell = self.cell(self.rows.start, at);
            column(cell.right())
        });
        let rows = self
            .rows
            .clone()
            .filter(|_| self.density == Density::Roomy)
            .map(move |at| {
                let cell = self.cell(at, self.columns.start);
                row(cell.bottom())
            });
        let first = [column(frame.x), row(frame.y), row(frame.bottom() - 1)];
        first.into_iter().chain(columns).chain(rows)
    }

    /// The frame of the grid.
    pub(super) fn frame(&self) -> Rect {
        let n_titles = small(self.titles.len());
        Rect {
            x: self.area.x + self.margin(),
            y: self.area.y + n_titles,
            width: self.grid_width(),
            height: self.grid_height(),
        }
    }

    /// The lines between two cells of a row.
    fn lines_between(&self) -> u16 {
        u16::from(self.density != Density::Picture)
    }

    fn cell_width(&self, column: usize) -> u16 {
        if self.is_picture() {
            return self.pixel;
        }
        let numbers = self.numbers.get(column).copied();
        self.width_of(&numbers.unwrap_or_default())
    }

    /// The width of a cell with such numbers.
    fn width_of(&self, numbers: &Aligned) -> u16 {
        // A blank, and one more before the frame of a sender.
        let right = 1 + u16::from(self.has_senders) + self.scale.wider - self.scale.wider / 2;
        self.marks + small(numbers.width()) + right
    }

    fn cell_height(&self) -> u16 {
        if self.is_picture() {
            self.pixel.div_ceil(2)
        } else {
            self.n_lines() + self.scale.taller
        }
    }

    /// The rows of the screen that so many rows of cells take.
    fn rows_until(&self, n: usize) -> u16 {
        if self.is_picture() {
            small(n * usize::from(self.pixel)) / 2
        } else {
            small(n).saturating_mul(self.cell_height() + self.gap())
        }
    }

    /// The columns left of the grid for the numbers of its rows.
    pub(super) fn margin(&self) -> u16 {
        let last = self.rows.end.saturating_sub(1);
        let has_numbers = self.grid.n_rows > 1;
        u16::from(has_numbers) * small(last.checked_ilog10().unwrap_or(0) as usize + 1)
    }

    fn n_lines(&self) -> u16 {
        self.lines.n()
    }

    /// The first row of numbers in a cell, and the last.
    pub(super) fn numbered_rows(&self, cell: Rect) -> (u16, u16) {
        if self.is_picture() {
            return (cell.y, cell.bottom() - 1);
        }
        let first = cell.y + self.scale.taller / 2;
        (first, first + self.n_lines() - 1)
    }

    /// The lines between two rows of cells.
    fn gap(&self) -> u16 {
        u16::from(self.density == Density::Roomy)
    }

    pub(super) fn grid_width(&self) -> u16 {
        (0..self.numbers.len())
            .map(|column| self.cell_width(column) + self.lines_between())
            .sum::<u16>()
            + 2
            - self.lines_between()
    }

    pub(super) fn is_picture(&self) -> bool {
        self.density == Density::Picture
    }

    pub(super) fn grid_height(&self) -> u16 {
        if self.is_picture() {
            return self.rows_until(self.rows.len() + usize::from(self.pixel == HALF)) + 2;
        }
        self.rows_until(self.rows.len()) + 2 - self.gap()
    }

    /// Stands at a place of the screen.
    pub(super) fn at(mut self, Position { x, y }: Position) -> Self {
        (self.area.x, self.area.y) = (x, y);
        (self.area.width, self.area.height) = (self.width(), self.height());
        self
    }

    /// The width of the block, its titles included.
    pub(super) fn width(&self) -> u16 {
        self.titles
            .iter()
            .map(Caption::width)
            .fold(self.margin() + self.grids_width(), u16::max)
    }

    /// The height of the block, its titles included.
    pub(super) fn height(&self) -> u16 {
        small(self.titles.len()) + self.grid_height()
    }

    /// Whether the page is in view from its left to its right.
    pub(super) fn has_all_columns(&self) -> bool {
        self.columns.len() == self.grid.n_columns
    }

    /// Whether the whole page is in view.
    pub(super) fn is_whole(&self) -> bool {
        self.rows.len() == self.grid.n_rows && self.columns.len() == self.grid.n_columns
    }
}

/// Returns so many places round those of interest, shifted to stay among all. Where not all these
/// fit, the most important do, which come first.
pub(super) fn window(total: usize, size: usize, interest: &[usize]) -> Range<usize> {
    let size = size.min(total);
    let first = interest.first().copied().unwrap_or(0);
    let round = interest.iter().fold(first..first + 1, |round, &place| {
        let wider = round.start.min(place)..round.end.max(place + 1);
        if wider.len() <= size { wider } else { round }
    });
    let start = round.start.midpoint(round.end);
    let start = start.saturating_sub(size / 2).min(total - size);
    start..start + size
}
