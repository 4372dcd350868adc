//! The key bar, made from the table of commands: what the last key has led to, and what the next
//! one can do.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position as Place, Rect};
use ratatui::widgets::{Clear, Widget};
use unicode_width::UnicodeWidthStr;

use super::debugger::Debugger;
use super::keys;
use super::layout::Panes;
use super::theme::Theme;
use crate::debugger::commands::{self, COMMANDS};
use crate::debugger::{Bar, Key, Position, Session};
use crate::text::{shortened, wrapped};

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

/// The key that shows other panes.
const FOLD: Key = Key::Char('z');

/// How important the way to the map is where there is no room for it beside the terms.
const MAP: Bar = Bar {
    rank: 5,
    word: "map",
};

/// The width from which on keys stand beside a message.
const WORTHWHILE: u16 = 24;

/// A word of the bar, and the keys that stand before it.
struct Entry {
    keys: Vec<Key>,
    bar: Bar,
    is_enabled: bool,
}

impl Entry {
    fn of(key: Key, bar: Bar) -> Self {
        Self {
            keys: vec![key],
            bar,
            is_enabled: true,
        }
    }

    fn signs(&self) -> String {
        self.keys.iter().map(|&key| keys::sign(key)).collect()
    }

    fn width(&self) -> usize {
        self.signs().width() + self.bar.word.width() + 3
    }

    /// The key whose sign stands so many columns from the entry's left end; at the word it is the
    /// first.
    fn key_at(&self, column: usize) -> Option<Key> {
        let mut end = 0;
        let mut keys = self.keys.iter().copied();
        let signed = keys.find(|&key| {
            end += keys::sign(key).width();
            column < end
        });
        let is_word = column < self.width() - 2;
        signed.or_else(|| self.keys.first().copied().filter(|_| is_word))
    }
}

/// The most rows of a message: those above the bar lie on what stands there.
const MOST_ROWS: usize = 4;

/// What the bar shows: a message, and keys where it leaves room for them.
struct Content {
    /// The message in rows, the last of which stands on the bar.
    message: Vec<String>,
    entries: Vec<Entry>,
    /// Where the keys stand.
    area: Rect,
}

pub(super) fn draw(
    debugger: &Debugger,
    has_gallery: bool,
    theme: Theme,
    panes: &Panes,
    buffer: &mut Buffer,
) {
    let (content, area) = (Content::of(debugger, has_gallery, panes), panes.bar);
    let room = usize::from(area.width.saturating_sub(1));
    for (line, above) in content.message.iter().rev().zip(0..) {
        let row = Rect {
            y: area.y.saturating_sub(above),
            ..area
        };
        if above > 0 {
            Clear.render(row, buffer);
        }
        buffer.set_stringn(row.x + 1, row.y, line, room, theme.note());
    }
    for (x, entry) in content.placed() {
        let (key, word) = if entry.is_enabled {
            (theme.key(), theme.text())
        } else {
            (theme.faint(), theme.faint())
        };
        let room = |x: u16| usize::from(area.right().saturating_sub(x));
        let (end, _) = buffer.set_stringn(x, area.y, entry.signs(), room(x), key);
        buffer.set_stringn(end + 1, area.y, entry.bar.word, room(end + 1), word);
    }
}

/// The key that stands at a place, where pressing it does something.
pub(super) fn key_at(
    debugger: &Debugger,
    has_gallery: bool,
    panes: &Panes,
    place: Place,
) -> Option<Key> {
    let content = Content::of(debugger, has_gallery, panes);
    let here = panes.bar.contains(place).then_some(place.x)?;
    let placed = content
        .placed()
        .filter(|(x, entry)| entry.is_enabled && *x <= here);
    let (x, entry) = placed.last()?;
    entry.key_at(usize::from(here - x))
}

impl Content {
    fn of(debugger: &Debugger, has_gallery: bool, panes: &Panes) -> Self {
        let area = panes.bar;
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
            return Self {
                message: Vec::new(),
                entries: entries_and_ways_on(&debugger.session, has_gallery, panes.map.is_some()),
                area,
            };
        };
        let message = in_rows(&message, usize::from(area.width.saturating_sub(2)));
        let last = message.last().map_or(0, |line| line.width());
        let width = u16::try_from(last).unwrap_or(area.width);
        let start = area.x.saturating_add(width).saturating_add(3);
        let left = Rect {
            x: start,
            width: area.right().saturating_sub(start),
            ..area
        };
        let is_short = message.len() == 1 && left.width >= WORTHWHILE;
        let has_keys = is_short && !debugger.play.is_playing() && !is_busy;
        Self {
            message,
            entries: match has_keys {
                true => entries(&debugger.session),
                false => Vec::new(),
            },
            area: left,
        }
    }

    /// The keys for which there is room, each with its column.
    fn placed(self) -> impl Iterator<Item = (u16, Entry)> {
        let mut x = self.area.x + 1;
        let entries = fitting(self.entries, usize::from(self.area.width));
        entries.into_iter().map(move |entry| {
            let start = x;
            x += u16::try_from(entry.width()).unwrap_or_default();
            (start, entry)
        })
    }
}

/// A message in rows of a width. One that takes more of them than there may be ends in dots.
fn in_rows(message: &str, width: usize) -> Vec<String> {
    let mut rows = wrapped(message, width);
    let rest = rows.split_off(MOST_ROWS.min(rows.len()));
    let last = rows.len().saturating_sub(1);
    let fit = |(number, row): (usize, &String)| match number == last && !rest.is_empty() {
        true => shortened(&format!("{row} {}", rest[0]), width).into_owned(),
        false => shortened(row, width).into_owned(),
    };
    rows.iter().enumerate().map(fit).collect()
}

/// The words of the bar, with those that lead to another scenario.
fn entries_and_ways_on(session: &Session, has_gallery: bool, has_map: bool) -> Vec<Entry> {
    let mut entries = entries(session);
    let mut folds = entries
        .iter_mut()
        .filter(|entry| entry.keys.contains(&FOLD));
    if let Some(fold) = folds.next().filter(|_| !has_map) {
        fold.bar = MAP;
    }
    entries.extend(has_gallery.then(|| Entry::of(Key::Esc, GALLERY)));
    let is_done = has_gallery && session.position() == Position::End;
    let key = commands::named("next scenario").and_then(|command| command.keys.first());
    let key = key.filter(|_| is_done);
    entries.extend(key.map(|&key| Entry::of(key, NEXT_SCENARIO)));
    entries
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
                if entry.signs().chars().count() == 1 {
                    entry.keys.push(*key);
                }
                entry.is_enabled |= is_enabled;
            }
            None => entries.push(Entry {
                is_enabled,
                ..Entry::of(*key, bar)
            }),
        }
    }
    entries
}
