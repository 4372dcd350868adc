//! The tensors in backward order, each as long as it has steps, and where the session stands.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position as Place, Rect};
use unicode_width::UnicodeWidthStr;

use super::theme::Theme;
use crate::debugger::{Position, Session, Spot};
use crate::marking::Status;
use crate::tensor::TensorId;
use crate::text::shortened_name;

/// The shortest bar of a tensor.
const SHORTEST: u16 = 3;

/// A tensor's name and bar.
struct Segment {
    tensor: TensorId,
    x: u16,
    bar: Rect,
}

pub(super) fn draw(session: &Session, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let segments = segments(session, area);
    draw_ends(session, &segments, theme, area, buffer);
    for segment in segments {
        let name = &session.network().tensor(segment.tensor).name;
        let is_current = session
            .element()
            .is_some_and(|element| element.tensor == segment.tensor);
        let style = if is_current {
            theme.strong()
        } else {
            theme.quiet()
        };
        let room = usize::from(area.right().saturating_sub(segment.x));
        buffer.set_stringn(segment.x, area.y, shortened_name(name, room), room, style);
        for x in segment.bar.x..segment.bar.right() {
            let (sign, style) = match session.position() {
                Position::Step(step) if dot(session, &segment, step) == Some(x) => {
                    ("●", theme.current())
                }
                _ if has_breakpoint(session, &segment, x) => ("◆", theme.note()),
                _ if let Some(status) = worst(session, &segment, x) => {
                    (status.sign(), theme.status(status))
                }
                _ if is_done(session, &segment, x) => ("━", theme.text()),
                _ => ("─", theme.frame()),
            };
            buffer.set_string(x, area.y, sign, style);
        }
    }
}

/// Marks the ends at which there are more tensors than are in view.
fn draw_ends(
    session: &Session,
    segments: &[Segment],
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    let tensors = session.backprop().steps().tensors();
    let (Some(first), Some(last)) = (segments.first(), segments.last()) else {
        return;
    };
    if tensors.first() != Some(&first.tensor) {
        buffer.set_stringn(area.x, area.y, "…", 1, theme.quiet());
    }
    if tensors.last() != Some(&last.tensor) {
        buffer.set_stringn(area.right() - 1, area.y, "…", 1, theme.quiet());
    }
}

/// The step at a position of the screen.
pub(super) fn step_at(session: &Session, area: Rect, place: Place) -> Option<usize> {
    let segments = segments(session, area);
    let segment = segments.iter().find(|segment| {
        let end = segment.bar.right();
        place.y == area.y && (segment.x..end).contains(&place.x)
    })?;
    let steps = session.backprop().steps().range(segment.tensor)?;
    let along = usize::from(place.x.saturating_sub(segment.bar.x));
    Some(
        steps.start
            + (along * steps.len() / usize::from(segment.bar.width.max(1))).min(steps.len() - 1),
    )
}

/// Where the dot is, if the step is one of the segment's.
fn dot(session: &Session, segment: &Segment, step: usize) -> Option<u16> {
    let steps = session.backprop().steps().range(segment.tensor)?;
    let along = step
        .checked_sub(steps.start)
        .filter(|&along| along < steps.len())?;
    let cells = usize::from(segment.bar.width);
    u16::try_from(along * cells / steps.len())
        .ok()
        .map(|along| segment.bar.x + along)
}

/// Whether a breakpoint on a neuron is in a cell, or one on the tensor, which stands where its
/// steps begin. Where a condition alone will stop is not known before it is tried.
fn has_breakpoint(session: &Session, segment: &Segment, x: u16) -> bool {
    session
        .breakpoints()
        .iter()
        .any(|breakpoint| match breakpoint.stop.spot {
            Spot::Anywhere => false,
            Spot::Tensor(tensor) => tensor == segment.tensor && x == segment.bar.x,
            Spot::Element(element) => {
                session
                    .backprop()
                    .steps()
                    .step_of(element)
                    .and_then(|step| dot(session, segment, step))
                    == Some(x)
            }
        })
}

/// The worst that an answer has among the steps that a cell of the bar stands for.
fn worst(session: &Session, segment: &Segment, x: u16) -> Option<Status> {
    let steps = session.backprop().steps().range(segment.tensor)?;
    let cells = usize::from(segment.bar.width.max(1));
    let along = usize::from(x.checked_sub(segment.bar.x)?);
    // The steps whose dot would be here.
    let first = |along: usize| (along * steps.len()).div_ceil(cells);
    session.worst(steps.start + first(along)..steps.start + first(along + 1))
}

fn is_done(session: &Session, segment: &Segment, x: u16) -> bool {
    let Some(steps) = session.backprop().steps().range(segment.tensor) else {
        return false;
    };
    match session.position() {
        Position::Start => false,
        Position::End => true,
        Position::Step(step) => {
            steps.end <= step || dot(session, segment, step).is_some_and(|dot| x < dot)
        }
    }
}

/// Lays out the tensors: all of them where there is room, or those from a little before the current
/// one.
fn segments(session: &Session, area: Rect) -> Vec<Segment> {
    let steps = session.backprop().steps();
    let tensors = steps.tensors();
    let name_width = |tensor: TensorId| {
        u16::try_from(session.network().tensor(tensor).name.width()).unwrap_or(u16::MAX / 4)
    };
    let least = |tensor: TensorId| name_width(tensor) + 1 + SHORTEST + 2;
    let room = area.width.saturating_sub(2);
    let fits = |from: usize| -> usize {
        let mut left = room;
        tensors[from..]
            .iter()
            .take_while(|&&tensor| {
                (least(tensor) <= left)
                    .then(|| left -= least(tensor))
                    .is_some()
            })
            .count()
    };
    let current = session
        .element()
        .and_then(|element| tensors.iter().position(|&tensor| tensor == element.tensor));
    let current = current.unwrap_or(if session.position() == Position::End {
        tensors.len().saturating_sub(1)
    } else {
        0
    });
    let first = (0..=current)
        .find(|&from| from + fits(from) > current)
        .unwrap_or(current);
    // Once the end is in view there is no reason to leave room empty.
    let shown = &tensors[first.min(tensors.len())..(first + fits(first)).min(tensors.len())];
    let spare = room.saturating_sub(shown.iter().map(|&tensor| least(tensor)).sum());
    let n_steps: usize = shown
        .iter()
        .filter_map(|&tensor| steps.range(tensor))
        .map(|steps| steps.len())
        .sum();
    let mut x = area.x + 1;
    let mut segments = Vec::new();
    for &tensor in shown {
        let share = steps.range(tensor).map_or(0, |steps| steps.len()) * usize::from(spare)
            / n_steps.max(1);
        let width = SHORTEST + u16::try_from(share).unwrap_or(0);
        let bar = Rect {
            x: x + name_width(tensor) + 1,
            y: area.y,
            width,
            height: 1,
        }
        .intersection(area);
        segments.push(Segment { tensor, x, bar });
        x = bar.right() + 2;
    }
    segments
}
