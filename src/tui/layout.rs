//! Where the panes are. The view draws by it and the mouse clicks by it.

use ratatui::layout::Rect;

use super::app::Fold;

/// The smallest screen on which the debugger can be used.
pub(super) const SMALLEST: (u16, u16) = (40, 10);

/// The places of the debugger's panes. What there is no room for is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Panes {
    pub(super) title: Rect,
    pub(super) map: Option<Rect>,
    pub(super) terms: Rect,
    pub(super) words: Option<Rect>,
    pub(super) timeline: Option<Rect>,
    /// The key bar, or a message in its place.
    pub(super) bar: Rect,
}

/// Lays out the debugger, or returns nothing where the screen is too small for it.
pub(super) fn debugger(size: Rect, fold: Fold) -> Option<Panes> {
    if size.width < SMALLEST.0 || size.height < SMALLEST.1 {
        return None;
    }
    let (title, rest) = split_top(size, 1);
    let (rest, bar) = split_bottom(rest, 1);
    let (rest, timeline) = if rest.height >= 12 { split_bottom(rest, 1) } else { (rest, Rect::default()) };
    let (map, terms, words) = match (fold, size.width, size.height) {
        (Fold::Map, ..) => without_map(rest),
        (Fold::Text, ..) => (Some(rest), Rect::default(), Rect::default()),
        (Fold::Nothing, 110.., 24..) => beside(rest),
        (Fold::Nothing, 76.., 20..) => above(rest),
        (Fold::Nothing, _, 30..) => stacked(rest),
        (Fold::Nothing, ..) => without_map(rest),
    };
    let there = |area: Rect| (!area.is_empty()).then_some(area);
    Some(Panes { title, map, terms, words: there(words), timeline: there(timeline), bar })
}

/// A wide screen: the map, and right of it the terms above the words.
fn beside(area: Rect) -> (Option<Rect>, Rect, Rect) {
    let right = (area.width * 2 / 5).clamp(46, 64);
    let (map, column) = split_right(area, right);
    let words = (column.height / 2).clamp(8, 16);
    let (terms, words) = split_bottom(column, words);
    (Some(map), terms, words)
}

/// A common screen: the map, and below it the terms beside the words.
fn above(area: Rect) -> (Option<Rect>, Rect, Rect) {
    let (map, below) = split_top(area, (area.height * 3 / 5).max(13));
    let (terms, words) = split_right(below, area.width.saturating_sub(44).max(area.width / 2 - 4));
    (Some(map), terms, words)
}

/// A narrow, tall screen: one below the other.
fn stacked(area: Rect) -> (Option<Rect>, Rect, Rect) {
    let (map, rest) = split_top(area, area.height / 2);
    let (terms, words) = split_bottom(rest, rest.height / 2);
    (Some(map), terms, words)
}

/// A small screen: no map.
fn without_map(area: Rect) -> (Option<Rect>, Rect, Rect) {
    if area.height < 10 {
        return (None, area, Rect::default());
    }
    let (terms, words) = split_bottom(area, (area.height * 2 / 5).max(4));
    (None, terms, words)
}

/// What is inside a pane's frame, with a column of air at both sides.
pub(super) fn inside(pane: Rect) -> Rect {
    Rect {
        x: pane.x.saturating_add(2),
        y: pane.y.saturating_add(1),
        width: pane.width.saturating_sub(4),
        height: pane.height.saturating_sub(2),
    }
}

fn split_top(area: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(area.height);
    (Rect { height, ..area }, Rect { y: area.y + height, height: area.height - height, ..area })
}

fn split_bottom(area: Rect, height: u16) -> (Rect, Rect) {
    split_top(area, area.height.saturating_sub(height))
}

fn split_right(area: Rect, width: u16) -> (Rect, Rect) {
    let left = area.width.saturating_sub(width);
    (Rect { width: left, ..area }, Rect { x: area.x + left, width: area.width - left, ..area })
}

/// The places of the gallery's parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct List {
    pub(super) title: Rect,
    pub(super) items: Rect,
    /// The item in the first row.
    pub(super) first: usize,
    pub(super) n_items: usize,
    pub(super) bar: Rect,
}

/// Lays out the gallery so that the chosen item is in view.
pub(super) fn gallery(size: Rect, n_items: usize, chosen: usize) -> List {
    let (title, rest) = split_top(size, 1);
    let (rest, bar) = split_bottom(rest, 1);
    let air = u16::from(rest.height > 8);
    let (_, rest) = split_top(rest, air);
    let width = rest.width.min(120);
    let items = Rect { x: rest.x + (rest.width - width) / 2, width, ..rest };
    let height = usize::from(items.height).max(1);
    let first = (chosen + 1).saturating_sub(height).min(n_items.saturating_sub(1));
    List { title, items, first, n_items, bar }
}

impl List {
    /// The item in a row of the screen.
    pub(super) fn item_at(&self, x: u16, y: u16) -> Option<usize> {
        let is_inside = self.items.contains((x, y).into());
        is_inside.then(|| self.first + usize::from(y - self.items.y)).filter(|&item| item < self.n_items)
    }
}
