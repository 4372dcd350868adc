//! The whole network in a row, in the order in which data flows, and where the session stands in
//! it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position as Place, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::theme::Theme;
use crate::debugger::Session;
use crate::tensor::TensorId;

/// What stands between tensors of which one is computed from the other, and between those that are
/// not.
const THEN: &str = " ▸ ";
const BESIDE: &str = ", ";
/// What stands where there is more of the network than room.
const MORE: &str = "…";

/// A piece of the row: the name of a tensor, or what stands between two.
#[derive(Debug, Clone)]
struct Piece {
    text: String,
    tensor: Option<TensorId>,
}

pub(super) fn draw(session: &Session, theme: Theme, area: Rect, buffer: &mut Buffer) {
    for (piece, place) in placed(session, area) {
        let style = piece
            .tensor
            .map_or(theme.frame(), |tensor| look(session, theme, tensor));
        let width = usize::from(place.width);
        buffer.set_stringn(place.x, place.y, &piece.text, width, style);
    }
}

/// The current tensor stands out, and those that send it something have the colour of what they
/// send.
fn look(session: &Session, theme: Theme, tensor: TensorId) -> Style {
    let is_current = session
        .element()
        .is_some_and(|element| element.tensor == tensor);
    let sent = session
        .terms()
        .iter()
        .position(|term| term.from.tensor == tensor);
    match sent {
        _ if is_current => theme.chosen(),
        Some(term) => theme.contributes(term),
        None => theme.quiet(),
    }
}

/// The tensor whose name is at a position of the screen.
pub(super) fn tensor_at(session: &Session, area: Rect, place: Place) -> Option<TensorId> {
    let mut pieces = placed(session, area).into_iter();
    pieces.find(|(_, part)| part.contains(place))?.0.tensor
}

/// The pieces that have room, each with its place.
fn placed(session: &Session, area: Rect) -> Vec<(Piece, Rect)> {
    let mut left = Rect {
        x: area.x + 1,
        width: area.width.saturating_sub(2),
        ..area
    };
    let pieces = shown(session, left.width);
    let place = |piece: Piece| {
        let width = width(&piece.text).min(left.width);
        let part = Rect { width, ..left };
        (left.x, left.width) = (part.right(), left.width - width);
        (piece, part)
    };
    pieces.into_iter().map(place).collect()
}

/// The pieces for which there is room: all, or the tensors round those that the step is about.
fn shown(session: &Session, room: u16) -> Vec<Piece> {
    let columns = columns(session);
    let current = columns.iter().position(|column| {
        let mut tensors = column.iter().filter_map(|piece| piece.tensor);
        tensors.any(|tensor| session.element().is_some_and(|it| it.tensor == tensor))
    });
    let (mut from, mut to) = current.map_or((0, 1), |current| (current, current + 1));
    let fits = |from: usize, to: usize| total(&joined(&columns, from, to)) <= room;
    loop {
        let before = (from, to);
        if to < columns.len() && fits(from, to + 1) {
            to += 1;
        }
        if from > 0 && fits(from - 1, to) {
            from -= 1;
        }
        if (from, to) == before {
            return joined(&columns, from, to);
        }
    }
}

/// The tensors by how far along the forward run they are computed.
fn columns(session: &Session) -> Vec<Vec<Piece>> {
    let network = session.network();
    let mut tensors: Vec<_> = network.depths().into_iter().collect();
    tensors.sort_by_key(|&(tensor, depth)| (depth, tensor));
    let names = |column: &[(TensorId, usize)]| {
        let pieces = column.iter().flat_map(|&(tensor, _)| {
            let name = Piece {
                text: network.tensor(tensor).name.clone(),
                tensor: Some(tensor),
            };
            [between(BESIDE), name]
        });
        pieces.skip(1).collect()
    };
    let columns = tensors.chunk_by(|one, other| one.1 == other.1);
    columns.map(names).collect()
}

/// Some of the columns, in a row.
fn joined(columns: &[Vec<Piece>], from: usize, to: usize) -> Vec<Piece> {
    let mut pieces = Vec::new();
    if from > 0 {
        pieces.extend([between(MORE), between(THEN)]);
    }
    for (number, column) in columns[from..to.min(columns.len())].iter().enumerate() {
        pieces.extend((number > 0).then(|| between(THEN)));
        pieces.extend_from_slice(column);
    }
    if to < columns.len() {
        pieces.extend([between(THEN), between(MORE)]);
    }
    pieces
}

fn between(text: &str) -> Piece {
    Piece {
        text: text.to_owned(),
        tensor: None,
    }
}

fn total(pieces: &[Piece]) -> u16 {
    pieces
        .iter()
        .map(|piece| width(&piece.text))
        .fold(0, u16::saturating_add)
}

fn width(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}
