//! Draws the gallery from its state.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};
use unicode_width::UnicodeWidthStr;

use super::place::List;
use super::preview::{Preview, Stop};
use super::{Entry, Gallery, Row};
use crate::text::{ending, padded, shortened};
use crate::tui::pane::pane;
use crate::tui::theme::Theme;

/// Draws the gallery; returns where the cursor is while something is being typed.
pub(in crate::tui) fn draw(
    gallery: &Gallery,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    if area.is_empty() {
        return None;
    }
    let rows = gallery.rows();
    let list = gallery.list(&rows, area);
    draw_title(theme, list.title, buffer);
    draw_rows(gallery, &rows, &list, theme, buffer);
    if let (Some(area), Some(entry)) = (list.preview, gallery.entry()) {
        draw_preview(entry, theme, area, buffer);
    }
    draw_bar(gallery, theme, list.bar, buffer);
    draw_filter(
        gallery,
        theme,
        Rect {
            x: list.rows.x,
            width: list.rows.width,
            ..list.filter
        },
        buffer,
    )
}

fn draw_title(theme: Theme, area: Rect, buffer: &mut Buffer) {
    buffer.set_style(area, theme.bar());
    let parts = [
        (" backstep  ", theme.strong()),
        (
            "step through backpropagation, one neuron at a time",
            theme.text(),
        ),
    ];
    write(
        &parts.map(|(text, style)| (text, style.patch(theme.bar()))),
        area,
        buffer,
    );
}

/// Shows what is typed and how many scenarios match, or that something can be typed.
fn draw_filter(
    gallery: &Gallery,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let Some(filter) = &gallery.filter else {
        let n_done = gallery
            .entries
            .iter()
            .filter(|entry| gallery.is_done(entry))
            .count();
        let done = if n_done > 0 {
            format!(", {n_done} done ✓")
        } else {
            String::new()
        };
        let count = format!("   {} scenarios{done}", gallery.entries.len());
        write(&[(&count, theme.quiet())], area, buffer);
        return None;
    };
    let count = match gallery.shown.len() {
        0 => "no match".to_owned(),
        n_shown => format!("{n_shown} of {}", gallery.entries.len()),
    };
    let typed = ending(
        filter.text(),
        usize::from(area.width).saturating_sub(count.width() + 10),
    );
    let x = write(
        &[(" / ", theme.key()), (typed, theme.strong())],
        area,
        buffer,
    );
    write(
        &[(&count, theme.quiet())],
        Rect {
            x: x.saturating_add(3),
            width: area.right().saturating_sub(x + 3),
            ..area
        },
        buffer,
    );
    (!area.is_empty()).then(|| Position {
        x: x.min(area.right() - 1),
        y: area.y,
    })
}

fn draw_rows(gallery: &Gallery, rows: &[Row], list: &List, theme: Theme, buffer: &mut Buffer) {
    if gallery.shown.is_empty() {
        let words = "   no scenario has these words in its name, title, description or layers";
        write(
            &[(words, theme.note())],
            Rect {
                height: list.rows.height.min(1),
                ..list.rows
            },
            buffer,
        );
    }
    let names = gallery
        .entries
        .iter()
        .map(|entry| entry.item.name.width())
        .max()
        .unwrap_or(0);
    let titles = gallery
        .entries
        .iter()
        .map(|entry| entry.headline.title.width())
        .max()
        .unwrap_or(0);
    for (y, &row) in (list.rows.y..list.rows.bottom()).zip(&rows[list.first..]) {
        let area = Rect {
            y,
            height: 1,
            ..list.rows
        };
        match row {
            Row::Heading(words) => draw_heading(words, theme, area, buffer),
            Row::Entry(place) => {
                let entry = &gallery.entries[gallery.shown[place]];
                let marks = Marks {
                    is_chosen: place == gallery.chosen,
                    is_done: gallery.is_done(entry),
                };
                draw_entry(entry, (names, titles), marks, theme, area, buffer);
            }
        }
    }
    draw_more(list, theme, buffer);
}

/// Draws what stands above a group, and a line to the end of the row.
fn draw_heading(words: &str, theme: Theme, row: Rect, buffer: &mut Buffer) {
    let line = "─".repeat(usize::from(row.width).saturating_sub(words.width() + 7));
    write(
        &[
            ("   ── ", theme.quiet()),
            (words, theme.strong()),
            (" ", theme.quiet()),
            (&line, theme.quiet()),
        ],
        row,
        buffer,
    );
}

/// What is marked at a row.
#[derive(Debug, Clone, Copy)]
struct Marks {
    is_chosen: bool,
    is_done: bool,
}

/// Draws a row: the name, and as much of the title and of what it teaches as there is room for.
fn draw_entry(
    entry: &Entry,
    widths: (usize, usize),
    marks: Marks,
    theme: Theme,
    row: Rect,
    buffer: &mut Buffer,
) {
    let (sign, name, title, rest) = match marks.is_chosen {
        true => ("▸ ", theme.chosen(), theme.chosen(), theme.chosen()),
        false => ("  ", theme.key(), theme.text(), theme.quiet()),
    };
    let done = if marks.is_done { "✓" } else { " " };
    if marks.is_chosen {
        buffer.set_style(row, theme.chosen());
    }
    let (names, titles) = widths;
    let mut left = usize::from(row.width).saturating_sub(3);
    let mut column = |text: &str, width: usize| {
        let width = width.min(left);
        left = left.saturating_sub(width + 2);
        padded(&shortened(text, width), width + 2)
    };
    let name_column = column(entry.item.name, names);
    let title_column = column(&entry.headline.title, titles);
    // A few words of a sentence help nobody.
    let description = if left >= 20 {
        shortened(&entry.headline.description, left - 1)
    } else {
        Cow::default()
    };
    write(
        &[
            (done, name),
            (sign, name),
            (&name_column, name),
            (&title_column, title),
            (&description, rest),
        ],
        row,
        buffer,
    );
}

/// Marks the ends at which the list goes on.
fn draw_more(list: &List, theme: Theme, buffer: &mut Buffer) {
    let (above, below) = list.has_more();
    let rows = [
        (above, "↑", list.rows.y),
        (below, "↓", list.rows.bottom().saturating_sub(1)),
    ];
    for (_, sign, y) in rows
        .into_iter()
        .filter(|&(is_more, ..)| is_more && !list.rows.is_empty())
    {
        buffer.set_string(list.rows.x, y, sign, theme.strong());
    }
}

fn draw_preview(entry: &Entry, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let title = format!(
        " {} ",
        shortened(
            &entry.headline.title,
            usize::from(area.width.saturating_sub(6))
        )
    );
    let inside = pane(&title, theme, area, buffer);
    let mut lines = vec![Line::styled(
        entry.headline.description.clone(),
        theme.note(),
    )];
    let mut taste = None;
    // A low pane has no room for air between its parts.
    let air = (inside.height > 10).then(Line::default);
    if let Some(preview) = &entry.preview {
        lines.extend(air.clone());
        lines.push(flow(preview, theme));
        lines.extend(air.clone());
        lines.push(n_steps(preview, theme));
        taste = preview.taste.as_ref();
    }
    if let Some((element, text)) = taste {
        lines.extend(air);
        lines.push(Line::from_iter([
            Span::styled(format!("{element}  "), theme.strong()),
            Span::styled(text.clone(), theme.text()),
        ]));
    }
    Paragraph::new(lines)
        .wrap(Wrap { trim: true })
        .render(inside, buffer);
}

fn flow(preview: &Preview, theme: Theme) -> Line<'static> {
    let spans = |Stop { link, tensor, op }: &Stop| {
        let op = op.map(|op| Span::styled(format!("\u{a0}{op}"), theme.quiet()));
        [
            Span::styled(*link, theme.quiet()),
            Span::styled(tensor.clone(), theme.strong()),
        ]
        .into_iter()
        .chain(op)
    };
    preview.flow.iter().flat_map(spans).collect()
}

fn n_steps(preview: &Preview, theme: Theme) -> Line<'static> {
    let count = Span::styled(preview.n_steps.to_string(), theme.strong());
    let steps = if preview.n_steps == 1 {
        " step"
    } else {
        " steps, one for each neuron that a gradient reaches"
    };
    Line::from_iter([count, Span::styled(steps, theme.quiet())])
}

fn draw_bar(gallery: &Gallery, theme: Theme, area: Rect, buffer: &mut Buffer) {
    if let Some(message) = &gallery.message {
        write(
            &[(" ", theme.note()), (message, theme.note())],
            area,
            buffer,
        );
        return;
    }
    let keys = match gallery.filter {
        // While something is typed, `q` is a letter of it.
        Some(_) => [
            ("↑↓", "choose"),
            ("Enter", "open"),
            ("Esc", "show all again"),
            ("Ctrl-C", "quit"),
        ],
        None => [
            ("↑↓", "choose"),
            ("Enter", "open"),
            ("a-z /", "find by a word"),
            ("q", "quit"),
        ],
    };
    let parts = keys.map(|(key, word)| {
        [
            (" ", theme.text()),
            (key, theme.key()),
            (" ", theme.text()),
            (word, theme.text()),
            (" ", theme.text()),
        ]
    });
    write(parts.as_flattened(), area, buffer);
}

/// Writes parts one after the other into a row, as far as it goes; returns the column after the
/// last.
fn write(parts: &[(&str, ratatui::style::Style)], row: Rect, buffer: &mut Buffer) -> u16 {
    let mut x = row.x;
    for (text, style) in parts.iter().filter(|_| row.height > 0) {
        x = buffer
            .set_stringn(
                x,
                row.y,
                text,
                usize::from(row.right().saturating_sub(x)),
                *style,
            )
            .0;
    }
    x
}
