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

pub use forward::{computation, forward, is_shown, own_parameters, upstream, use_of};
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
    /// The numbers, row by row; nothing where they are left to be filled in.
    pub data: Option<&'a [f64]>,
}

impl<'a> Grid<'a> {
    /// The rows, each with its place and its numbers.
    pub fn rows(self) -> impl Iterator<Item = (Option<usize>, impl Iterator<Item = Option<f64>>)> {
        let number = move |row: usize, column: usize| {
            self.data.map(|data| data[row * self.n_columns + column])
        };
        (0..self.n_rows.unwrap_or(1)).map(move |row| {
            let numbers = (0..self.n_columns).map(move |column| number(row, column));
            (self.n_rows.map(|_| row), numbers)
        })
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
    grids(page, name, shape, Some(tensor.data()))
}

/// Prints empty grids for a tensor of this shape.
///
/// # Errors
/// Those of the page.
pub fn blanks(page: &mut dyn Page, name: &str, shape: &Shape) -> io::Result<()> {
    grids(page, name, shape, None)
}

fn grids(page: &mut dyn Page, name: &str, shape: &Shape, data: Option<&[f64]>) -> io::Result<()> {
    let (n_rows, n_columns) = last_two(shape);
    let size = n_rows.unwrap_or(1) * n_columns;
    let outer = Shape::from(&shape[..shape.rank().saturating_sub(2)]);
    (0..outer.numel()).try_for_each(|number| {
        let data = data.map(|data| &data[number * size..(number + 1) * size]);
        page.grid(
            &Address::of(name, &outer, number).to_string(),
            &Grid {
                n_rows,
                n_columns,
                data,
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
