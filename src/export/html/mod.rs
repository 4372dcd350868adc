//! The debugger as one page that needs no network and no program: the run as data, and a script
//! that steps through it.

mod data;
mod in_script;
mod size;
mod training;

use std::io::{self, Write};

use askama::Template;

use super::{Selection, Subject, Updates};
use crate::backprop::Backprop;
use crate::diagnostic::{Diagnostic, visible};
use crate::document::Shell;
use crate::scenario::Scenario;
use data::Run;
use in_script::InScript;
use size::{MOST, Size};
use training::{Course, Part};

const STYLE: &str = include_str!("page.css");
/// That of a page that goes through updates.
const STYLE_OF_TRAINING: &str = concat!(include_str!("page.css"), include_str!("training.css"));

/// The script, one function, so that nothing of it is seen outside. The parts between the braces
/// stand before its last, which begins.
macro_rules! script {
    ($($part:literal),*) => {
        concat!(
            "\n\"use strict\";\n(() => {\n",
            include_str!("script/run.js"),
            include_str!("script/numbers.js"),
            include_str!("script/map.js"),
            include_str!("script/wires.js"),
            include_str!("script/step.js"),
            $(include_str!($part),)*
            include_str!("script/page.js"),
            "})();\n",
            include_str!("../../document/theme.js")
        )
    };
}

const SCRIPT: &str = script!();
const SCRIPT_OF_TRAINING: &str = script!("script/training.js");

/// Refuses a run that is too large for a page.
///
/// # Errors
/// What is too large, and what to choose instead.
pub(super) fn check(subject: Subject<'_>, selection: &Selection) -> Result<(), Diagnostic> {
    let Size { n_numbers, n_terms } = Size::of(subject, selection);
    if n_numbers > MOST {
        let message =
            format!("the tensors hold {n_numbers} numbers, and a page takes {MOST} at most");
        return Err(Diagnostic::new(message).hinted("`--format json` takes any number"));
    }
    if n_terms > MOST {
        let message =
            format!("the steps have more than {MOST} contributions, too many for one page");
        return Err(
            Diagnostic::new(message).hinted("choose some of them by `--tensor` or `--steps`")
        );
    }
    Ok(())
}

/// Where a page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It is all that there is.
    Alone,
    /// Beside others, to whose index it leads back.
    InSite,
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
    write_at(Place::Alone, subject, selection, out)
}

/// Writes the page for a place.
///
/// # Errors
/// Those of `out`.
pub(super) fn write_at(
    place: Place,
    subject: Subject<'_>,
    selection: &Selection,
    out: &mut dyn Write,
) -> io::Result<()> {
    let run = InScript(Run { subject, selection });
    Page::of(subject.scenario, place, run, None).write_into(out)
}

/// Writes the page of a training.
///
/// # Errors
/// Those of `out`; it was given up.
pub(super) fn updates(updates: &mut Updates<'_>, out: &mut dyn Write) -> io::Result<()> {
    updates_at(Place::Alone, updates, out).map(|_| ())
}

/// Writes the page of a training for a place, and returns the first later update whose run is in
/// it, with that run.
///
/// # Errors
/// Those of `out`; it was given up.
pub(super) fn updates_at(
    place: Place,
    updates: &mut Updates<'_>,
    out: &mut dyn Write,
) -> io::Result<Option<(usize, Backprop)>> {
    let scenario = updates.training.scenario().clone();
    let selection = updates.selection();
    let first = updates.run(*updates.updates.start())?;
    let of_one = Size::of(
        Subject {
            scenario: &scenario,
            backprop: &first,
        },
        &selection,
    );
    let course = Course::of(updates, of_one)?;
    let subject = Subject {
        scenario: &scenario,
        backprop: course.first_run().unwrap_or(&first),
    };
    let run = InScript(Run {
        subject,
        selection: &selection,
    });
    let part = course.part(&scenario, &selection);
    Page::of(&scenario, place, run, Some(part)).write_into(out)?;
    Ok(course.second())
}

#[derive(Template)]
#[template(path = "export/html/page.html")]
struct Page<'a> {
    shell: Shell,
    description: String,
    is_in_site: bool,
    run: InScript<Run<'a>>,
    course: Option<Part<'a>>,
}

impl<'a> Page<'a> {
    fn of(
        scenario: &Scenario,
        place: Place,
        run: InScript<Run<'a>>,
        course: Option<Part<'a>>,
    ) -> Self {
        let title = if scenario.title.is_empty() {
            "Backpropagation, step by step"
        } else {
            &scenario.title
        };
        let (style, script) = match course {
            Some(_) => (STYLE_OF_TRAINING, SCRIPT_OF_TRAINING),
            None => (STYLE, SCRIPT),
        };
        Self {
            shell: Shell {
                title: visible(title).into_owned(),
                style,
                script: Some(script),
            },
            description: visible(&scenario.description).into_owned(),
            is_in_site: place == Place::InSite,
            run,
            course,
        }
    }
}
