//! The blocks of one column, as roomy as its height allows.

use std::collections::BTreeSet;

use super::block::{Block, Density, Room, window};
use super::grid::Grid;
use super::lines::Lines;
use super::scene::Scene;
use super::titles::{Title, titled};
use crate::debugger::View;
use crate::tape::Kind;
use crate::tensor::TensorId;

/// The most pages of which all are tried to be shown.
const MOST_PAGES: usize = 8;
/// The rows and columns from which on a tensor is a picture rather than a part.
const LEAST_PICTURE: usize = 8;
/// The least height of a tensor that is squeezed: a title, a frame and a row of cells.
const LEAST_HEIGHT: u16 = 5;

/// How close together cells may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Densities {
    /// As far apart as there is room.
    All,
    /// Side by side.
    Tight,
}

/// What is to be stacked, and where the look is.
#[derive(Clone, Copy)]
pub(super) struct Stack<'a> {
    pub(super) scene: &'a Scene<'a>,
    pub(super) tensors: &'a [TensorId],
    pub(super) room: Room,
    pub(super) densities: Densities,
}

impl Stack<'_> {
    /// Lays the tensors out: every page of them if that fits, else those of interest, else parts of
    /// these, or fewer tensors as a whole where that shows more of them.
    pub(super) fn blocks(self) -> Vec<Block> {
        let every_page = self
            .tensors
            .iter()
            .map(|&tensor| self.n_pages(tensor))
            .sum::<usize>()
            <= MOST_PAGES;
        let densities: &[Density] = match self.densities {
            Densities::All => &[Density::Roomy, Density::Tight],
            Densities::Tight => &[Density::Tight],
        };
        let all = densities
            .iter()
            .filter(|_| every_page)
            .map(|&density| self.whole(|tensor| 0..self.n_pages(tensor), density));
        let some = densities.iter().map(|&density| {
            self.with_more_pages(self.whole(|tensor| self.pages(tensor, 1), density))
        });
        all.chain(some)
            .find(|blocks| self.are_seen(blocks))
            .unwrap_or_else(|| {
                let parts = self.squeezed();
                self.as_many_as_fit(densities)
                    .filter(|wholes| {
                        wholes.len() > parts.len() || wholes.iter().any(Block::is_picture)
                    })
                    .unwrap_or(parts)
            })
    }

    /// Whether a tensor may be a picture: where there is a choice, one that has numbers enough, of
    /// which none is read one by one.
    fn is_picturesque(self, tensor: TensorId) -> bool {
        let grid = Grid::of(&self.scene.session.network().tensor(tensor).shape);
        let least = grid.n_rows.min(grid.n_columns);
        match self.scene.session.view_options.view {
            View::Both => least >= LEAST_PICTURE && !self.scene.is_read(tensor),
            View::Pictures => least > 1,
            View::Values | View::Gradients | View::Unrounded | View::Compared => false,
        }
    }

    /// Whether pictures are asked for.
    fn is_of_pictures(self) -> bool {
        self.scene.session.view_options.view == View::Pictures
    }

    /// Whether all blocks are in view. What can be a picture is whole or a picture.
    fn are_seen(self, blocks: &[Block]) -> bool {
        let is_seen = |block: &Block| block.is_whole() || !self.is_picturesque(block.tensor);
        height(blocks) <= self.room.height && blocks.iter().all(is_seen)
    }

    /// Lays out whole tensors, as many as there is room for, those first that the step is about,
    /// then those that it multiplies by or was computed from. Returns nothing where it is about
    /// none, or about one for which there is no room.
    fn as_many_as_fit(self, densities: &[Density]) -> Option<Vec<Block>> {
        let of = |tensors: &[TensorId]| {
            let stack = Stack { tensors, ..self };
            let all = densities
                .iter()
                .map(|&density| stack.whole(|tensor| self.pages(tensor, 1), density));
            all.into_iter().find(|blocks| stack.are_seen(blocks))
        };
        let is_in_step = |tensor: &TensorId| self.scene.is_in_step(*tensor);
        let behind = self.scene.behind();
        let mut wanted = self.tensors.to_vec();
        wanted.sort_by_key(|tensor| (!is_in_step(tensor), !behind.contains(tensor)));
        let is_of_interest = |tensor: &TensorId| is_in_step(tensor) || behind.contains(tensor);
        wanted.first().copied().filter(is_of_interest)?;
        let (mut chosen, mut blocks) = (Vec::new(), None);
        for tensor in wanted {
            let more: Vec<TensorId> = self
                .tensors
                .iter()
                .copied()
                .filter(|other| chosen.contains(other) || *other == tensor)
                .collect();
            match of(&more) {
                Some(all) => (chosen, blocks) = (more, Some(all)),
                None if is_in_step(&tensor) => return None,
                None => break,
            }
        }
        blocks
    }

    fn whole<P>(self, pages: impl Fn(TensorId) -> P, density: Density) -> Vec<Block>
    where
        P: IntoIterator<Item = usize>,
    {
        let unbounded = self.room.unbounded();
        let of_tensor = |&tensor: &TensorId| {
            pages(tensor)
                .into_iter()
                .enumerate()
                .map(move |(number, page)| {
                    let title = if number == 0 {
                        Title::Full
                    } else {
                        Title::Page
                    };
                    let of = |density, room| {
                        titled(
                            self.scene,
                            tensor,
                            page,
                            title,
                            density,
                            self.lines(tensor),
                            room,
                        )
                    };
                    let numbers = || of(density, unbounded);
                    let fits =
                        |block: &Block| block.is_whole() && block.height() <= self.room.height;
                    let is_better = self.is_picturesque(tensor)
                        && (self.is_of_pictures()
                            || density == Density::Tight && !fits(&numbers()));
                    if is_better {
                        of(Density::Picture, self.room)
                    } else {
                        numbers()
                    }
                })
        };
        self.tensors.iter().flat_map(of_tensor).collect()
    }

    /// Adds pages of a column's only tensor as long as there is room. All but the first are of one
    /// height.
    fn with_more_pages(self, blocks: Vec<Block>) -> Vec<Block> {
        let ([tensor], Some(density)) = (self.tensors, blocks.first().map(|block| block.density))
        else {
            return blocks;
        };
        let of = |n| self.whole(|tensor| self.pages(tensor, n), density);
        let most = self.n_pages(*tensor).min(MOST_PAGES);
        let two = if most > 1 { of(2) } else { Vec::new() };
        let more = height(&two).saturating_sub(height(&blocks)).max(1);
        let left = self.room.height.checked_sub(height(&two));
        let Some(left) = left.filter(|_| most > 1) else {
            return blocks;
        };
        let n = most.min(2 + usize::from(left / more));
        if n == 2 { two } else { of(n) }
    }

    /// Lays out parts of tensors: first of what the step is about or multiplies by, then of the
    /// others.
    fn squeezed(self) -> Vec<Block> {
        let n_others = u16::try_from(self.tensors.len())
            .unwrap_or(u16::MAX)
            .saturating_sub(1);
        let behind = self.scene.behind();
        let find = |is_first: &dyn Fn(TensorId) -> bool| {
            self.tensors.iter().copied().find(|&it| is_first(it))
        };
        let first = find(&|tensor| self.scene.is_in_step(tensor))
            .or_else(|| find(&|tensor| behind.contains(&tensor)))
            .or_else(|| find(&|_| true));
        let has_second_title =
            self.room.names_ops || self.tensors.iter().any(|&tensor| self.n_pages(tensor) > 1);
        let least = LEAST_HEIGHT + u16::from(has_second_title);
        let largest = self
            .room
            .height
            .saturating_sub(n_others.saturating_mul(least + 1))
            .max(least);
        let Some(main) = first.map(|tensor| self.part(tensor, largest)) else {
            return Vec::new();
        };
        let left = self.room.height.saturating_sub(main.height());
        let share = left.checked_div(n_others).unwrap_or(0).saturating_sub(1);
        // Where there is no room for the others, what they were to have is the first one's.
        let main = first
            .filter(|_| share < least)
            .map_or(main, |tensor| self.part(tensor, self.room.height));
        let blocks = self.tensors.iter().map(|&tensor| {
            let is_main = Some(tensor) == first;
            if is_main {
                Some(main.clone())
            } else {
                (share >= least).then(|| self.part(tensor, share))
            }
        });
        blocks.flatten().collect()
    }

    fn lines(self, tensor: TensorId) -> Lines {
        lines(self.scene, tensor)
    }

    fn part(self, tensor: TensorId, height: u16) -> Block {
        let page = self.pages(tensor, 1).first().copied().unwrap_or(0);
        let density = if self.is_picturesque(tensor) {
            Density::Picture
        } else {
            Density::Tight
        };
        titled(
            self.scene,
            tensor,
            page,
            Title::Full,
            density,
            self.lines(tensor),
            Room {
                height,
                ..self.room
            },
        )
    }

    /// So many pages: the one of most interest, or the one that was turned to, then the others of
    /// interest, and then those round it.
    fn pages(self, tensor: TensorId, n: usize) -> BTreeSet<usize> {
        let grid = Grid::of(&self.scene.session.network().tensor(tensor).shape);
        let interest = self.scene.interest(tensor);
        let of_interest = || interest.iter().map(|&at| grid.locate(at).0);
        let most = of_interest().next().unwrap_or(0);
        let is_current = self
            .scene
            .current
            .is_some_and(|current| current.tensor == tensor);
        let first = if is_current {
            most
        } else {
            moved(most, self.scene.look.page, grid.n_pages)
        };
        let others = of_interest().filter(|_| first == most);
        let mut pages = BTreeSet::from([first]);
        for page in others.chain(window(grid.n_pages, n, &[first])) {
            if pages.len() < n {
                pages.insert(page);
            }
        }
        pages
    }

    fn n_pages(self, tensor: TensorId) -> usize {
        Grid::of(&self.scene.session.network().tensor(tensor).shape).n_pages
    }
}

/// Lays out a weight below the layer that uses it, if it fits.
pub(super) fn weight(scene: &Scene<'_>, tensor: TensorId, room: Room) -> Option<Block> {
    let grid = Grid::of(&scene.session.network().tensor(tensor).shape);
    let page = scene
        .interest(tensor)
        .first()
        .map_or(0, |&at| grid.locate(at).0);
    let of = |density, room| {
        titled(
            scene,
            tensor,
            page,
            Title::Full,
            density,
            Lines::Value,
            room,
        )
    };
    let unbounded = room.unbounded();
    let whole = [Density::Roomy, Density::Tight]
        .into_iter()
        .map(|density| of(density, unbounded));
    let fitting = whole
        .into_iter()
        .find(|block| block.height() <= room.height && block.is_whole());
    fitting.or_else(|| {
        Some(of(Density::Tight, room))
            .filter(|block| block.height() <= room.height && block.width() <= room.width)
    })
}

/// The pages of a tensor that the step is about, those first that it is most about.
pub(super) fn pages_of_interest(scene: &Scene<'_>, tensor: TensorId) -> Vec<usize> {
    let grid = Grid::of(&scene.session.network().tensor(tensor).shape);
    let mut seen = BTreeSet::new();
    let pages = scene.interest(tensor);
    let pages = pages.iter().map(|&at| grid.locate(at).0);
    pages.filter(|&page| seen.insert(page)).collect()
}

/// Lays out a page of a tensor, or the part of it that the step is about.
pub(super) fn page(
    scene: &Scene<'_>,
    tensor: TensorId,
    page: usize,
    density: Density,
    room: Room,
) -> Block {
    let lines = lines(scene, tensor);
    titled(scene, tensor, page, Title::Full, density, lines, room)
}

/// What the cells of a tensor show: of what becomes of a parameter that alone, for its old value
/// stands beside it.
fn lines(scene: &Scene<'_>, tensor: TensorId) -> Lines {
    let lines = Lines::of(scene.session.view_options.view);
    match scene.session.network().tensor(tensor).kind {
        Kind::Updated(_) if lines != Lines::Compared => Lines::Gradient,
        _ => lines,
    }
}

/// The height of blocks one below the other, with a free row between two.
pub(super) fn height(blocks: &[Block]) -> u16 {
    blocks
        .iter()
        .map(|block| block.height().saturating_add(1))
        .fold(0, u16::saturating_add)
        .saturating_sub(1)
}

/// Returns the page so many further on, beginning again after the last.
fn moved(page: usize, further: isize, n_pages: usize) -> usize {
    let n = isize::try_from(n_pages).unwrap_or(isize::MAX);
    let page = isize::try_from(page).unwrap_or(0);
    usize::try_from((page + further % n + n) % n).unwrap_or(0)
}
