//! The solution as Markdown.

use std::io::{self, Write};

use super::solution::{self, Grid, Page};
use super::{Selection, Subject};
use crate::backprop::Backprop;
use crate::tensor::{Neuron, rounded};
use crate::words::{self, DIGITS, without_markup};

/// Writes a scenario's solution.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(subject: Subject<'_>, selection: &Selection, out: &mut dyn Write) -> io::Result<()> {
    solution::write(subject, selection, &mut Markdown(out))
}

struct Markdown<'a>(&'a mut dyn Write);

impl Page for Markdown<'_> {
    fn opening(&mut self, title: &str, description: &str) -> io::Result<()> {
        let title = if title.is_empty() { "Solution" } else { title };
        writeln!(self.0, "# {}", without_markup(title))?;
        if description.is_empty() { Ok(()) } else { writeln!(self.0, "\n{}", without_markup(description)) }
    }

    fn section(&mut self, words: &str, tensor: Option<&str>) -> io::Result<()> {
        match tensor {
            Some(tensor) => writeln!(self.0, "\n## {words} `{tensor}`"),
            None => writeln!(self.0, "\n## {words}"),
        }
    }

    fn line(&mut self, tensor: &str, words: &str) -> io::Result<()> {
        writeln!(self.0, "\n`{tensor}` {}", without_markup(words))
    }

    fn grid(&mut self, name: &str, grid: &Grid<'_>) -> io::Result<()> {
        let places: String = (0..grid.n_columns()).map(|column| format!(" {column} |")).collect();
        writeln!(self.0, "\n| `{name}` |{places}\n| --- |{}", " ---: |".repeat(grid.n_columns()))?;
        for (place, numbers) in grid.rows() {
            let place = place.map_or_else(String::new, |place| format!("**{place}**"));
            let numbers: String = numbers.iter().map(|&number| format!(" {} |", rounded(number, DIGITS))).collect();
            writeln!(self.0, "| {place} |{numbers}")?;
        }
        Ok(())
    }

    fn note(&mut self, note: &str) -> io::Result<()> {
        writeln!(self.0, "\n> {}", without_markup(note))
    }

    fn step(&mut self, backprop: &Backprop, neuron: Neuron, note: Option<&str>) -> io::Result<()> {
        let notes: Vec<&str> = note.into_iter().collect();
        write!(self.0, "\n{}", words::markdown(backprop, neuron, &notes))
    }

    fn closing(&mut self) -> io::Result<()> {
        Ok(())
    }
}
