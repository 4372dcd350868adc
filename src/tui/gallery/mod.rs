//! The list of scenarios that ship with the program: what is chosen, what is typed to find one, and
//! how keys and the mouse change it.

mod place;
mod preview;
pub(super) mod view;

use std::collections::BTreeSet;

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Rect;

use super::flow::Flow;
use super::line::Line;
use super::options::Memory;
use crate::debugger::{Key, Session};
use crate::gallery::{self, Headline, Item, SearchWords};
use crate::scenario::Options;
use place::List;
use preview::Preview;

/// The list of scenarios.
#[derive(Debug, Clone)]
pub(super) struct Gallery {
    entries: Vec<Entry>,
    /// The entries that match what is typed, in their order.
    shown: Vec<usize>,
    /// The place of the chosen one among them.
    chosen: usize,
    /// What is typed to find a scenario, once anything is.
    filter: Option<Line>,
    /// Why the last key did nothing.
    message: Option<String>,
    options: Options,
    /// The names of the scenarios that were gone through to their ends.
    done: BTreeSet<String>,
    memory: Memory,
}

/// A scenario of the list.
#[derive(Debug, Clone)]
struct Entry {
    item: &'static Item,
    headline: Headline,
    words: SearchWords,
    /// Made when the scenario is first chosen, because opening them all would delay the first
    /// frame.
    preview: Option<Preview>,
}

/// A row of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Row {
    /// What stands above a group.
    Heading(&'static str),
    /// The entry of that place among those shown.
    Entry(usize),
}

/// What an event has led to.
pub(super) enum Picked {
    /// Nothing beyond the list.
    Nothing(Flow),
    /// A scenario to debug.
    Session(Box<Session>),
}

impl Entry {
    fn new(item: &'static Item) -> Self {
        Self {
            item,
            headline: item.headline(),
            words: SearchWords::of(item),
            preview: None,
        }
    }
}

impl Gallery {
    pub(super) fn new(options: Options, memory: Memory) -> Self {
        let entries: Vec<Entry> = gallery::ALL.iter().map(Entry::new).collect();
        let shown = (0..entries.len()).collect();
        let mut gallery = Self {
            entries,
            shown,
            chosen: 0,
            filter: None,
            message: None,
            options,
            done: (memory.done)().into_iter().collect(),
            memory,
        };
        gallery.choose(0);
        gallery
    }

    /// The chosen entry; none where nothing matches.
    fn entry(&self) -> Option<&Entry> {
        self.shown
            .get(self.chosen)
            .map(|&number| &self.entries[number])
    }

    fn is_done(&self, entry: &Entry) -> bool {
        self.done.contains(entry.item.name)
    }

    /// The rows of the list: the entries shown, each group below its heading.
    fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut last = None;
        for (place, &number) in self.shown.iter().enumerate() {
            let group = self.entries[number].item.group;
            if last != Some(group) {
                rows.push(Row::Heading(group.heading()));
            }
            rows.push(Row::Entry(place));
            last = Some(group);
        }
        rows
    }

    /// Lays out the list for its rows.
    fn list(&self, rows: &[Row], size: Rect) -> List {
        let chosen = rows
            .iter()
            .position(|&row| row == Row::Entry(self.chosen))
            .unwrap_or(0);
        place::of(size, rows.len(), chosen)
    }

    /// Chooses the entry of that place among those shown, or the last where there are fewer.
    fn choose(&mut self, place: usize) {
        self.chosen = place.min(self.shown.len().saturating_sub(1));
        let Some(&number) = self.shown.get(self.chosen) else {
            return;
        };
        let entry = &mut self.entries[number];
        if entry.preview.is_none() {
            entry.preview = entry
                .item
                .open(self.options)
                .ok()
                .map(|scenario| Preview::of(&Session::new(scenario)));
        }
    }

    /// Takes a key. Letters find a scenario, so the commands of the list have other keys; `q` quits
    /// only where it cannot be a letter of what is typed.
    pub(super) fn key(&mut self, key: Key, size: Rect) -> Picked {
        self.message = None;
        let page = usize::from(self.list(&self.rows(), size).rows.height.max(2)) - 1;
        match key {
            Key::Enter | Key::Right => return self.open(),
            Key::Ctrl('c') | Key::Ctrl('d') => return Picked::Nothing(Flow::Quit),
            Key::Ctrl('l') => return Picked::Nothing(Flow::Redraw),
            Key::Ctrl('z') => return Picked::Nothing(Flow::Suspend),
            Key::Char('q') if self.filter.is_none() => return Picked::Nothing(Flow::Quit),
            Key::Down | Key::Tab => self.choose(self.chosen.saturating_add(1)),
            Key::Up | Key::ShiftTab => self.choose(self.chosen.saturating_sub(1)),
            Key::PageDown => self.choose(self.chosen + page),
            Key::PageUp => self.choose(self.chosen.saturating_sub(page)),
            Key::Home => self.choose(0),
            Key::End => self.choose(usize::MAX),
            Key::Esc if self.filter.is_none() => {
                self.message = Some("nothing is open that could be closed; `q` quits".to_owned())
            }
            Key::Esc | Key::Ctrl('u') => self.find(None),
            Key::Backspace => self.erase(),
            Key::Char('/') if self.filter.is_none() => self.find(Some(Line::default())),
            Key::Char(character) => self.write(character.encode_utf8(&mut [0; 4])),
            _ => return Picked::Nothing(Flow::Idle),
        }
        Picked::Nothing(Flow::Draw)
    }

    pub(super) fn paste(&mut self, text: &str) -> Flow {
        self.write(text);
        Flow::Draw
    }

    /// Adds to what is typed.
    fn write(&mut self, text: &str) {
        let mut filter = self.filter.take().unwrap_or_default();
        filter.insert(text);
        self.find(Some(filter));
    }

    /// Takes the last character back, or ends the search where there is none.
    fn erase(&mut self) {
        if let Some(mut filter) = self.filter.take() {
            let was_empty = filter.is_empty();
            filter.key(Key::Backspace);
            self.find((!was_empty).then_some(filter));
        }
    }

    /// Shows what matches. The chosen entry stays chosen where it is among them.
    fn find(&mut self, filter: Option<Line>) {
        let before = self.shown.get(self.chosen).copied();
        let words = filter.as_ref().map_or("", Line::text);
        self.shown = (0..self.entries.len())
            .filter(|&number| self.entries[number].words.answer(words))
            .collect();
        self.filter = filter;
        let place = self.shown.iter().position(|&number| Some(number) == before);
        self.choose(place.unwrap_or(0));
    }

    /// Remembers that the chosen scenario was gone through to its end.
    pub(super) fn remember(&mut self) {
        let Some(name) = self.entry().map(|entry| entry.item.name) else {
            return;
        };
        if self.done.insert(name.to_owned())
            && let Err(error) = (self.memory.add)(name)
        {
            self.message = Some(format!("what is done cannot be kept: {error}"));
        }
    }

    /// Chooses the entry after the chosen one and opens it, where there is one.
    pub(super) fn open_next(&mut self) -> Option<Picked> {
        let next = Some(self.chosen + 1).filter(|&next| next < self.shown.len())?;
        self.choose(next);
        Some(self.open())
    }

    fn open(&mut self) -> Picked {
        let Some(entry) = self.entry() else {
            return Picked::Nothing(Flow::Idle);
        };
        match entry.item.open(self.options) {
            Ok(scenario) => Picked::Session(Box::new(Session::new(scenario))),
            Err(error) => {
                self.message = Some(error.message);
                Picked::Nothing(Flow::Draw)
            }
        }
    }

    /// Takes an event of the mouse: a click chooses, and a click on what is chosen opens it.
    pub(super) fn mouse(&mut self, mouse: MouseEvent, size: Rect) -> Picked {
        let rows = self.rows();
        let row = self
            .list(&rows, size)
            .row_at(mouse.column, mouse.row)
            .map(|row| rows[row]);
        match (mouse.kind, row) {
            (MouseEventKind::Down(MouseButton::Left), Some(Row::Entry(place)))
                if place == self.chosen =>
            {
                return self.open();
            }
            (MouseEventKind::Down(MouseButton::Left), Some(Row::Entry(place))) => {
                self.choose(place)
            }
            (MouseEventKind::ScrollDown, _) => self.choose(self.chosen.saturating_add(1)),
            (MouseEventKind::ScrollUp, _) => self.choose(self.chosen.saturating_sub(1)),
            _ => return Picked::Nothing(Flow::Idle),
        }
        self.message = None;
        Picked::Nothing(Flow::Draw)
    }
}
