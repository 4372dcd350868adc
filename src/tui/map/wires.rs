//! The wires from the downstream neurons to the current one, and the lines of the forward run
//! behind them.

use std::collections::BTreeMap;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::super::theme::Theme;
use super::arrange::Arrangement;
use super::block::{Block, Caption};
use super::canvas::{Canvas, Pen};
use super::scene::{Scene, TermState};
use super::{mark, put};
use crate::tensor::rounded;
use crate::words::why_zero;

/// From this length on a wire has room for why its term is zero.
const LONG_WIRE: u16 = 14;

/// Where the wires come together before they reach the current neuron.
struct Trunk {
    /// The cell right of the current tensor's frame.
    tip: u16,
    x: u16,
    y: u16,
}

/// A row of the screen in which terms leave a downstream tensor.
struct Outlet {
    /// The left edge of the tensor's frame.
    x: u16,
    y: u16,
    /// The last row of the cell.
    bottom: u16,
    terms: Vec<usize>,
    /// Whether the row is that of one cell at the left edge, so that the wire meets it exactly.
    is_exact: bool,
}

/// Draws the wires, and returns what is to be written over them.
pub(super) fn draw(
    scene: &Scene<'_>,
    arrangement: &Arrangement,
    theme: Theme,
    canvas: &mut Canvas,
) -> Labels {
    let mut labels = Labels::default();
    let Some((block, cell)) = scene.current.and_then(|current| arrangement.find(current)) else {
        return labels;
    };
    let outlets = outlets(scene, arrangement);
    let Some(nearest) = outlets.iter().map(|outlet| outlet.x).min() else {
        return labels;
    };
    let right = block.frame().right();
    if nearest < right + 6 {
        return labels;
    }
    let trunk = Trunk {
        tip: right,
        x: right + 3,
        y: cell.y,
    };
    // What counts is drawn over what is zero or still to come.
    let (quiet, loud): (Vec<&Outlet>, Vec<&Outlet>) = outlets
        .iter()
        .partition(|outlet| outlet.look(scene, theme).0 == Pen::Dashed);
    for outlet in quiet.into_iter().chain(loud) {
        outlet.draw(scene, arrangement, &trunk, theme, canvas, &mut labels);
    }
    let is_at_edge = scene
        .current
        .and_then(|current| arrangement.find(current))
        .is_none_or(|(block, cell)| block.is_at_edge(cell));
    if is_at_edge {
        labels.push(trunk.tip, trunk.y, "◀", theme.current());
    }
    // Where other cells lie between, the wire enters the grid, and the point is at the cell itself.
    let end = if is_at_edge { trunk.tip } else { trunk.tip - 1 };
    canvas.across(end, trunk.x, trunk.y, Pen::Light, theme.current());
    if scene.session.terms().len() > 1 {
        labels.push(trunk.x, trunk.y, "⊕", theme.current());
    }
    labels
}

fn outlets(scene: &Scene<'_>, arrangement: &Arrangement) -> Vec<Outlet> {
    let mut outlets: BTreeMap<(u16, u16), Outlet> = BTreeMap::new();
    for (number, term) in scene.numbered() {
        if let Some((block, cell)) = arrangement.find(term.from) {
            let frame = block.frame();
            let (x, y, bottom) = (frame.x, cell.y, cell.bottom() - 1);
            let outlet = outlets.entry((x, y)).or_insert(Outlet {
                x,
                y,
                bottom,
                terms: Vec::new(),
                is_exact: true,
            });
            outlet.terms.push(number);
            outlet.is_exact &= outlet.terms.len() == 1 && cell.x == frame.x + 1;
        }
    }
    outlets.into_values().collect()
}

impl Outlet {
    fn draw(
        &self,
        scene: &Scene<'_>,
        arrangement: &Arrangement,
        trunk: &Trunk,
        theme: Theme,
        canvas: &mut Canvas,
        labels: &mut Labels,
    ) {
        let (pen, style) = self.look(scene, theme);
        // Where wires run together they have no one's colour.
        let trunk_style = if pen == Pen::Dashed || scene.session.terms().len() == 1 {
            style
        } else {
            theme.current()
        };
        match passage(arrangement, trunk, self) {
            None => {
                canvas.across(trunk.x, self.x, self.y, pen, style);
                canvas.down(trunk.x, self.y, trunk.y, pen, trunk_style);
            }
            // A wire that would leave the map on its way joins nothing that one can see.
            Some(row) if !canvas.has_row(row) => return,
            Some(row) => {
                let turn = self.x - 2;
                canvas.across(self.x, turn, self.y, pen, style);
                canvas.down(turn, self.y, row, pen, style);
                canvas.across(turn, trunk.x, row, pen, style);
                canvas.down(trunk.x, row, trunk.y, pen, trunk_style);
            }
        }
        if self.is_exact {
            // The edge of the cell belongs to the wire that ends at it.
            canvas.down(self.x, self.y, self.bottom, pen, style);
        }
        self.label(scene, arrangement, trunk, theme, labels);
    }

    /// One term's wire has its colour; a zero is dashed; what is not added yet stays in the
    /// background.
    fn look(&self, scene: &Scene<'_>, theme: Theme) -> (Pen, Style) {
        let is = |state| self.terms.iter().all(|&term| scene.state(term) == state);
        match *self.terms.as_slice() {
            _ if is(TermState::Pending) => (Pen::Dashed, theme.frame()),
            _ if is(TermState::Zero) => (Pen::Dashed, theme.faint()),
            [term] => (Pen::Light, theme.contributes(term)),
            _ => (Pen::Light, theme.text()),
        }
    }

    /// Writes on the wire what it multiplies by, and the numbers of its terms where the wire does
    /// not end at a cell of its own.
    fn label(
        &self,
        scene: &Scene<'_>,
        arrangement: &Arrangement,
        trunk: &Trunk,
        theme: Theme,
        labels: &mut Labels,
    ) {
        let mut pieces: Vec<(String, Style)> = Vec::new();
        let is_before = |area: &Rect| area.x < self.x && (area.y..area.bottom()).contains(&self.y);
        let before = arrangement
            .columns
            .iter()
            .map(|block| block.area)
            .filter(is_before);
        let left = before
            .map(|area| area.right())
            .max()
            .unwrap_or(0)
            .max(trunk.x + 1);
        let room = self.x.saturating_sub(left);
        if !self.is_exact {
            let style = |term| {
                if scene.state(term) == TermState::Added {
                    theme.contributes(term)
                } else {
                    theme.faint()
                }
            };
            pieces.extend(
                self.terms
                    .iter()
                    .take(6)
                    .map(|&term| (mark(term), style(term))),
            );
        }
        if let [number] = *self.terms.as_slice()
            && let Some(term) = scene.session.terms().get(number)
            && term.factors.iter().flatten().next().is_some()
        {
            let local = term
                .factors
                .iter()
                .flatten()
                .fold(1.0, |product, factor| product * factor.value);
            let (_, style) = self.look(scene, theme);
            pieces.push((format!("×{}", rounded(local, 4)), style));
            let reason = scene
                .current
                .and_then(|current| why_zero(scene.session.backprop(), current, term));
            pieces.extend(
                reason
                    .filter(|_| room >= LONG_WIRE)
                    .map(|reason| (format!(" {reason}"), style)),
            );
        }
        let width: u16 = pieces
            .iter()
            .map(|(text, _)| u16::try_from(text.width()).unwrap_or(0))
            .sum();
        if pieces.is_empty() || room < width + 2 {
            return;
        }
        // Where there is room, a blank at each side sets the label off from its wire.
        let air = u16::from(room >= width + 4);
        let mut x = self.x - width - 1 - air;
        labels.push(x - air, self.y, " ", Style::new());
        for (text, style) in pieces {
            labels.push(x, self.y, &text, style);
            x += u16::try_from(text.width()).unwrap_or(0);
        }
        if air > 0 {
            labels.push(x, self.y, " ", Style::new());
        }
    }
}

/// Returns the row in which a wire passes the columns between the current tensor and the one that
/// it leaves, or nothing where none is between them.
fn passage(arrangement: &Arrangement, trunk: &Trunk, outlet: &Outlet) -> Option<u16> {
    let between: Vec<Rect> = arrangement
        .columns
        .iter()
        .map(|block| block.area)
        .filter(|area| area.x > trunk.x && area.x < outlet.x)
        .collect();
    if between.is_empty() {
        return None;
    }
    let is_free = |row: u16| {
        between
            .iter()
            .all(|area| !(area.y..area.bottom()).contains(&row))
    };
    let below = between
        .iter()
        .map(|area| area.bottom())
        .max()
        .unwrap_or(outlet.y);
    let top = arrangement
        .lane
        .unwrap_or_else(|| between.iter().map(|area| area.y).min().unwrap_or(0));
    (top..=below)
        .filter(|&row| is_free(row) && Some(row) != arrangement.lane)
        .min_by_key(|&row| row.abs_diff(outlet.y))
}

/// Draws the lines of the forward run between the titles: from each tensor to the layers that read
/// it.
pub(super) fn draw_flow(
    scene: &Scene<'_>,
    arrangement: &Arrangement,
    theme: Theme,
    canvas: &mut Canvas,
) -> Labels {
    let mut labels = Labels::default();
    let network = scene.session.network();
    for target in first_pages(arrangement) {
        let Some(layer) = network.layer_of(target.tensor) else {
            continue;
        };
        for &read in &layer.inputs {
            let base = network.base(read);
            if let Some(source) = first_pages(arrangement).find(|block| block.tensor == base) {
                let view = (read != base).then(|| network.tensor(read).name.as_str());
                connect(
                    arrangement,
                    source,
                    target,
                    view,
                    theme,
                    canvas,
                    &mut labels,
                );
            }
        }
    }
    labels
}

fn first_pages(arrangement: &Arrangement) -> impl Iterator<Item = &Block> {
    let mut seen = std::collections::BTreeSet::new();
    arrangement
        .columns
        .iter()
        .filter(move |block| seen.insert(block.tensor))
}

fn connect(
    arrangement: &Arrangement,
    source: &Block,
    target: &Block,
    view: Option<&str>,
    theme: Theme,
    canvas: &mut Canvas,
    labels: &mut Labels,
) {
    let title = source.titles.first().map_or(0, Caption::width);
    let (from, to) = (source.area.x + title + 1, target.area.x.saturating_sub(2));
    if to < from + 1 {
        return;
    }
    let style = theme.frame();
    let is_next = !arrangement
        .columns
        .iter()
        .any(|block| block.area.x > source.area.x && block.area.x < target.area.x);
    let turn = to.saturating_sub(1);
    // From below another tensor of its column, a line to the lane would cross it.
    let is_top = !arrangement
        .columns
        .iter()
        .any(|block| block.area.x == source.area.x && block.area.y < source.area.y);
    match arrangement.lane.filter(|_| is_top) {
        Some(lane) if !is_next => {
            canvas.across(from, from + 1, source.area.y, Pen::Light, style);
            canvas.down(from + 1, source.area.y, lane, Pen::Light, style);
            canvas.across(from + 1, turn, lane, Pen::Light, style);
            canvas.down(turn, lane, target.area.y, Pen::Light, style);
        }
        _ if !is_next => return,
        _ => {
            canvas.across(from, turn, source.area.y, Pen::Light, style);
            canvas.down(turn, source.area.y, target.area.y, Pen::Light, style);
        }
    }
    canvas.across(turn, to, target.area.y, Pen::Light, style);
    labels.push(to, target.area.y, "▸", style);
    if let Some(name) = view.filter(|_| is_next) {
        let width = u16::try_from(name.width() + 2).unwrap_or(u16::MAX);
        if from + width + 2 <= turn {
            labels.push(
                from + (turn - from - width) / 2,
                source.area.y,
                &format!(" {name} "),
                theme.quiet(),
            );
        }
    }
}

/// Texts that are written over lines.
#[derive(Debug, Default)]
pub(super) struct Labels(Vec<(u16, u16, String, Style)>);

impl Labels {
    fn push(&mut self, x: u16, y: u16, text: &str, style: Style) {
        self.0.push((x, y, text.to_owned(), style));
    }

    pub(super) fn draw(&self, area: Rect, buffer: &mut Buffer) {
        for (x, y, text, style) in &self.0 {
            put(buffer, area, *x, *y, text, *style);
        }
    }
}
