//! What if: edits, undo, and the scenario that is saved.

use backstep::backprop::Backprop;
use backstep::debugger::{Content, Edit, Effect, Existing, Position, Session, parse};
use backstep::gallery;
use backstep::scenario::{NoFiles, Options, Scenario};
use backstep::tape::Kind;
use backstep::tensor::{Element, Tensor};
use proptest::prelude::*;

use crate::why::{obey, of, open};

fn gradients(session: &Session) -> Vec<u64> {
    bits(session.backprop())
}

/// Every value and gradient, to the bit.
fn bits(backprop: &Backprop) -> Vec<u64> {
    let of = |tensor: &Tensor| {
        tensor
            .data()
            .iter()
            .map(|number| number.to_bits())
            .collect::<Vec<_>>()
    };
    let network = backprop.network();
    network
        .ids()
        .flat_map(|id| [of(backprop.tape().value(id)), of(backprop.gradient(id))].concat())
        .collect()
}

#[test]
fn an_edit_says_what_it_changes() {
    insta::assert_snapshot!(obey(
        &mut open("the-question"),
        "set x[0,3] 9; changes; set fc[0].grad 5/2; set fc.activation tanh; changes; undo; undo; \
         undo; undo; redo; set fc.bias[0] 1; redo"
    ));
}

#[test]
fn what_does_not_fit_is_refused_in_the_loaders_words() {
    insta::assert_snapshot!(obey(
        &mut open("the-question"),
        "set pool.stride 1; set pool.kernel_size 9; set pool.colour red; set pool.ties never; set \
         pool.name p; set fc.weight 3; \
         set fc.bias [1]; set pool.grad 3; set pool[0,0].grad 3; set pool[0,0] 3; set x[0,0] NaN; \
         set x.scale 3; undo; changes"
    ));
    let mut session = of(r#"{ "backstep": 1, "inputs": { "x": [[1, 2], [3, 4]] },
        "layers": [{ "name": "pool", "op": "max_pool2d", "kernel_size": 1 }], "upstream": { "pool": [[1, 2], [3, 4]] } }"#);
    assert!(
        obey(&mut session, "set pool.kernel_size 2")
            .contains("the upstream gradient of `pool` has shape [2, 2], but `pool` has [1, 1]")
    );
}

#[test]
fn an_edit_that_needs_too_much_is_refused_before_anything_is_taken() {
    let mut session = of(r#"{ "backstep": 1, "inputs": { "x": [[1, 2], [3, 4]] },
        "layers": [{ "name": "conv", "op": "conv2d", "weight": [[1, 2], [3, 4]] }, { "name": "y", "op": "sum" }] }"#);
    let said = obey(
        &mut session,
        "set conv.padding 5600; set conv.padding [[0, 1], [2, 0]]",
    );
    assert!(
        said.contains("takes 376409622 numbers at once, gradients and copies among them"),
        "{said}"
    );
    assert!(said.contains("`--max-elements` sets how many"), "{said}");
    let conv = session.network().find("conv").unwrap();
    assert_eq!(session.network().tensor(conv).shape.to_vec(), [2, 3]);
}

#[test]
fn the_session_stays_at_its_neuron() {
    let mut session = open("the-question");
    session.go_to(Position::Step(25));
    let element = session.element();
    obey(
        &mut session,
        "set x[0,3] 9; set fc.activation sigmoid; set pool.ties all; undo; redo; undo",
    );
    assert_eq!(
        (session.position(), session.element()),
        (Position::Step(25), element)
    );
    for position in [Position::Start, Position::End] {
        session.go_to(position);
        assert!(
            obey(&mut session, "set x[0,0] 1; set pool.ties split").contains("pool.ties is split")
        );
        assert_eq!(session.position(), position);
    }
}

#[test]
fn a_default_upstream_gradient_can_be_edited() {
    let mut session = of(
        r#"{ "backstep": 1, "inputs": { "x": [1, 2] }, "layers": [{ "name": "loss", "op": "sum" }] }"#,
    );
    obey(&mut session, "set loss.grad 3; set x[1] 0.5");
    let x = session.network().find("x").unwrap();
    assert_eq!(session.backprop().gradient(x).data(), [3.0, 3.0]);
    let saved = session.scenario().to_json().unwrap();
    assert_eq!(
        saved,
        r#"{ "backstep": 1, "inputs": { "x": [1, 0.5] }, "layers": [{ "name": "loss", "op": "sum" }], "upstream": { "loss": 3 } }"#
    );
}

#[test]
fn what_is_saved_is_the_file_with_the_edits_in_it() {
    let mut session = open("the-question");
    obey(
        &mut session,
        "set x[2,2] -1.25; set fc[1].grad 7; set fc.activation default; set pool.ties all",
    );
    let before = gallery::find("the-question").unwrap().json();
    let saved = session.scenario().to_json().unwrap();
    let changed: Vec<&str> = saved
        .lines()
        .zip(before.lines())
        .filter(|(now, then)| now != then)
        .map(|(now, _)| now.trim())
        .collect();
    assert_eq!(saved.lines().count(), before.lines().count());
    assert_eq!(
        changed,
        [
            "[0, 1, -1.25, 2],",
            r#"{ "name": "pool", "op": "max_pool2d", "kernel_size": 2, "ties": "all" },"#,
            r#"{ "name": "fc", "op": "linear", "weight": [[1, 1.5, 0.5, 0.5], [-0.5, 3, -1, 1], [0.5, 0.5, 1, -1]], "bias": [0.5, -1, 1] }"#,
            r#""upstream": { "fc": [2, 7, 6] },"#,
        ]
    );
}

#[test]
fn a_file_is_written_by_whoever_shows_the_session() {
    let mut session = open("the-question");
    for (line, existing) in [
        ("save what if.json", Existing::Stays),
        ("save over what if.json", Existing::Replaced),
    ] {
        let call = parse(line, &session).unwrap();
        let Ok(Effect::Writes(draft)) = call.run(&mut session) else {
            panic!("{line} writes nothing")
        };
        assert_eq!(
            (draft.name.as_str(), draft.existing),
            ("what if.json", existing)
        );
        assert_eq!(
            draft.content,
            Content::Text(gallery::find("the-question").unwrap().json().to_owned())
        );
    }
}

/// Every number that can be set in a scenario.
fn editable(session: &Session) -> Vec<Edit> {
    let network = session.network();
    let elements =
        |tensor| (0..network.tensor(tensor).shape.numel()).map(move |at| Element { tensor, at });
    let leaves = network
        .ids()
        .filter(|&id| matches!(network.tensor(id).kind, Kind::Input | Kind::Parameter(_)))
        .flat_map(elements)
        .map(|element| Edit::Value(element, 0.0));
    let given = session
        .backprop()
        .upstream()
        .keys()
        .copied()
        .flat_map(elements)
        .map(|element| Edit::Upstream(element, 0.0));
    leaves.chain(given).collect()
}

fn with(edit: &Edit, value: f64) -> Edit {
    match *edit {
        Edit::Upstream(element, _) => Edit::Upstream(element, value),
        Edit::Value(element, _) => Edit::Value(element, value),
        Edit::Setting { .. } | Edit::Precision(_) | Edit::LossScale(_) => edit.clone(),
    }
}

fn value_of(edit: &Edit, session: &Session) -> f64 {
    match *edit {
        Edit::Upstream(element, _) => {
            session.scenario().upstream[&element.tensor].data()[element.at]
        }
        Edit::Value(element, _) => session.scenario().leaves[&element.tensor].data()[element.at],
        Edit::Setting { .. } | Edit::Precision(_) | Edit::LossScale(_) => {
            unreachable!("only numbers are edited here")
        }
    }
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        prop::num::f64::NORMAL,
        prop::num::f64::ZERO,
        (-40..40_i32).prop_map(|eighths| f64::from(eighths) / 8.0)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn edits_are_saved_undone_and_done_again_to_the_bit(
        item in prop::sample::select(gallery::ALL),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any_number()), 1..5),
    ) {
        let scenario = item.open(Options::default()).unwrap();
        let (title, ask, notes) = (scenario.title.clone(), scenario.ask.clone(),
            scenario.notes.clone());
        let mut session = Session::new(scenario);
        let all = editable(&session);
        let mut seen = vec![gradients(&session)];
        for (which, value) in &edits {
            let says = session.set(&with(which.get(&all), *value)).unwrap();
            // What is so already is no edit.
            if !says.ends_with(" already") {
                seen.push(gradients(&session));
            }
        }
        let saved = session.scenario().to_json().unwrap();
        let read = Scenario::read("saved.json", saved.as_bytes(), &NoFiles,
            Options::default()).unwrap();
        prop_assert_eq!(&bits(&Backprop::run(read.tape(), read.upstream.clone())),
            seen.last().unwrap());
        prop_assert_eq!((read.title, read.ask, read.notes), (title, ask, notes));
        for step in (0..seen.len() - 1).rev() {
            session.undo().unwrap();
            prop_assert_eq!(&gradients(&session), &seen[step]);
        }
        prop_assert!(session.undo().is_err());
        for expected in &seen[1..] {
            session.redo().unwrap();
            prop_assert_eq!(&gradients(&session), expected);
        }
    }

    #[test]
    fn a_number_set_back_leaves_no_trace(item in prop::sample::select(gallery::ALL),
        which: prop::sample::Index, value in any_number()) {
        let mut session = Session::new(item.open(Options::default()).unwrap());
        let all = editable(&session);
        let edit = which.get(&all);
        let (was, before) = (value_of(edit, &session), gradients(&session));
        session.set(&with(edit, value)).unwrap();
        session.set(&with(edit, was)).unwrap();
        prop_assert_eq!(gradients(&session), before);
        let network = session.network();
        let changed = network.ids().flat_map(|tensor| (0..network.tensor(tensor).shape.numel()).map(move |at| Element { tensor, at }));
        for element in changed {
            let before = session.before(element);
            prop_assert!(before.value.is_none() && before.gradient.is_none());
        }
    }
}
