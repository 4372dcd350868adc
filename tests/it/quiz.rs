//! The quiz: what it asks of a neuron, what it takes for right, and what it says at the end.

use backstep::debugger::{Position, Question, Script, Session, Shown, Topic};
use backstep::gallery;
use backstep::scenario::Options;

/// The most steps of a scenario that are played.
const STEPS: usize = 12;

fn session(name: &str) -> Session {
    let item = gallery::find(name).unwrap();
    Session::new(item.open(Options::default()).unwrap())
}

fn obey(session: &mut Session, script: &str) -> Vec<String> {
    let script = Script::read(script, session).unwrap();
    let said = script.obey(session, |_, _| Ok(()));
    said.flat_map(|said| said.lines).collect()
}

/// Checks a question, and returns the number of its right answer.
fn right(question: &Question, what: &str) -> usize {
    let answers = &question.alternatives;
    assert!((2..=4).contains(&answers.len()), "{what}: {question:?}");
    for (number, answer) in answers.iter().enumerate() {
        assert!(
            answers[..number]
                .iter()
                .all(|other| other.says != answer.says),
            "{what} offers {} twice",
            answer.says
        );
        assert!(
            answer.is_right || !answer.why.is_empty(),
            "{what}: {answer:?}"
        );
    }
    let right: Vec<usize> = (1..)
        .zip(answers)
        .filter_map(|(number, answer)| answer.is_right.then_some(number))
        .collect();
    assert_eq!(right.len(), 1, "{what}: {question:?}");
    right[0]
}

#[test]
fn whoever_answers_rightly_sees_the_sum_at_every_step_of_the_gallery() {
    for item in gallery::ALL {
        let mut session = session(item.name);
        obey(&mut session, "quiz");
        let n_steps = session.n_steps();
        let mut n_asked = 0;
        for step in (0..n_steps).step_by(n_steps / STEPS + 1) {
            session.go_to(Position::Step(step));
            let what = format!("{} at step {step}", item.name);
            let (mut topics, mut shown) = (Vec::new(), Vec::new());
            while let Some(question) = session.question().cloned() {
                topics.push(question.topic);
                shown.push(session.shown());
                let number = right(&question, &what);
                let says = obey(&mut session, &format!("choose {number}"));
                assert!(
                    says.iter().any(|line| line.starts_with('✓')),
                    "{what}: {says:?}"
                );
            }
            assert!(
                topics.is_sorted() && shown.is_sorted(),
                "{what}: {topics:?}"
            );
            assert!(!session.is_hidden(), "{what} after {topics:?}");
            n_asked += topics.len();
        }
        let score = session.score().unwrap();
        assert_eq!(
            (score.right, score.tried),
            (n_asked, n_asked),
            "{}",
            item.name
        );
    }
}

#[test]
fn what_is_asked_is_not_shown() {
    let mut session = session("pool-to-conv");
    obey(&mut session, "quiz; goto pool[1,1]");
    for (topic, shown) in [
        (Topic::Senders, Shown::Nothing),
        (Topic::Factor, Shown::Senders),
        (Topic::Combination, Shown::Factors),
        (Topic::Sum, Shown::Factors),
    ] {
        let question = session.question().unwrap().clone();
        assert_eq!((question.topic, session.shown()), (topic, shown));
        for command in ["print", "inspect", "mistakes", "why"] {
            assert_eq!(
                obey(&mut session, command),
                ["its sum is hidden: `p` predicts it, `r` shows it"]
            );
        }
        let number = right(&question, "pool[1,1]");
        obey(&mut session, &format!("choose {number}"));
    }
    assert_eq!((session.question(), session.shown()), (None, Shown::Sum));
}

#[test]
fn a_wrong_answer_is_explained_and_counts() {
    let mut session = session("pool-to-conv");
    for (script, says) in [
        ("choose 1", "nothing is asked here: `P` begins a quiz"),
        (
            "goto pool[1,1]; quiz; choose 9",
            "there is no such answer: choose one from 1 to 3",
        ),
        ("choose 2", "✗ conv[1,0]: conv[0,0] sends something too"),
        ("choose 3", "✓ 4 neurons, conv[0,0] … conv[1,1]"),
        ("score", "0 of 1 right at the first attempt"),
    ] {
        let lines = obey(&mut session, script);
        assert!(
            lines.iter().any(|line| line.contains(says)),
            "{script}: {lines:?}"
        );
    }
}

#[test]
fn the_end_says_what_was_missed_most() {
    let mut session = session("the-question");
    let mut n_missed = 0;
    obey(&mut session, "quiz");
    for step in 0..4 {
        session.go_to(Position::Step(step));
        while let Some(question) = session.question().cloned() {
            let right = right(&question, "the-question");
            if question.topic == Topic::Factor {
                n_missed += 1;
                obey(
                    &mut session,
                    &format!("choose {}", right % question.alternatives.len() + 1),
                );
            }
            obey(&mut session, &format!("choose {right}"));
        }
    }
    let score = session.score().unwrap();
    assert_eq!(score.tried - score.right, n_missed);
    let verdict = format!(
        "{score}. Missed most, {n_missed}×: what a gradient is multiplied by. Look again at \
         pool[0,0], and at its mistakes with `m`"
    );
    assert_eq!(obey(&mut session, "score"), [verdict]);
}
