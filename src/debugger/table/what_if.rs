//! Commands for what changes where something is edited.

use super::{always, unless};
use crate::debugger::commands::{
    Argument, Ask, Bar, Command, Content, Draft, Effect, Existing, Group, Reason, Takes,
};
use crate::debugger::{Session, changes};

pub(super) const ROWS: &[Command] = &[
    Command {
        name: "set",
        keys: &["i"],
        takes: Takes::Edit,
        group: Group::WhatIf,
        bar: Some(Bar {
            rank: 7,
            word: "what if",
        }),
        help: "edit an input, weight, given gradient or setting, and compute everything anew",
        enabled: always,
        run: |session, argument| match argument {
            Argument::Edit(edit) => session.set(&edit).map(Effect::Found),
            _ => Ok(Effect::Asks(Ask::Rest(session.edit_at_hand()))),
        },
    },
    Command {
        name: "undo",
        keys: &["u"],
        takes: Takes::Nothing,
        group: Group::WhatIf,
        bar: None,
        help: "take back the last edit",
        enabled: |session| unless(!session.is_edited(), "nothing has been edited"),
        run: |session, _| session.undo().map(Effect::Found),
    },
    Command {
        name: "redo",
        keys: &["Ctrl-r"],
        takes: Takes::Nothing,
        group: Group::WhatIf,
        bar: None,
        help: "do the edit again that was undone last",
        enabled: |session| unless(!session.has_undone(), "nothing has been undone"),
        run: |session, _| session.redo().map(Effect::Found),
    },
    Command {
        name: "changes",
        keys: &["U"],
        takes: Takes::Nothing,
        group: Group::WhatIf,
        bar: None,
        help: "list all that the edits have changed, the old beside the new",
        enabled: |session| {
            unless(
                !session.is_edited(),
                "nothing has been edited: `i` sets a value",
            )
        },
        run: |session, _| Ok(Effect::Shows(changes::sheet(session)?)),
    },
    Command {
        name: "save",
        keys: &[],
        takes: Takes::File,
        group: Group::WhatIf,
        bar: None,
        help: "save the scenario as it now is as a new file",
        enabled: always,
        run: |session, argument| save(session, argument, Existing::Stays, "save "),
    },
    Command {
        name: "save over",
        keys: &[],
        takes: Takes::File,
        group: Group::WhatIf,
        bar: None,
        help: "save the scenario as it now is, over a file that there may be",
        enabled: always,
        run: |session, argument| save(session, argument, Existing::Replaced, "save over "),
    },
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
