//! The line at the foot of the screen, in which a command, a place or a name is written.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position as Place, Rect};
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::line::{Edited, Line};
use super::theme::Theme;
use crate::debugger::{
    Ask, Candidate, CommandError, Completion, Key, ParseError, Position, Session, complete,
};

/// The most candidates that are shown at once.
const MOST_SHOWN: usize = 8;

/// What `goto` begins with when its key opens the prompt.
const GOTO: &str = "goto ";

/// A line that is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Prompt {
    pub(super) purpose: Purpose,
    /// Whether a second `g` goes to the start.
    takes_second_key: bool,
    line: Line,
    /// What is wrong with the line.
    complaint: Option<Complaint>,
    /// What the search has found so far, or that it finds nothing.
    pub(super) found: Option<Result<String, CommandError>>,
    choice: Option<Choice>,
    /// How the line can go on.
    offers: Vec<Candidate>,
    recalled: Option<Recalled>,
}

/// What the line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A command.
    Command,
    /// Where to go, asked by a key: a second key can still make it another command.
    Place,
    /// A part of a tensor's name. The search shows what it finds, and returns to where it began.
    Search { from: Position },
}

/// What is wrong with the line, and at which bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Complaint {
    at: Range<usize>,
    says: String,
}

/// The candidates of a completion, and the one that is in the line.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Choice {
    at: usize,
    candidates: Vec<Candidate>,
    chosen: usize,
}

/// A line of the history that is shown in place of the one that was being written.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Recalled {
    place: usize,
    draft: String,
}

/// What a key at the prompt has led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Typed {
    /// The line is another.
    Changed,
    /// The line is to be obeyed.
    Done,
    /// The prompt is to be left.
    Left,
    /// The key means nothing here.
    NoKey,
}

/// What stands above the line while nothing is chosen from.
enum Hint<'a> {
    Keys(&'static str),
    Found(&'a str),
    NotFound(&'a CommandError),
    Offers(&'a [Candidate]),
}

impl Prompt {
    pub(super) fn new(ask: Ask, session: &Session) -> Self {
        let (purpose, start) = match &ask {
            Ask::Command => (Purpose::Command, ""),
            Ask::Place => (Purpose::Place, GOTO),
            Ask::Name => (
                Purpose::Search {
                    from: session.position(),
                },
                "",
            ),
            Ask::Rest(start) => (Purpose::Command, start.as_str()),
        };
        // Where a tensor's name begins with it, a second `g` is the beginning of that name.
        let takes_second_key = !session
            .network()
            .tensors()
            .iter()
            .any(|tensor| tensor.name.starts_with('g'));
        Self {
            purpose,
            takes_second_key,
            line: Line::new(start),
            complaint: None,
            found: None,
            choice: None,
            offers: Vec::new(),
            recalled: None,
        }
    }

    pub(super) fn text(&self) -> &str {
        self.line.text()
    }

    /// Shows what is wrong with the line.
    pub(super) fn complain(&mut self, ParseError { at, kind }: &ParseError) {
        let hint = kind
            .hint()
            .map_or_else(String::new, |hint| format!(": {hint}"));
        self.complaint = Some(Complaint {
            at: at.clone(),
            says: format!("{kind}{hint}"),
        });
    }

    /// Whether nothing has been written since a key asked for a place.
    pub(super) fn awaits_second_key(&self) -> bool {
        self.takes_second_key && self.purpose == Purpose::Place && self.text() == GOTO
    }

    /// Writes at the cursor.
    pub(super) fn insert(&mut self, text: &str) {
        self.line.insert(text);
        self.begin_anew();
    }

    /// Takes a key. Earlier lines come from `history`, the latest last.
    pub(super) fn key(&mut self, key: Key, session: &Session, history: &[String]) -> Typed {
        match key {
            Key::Esc | Key::Ctrl('c') | Key::Ctrl('g') => Typed::Left,
            Key::Backspace | Key::Ctrl('h') | Key::Ctrl('d') if self.line.is_empty() => Typed::Left,
            Key::Enter => Typed::Done,
            Key::Tab => self.complete(session, 1),
            Key::ShiftTab => self.complete(session, -1),
            Key::Up | Key::Ctrl('p') => self.recall(history, -1),
            Key::Down | Key::Ctrl('n') => self.recall(history, 1),
            _ => match self.line.key(key) {
                Edited::NoKey => Typed::NoKey,
                Edited::Moved => Typed::Changed,
                Edited::Changed => {
                    self.begin_anew();
                    Typed::Changed
                }
            },
        }
    }

    /// Looks up how the line can go on where it is being written, for it to be shown.
    pub(super) fn offer(&mut self, session: &Session) {
        let is_written = self.is_of_commands() && !self.line.is_empty() && self.choice.is_none();
        let is_at_end = self.line.cursor() == self.text().len();
        self.offers = match is_written && is_at_end {
            true => complete(self.text(), session).candidates,
            false => Vec::new(),
        };
    }

    fn is_of_commands(&self) -> bool {
        !matches!(self.purpose, Purpose::Search { .. })
    }

    /// Forgets what was said about the line before it changed.
    fn begin_anew(&mut self) {
        (self.complaint, self.choice, self.recalled) = (None, None, None);
        if self.purpose == Purpose::Place && !self.text().starts_with(GOTO) {
            self.purpose = Purpose::Command;
        }
    }

    /// Puts the next candidate into the line.
    fn complete(&mut self, session: &Session, by: isize) -> Typed {
        self.complaint = None;
        if let Some(choice) = &mut self.choice {
            choice.chosen = choice
                .chosen
                .wrapping_add_signed(by)
                .wrapping_add(choice.candidates.len())
                % choice.candidates.len();
        } else {
            self.choice = self.choices(session, by);
        }
        let Some(choice) = &self.choice else {
            return Typed::Changed;
        };
        let Some(candidate) = choice.candidates.get(choice.chosen) else {
            return Typed::Changed;
        };
        self.line.replace_from(choice.at, &candidate.text);
        if choice.candidates.len() == 1 {
            // There is nothing to choose, so the line goes on.
            if !candidate.usage.is_empty() {
                self.line.insert(" ");
            }
            self.choice = None;
        }
        Typed::Changed
    }

    fn choices(&mut self, session: &Session, by: isize) -> Option<Choice> {
        let command = if matches!(self.purpose, Purpose::Search { .. }) {
            "search "
        } else {
            ""
        };
        let Completion { at, candidates } =
            complete(&format!("{command}{}", self.line.before_cursor()), session);
        let at = at.saturating_sub(command.len());
        if candidates.is_empty() {
            let at = at..self.line.cursor();
            self.complaint = Some(Complaint {
                at,
                says: "nothing that begins like this can stand here".to_owned(),
            });
            return None;
        }
        let chosen = if by < 0 { candidates.len() - 1 } else { 0 };
        Some(Choice {
            at,
            candidates,
            chosen,
        })
    }

    /// Shows an earlier or later line of the history.
    fn recall(&mut self, history: &[String], by: isize) -> Typed {
        if !self.is_of_commands() {
            return Typed::NoKey;
        }
        let (now, draft) = match self.recalled.take() {
            Some(Recalled { place, draft }) => (place, draft),
            None => (history.len(), self.text().to_owned()),
        };
        let place = now.saturating_add_signed(by).min(history.len());
        self.line = Line::new(history.get(place).unwrap_or(&draft));
        self.begin_anew();
        self.recalled = (place < history.len()).then_some(Recalled { place, draft });
        Typed::Changed
    }

    /// What can be done, how the line can go on, or what the search has found.
    fn hint(&self) -> Hint<'_> {
        match (&self.found, self.purpose) {
            (Some(Ok(found)), _) => Hint::Found(found),
            (Some(Err(reason)), _) => Hint::NotFound(reason),
            (None, Purpose::Place) if self.awaits_second_key() => {
                Hint::Keys("`g` again: the start · Tab: completes · Esc: closes")
            }
            (None, Purpose::Command) if self.line.is_empty() => {
                Hint::Keys("Tab: completes · ↑: earlier commands · Esc: closes")
            }
            (None, Purpose::Search { .. }) => {
                Hint::Keys("a part of a tensor's name · Enter: goes there · Esc: goes back")
            }
            (None, Purpose::Command | Purpose::Place) if self.offers.is_empty() => {
                Hint::Keys("Enter: does it · Esc: closes")
            }
            (None, Purpose::Command | Purpose::Place) => Hint::Offers(&self.offers),
        }
    }

    /// The rows above the line.
    fn n_above(&self) -> usize {
        match &self.choice {
            Some(choice) => choice.candidates.len().min(MOST_SHOWN) + 1,
            None => 1,
        }
    }

    /// The rows that the prompt takes: what can be written, the line, and what is wrong with it.
    pub(super) fn height(&self) -> u16 {
        let below = if self.complaint.is_some() { 2 } else { 0 };
        u16::try_from(self.n_above() + 1 + below).unwrap_or(u16::MAX)
    }

    /// Draws the prompt. Returns where the terminal's cursor goes.
    pub(super) fn draw(&self, theme: Theme, area: Rect, buffer: &mut Buffer) -> Option<Place> {
        if area.is_empty() {
            return None;
        }
        // Where there is no room for all, the line itself is what stays.
        let above = u16::try_from(self.n_above())
            .unwrap_or(u16::MAX)
            .min(area.height - 1);
        let over = Rect {
            height: above,
            ..area
        };
        match (&self.choice, self.hint()) {
            (Some(choice), _) => choice.draw(theme, over, buffer),
            (None, Hint::Keys(keys)) => row(buffer, over, 0, 2, keys, theme.quiet()),
            (None, Hint::Found(found)) => row(buffer, over, 0, 2, found, theme.note()),
            (None, Hint::NotFound(reason)) => {
                row(buffer, over, 0, 2, &reason.to_string(), theme.wrong())
            }
            (None, Hint::Offers(offers)) => draw_offers(offers, theme, over, buffer),
        }
        self.draw_line(
            theme,
            Rect {
                y: area.y + above,
                height: area.height - above,
                ..area
            },
            buffer,
        )
    }

    fn draw_line(&self, theme: Theme, area: Rect, buffer: &mut Buffer) -> Option<Place> {
        let width = usize::from(area.width);
        let text = self.line.text();
        let column = |byte: usize| 2 + text[..text.floor_char_boundary(byte)].width();
        // A line that is longer than the screen is shown from where its cursor can be seen.
        let cursor = column(self.line.cursor());
        let shift = (cursor + 1).saturating_sub(width);
        let sign = if matches!(self.purpose, Purpose::Search { .. }) {
            '/'
        } else {
            ':'
        };
        buffer.set_stringn(
            area.x,
            area.y,
            skip(&format!("{sign} {text}"), shift),
            width,
            theme.strong(),
        );
        if let Some(complaint) = &self.complaint {
            let at = column(complaint.at.start).saturating_sub(shift);
            let wide = column(complaint.at.end)
                .saturating_sub(shift)
                .saturating_sub(at)
                .max(1);
            row(buffer, area, 1, at, &"^".repeat(wide), theme.wrong());
            row(buffer, area, 2, 2, &complaint.says, Style::new());
        }
        let x = u16::try_from(cursor - shift).unwrap_or(0);
        Some(Place {
            x: area.x + x.min(area.width - 1),
            y: area.y,
        })
    }
}

impl Choice {
    /// Draws the candidates around the chosen one, below a rule that counts them.
    fn draw(&self, theme: Theme, area: Rect, buffer: &mut Buffer) {
        let rule = "─".repeat(usize::from(area.width));
        row(buffer, area, 0, 0, &rule, theme.frame());
        row(
            buffer,
            area,
            0,
            2,
            &format!(" {} of {} ", self.chosen + 1, self.candidates.len()),
            theme.quiet(),
        );
        let room = usize::from(area.height.saturating_sub(1));
        let first = self
            .chosen
            .saturating_sub(room / 2)
            .min(self.candidates.len().saturating_sub(room));
        let widest = self
            .candidates
            .iter()
            .map(|candidate| candidate.text.width() + candidate.usage.width() + 1)
            .max()
            .unwrap_or(0);
        for (line, (number, candidate)) in
            (1..).zip(self.candidates.iter().enumerate().skip(first).take(room))
        {
            let is_chosen = number == self.chosen;
            if is_chosen {
                row(buffer, area, line, 0, "▸", theme.strong());
            }
            row(
                buffer,
                area,
                line,
                2,
                &candidate.text,
                if is_chosen {
                    theme.strong()
                } else {
                    theme.text()
                },
            );
            row(
                buffer,
                area,
                line,
                3 + candidate.text.width(),
                &candidate.usage,
                theme.quiet(),
            );
            row(
                buffer,
                area,
                line,
                4 + widest,
                candidate.help,
                theme.quiet(),
            );
        }
    }
}

/// Draws how the line can go on: what Tab takes first, then as much of the rest as there is room
/// for; a command alone with what it does.
fn draw_offers(offers: &[Candidate], theme: Theme, area: Rect, buffer: &mut Buffer) {
    let width = usize::from(area.width);
    let mut column = 2;
    for (number, offer) in offers.iter().enumerate() {
        let is_last = number + 1 == offers.len();
        let room = width.saturating_sub(if is_last { 0 } else { 2 });
        if column + offer.text.width() > room && number > 0 {
            row(buffer, area, 0, column, "…", theme.quiet());
            return;
        }
        let style = if number == 0 {
            theme.key()
        } else {
            theme.quiet()
        };
        row(buffer, area, 0, column, &offer.text, style);
        column += offer.text.width() + 2;
    }
    if let [only] = offers {
        let takes = format!("{}  {}", only.usage, only.help);
        row(buffer, area, 0, column - 1, &takes, theme.quiet());
    }
}

fn row(buffer: &mut Buffer, area: Rect, line: u16, column: usize, text: &str, style: Style) {
    let column = u16::try_from(column).unwrap_or(u16::MAX);
    if line < area.height && column < area.width {
        buffer.set_stringn(
            area.x + column,
            area.y + line,
            text,
            usize::from(area.width - column),
            style,
        );
    }
}

/// Returns a text without so many columns at its start.
fn skip(text: &str, columns: usize) -> String {
    let mut seen = 0;
    let rest = text.graphemes(true).skip_while(|grapheme| {
        let is_before = seen < columns;
        seen += grapheme.width();
        is_before
    });
    rest.collect()
}
