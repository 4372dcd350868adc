//! What the step is about but had no room among the columns: it stands where room was left.

use std::collections::BTreeSet;

use ratatui::layout::{Position, Rect};

use super::arrange::{Arrangement, WEIGHT_GAP};
use super::block::{Block, Density, Room};
use super::scene::Scene;
use super::stack;
use crate::tensor::TensorId;

/// The area of the map, and in it the room between the current neuron and what is downstream, which
/// is for wires.
#[derive(Clone, Copy)]
struct Ground {
    area: Rect,
    wires: Rect,
}

/// The most pages of a tensor that are tried.
const MOST_PAGES: usize = 4;
/// How a page of a tensor is laid out, more and more closely.
const DENSITIES: [Density; 2] = [Density::Roomy, Density::Tight];

impl Arrangement {
    /// Places what the step multiplies by or was computed from, and what sends it something, as far
    /// as it is not there yet: the pages of a tensor side by side, or else each where it can be.
    pub(super) fn place_left_out(&mut self, scene: &Scene<'_>, area: Rect) {
        let wires = self.room_of_wires(scene, area);
        let ground = Ground { area, wires };
        let (senders, behind) = (scene.downstream(), scene.behind());
        let is_there = |tensor| self.blocks().any(|block| block.tensor == tensor);
        let missing = behind.iter().filter(|&&tensor| !is_there(tensor));
        let tensors: Vec<TensorId> = missing.chain(&senders).copied().collect();
        for tensor in tensors {
            // Senders stand beyond the wires, where there is room for them.
            let first = if senders.contains(&tensor) {
                wires.right()
            } else {
                area.x
            };
            let pages = self.missing_pages(scene, tensor);
            if let Some(row) = self.in_a_row(scene, tensor, &pages, first, ground) {
                self.weights.extend(row);
                continue;
            }
            for page in pages {
                let whole = self.in_a_row(scene, tensor, &[page], first, ground);
                let placed = whole.or_else(|| self.part(scene, tensor, page, first, ground));
                // Where one has no room, no other has, for all are as large.
                let Some(placed) = placed else { break };
                self.weights.extend(placed);
            }
        }
    }

    /// The room between the column of the current neuron and the next, as far down as they reach.
    fn room_of_wires(&self, scene: &Scene<'_>, area: Rect) -> Rect {
        let current = scene.current.map(|current| current.tensor);
        let mut blocks = self.columns.iter();
        let block = blocks.find(|block| Some(block.tensor) == current);
        let columns = || self.columns.iter().map(|block| block.area);
        let edge = block.map_or(area.x, |block| block.area.x);
        let before = columns().filter(|it| it.x <= edge);
        let right = before.map(Rect::right).max().unwrap_or(area.x);
        let beyond = columns().filter(|it| it.x >= right);
        let edge = beyond.map(|it| it.x).min().unwrap_or(right);
        let bottom = columns().filter(|it| it.x >= edge).map(Rect::bottom);
        let bottom = bottom.chain(block.map(|block| block.area.bottom())).max();
        let bottom = bottom.unwrap_or(area.y);
        // Beside the current column, wires are only where they come together.
        let x = (right + 1).min(edge);
        Rect {
            x,
            width: edge - x,
            height: bottom.saturating_sub(area.y),
            ..area
        }
    }

    /// The pages of a tensor that the step is most about, as far as they are not there yet.
    fn missing_pages(&self, scene: &Scene<'_>, tensor: TensorId) -> Vec<usize> {
        let is_missing = |page: &usize| {
            let mut blocks = self.blocks();
            !blocks.any(|block| (block.tensor, block.page) == (tensor, *page))
        };
        let pages = stack::pages_of_interest(scene, tensor);
        let missing = pages.into_iter().filter(is_missing);
        missing.take(MOST_PAGES).collect()
    }

    /// Lays whole pages of a tensor out side by side, in their order, where there is room for them.
    fn in_a_row(
        &self,
        scene: &Scene<'_>,
        tensor: TensorId,
        pages: &[usize],
        first: u16,
        ground: Ground,
    ) -> Option<Vec<Block>> {
        let room = room(ground.area.width, ground.area.height);
        let pages: BTreeSet<usize> = pages.iter().copied().collect();
        DENSITIES.into_iter().find_map(|density| {
            let blocks = pages
                .iter()
                .map(|&page| stack::page(scene, tensor, page, density, room));
            let blocks: Vec<Block> = blocks.collect();
            if !blocks.iter().all(Block::is_whole) {
                return None;
            }
            let ends = blocks.iter().scan(0, |end, block| {
                let start = *end;
                *end += block.width() + WEIGHT_GAP;
                Some(start)
            });
            let starts: Vec<u16> = ends.collect();
            let width = starts.last()? + blocks.last()?.width();
            let height = blocks.iter().map(Block::height).max()?;
            let Position { x, y } = self.spot(width, height, first, ground)?;
            let placed = blocks
                .into_iter()
                .zip(starts)
                .map(|(block, start)| block.at(Position { x: x + start, y }));
            Some(placed.collect())
        })
    }

    /// Lays a part of a page out below all that there is.
    fn part(
        &self,
        scene: &Scene<'_>,
        tensor: TensorId,
        page: usize,
        first: u16,
        ground: Ground,
    ) -> Option<Vec<Block>> {
        let Rect { x, .. } = ground.area;
        let (right, bottom) = (ground.area.right(), ground.area.bottom());
        [first, x].into_iter().find_map(|x| {
            let y = self.free_from(x, right, ground);
            let (width, height) = (right - x, bottom.saturating_sub(y));
            let block = stack::page(scene, tensor, page, Density::Tight, room(width, height));
            let fits = block.width() <= width && block.height() <= height;
            fits.then(|| vec![block.at(Position { x, y })])
        })
    }

    /// The highest place at which a block of a size is free of others, after a column of the screen
    /// if there is one.
    fn spot(&self, width: u16, height: u16, first: u16, ground: Ground) -> Option<Position> {
        let area = ground.area;
        let ends = self.blocks().map(|block| block.area.right() + WEIGHT_GAP);
        let places = ends.chain([area.x, first]).filter_map(|x| {
            let right = x + width;
            let y = self.free_from(x, right, ground);
            let is_inside = right <= area.right() && y + height <= area.bottom();
            is_inside.then_some(Position { x, y })
        });
        places.min_by_key(|place| (place.x < first, place.y, place.x))
    }

    /// The row from which on nothing stands between two columns of the screen.
    fn free_from(&self, left: u16, right: u16, ground: Ground) -> u16 {
        let with_gap = |block: &Block| Rect {
            x: block.area.x.saturating_sub(WEIGHT_GAP),
            width: block.area.width + WEIGHT_GAP,
            ..block.area
        };
        let areas = self.blocks().map(with_gap).chain([ground.wires]);
        areas
            .filter(|area| area.right() > left && area.x < right)
            .map(|area| area.bottom() + 1)
            .max()
            .unwrap_or(ground.area.y)
    }
}

fn room(width: u16, height: u16) -> Room {
    Room {
        width,
        height,
        names_ops: false,
    }
}
