//! The report as JSON: a submission a line, the summary last.

use std::io::{self, Write};

use super::shape::{REPORT_FORMAT, WrittenSubmission, WrittenTolerance};
use super::writer::{Expected, Heading, Report};
use crate::json::write;
use crate::marking::{Marked, Summary};

/// A report of which so many submissions are written.
struct Json {
    n_written: usize,
    expected: Expected,
}

pub(super) fn begin(heading: &Heading, out: &mut dyn Write) -> io::Result<Box<dyn Report>> {
    write!(out, "{{\n  \"format\": \"{REPORT_FORMAT}\"")?;
    if let Some(sha256) = &heading.scenario_sha256 {
        write!(out, ",\n  \"scenario_sha256\": \"{sha256}\"")?;
    }
    out.write_all(b",\n  \"tolerance\": ")?;
    write(out, &WrittenTolerance::from(heading.tolerance))?;
    out.write_all(b",\n  \"submissions\": [")?;
    Ok(Box::new(Json {
        n_written: 0,
        expected: heading.expected,
    }))
}

impl Report for Json {
    fn add(&mut self, marked: &Marked, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(if self.n_written == 0 {
            b"\n    "
        } else {
            b",\n    "
        })?;
        self.n_written += 1;
        write(out, &WrittenSubmission::of(marked, self.expected))
    }

    fn end(self: Box<Self>, summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"\n  ],\n  \"summary\": ")?;
        write(out, summary)?;
        out.write_all(b"\n}\n")
    }
}
