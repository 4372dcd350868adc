//! One wire: its look, and what is written on it.

use std::ops::Range;

use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::super::theme::Theme;
use super::canvas::{Canvas, Pen};
use super::labels::Labels;
use super::router::Router;
use super::scene::{Scene, TermState};
use super::write::mark;
use crate::debugger::Shown;
use crate::tensor::rounded;
use crate::words::{why_zero, why_zero_in_numbers};

/// The most terms that are named on a wire one by one.
const MOST_NAMED: usize = 6;

/// The way of some terms: from a sender's cell to the rail where all come together, or to a wire
/// that is there already.
#[derive(Debug)]
pub(super) struct Wire {
    /// The terms that begin with it.
    pub(super) own: Vec<usize>,
    /// All that run in it.
    pub(super) terms: Vec<usize>,
    pub(super) path: Vec<Position>,
    /// From where on the terms of other wires run in this one.
    pub(super) shared: Option<usize>,
    /// Whether it ends at another wire.
    pub(super) joins: bool,
    /// Whether it comes from a whole grid and not from one cell.
    pub(super) is_cable: bool,
    /// What is written on it.
    pub(super) label: Option<Label>,
}

/// A text on a wire, with the blanks that set it off where there is room for them.
#[derive(Debug)]
pub(super) struct Label {
    x: u16,
    y: u16,
    pieces: Vec<(String, Style)>,
}

impl Label {
    /// The places over which it is written.
    pub(super) fn area(&self) -> Rect {
        Rect {
            x: self.x,
            y: self.y,
            width: width(&self.pieces),
            height: 1,
        }
    }
}

fn width(pieces: &[(String, Style)]) -> u16 {
    let width = pieces.iter().map(|(text, _)| text.width()).sum::<usize>();
    u16::try_from(width).unwrap_or(u16::MAX)
}

/// A term's wire has its colour; a zero is dashed; what is not added yet stays in the background.
pub(super) fn look(scene: &Scene<'_>, theme: Theme, term: usize) -> (Pen, Style) {
    match scene.state(term) {
        TermState::Pending => (Pen::Dashed, theme.frame()),
        TermState::Zero => (Pen::Dashed, theme.faint()),
        TermState::Added => (Pen::Light, theme.contributes(term)),
    }
}

/// The look of a wire in which several terms run: together they have no one's colour.
pub(super) fn together(scene: &Scene<'_>, theme: Theme, terms: &[usize]) -> (Pen, Style) {
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

    pub(super) fn draw(
        &self,
        scene: &Scene<'_>,
        theme: Theme,
        canvas: &mut Canvas,
        labels: &mut Labels,
    ) {
        let split = self.shared.unwrap_or(self.path.len() - 1);
        for (part, terms) in [
            (&self.path[..=split], &self.own),
            (&self.path[split..], &self.terms),
        ] {
            let (pen, style) = self.look(scene, theme, terms);
            canvas.wire(part, pen, style);
        }
        if let Some(Label { x, y, pieces }) = &self.label {
            let write = |x, (text, style): &(String, Style)| labels.push(x, *y, text, *style);
            pieces.iter().fold(*x, write);
        }
    }

    /// What is written on the wire: which terms run in it, and of a single one what it multiplies
    /// by and why it is zero, as far as there is room.
    pub(super) fn labelled(
        &self,
        scene: &Scene<'_>,
        theme: Theme,
        router: &Router,
    ) -> Option<Label> {
        let (columns, y) = self.room_for_text(router)?;
        let room = columns.end - columns.start;
        let choices = match *self.terms {
            [term] => single(scene, theme, term),
            _ => vec![named(scene, theme, &self.terms), ranges(theme, &self.terms)],
        };
        let mut choices = choices.into_iter();
        let mut pieces = choices.find(|pieces| width(pieces) + 2 <= room)?;
        if room >= width(&pieces) + 4 {
            pieces.insert(0, (" ".to_owned(), Style::new()));
            pieces.push((" ".to_owned(), Style::new()));
        }
        let x = columns.end - width(&pieces) - 1;
        Some(Label { x, y, pieces })
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
    if !scene.shows(Shown::Factors) {
        return vec![vec![number.clone(), ("×?".to_owned(), style)], vec![number]];
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
