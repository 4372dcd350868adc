//! Somebody's own gradients beside the true ones in the debugger, and predictions of a sum.

use std::collections::BTreeMap;

use backstep::backprop::Backprop;
use backstep::cancel::Cancel;
use backstep::debugger::{Position, Script, Session};
use backstep::export::{Detail, Selection, Subject, format};
use backstep::gallery;
use backstep::marking::{Answer, Choice, Form, Hypothesis, Marking, Status, slip};
use backstep::scenario::{NoFiles, Options, Scenario};
use backstep::tensor::{Element, Tensor, TensorId};

fn open(name: &str) -> Scenario {
    gallery::find(name)
        .unwrap()
        .open(Options::default())
        .unwrap()
}

fn backprop(scenario: &Scenario) -> Backprop {
    Backprop::run(scenario.tape(), scenario.upstream.clone())
}

/// The answer that somebody would write with these gradients, as the arrays of an `.npz` file.
fn npz(scenario: &Scenario, theirs: &Backprop) -> Answer {
    let selection = Selection {
        detail: Detail::Tensors,
        tensors: None,
        steps: 0..usize::MAX,
    };
    let mut bytes = Vec::new();
    (format("npz").unwrap().write)(
        Subject {
            scenario,
            backprop: theirs,
        },
        &selection,
        &mut bytes,
    )
    .unwrap();
    Answer::read("theirs.npz", &bytes, &scenario.network).unwrap()
}

/// A session with an answer, before the first step.
fn session(scenario: Scenario, answer: Answer) -> Session {
    let tolerance = answer.tolerance();
    let mut session = Session::new(scenario)
        .with_answer(answer, tolerance)
        .unwrap();
    session.go_to(Position::Start);
    session
}

fn obey(session: &mut Session, text: &str) -> Vec<String> {
    let script =
        Script::read(text, session).unwrap_or_else(|complaints| panic!("{text}: {complaints:?}"));
    script.obey(session, |_, _| Ok(())).last().unwrap().lines
}

#[test]
fn the_first_wrong_neuron_is_found_in_a_whole_network() {
    let scenario = open("digit-right");
    let truth = backprop(&scenario);
    let weight = scenario.network.find("conv1.weight").unwrap();
    let damaged = Tensor::from_fn(truth.gradient(weight).shape().clone(), |at| {
        truth.gradient(weight).data()[at] * if at == 13 { 1.5 } else { 1.0 }
    });
    let answer = npz(
        &scenario,
        &truth.with_gradients(&BTreeMap::from([(weight, damaged)])),
    );
    let mut session = session(scenario, answer);
    obey(&mut session, "wrong");
    let element = Element {
        tensor: weight,
        at: 13,
    };
    assert_eq!(session.element(), Some(element));
    assert_eq!(
        obey(&mut session, "wrong"),
        ["no number is wrong from here on"]
    );
    assert_eq!(
        obey(&mut session, "start; break if wrong; continue; where").len(),
        1
    );
    assert_eq!(session.element(), Some(element));
    assert_eq!(obey(&mut session, "end; wrong back; where").len(), 1);
    assert_eq!(session.element(), Some(element));
    assert_eq!(
        obey(&mut session, "wrong back"),
        ["no number is wrong before here"]
    );
}

/// The gradients of somebody who makes a slip in one tensor and is right in all others, each from
/// their own numbers downstream.
fn with_slip(truth: &Backprop, tensor: TensorId, id: &str) -> Backprop {
    let hypothesis = Hypothesis::from(Choice {
        slip: slip(id).unwrap(),
        form: Form::Plain,
    });
    let mut theirs = truth.clone();
    for &step in truth.steps().tensors() {
        let gradient = if step == tensor {
            let shape = truth.gradient(step).shape().clone();
            Tensor::new(shape, hypothesis.gradient(&theirs, step).unwrap()).unwrap()
        } else {
            theirs.summed(step)
        };
        theirs = theirs.with_gradients(&BTreeMap::from([(step, gradient)]));
    }
    theirs
}

#[test]
fn a_slip_is_named_where_it_was_made_and_what_follows_is_carried() {
    let scenario = open("digit-right");
    let truth = backprop(&scenario);
    let pool = scenario
        .network
        .layers()
        .iter()
        .rfind(|layer| layer.op.name() == "max_pool2d")
        .unwrap();
    let pooled = scenario.network.base(pool.inputs[0]);
    let answer = npz(&scenario, &with_slip(&truth, pooled, "pooled-to-everyone"));
    let marking = Marking::new(&truth, &answer, answer.tolerance(), &Cancel::default()).unwrap();
    let place = truth
        .steps()
        .tensors()
        .iter()
        .position(|&tensor| tensor == pooled)
        .unwrap();
    for (number, &tensor) in truth.steps().tensors().iter().enumerate() {
        let marks = marking.tensor(tensor).unwrap();
        let name = &scenario.network.tensor(tensor).name;
        assert_eq!(marks.count(Status::Wrong) > 0, number == place, "{name}");
        assert!(
            number > place || marks.count(Status::Carried) == 0,
            "{name}"
        );
    }
    let carried = |tensor: &TensorId| marking.tensor(*tensor).unwrap().count(Status::Carried) > 0;
    assert!(truth.steps().tensors()[place + 1..].iter().any(carried));
    let mut session = session(scenario, answer);
    let says = obey(&mut session, "wrong").join("\n");
    assert_eq!(
        session.element().map(|element| element.tensor),
        Some(pooled)
    );
    assert!(
        says.contains("you gave the whole gradient to every neuron of the window"),
        "{says}"
    );
    assert_eq!(
        session
            .explanations()
            .iter()
            .map(|diagnosis| diagnosis.slips().to_vec())
            .next(),
        Some(vec!["pooled-to-everyone"])
    );
}

#[test]
fn a_slip_is_named_where_only_what_follows_from_it_is_there() {
    let text = r#"{ "backstep": 1, "inputs": { "x": [[1, -2, 3, 4], [5, 6, -7, 8], [2, 9, 1, 3],
        [4, -1, 7, 6]] }, "layers": [
            { "name": "conv", "op": "conv2d", "weight": [[2]] }, { "name": "relu", "op": "relu" },
            { "name": "pool", "op": "max_pool2d", "kernel_size": 2 },
            { "name": "fc", "op": "conv2d", "weight": [[3]] }],
        "upstream": { "fc": [[1, 2], [3, 4]] } }"#;
    let read = Scenario::read("net.json", text.as_bytes(), &NoFiles, Options::default());
    let scenario = read.unwrap();
    let relu = scenario.network.find("relu").unwrap();
    let theirs = with_slip(&backprop(&scenario), relu, "pooled-to-everyone");
    let mut answer = npz(&scenario, &theirs);
    answer.gradients.remove(&relu);
    let mut session = session(scenario, answer);
    let says = obey(&mut session, "wrong").join(" ");
    assert!(
        says.contains(
            "one mistake gives every wrong number: in the gradient of `relu` you gave the whole \
             gradient to every neuron of the window"
        ),
        "{says}"
    );
}

#[test]
fn what_is_carried_right_and_blank_is_told() {
    let json = r#"{ "format": "backstep-answer/1", "grads": {
        "pool": [[-9, null], [-18, null]], "x": [[0, 0, 0, 0], [3.5, 0, 15, 0], [0, 0, 0, 0], [-18, 0, null, 0]] } }"#;
    let scenario = open("the-question");
    let answer = Answer::read("a.json", json.as_bytes(), &scenario.network).unwrap();
    let mut session = session(scenario, answer);
    for (script, says) in [
        ("marks", "✗ pool  2 wrong, 2 blank"),
        ("next; print", "pool[0,0] = 4, step 1 of 35"),
        (
            "wrong; wrong",
            "yours is −18, right is 4: you multiplied the terms instead of adding them: 1 × −3 × 6 \
             = −18",
        ),
        ("set fc[0].grad 4; marks", "✗ pool  2 wrong, 2 blank"),
        ("undo; start; wrong", "you multiplied the terms"),
        ("set pool.stride 1; marks", "`fc.weight` has shape [3, 4]"),
    ] {
        let all: Vec<String> = {
            let script = Script::read(script, &session).unwrap();
            script
                .obey(&mut session, |_, _| Ok(()))
                .flat_map(|said| said.lines)
                .collect()
        };
        assert!(
            all.iter().any(|line| line.contains(says)),
            "{script}: {all:?}"
        );
    }
    let x = session.network().find("x").unwrap();
    let status = |at| session.theirs(Element { tensor: x, at }).unwrap().1;
    assert_eq!(
        (status(0), status(4), status(12), status(14)),
        (
            Status::Correct,
            Status::Correct,
            Status::Carried,
            Status::Blank
        )
    );
}

#[test]
fn a_prediction_is_judged_and_explained() {
    let mut session = Session::new(open("the-question"));
    for (script, says) in [
        (
            "start; predict 4",
            "there is no sum to predict here: go to a neuron",
        ),
        ("score", "nothing has been predicted yet: `p` predicts"),
        ("goto pool[1,0]; predict 4", "✓ 1 − 3 + 6 = 4."),
        (
            "goto pool[0,0]; predict 11",
            "  – left out the weight on the wire: 2 + 3 + 6 = 11",
        ),
        (
            "predict 5",
            "Perhaps you left out the term from fc[1], −1.5.",
        ),
        (
            "predict 2",
            "  – stopped after the first term: 2 out of 2, −1.5 and 3",
        ),
        ("predict 6.5", "Perhaps you"),
        ("predict 7/2", "1 of 2 right at the first attempt"),
        (
            "goto x[1,0]; predict 99",
            "no slip that is known here gives that",
        ),
        (
            "end; predict 4",
            "there is no sum to predict here: go to a neuron",
        ),
        ("end; reveal", "nothing is hidden here"),
        ("score", "1 of 3 right at the first attempt"),
    ] {
        let lines = obey(&mut session, script);
        assert!(
            lines.iter().any(|line| line.contains(says)),
            "{script}: {lines:?}"
        );
    }
}

#[test]
fn a_quiz_of_sums_hides_each_until_it_is_predicted_or_shown() {
    let mut session = Session::new(open("the-question"));
    obey(&mut session, "quiz sums; start; next");
    let element = session.element().unwrap();
    assert!(session.is_hidden() && session.known(element).is_none());
    for command in ["print", "inspect", "mistakes", "why", "verify"] {
        assert_eq!(
            obey(&mut session, command),
            ["its sum is hidden: `p` predicts it, `r` shows it"]
        );
    }
    assert_eq!(
        obey(&mut session, "where"),
        ["step 1 of 35: pool[0,0], its sum is hidden"]
    );
    obey(&mut session, "predict 3");
    assert!(session.is_hidden());
    obey(&mut session, "predict 3.5");
    assert!(!session.is_hidden() && session.known(element) == Some(3.5));
    obey(&mut session, "next");
    assert!(session.is_hidden());
    obey(&mut session, "reveal");
    assert!(!session.is_hidden());
    obey(&mut session, "back");
    assert!(!session.is_hidden());
    obey(&mut session, "end");
    assert!(!session.is_hidden());
    obey(&mut session, "goto 3; quiz sums");
    assert!(!session.is_hidden() && session.quiz().is_none());
    obey(&mut session, "quiz sums; set x[0,0] 2; goto 1");
    assert!(session.is_hidden(), "after an edit the sums are others");
}
