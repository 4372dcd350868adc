//! The help screen: the whole table of commands, the marks and the words, and what of it fits a
//! search.

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::line;
use super::marks::MARKS;
use super::theme::Theme;
use crate::debugger::commands::COMMANDS;
use crate::debugger::{CONDITIONS, Command};
use crate::text::{padded, wrapped};
use crate::words::GLOSSARY;

/// The columns of what is explained.
const EXPLAINED: usize = 12;

/// The state of the help screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Help {
    pub(super) filter: line::Line,
    pub(super) scroll: usize,
}

impl Help {
    pub(super) fn title(&self) -> String {
        match self.filter.text() {
            "" => " All keys and commands · type to search · Esc closes ".to_owned(),
            filter => format!(" All keys and commands with “{filter}” · Esc shows all "),
        }
    }

    /// The lines that are shown, none wider than `width` if words allow it.
    pub(super) fn lines(&self, theme: Theme, width: usize) -> Vec<Line<'static>> {
        let shown: Vec<&Command> = COMMANDS
            .iter()
            .filter(|command| self.fits(command))
            .collect();
        let table = Columns::new(width);
        let mut lines = Vec::new();
        for group in shown.chunk_by(|a, b| a.group == b.group) {
            if !lines.is_empty() {
                lines.push(Line::default());
            }
            lines.push(Line::styled(group[0].group.heading(), theme.heading()));
            group
                .iter()
                .for_each(|command| table.push(command, theme, &mut lines));
        }
        if self.filter.is_empty() {
            lines.push(Line::default());
            let conditions = wrapped(CONDITIONS, width.min(100)).into_iter();
            lines.extend(conditions.map(|line| Line::styled(line, theme.quiet())));
        }
        lines.extend(self.explained("Marks", MARKS.iter().copied(), theme, width));
        let terms = GLOSSARY.iter().map(|term| (term.name, term.says));
        lines.extend(self.explained("Words", terms, theme, width));
        if lines.is_empty() {
            lines.push(Line::styled("Nothing fits.", theme.quiet()));
        }
        lines
    }

    /// What explains the marks or words that fit the filter, under a heading.
    fn explained(
        &self,
        heading: &'static str,
        entries: impl Iterator<Item = (&'static str, &'static str)>,
        theme: Theme,
        width: usize,
    ) -> Vec<Line<'static>> {
        let is_shown =
            |(mark, means): &(&str, &str)| self.has(&format!("{mark} {means} {heading}"));
        let mut lines = Vec::new();
        for (mark, means) in entries.filter(is_shown) {
            let mut first = Span::styled(padded(mark, EXPLAINED), theme.key());
            for text in wrapped(means, width.saturating_sub(EXPLAINED).max(20)) {
                let blank = Span::raw(" ".repeat(EXPLAINED));
                let before = std::mem::replace(&mut first, blank);
                lines.push(Line::from(vec![before, Span::styled(text, theme.quiet())]));
            }
        }
        if !lines.is_empty() {
            lines.splice(
                0..0,
                [Line::default(), Line::styled(heading, theme.heading())],
            );
        }
        lines
    }

    /// Whether a command has every word of the filter in its keys, its name, its help or its
    /// heading.
    fn fits(&self, command: &Command) -> bool {
        let text = format!(
            "{} {} {} {}",
            keys_of(command),
            command.usage(),
            command.help,
            command.group.heading()
        );
        self.has(&text)
    }

    /// Whether a text has every word of the filter.
    fn has(&self, text: &str) -> bool {
        let (text, filter) = (text.to_lowercase(), self.filter.text().to_lowercase());
        filter.split_whitespace().all(|word| text.contains(word))
    }
}

/// The columns of the table: keys, command, what it does.
struct Columns {
    keys: usize,
    usage: usize,
    help: usize,
}

impl Columns {
    /// The columns are as wide as the whole table needs them, so that they stay where they are
    /// while a search narrows it.
    fn new(width: usize) -> Self {
        let widest = |text: fn(&Command) -> String| {
            COMMANDS
                .iter()
                .map(|command| text(command).width())
                .max()
                .unwrap_or(0)
                + 2
        };
        let (keys, usage) = (widest(keys_of), widest(Command::usage));
        Self {
            keys,
            usage,
            help: width.saturating_sub(keys + usage).max(20),
        }
    }

    fn push(&self, command: &Command, theme: Theme, lines: &mut Vec<Line<'static>>) {
        let mut first = vec![
            Span::styled(padded(&keys_of(command), self.keys), theme.key()),
            Span::raw(padded(&command.usage(), self.usage)),
        ];
        for text in wrapped(command.help, self.help) {
            let mut spans = std::mem::take(&mut first);
            if spans.is_empty() {
                spans.push(Span::raw(" ".repeat(self.keys + self.usage)));
            }
            spans.push(Span::styled(text, theme.quiet()));
            lines.push(Line::from(spans));
        }
    }
}

fn keys_of(command: &Command) -> String {
    command.shortcuts().collect::<Vec<_>>().join(" ")
}
