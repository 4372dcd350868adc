//! What the wires join, and the ground on which they lie.

use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::super::theme::Theme;
use super::arrange::Arrangement;
use super::block::{Block, Density};
use super::canvas::{Canvas, Pen};
use super::grid::small;
use super::rim::{column_numbers, row_numbers};
use super::router::{Arrival, Ground, Heading, Router};
use super::scene::Scene;
use super::wire::look;
use crate::tensor::Element;

/// From so many senders on, those of one grid share a cable.
const MOST_WIRES: usize = 12;

/// Up to so many senders of zeros have a wire beside senders that count.
const MOST_ZEROS: usize = 3;

/// What is to be joined to the current neuron.
pub(super) struct Source {
    pub(super) terms: Vec<usize>,
    pub(super) grid: usize,
    pub(super) starts: Vec<Arrival>,
    pub(super) is_cable: bool,
}

/// What is to be joined: every sender in view, or where these are many, every grid that has some;
/// those that count before those that are zero, and without these where they are many.
pub(super) fn sources(scene: &Scene<'_>, arrangement: &Arrangement) -> Vec<Source> {
    let mut of_grids: Vec<Vec<(Element, Rect)>> = arrangement
        .blocks()
        .map(|block| senders(scene, block).collect())
        .collect();
    let is_zero = |(element, _): &(Element, Rect)| !scene.counts(*element);
    let all = || of_grids.iter().flatten();
    if (MOST_ZEROS + 1..all().count()).contains(&all().filter(|sender| is_zero(sender)).count()) {
        let without_zeros = |senders: &mut Vec<_>| senders.retain(|sender| !is_zero(sender));
        of_grids.iter_mut().for_each(without_zeros);
    }
    let is_cable = of_grids.iter().map(Vec::len).sum::<usize>() > MOST_WIRES;
    let mut sources = Vec::new();
    for ((grid, block), senders) in arrangement.blocks().enumerate().zip(of_grids) {
        if is_cable || block.density == Density::Picture {
            sources.extend(cable(scene, grid, block, &senders));
        } else {
            sources.extend(senders.iter().map(|&(element, cell)| Source {
                terms: scene.sends(element).to_vec(),
                grid,
                starts: corners(cell),
                is_cable: false,
            }));
        }
    }
    sources.sort_by_key(|source| source.terms.iter().all(|&term| scene.is_zero(term)));
    sources
}

/// The neurons of a grid that send something, each with its cell.
fn senders<'a>(
    scene: &'a Scene<'_>,
    block: &'a Block,
) -> impl Iterator<Item = (Element, Rect)> + 'a {
    block
        .cells()
        .filter(|(element, _)| !scene.sends(*element).is_empty())
}

/// What all senders of a grid have in common: it leaves the grid's frame in the middle of them.
fn cable(
    scene: &Scene<'_>,
    grid: usize,
    block: &Block,
    senders: &[(Element, Rect)],
) -> Option<Source> {
    let middle = senders.first()?.1.y.midpoint(senders.last()?.1.y);
    // Beside the first row of a cell stands its number.
    let rows = senders.iter().flat_map(|(_, cell)| cell.y..cell.bottom());
    let mut rows: Vec<u16> = rows.chain([block.frame().bottom() - 1]).collect();
    rows.sort_by_key(|y| y.abs_diff(middle));
    let x = block.frame().x;
    let start = |y| (Position { x, y }, Heading::Left);
    let elements = senders.iter().map(|&(element, _)| element);
    Some(Source {
        terms: elements
            .flat_map(|element| scene.sends(element))
            .copied()
            .collect(),
        grid,
        starts: rows.into_iter().map(start).collect(),
        is_cable: true,
    })
}

/// The corners of a cell, with the headings in which a wire leaves them.
fn corners(cell: Rect) -> Vec<Arrival> {
    let (right, bottom) = (cell.right() - 1, cell.bottom() - 1);
    let mut corners = Vec::new();
    for (x, side) in [(cell.x, Heading::Left), (right, Heading::Right)] {
        for (y, end) in [(cell.y, Heading::Up), (bottom, Heading::Down)] {
            corners.push((Position { x, y }, side));
            corners.push((Position { x, y }, end));
        }
    }
    corners
}

/// The places at the rim of a frame, each with the headings in which a wire leaves it.
pub(super) fn around(frame: Rect) -> Vec<Arrival> {
    let (right, bottom) = (frame.right() - 1, frame.bottom() - 1);
    let at = |heading| move |(x, y)| (Position { x, y }, heading);
    let rights = (frame.y + 1..bottom)
        .chain([frame.y, bottom])
        .map(|y| (right, y));
    let lefts = (frame.y..=bottom).map(|y| (frame.x, y));
    // Below a corner a tip would point at the neighbour as well.
    let inset = frame.width / 4;
    let inner = || frame.x + inset..=right - inset;
    let ends = inner().map(|x| (x, frame.y));
    let feet = inner().map(|x| (x, bottom));
    rights
        .map(at(Heading::Right))
        .chain(lefts.map(at(Heading::Left)))
        .chain(ends.map(at(Heading::Up)))
        .chain(feet.map(at(Heading::Down)))
        .collect()
}

/// The ground of the map: what is written is a wall, and the lines of grids are lanes.
pub(super) fn ground(scene: &Scene<'_>, arrangement: &Arrangement, area: Rect) -> Router {
    let mut router = Router::new(area);
    for block in arrangement.blocks() {
        let titles = block
            .titles
            .iter()
            .zip(block.area.y..)
            .map(|(title, y)| Rect {
                y,
                width: title.width() + 1,
                height: 1,
                ..block.area
            });
        titles
            .chain([block.frames()])
            .for_each(|part| router.set(part, Ground::Wall));
    }
    for (grid, block) in arrangement.blocks().enumerate() {
        block
            .strokes()
            .for_each(|line| router.set(line, Ground::Grid(grid)));
        for (_, place, text) in column_numbers(scene, block) {
            router.set(level(place, &text), Ground::Numbered(grid));
        }
    }
    for (_, place, text) in arrangement.blocks().flat_map(|it| row_numbers(scene, it)) {
        router.set(level(place, &text), Ground::Wall);
    }
    if let Some((block, cell)) = scene.current.and_then(|current| arrangement.find(current)) {
        let ring = ring(block, cell);
        router.set(ring, Ground::Wall);
    }
    router
}

/// Where a number stands.
fn level(Position { x, y }: Position, text: &str) -> Rect {
    Rect {
        x,
        y,
        width: small(text.len()),
        height: 1,
    }
}

/// The cell of the current neuron with its frame, if it has one.
pub(super) fn ring(block: &Block, cell: Rect) -> Rect {
    match block.density {
        Density::Tight => cell,
        Density::Picture => block.frames(),
        Density::Roomy => Rect {
            x: cell.x - 1,
            y: cell.y - 1,
            width: cell.width + 2,
            height: cell.height + 2,
        },
    }
}

/// Draws the frame of every sender inside its cell.
pub(super) fn draw_senders(
    scene: &Scene<'_>,
    arrangement: &Arrangement,
    theme: Theme,
    canvas: &mut Canvas,
) {
    for block in arrangement.blocks().filter(|block| block.has_senders) {
        for (element, cell) in senders(scene, block) {
            let term = scene.sends(element).first();
            let style = term.map(|&term| look(scene, theme, term).1);
            draw_bracket(cell, style.unwrap_or_default(), canvas);
        }
    }
}

/// Draws the sides of a frame, with hooks at their ends where the cell is high enough.
fn draw_bracket(cell: Rect, style: Style, canvas: &mut Canvas) {
    let (right, bottom) = (cell.right() - 1, cell.bottom() - 1);
    for (x, inward) in [(cell.x, Heading::Right), (right, Heading::Left)] {
        let side: Vec<Position> = (cell.y..=bottom).map(|y| Position { x, y }).collect();
        canvas.wire(&side, Pen::Light, style);
        let ends = if cell.height > 1 {
            [inward; 2]
        } else {
            [Heading::Up, Heading::Down]
        };
        for (y, arm) in [cell.y, bottom].into_iter().zip(ends) {
            canvas.wire_arm(Position { x, y }, arm, Pen::Light, style);
        }
    }
}
