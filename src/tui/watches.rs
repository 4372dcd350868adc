//! What is watched: a few rows above the timeline.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::theme::Theme;
use crate::debugger::{Session, Watched};

/// What stands before the first of them.
const HEAD: &str = "watched";

/// The columns between two of them.
const GAP: usize = 3;

/// How many rows they get in what is left of the screen for all panes.
pub(super) fn height(session: &Session, area: Rect) -> u16 {
    let most = match area.height {
        28.. => 3,
        16.. => 1,
        _ => 0,
    };
    let last = places(session, area.width)
        .last()
        .map_or(0, |place| place.row + 1);
    last.min(most)
}

pub(super) fn draw(session: &Session, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let places = places(session, area.width);
    buffer.set_stringn(
        area.x + 1,
        area.y,
        HEAD,
        usize::from(area.width.saturating_sub(1)),
        theme.quiet(),
    );
    for place in places.iter().filter(|place| place.row < area.height) {
        let mut x = area.x + place.column;
        let Watched {
            address,
            value,
            gradient,
        } = &place.watched;
        let is_known = gradient.is_some();
        let gradient = gradient.as_deref().unwrap_or("·");
        for (text, style) in [
            (address.as_str(), theme.text()),
            (" value ", theme.quiet()),
            (value, theme.text()),
            (" gradient ", theme.quiet()),
            (
                gradient,
                if is_known {
                    theme.strong()
                } else {
                    theme.quiet()
                },
            ),
        ] {
            (x, _) = buffer.set_stringn(
                x,
                area.y + place.row,
                text,
                usize::from(area.right().saturating_sub(x)),
                style,
            );
        }
    }
    draw_rest(
        places
            .iter()
            .filter(|place| place.row >= area.height)
            .count(),
        theme,
        area,
        buffer,
    );
}

/// Says how many find no room.
fn draw_rest(n_unseen: usize, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let text = format!(" +{n_unseen} more ");
    let width = u16::try_from(text.width()).unwrap_or(u16::MAX);
    if n_unseen > 0 && area.height > 0 && width < area.width {
        buffer.set_string(area.right() - width, area.bottom() - 1, text, theme.quiet());
    }
}

/// One that is watched, and where it stands.
struct Place {
    watched: Watched,
    row: u16,
    column: u16,
}

/// Sets them one after the other, as words in a text.
fn places(session: &Session, width: u16) -> Vec<Place> {
    let start = 1 + HEAD.width() + 2;
    let (mut row, mut column) = (0, start);
    let mut places = Vec::new();
    for watched in session.watched() {
        let text = format!(
            "{} value {} gradient {}",
            watched.address,
            watched.value,
            watched.gradient.as_deref().unwrap_or("·")
        );
        if column > start && column + text.width() > usize::from(width) {
            (row, column) = (row + 1, start);
        }
        places.push(Place {
            watched,
            row,
            column: u16::try_from(column).unwrap_or(u16::MAX),
        });
        column += text.width() + GAP;
    }
    places
}
