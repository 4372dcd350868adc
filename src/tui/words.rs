//! The words: the teacher's notes, then the story of the step.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position as Place, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use crate::debugger::{Alternative, Position, Question, Session, commands};
use crate::diagnostic::visible;
use crate::text::wrapped;
use crate::words::{self, Piece, Sentence};

/// What is said instead of the words while a sum is to be predicted.
const HIDDEN: &str =
    "The sum is hidden. What do these terms add up to? `p` takes your number, `r` shows the sum.";

/// The height of a pane from which on its foot says what the heads of the terms mean.
const HIGH: u16 = 30;

/// Draws the words from so many lines on, and says at the foot of the pane where there is no room
/// for all of them.
pub(super) fn draw(
    session: &Session,
    scroll: usize,
    theme: Theme,
    pane: Rect,
    area: Rect,
    buffer: &mut Buffer,
) {
    let lines = lines(session, theme, area);
    let most = lines.len().saturating_sub(usize::from(area.height));
    let shown = lines.iter().skip(scroll.min(most));
    for (line, y) in shown.zip(area.y..area.bottom()) {
        buffer.set_line(area.x, y, line, area.width);
    }
    draw_meanings(session, lines.len(), theme, area, buffer);
    let key = commands::named("inspect").and_then(|command| command.keys.first());
    if let Some(key) = key.filter(|_| scroll < most && pane.width > 20) {
        let more = match session.question() {
            Some(_) => " wheel: read on ".to_owned(),
            None => format!(" {key}: read on "),
        };
        let x = pane
            .right()
            .saturating_sub(u16::try_from(more.len()).unwrap_or(0) + 2);
        buffer.set_string(x, pane.bottom() - 1, more, theme.quiet());
    }
}

/// Draws what the heads of the terms mean at the foot of a high pane, where the words leave it
/// empty.
fn draw_meanings(session: &Session, n_lines: usize, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let is_asked = session.element().is_none() || session.question().is_some();
    if is_asked || area.height < HIGH {
        return;
    }
    let lines = meanings(session, theme, usize::from(area.width));
    let free = usize::from(area.height).saturating_sub(n_lines + 1);
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    if lines.len() <= free {
        for (line, y) in lines.iter().zip(area.bottom() - height..) {
            buffer.set_line(area.x, y, line, area.width);
        }
    }
}

/// The heads of the terms, each with what it means.
fn meanings(session: &Session, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let upstream = session
        .element()
        .map(|of| words::table_names(session.backprop(), of).0);
    let factors = session.table().columns.iter().map(|kind| kind.name());
    let mut heads: Vec<&str> = upstream
        .into_iter()
        .chain(factors)
        .chain(["term"])
        .collect();
    heads.dedup();
    let explained = heads.iter().filter_map(|head| {
        let term = words::GLOSSARY.iter().find(|term| term.name == *head)?;
        let name = Span::styled(format!("{head}: "), theme.strong());
        Some(broken(
            &[name, Span::styled(term.says, theme.quiet())],
            width,
        ))
    });
    explained.flatten().collect()
}

/// How many lines on the words can be scrolled in an area.
pub(super) fn most_scroll(session: &Session, area: Rect) -> usize {
    lines(session, Theme::plain(), area)
        .len()
        .saturating_sub(usize::from(area.height))
}

/// The lines that must be seen in a width: those of the note, or of the question of the quiz.
pub(super) fn least_height(session: &Session, width: u16) -> u16 {
    let width = usize::from(width);
    let n_lines = match session.question() {
        Some(question) => asked(question, Theme::plain(), width).len(),
        None => broken(&note(session, Theme::plain()), width).len(),
    };
    u16::try_from(n_lines).unwrap_or(u16::MAX)
}

/// The words as lines: the note first, whole, then the story. An empty line sets them apart where
/// nothing is lost by it.
fn lines(session: &Session, theme: Theme, area: Rect) -> Vec<Line<'static>> {
    let width = usize::from(area.width);
    let mut lines = broken(&note(session, theme), width);
    if let Some(question) = session.question() {
        let lines = asked(question, theme, width).into_iter();
        return lines.map(|(_, line)| line).collect();
    }
    let story = match session.element() {
        Some(_) if session.is_hidden() => vec![Span::raw(HIDDEN)],
        Some(element) => told(session, element, theme),
        None => vec![Span::raw(at_the_ends(session))],
    };
    let story = broken(&story, width);
    if !lines.is_empty() && lines.len() + 1 + story.len().min(4) < usize::from(area.height) {
        lines.push(Line::default());
    }
    lines.extend(story);
    lines
}

/// The question of the quiz as lines, each with the number of the answer that it belongs to.
fn asked(question: &Question, theme: Theme, width: usize) -> Vec<(Option<usize>, Line<'static>)> {
    let head = broken(
        &[Span::styled(question.asks.clone(), theme.strong())],
        width,
    );
    let mut lines: Vec<_> = head.into_iter().map(|line| (None, line)).collect();
    for (number, answer) in (1..).zip(&question.alternatives) {
        let (sign, look, text) = match answer.is_struck {
            true => ("✗ ".to_owned(), theme.wrong(), struck(answer)),
            // An answer may begin with a number of its own.
            false => (format!("{number})"), theme.key(), answer.says.clone()),
        };
        let mut sign = Span::styled(format!(" {sign} "), look);
        let looks = if answer.is_struck {
            theme.quiet()
        } else {
            theme.text()
        };
        for line in broken(&[Span::styled(text, looks)], width.saturating_sub(4)) {
            let before = std::mem::replace(&mut sign, Span::raw("    "));
            let spans = std::iter::once(before).chain(line.spans);
            lines.push((Some(number), Line::from_iter(spans)));
        }
    }
    lines
}

/// A wrong answer that was chosen, with what is wrong with it.
fn struck(answer: &Alternative) -> String {
    match answer.why.as_str() {
        "" => answer.says.clone(),
        why => format!("{}: {why}", answer.says),
    }
}

/// The number of the answer of the quiz in a row of the screen.
pub(super) fn answer_at(
    session: &Session,
    scroll: usize,
    area: Rect,
    place: Place,
) -> Option<usize> {
    let question = session.question().filter(|_| area.contains(place))?;
    let lines = asked(question, Theme::plain(), usize::from(area.width));
    let scroll = scroll.min(lines.len().saturating_sub(usize::from(area.height)));
    lines.get(scroll + usize::from(place.y - area.y))?.0
}

/// The title of the pane.
pub(super) fn title(session: &Session) -> &'static str {
    match session.question() {
        Some(_) => " Quiz: a digit or a click answers ",
        None => " In words ",
    }
}

/// What stands before the story. What an edit has changed matters more than a note that was written
/// for the numbers before it.
fn note(session: &Session, theme: Theme) -> Vec<Span<'static>> {
    let note = match session.element() {
        Some(_) if session.is_hidden() => None,
        Some(element) => session
            .change_of(element)
            .or_else(|| session.says_of_theirs().map(|says| sentence(&says)))
            .or_else(|| session.notes_of(element).next().map(str::to_owned)),
        None => Some(session.description().to_owned()),
    };
    note.map(|note| vec![Span::styled(visible(&note).into_owned(), theme.note())])
        .unwrap_or_default()
}

/// A clause as a sentence of its own.
fn sentence(clause: &str) -> String {
    let mut characters = clause.chars();
    let first: String = characters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    format!("{first}{}.", characters.as_str())
}

/// Breaks spans into lines as [`text::wrapped`] breaks their text, which keeps short equations
/// together.
pub(super) fn broken(spans: &[Span<'static>], width: usize) -> Vec<Line<'static>> {
    let text: String = spans.iter().map(|span| span.content.as_ref()).collect();
    if text.trim().is_empty() {
        return Vec::new();
    }
    let styled = spans.iter().flat_map(|span| {
        span.content
            .chars()
            .map(|character| (character, span.style))
    });
    // Blanks may have become the ends of lines; all other characters are there in their order.
    let mut styles = styled
        .filter(|(character, _)| *character != ' ')
        .map(|(_, style)| style);
    let restyled = |line: String| {
        let mut style = Style::new();
        let pieces = line.chars().map(|character| {
            if character != ' ' {
                style = styles.next().unwrap_or_default();
            }
            Span::styled(character.to_string(), style)
        });
        Line::from_iter(joined(pieces))
    };
    wrapped(text.trim_end(), width)
        .into_iter()
        .map(restyled)
        .collect()
}

/// Joins neighbouring spans that look alike.
fn joined(spans: impl Iterator<Item = Span<'static>>) -> Vec<Span<'static>> {
    spans.fold(Vec::new(), |mut joined: Vec<Span<'static>>, span| {
        match joined.last_mut() {
            Some(last) if last.style == span.style => last.content.to_mut().push_str(&span.content),
            _ => joined.push(span),
        }
        joined
    })
}

/// The story of a step in pieces of one look each.
fn told(session: &Session, element: crate::tensor::Element, theme: Theme) -> Vec<Span<'static>> {
    let story = if session.is_building() {
        words::so_far(
            session.backprop(),
            element,
            session.table(),
            session.added(),
        )
    } else {
        words::step(session.backprop(), element)
    };
    story
        .sentences
        .iter()
        .flat_map(|sentence| spans(session, sentence, theme))
        .collect()
}

/// The pieces of a sentence: a downstream neuron has the look of its term.
fn spans(session: &Session, sentence: &Sentence, theme: Theme) -> Vec<Span<'static>> {
    let look = |number: usize| match session.terms().get(number) {
        Some(term) if term.product == 0.0 => theme.faint(),
        _ => theme.contributes(number),
    };
    let piece = |piece: &Piece| {
        let style = match piece {
            Piece::Element {
                term: Some(number), ..
            } => look(number.saturating_sub(1)),
            Piece::Element { term: None, .. } => theme.strong(),
            Piece::Text(_) => theme.text(),
        };
        Span::styled(piece.as_str().to_owned(), style)
    };
    sentence
        .pieces
        .iter()
        .map(piece)
        .chain([Span::raw(" ")])
        .collect()
}

/// What is said before the first step and after the last.
fn at_the_ends(session: &Session) -> String {
    let n_steps = session.n_steps();
    match session.position() {
        Position::End => match session.verdict() {
            Some(verdict) => format!("The quiz: {verdict}."),
            None => format!(
                "All {n_steps} gradients are computed. Go back with ← to see how each was summed."
            ),
        },
        _ => format!(
            "Nothing is computed yet: only the upstream gradients are given. \
             Go on with → to the first of {n_steps} neurons."
        ),
    }
}
