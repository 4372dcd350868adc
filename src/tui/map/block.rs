//! One page of a tensor as a grid of cells.

use std::ops::Range;

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::super::numbers::Aligned;
use super::heat;
use super::scene::{Scale, Scene};
use crate::debugger::View;
use crate::tensor::{Element, Shape, TensorId, rounded};

/// The significant digits of a number in a cell.
const DIGITS: usize = 4;
/// How many more there are in a large cell.
const MORE_DIGITS: usize = 2;
/// The width of a shade.
const SHADE: u16 = 2;
/// The room between the pictures of the values and of the gradients.
const BETWEEN_TWINS: u16 = 2;
/// The longest line above a grid that names both an op and a page.
const LONGEST_CAPTION: usize = 24;
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

/// What a cell shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    /// The value alone.
    Value,
    /// The gradient alone.
    Gradient,
    /// The sign of the gradient, and a shade for its size.
    Heat,
    /// The value, and the gradient below it.
    ValueAndGradient,
    /// The gradient, and the answer's below it.
    Compared,
}

impl Lines {
    /// What the cells of a neuron's tensor show.
    pub(super) fn of(view: View) -> Self {
        match view {
            View::Both => Self::ValueAndGradient,
            View::Values => Self::Value,
            View::Gradients => Self::Gradient,
            View::Heat => Self::Heat,
            View::Compared => Self::Compared,
        }
    }
}

/// How much a block's title says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Title {
    /// Name, shape, op, and what of the tensor is in view.
    Full,
    /// Which page it is: another page of the tensor stands above.
    Page,
}

/// A line above a grid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Caption {
    /// The tensor's name, in its first line.
    pub(super) name: String,
    /// What is said besides.
    pub(super) rest: String,
}

impl Caption {
    pub(super) fn width(&self) -> u16 {
        small(self.name.width() + self.rest.width())
    }
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
    grid: Grid,
    numbers: Vec<Aligned>,
    /// The columns before each number: for the frame of a sender, the mark of a term, and of a
    /// winner.
    pub(super) marks: u16,
    /// Whether its cells have room for the frames of senders.
    pub(super) has_senders: bool,
    scale: Scale,
    /// Whether a second picture, of the gradients, stands right of that of the values.
    has_twin: bool,
    /// Where the block is, its titles included.
    pub(super) area: Rect,
}

/// A tensor's last two axes; a list of numbers stands upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) n_rows: usize,
    pub(super) n_columns: usize,
    pub(super) n_pages: usize,
}

impl Grid {
    pub(super) fn of(shape: &Shape) -> Self {
        let (n_rows, n_columns) = match **shape {
            [] => (1, 1),
            [n] => (n, 1),
            [.., n_rows, n_columns] => (n_rows, n_columns),
        };
        Self {
            n_rows,
            n_columns,
            n_pages: shape.numel() / (n_rows * n_columns),
        }
    }

    /// The page, row and column of a row-major place.
    pub(super) fn locate(self, at: usize) -> (usize, usize, usize) {
        let size = self.n_rows * self.n_columns;
        (at / size, at % size / self.n_columns, at % self.n_columns)
    }
}

impl Block {
    /// Lays out a page of a tensor in the room that there is, round the neurons that the look is
    /// about.
    pub(super) fn new(
        scene: &Scene<'_>,
        tensor: TensorId,
        page: usize,
        title: Title,
        density: Density,
        lines: Lines,
        room: Room,
    ) -> Self {
        let info = scene.session.network().tensor(tensor);
        let grid = Grid::of(&info.shape);
        let is_picture = density == Density::Picture;
        let has_senders = scene.sends_from(tensor) && !is_picture;
        let scale = if is_picture {
            Scale::default()
        } else {
            scene.scale
        };
        let may_win = density == Density::Roomy || grid.n_columns == 1 || scene.competes(tensor);
        let marks = 1 + u16::from(has_senders) + u16::from(may_win) + scale.wider / 2;
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
            has_twin: false,
            area: Rect::default(),
        };
        let interest = block.interest(scene);
        let n_titles = if grid.n_pages > 1 || room.names_ops {
            2
        } else {
            1
        };
        block.rows = window(
            grid.n_rows,
            block.rows_in(room.height.saturating_sub(n_titles)),
            interest.0,
        );
        if is_picture {
            block.fit_shades(interest.1, room.width);
        } else {
            block.fit_columns(scene, interest.1, room.width);
        }
        block.titles = block.written_titles(scene, title, room.names_ops);
        block
    }

    /// The rows and columns of this page that the look is about.
    fn interest(&self, scene: &Scene<'_>) -> (Range<usize>, Range<usize>) {
        let mut rows = None;
        let mut columns = None;
        for at in scene.interest(self.tensor) {
            let (page, row, column) = self.grid.locate(at);
            if page == self.page {
                widen(&mut rows, row);
                widen(&mut columns, column);
            }
        }
        (rows.unwrap_or(0..1), columns.unwrap_or(0..1))
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
    fn fit_columns(&mut self, scene: &Scene<'_>, interest: Range<usize>, width: u16) {
        // No cell is narrower than this, which bounds how many columns need to be measured.
        let narrowest = usize::from(3 + self.marks);
        let measured = window(
            self.grid.n_columns,
            (usize::from(width) / narrowest).max(1),
            interest.clone(),
        );
        let numbers: Vec<Aligned> = measured
            .clone()
            .map(|column| self.measure(scene, column))
            .collect();
        let mut columns = window(self.grid.n_columns, measured.len(), interest.clone());
        loop {
            self.numbers = columns
                .clone()
                .map(|column| numbers[column - measured.start])
                .collect();
            self.columns = columns.clone();
            if self.grid_width() <= width || columns.len() == 1 {
                return;
            }
            let fewer = window(self.grid.n_columns, columns.len() - 1, interest.clone());
            columns = fewer.start.max(measured.start)..fewer.end.min(measured.end);
        }
    }

    /// Takes as many columns of shades as fit the width, with those of the gradients beside them
    /// where both are to be seen and there is room.
    fn fit_shades(&mut self, interest: Range<usize>, width: u16) {
        let n = usize::from(width.saturating_sub(2) / SHADE).max(1);
        self.columns = window(self.grid.n_columns, n, interest);
        self.numbers = vec![Aligned::whole(0); self.columns.len()];
        let is_both = matches!(self.lines, Lines::ValueAndGradient | Lines::Compared);
        self.has_twin = is_both && 2 * self.grid_width() + BETWEEN_TWINS <= width;
    }

    fn measure(&self, scene: &Scene<'_>, column: usize) -> Aligned {
        let backprop = scene.session.backprop();
        let mut numbers = if self.lines == Lines::Heat {
            Aligned::whole(heat::WIDTH)
        } else {
            Aligned::new(DIGITS + usize::from(self.scale.wider / 4).min(MORE_DIGITS))
        };
        for row in self.rows.clone() {
            let element = self.element(row, column);
            if matches!(self.lines, Lines::Value | Lines::ValueAndGradient) {
                numbers.fit(backprop.tape().element(element));
            }
            // A gradient takes its room before its step is done, so that nothing moves when it
            // appears.
            let has_gradient = matches!(
                self.lines,
                Lines::Gradient | Lines::ValueAndGradient | Lines::Compared
            );
            if has_gradient && backprop.is_computed(self.tensor) {
                numbers.fit(backprop.element(element));
            }
            if let Some((Some(theirs), _)) = scene
                .session
                .theirs(element)
                .filter(|_| self.lines == Lines::Compared)
            {
                numbers.fit(theirs);
            }
        }
        numbers
    }

    fn written_titles(&self, scene: &Scene<'_>, title: Title, names_ops: bool) -> Vec<Caption> {
        let network = scene.session.network();
        let info = network.tensor(self.tensor);
        let page = (self.grid.n_pages > 1).then(|| page_name(&info.shape, self.page));
        let mut lines = Vec::new();
        if title == Title::Full {
            let part = match info.shape.rank() {
                _ if self.is_whole() => String::new(),
                1 => format!(" [{}]", places(&self.rows)),
                _ => format!(" [{},{}]", places(&self.rows), places(&self.columns)),
            };
            lines.push(Caption {
                name: info.name.clone(),
                rest: format!(" {}{part}", sizes(&info.shape)),
            });
        }
        let op = (names_ops && title == Title::Full).then(|| network.maker(self.tensor));
        let pointed = self.pointed_at(scene).filter(|_| names_ops);
        let second = match (op, page) {
            (Some(_) | None, None) if pointed.is_some() => pointed,
            (Some(op), Some(page)) if op.width() + page.width() + 2 <= LONGEST_CAPTION => {
                Some(format!("{op}, {page}"))
            }
            (op, page) => page.or(op),
        };
        lines.extend(second.map(|rest| Caption {
            rest,
            ..Caption::default()
        }));
        lines
    }

    /// The numbers of the current neuron, where it is a shade of this picture.
    fn pointed_at(&self, scene: &Scene<'_>) -> Option<String> {
        let is_here =
            |element: &Element| self.density == Density::Picture && element.tensor == self.tensor;
        let element = scene.current.filter(is_here)?;
        let (page, row, column) = self.grid.locate(element.at);
        let value = rounded(scene.session.backprop().tape().element(element), DIGITS);
        (page == self.page).then(|| format!("[{row},{column}] is {value}"))
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
        let above = small(row - self.rows.start).saturating_mul(self.cell_height() + self.gap());
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
            x: self.area.x,
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
        if self.density == Density::Picture {
            return SHADE;
        }
        let numbers = self.numbers.get(column);
        let right = 1 + self.scale.wider - self.scale.wider / 2;
        self.marks + small(numbers.map_or(1, |numbers| numbers.width())) + right
    }

    fn cell_height(&self) -> u16 {
        self.n_lines() + self.scale.taller
    }

    fn n_lines(&self) -> u16 {
        match self.lines {
            _ if self.density == Density::Picture => 1,
            Lines::Value | Lines::Gradient | Lines::Heat => 1,
            Lines::ValueAndGradient | Lines::Compared => 2,
        }
    }

    /// The first row of numbers in a cell, and the last.
    pub(super) fn numbered_rows(&self, cell: Rect) -> (u16, u16) {
        let first = cell.y + self.scale.taller / 2;
        (first, first + self.n_lines() - 1)
    }

    /// The lines between two rows of cells.
    fn gap(&self) -> u16 {
        u16::from(self.density == Density::Roomy)
    }

    fn grid_width(&self) -> u16 {
        (0..self.numbers.len())
            .map(|column| self.cell_width(column) + self.lines_between())
            .sum::<u16>()
            + 2
            - self.lines_between()
    }

    /// The width of the picture of the values and of that of the gradients.
    fn grids_width(&self) -> u16 {
        match self.twin() {
            Some(offset) => offset + self.grid_width(),
            None => self.grid_width(),
        }
    }

    /// How far right of the values the gradients are, where both are pictures.
    pub(super) fn twin(&self) -> Option<u16> {
        self.has_twin.then(|| self.grid_width() + BETWEEN_TWINS)
    }

    fn grid_height(&self) -> u16 {
        small(self.rows.len()).saturating_mul(self.cell_height() + self.gap()) + 2 - self.gap()
    }

    /// The width of the block, its titles included.
    pub(super) fn width(&self) -> u16 {
        self.titles
            .iter()
            .map(Caption::width)
            .fold(self.grids_width(), u16::max)
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

/// Returns so many places round those of interest, shifted to stay among all.
pub(super) fn window(total: usize, size: usize, interest: Range<usize>) -> Range<usize> {
    let size = size.min(total);
    let middle = (interest.start + interest.end.min(interest.start + size)) / 2;
    let start = middle.saturating_sub(size / 2).min(total - size);
    start..start + size
}

fn widen(range: &mut Option<Range<usize>>, place: usize) {
    *range = Some(match range.take() {
        Some(range) => range.start.min(place)..range.end.max(place + 1),
        None => place..place + 1,
    });
}

/// Writes a shape as people do: `3×4`; a scalar has none.
fn sizes(shape: &Shape) -> String {
    shape
        .iter()
        .map(usize::to_string)
        .collect::<Vec<_>>()
        .join("×")
}

/// Writes places along an axis as in an address, counted from 0.
fn places(range: &Range<usize>) -> String {
    if range.len() == 1 {
        range.start.to_string()
    } else {
        format!("{}–{}", range.start, range.end.saturating_sub(1))
    }
}

/// Names a page by its leading axes: `channel 2 of 8`, `item 1 of 2`, or by its index.
fn page_name(shape: &Shape, page: usize) -> String {
    match **shape {
        [channels, _, _] => format!("channel {} of {channels}", page + 1),
        [items, 1, _, _] => format!("item {} of {items}", page + 1),
        [1, channels, _, _] => format!("channel {} of {channels}", page + 1),
        [items, channels, _, _] => {
            format!(
                "item {} of {items}, channel {} of {channels}",
                page / channels + 1,
                page % channels + 1
            )
        }
        _ => format!("page {} of {}", page + 1, Grid::of(shape).n_pages),
    }
}

fn small(size: usize) -> u16 {
    u16::try_from(size).unwrap_or(u16::MAX / 4)
}
