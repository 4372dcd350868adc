//! The words: the teacher's notes, then the story of the step.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

use super::theme::Theme;
use crate::debugger::{Position, Session, commands};
use crate::diagnostic::visible;
use crate::words::{self, Piece, Sentence};

/// Draws the words, and says at the foot of the pane where there is no room for all of them.
pub(super) fn draw(session: &Session, theme: Theme, pane: Rect, area: Rect, buffer: &mut Buffer) {
    let words = Paragraph::new(lines(session, theme)).wrap(Wrap { trim: true });
    let is_cut = words.line_count(area.width) > usize::from(area.height);
    words.render(area, buffer);
    let key = commands::named("inspect").and_then(|command| command.keys.first());
    if let Some(key) = key.filter(|_| is_cut && pane.width > 20) {
        let more = format!(" {key}: read on ");
        let x = pane.right().saturating_sub(u16::try_from(more.len()).unwrap_or(0) + 2);
        buffer.set_string(x, pane.bottom() - 1, more, theme.quiet());
    }
}

fn lines(session: &Session, theme: Theme) -> Vec<Line<'static>> {
    let Some(neuron) = session.neuron() else { return at_the_ends(session, theme) };
    let mut lines: Vec<Line<'static>> = Vec::new();
    if let Some(note) = session.notes_of(neuron).next() {
        lines.push(Line::styled(visible(note).into_owned(), theme.note()));
        lines.push(Line::default());
    }
    let story = words::step(session.backprop(), neuron);
    let pieces = story.sentences.iter().flat_map(|sentence| spans(session, sentence, theme));
    lines.push(Line::from_iter(pieces));
    lines
}

/// The pieces of a sentence: a downstream neuron has the look of its term.
fn spans(session: &Session, sentence: &Sentence, theme: Theme) -> Vec<Span<'static>> {
    let look = |number: usize| match session.terms().get(number) {
        Some(term) if term.product == 0.0 => theme.faint(),
        _ => theme.contributes(number),
    };
    let piece = |piece: &Piece| {
        let style = match piece {
            Piece::Neuron { term: Some(number), .. } => look(number.saturating_sub(1)),
            Piece::Neuron { term: None, .. } => theme.strong(),
            Piece::Text(_) => theme.text(),
        };
        Span::styled(piece.as_str().to_owned(), style)
    };
    sentence.pieces.iter().map(piece).chain([Span::raw(" ")]).collect()
}

/// What is said before the first step and after the last.
fn at_the_ends(session: &Session, theme: Theme) -> Vec<Line<'static>> {
    let n_steps = session.n_steps();
    let text = match session.position() {
        Position::End => format!("All {n_steps} gradients are computed. Go back with ← to see how each was summed."),
        _ => format!(
            "Nothing is computed yet: only the upstream gradients are given. Go on with → to the first of {n_steps} neurons."
        ),
    };
    vec![Line::styled(visible(session.description()).into_owned(), theme.note()), Line::default(), Line::raw(text)]
}
