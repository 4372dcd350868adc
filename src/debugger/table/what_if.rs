//! Commands for what changes where something is edited.

use super::unless;
use crate::debugger::commands::{
    Argument, Ask, Command, Content, Draft, Effect, Existing, Reason, Takes,
};
use crate::debugger::{Key, Session, changes};

pub(super) const ROWS: &[Command] = &[
    Command::new(
        "set",
        "edit an input, weight, given gradient or setting, and compute everything anew",
        |session, argument| match argument {
            Argument::Edit(edit) => session.set(&edit).map(Effect::Found),
            _ => Ok(Effect::Asks(Ask::Rest(session.edit_at_hand()))),
        },
    )
    .keys(&[Key::Char('i')])
    .takes(Takes::Edit)
    .bar(7, "what if"),
    Command::new("undo", "take back the last edit", |session, _| {
        session.undo().map(Effect::Found)
    })
    .keys(&[Key::Char('u')])
    .enabled(|session| unless(!session.is_edited(), "nothing has been edited")),
    Command::new(
        "redo",
        "do the edit again that was undone last",
        |session, _| session.redo().map(Effect::Found),
    )
    .keys(&[Key::Ctrl('r')])
    .enabled(|session| unless(!session.has_undone(), "nothing has been undone")),
    Command::new(
        "changes",
        "list all that the edits have changed, the old beside the new",
        |session, _| Ok(Effect::Shows(changes::sheet(session))),
    )
    .keys(&[Key::Char('U')])
    .enabled(|session| {
        unless(
            !session.is_edited(),
            "nothing has been edited: `i` sets a value",
        )
    }),
    Command::new(
        "save",
        "save the scenario as it now is as a new file",
        |session, argument| save(session, argument, Existing::Stays, "save "),
    )
    .takes(Takes::File),
    Command::new(
        "save over",
        "save the scenario as it now is, over a file that there may be",
        |session, argument| save(session, argument, Existing::Replaced, "save over "),
    )
    .takes(Takes::File),
];

fn save(
    session: &Session,
    argument: Argument,
    existing: Existing,
    command: &str,
) -> Result<Effect, Reason> {
    let Argument::File(name) = argument else {
        return Ok(Effect::Asks(Ask::Rest(command.to_owned())));
    };
    let text = session
        .scenario()
        .to_json()
        .map_err(|problem| Reason::from(problem.message))?;
    Ok(Effect::Writes(Draft {
        name,
        content: Content::Text(text),
        existing,
    }))
}
