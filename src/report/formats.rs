//! The table of the formats that reports are written in.

use std::io::{self, Write};

use super::writer::{Heading, Report};
use super::{csv, gradescope, html, json, jsonl, junit, prairielearn, text};

/// A format that reports are written in.
#[derive(Debug)]
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// How its files end.
    pub ending: &'static str,
    /// Whether it holds a single submission and no more.
    pub is_for_one: bool,
    /// Begins a report.
    pub begin: Begin,
}

/// Begins a report in a format.
type Begin = fn(&Heading, &mut dyn Write) -> io::Result<Box<dyn Report>>;

impl Format {
    const fn of_many(name: &'static str, ending: &'static str, begin: Begin) -> Self {
        Self {
            name,
            ending,
            is_for_one: false,
            begin,
        }
    }

    const fn of_one(name: &'static str, ending: &'static str, begin: Begin) -> Self {
        Self {
            is_for_one: true,
            ..Self::of_many(name, ending, begin)
        }
    }
}

/// All formats; the first is the one that is taken where nothing says otherwise.
pub const FORMATS: &[Format] = &[
    Format::of_many("text", "txt", text::begin),
    Format::of_many("json", "json", json::begin),
    Format::of_many("jsonl", "jsonl", jsonl::begin),
    Format::of_many("csv", "csv", csv::begin),
    Format::of_many("html", "html", html::begin),
    Format::of_many("junit", "xml", junit::begin),
    Format::of_one("gradescope", "results.json", gradescope::begin),
    Format::of_one("prairielearn", "prairielearn.json", prairielearn::begin),
];

/// Returns the format of that name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// Returns the format whose files end like that.
pub fn format_of_ending(ending: &str) -> Option<&'static Format> {
    FORMATS
        .iter()
        .find(|format| format.ending == ending || format.name == ending)
}
