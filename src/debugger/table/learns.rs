//! Commands for predicting sums, and comparing them with somebody's own.

use super::{always, asked, unless};
use crate::debugger::Session;
use crate::debugger::commands::{Argument, Ask, Bar, Command, Effect, Group, Reason, Takes};

pub(super) const ROWS: &[Command] = &[
    Command {
        name: "mistakes",
        keys: &["m"],
        takes: Takes::Element,
        group: Group::Learns,
        bar: Some(Bar {
            rank: 6,
            word: "mistakes",
        }),
        help: "show what a neuron would get under each common slip, beside the right sum",
        enabled: always,
        run: |session, argument| {
            Ok(Effect::Shows(
                session.list_mistakes(asked(session, &argument)?),
            ))
        },
    },
    Command {
        name: "predict",
        keys: &["p"],
        takes: Takes::Number,
        group: Group::Learns,
        bar: Some(Bar {
            rank: 7,
            word: "predict",
        }),
        help: "hide the sum and say what it is, as a decimal or a fraction",
        enabled: has_sum,
        run: |session, argument| match argument {
            Argument::Number(number) => session.predict(number).map(Effect::Shows),
            _ => session
                .ask_to_predict()
                .map(|()| Effect::Asks(Ask::Rest("predict ".to_owned()))),
        },
    },
    Command {
        name: "reveal",
        keys: &["r"],
        takes: Takes::Nothing,
        group: Group::Learns,
        bar: None,
        help: "show a sum that is hidden to be predicted",
        enabled: |session| unless(!session.is_hidden(), "nothing is hidden here"),
        run: |session, _| session.reveal().map(|()| Effect::Moved),
    },
    Command {
        name: "quiz",
        keys: &["P"],
        takes: Takes::Nothing,
        group: Group::Learns,
        bar: None,
        help: "have every sum hidden until it is predicted; again: no longer",
        enabled: always,
        run: |session, _| Ok(Effect::Says(session.toggle_quiz())),
    },
    Command {
        name: "score",
        keys: &[],
        takes: Takes::Nothing,
        group: Group::Learns,
        bar: None,
        help: "say how many sums were predicted rightly",
        enabled: always,
        run: |session, _| {
            let score = session
                .score()
                .ok_or("nothing has been predicted yet: `p` predicts")?;
            Ok(Effect::Says(score.to_string()))
        },
    },
    Command {
        name: "wrong",
        keys: &["x"],
        takes: Takes::Nothing,
        group: Group::Learns,
        bar: None,
        help: "go to the next neuron that the loaded answer has wrong",
        enabled: has_answer,
        run: |session, _| session.next_wrong().map(|()| Effect::FoundWrong),
    },
    Command {
        name: "wrong back",
        keys: &["X"],
        takes: Takes::Nothing,
        group: Group::Learns,
        bar: None,
        help: "go back to the wrong neuron before",
        enabled: has_answer,
        run: |session, _| session.previous_wrong().map(|()| Effect::FoundWrong),
    },
    Command {
        name: "marks",
        keys: &["M"],
        takes: Takes::Nothing,
        group: Group::Learns,
        bar: None,
        help: "list how much of the loaded answer is right, carried, wrong and blank",
        enabled: has_answer,
        run: |session, _| session.list_marks().map(Effect::Shows),
    },
];

fn has_sum(session: &Session) -> Result<(), Reason> {
    unless(
        session.element().is_none(),
        "there is no sum to predict here: go to a neuron",
    )
}

fn has_answer(session: &Session) -> Result<(), Reason> {
    unless(
        session.marking().is_none(),
        "no answer is loaded: start with `--answer FILE`",
    )
}
