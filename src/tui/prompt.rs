//! The line in which a command is written.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::theme::Theme;
use crate::debugger::Complaint;

/// The longest line that can be written.
const LONGEST: usize = 400;

/// A command that is being written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Prompt {
    line: String,
    /// The byte before which the next character goes.
    cursor: usize,
    complaint: Option<Complaint>,
}

impl Prompt {
    /// A line that begins like this.
    pub(super) fn new(start: &str) -> Self {
        Self { line: start.to_owned(), cursor: start.len(), complaint: None }
    }

    pub(super) fn line(&self) -> &str {
        &self.line
    }

    /// Shows what is wrong with the line.
    pub(super) fn complain(&mut self, complaint: Complaint) {
        self.complaint = Some(complaint);
    }

    /// Writes at the cursor. Control characters are left out.
    pub(super) fn insert(&mut self, text: &str) {
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        if self.line.len() + text.len() <= LONGEST {
            self.line.insert_str(self.cursor, &text);
            self.cursor += text.len();
        }
        self.complaint = None;
    }

    /// Does what an editing key does; returns whether the key is one.
    pub(super) fn edit(&mut self, key: &str) -> bool {
        match key {
            "Left" => self.cursor -= self.before(),
            "Right" => self.cursor += self.after(),
            "Home" | "Ctrl-a" => self.cursor = 0,
            "End" | "Ctrl-e" => self.cursor = self.line.len(),
            "Backspace" | "Ctrl-h" => self.remove(self.cursor - self.before()..self.cursor),
            "Delete" => self.remove(self.cursor..self.cursor + self.after()),
            "Ctrl-u" => self.remove(0..self.cursor),
            "Ctrl-w" => self.remove(self.word()..self.cursor),
            _ => return false,
        }
        true
    }

    fn remove(&mut self, bytes: std::ops::Range<usize>) {
        self.cursor = bytes.start;
        self.line.replace_range(bytes, "");
        self.complaint = None;
    }

    /// The length of the character before the cursor.
    fn before(&self) -> usize {
        self.line[..self.cursor].graphemes(true).next_back().map_or(0, str::len)
    }

    /// The length of the character after the cursor.
    fn after(&self) -> usize {
        self.line[self.cursor..].graphemes(true).next().map_or(0, str::len)
    }

    /// Where the word before the cursor begins.
    fn word(&self) -> usize {
        let before = self.line[..self.cursor].trim_end();
        before.rfind(char::is_whitespace).map_or(0, |space| space + 1)
    }

    /// The rows that the prompt takes: the line, and what is wrong with it.
    pub(super) fn height(&self) -> u16 {
        if self.complaint.is_some() { 3 } else { 1 }
    }

    /// Draws the line, and below it what is wrong with it. Returns where the terminal's cursor goes.
    pub(super) fn draw(&self, theme: Theme, area: Rect, buffer: &mut Buffer) -> Option<Position> {
        if area.is_empty() {
            return None;
        }
        let width = usize::from(area.width);
        let column = |byte: usize| 2 + self.line[..self.line.floor_char_boundary(byte)].width();
        // A line that is longer than the screen is shown from where its end, or what is wrong with it, can be seen.
        let shift = (column(self.cursor) + 1).saturating_sub(width);
        let shown: String = skip(&format!(": {}", self.line), shift);
        buffer.set_stringn(area.x, area.y, shown, width, theme.strong());
        if let Some(complaint) = &self.complaint {
            let at = (column(complaint.at.start)).saturating_sub(shift);
            let wide = (column(complaint.at.end).saturating_sub(shift)).saturating_sub(at).max(1);
            row(buffer, area, 1, at, &"^".repeat(wide), theme.wrong());
            let hint = complaint.hint.as_ref().map(|hint| format!(": {hint}")).unwrap_or_default();
            row(buffer, area, 2, 2, &(complaint.message.clone() + &hint), Style::new());
        }
        let x = u16::try_from(column(self.cursor) - shift).unwrap_or(0);
        Some(Position { x: area.x + x.min(area.width - 1), y: area.y })
    }
}

fn row(buffer: &mut Buffer, area: Rect, line: u16, column: usize, text: &str, style: Style) {
    let column = u16::try_from(column).unwrap_or(u16::MAX);
    if line < area.height && column < area.width {
        buffer.set_stringn(area.x + column, area.y + line, text, usize::from(area.width - column), style);
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
