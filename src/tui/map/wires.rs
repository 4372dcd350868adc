//! The wires from the downstream neurons to the current one: each from the frame of its sender's
//! cell, all into one sum.

use std::ops::Range;

use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::super::theme::Theme;
use super::arrange::Arrangement;
use super::block::{Block, Density};
use super::canvas::{Canvas, Pen};
use super::labels::Labels;
use super::mark;
use super::router::{Arrival, Ground, Heading, Router, heading};
use super::scene::{Scene, TermState};
use crate::tensor::{Element, rounded};
use crate::words::{why_zero, why_zero_in_numbers};

/// From so many senders on, those of one grid share a cable.
const MOST_WIRES: usize = 12;
/// How far right of the current tensor the wires come together.
const RAIL: u16 = 2;
/// The most terms that are named on a wire one by one.
const MOST_NAMED: usize = 6;

/// How the wires lie.
#[derive(Debug, Default)]
pub(super) struct Wires {
    /// From the frame of the current neuron to where the wires come together.
    trunk: Vec<Position>,
    wires: Vec<Wire>,
}

/// The way of some terms: from a sender's cell to the rail where all come together, or to a wire
/// that is there already.
#[derive(Debug)]
struct Wire {
    /// The terms that begin with it.
    own: Vec<usize>,
    /// All that run in it.
    terms: Vec<usize>,
    path: Vec<Position>,
    /// From where on the terms of other wires run in this one.
    shared: Option<usize>,
    /// Whether it ends at another wire.
    joins: bool,
    /// Whether it comes from a whole grid and not from one cell.
    is_cable: bool,
    /// Where there is room for text.
    room: Option<(Range<u16>, u16)>,
}

/// What is to be joined to the current neuron.
struct Source {
    terms: Vec<usize>,
    grid: usize,
    starts: Vec<Arrival>,
    is_cable: bool,
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
            .chain([block.frame()])
            .for_each(|part| router.set(part, Ground::Wall));
    }
    for (grid, block) in arrangement.blocks().enumerate() {
        block
            .strokes()
            .for_each(|line| router.set(line, Ground::Grid(grid)));
    }
    if let Some((block, cell)) = scene.current.and_then(|current| arrangement.find(current)) {
        let ring = ring(block, cell);
        router.set(ring, Ground::Wall);
    }
    router
}

/// The cell of the current neuron with its frame, if it has one.
fn ring(block: &Block, cell: Rect) -> Rect {
    match block.density {
        Density::Tight => cell,
        Density::Picture => block.frame(),
        Density::Roomy => Rect {
            x: cell.x - 1,
            y: cell.y - 1,
            width: cell.width + 2,
            height: cell.height + 2,
        },
    }
}

impl Wires {
    /// Lays the wires of all senders that are in view.
    pub(super) fn new(scene: &Scene<'_>, arrangement: &Arrangement, router: &mut Router) -> Self {
        let mut wires = Self::default();
        let sources = sources(scene, arrangement);
        let Some(current) = scene.current.filter(|_| !sources.is_empty()) else {
            return wires;
        };
        let Some(rail) = wires.lay_trunk(current, arrangement, router) else {
            return wires;
        };
        for source in sources {
            wires.lay(source, &rail, router);
        }
        // Where no wire has come to the rail, other lines may pass.
        router.set(rail, Ground::Free);
        router.lay(&wires.rail());
        for wire in &mut wires.wires {
            wire.room = wire.room_for_text(router);
        }
        wires
    }

    /// Lays the way from the current neuron to the column where the wires come together, and returns
    /// the free part of that.
    fn lay_trunk(
        &mut self,
        current: Element,
        arrangement: &Arrangement,
        router: &mut Router,
    ) -> Option<Rect> {
        let (block, cell) = arrangement.find(current)?;
        let grid = arrangement
            .blocks()
            .position(|other| std::ptr::eq(other, block))?;
        let beside = arrangement.columns.iter().map(|block| block.area);
        let right = beside
            .filter(|area| area.x <= block.area.x)
            .map(Rect::right)
            .max()?;
        let x = right + RAIL;
        let is_goal = |place: Position, heading| {
            place.x == x && heading == Heading::Right && router.is_free(place)
        };
        let mut starts = around(ring(block, cell));
        // Of a large frame the row of the neuron is meant.
        starts.sort_by_key(|(place, _)| place.y.abs_diff(cell.y));
        let trunk = router.find(&starts, &[grid], is_goal)?;
        let end = trunk.last()?.y;
        let is_free = |y: &u16| router.is_free(Position { x, y: *y });
        let top = (0..end).rev().take_while(is_free).last().unwrap_or(end);
        let bottom = (end + 1..u16::MAX)
            .take_while(is_free)
            .last()
            .unwrap_or(end);
        let rail = Rect {
            x,
            y: top,
            width: 1,
            height: bottom + 1 - top,
        };
        router.lay(&trunk);
        router.set(rail, Ground::Wall);
        self.trunk = trunk;
        Some(rail)
    }

    /// Lays a wire of its own for a source, or where there is no lane for one, to another wire.
    fn lay(&mut self, source: Source, rail: &Rect, router: &mut Router) {
        let grids: &[usize] = if source.is_cable { &[] } else { &[source.grid] };
        let reaches_rail =
            |place: Position, heading| heading == Heading::Left && rail.contains(place);
        let own = router.find(&source.starts, grids, reaches_rail);
        let joins = own.is_none();
        let path = own.or_else(|| {
            let joins =
                |place, heading| router.can_join(place, heading) && self.passing(place).is_some();
            router.find(&source.starts, grids, joins)
        });
        let Some(path) = path else { return };
        if joins && let Some((wire, from)) = path.last().and_then(|&end| self.passing(end)) {
            self.share(wire, from, &source.terms);
        }
        router.lay(&path);
        self.wires.push(Wire {
            own: source.terms.clone(),
            terms: source.terms,
            path,
            shared: None,
            joins,
            is_cable: source.is_cable,
            room: None,
        });
    }

    /// The wire that passes a place, and how far along it that is.
    fn passing(&self, place: Position) -> Option<(usize, usize)> {
        self.wires.iter().enumerate().find_map(|(number, wire)| {
            let at = wire.path.iter().position(|&other| other == place)?;
            Some((number, at))
        })
    }

    /// Lets terms run in a wire from a place on, and in what that wire itself ends at.
    fn share(&mut self, wire: usize, from: usize, terms: &[usize]) {
        let shared = &mut self.wires[wire];
        shared.shared = Some(shared.shared.map_or(from, |other| other.min(from)));
        shared.terms.extend_from_slice(terms);
        shared.terms.sort_unstable();
        if let Some(&end) = shared.path.last().filter(|_| shared.joins) {
            let next = self.wires[..wire]
                .iter()
                .enumerate()
                .find_map(|(number, other)| {
                    Some((number, other.path.iter().position(|&place| place == end)?))
                });
            if let Some((next, from)) = next {
                self.share(next, from, terms);
            }
        }
    }

    /// The part of the rail to which wires come.
    fn rail(&self) -> Vec<Position> {
        let ends = self.wires.iter().filter(|wire| !wire.joins);
        let ends = ends
            .filter_map(|wire| wire.path.last())
            .chain(self.trunk.last());
        let rows = ends.clone().map(|end| end.y);
        let x = ends.map(|end| end.x).next().unwrap_or(0);
        match (rows.clone().min(), rows.max()) {
            (Some(top), Some(bottom)) => (top..=bottom).map(|y| Position { x, y }).collect(),
            _ => Vec::new(),
        }
    }

    /// Draws the wires, and returns what is to be written over them.
    pub(super) fn draw(&self, scene: &Scene<'_>, theme: Theme, canvas: &mut Canvas) -> Labels {
        let mut labels = Labels::default();
        let (Some(&end), [tip, ..]) = (self.trunk.last(), self.trunk.get(1..).unwrap_or(&[]))
        else {
            return labels;
        };
        let is_sum = scene.session.terms().len() > 1;
        // Where there is but one term, its wire goes all the way.
        let (pen, style) = match &*self.wires {
            [only] if !is_sum => look(scene, theme, only.terms[0]),
            _ => (Pen::Light, theme.current()),
        };
        canvas.wire(&self.trunk[1..], pen, style);
        canvas.wire(&self.rail(), pen, style);
        for is_loud in [false, true] {
            for wire in &self.wires {
                if (together(scene, theme, &wire.terms).0 != Pen::Dashed) == is_loud {
                    wire.draw(scene, theme, canvas, &mut labels);
                }
            }
        }
        let point = match heading(self.trunk[0], *tip) {
            Heading::Right => "◀",
            Heading::Left => "▶",
            Heading::Up => "▼",
            Heading::Down => "▲",
        };
        labels.push(tip.x, tip.y, point, theme.current());
        if is_sum && tip != &end {
            labels.push(end.x, end.y, "⊕", theme.current());
        }
        labels
    }
}

/// What is to be joined: every sender in view, or where these are many, every grid that has some;
/// those that count before those that are zero.
fn sources(scene: &Scene<'_>, arrangement: &Arrangement) -> Vec<Source> {
    let n_senders: usize = arrangement
        .blocks()
        .map(|block| {
            block
                .cells()
                .filter(|(element, _)| !scene.sends(*element).is_empty())
                .count()
        })
        .sum();
    let is_cable = n_senders > MOST_WIRES;
    let mut sources = Vec::new();
    for (grid, block) in arrangement.blocks().enumerate() {
        let cells = block
            .cells()
            .filter(|(element, _)| !scene.sends(*element).is_empty());
        if is_cable {
            let (elements, cells): (Vec<Element>, Vec<Rect>) = cells.unzip();
            let terms = elements
                .iter()
                .flat_map(|&element| scene.sends(element))
                .copied();
            let mut rows: Vec<u16> = cells.iter().map(|cell| cell.y).collect();
            // The middle one first, so that the cable points at all of them.
            let middle = rows.iter().copied().min().zip(rows.iter().copied().max());
            rows.sort_by_key(|&y| {
                middle.map_or(0, |(top, bottom)| y.abs_diff(top.midpoint(bottom)))
            });
            let x = block.frame().x;
            sources.push(Source {
                terms: terms.collect(),
                grid,
                starts: rows
                    .first()
                    .map(|&y| (Position { x, y }, Heading::Left))
                    .into_iter()
                    .collect(),
                is_cable,
            });
        } else {
            sources.extend(cells.map(|(element, cell)| Source {
                terms: scene.sends(element).to_vec(),
                grid,
                starts: corners(cell),
                is_cable,
            }));
        }
    }
    sources.retain(|source| !source.terms.is_empty());
    let is_zero = |source: &Source| {
        source
            .terms
            .iter()
            .all(|&term| scene.state(term) == TermState::Zero)
    };
    sources.sort_by_key(is_zero);
    sources
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
fn around(frame: Rect) -> Vec<Arrival> {
    let (right, bottom) = (frame.right() - 1, frame.bottom() - 1);
    let at = |heading| move |(x, y)| (Position { x, y }, heading);
    let rights = (frame.y + 1..bottom)
        .chain([frame.y, bottom])
        .map(|y| (right, y));
    let lefts = (frame.y..=bottom).map(|y| (frame.x, y));
    let ends = [(frame.x, frame.y), (right, frame.y)];
    let feet = [(frame.x, bottom), (right, bottom)];
    rights
        .map(at(Heading::Right))
        .chain(lefts.map(at(Heading::Left)))
        .chain(ends.into_iter().map(at(Heading::Up)))
        .chain(feet.into_iter().map(at(Heading::Down)))
        .collect()
}

/// Draws the frame of every sender inside its cell.
pub(super) fn draw_senders(
    scene: &Scene<'_>,
    arrangement: &Arrangement,
    theme: Theme,
    canvas: &mut Canvas,
) {
    for block in arrangement.blocks().filter(|block| block.has_senders) {
        for (element, cell) in block.cells() {
            if let Some(&term) = scene.sends(element).first() {
                let style = look(scene, theme, term).1;
                let (right, bottom) = (cell.right() - 1, cell.bottom() - 1);
                for (x, inward) in [(cell.x, Heading::Right), (right, Heading::Left)] {
                    for (y, along) in [(cell.y, Heading::Down), (bottom, Heading::Up)] {
                        let is_low = cell.height == 1;
                        let arms = if is_low {
                            [Heading::Up, Heading::Down]
                        } else {
                            [inward, along]
                        };
                        for arm in arms {
                            canvas.wire_arm(Position { x, y }, arm, Pen::Light, style);
                        }
                    }
                    let side: Vec<Position> =
                        (cell.y..=bottom).map(|y| Position { x, y }).collect();
                    canvas.wire(&side, Pen::Light, style);
                }
            }
        }
    }
}

/// A term's wire has its colour; a zero is dashed; what is not added yet stays in the background.
fn look(scene: &Scene<'_>, theme: Theme, term: usize) -> (Pen, Style) {
    match scene.state(term) {
        TermState::Pending => (Pen::Dashed, theme.frame()),
        TermState::Zero => (Pen::Dashed, theme.faint()),
        TermState::Added => (Pen::Light, theme.contributes(term)),
    }
}

/// The look of a wire in which several terms run: together they have no one's colour.
fn together(scene: &Scene<'_>, theme: Theme, terms: &[usize]) -> (Pen, Style) {
    let mut looks: Vec<(Pen, Style)> = terms.iter().map(|&term| look(scene, theme, term)).collect();
    looks.sort_by_key(|&(pen, _)| pen == Pen::Dashed);
    match *looks {
        [] => (Pen::Light, theme.text()),
        [first] => first,
        [first, ..] if looks.iter().all(|&look| look == first) => first,
        [(pen, _), ..] => (pen, theme.text()),
    }
}

impl Wire {
    fn look(&self, scene: &Scene<'_>, theme: Theme, terms: &[usize]) -> (Pen, Style) {
        let (pen, style) = together(scene, theme, terms);
        let is_thick = self.is_cable && pen == Pen::Light;
        (if is_thick { Pen::Heavy } else { pen }, style)
    }

    fn draw(&self, scene: &Scene<'_>, theme: Theme, canvas: &mut Canvas, labels: &mut Labels) {
        let split = self.shared.unwrap_or(self.path.len() - 1);
        for (part, terms) in [
            (&self.path[..=split], &self.own),
            (&self.path[split..], &self.terms),
        ] {
            let (pen, style) = self.look(scene, theme, terms);
            canvas.wire(part, pen, style);
        }
        self.label(scene, theme, labels);
    }

    /// Writes on the wire which terms run in it, and of a single one what it multiplies by and why
    /// it is zero, as far as there is room.
    fn label(&self, scene: &Scene<'_>, theme: Theme, labels: &mut Labels) {
        let Some((columns, y)) = &self.room else {
            return;
        };
        let room = columns.end - columns.start;
        let choices = match *self.terms {
            [term] => single(scene, theme, term),
            _ => vec![named(scene, theme, &self.terms), ranges(theme, &self.terms)],
        };
        let width = |pieces: &[(String, Style)]| {
            u16::try_from(pieces.iter().map(|(text, _)| text.width()).sum::<usize>())
                .unwrap_or(u16::MAX)
        };
        let Some(pieces) = choices.into_iter().find(|pieces| width(pieces) + 2 <= room) else {
            return;
        };
        // Where there is room, a blank at each side sets the label off from its wire.
        let air = u16::from(room >= width(&pieces) + 4);
        let mut x = columns.end - width(&pieces) - 1 - air;
        labels.push(x - air, *y, &" ".repeat(air.into()), Style::new());
        for (text, style) in pieces {
            x = labels.push(x, *y, &text, style);
        }
        labels.push(x, *y, &" ".repeat(air.into()), Style::new());
    }

    /// The longest level part of the way, as far along it as all its terms have come, over which
    /// text can be written.
    fn room_for_text(&self, router: &Router) -> Option<(Range<u16>, u16)> {
        let places = &self.path[self.shared.unwrap_or(0)..];
        let runs = places.chunk_by(|one, other| {
            one.y == other.y && router.has_room_for_text(*one) && router.has_room_for_text(*other)
        });
        let longest = runs.rev().max_by_key(|run| run.len())?;
        let columns = longest.iter().map(|place| place.x);
        let (from, to) = (columns.clone().min()?, columns.max()?);
        Some((from..to + 1, longest.first()?.y))
    }
}

/// What is said of a single term, the best first.
fn single(scene: &Scene<'_>, theme: Theme, term: usize) -> Vec<Vec<(String, Style)>> {
    let style = match scene.state(term) {
        TermState::Added => theme.contributes(term),
        TermState::Zero | TermState::Pending => theme.faint(),
    };
    let number = (mark(term), style);
    let row = scene.session.terms().get(term);
    let mut factors = row
        .into_iter()
        .flat_map(|row| row.factors.iter().flatten())
        .peekable();
    if factors.peek().is_none() {
        return vec![vec![number]];
    }
    let local = factors.fold(1.0, |product, factor| product * factor.value);
    let factor = (format!("×{}", rounded(local, 4)), style);
    let backprop = scene.session.backprop();
    let step = scene.current.zip(row);
    let reasons = [
        step.and_then(|(current, row)| why_zero_in_numbers(backprop, current, row)),
        step.and_then(|(current, row)| why_zero(backprop, current, row).map(str::to_owned)),
    ];
    let with = |reason: String| {
        vec![
            number.clone(),
            factor.clone(),
            (format!(" {reason}"), style),
        ]
    };
    let plain = [vec![number.clone(), factor.clone()], vec![number.clone()]];
    reasons
        .into_iter()
        .flatten()
        .map(with)
        .chain(plain)
        .collect()
}

/// The numbers of several terms, each in its colour.
fn named(scene: &Scene<'_>, theme: Theme, terms: &[usize]) -> Vec<(String, Style)> {
    if terms.len() > MOST_NAMED {
        return ranges(theme, terms);
    }
    let style = |term| match scene.state(term) {
        TermState::Added => theme.contributes(term),
        TermState::Zero | TermState::Pending => theme.faint(),
    };
    terms
        .iter()
        .map(|&term| (mark(term), style(term)))
        .collect()
}

/// The numbers of many terms, in runs.
fn ranges(theme: Theme, terms: &[usize]) -> Vec<(String, Style)> {
    let runs = terms.chunk_by(|one, other| one + 1 == *other);
    let texts = runs.map(|run| match *run {
        [first, .., last] => format!("{}–{}", mark(first), mark(last)),
        [first] => mark(first),
        [] => String::new(),
    });
    vec![(texts.collect::<Vec<_>>().join(" "), theme.strong())]
}
