//! The wires from the downstream neurons to the current one: each from the frame of its sender's
//! cell, all into one sum.

use std::collections::BTreeSet;

use ratatui::layout::{Position, Rect};

use super::super::theme::Theme;
use super::arrange::Arrangement;
use super::canvas::{Canvas, Pen};
use super::labels::Labels;
use super::router::{Ground, Heading, Router, heading};
use super::scene::Scene;
use super::sources::{Source, around, ground, ring, sources};
use super::wire::{Wire, look, together};
use crate::tensor::Element;

/// How far right of the current tensor the wires come together.
const RAIL: u16 = 2;

/// How the wires lie.
#[derive(Debug, Default)]
pub(super) struct Wires {
    /// From the frame of the current neuron to where the wires come together.
    trunk: Vec<Position>,
    wires: Vec<Wire>,
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
        wires
    }

    /// Labels the wires, so that no other line passes under what is written.
    pub(super) fn label(&mut self, scene: &Scene<'_>, theme: Theme, router: &mut Router) {
        for wire in &mut self.wires {
            wire.label = wire.labelled(scene, theme, router);
            if let Some(label) = &wire.label {
                router.set(label.area(), Ground::Wall);
            }
        }
    }

    /// Whether every sender in view is joined to the current neuron.
    pub(super) fn join_all(scene: &Scene<'_>, arrangement: &Arrangement, area: Rect) -> bool {
        let mut router = ground(scene, arrangement, area);
        let wires = Self::new(scene, arrangement, &mut router);
        wires.wires.len() == sources(scene, arrangement).len()
    }

    /// Lays the way from the current neuron to the column where the wires come together, and
    /// returns the free part of that.
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
            label: None,
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

    /// The terms that have a wire.
    pub(super) fn joined(&self) -> BTreeSet<usize> {
        self.wires
            .iter()
            .flat_map(|wire| wire.own.iter().copied())
            .collect()
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
