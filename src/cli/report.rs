//! Problems on stderr, as rustc prints them.

use std::io::Write;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::Global;
use crate::diagnostic::{Diagnostic, Place, is_hidden, visible};
use crate::text::shortened;

/// How many problems of a file are printed.
const MOST_PROBLEMS: usize = 25;
/// The longest message or hint that is printed whole, in columns.
const LONGEST_MESSAGE: usize = 1000;
/// The longest line that is handed to the renderer as a whole, in bytes; it cuts what is too wide.
const LONGEST_LINE: usize = 2000;
/// How much of a longer line is shown before and after the place that is meant, in bytes.
const WINDOW: usize = 60;

/// Prints a problem, and the others that came with it, on stderr.
pub(super) fn print(problem: &Diagnostic, global: &Global) {
    let mut stderr = anstream::AutoStream::new(std::io::stderr(), global.choice());
    // Where stderr is closed there is nobody to tell.
    let _ = stderr.write_all(render(problem).as_bytes());
}

/// Prints on stderr what is worth knowing and no error.
pub(super) fn remark(message: &str, global: &Global) {
    if global.quiet {
        return;
    }
    let group = Group::with_title(Level::NOTE.primary_title(clipped(message)));
    let mut stderr = anstream::AutoStream::new(std::io::stderr(), global.choice());
    let _ = stderr
        .write_all(format!("{}\n", Renderer::styled().term_width(100).render(&[group])).as_bytes());
}

/// Returns the text of a problem and the others that came with it.
fn render(problem: &Diagnostic) -> String {
    let mut text = String::new();
    let all = std::iter::once(problem).chain(&problem.more);
    for one in all.take(MOST_PROBLEMS) {
        text.push_str(&render_one(one));
        text.push('\n');
    }
    let n_hidden = (problem.more.len() + 1).saturating_sub(MOST_PROBLEMS);
    if n_hidden > 0 {
        let noun = if n_hidden == 1 { "problem" } else { "problems" };
        text.push_str(&format!("and {n_hidden} more {noun} of the same file\n"));
    }
    text
}

fn render_one(problem: &Diagnostic) -> String {
    let message = clipped(&problem.message);
    let hint = problem.hint.as_deref().map(clipped);
    let window = problem.place.as_ref().map(Window::around);
    let mut group = Group::with_title(Level::ERROR.primary_title(message));
    if let (Some(place), Some(window)) = (&problem.place, &window) {
        let (line, column) = place.source.line_and_column(place.span.start);
        let label = place.label.as_deref().map(visible);
        let name = visible(&place.source.name).into_owned();
        let snippet = Snippet::source(window.text.as_str())
            .line_start(line)
            .annotation(
                AnnotationKind::Primary
                    .span(window.span.clone())
                    .label(label),
            );
        group = if window.is_whole {
            group.element(snippet.path(name))
        } else {
            // The piece of a long line does not know its column.
            group
                .element(Origin::path(name).line(line).char_column(column))
                .element(snippet)
        };
    }
    if let Some(hint) = hint {
        group = group.element(Level::HELP.message(hint));
    }
    let mut text = Renderer::styled().term_width(100).render(&[group]);
    text.push('\n');
    text
}

/// Returns a text that may be shown in a terminal, cut where a stranger's names make it endless.
fn clipped(text: &str) -> String {
    shortened(&visible(text), LONGEST_MESSAGE).into_owned()
}

/// The part of a line that is shown.
struct Window {
    text: String,
    span: Range<usize>,
    is_whole: bool,
}

impl Window {
    /// Cuts the first line of a place to what is near it. Hidden characters are replaced by ones
    /// that are as long.
    fn around(place: &Place) -> Self {
        let text = &place.source.text;
        let start = text.floor_char_boundary(place.span.start);
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[start..]
            .find('\n')
            .map_or(text.len(), |newline| start + newline);
        let end = place.span.end.clamp(start, line_end);
        let is_whole = line_end - line_start <= LONGEST_LINE;
        let (from, until) = if is_whole {
            (line_start, line_end)
        } else {
            let from = text.floor_char_boundary(line_start.max(start.saturating_sub(WINDOW)));
            (from, text.ceil_char_boundary(line_end.min(start + WINDOW)))
        };
        let (before, after) = (
            if from > line_start { "…" } else { "" },
            if until < line_end { "…" } else { "" },
        );
        let shown: String = text[from..until].chars().map(as_long).collect();
        let shift = |at: usize| at.clamp(from, until) - from + before.len();
        Self {
            text: format!("{before}{shown}{after}"),
            span: shift(start)..shift(text.ceil_char_boundary(end)),
            is_whole,
        }
    }
}

/// Returns a character that may be shown in a terminal and takes as many bytes.
fn as_long(c: char) -> char {
    match c.len_utf8() {
        _ if !is_hidden(c) => c,
        1 => ' ',
        2 => '·',
        _ => '\u{fffd}',
    }
}
