//! Where each tensor stands on the map: columns in the order in which data flows, and in each the
//! blocks one below the other.

use ratatui::layout::{Position, Rect};

use super::block::{Block, Density, Room};
use super::choice::{NARROW_GAP, WIRES, chosen};
use super::column::Column;
use super::flow::{Flow, Place};
use super::scene::{Scale, Scene};
use super::stack;
use crate::tensor::{Element, TensorId};

/// What is enough room between two columns without wires.
const WIDE_GAP: u16 = 9;
/// The room left of weights that stand beside the columns.
pub(super) const WEIGHT_GAP: u16 = 3;
/// From so many free rows below them on, the blocks stand in the middle.
const SPARE_TO_CENTRE: u16 = 8;
/// From this height on a row above the blocks is free for lines that skip a column.
const ROOM_FOR_LANE: u16 = 8;
/// The smallest area in which anything is drawn.
const SMALLEST: (u16, u16) = (12, 4);

/// How many rows taller cells may be drawn, how many columns wider for each of these, and how many
/// pairs of columns more.
const TALLER: u16 = 8;
const WIDER_A_ROW: u16 = 2;
const WIDER: u16 = 6;

/// The tensors on the map, each where it is drawn.
#[derive(Debug, Default)]
pub(super) struct Arrangement {
    /// The tensors that have a column, in the order in which data flows.
    pub(super) columns: Vec<Block>,
    /// The weights that are factors, below the layers that use them, and what had no room among the
    /// columns.
    pub(super) weights: Vec<Block>,
}

impl Arrangement {
    /// Arranges the tensors in an area, with cells as large as they can be without anything less
    /// being seen.
    pub(super) fn new(scene: &mut Scene<'_>, area: Rect) -> Self {
        let plain = Self::plain(scene, area);
        let has_room = |block: &Block| block.is_whole() && block.density != Density::Tight;
        if !plain.blocks().all(has_room) && !plain.blocks().any(Block::is_picture) {
            return plain;
        }
        let mut at = |scale| {
            scene.scale = scale;
            let large = Self::at_scale(scene, area);
            let room = plain.room_for_wires(scene).min(WIRES.1);
            let is_inside = large.blocks().all(|it| it.area.right() <= area.right());
            let has_wires = large.room_for_wires(scene) >= room;
            (is_inside && has_wires && large.shows_as_much_as(&plain)).then_some(large)
        };
        // First in proportion, then as wide as there is room, and as high as looks well.
        let in_proportion = |taller| Scale {
            wider: WIDER_A_ROW * taller,
            taller,
        };
        let taller = largest(TALLER, |taller| at(in_proportion(taller)).is_some());
        let least = WIDER_A_ROW * taller;
        let more = largest(WIDER, |more| {
            let wider = least + 2 * more;
            at(Scale { wider, taller }).is_some()
        });
        let wider = least + 2 * more;
        let more = largest((wider / 2 + 2).saturating_sub(taller), |more| {
            let taller = taller + more;
            at(Scale { wider, taller }).is_some()
        });
        let taller = taller + more;
        at(Scale { wider, taller }).unwrap_or(plain)
    }

    /// Arranges the tensors in an area, with cells as small as they can be.
    pub(super) fn plain(scene: &mut Scene<'_>, area: Rect) -> Self {
        scene.scale = Scale::default();
        Self::at_scale(scene, area)
    }

    /// The columns of the screen between the current tensor and the next column of tensors.
    fn room_for_wires(&self, scene: &Scene<'_>) -> u16 {
        let current = scene.current.map(|current| current.tensor);
        let edges = self.columns.iter().map(|block| block.area.x);
        let column = self
            .columns
            .iter()
            .find(|block| Some(block.tensor) == current);
        let room = column.and_then(|column| {
            let beside = self
                .columns
                .iter()
                .filter(|block| block.area.x == column.area.x);
            let right = beside.map(|block| block.area.right()).max()?;
            edges
                .filter(|&edge| edge >= right)
                .min()?
                .checked_sub(right)
        });
        room.unwrap_or(u16::MAX)
    }

    /// Whether all blocks are there that are in another arrangement, and as much of them. Beside a
    /// picture that grows, a grid that is cut anyhow may lose some columns more.
    fn shows_as_much_as(&self, other: &Self) -> bool {
        let has_pictures = other.blocks().any(Block::is_picture);
        let shows_as_much = |(block, other): (&Block, &Block)| {
            let is_the_same = (block.tensor, block.page, block.density, &block.rows)
                == (other.tensor, other.page, other.density, &other.rows);
            let may_lose = has_pictures && !other.is_whole() && !other.is_picture();
            let least = other.columns.len() / if may_lose { 2 } else { 1 };
            is_the_same && block.columns.len() >= least.max(1)
        };
        let n_blocks = |them: &Self| (them.columns.len(), them.weights.len());
        n_blocks(self) == n_blocks(other) && self.blocks().zip(other.blocks()).all(shows_as_much)
    }

    fn at_scale(scene: &Scene<'_>, area: Rect) -> Self {
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
            return Self::default();
        }
        let flow = Flow::new(scene);
        // Lines that skip a column pass above the blocks.
        let lane = u16::from(flow.skips(scene.session.network()) && area.height > ROOM_FOR_LANE);
        let area = Rect {
            y: area.y + lane,
            height: area.height - lane,
            ..area
        };
        let columns = chosen(scene, &flow, area);
        let beside = room_beside(scene, &flow, &columns, area);
        let of_columns = Rect {
            width: area.width - beside,
            ..area
        };
        let mut arrangement = Self::default();
        let current = scene.current.map(|current| current.tensor);
        let edges = arrangement.place(current, columns, of_columns);
        if beside > 0 {
            arrangement.place_beside(
                scene,
                &flow,
                Rect {
                    x: of_columns.right() + WEIGHT_GAP,
                    width: beside - WEIGHT_GAP,
                    ..area
                },
            );
        } else {
            arrangement.place_below(scene, &flow, &edges, area);
        }
        arrangement.place_left_out(scene, area);
        arrangement.centre(area);
        arrangement
    }

    /// All blocks.
    pub(super) fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.columns.iter().chain(&self.weights)
    }

    /// The cell of a neuron, if it is in view.
    pub(super) fn find(&self, element: Element) -> Option<(&Block, Rect)> {
        self.blocks()
            .find_map(|block| Some((block, block.find(element)?)))
    }

    /// The neuron whose cell is at a position of the screen.
    pub(super) fn neuron_at(&self, x: u16, y: u16) -> Option<Element> {
        self.blocks().find_map(|block| block.neuron_at((x, y)))
    }

    /// Places the columns, and returns the left edge of each.
    fn place(
        &mut self,
        current: Option<TensorId>,
        columns: Vec<Column>,
        area: Rect,
    ) -> Vec<(Place, u16)> {
        let gaps = gaps(current, &columns, area.width);
        let used: u16 = columns.iter().map(Column::width).sum::<u16>() + gaps.iter().sum::<u16>();
        let mut x = area.x + area.width.saturating_sub(used) / 2;
        let mut edges = Vec::new();
        for (number, column) in columns.into_iter().enumerate() {
            edges.push((column.place, x));
            let width = column.width();
            let mut y = area.y;
            for block in column.blocks {
                let height = block.height();
                self.columns.push(block.at(Position { x, y }));
                y += height + 1;
            }
            x += width + gaps.get(number).copied().unwrap_or(0);
        }
        edges
    }

    /// Places the weights that are factors below the output of their layer, moved to the left where
    /// they are wide.
    fn place_below(&mut self, scene: &Scene<'_>, flow: &Flow, edges: &[(Place, u16)], area: Rect) {
        for &(tensor, place) in &flow.weights {
            let Some(&(_, edge)) = edges.iter().find(|&&(other, _)| other == place) else {
                continue;
            };
            let mut room = Room {
                width: area.width,
                height: area.height,
                names_ops: false,
            };
            let Some(block) = stack::weight(scene, tensor, room) else {
                continue;
            };
            let x = edge.min(area.right().saturating_sub(block.width()));
            let y = self.bottom_from(x.min(edge)).saturating_add(1);
            room.width = area.right().saturating_sub(x);
            room.height = area.bottom().saturating_sub(y);
            let block = stack::weight(scene, tensor, room);
            self.weights
                .extend(block.map(|block| block.at(Position { x, y })));
        }
    }

    /// Places the weights that are factors in an area of their own.
    fn place_beside(&mut self, scene: &Scene<'_>, flow: &Flow, area: Rect) {
        let mut y = area.y;
        for &(tensor, _) in &flow.weights {
            let room = Room {
                width: area.width,
                height: area.bottom().saturating_sub(y),
                names_ops: false,
            };
            if let Some(block) = stack::weight(scene, tensor, room) {
                let block = block.at(Position { x: area.x, y });
                y = block.area.bottom() + 1;
                self.weights.push(block);
            }
        }
    }

    /// Moves all blocks to the middle of an area that is much higher than they are.
    fn centre(&mut self, area: Rect) {
        let bottom = self.bottom_from(0);
        let spare = area.bottom().saturating_sub(bottom);
        let further = if spare < SPARE_TO_CENTRE {
            0
        } else {
            spare / 2
        };
        for block in self.columns.iter_mut().chain(&mut self.weights) {
            block.area.y += further;
        }
    }

    /// The lowest row of all blocks that reach to the right of a column of the screen.
    fn bottom_from(&self, x: u16) -> u16 {
        self.blocks()
            .map(|block| block.area)
            .filter(|area| area.right() > x)
            .map(Rect::bottom)
            .max()
            .unwrap_or(0)
    }
}

/// The largest size up to that one at which all is well, where what is well for a size is well for
/// each smaller one, and 0 always.
fn largest(most: u16, is_well: impl FnMut(u16) -> bool) -> u16 {
    let (mut well, mut ill, mut is_well) = (0, most + 1, is_well);
    while ill - well > 1 {
        let middle = well.midpoint(ill);
        if is_well(middle) {
            well = middle;
        } else {
            ill = middle;
        }
    }
    well
}

/// The width to keep free for weights right of the columns: none where they stand below, or where
/// there is no room.
fn room_beside(scene: &Scene<'_>, flow: &Flow, columns: &[Column], area: Rect) -> u16 {
    let room = Room {
        width: area.width,
        height: area.height,
        names_ops: false,
    };
    let weights: Vec<Block> = flow
        .weights
        .iter()
        .filter_map(|&(tensor, _)| stack::weight(scene, tensor, room))
        .collect();
    let downstream = columns
        .iter()
        .filter(|column| flow.needed.contains(&column.place));
    let tallest = downstream
        .map(|column| stack::height(&column.blocks))
        .max()
        .unwrap_or(0);
    let fits_below = tallest + 1 + stack::height(&weights) <= area.height;
    let width = weights
        .iter()
        .map(Block::width)
        .max()
        .map_or(0, |width| width + WEIGHT_GAP);
    let current = scene.current.map(|current| current.tensor);
    let gaps = gaps(current, columns, 0);
    let used = columns.iter().map(Column::width).sum::<u16>() + gaps.iter().sum::<u16>();
    if fits_below || used.saturating_add(width) > area.width {
        0
    } else {
        width
    }
}

/// The room between each two neighbouring columns: the least that is needed, and of the spare room
/// what makes it easier to read.
fn gaps(current: Option<TensorId>, columns: &[Column], width: u16) -> Vec<u16> {
    let is_current = |block: &Block| Some(block.tensor) == current;
    let has_wires: Vec<bool> = columns
        .windows(2)
        .map(|pair| pair[0].blocks.iter().any(is_current))
        .collect();
    let least = |&wires: &bool| if wires { WIRES.0 } else { NARROW_GAP };
    let mut gaps: Vec<u16> = has_wires.iter().map(least).collect();
    let used = columns.iter().map(Column::width).sum::<u16>() + gaps.iter().sum::<u16>();
    let mut spare = width.saturating_sub(used);
    // The wires come first, for what stands on them is what the screen is about.
    for (with_wires, enough) in [(true, WIRES.1), (false, WIDE_GAP)] {
        for (gap, _) in gaps
            .iter_mut()
            .zip(&has_wires)
            .filter(|&(_, &wires)| wires == with_wires)
        {
            let more = (enough - *gap).min(spare);
            *gap += more;
            spare -= more;
        }
    }
    gaps
}
