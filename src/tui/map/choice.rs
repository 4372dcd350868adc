//! Which columns of tensors the map has room for.

use std::collections::{BTreeMap, BTreeSet};

use ratatui::layout::Rect;

use super::block::Room;
use super::column::Column;
use super::flow::{Flow, Place};
use super::scene::Scene;
use super::stack::{Densities, Stack};
use crate::tensor::TensorId;

/// The least room between two columns.
pub(super) const NARROW_GAP: u16 = 3;
/// The room for wires between the current neuron and what is downstream of it: the least, and what
/// is enough.
pub(super) const WIRES: (u16, u16) = (9, 20);
/// Room for wires with their factors on them.
const LABELLED_WIRES: u16 = 15;
/// From this height on the titles have a line for the ops.
const ROOM_FOR_OPS: u16 = 22;
/// The least width for the second column beside the pictures of the first.
const LEAST_BESIDE: u16 = 18;
/// Up to this width a picture that is whole alone is better than a part of it beside a sender.
const NARROW: u16 = 40;

/// Chooses the columns that fit. Where roomy grids keep out what the step needs, tight ones make
/// way for it: first of the current tensor, then of what is downstream of it; and then the tensors
/// that only share a column with those of the step.
pub(super) fn chosen(scene: &Scene<'_>, flow: &Flow, area: Rect) -> Vec<Column> {
    use Densities::{All, Tight};
    let of_step = flow.columns_of_step(scene);
    let has_others = |place: &Place| flow.columns.get(place) != of_step.get(place);
    let apart = flow.needed.iter().any(has_others).then_some(&of_step);
    let densities = [(All, All), (Tight, All), (Tight, Tight)];
    let mut best: Option<(Vec<Column>, (usize, usize))> = None;
    for tensors in [Some(&flow.columns), apart].into_iter().flatten() {
        let choice = Choice {
            scene,
            flow,
            tensors,
            area,
        };
        // What still has no room may have some below, where the others stood.
        let mut is_as_good = best.is_some();
        for (of_first, of_second) in densities {
            let least = best.as_ref().map(|(_, left_out)| *left_out);
            if least == Some((0, 0)) {
                break;
            }
            let columns = choice.columns(of_first, of_second);
            let left_out = choice.left_out_of_step(&columns);
            let is_better = |least| left_out < least || is_as_good && left_out == least;
            if least.is_none_or(is_better) {
                best = Some((columns, left_out));
            }
            is_as_good = false;
        }
    }
    best.map(|(columns, _)| columns).unwrap_or_default()
}

/// What can be chosen from, and for which area.
#[derive(Clone, Copy)]
struct Choice<'a> {
    scene: &'a Scene<'a>,
    flow: &'a Flow,
    /// The tensors of each column, or those of them that are chosen from.
    tensors: &'a BTreeMap<Place, Vec<TensorId>>,
    area: Rect,
}

/// Columns with the width that they leave free.
struct Chosen {
    columns: Vec<Column>,
    left: u16,
}

impl<'a> Choice<'a> {
    /// Chooses the columns that fit, those of the step first, and lays out their blocks. A tensor
    /// for which the others of its place leave no room gets a column of its own: at once where it
    /// is in the step, and else after all others.
    fn columns(self, of_first: Densities, of_second: Densities) -> Vec<Column> {
        let mut wanted = self.flow.wanted.iter().copied();
        let (first, second) = (wanted.next(), wanted.next());
        let columns = self.first_two(first.zip(Some(of_first)), second.zip(Some(of_second)));
        let used: u16 = columns.iter().map(Column::width).sum();
        let left = self.area.width.saturating_sub(used + WIRES.0);
        let mut chosen = Chosen { columns, left };
        for (place, tensor) in self.left_out(&chosen.columns) {
            if self.scene.is_in_step(tensor) {
                self.add(&mut chosen, place, &[tensor]);
            }
        }
        if wanted.all(|place| self.add(&mut chosen, place, self.tensors(place))) {
            for (place, tensor) in self.left_out(&chosen.columns) {
                self.add(&mut chosen, place, &[tensor]);
            }
        }
        // Nothing stands between the current neuron and the next place.
        let has_current = |column: &Column| {
            let current = self.scene.current.map(|current| current.tensor);
            column
                .blocks
                .iter()
                .any(|block| Some(block.tensor) == current)
        };
        chosen
            .columns
            .sort_by_key(|column| (column.place, has_current(column)));
        chosen.columns
    }

    /// The first two columns: what the step is about must be in view, so these share the width
    /// before all others.
    fn first_two(
        self,
        first: Option<(Place, Densities)>,
        second: Option<(Place, Densities)>,
    ) -> Vec<Column> {
        let column =
            |place, width, densities| self.column(place, self.tensors(place), width, densities);
        let Some((first, of_first)) = first else {
            return Vec::new();
        };
        let alone = || column(first, self.area.width, of_first);
        let Some((second, of_second)) = second else {
            return vec![alone()];
        };
        let width = self.area.width.saturating_sub(WIRES.0);
        let half = column(second, width / 2, of_second);
        // A picture of the gradients beside that of the values is worth some columns more.
        let least = column(second, LEAST_BESIDE, of_second).width();
        let wide = column(
            first,
            width.saturating_sub(least.max(LEAST_BESIDE)),
            of_first,
        );
        let has_twin = wide.blocks.iter().any(|block| block.twin().is_some());
        let beside = if has_twin {
            wide
        } else {
            column(first, width - half.width().min(width), of_first)
        };
        let is_narrow = self.area.width <= NARROW && !beside.is_whole_picture();
        if let Some(alone) = is_narrow.then(alone).filter(Column::is_whole_picture) {
            return vec![alone];
        }
        let rest = width.saturating_sub(beside.width());
        vec![beside, self.second(second, rest, of_second)]
    }

    /// The second column: where it is cut anyhow, it leaves room for the factors on the wires, if
    /// it shows as many senders then.
    fn second(self, place: Place, rest: u16, densities: Densities) -> Column {
        let of_width = |width| self.column(place, self.tensors(place), width, densities);
        let wide = of_width(rest);
        if wide.fits(rest) {
            return wide;
        }
        let less = rest.saturating_sub(LABELLED_WIRES - WIRES.0);
        let narrow = of_width(less);
        let is_better =
            narrow.width() <= less && narrow.n_senders(self.scene) == wide.n_senders(self.scene);
        if is_better { narrow } else { wide }
    }

    /// Adds a column where it fits, and says whether it does. What is in the step may be cut.
    fn add(self, chosen: &mut Chosen, place: Place, tensors: &[TensorId]) -> bool {
        let width = chosen.left.saturating_sub(NARROW_GAP);
        let may_be_cut = tensors.iter().all(|&tensor| self.scene.is_in_step(tensor));
        let mut columns = [Densities::All, Densities::Tight]
            .into_iter()
            .map(|densities| self.column(place, tensors, width, densities));
        let is_well = |column: &Column| column.fits(width) || may_be_cut && column.width() <= width;
        let Some(column) = columns.find(is_well) else {
            return false;
        };
        chosen.left = width.saturating_sub(column.width());
        chosen.columns.push(column);
        true
    }

    fn column(
        self,
        place: Place,
        tensors: &[TensorId],
        width: u16,
        densities: Densities,
    ) -> Column {
        let room = Room {
            width,
            height: self.area.height,
            names_ops: self.area.height >= ROOM_FOR_OPS,
        };
        let stack = Stack {
            scene: self.scene,
            tensors,
            room,
            densities,
        };
        Column {
            place,
            blocks: stack.blocks(),
        }
    }

    fn tensors(self, place: Place) -> &'a [TensorId] {
        let column = self.tensors.get(&place);
        column.map_or(&[], Vec::as_slice)
    }

    /// The tensors that have no room in the columns of their places.
    fn left_out(self, columns: &[Column]) -> Vec<(Place, TensorId)> {
        let mut blocks = columns.iter().flat_map(|column| &column.blocks);
        let shown: BTreeSet<TensorId> = blocks.by_ref().map(|block| block.tensor).collect();
        let places: BTreeSet<Place> = columns.iter().map(|column| column.place).collect();
        let all = places.into_iter().flat_map(|place| {
            let tensors = self.tensors(place).iter();
            tensors.map(move |&tensor| (place, tensor))
        });
        all.filter(|(_, tensor)| !shown.contains(tensor)).collect()
    }

    /// How many places and tensors that the step needs are left out, and how many of the neurons
    /// that send something other than 0.
    fn left_out_of_step(self, columns: &[Column]) -> (usize, usize) {
        let seen: usize = columns.iter().map(|it| it.n_that_count(self.scene)).sum();
        let n_missing = self.n_missing(columns);
        (n_missing, self.scene.n_that_count().saturating_sub(seen))
    }

    /// How many places and tensors are missing that the step needs.
    fn n_missing(self, columns: &[Column]) -> usize {
        let places = self.flow.needed.iter();
        let missing = places.filter(|&&place| columns.iter().all(|column| column.place != place));
        let out = self.left_out(columns);
        let of_step = out.iter().filter(|(_, it)| self.scene.is_in_step(*it));
        missing.count() + of_step.count()
    }
}
