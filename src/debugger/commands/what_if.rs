//! Commands for what changes where something is edited.

use super::common::unless;
use crate::debugger::arguments::{Argument, COUNT, EDIT, FILE, NUMBER, Parameter, TARGET};
use crate::debugger::changes;
use crate::debugger::command::{Ask, Command, Content, Draft, Effect, Existing};
use crate::debugger::{CommandError, Key, Session};

pub(super) const ROWS: &[Command] = &[
    Command::new(
        "set",
        "edit an input, weight, given gradient or setting, and compute everything anew",
        |session, arguments| match arguments {
            [Argument::Edit(edit)] => session.set(edit).map(Effect::Found),
            _ => Ok(Effect::Asks(Ask::Rest(session.edit_at_hand()))),
        },
    )
    .keys(&[Key::Char('i')])
    .takes(&[Parameter::required(EDIT)])
    .bar(7, "what if"),
    Command::new(
        "scrub",
        "let ↑ and ↓ change a watched value, or another, live; every sum follows",
        |session, arguments| {
            let (mut target, mut by) = (None, None);
            for argument in arguments {
                match argument {
                    Argument::Target(of) => target = Some(*of),
                    Argument::Number(number) => by = Some(*number),
                    _ => {}
                }
            }
            session.scrub(target, by).map(Effect::Found)
        },
    )
    .keys(&[Key::Char('I')])
    .takes(&[
        Parameter::optional(TARGET),
        Parameter::optional(NUMBER).after("by"),
    ]),
    Command::new(
        "scrub up",
        "let it go up a step, or several",
        |session, arguments| session.scrub_by(steps(arguments)).map(Effect::Found),
    )
    .takes(&[Parameter::optional(COUNT)]),
    Command::new(
        "scrub down",
        "let it go down a step, or several",
        |session, arguments| session.scrub_by(-steps(arguments)).map(Effect::Found),
    )
    .takes(&[Parameter::optional(COUNT)]),
    Command::new(
        "scrub off",
        "scrub no longer: the value stays",
        |session, _| session.end_scrub().map(Effect::Found),
    ),
    Command::new("undo", "take back the last edit", |session, _| {
        session.undo().map(Effect::Found)
    })
    .keys(&[Key::Char('u')])
    .enabled(|session| unless(!session.is_edited(), CommandError::NothingEdited)),
    Command::new(
        "redo",
        "do the edit again that was undone last",
        |session, _| session.redo().map(Effect::Found),
    )
    .keys(&[Key::Ctrl('r')])
    .enabled(|session| unless(!session.has_undone(), CommandError::NothingUndone)),
    Command::new(
        "changes",
        "list all that the edits have changed, the old beside the new",
        |session, _| Ok(Effect::Shows(changes::sheet(session)?)),
    )
    .keys(&[Key::Char('U')])
    .enabled(|session| unless(!session.is_edited(), CommandError::NothingEdited)),
    Command::new(
        "save",
        "save the scenario as it now is as a new file",
        |session, arguments| save(session, arguments, Existing::Stays, "save "),
    )
    .takes(&[Parameter::required(FILE)]),
    Command::new(
        "save over",
        "save the scenario as it now is, over a file that there may be",
        |session, arguments| save(session, arguments, Existing::Replaced, "save over "),
    )
    .takes(&[Parameter::required(FILE)]),
];

fn steps(arguments: &[Argument]) -> f64 {
    match arguments {
        [Argument::Count(count)] => *count as f64,
        _ => 1.0,
    }
}

fn save(
    session: &Session,
    arguments: &[Argument],
    existing: Existing,
    command: &str,
) -> Result<Effect, CommandError> {
    let [Argument::File(name)] = arguments else {
        return Ok(Effect::Asks(Ask::Rest(command.to_owned())));
    };
    let text = session.scenario().to_json()?;
    Ok(Effect::Writes(Draft {
        name: name.clone(),
        content: Content::Text(text),
        existing,
    }))
}
