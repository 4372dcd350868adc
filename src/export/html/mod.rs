//! The debugger as one page that needs no network and no program: the run as data, and a script
//! that steps through it.

mod data;

use std::fmt;
use std::io::{self, Write};

use askama::Template;

use super::{Selection, Subject};
use crate::diagnostic::{Diagnostic, visible};
use crate::document::Shell;
use crate::json;
use data::Run;

const STYLE: &str = include_str!("page.css");
/// One function, so that nothing of it is seen outside.
const SCRIPT: &str = concat!(
    "\n\"use strict\";\n(() => {\n",
    include_str!("script/run.js"),
    include_str!("script/numbers.js"),
    include_str!("script/map.js"),
    include_str!("script/wires.js"),
    include_str!("script/step.js"),
    include_str!("script/page.js"),
    "})();\n"
);

/// The most contributions, and the most numbers in all tensors together, that a page takes: a few
/// dozen megabytes.
const MOST: usize = 200_000;

/// Refuses a run that is too large for a page.
///
/// # Errors
/// What is too large, and what to choose instead.
pub(super) fn check(subject: Subject<'_>, selection: &Selection) -> Result<(), Diagnostic> {
    let backprop = subject.backprop;
    let n_numbers: usize = backprop
        .network()
        .tensors()
        .iter()
        .map(|tensor| tensor.shape.numel())
        .sum();
    if n_numbers > MOST {
        let message =
            format!("the tensors hold {n_numbers} numbers, and a page takes {MOST} at most");
        return Err(Diagnostic::new(message).hinted("`--format json` takes any number"));
    }
    let mut n_terms = 0;
    for (_, element) in data::steps(subject, selection) {
        backprop.terms(element, &mut |_| n_terms += 1);
        if n_terms > MOST {
            let message =
                format!("the steps have more than {MOST} contributions, too many for one page");
            return Err(
                Diagnostic::new(message).hinted("choose some of them by `--tensor` or `--steps`")
            );
        }
    }
    Ok(())
}

/// Writes the page.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(
    subject: Subject<'_>,
    selection: &Selection,
    out: &mut dyn Write,
) -> io::Result<()> {
    let scenario = subject.scenario;
    let title = if scenario.title.is_empty() {
        "Backpropagation, step by step"
    } else {
        &scenario.title
    };
    let page = Page {
        shell: Shell {
            title: visible(title).into_owned(),
            style: STYLE,
            script: Some(SCRIPT),
        },
        description: visible(&scenario.description).into_owned(),
        run: InScript(Run { subject, selection }),
    };
    page.write_into(out)
}

#[derive(Template)]
#[template(path = "export/html/page.html")]
struct Page<'a> {
    shell: Shell,
    description: String,
    run: InScript<'a>,
}

/// A run as JSON that can stand in a script element: nothing in it ends the element or opens a
/// comment. It is written while it is computed, so that it is never in memory as a whole.
struct InScript<'a>(Run<'a>);

impl fmt::Display for InScript<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        json::write(&mut Escaped(f), &self.0).map_err(|_| fmt::Error)
    }
}

/// Writes JSON with an escape for each `<`, which stands only in strings.
struct Escaped<'a, 'f>(&'a mut fmt::Formatter<'f>);

impl Write for Escaped<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
        for (number, piece) in text.split('<').enumerate() {
            let escape = if number == 0 { "" } else { "\\u003c" };
            self.0
                .write_str(escape)
                .and_then(|()| self.0.write_str(piece))
                .map_err(io::Error::other)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
