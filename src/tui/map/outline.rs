//! Outlines round the neurons that the current one is computed from, and round those that are
//! computed from it.

use std::collections::BTreeSet;

use super::super::theme::Theme;
use super::arrange::Arrangement;
use super::block::{Block, Density};
use super::canvas::Canvas;
use super::scene::Scene;
use crate::tensor::{Element, TensorId};

/// Draws the outlines: of the receptive field behind the current neuron, and of the window ahead
/// that looks at it. What takes in a whole tensor needs none.
pub(super) fn draw(
    scene: &Scene<'_>,
    arrangement: &Arrangement,
    theme: Theme,
    canvas: &mut Canvas,
) {
    let looks = |element| !scene.sends(element).is_empty();
    let fields: [&dyn Fn(Element) -> bool; 2] = [&|element| scene.in_field(element), &looks];
    for is_in in fields {
        let partial = partly_in(arrangement, is_in);
        for block in arrangement
            .blocks()
            .filter(|block| partial.contains(&block.tensor))
        {
            round(block, is_in, theme, canvas);
        }
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
fn round(block: &Block, is_in: &dyn Fn(Element) -> bool, theme: Theme, canvas: &mut Canvas) {
    let style = theme.outline();
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
            }
        }
        for (y, towards) in [(top, (-1, 0)), (bottom, (1, 0))] {
            if block.density == Density::Roomy && ends(towards) {
                canvas.outline_across(left, right, y, style);
            }
        }
    }
}
