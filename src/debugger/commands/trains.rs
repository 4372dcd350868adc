//! Commands for going on and back in a training.

use crate::debugger::arguments::{Argument, NUMBER, PLOT, Parameter, UPDATE, UPDATES};
use crate::debugger::command::{Ask, Command, Effect};
use crate::debugger::{CommandError, Key, Plot, Session, curve};

pub(super) const ROWS: &[Command] = &[
    Command::new(
        "update",
        "go on to the next update of the parameters, or to the one of that number",
        |session, arguments| {
            match arguments {
                [Argument::Update(update)] => session.go_to_update(*update)?,
                _ => session.move_update(1)?,
            }
            Ok(found(session))
        },
    )
    .keys(&[Key::Char('.')])
    .takes(&[Parameter::optional(UPDATE)])
    .enabled(is_trained),
    Command::new(
        "update back",
        "go back to the update before",
        |session, _| {
            session.move_update(-1)?;
            Ok(found(session))
        },
    )
    .keys(&[Key::Char(',')])
    .enabled(is_trained),
    Command::new(
        "learn",
        "train some updates more; at another rate from the first update on",
        learn,
    )
    .takes(&[
        Parameter::optional(UPDATES),
        Parameter::optional(NUMBER).after("at"),
    ]),
    Command::new(
        "curve",
        "plot the loss and the gradients over the updates, or one number",
        |session, arguments| {
            let plot = match arguments {
                [Argument::Plot(plot)] => *plot,
                _ => Plot::default(),
            };
            Ok(Effect::Shows(curve::sheet(session, plot)?))
        },
    )
    .takes(&[Parameter::optional(PLOT)])
    .keys(&[Key::Char('L')])
    .enabled(is_trained),
];

fn is_trained(session: &Session) -> Result<(), CommandError> {
    session.expect_trained().map(drop)
}

fn found(session: &Session) -> Effect {
    Effect::Found(session.says_update().unwrap_or_default())
}

fn learn(session: &mut Session, arguments: &[Argument]) -> Result<Effect, CommandError> {
    let (mut n, mut rate) = (1, None);
    for argument in arguments {
        match argument {
            Argument::Count(count) => n = *count,
            Argument::Number(number) => rate = Some(*number),
            _ => {}
        }
    }
    if rate.is_none() && session.training().is_none() {
        return Ok(Effect::Asks(Ask::Rest(format!("learn {n} at "))));
    }
    session.learn(n, rate).map(Effect::Found)
}
