//! The screen as a moving picture for slides and course notes: an SVG that a browser plays without
//! a script, and that shows its last frame wherever nothing moves.

mod colours;
mod drawing;
mod film;
mod marks;
mod shots;
mod strokes;

use std::fmt::Display;
use std::io::{self, Write};

use askama::Template;

use super::theme::{Background, Theme};
use crate::debugger::Session;
use crate::diagnostic::{Diagnostic, visible};
use crate::export::{Format, Holds, Selection, Subject};
use crate::words;
use colours::Colours;
use drawing::{HEIGHT, Piece, WIDTH};
use film::{Film, Group};
use shots::{COLUMNS, Shot, Stage};
use strokes::Pen;

/// The most frames of a picture.
const MOST_FRAMES: usize = 240;

/// The format of moving pictures, beside those that need no screen.
pub const SVG: Format = Format {
    name: "svg",
    about: "the debugger's picture, term by term, for slides",
    ending: "svg",
    holds: Holds::Page,
    check,
    updates: None,
    write,
};

/// Refuses a run whose picture would go on for too long.
fn check(subject: Subject<'_>, selection: &Selection) -> Result<(), Diagnostic> {
    let shots = shots::of(subject, selection);
    if shots.take(MOST_FRAMES + 1).count() <= MOST_FRAMES {
        return Ok(());
    }
    let message =
        format!("the steps have more than {MOST_FRAMES} frames, too many for one picture");
    Err(Diagnostic::new(message).hinted("choose some of them by `--steps`, as in `--steps 1..4`"))
}

fn write(subject: Subject<'_>, selection: &Selection, out: &mut dyn Write) -> io::Result<()> {
    let shots: Vec<Shot> = shots::of(subject, selection).collect();
    let session = Session::of(subject.scenario.clone(), subject.backprop.clone());
    let mut stage = Stage::new(session, &shots);
    let mut colours = Colours::default();
    let mut film = Film::default();
    for shot in &shots {
        let drawn = [Background::Light, Background::Dark]
            .map(|background| stage.draw(shot, Theme::coloured(background)));
        film.add(drawing::pieces(&drawn, &mut colours), shot.beats);
    }
    Picture {
        title: title(subject),
        description: description(subject, selection),
        width: COLUMNS * WIDTH,
        height: stage.rows * HEIGHT,
        groups: film.groups(),
        film,
        colours,
    }
    .write_into(out)
}

/// What the picture is of.
fn title(subject: Subject<'_>) -> String {
    let title = &subject.scenario.title;
    if title.is_empty() {
        "Backpropagation, step by step".to_owned()
    } else {
        visible(title).into_owned()
    }
}

/// What is to be seen, for whoever does not see it.
fn description(subject: Subject<'_>, selection: &Selection) -> String {
    let backprop = subject.backprop;
    let told = selection.steps(backprop).map(|(_, element)| {
        let heading = words::heading(backprop, element);
        format!("{heading}. {}", words::step(backprop, element))
    });
    told.collect::<Vec<_>>().join("\n")
}

#[derive(Template)]
#[template(path = "tui/svg/picture.svg")]
struct Picture {
    title: String,
    description: String,
    width: u16,
    height: u16,
    film: Film,
    groups: Vec<Group>,
    colours: Colours,
}

impl Picture {
    /// The room that a text takes, so that every font has it end where it should.
    fn length(text: &str) -> impl Display {
        text.chars().count() * usize::from(WIDTH)
    }
}
