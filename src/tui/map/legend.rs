//! What the signs and shades of the map mean, in the upper edge of its pane.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::super::theme::Theme;
use super::grid::small;
use super::write::put;
use crate::debugger::{Session, View};
use crate::marking::Status;
use crate::tensor::OutOfRange;

/// The sign behind a number that an edit has changed.
pub(super) const CHANGED: &str = "≠";
/// The sign behind a number that is 0 because it is rounded, and behind one that is infinite.
const FLUSHED: &str = "↓";
const OVERFLOWED: &str = "↑";
/// The sign before the value of a neuron that wins a window.
pub(super) const WINNER: &str = "★";
/// The sign of a shade where it is explained.
const SHADE: &str = "■";
/// The sign before the ink of a negative number, where there are no colours.
pub(super) const MINUS: &str = "−";

/// The sign behind a number that has left the range of its format.
pub(super) fn out_of_range(lost: OutOfRange) -> &'static str {
    match lost {
        OutOfRange::Flushed => FLUSHED,
        OutOfRange::Overflowed => OVERFLOWED,
    }
}

/// The title of the pane: what the cells show.
pub(in crate::tui) fn title(session: &Session) -> &'static str {
    match session.view_options.view {
        View::Both => " Network: values, gradients below ",
        View::Values => " Network: values ",
        View::Gradients => " Network: gradients ",
        View::Pictures => " Network: pictures of values and gradients ",
        View::Unrounded => " Network: values, gradients, unrounded ",
        View::Compared => " Network: true gradients, yours below ",
    }
}

/// Explains the signs and shades that are there, as many as there is room for.
pub(super) fn draw(
    session: &Session,
    has_pictures: bool,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    let edge = Rect {
        y: area.y.saturating_sub(1),
        height: 1,
        ..area
    };
    let is_mark = |sign: &str| {
        [
            Status::Wrong,
            Status::Carried,
            Status::Blank,
            Status::Unreadable,
        ]
        .iter()
        .any(|status| status.sign() == sign)
    };
    let has_answer = session.view_options.view == View::Compared;
    let is_drawn = |sign: &str| {
        (has_answer || !is_mark(sign))
            && area.positions().any(|place| buffer[place].symbol() == sign)
    };
    let has_ink = has_pictures && !theme.has_shades();
    let shade = |share| {
        let colour = theme.shade(share).filter(|_| has_pictures);
        colour.map(|colour| Style::new().fg(colour))
    };
    // From the most negative shade to the most positive one.
    let shades = [
        (MINUS, " negative  ", has_ink.then(|| theme.text())),
        (MINUS, "", shade(-1.0).map(|_| theme.quiet())),
        (SHADE, "", shade(-1.0)),
        (SHADE, "", shade(-0.6)),
        (SHADE, "0", shade(-0.2)),
        (SHADE, "", shade(0.2)),
        (SHADE, "", shade(0.6)),
        (SHADE, "+ ", shade(1.0)),
    ]
    .into_iter()
    .filter_map(|(sign, means, style)| Some((sign, means, style?)));
    let signs = [
        ("✗", " wrong  "),
        ("~", " carried  "),
        ("?", " blank  "),
        ("!", " unreadable  "),
        (CHANGED, " changed  "),
        (FLUSHED, " flushed  "),
        (OVERFLOWED, " overflowed  "),
        (WINNER, " winner  "),
        ("·", " not yet computed "),
    ];
    let signs = signs
        .into_iter()
        .filter(|(sign, _)| is_drawn(sign))
        .map(|(sign, means)| (sign, means, theme.quiet()));
    // Where there is no room for all, the first ones stay.
    let mut room = edge.width.saturating_sub(small(title(session).width()) + 4);
    let legend: Vec<_> = shades
        .chain(signs)
        .filter(|(sign, means, _)| {
            let width = small(sign.width() + means.width());
            let fits = width <= room;
            room -= if fits { width } else { 0 };
            fits
        })
        .collect();
    let mut legend = legend;
    // Before the edge goes on, one blank is enough.
    if let Some((_, means, _)) = legend.last_mut()
        && means.ends_with("  ")
    {
        *means = &means[..means.len() - 1];
    }
    let text = |(sign, means, _): &(&str, &str, Style)| small(sign.width() + means.width());
    let width: u16 = legend.iter().map(text).sum();
    let mut x = edge.right().saturating_sub(width + 2);
    if width > 0 {
        x = put(buffer, edge, x, edge.y, " ", theme.quiet());
    }
    for (sign, means, style) in legend {
        x = put(buffer, edge, x, edge.y, sign, style);
        x = put(buffer, edge, x, edge.y, means, theme.quiet());
    }
}
