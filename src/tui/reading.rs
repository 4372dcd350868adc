//! Texts that are read on top of the panes: what commands say, a neuron's page, and the help
//! screen.

use ratatui::layout::Rect;
use ratatui::text::{self, Span};

use super::app::{Answer, Debugger, Flow, Panel};
use super::help::Help;
use super::line::Edited;
use super::overlay;
use super::theme::Theme;
use crate::debugger::{Choice, Key, Line, Position, Session, Setting, Sheet, WIDTH};
use crate::tensor::Element;

/// A sheet, how far down it is read, and what of it is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leaf {
    pub(super) sheet: Sheet,
    pub(super) scroll: usize,
    chosen: usize,
}

impl Leaf {
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
        let enter = does(|choice| choice.enter.is_some(), " · Enter goes there");
        let delete = does(|choice| choice.delete.is_some(), " · Delete deletes");
        format!(" {}{enter}{delete} · Esc closes ", self.sheet.title)
    }

    fn choice(&self) -> Option<&Choice> {
        self.sheet.choices.get(self.chosen)
    }

    /// Chooses another line, so many further on.
    fn choose(&mut self, by: isize) {
        let last = self.sheet.choices.len().saturating_sub(1);
        self.chosen = self.chosen.saturating_add_signed(by).min(last);
    }

    /// The row that is chosen, counted from the first of the sheet, where it has so many columns.
    fn chosen_row(&self, width: usize) -> usize {
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
            let spans = std::iter::once(mark(number)).chain(spans(&choice.line, theme));
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
    let whole: Vec<Span<'static>> = spans(line, theme).collect();
    let is_too_wide = whole.iter().map(Span::width).sum::<usize>() > width;
    let hang = match line.set {
        Setting::Prose => return super::words::broken(&whole, width.min(WIDTH)),
        Setting::Row { hang } if is_too_wide && hang > 0 && hang + LEAST_HANGING <= width => hang,
        Setting::Row { .. } => return vec![text::Line::from(whole)],
    };
    let mut columns = 0;
    let n_head = whole
        .iter()
        .take_while(|span| (columns < hang).then(|| columns += span.width()).is_some())
        .count();
    let (head, tail) = whole.split_at(n_head);
    let indented = super::words::broken(tail, width - hang)
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

/// The fewest columns that what hangs needs to be read well.
const LEAST_HANGING: usize = 24;

fn spans(line: &Line, theme: Theme) -> impl Iterator<Item = Span<'static>> {
    line.parts
        .iter()
        .map(move |(text, role)| Span::styled(text.clone(), theme.role(*role)))
}

/// A neuron that is looked at from another step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inspected {
    pub(super) address: String,
    leads: Leads,
    pub(super) lines: Vec<String>,
    pub(super) scroll: usize,
}

/// Where Enter on a neuron's page leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leads {
    /// To the neuron's own step.
    To(usize),
    /// Back to the panes, for this is the neuron that is summed.
    Here,
    /// Nowhere: its gradient is given.
    Nowhere,
}

impl Inspected {
    pub(super) fn new(session: &Session, element: Element, lines: Vec<String>) -> Self {
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
            lines,
            scroll: 0,
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

/// How a key moves a text from how far down it is scrolled.
type Scroll = fn(usize) -> usize;

/// The number of lines by which a page is turned.
const PAGE: usize = 10;

/// Returns how a key scrolls.
fn scrolling(key: Key) -> Option<Scroll> {
    Some(match key {
        Key::Down => |scroll| scroll.saturating_add(1),
        Key::Up => |scroll| scroll.saturating_sub(1),
        Key::PageDown => |scroll| scroll.saturating_add(PAGE),
        Key::PageUp => |scroll| scroll.saturating_sub(PAGE),
        Key::Home => |_| 0,
        Key::End => |_| usize::MAX,
        _ => return None,
    })
}

/// Returns the key that a letter stands for where no letters are written.
fn key_of_letter(key: Key) -> Key {
    match key {
        Key::Char('j') => Key::Down,
        Key::Char('k') => Key::Up,
        Key::Char(' ') => Key::PageDown,
        Key::Char('g' | '<') => Key::Home,
        Key::Char('G' | '>') => Key::End,
        Key::Char('q' | '?') | Key::F(1) | Key::Backspace => Key::Esc,
        other => other,
    }
}

impl Debugger {
    /// Takes a key while a text is read. What means nothing to the text must not move the panes
    /// behind it unseen.
    pub(super) fn key_while_reading(&mut self, key: Key, size: Rect) -> Answer {
        match key {
            Key::Ctrl('c') => return Flow::Quit.into(),
            Key::Ctrl('l') => return Flow::Redraw.into(),
            Key::Ctrl('z') => return Flow::Suspend.into(),
            _ => {}
        }
        match self.panels.last_mut() {
            Some(Panel::Help(help)) => match help_key(help, key) {
                Reading::Goes(scroll) => self.scroll_panel(size, scroll),
                Reading::On => {}
                Reading::Done => drop(self.panels.pop()),
                Reading::NoKey => return Flow::Idle.into(),
            },
            Some(Panel::Sheet(leaf)) if !leaf.sheet.choices.is_empty() => {
                return self.key_at_choices(key_of_letter(key), size);
            }
            _ => return self.key_at_text(key_of_letter(key), size),
        }
        Flow::Draw.into()
    }

    fn key_at_text(&mut self, key: Key, size: Rect) -> Answer {
        match (key, scrolling(key)) {
            (Key::Enter, _) => self.enter(),
            (Key::Esc | Key::Ctrl('d'), _) => drop(self.panels.pop()),
            (_, Some(scroll)) => self.scroll_panel(size, scroll),
            (_, None) => return Flow::Idle.into(),
        }
        Flow::Draw.into()
    }

    /// Takes a key where something can be chosen: what would scroll a line chooses the next one.
    fn key_at_choices(&mut self, key: Key, size: Rect) -> Answer {
        let by = match key {
            Key::Down => 1,
            Key::Up => -1,
            Key::Home => isize::MIN,
            Key::End => isize::MAX,
            Key::Enter => return self.obey_choice(|choice| choice.enter.clone()),
            Key::Delete | Key::Char('d') => {
                return self.obey_choice(|choice| choice.delete.clone());
            }
            _ => return self.key_at_text(key, size),
        };
        if let Some(Panel::Sheet(leaf)) = self.panels.last_mut() {
            leaf.choose(by);
        }
        self.show_choice(size);
        Flow::Draw.into()
    }

    /// Closes the sheet and obeys what one of its choices says.
    fn obey_choice(&mut self, says: fn(&Choice) -> Option<String>) -> Answer {
        let Some(Panel::Sheet(leaf)) = self.panels.last() else {
            return Flow::Idle.into();
        };
        match leaf.choice().and_then(says) {
            Some(line) => {
                self.panels.pop();
                self.obey_line(&line)
            }
            None => Flow::Idle.into(),
        }
    }

    /// Scrolls a sheet to where its chosen line can be seen.
    fn show_choice(&mut self, size: Rect) {
        let Some(Panel::Sheet(leaf)) = self.panels.last() else {
            return;
        };
        let line = leaf.chosen_row(overlay::columns(size));
        let height = overlay::text(&Panel::Sheet(leaf.clone()), Theme::plain(), size)
            .map_or(1, |text| text.n_shown(size).max(1));
        self.scroll_panel(size, |scroll| {
            scroll.clamp((line + 1).saturating_sub(height), line)
        });
    }

    /// Closes the text; from a neuron's page it goes to its step.
    fn enter(&mut self) {
        let Some(Panel::Inspected(inspected)) = self.panels.pop() else {
            return;
        };
        match inspected.leads {
            Leads::Here => {}
            Leads::To(step) => {
                self.session.jump_to(Position::Step(step));
                (self.page, self.scroll) = (0, 0);
            }
            Leads::Nowhere => {
                self.message = Some(format!(
                    "`{}` has no step: its gradient is given",
                    inspected.address
                ))
            }
        }
    }

    /// Scrolls the text on top, no further than to its last line.
    pub(super) fn scroll_panel(&mut self, size: Rect, to: impl FnOnce(usize) -> usize) {
        let Some(panel) = self.panels.last_mut() else {
            return;
        };
        let most = overlay::text(panel, Theme::plain(), size).map_or(0, |text| text.furthest(size));
        let scroll = match panel {
            Panel::Help(help) => &mut help.scroll,
            Panel::Sheet(leaf) => &mut leaf.scroll,
            Panel::Inspected(inspected) => &mut inspected.scroll,
            Panel::Prompt(_) => return,
        };
        *scroll = to(*scroll).min(most);
    }
}

/// What a key does on the help screen.
enum Reading {
    Goes(Scroll),
    On,
    Done,
    NoKey,
}

/// On the help screen letters are written: they search it.
fn help_key(help: &mut Help, key: Key) -> Reading {
    if let Some(scroll) = scrolling(key) {
        return Reading::Goes(scroll);
    }
    match key {
        Key::Esc | Key::Ctrl('d') | Key::F(1) | Key::Char('?') | Key::Backspace | Key::Enter
            if help.filter.is_empty() =>
        {
            Reading::Done
        }
        Key::Esc => {
            *help = Help::default();
            Reading::On
        }
        _ if help.filter.key(key) == Edited::NoKey => Reading::NoKey,
        _ => {
            help.scroll = 0;
            Reading::On
        }
    }
}
