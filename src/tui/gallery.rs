//! The list of scenarios that ship with the program.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Paragraph, Widget, Wrap};
use unicode_width::UnicodeWidthStr;

use super::app::Gallery;
use super::layout;
use super::theme::Theme;
use super::title::shortened;

pub(super) fn draw(gallery: &Gallery, theme: Theme, area: Rect, buffer: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let list = layout::gallery(area, gallery.headlines.len(), gallery.chosen);
    buffer.set_style(list.title, theme.bar());
    let heading = " backstep  step through backpropagation, one neuron at a time";
    buffer.set_stringn(list.title.x, list.title.y, heading, usize::from(list.title.width), theme.strong().patch(theme.bar()));
    let widest = gallery.headlines.iter().map(|headline| headline.title.width()).max().unwrap_or(0);
    let rows = (list.first..gallery.headlines.len()).zip(list.items.y..list.items.bottom());
    let mut end = list.items.y;
    for (number, y) in rows {
        draw_row(gallery, number, widest, theme, Rect { y, height: 1, ..list.items }, buffer);
        end = y + 1;
    }
    draw_description(gallery, theme, Rect { y: end, height: list.items.bottom().saturating_sub(end), ..list.items }, buffer);
    draw_bar(gallery, theme, list.bar, buffer);
}

fn draw_row(gallery: &Gallery, number: usize, widest: usize, theme: Theme, row: Rect, buffer: &mut Buffer) {
    let headline = &gallery.headlines[number];
    let is_chosen = number == gallery.chosen;
    let (sign, title, description) = match is_chosen {
        true => ("▸", theme.chosen(), theme.chosen()),
        false => (" ", theme.strong(), theme.quiet()),
    };
    if is_chosen {
        buffer.set_style(row, theme.chosen());
    }
    let width = usize::from(row.width.saturating_sub(3));
    buffer.set_stringn(row.x, row.y, format!(" {sign} {}", shortened(&headline.title, width)), width + 3, title);
    // The description stands beside the title where there is room for most of it.
    let column = u16::try_from(widest + 5).unwrap_or(u16::MAX);
    if row.width > column.saturating_add(30) {
        let left = usize::from(row.width - column - 1);
        buffer.set_stringn(row.x + column, row.y, shortened(&headline.description, left), left, description);
    }
}

/// Writes the whole description of the chosen scenario below the list, where there is room.
fn draw_description(gallery: &Gallery, theme: Theme, area: Rect, buffer: &mut Buffer) {
    if let Some(headline) = gallery.headlines.get(gallery.chosen).filter(|_| area.height > 3 && area.width > 10) {
        let inside = Rect { x: area.x + 3, y: area.y + 1, width: area.width - 6, height: area.height - 1 };
        let text = Paragraph::new(headline.description.as_str()).style(theme.note());
        text.wrap(Wrap { trim: true }).render(inside, buffer);
    }
}

fn draw_bar(gallery: &Gallery, theme: Theme, area: Rect, buffer: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let text = gallery.message.as_deref().unwrap_or("↑↓ choose  Enter open  q quit");
    buffer.set_stringn(area.x, area.y, format!(" {text}"), usize::from(area.width), theme.text());
}
