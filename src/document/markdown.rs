//! Pages as GitHub's Markdown.

use std::io::{self, Write};

use super::{Cell, Grid, Page};
use crate::backprop::Backprop;
use crate::tensor::{Element, rounded};
use crate::words::{self, DIGITS, without_markup};

/// A page in Markdown.
pub struct Markdown<'a>(pub &'a mut dyn Write);

impl Page for Markdown<'_> {
    fn opening(&mut self, title: &str, description: &str) -> io::Result<()> {
        writeln!(self.0, "# {}", without_markup(title))?;
        if description.is_empty() {
            Ok(())
        } else {
            writeln!(self.0, "\n{}", without_markup(description))
        }
    }

    fn signature(&mut self, student: Option<&str>) -> io::Result<()> {
        let id = student.map_or_else(String::new, |id| format!(" ({})", without_markup(id)));
        writeln!(self.0, "\nName: {}{id}", "\\_".repeat(30))
    }

    fn section(&mut self, words: &str, tensor: Option<&str>) -> io::Result<()> {
        match tensor {
            Some(tensor) => writeln!(self.0, "\n## {words} `{tensor}`"),
            None => writeln!(self.0, "\n## {words}"),
        }
    }

    fn paragraph(&mut self, words: &str) -> io::Result<()> {
        writeln!(self.0, "\n{}", without_markup(words))
    }

    fn line(&mut self, tensor: &str, words: &str) -> io::Result<()> {
        writeln!(self.0, "\n`{tensor}` {}", without_markup(words))
    }

    fn grid(&mut self, name: &str, grid: &Grid<'_>) -> io::Result<()> {
        let places: String = (0..grid.n_columns)
            .map(|column| format!(" {column} |"))
            .collect();
        writeln!(
            self.0,
            "\n| `{name}` |{places}\n| --- |{}",
            " ---: |".repeat(grid.n_columns)
        )?;
        for (place, cells) in grid.rows() {
            let place = place.map_or_else(String::new, |place| format!("**{place}**"));
            let text = |cell: &Cell| match *cell {
                Cell::Number(number) => rounded(number, DIGITS),
                Cell::Blank => String::new(),
                Cell::Dash => "–".to_owned(),
            };
            let cells: String = cells
                .iter()
                .map(|cell| format!(" {} |", text(cell)))
                .collect();
            writeln!(self.0, "| {place} |{cells}")?;
        }
        Ok(())
    }

    fn note(&mut self, note: &str) -> io::Result<()> {
        writeln!(self.0, "\n> {}", without_markup(note))
    }

    fn step(
        &mut self,
        backprop: &Backprop,
        element: Element,
        note: Option<&str>,
    ) -> io::Result<()> {
        let notes: Vec<&str> = note.into_iter().collect();
        write!(self.0, "\n{}", words::markdown(backprop, element, &notes))
    }

    fn closing(&mut self) -> io::Result<()> {
        Ok(())
    }
}
