//! Commands for what is shown, and how.

use super::{always, element, has_terms, moved, open, says, unless};
use crate::debugger::commands::{
    Argument, Ask, Bar, Command, Content, Draft, Effect, Existing, Group, Reason, Takes,
};
use crate::debugger::{Session, report};

pub(super) const ROWS: &[Command] = &[
    Command {
        name: "view",
        keys: &["V"],
        takes: Takes::Nothing,
        group: Group::Shows,
        bar: None,
        help: "show values and gradients, one of them, shades, or the answer, in turn",
        enabled: always,
        run: |session, _| {
            moved(session, |session| {
                session.view_options.view =
                    session.view_options.view.next(session.marking().is_some());
            })
        },
    },
    Command {
        name: "sort",
        keys: &["o"],
        takes: Takes::Nothing,
        group: Group::Shows,
        bar: None,
        help: "sort the terms by their size, or as they are listed and added",
        enabled: has_terms,
        run: |session, _| {
            moved(session, |session| {
                session.view_options.order = session.view_options.order.other()
            })
        },
    },
    Command {
        name: "print",
        keys: &[],
        takes: Takes::Element,
        group: Group::Shows,
        bar: None,
        help: "write out a neuron's terms, their sum and what it means in words",
        enabled: always,
        run: |session, argument| match element(&argument).or_else(|| session.element()) {
            Some(element) => {
                open(session, element)?;
                says(report::element(session, element)?)
            }
            None => says(report::position(session)),
        },
    },
    Command {
        name: "where",
        keys: &[],
        takes: Takes::Nothing,
        group: Group::Shows,
        bar: None,
        help: "say which step this is",
        enabled: always,
        run: |session, _| says(report::position(session)),
    },
    Command {
        name: "info",
        keys: &[],
        takes: Takes::Nothing,
        group: Group::Shows,
        bar: None,
        help: "list the tensors with their shapes and steps",
        enabled: always,
        run: |session, _| says(report::tensors(session)),
    },
    Command {
        name: "export",
        keys: &["e"],
        takes: Takes::File,
        group: Group::Shows,
        bar: None,
        help: "write the whole run as a file: a trace, a table, a page, by its ending",
        enabled: always,
        run: |_, argument| export(argument, Existing::Stays, "export "),
    },
    Command {
        name: "export over",
        keys: &[],
        takes: Takes::File,
        group: Group::Shows,
        bar: None,
        help: "write the whole run as a file, over one that there may be",
        enabled: always,
        run: |_, argument| export(argument, Existing::Replaced, "export over "),
    },
    Command {
        name: "page",
        keys: &["PageDown"],
        takes: Takes::Nothing,
        group: Group::Shows,
        bar: None,
        help: "show the next channel or batch item of the downstream tensor",
        enabled: has_pages,
        run: |_, _| Ok(Effect::Page(1)),
    },
    Command {
        name: "page back",
        keys: &["PageUp"],
        takes: Takes::Nothing,
        group: Group::Shows,
        bar: None,
        help: "show the channel or batch item before",
        enabled: has_pages,
        run: |_, _| Ok(Effect::Page(-1)),
    },
    Command {
        name: "fold",
        keys: &["z"],
        takes: Takes::Nothing,
        group: Group::Shows,
        bar: Some(Bar {
            rank: 10,
            word: "fold",
        }),
        help: "show the terms and the words alone, then the map alone, then all",
        enabled: always,
        run: |_, _| Ok(Effect::Folds),
    },
    Command {
        name: "theme",
        keys: &["t"],
        takes: Takes::Nothing,
        group: Group::Shows,
        bar: Some(Bar {
            rank: 11,
            word: "theme",
        }),
        help: "change to the light colours, to none, and back to the dark ones",
        enabled: always,
        run: |_, _| Ok(Effect::ChangesTheme),
    },
];

/// Only a tensor with channels or batch items, that is with more than two axes, is shown page by
/// page.
fn has_pages(session: &Session) -> Result<(), Reason> {
    let shapes = session
        .terms()
        .first()
        .map(|term| &session.network().tensor(term.from.tensor).shape);
    let n_pages = shapes.map_or(1, |shape| shape.iter().rev().skip(2).product::<usize>());
    unless(
        n_pages < 2,
        "the downstream tensor has no channels or batch items to page through",
    )
}

fn export(argument: Argument, existing: Existing, command: &str) -> Result<Effect, Reason> {
    Ok(match argument {
        Argument::File(name) => Effect::Writes(Draft {
            name,
            content: Content::Run,
            existing,
        }),
        _ => Effect::Asks(Ask::Rest(command.to_owned())),
    })
}
