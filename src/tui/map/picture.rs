//! A tensor as a picture: a shade for each number, blue where it is negative.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::theme::Theme;
use super::block::{Block, Lines};
use super::heat;
use super::scene::Scene;
use super::write::{mark, put};
use crate::tensor::Element;

/// The sign on the current neuron.
const CURRENT: &str = "[]";

/// Draws the shades of a block: of the values, or of the gradients, or of both side by side.
pub(super) fn draw(
    scene: &Scene<'_>,
    block: &Block,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    let value = |element| Some(scene.session.backprop().tape().element(element));
    let gradient = |element| scene.session.known(element);
    let first: &dyn Fn(Element) -> Option<f64> = match block.lines {
        Lines::Value | Lines::ValueAndGradient | Lines::Compared => &value,
        Lines::Gradient | Lines::Heat => &gradient,
    };
    shade(scene, block, first, 0, theme, area, buffer);
    if let Some(offset) = block.twin() {
        shade(scene, block, &gradient, offset, theme, area, buffer);
    }
}

fn shade(
    scene: &Scene<'_>,
    block: &Block,
    number: &dyn Fn(Element) -> Option<f64>,
    offset: u16,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    let numbers = block.cells().filter_map(|(element, _)| number(element));
    let largest = numbers
        .filter(|number| number.is_finite())
        .map(f64::abs)
        .fold(0.0, f64::max);
    for (element, cell) in block.cells() {
        let x = cell.x + offset;
        let share = number(element).map(|number| heat::share(number, largest));
        match share.map(|share| (share, theme.shade(share))) {
            Some((_, Some(style))) => _ = put(buffer, area, x, cell.y, "  ", style),
            Some((share, None)) => {
                _ = put(
                    buffer,
                    area,
                    x,
                    cell.y,
                    heat::shade_of_picture(share),
                    theme.text(),
                );
            }
            None => _ = put(buffer, area, x, cell.y, "· ", theme.quiet()),
        }
        if scene.current == Some(element) {
            put(buffer, area, x, cell.y, CURRENT, theme.current_cell());
        } else if let Some(&term) = scene.sends(element).first() {
            put(
                buffer,
                area,
                x,
                cell.y,
                &mark(term),
                theme.contributes(term),
            );
        }
    }
}
