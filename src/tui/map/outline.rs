//! Outlines round the neurons that the current one is computed from, and round the pooling windows
//! in which it stands.

use std::collections::BTreeSet;

use ratatui::style::Style;

use super::super::theme::Theme;
use super::arrange::Arrangement;
use super::block::{Block, Density};
use super::canvas::Canvas;
use super::scene::{Scene, TermState, Window};
use crate::tensor::{Element, TensorId};

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
