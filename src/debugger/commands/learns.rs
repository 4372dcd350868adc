//! Commands for predicting sums, and comparing them with somebody's own.

use super::common::{asked, unless};
use crate::debugger::arguments::{ALTERNATIVE, Argument, ELEMENT, NUMBER, Parameter};
use crate::debugger::command::{Ask, Command, Effect};
use crate::debugger::{CommandError, Key, QuizForm, Session};

pub(super) const ROWS: &[Command] = &[
    Command::new(
        "mistakes",
        "show what a neuron would get under each common slip, beside the right sum",
        |session, arguments| {
            Ok(Effect::Shows(
                session.list_mistakes(asked(session, arguments)?),
            ))
        },
    )
    .keys(&[Key::Char('m')])
    .takes(&[Parameter::optional(ELEMENT)])
    .bar(6, "mistakes"),
    Command::new(
        "predict",
        "hide the sum and say what it is, as a decimal or a fraction",
        |session, arguments| match arguments {
            [Argument::Number(number)] => session.predict(*number).map(Effect::Shows),
            _ => session
                .ask_to_predict()
                .map(|()| Effect::Asks(Ask::Rest("predict ".to_owned()))),
        },
    )
    .keys(&[Key::Char('p')])
    .takes(&[Parameter::required(NUMBER)])
    .bar(7, "predict")
    .enabled(has_sum),
    Command::new(
        "reveal",
        "show a sum that is hidden to be predicted",
        |session, _| session.reveal().map(|()| Effect::Moved),
    )
    .keys(&[Key::Char('r')])
    .enabled(|session| unless(!session.is_hidden(), CommandError::NothingHidden)),
    Command::new(
        "quiz",
        "be asked who sends what, times what, and what it comes to; again: no longer",
        |session, _| quiz(session, QuizForm::Whole),
    )
    .keys(&[Key::Char('P')])
    .bar(8, "quiz"),
    Command::new(
        "quiz sums",
        "have every sum hidden until it is predicted; again: no longer",
        |session, _| quiz(session, QuizForm::Sums),
    ),
    Command::new(
        "choose",
        "answer the question of the quiz by the number of an answer, as a digit does",
        |session, arguments| match arguments {
            [Argument::Count(number)] => session.choose(*number).map(Effect::Found),
            _ => Err(CommandError::NothingAsked),
        },
    )
    .takes(&[Parameter::required(ALTERNATIVE)]),
    Command::new(
        "score",
        "say how many answers were right, and what was missed most",
        |session, _| {
            let verdict = session.verdict().ok_or(CommandError::NothingPredicted)?;
            Ok(Effect::Says(verdict))
        },
    ),
    Command::new(
        "wrong",
        "go to the next neuron that the loaded answer has wrong",
        |session, _| session.next_wrong().map(|()| Effect::FoundWrong),
    )
    .keys(&[Key::Char('x')])
    .enabled(has_answer),
    Command::new(
        "wrong back",
        "go back to the wrong neuron before",
        |session, _| session.previous_wrong().map(|()| Effect::FoundWrong),
    )
    .keys(&[Key::Char('X')])
    .enabled(has_answer),
    Command::new(
        "marks",
        "list how much of the loaded answer is right, carried, wrong and blank",
        |session, _| session.list_marks().map(Effect::Shows),
    )
    .keys(&[Key::Char('M')])
    .enabled(has_answer),
];

fn quiz(session: &mut Session, form: QuizForm) -> Result<Effect, CommandError> {
    let does = session.toggle_quiz(form);
    Ok(Effect::Found(does.to_owned()))
}

fn has_sum(session: &Session) -> Result<(), CommandError> {
    unless(session.element().is_none(), CommandError::NoSum)
}

fn has_answer(session: &Session) -> Result<(), CommandError> {
    unless(session.marking().is_none(), CommandError::NoAnswer)
}
