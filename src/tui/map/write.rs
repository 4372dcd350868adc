//! What is written on the map.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// The sign of a term: its number in a circle, then letters, as far as there are such signs.
pub(in crate::tui) fn mark(number: usize) -> String {
    const CIRCLED: &str = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳ⓐⓑⓒⓓⓔⓕⓖⓗⓘⓙⓚⓛⓜⓝⓞⓟⓠⓡⓢⓣⓤⓥⓦⓧⓨⓩ\
                           ⒶⒷⒸⒹⒺⒻⒼⒽⒾⒿⓀⓁⓂⓃⓄⓅⓆⓇⓈⓉⓊⓋⓌⓍⓎⓏ";
    CIRCLED
        .chars()
        .nth(number)
        .map_or_else(|| "•".to_owned(), String::from)
}

/// Writes a text as far as the area goes, and returns where it ends.
pub(super) fn put(
    buffer: &mut Buffer,
    area: Rect,
    x: u16,
    y: u16,
    text: &str,
    style: Style,
) -> u16 {
    if !area.contains((x, y).into()) {
        return x;
    }
    buffer
        .set_stringn(x, y, text, usize::from(area.right() - x), style)
        .0
}
