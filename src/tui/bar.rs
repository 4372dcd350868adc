//! The key bar, made from the table of commands, and the messages that take its place.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::keys;
use super::theme::Theme;
use crate::debugger::Session;
use crate::debugger::commands::COMMANDS;

/// A word of the bar, and the keys that stand before it.
struct Entry {
    keys: String,
    word: &'static str,
    is_enabled: bool,
}

impl Entry {
    fn width(&self) -> u16 {
        u16::try_from(self.keys.width() + self.word.width() + 1).unwrap_or(u16::MAX)
    }
}

pub(super) fn draw(session: &Session, has_gallery: bool, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let mut entries = entries(session);
    if has_gallery {
        entries.push(Entry { keys: "Esc".to_owned(), word: "gallery", is_enabled: true });
    }
    // The last entry of the table leads to all others, so it keeps its place when there is not room for all.
    let (last, mut x) = (entries.iter().position(|entry| entry.word == "all keys"), area.x + 1);
    let reserved = last.map_or(0, |last| entries[last].width() + 2);
    for (number, entry) in entries.iter().enumerate() {
        let is_last = Some(number) == last;
        let needed = entry.width() + if is_last { 0 } else { reserved };
        if x + needed > area.right() {
            continue;
        }
        let (key_style, word_style) = if entry.is_enabled { (theme.key(), theme.text()) } else { (theme.faint(), theme.faint()) };
        let (end, _) = buffer.set_stringn(x, area.y, &entry.keys, usize::from(area.right() - x), key_style);
        let (end, _) =
            buffer.set_stringn(end + 1, area.y, entry.word, usize::from(area.right().saturating_sub(end + 1)), word_style);
        x = end + 2;
    }
}

/// The words of the bar in the order of the table, those of several commands joined.
fn entries(session: &Session) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for command in COMMANDS.iter().filter(|command| !command.bar.is_empty()) {
        let Some(key) = command.keys.first() else { continue };
        let is_enabled = (command.enabled)(session).is_ok();
        match entries.iter_mut().find(|entry| entry.word == command.bar) {
            Some(entry) if entry.keys.chars().count() == 1 => {
                entry.keys.push_str(keys::sign(key));
                entry.is_enabled |= is_enabled;
            }
            Some(entry) => entry.is_enabled |= is_enabled,
            None => entries.push(Entry { keys: keys::sign(key).to_owned(), word: command.bar, is_enabled }),
        }
    }
    entries
}

pub(super) fn draw_message(message: &str, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let text = super::title::shortened(message, usize::from(area.width.saturating_sub(2)));
    buffer.set_stringn(area.x + 1, area.y, text, usize::from(area.width.saturating_sub(1)), theme.note());
}
