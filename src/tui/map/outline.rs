//! Outlines round the neurons that the current one is computed from, and round the pooling windows
//! in which it stands.

use std::collections::BTreeSet;

use ratatui::layout::Position;
use ratatui::style::Style;

use super::super::theme::Theme;
use super::arrange::Arrangement;
use super::block::{Block, Density};
use super::canvas::Canvas;
use super::labels::Labels;
use super::scene::{Scene, TermState, Window};
use super::write::mark;
use crate::tensor::{Element, TensorId};

/// At how many places from its corner on a window's mark can stand.
const MARK_PLACES: u16 = 3;

/// Draws the outline of the receptive field behind the current neuron, and of each pooling window
/// that looks at it. What takes in a whole tensor needs none.
pub(super) fn draw(
    scene: &Scene<'_>,
    arrangement: &Arrangement,
    theme: Theme,
    canvas: &mut Canvas,
) {
    let behind = |element| scene.in_field(element);
    outline(arrangement, &behind, theme.outline(), canvas);
    // The windows that count lie over those that are lost.
    let is_added = |window: &&Window| scene.state(window.term) == TermState::Added;
    let (won, lost): (Vec<&Window>, Vec<&Window>) = scene.windows.iter().partition(is_added);
    for window in lost {
        outline(
            arrangement,
            &|element| window.contains(element),
            theme.outline(),
            canvas,
        );
    }
    for window in won {
        let style = theme.contributes(window.term);
        outline(
            arrangement,
            &|element| window.contains(element),
            style,
            canvas,
        );
    }
}

/// Says at the corner of each of several pooling windows which term comes from it, so that windows
/// that overlap are told apart.
pub(super) fn marks(
    scene: &Scene<'_>,
    arrangement: &Arrangement,
    theme: Theme,
    canvas: &Canvas,
) -> Labels {
    let (mut labels, mut taken) = (Labels::default(), BTreeSet::new());
    for window in scene.windows.iter().filter(|_| scene.windows.len() > 1) {
        let mut members = window.members();
        let Some((block, cell)) = members.find_map(|it| arrangement.find(it)) else {
            continue;
        };
        // Where cells stand side by side, the number of the row stands left of the first line.
        let (y, (right, down)) = match block.density {
            Density::Roomy => (cell.y - 1, (1, 0)),
            Density::Tight | Density::Picture => (cell.bottom() - 1, (0, 1)),
        };
        let places = (0..MARK_PLACES).map(|n| Position {
            x: cell.x - 1 + n * right,
            y: y + n * down,
        });
        let mut free = places.filter(|place| !canvas.has_wire(*place) && !taken.contains(place));
        if let Some(place) = free.next().filter(|_| !block.is_picture()) {
            taken.insert(place);
            let style = match scene.state(window.term) {
                TermState::Added => theme.contributes(window.term),
                TermState::Zero | TermState::Pending => theme.faint(),
            };
            labels.push(place.x, place.y, &mark(window.term), style);
        }
    }
    labels
}

fn outline(
    arrangement: &Arrangement,
    is_in: &dyn Fn(Element) -> bool,
    style: Style,
    canvas: &mut Canvas,
) {
    let partial = partly_in(arrangement, is_in);
    for block in arrangement
        .blocks()
        .filter(|block| partial.contains(&block.tensor))
    {
        round(block, is_in, style, canvas);
    }
}

/// The tensors of which not all that is in view belongs to a field.
fn partly_in(arrangement: &Arrangement, is_in: &dyn Fn(Element) -> bool) -> BTreeSet<TensorId> {
    let has_more =
        |block: &&Block| !block.is_whole() || block.cells().any(|(element, _)| !is_in(element));
    arrangement
        .blocks()
        .filter(has_more)
        .map(|block| block.tensor)
        .collect()
}

/// Draws a line wherever a neuron of the field has a neighbour that is none. Cells that stand side
/// by side have room for it at their left and right only.
fn round(block: &Block, is_in: &dyn Fn(Element) -> bool, style: Style, canvas: &mut Canvas) {
    for (row, column) in block
        .places()
        .filter(|&(row, column)| is_in(block.element(row, column)))
    {
        let cell = block.cell(row, column);
        let ends = |towards| !block.neighbour(row, column, towards).is_some_and(is_in);
        let (left, right, top, bottom) = (cell.x - 1, cell.right(), cell.y - 1, cell.bottom());
        for (x, towards) in [(left, (0, -1)), (right, (0, 1))] {
            match block.density {
                _ if !ends(towards) => {}
                Density::Roomy => canvas.outline_down(x, top, bottom, style),
                Density::Tight => canvas.outline_bar(x, cell.y..cell.bottom(), style),
                // The shades leave no room for lines.
                Density::Picture => {}
            }
        }
        for (y, towards) in [(top, (-1, 0)), (bottom, (1, 0))] {
            if block.density == Density::Roomy && ends(towards) {
                canvas.outline_across(left, right, y, style);
            }
        }
    }
}
