//! The report as lines of JSON: each submission, then one line with the summary and what holds for
//! all.

use std::io::{self, Write};

use serde::Serialize;

use super::shape::{REPORT_FORMAT, WrittenSubmission, WrittenTolerance};
use super::writer::{Heading, Report};
use crate::json::write;
use crate::marking::{Marked, Summary};

struct JsonLines {
    heading: Heading,
}

#[derive(Serialize)]
struct LastLine<'a> {
    format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scenario_sha256: Option<&'a str>,
    tolerance: WrittenTolerance,
    summary: &'a Summary,
}

pub(super) fn begin(heading: &Heading, _: &mut dyn Write) -> io::Result<Box<dyn Report>> {
    Ok(Box::new(JsonLines {
        heading: heading.clone(),
    }))
}

impl Report for JsonLines {
    fn add(&mut self, marked: &Marked, out: &mut dyn Write) -> io::Result<()> {
        write(out, &WrittenSubmission::of(marked, self.heading.expected))?;
        out.write_all(b"\n")
    }

    fn end(self: Box<Self>, summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
        let Heading {
            scenario_sha256,
            tolerance,
            ..
        } = &self.heading;
        write(
            out,
            &LastLine {
                format: REPORT_FORMAT,
                scenario_sha256: scenario_sha256.as_deref(),
                tolerance: WrittenTolerance::from(*tolerance),
                summary,
            },
        )?;
        out.write_all(b"\n")
    }
}
