//! What can lie on top of the panes.

use ratatui::text::{self, Span};
use unicode_width::UnicodeWidthStr;

use super::help::Help;
use super::prompt::Prompt;
use super::theme::Theme;
use super::words::broken;
use crate::debugger::{Choice, Line, Position, Session, Setting, Sheet, WIDTH};
use crate::tensor::Element;

/// Something on top of the panes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Panel {
    /// All commands and their keys.
    Help(Help),
    /// What a command shows.
    Sheet(SheetPanel),
    /// A neuron's page.
    Inspected(Inspected),
    /// A command that is being written.
    Prompt(Prompt),
}

/// A sheet, how far down it is read, and what of it is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SheetPanel {
    pub(super) sheet: Sheet,
    pub(super) scroll: usize,
    chosen: usize,
}

impl SheetPanel {
    pub(super) fn new(sheet: Sheet) -> Self {
        let chosen = sheet.chosen.min(sheet.choices.len().saturating_sub(1));
        Self {
            sheet,
            scroll: 0,
            chosen,
        }
    }

    pub(super) fn title(&self) -> String {
        let choice = self.choice();
        let does =
            |what: fn(&Choice) -> bool, says| if choice.is_some_and(what) { says } else { "" };
        let delete = does(|choice| choice.delete.is_some(), " · Delete deletes");
        // Where both stand there, a small screen has no room for more.
        let goes = match delete {
            "" => " · Enter goes there",
            _ => " · Enter goes",
        };
        let enter = does(|choice| choice.enter.is_some(), goes);
        format!(" {}{enter}{delete} · Esc closes ", self.sheet.title)
    }

    pub(super) fn choice(&self) -> Option<&Choice> {
        self.sheet.choices.get(self.chosen)
    }

    /// Chooses another line, so many further on.
    pub(super) fn choose(&mut self, by: isize) {
        let last = self.sheet.choices.len().saturating_sub(1);
        self.chosen = self.chosen.saturating_add_signed(by).min(last);
    }

    /// The row that is chosen, counted from the first of the sheet, where it has so many columns.
    pub(super) fn chosen_row(&self, width: usize) -> usize {
        self.rows_to_read(Theme::plain(), width).len() + self.chosen
    }

    fn rows_to_read(&self, theme: Theme, width: usize) -> Vec<text::Line<'static>> {
        self.sheet
            .lines
            .iter()
            .flat_map(|line| rows(line, theme, width))
            .collect()
    }

    /// The rows as they look in so many columns, the chosen one marked.
    pub(super) fn rows(&self, theme: Theme, width: usize) -> Vec<text::Line<'static>> {
        let mark = |number: usize| match number == self.chosen {
            true => Span::styled("▸ ", theme.strong()),
            false => Span::raw("  "),
        };
        let choices = self.sheet.choices.iter().enumerate();
        let choices = choices.map(|(number, choice)| {
            let room = width.saturating_sub(2);
            let spans = std::iter::once(mark(number)).chain(fitting(&choice.line, theme, room));
            text::Line::from(spans.collect::<Vec<_>>())
        });
        self.rows_to_read(theme, width)
            .into_iter()
            .chain(choices)
            .collect()
    }
}

/// A line in as many rows as it needs; all but the first are indented to where the line hangs.
fn rows(line: &Line, theme: Theme, width: usize) -> Vec<text::Line<'static>> {
    let whole: Vec<Span<'static>> = fitting(line, theme, width).collect();
    let is_too_wide = whole.iter().map(Span::width).sum::<usize>() > width;
    let hang = match line.set {
        Setting::Prose => return broken(&whole, width.min(WIDTH)),
        Setting::Row { hang } if is_too_wide && hang > 0 && hang + LEAST_HANGING <= width => hang,
        Setting::Row { .. } => return vec![text::Line::from(whole)],
        Setting::Cells => return vec![headings_row(line, theme, width)],
    };
    let mut columns = 0;
    let n_head = whole
        .iter()
        .take_while(|span| (columns < hang).then(|| columns += span.width()).is_some())
        .count();
    let (head, tail) = whole.split_at(n_head);
    let indented = broken(tail, width - hang)
        .into_iter()
        .enumerate()
        .map(|(number, row)| {
            let before = if number == 0 {
                head.to_vec()
            } else {
                vec![Span::raw(" ".repeat(hang))]
            };
            text::Line::from_iter(before.into_iter().chain(row.spans))
        });
    indented.collect()
}

/// The headings of a table, over rows one of which has a mark before it.
fn headings_row(headings: &Line, theme: Theme, width: usize) -> text::Line<'static> {
    let cells = fitting(headings, theme, width.saturating_sub(2));
    text::Line::from_iter(std::iter::once(Span::raw("  ")).chain(cells))
}

/// The fewest columns that what hangs needs to be read well.
const LEAST_HANGING: usize = 24;

/// The parts of a line; of cells as many as have room.
fn fitting(line: &Line, theme: Theme, width: usize) -> impl Iterator<Item = Span<'static>> {
    let mut columns = 0;
    let has_room = move |(text, _): &&(String, _)| {
        columns += text.width();
        line.set != Setting::Cells || columns <= width
    };
    let parts = line.parts.iter().take_while(has_room);
    parts.map(move |(text, role)| Span::styled(text.clone(), theme.role(*role)))
}

/// A neuron that is looked at from another step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inspected {
    pub(super) address: String,
    pub(super) leads: Leads,
    /// The page, and the same for a screen that is narrower.
    pages: [Vec<String>; 2],
    pub(super) scroll: usize,
}

/// Where Enter on a neuron's page leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leads {
    /// To the neuron's own step.
    To(usize),
    /// Back to the panes, for this is the neuron that is summed.
    Here,
    /// Nowhere: its gradient is given.
    Nowhere,
}

impl Inspected {
    pub(super) fn new(session: &Session, element: Element, pages: [Vec<String>; 2]) -> Self {
        let network = session.network();
        let base = Element {
            tensor: network.base(element.tensor),
            at: element.at,
        };
        let leads = match session.backprop().steps().step_of(base) {
            Some(step) if session.position() == Position::Step(step) => Leads::Here,
            Some(step) => Leads::To(step),
            None => Leads::Nowhere,
        };
        Self {
            address: network.address(element).to_string(),
            leads,
            pages,
            scroll: 0,
        }
    }

    /// The lines of the page in so many columns.
    pub(super) fn lines(&self, columns: usize) -> &[String] {
        let [page, narrow] = &self.pages;
        match page.iter().all(|line| line.width() <= columns) {
            true => page,
            false => narrow,
        }
    }

    pub(super) fn title(&self) -> String {
        match self.leads {
            Leads::To(step) => format!(
                " {} · Enter goes to its step {} · Esc closes ",
                self.address,
                step + 1
            ),
            Leads::Here => format!(" {} · Esc closes ", self.address),
            Leads::Nowhere => format!(" {} · its gradient is given · Esc closes ", self.address),
        }
    }
}
