//! A tensor as a picture: a shade for each number, in one colour where it is negative and in
//! another where it is positive, the stronger the larger.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

use super::super::theme::Theme;
use super::block::{Block, HALF};
use super::legend::MINUS;
use super::scene::Scene;
use super::write::{mark, put};
use crate::tensor::Element;

/// The sign of a number that is none, or has no end.
const STRANGE: &str = "!";
/// The sign of a gradient that is not yet known.
const UNKNOWN: &str = "·";

/// Draws the shades of a block: of the values, and of the gradients beside them.
pub(super) fn draw(
    scene: &Scene<'_>,
    block: &Block,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    let (value, gradient) = (value(scene), gradient(scene));
    let of = |number| Picture {
        scene,
        block,
        theme,
        area,
        number,
        largest: largest(block, number),
    };
    of(&value).draw(0, buffer);
    if let Some(offset) = block.twin() {
        of(&gradient).draw(offset, buffer);
    }
}

/// The largest magnitude among the values in view, and among the gradients.
pub(super) fn largest_of_twins(scene: &Scene<'_>, block: &Block) -> (f64, f64) {
    (
        largest(block, &value(scene)),
        largest(block, &gradient(scene)),
    )
}

fn value(scene: &Scene<'_>) -> impl Fn(Element) -> Option<f64> {
    |element| Some(scene.session.backprop().tape().element(element))
}

fn gradient(scene: &Scene<'_>) -> impl Fn(Element) -> Option<f64> {
    |element| scene.gradient(element)
}

/// The number that a neuron has in a picture, where it is known.
type Number<'a> = &'a dyn Fn(Element) -> Option<f64>;

struct Picture<'a> {
    scene: &'a Scene<'a>,
    block: &'a Block,
    theme: Theme,
    area: Rect,
    number: Number<'a>,
    /// The largest magnitude in the picture.
    largest: f64,
}

/// The largest magnitude among the numbers in view.
fn largest(block: &Block, number: Number<'_>) -> f64 {
    let numbers = block.cells().filter_map(|(element, _)| number(element));
    let finite = numbers.filter(|number| number.is_finite());
    finite.map(f64::abs).fold(0.0, f64::max)
}

impl Picture<'_> {
    fn draw(&self, offset: u16, buffer: &mut Buffer) {
        for (element, cell) in self.block.cells() {
            let cell = Rect {
                x: cell.x + offset,
                ..cell
            }
            .intersection(self.area);
            if self.block.pixel > HALF {
                self.draw_shade(element, cell, buffer);
            } else if self.is_upper(element) {
                self.draw_pair(element, cell, buffer);
            }
        }
    }

    /// Whether a neuron is the upper one of a pair.
    fn is_upper(&self, element: Element) -> bool {
        let (_, row, _) = self.block.grid.locate(element.at);
        (row - self.block.rows.start).is_multiple_of(2)
    }

    /// How large a number is beside the largest in view, from −1 to 1.
    fn share(&self, element: Element) -> Option<f64> {
        let number = (self.number)(element).filter(|number| number.is_finite())?;
        Some(if self.largest > 0.0 {
            number / self.largest
        } else {
            0.0
        })
    }

    /// What marks the neuron that is looked at, and the current one.
    fn mark(&self, element: Element) -> Option<Style> {
        if self.scene.cursor() == Some(element) {
            Some(self.theme.cursor())
        } else {
            let is_current = self.scene.current == Some(element);
            is_current.then(|| self.theme.current_cell())
        }
    }

    /// The sign of what has no shade, and its look.
    fn sign(&self, element: Element) -> Option<(&'static str, Style)> {
        match (self.number)(element) {
            None => Some((UNKNOWN, self.theme.quiet())),
            Some(number) if !number.is_finite() => Some((STRANGE, self.theme.wrong())),
            Some(_) => None,
        }
    }

    /// Draws a shade that fills a cell.
    fn draw_shade(&self, element: Element, cell: Rect, buffer: &mut Buffer) {
        let share = self.share(element).unwrap_or(0.0);
        match self.theme.shade(share) {
            Some(colour) => buffer.set_style(cell, Style::new().bg(colour)),
            None if self.theme.has_shades() => {}
            None => self.draw_ink(share, cell, buffer),
        }
        if let Some((sign, look)) = self.sign(element) {
            put(buffer, cell, cell.x, cell.y, sign, look);
        }
        if let Some(style) = self.mark(element) {
            let style = self.theme.over_shade(style);
            for y in cell.y..cell.bottom() {
                put(buffer, cell, cell.x, y, "[", style);
                put(buffer, cell, cell.right().saturating_sub(1), y, "]", style);
            }
        } else if let Some(&term) = self.scene.sends(element).first() {
            let style = self.theme.over_shade(self.theme.contributes(term));
            let width = usize::from(cell.width);
            put(
                buffer,
                cell,
                cell.x,
                cell.y,
                &format!("{:<width$}", mark(term)),
                style,
            );
        }
    }

    /// Fills a cell with more ink the larger a number is, behind a sign where it is negative.
    fn draw_ink(&self, share: f64, cell: Rect, buffer: &mut Buffer) {
        let ink = match share.abs() {
            0.0 => " ",
            share if share <= 0.25 => "░",
            share if share <= 0.5 => "▒",
            share if share <= 0.75 => "▓",
            _ => "█",
        };
        for place in cell.positions() {
            put(buffer, cell, place.x, place.y, ink, self.theme.text());
        }
        if share < 0.0 {
            put(buffer, cell, cell.x, cell.y, MINUS, self.theme.text());
        }
    }

    /// Draws two shades that share a place of the screen: that of a neuron, and of the one below
    /// it.
    fn draw_pair(&self, upper: Element, cell: Rect, buffer: &mut Buffer) {
        let (_, row, column) = self.block.grid.locate(upper.at);
        let has_lower = row + 1 < self.block.rows.end;
        let lower = has_lower.then(|| self.block.element(row + 1, column));
        let both = [Some(upper), lower];
        let [above, below] = both.map(|element| self.colour(element?));
        let style = |colour: Option<Color>| Style::new().fg(colour.unwrap_or_default());
        let (sign, look) = match (above, below) {
            (Some(above), Some(below)) => ("▀", style(Some(above)).bg(below)),
            (Some(_), None) => ("▀", style(above)),
            (None, Some(_)) => ("▄", style(below)),
            (None, None) => self.sign(upper).unwrap_or((" ", Style::new())),
        };
        put(buffer, cell, cell.x, cell.y, sign, look);
        let both = || both.into_iter().flatten();
        let mut signs = both().filter_map(|element| self.sign(element));
        if let Some((sign, look)) = signs.find(|(sign, _)| *sign == STRANGE) {
            put(buffer, cell, cell.x, cell.y, sign, look);
        }
        let sent = both().flat_map(|element| self.scene.sends(element));
        let sign = match *sent.collect::<Vec<_>>() {
            [] => return,
            [&term] => (mark(term), term),
            [&first, ..] => ("•".to_owned(), first),
        };
        let style = self.theme.over_shade(self.theme.contributes(sign.1));
        put(buffer, cell, cell.x, cell.y, &sign.0, style);
    }

    /// The colour of a neuron in a pair: that of its number, or what marks the current one.
    fn colour(&self, element: Element) -> Option<Color> {
        if let Some(style) = self.mark(element) {
            return style.fg;
        }
        self.theme.shade(self.share(element)?)
    }
}
