//! Where the panes are. The view draws by it and the mouse clicks by it.

use ratatui::layout::Rect;

use super::{terms, watches, words};
use crate::debugger::{QuizForm, Session};

/// The least height of the map where it stands above the terms.
const LOWEST_MAP: u16 = 11;

/// The width of the terms and the words where an image needs the height of a common screen.
const TEXT_BESIDE_PICTURE: u16 = 42;

/// The least width of an image.
const LEAST_IMAGE: usize = 8;

/// From this height on the whole network stands in a row above the panes.
const ROOM_FOR_STRIP: u16 = 30;

/// The smallest screen on which the debugger can be used.
pub(super) const SMALLEST: (u16, u16) = (40, 10);

/// Which panes are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Fold {
    /// All for which there is room.
    #[default]
    Nothing,
    /// The terms and the words alone.
    Map,
    /// The map alone.
    Text,
}

impl Fold {
    pub(super) fn next(self) -> Self {
        match self {
            // Where there is room for nothing else, the map is what is missing.
            Self::Nothing => Self::Text,
            Self::Text => Self::Map,
            Self::Map => Self::Nothing,
        }
    }
}

/// The places of the debugger's panes. What there is no room for is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Panes {
    pub(super) title: Rect,
    /// The whole network in a row.
    pub(super) strip: Option<Rect>,
    pub(super) map: Option<Rect>,
    pub(super) terms: Rect,
    pub(super) words: Option<Rect>,
    /// What is watched.
    pub(super) watches: Option<Rect>,
    pub(super) timeline: Option<Rect>,
    /// The key bar, or a message in its place.
    pub(super) bar: Rect,
}

/// Lays out the debugger, or returns nothing where the screen is too small for it. The terms take
/// the rows that they need, and the words get the rest.
pub(super) fn debugger(size: Rect, session: &Session, fold: Fold) -> Option<Panes> {
    if size.width < SMALLEST.0 || size.height < SMALLEST.1 {
        return None;
    }
    let (title, rest) = split_top(size, 1);
    let (rest, bar) = split_bottom(rest, 1);
    let (rest, timeline) = if rest.height >= 12 {
        split_bottom(rest, 1)
    } else {
        (rest, Rect::default())
    };
    let is_tall = size.height >= ROOM_FOR_STRIP && fold != Fold::Map;
    let (strip, rest) = split_top(rest, u16::from(is_tall));
    let (rest, watches) = split_bottom(rest, watches::height(session, rest));
    let needed = |most: u16| terms::height(session, most.saturating_sub(2)) + 2;
    let (map, terms, words) = match (fold, size.width, size.height) {
        (Fold::Map, ..) => without_map(rest, session, &needed),
        (Fold::Text, ..) => (Some(rest), Rect::default(), Rect::default()),
        (Fold::Nothing, 110.., 24..) => beside(rest, (rest.width * 2 / 5).clamp(46, 64), &needed),
        (Fold::Nothing, 76.., 20..) if is_of_picture(rest, session) => {
            beside(rest, TEXT_BESIDE_PICTURE, &needed)
        }
        (Fold::Nothing, 76.., 20..) => above(rest, session),
        (Fold::Nothing, _, 30..) => stacked(rest, &needed),
        (Fold::Nothing, ..) => without_map(rest, session, &needed),
    };
    let there = |area: Rect| (!area.is_empty()).then_some(area);
    Some(Panes {
        title,
        strip: there(strip),
        map,
        terms,
        words: there(words),
        watches: there(watches),
        timeline: there(timeline),
        bar,
    })
}

/// Whether the step is in an image that would be cut above the terms and is whole beside them: two
/// of its rows take one of the screen, and as much again its title, its frame and the pane's.
fn is_of_picture(area: Rect, session: &Session) -> bool {
    let Some(current) = session.element() else {
        return false;
    };
    let tensor = session.network().tensor(current.tensor);
    let (n_rows, n_columns) = tensor.shape.grid();
    let n_shown = |height: u16| 2 * usize::from(height.saturating_sub(5));
    let width = usize::from(area.width.saturating_sub(TEXT_BESIDE_PICTURE + 9));
    let height = area.height - area.height * 2 / 5;
    (LEAST_IMAGE..=width).contains(&n_columns)
        && (n_shown(height) + 1..=n_shown(area.height)).contains(&n_rows)
}

/// A wide screen: the map, and right of it the terms above the words in so many columns.
fn beside(area: Rect, right: u16, needed: &dyn Fn(u16) -> u16) -> (Option<Rect>, Rect, Rect) {
    let (map, column) = split_right(area, right);
    let (terms, words) = split_top(
        column,
        needed(column.height - (column.height / 2).clamp(8, 16)),
    );
    (Some(map), terms, words)
}

/// A common screen: the map, and below it the terms beside the words. The note is whole before the
/// map has more rows than it must have; a quiz keeps all that for its questions.
fn above(area: Rect, session: &Session) -> (Option<Rect>, Rect, Rect) {
    let right = area.width.saturating_sub(44).max(area.width / 2 - 4);
    let note = words::least_height(session, right.saturating_sub(4));
    let most = area.height - LOWEST_MAP.min(area.height);
    let least = if session.quiz() == Some(QuizForm::Whole) {
        most
    } else {
        (area.height * 2 / 5).min(most)
    };
    let height = (note + 2).clamp(least, most);
    let (map, below) = split_top(area, area.height - height);
    let (terms, words) = split_right(below, right);
    (Some(map), terms, words)
}

/// A narrow, tall screen: one below the other.
fn stacked(area: Rect, needed: &dyn Fn(u16) -> u16) -> (Option<Rect>, Rect, Rect) {
    let (map, rest) = split_top(area, area.height / 2);
    let (terms, words) = split_top(rest, needed(rest.height - rest.height / 2));
    (Some(map), terms, words)
}

/// A small screen: no map.
fn without_map(
    area: Rect,
    session: &Session,
    needed: &dyn Fn(u16) -> u16,
) -> (Option<Rect>, Rect, Rect) {
    let asked = session.question().map_or(0, |_| {
        words::least_height(session, area.width.saturating_sub(4)) + 2
    });
    if area.height < 10 && asked == 0 {
        return (None, area, Rect::default());
    }
    let least = (area.height * 2 / 5).max(4).max(asked);
    let (terms, words) = split_top(area, needed(area.height.saturating_sub(least)));
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
    (
        Rect { height, ..area },
        Rect {
            y: area.y + height,
            height: area.height - height,
            ..area
        },
    )
}

fn split_bottom(area: Rect, height: u16) -> (Rect, Rect) {
    split_top(area, area.height.saturating_sub(height))
}

fn split_right(area: Rect, width: u16) -> (Rect, Rect) {
    let left = area.width.saturating_sub(width);
    (
        Rect {
            width: left,
            ..area
        },
        Rect {
            x: area.x + left,
            width: area.width - left,
            ..area
        },
    )
}
