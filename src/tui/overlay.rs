//! Texts that lie on top of the panes: the help screen, made from the table of commands, and what commands say.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph, Widget, Wrap};
use unicode_width::UnicodeWidthStr;

use super::keys;
use super::theme::Theme;
use super::view::pane;
use crate::debugger::Command;
use crate::debugger::commands::COMMANDS;

/// Draws a text over the middle of the screen, as large as it needs to be.
pub(super) fn draw(title: &str, lines: &[Line<'static>], scroll: usize, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let widest = lines.iter().map(Line::width).max().unwrap_or(0);
    let width = u16::try_from(widest + 4).unwrap_or(u16::MAX).max(40).min(area.width);
    let text = Paragraph::new(lines.to_vec()).wrap(Wrap { trim: false });
    let n_lines = text.line_count(width.saturating_sub(4));
    let height = u16::try_from(n_lines + 2).unwrap_or(u16::MAX).min(area.height);
    let middle = Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    Clear.render(middle, buffer);
    let inside = pane(title, theme, middle, buffer);
    let most = n_lines.saturating_sub(usize::from(inside.height));
    let scroll = u16::try_from(scroll.min(most)).unwrap_or(u16::MAX);
    text.scroll((scroll, 0)).render(inside, buffer);
    if most > 0 && middle.width > 12 {
        let more = if usize::from(scroll) < most { " ↓ more " } else { " ↑ more " };
        buffer.set_string(middle.right() - 10, middle.bottom() - 1, more, theme.quiet());
    }
}

/// All commands with their keys.
pub(super) fn help(theme: Theme) -> Vec<Line<'static>> {
    let rows: Vec<(String, String, &'static str)> =
        COMMANDS.iter().map(|command| (keys_of(command), usage_of(command), command.help)).collect();
    let widest = |column: fn(&(String, String, &'static str)) -> usize| rows.iter().map(column).max().unwrap_or(0) + 2;
    let (keys, usage) = (widest(|row| row.0.width()), widest(|row| row.1.width()));
    let row = |row: &(String, String, &'static str)| {
        Line::from(vec![
            Span::styled(format!("{:<keys$}", row.0), theme.key()),
            Span::raw(format!("{:<usage$}", row.1)),
            Span::styled(row.2, theme.quiet()),
        ])
    };
    let mut lines =
        vec![Line::styled("A key, or the command after `:`, does what stands beside it.", theme.quiet()), Line::default()];
    lines.extend(rows.iter().map(row));
    lines.extend([
        Line::default(),
        Line::styled(
            "On the map: ① ② ③ a downstream neuron and its term, * the winner of a window, · not yet computed,",
            theme.quiet(),
        ),
        Line::styled("a dashed wire sends zero. A click goes to a neuron or to a place of the timeline.", theme.quiet()),
    ]);
    lines
}

fn keys_of(command: &Command) -> String {
    command.keys.iter().map(|key| keys::sign(key)).collect::<Vec<_>>().join(" ")
}

fn usage_of(command: &Command) -> String {
    format!("{} {}", command.name, command.takes.usage()).trim_end().to_owned()
}

/// What a command has said.
pub(super) fn said(lines: &[String]) -> Vec<Line<'static>> {
    lines.iter().map(|line| Line::raw(line.clone())).collect()
}
