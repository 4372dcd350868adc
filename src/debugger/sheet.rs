//! What a command shows to be read, and to be chosen from.

use crate::text::{padded, wrapped};

/// What a command shows on top of everything else: lines to read, and below them lines to choose
/// from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    /// What it is about.
    pub title: String,
    /// What is to be read.
    pub lines: Vec<Line>,
    /// What can be chosen.
    pub choices: Vec<Choice>,
    /// The choice that is taken up first.
    pub chosen: usize,
}

/// A line of a sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// Its parts.
    pub parts: Vec<(String, TextRole)>,
    /// How it is broken into rows where it does not fit one.
    pub set: Setting,
}

/// How a line is broken into rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// As wide as there is room; further rows begin so many columns from the left.
    Row {
        /// The columns before them.
        hang: usize,
    },
    /// As a paragraph that is read, no wider than is read well.
    Prose,
    /// In one row, as the cells of a table: the last ones are left out where they have no room.
    Cells,
}

impl Default for Setting {
    fn default() -> Self {
        Self::Row { hang: 0 }
    }
}

/// The widest that a paragraph is set.
pub const WIDTH: usize = 72;

/// What a part of a line means, from which follows how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TextRole {
    /// Ordinary text.
    #[default]
    Plain,
    /// What matters most.
    Strong,
    /// What recedes.
    Quiet,
    /// What is right.
    Right,
    /// What is wrong.
    Wrong,
    /// What deserves attention without being wrong.
    Note,
}

/// A line that can be chosen, and the commands that its keys give.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// The line.
    pub line: Line,
    /// What Enter obeys, as it is written at the prompt.
    pub enter: Option<String>,
    /// What Delete obeys, as it is written at the prompt. The sheet is shown anew after it.
    pub delete: Option<String>,
}

impl Sheet {
    /// Lines that are only read.
    pub fn text<L: Into<Line>>(
        title: impl Into<String>,
        lines: impl IntoIterator<Item = L>,
    ) -> Self {
        Self {
            title: title.into(),
            lines: lines.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// Everything on it as plain text, its paragraphs broken into lines.
    pub fn plain(&self) -> impl Iterator<Item = String> {
        let lines = self
            .lines
            .iter()
            .chain(self.choices.iter().map(|choice| &choice.line));
        lines.flat_map(|line| match line.set {
            Setting::Prose => wrapped(&line.plain(), WIDTH),
            Setting::Row { .. } | Setting::Cells => vec![line.plain().trim_end().to_owned()],
        })
    }
}

impl Line {
    /// The line with a part more.
    #[must_use]
    pub fn then(mut self, text: impl Into<String>, role: TextRole) -> Self {
        self.parts.push((text.into(), role));
        self
    }

    /// The line whose further rows begin below what comes next.
    #[must_use]
    pub fn hanging(mut self) -> Self {
        self.set = Setting::Row {
            hang: self.plain().chars().count(),
        };
        self
    }

    /// The line as a paragraph.
    #[must_use]
    pub fn prose(self) -> Self {
        Self {
            set: Setting::Prose,
            ..self
        }
    }

    /// The row of a table whose columns have these widths.
    pub fn cells(row: &[String], widths: &[usize], role: TextRole) -> Self {
        let between = std::iter::once("").chain(std::iter::repeat("  "));
        let cells = row.iter().zip(widths).zip(between);
        let cell = |((cell, &width), before): ((&String, _), _)| {
            (format!("{before}{}", padded(cell, width)), role)
        };
        Self {
            parts: cells.map(cell).collect(),
            set: Setting::Cells,
        }
    }

    /// The line as plain text.
    pub fn plain(&self) -> String {
        self.parts.iter().map(|(text, _)| text.as_str()).collect()
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self {
            parts: vec![(text, TextRole::Plain)],
            set: Setting::default(),
        }
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}
