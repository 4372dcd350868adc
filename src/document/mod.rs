//! Pages for people: headings, grids of numbers and words, in Markdown and LaTeX. What is on a page
//! does not know in which of them it is set.

mod forward;
mod markdown;
mod shell;
mod tex;

use std::io;

use crate::backprop::Backprop;
use crate::tensor::{Address, Element, Shape, Tensor, rounded};
use crate::words::DIGITS;

pub use forward::{
    Entry, computation, entries, forward, is_shown, own_parameters, side, update, upstream, use_of,
    worked_out,
};
pub use markdown::Markdown;
pub use shell::Shell;
pub use tex::Tex;

/// The most numbers that one tensor is printed with, and how many of them in a row and below each
/// other.
const MOST_NUMBERS: usize = 512;
const MOST_COLUMNS: usize = 16;
const MOST_ROWS: usize = 40;

/// The parts of a page in one format. Texts are a stranger's, unless it says otherwise.
pub trait Page {
    /// Title and description, of which the second may be empty.
    fn opening(&mut self, title: &str, description: &str) -> io::Result<()>;

    /// A line on which somebody writes their name, with the id that they are known by.
    fn signature(&mut self, student: Option<&str>) -> io::Result<()>;

    /// A heading: our own words, and the name of a tensor after them where there is one.
    fn section(&mut self, words: &str, tensor: Option<&str>) -> io::Result<()>;

    /// A paragraph of our own words, with names of tensors among them.
    fn paragraph(&mut self, words: &str) -> io::Result<()>;

    /// A line of our own words about a tensor.
    fn line(&mut self, tensor: &str, words: &str) -> io::Result<()>;

    /// Numbers in rows and columns, with the places along the last two axes beside them. `name`
    /// says of what.
    fn grid(&mut self, name: &str, grid: &Grid<'_>) -> io::Result<()>;

    /// A teacher's note.
    fn note(&mut self, note: &str) -> io::Result<()>;

    /// The terms of one neuron, their sum and the words, and the teacher's note.
    fn step(&mut self, backprop: &Backprop, element: Element, note: Option<&str>)
    -> io::Result<()>;

    /// What stands at the end.
    fn closing(&mut self) -> io::Result<()>;
}

/// A grid along the last two axes of a tensor.
#[derive(Debug, Clone, Copy)]
pub struct Grid<'a> {
    /// How many rows there are; nothing for a tensor of one axis, whose numbers stand in one row
    /// without a place.
    pub n_rows: Option<usize>,
    /// How many columns there are.
    pub n_columns: usize,
    /// The cells, row by row.
    pub cells: &'a [Cell],
}

/// What stands in a place of a grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell {
    /// A number.
    Number(f64),
    /// Nothing: a number is left to be filled in.
    Blank,
    /// A dash: no number is asked for.
    Dash,
}

impl<'a> Grid<'a> {
    /// The rows, each with its place and its cells.
    pub fn rows(self) -> impl Iterator<Item = (Option<usize>, &'a [Cell])> {
        let rows = self.cells.chunks(self.n_columns).enumerate();
        rows.map(move |(row, cells)| (self.n_rows.map(|_| row), cells))
    }
}

/// Whether a tensor of this shape fits a page.
pub fn fits(shape: &Shape) -> bool {
    let (n_rows, n_columns) = last_two(shape);
    shape.numel() <= MOST_NUMBERS
        && n_columns <= MOST_COLUMNS
        && n_rows.is_none_or(|n_rows| n_rows <= MOST_ROWS)
}

/// Prints a number on a line, and any other tensor as grids along its last two axes, or says how
/// large it is.
///
/// # Errors
/// Those of the page.
pub fn show(page: &mut dyn Page, name: &str, tensor: &Tensor) -> io::Result<()> {
    show_some(page, name, tensor, &|_| true)
}

/// Prints the numbers of a tensor that stand in some places, and dashes in the others.
///
/// # Errors
/// Those of the page.
pub fn show_some(
    page: &mut dyn Page,
    name: &str,
    tensor: &Tensor,
    is_shown: &dyn Fn(usize) -> bool,
) -> io::Result<()> {
    let shape = tensor.shape();
    if shape.rank() == 0 {
        return page.line(name, &format!("= {}", rounded(tensor.data()[0], DIGITS)));
    }
    if !fits(shape) {
        return page.line(
            name,
            &format!("has shape {shape}, which is too large to print here."),
        );
    }
    grids(page, name, shape, &|at| match is_shown(at) {
        true => Cell::Number(tensor.data()[at]),
        false => Cell::Dash,
    })
}

/// Prints grids for a tensor of this shape, with a blank in each place that is asked for.
///
/// # Errors
/// Those of the page.
pub fn blanks(
    page: &mut dyn Page,
    name: &str,
    shape: &Shape,
    is_asked: &dyn Fn(usize) -> bool,
) -> io::Result<()> {
    grids(page, name, shape, &|at| match is_asked(at) {
        true => Cell::Blank,
        false => Cell::Dash,
    })
}

fn grids(
    page: &mut dyn Page,
    name: &str,
    shape: &Shape,
    cell: &dyn Fn(usize) -> Cell,
) -> io::Result<()> {
    let (n_rows, n_columns) = last_two(shape);
    let size = n_rows.unwrap_or(1) * n_columns;
    let outer = Shape::from(&shape[..shape.rank().saturating_sub(2)]);
    (0..outer.numel()).try_for_each(|number| {
        let cells: Vec<Cell> = (number * size..(number + 1) * size).map(cell).collect();
        page.grid(
            &Address::of(name, &outer, number).to_string(),
            &Grid {
                n_rows,
                n_columns,
                cells: &cells,
            },
        )
    })
}

/// The number of rows, where there is an axis for them, and of columns.
fn last_two(shape: &Shape) -> (Option<usize>, usize) {
    match **shape {
        [.., rows, columns] => (Some(rows), columns),
        [columns] => (None, columns),
        [] => (None, 1),
    }
}
