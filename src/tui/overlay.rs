//! Texts that lie on top of the panes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Clear, Paragraph, Widget, Wrap};
use unicode_width::UnicodeWidthStr;

use super::pane::pane;
use super::panel::Panel;
use super::theme::Theme;
use crate::text::shortened_name;

/// A text with its title, and how far down it is scrolled.
pub(super) struct Text {
    title: String,
    lines: Vec<Line<'static>>,
    scroll: usize,
    /// The narrowest that the text is shown.
    least: u16,
}

/// Returns the text of a panel; a prompt has none.
pub(super) fn text(panel: &Panel, theme: Theme, area: Rect) -> Option<Text> {
    let plain = |lines: &[String]| lines.iter().map(|line| Line::raw(line.clone())).collect();
    Some(match panel {
        Panel::Help(help) => {
            let lines = help.lines(theme, columns(area));
            // The whole width, so that the frame stays where it is while a search narrows the
            // table.
            Text {
                title: help.title(),
                lines,
                scroll: help.scroll,
                least: area.width.min(120),
            }
        }
        Panel::Sheet(sheet) => Text {
            title: sheet.title(),
            lines: sheet.rows(theme, columns(area)),
            scroll: sheet.scroll,
            least: 40,
        },
        Panel::Inspected(inspected) => Text {
            title: inspected.title(),
            lines: plain(inspected.lines(columns(area))),
            scroll: inspected.scroll,
            least: 40,
        },
        Panel::Prompt(_) => return None,
    })
}

/// The most columns that a text has inside its frame.
pub(super) fn columns(area: Rect) -> usize {
    usize::from(area.width.saturating_sub(4))
}

impl Text {
    /// Draws the text over the middle of the screen, as large as it needs to be.
    pub(super) fn draw(&self, theme: Theme, area: Rect, buffer: &mut Buffer) {
        let middle = self.place(area);
        Clear.render(middle, buffer);
        let room = usize::from(middle.width.saturating_sub(2));
        let inside = pane(&shortened_name(&self.title, room), theme, middle, buffer);
        let most = self.furthest(area);
        let scroll = self.scroll.min(most);
        self.paragraph()
            .scroll((u16::try_from(scroll).unwrap_or(u16::MAX), 0))
            .render(inside, buffer);
        if most > 0 && middle.width > 12 {
            let more = match scroll {
                0 => " ↓ more ",
                _ if scroll == most => " ↑ more ",
                _ => " ↑↓ more ",
            };
            let width = u16::try_from(more.width()).unwrap_or(0);
            buffer.set_string(
                middle.right() - width - 2,
                middle.bottom() - 1,
                more,
                theme.quiet(),
            );
        }
    }

    /// How far down the text can be scrolled.
    pub(super) fn furthest(&self, area: Rect) -> usize {
        let inside = super::layout::inside(self.place(area));
        self.paragraph()
            .line_count(inside.width)
            .saturating_sub(usize::from(inside.height))
    }

    /// How many lines are in view at once.
    pub(super) fn n_shown(&self, area: Rect) -> usize {
        usize::from(super::layout::inside(self.place(area)).height)
    }

    fn place(&self, area: Rect) -> Rect {
        let widest = self
            .lines
            .iter()
            .map(Line::width)
            .max()
            .unwrap_or(0)
            .max(self.title.width());
        let width = u16::try_from(widest + 4)
            .unwrap_or(u16::MAX)
            .max(self.least)
            .min(area.width);
        let n_lines = self.paragraph().line_count(width.saturating_sub(4));
        let height = u16::try_from(n_lines + 2)
            .unwrap_or(u16::MAX)
            .min(area.height);
        // Beside what covers the first and the last row, only pieces of rows would be left.
        let width = if height + 1 < area.height {
            width
        } else {
            area.width
        };
        Rect {
            x: area.x + (area.width - width) / 2,
            y: area.y + (area.height - height) / 2,
            width,
            height,
        }
    }

    fn paragraph(&self) -> Paragraph<'static> {
        Paragraph::new(self.lines.clone()).wrap(Wrap { trim: false })
    }
}
