//! Commands for what is shown, and how.

use super::common::{element, has_terms, moved, open, says, unless};
use crate::debugger::arguments::{Argument, ELEMENT, FILE, Parameter};
use crate::debugger::command::{Ask, Command, Content, Draft, Effect, Existing, OnScreen};
use crate::debugger::report;
use crate::debugger::{CommandError, Key, Session, WIDTH};

pub(super) const ROWS: &[Command] = &[
    Command::new(
        "view",
        "show numbers or pictures, values or gradients alone, or the answer, in turn",
        |session, _| {
            moved(session, |session| {
                let has_answer = session.marking().is_some();
                let rounds = session.backprop().arithmetic().precision.rounds();
                session.view_options.view = session.view_options.view.next(has_answer, rounds);
            })
        },
    )
    .keys(&[Key::Char('V')]),
    Command::new(
        "sort",
        "sort the terms: those that matter first, all by size, or as they are added",
        |session, _| {
            moved(session, |session| {
                session.view_options.order = session.view_options.order.next()
            })
        },
    )
    .keys(&[Key::Char('o')])
    .enabled(has_terms),
    Command::new(
        "print",
        "write out a neuron's terms, their sum and what it means in words",
        |session, arguments| match element(arguments).or_else(|| session.element()) {
            Some(element) => {
                open(session, element)?;
                says(report::element(session, element, WIDTH)?)
            }
            None => says(report::position(session)),
        },
    )
    .takes(&[Parameter::optional(ELEMENT)]),
    Command::new("where", "say which step this is", |session, _| {
        says(report::position(session))
    }),
    Command::new(
        "info",
        "list the tensors with their shapes and steps",
        |session, _| says(report::tensors(session)),
    ),
    Command::new(
        "export",
        "write the whole run as a file: a trace, a table, a page, by its ending",
        |_, arguments| export(arguments, Existing::Stays, "export "),
    )
    .keys(&[Key::Char('e')])
    .takes(&[Parameter::required(FILE)]),
    Command::new(
        "export over",
        "write the whole run as a file, over one that there may be",
        |_, arguments| export(arguments, Existing::Replaced, "export over "),
    )
    .takes(&[Parameter::required(FILE)]),
    Command::new(
        "page",
        "show the next channel or batch item of the downstream tensor",
        |_, _| Ok(Effect::Screen(OnScreen::Page(1))),
    )
    .keys(&[Key::PageDown])
    .enabled(has_pages),
    Command::new(
        "page back",
        "show the channel or batch item before",
        |_, _| Ok(Effect::Screen(OnScreen::Page(-1))),
    )
    .keys(&[Key::PageUp])
    .enabled(has_pages),
    Command::new(
        "fold",
        "show the map alone, then the terms and the words alone, then all",
        |_, _| Ok(Effect::Screen(OnScreen::Fold)),
    )
    .keys(&[Key::Char('z')])
    .bar(10, "fold"),
    Command::new(
        "theme",
        "change to the light colours, to none, and back to the dark ones",
        |_, _| Ok(Effect::Screen(OnScreen::ChangeTheme)),
    )
    .keys(&[Key::Char('t')])
    .bar(11, "theme"),
    Command::new(
        "mouse off",
        "leave the mouse to the terminal, which marks and copies text with it",
        |_, _| Ok(Effect::Screen(OnScreen::Mouse(false))),
    ),
    Command::new(
        "mouse on",
        "take the mouse: a click goes to what it points at",
        |_, _| Ok(Effect::Screen(OnScreen::Mouse(true))),
    ),
];

/// Only a tensor with channels or batch items, that is with more than two axes, is shown page by
/// page.
fn has_pages(session: &Session) -> Result<(), CommandError> {
    let shapes = session
        .terms()
        .first()
        .map(|term| &session.network().tensor(term.from.tensor).shape);
    let n_pages = shapes.map_or(1, |shape| shape.iter().rev().skip(2).product::<usize>());
    unless(n_pages < 2, CommandError::NoPages)
}

fn export(
    arguments: &[Argument],
    existing: Existing,
    command: &str,
) -> Result<Effect, CommandError> {
    Ok(match arguments {
        [Argument::File(name)] => Effect::Writes(Draft {
            name: name.clone(),
            content: Content::Run,
            existing,
        }),
        _ => Effect::Asks(Ask::Rest(command.to_owned())),
    })
}
