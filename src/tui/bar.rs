//! The key bar, made from the table of commands: what the last key has led to, and what the next
//! one can do.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::debugger::Debugger;
use super::keys;
use super::theme::Theme;
use crate::debugger::commands::{self, COMMANDS};
use crate::debugger::{Bar, Position, Session};
use crate::text::shortened;

/// How important the way back to the gallery is.
const GALLERY: Bar = Bar {
    rank: 5,
    word: "gallery",
};

/// How important the next scenario is where this one is done.
const NEXT_SCENARIO: Bar = Bar {
    rank: 1,
    word: "next scenario",
};

/// The width from which on keys stand beside a message.
const WORTHWHILE: u16 = 24;

/// A word of the bar, and the keys that stand before it.
struct Entry {
    keys: String,
    bar: Bar,
    is_enabled: bool,
}

impl Entry {
    fn width(&self) -> usize {
        self.keys.width() + self.bar.word.width() + 3
    }
}

pub(super) fn draw(
    debugger: &Debugger,
    has_gallery: bool,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    let playing = || {
        format!(
            "▶ {} · + faster · - slower · any other key stops",
            debugger.play.pace()
        )
    };
    let running = debugger.running.as_ref();
    let running = running.map(|running| running.words(&debugger.session));
    let is_busy = running.is_some();
    let message = running
        .or_else(|| debugger.message())
        .or_else(|| debugger.play.is_playing().then(playing));
    let Some(message) = message else {
        let mut entries = entries(&debugger.session);
        entries.extend(has_gallery.then(|| Entry {
            keys: "Esc".to_owned(),
            bar: GALLERY,
            is_enabled: true,
        }));
        let is_done = has_gallery && debugger.session.position() == Position::End;
        let key = commands::named("next scenario").and_then(|command| command.keys.first());
        entries.extend(key.filter(|_| is_done).map(|&key| Entry {
            keys: keys::sign(key),
            bar: NEXT_SCENARIO,
            is_enabled: true,
        }));
        return draw_keys(entries, theme, area, buffer);
    };
    let text = shortened(&message, usize::from(area.width.saturating_sub(2)));
    let (end, _) = buffer.set_stringn(
        area.x + 1,
        area.y,
        text,
        usize::from(area.width.saturating_sub(1)),
        theme.note(),
    );
    let start = end.saturating_add(2);
    let left = Rect {
        x: start,
        width: area.right().saturating_sub(start),
        ..area
    };
    if left.width >= WORTHWHILE && !debugger.play.is_playing() && !is_busy {
        draw_keys(entries(&debugger.session), theme, left, buffer);
    }
}

fn draw_keys(entries: Vec<Entry>, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let mut x = area.x + 1;
    for entry in fitting(entries, usize::from(area.width)) {
        let (key, word) = if entry.is_enabled {
            (theme.key(), theme.text())
        } else {
            (theme.faint(), theme.faint())
        };
        let room = |x: u16| usize::from(area.right().saturating_sub(x));
        let (end, _) = buffer.set_stringn(x, area.y, &entry.keys, room(x), key);
        let (end, _) = buffer.set_stringn(end + 1, area.y, entry.bar.word, room(end + 1), word);
        x = end + 2;
    }
}

/// Leaves out the least important entries until the others fit.
fn fitting(mut entries: Vec<Entry>, width: usize) -> Vec<Entry> {
    while entries.iter().map(Entry::width).sum::<usize>() > width {
        let least = entries
            .iter()
            .enumerate()
            .max_by_key(|(_, entry)| entry.bar.rank)
            .map(|(number, _)| number);
        let Some(least) = least else { break };
        entries.remove(least);
    }
    entries
}

/// The words of the bar in the order of the table, those of several commands joined.
fn entries(session: &Session) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for command in COMMANDS {
        let (Some(bar), Some(key)) = (command.bar, command.keys.first()) else {
            continue;
        };
        let is_enabled = (command.enabled)(session).is_ok();
        match entries.iter_mut().find(|entry| entry.bar.word == bar.word) {
            Some(entry) => {
                if entry.keys.chars().count() == 1 {
                    entry.keys.push_str(&keys::sign(*key));
                }
                entry.is_enabled |= is_enabled;
            }
            None => entries.push(Entry {
                keys: keys::sign(*key),
                bar,
                is_enabled,
            }),
        }
    }
    entries
}
