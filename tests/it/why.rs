//! Why, why not and verify, as the debugger says them.

use backstep::backprop::{Backprop, Verdict, verify};
use backstep::cancel::Cancel;
use backstep::debugger::{Effect, Position, Session, parse};
use backstep::gallery;
use backstep::scenario::{NoFiles, Options, Scenario};

/// Runs commands on a scenario, and writes down what each says.
pub(crate) fn obey(session: &mut Session, script: &str) -> String {
    script
        .split(';')
        .map(str::trim)
        .map(|line| format!("> {line}\n{}\n\n", says(session, line)))
        .collect()
}

fn says(session: &mut Session, line: &str) -> String {
    let call = match parse(line, session) {
        Ok(call) => call,
        Err(error) => return format!("no: {error}"),
    };
    match call.run(session) {
        Ok(Effect::Shows(sheet)) => format!(
            "-- {}\n{}",
            sheet.title,
            sheet.plain().collect::<Vec<_>>().join("\n")
        ),
        Ok(Effect::Found(says)) => says,
        Ok(Effect::Moved) => format!("{:?}", session.position()),
        Ok(other) => format!("{other:?}"),
        Err(reason) => format!("no: {reason}"),
    }
}

pub(crate) fn open(name: &str) -> Session {
    Session::new(
        gallery::find(name)
            .unwrap()
            .open(Options::default())
            .unwrap(),
    )
}

pub(crate) fn of(json: &str) -> Session {
    Session::new(
        Scenario::read("test.json", json.as_bytes(), &NoFiles, Options::default()).unwrap(),
    )
}

#[test]
fn a_gradient_is_followed_to_where_it_is_given() {
    insta::assert_snapshot!(obey(
        &mut open("the-question"),
        "why x[1,0]; why pool[1,1]; why fc.weight[0,1]; why flat[2]; why fc[1]"
    ));
}

#[test]
fn a_zero_has_its_reason() {
    let said = obey(&mut open("the-question"), "why x[0,0]")
        + &obey(
            &mut open("dead-relu"),
            "why hidden[1]; why x[0]; why hidden.weight[1,0]; why out.weight[0,1]",
        )
        + &obey(&mut open("ties"), "why x_first[0,1]")
        + &obey(&mut open("overlapping-pool"), "why x[1,2]");
    insta::assert_snapshot!(said);
}

#[test]
fn terms_can_cancel_and_nothing_can_arrive() {
    let mut session = of(r#"{
        "backstep": 1,
        "inputs": { "x": [1, 3] },
        "layers": [
            { "name": "fc", "op": "linear", "from": "x", "weight": [[1, 2], [-1, 2]] },
            { "name": "aside", "op": "linear", "from": "x", "weight": [[1, 1]] },
            { "name": "relu", "op": "relu", "from": "fc" }
        ],
        "upstream": { "relu": [2, 2] }
    }"#);
    insta::assert_snapshot!(obey(
        &mut session,
        "why x[0]; why x[1]; why aside[0]; whynot x[0] from aside[0]"
    ));
}

#[test]
fn a_pair_stands_in_one_of_many_relations() {
    let said = obey(
        &mut open("the-question"),
        "whynot x[0,0] from pool[0,0]; whynot x[0,0] from pool[0,1]; whynot x[0,0] from fc[1]; \
         whynot x[1,0] from pool[0,0]; \
         whynot pool[0,0] from x[1,0]; whynot pool[0,0] from pool[0,1]; whynot flat[0] from \
         pool[0,0]; whynot x[0,0] from x[0,1]; \
         whynot pool[0,0] from fc.weight[0,0]; whynot fc.weight[0,0] from fc[1]",
    ) + &obey(
        &mut open("dead-relu"),
        "whynot x[0] from relu[1]; whynot x[0] from hidden[1]; whynot hidden[1] from relu[1]",
    ) + &obey(
        &mut open("pool-to-conv"),
        "whynot pool[2,2] from conv[0,0]; whynot x[0,0] from conv[0,0]",
    );
    insta::assert_snapshot!(said);
}

#[test]
fn a_nudge_shows_the_slope_or_both_sides_of_a_kink() {
    let said = obey(&mut open("the-question"), "verify pool[1,0]; verify x[0,0]")
        + &obey(
            &mut open("ties"),
            "verify x_first[0,0]; verify x_split[0,0]; verify x_all[0,1]",
        )
        + &obey(
            &mut of(
                r#"{ "backstep": 1, "inputs": { "x": [0, 2] }, "layers": [{ "name": "y", "op": "relu" }], "upstream": { "y": [5, 1] } }"#,
            ),
            "verify x[0]; verify x[1]",
        );
    insta::assert_snapshot!(said);
}

#[test]
fn without_a_neuron_there_is_nothing_to_ask_about() {
    for position in [Position::Start, Position::End] {
        let mut session = open("the-question");
        session.go_to(position);
        for command in ["why", "verify"] {
            assert!(obey(&mut session, command).contains("no: no neuron is being computed here"));
        }
        assert!(
            obey(
                &mut session,
                "whynot x[0,0] from fc[0]; why x[0,0]; verify x[0,0]"
            )
            .matches("-- ")
            .count()
                == 3
        );
    }
}

#[test]
fn what_is_not_a_number_is_followed_to_where_the_forward_run_stops_being_finite() {
    let overflow = r#"{
        "backstep": 1,
        "inputs": { "x": [800, 1] },
        "layers": [
            { "name": "a", "op": "exp" },
            { "name": "twice", "op": "linear", "weight": [[2, 0], [0, 3]] },
            { "name": "b", "op": "softmax" },
            { "name": "loss", "op": "sum" }
        ]
    }"#;
    let difference = r#"{
        "backstep": 1,
        "inputs": { "x": [-1, 2] },
        "layers": [
            { "name": "log", "op": "log" },
            { "name": "fc", "op": "linear", "weight": [[1, 2]] },
            { "name": "square", "op": "mul", "from": ["fc", "fc"] }
        ]
    }"#;
    let said = obey(
        &mut of(overflow),
        "why x[0]; why twice[1]; why twice.weight[1,1]",
    ) + &obey(
        &mut of(difference),
        "why x[1]; why fc.weight[0,0]; why fc[0]",
    );
    insta::assert_snapshot!(said);
}

#[test]
fn jumps_are_returned_from_in_turn() {
    let mut session = open("the-question");
    let start = session.position();
    obey(&mut session, "goto 12; goto x[0,0]; end");
    let mut seen = Vec::new();
    while obey(&mut session, "return").contains("Step") {
        seen.push(session.position());
    }
    assert_eq!(
        seen,
        [
            session
                .start_of_tensor(session.network().find("x").unwrap())
                .unwrap(),
            Position::Step(11),
            start
        ]
    );
}

/// What a nudge of an element of a small network shows.
fn verdict(inputs: &str, layers: &str, upstream: &str, element: &str) -> Verdict {
    let net = format!(
        r#"{{ "backstep": 1, "inputs": {{ {inputs} }}, "layers": [{layers}], "upstream": {{ {upstream} }} }}"#
    );
    let scenario =
        Scenario::read("net.json", net.as_bytes(), &NoFiles, Options::default()).unwrap();
    let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
    let element = backprop
        .network()
        .element(&element.parse().unwrap())
        .unwrap();
    verify(&backprop, element, &Cancel::default())
        .unwrap()
        .verdict
}

#[test]
fn a_kink_is_where_the_slopes_of_the_two_sides_differ() {
    let is_kink = |verdict: &Verdict| matches!(verdict, Verdict::Kink(_));
    let relu = r#"{ "name": "r", "op": "relu" }"#;
    assert!(is_kink(&verdict(
        r#""x": [0]"#,
        relu,
        r#""r": [2]"#,
        "x[0]"
    )));
    // 1e-7 is above 0, if not by much.
    let above = verdict(r#""x": [1e-7]"#, relu, r#""r": [2]"#, "x[0]");
    assert_eq!(above, Verdict::Right);
    let clipped = |x: &str| {
        verdict(
            &format!(r#""x": [{x}]"#),
            r#"{ "name": "h", "op": "hardtanh" }"#,
            r#""h": [1]"#,
            "x[0]",
        )
    };
    assert_eq!(clipped("0.9999999"), Verdict::Right);
    assert_eq!(clipped("1.0000001"), Verdict::Right);
    let pool = r#"{ "name": "p", "op": "max_pool1d", "kernel_size": 2 }"#;
    let ahead = verdict(r#""x": [3, 3.0000001]"#, pool, r#""p": [1]"#, "x[0]");
    assert_eq!(ahead, Verdict::Right);
    // The square of a distance is flat where the distance is 0, on both sides of the ReLU's bend.
    let square = format!(r#"{relu}, {{ "name": "loss", "op": "mse_loss", "target": [0, 3] }}"#);
    let flat = verdict(r#""x": [0, 1]"#, &square, r#""loss": 1"#, "x[0]");
    assert_eq!(flat, Verdict::Right);
    let lost = r#"{ "name": "p", "op": "max_pool1d", "kernel_size": 2 }, { "name": "z", "op": "linear", "weight": [[0]] }"#;
    let nothing = verdict(r#""x": [3, 3]"#, lost, r#""z": [1]"#, "x[0]");
    assert_eq!(nothing, Verdict::Right);
    // relu(x) − relu(−x) is x, and by the convention at 0 backprop has 0 for its slope: so has
    // PyTorch, and nothing is wrong with either.
    let identity = r#"{ "name": "a", "op": "relu", "from": "x" }, { "name": "n", "op": "neg", "from": "x" },
        { "name": "b", "op": "relu", "from": "n" }, { "name": "d", "op": "sub", "from": ["a", "b"] }"#;
    let missed = verdict(r#""x": [0]"#, identity, r#""d": [1]"#, "x[0]");
    assert!(is_kink(&missed));
    let larger = r#"{ "name": "p", "op": "max_pool1d", "kernel_size": 2 }, { "name": "n", "op": "neg" },
        { "name": "q", "op": "max_pool1d", "kernel_size": 2 }"#;
    let smaller = verdict(r#""x": [0, 0, 0, 0]"#, larger, r#""q": [1]"#, "x[0]");
    assert!(is_kink(&smaller));
}

#[test]
fn what_no_nudge_can_measure_is_no_kink() {
    let pow = |exponent: f64| {
        format!(
            r#"{{ "name": "p", "op": "pow", "exponent": {exponent} }}, {{ "name": "s", "op": "sum" }}"#
        )
    };
    let at =
        |x: &str, layers: &str| verdict(&format!(r#""x": [{x}]"#), layers, r#""s": 1"#, "x[0]");
    assert_eq!(at("1e-200, 2e-200", &pow(-1.0)), Verdict::Unmeasurable);
    // A nudge may land on the pole, and a smaller one does not.
    assert_eq!(at("1e-4, 1", &pow(-2.0)), Verdict::Right);
    let coarse = r#"{ "name": "p", "op": "prelu", "weight": [2] }, { "name": "s", "op": "sum" }"#;
    assert_eq!(at("1e-300, 1e300", coarse), Verdict::Unmeasurable);
    let root = r#"{ "name": "a", "op": "abs", "from": "x" }, { "name": "r", "op": "sqrt", "from": "x" },
        { "name": "t", "op": "add", "from": ["a", "r"] }, { "name": "s", "op": "sum" }"#;
    assert_eq!(at("0", root), Verdict::NotFinite);
    // A long sum rounds more than a short one.
    let ones = vec!["1.0"; 4000].join(", ");
    let smooth = r#"{ "name": "n", "op": "softmax" }, { "name": "l", "op": "log_softmax" }, { "name": "s", "op": "sum" }"#;
    assert_eq!(at(&ones, smooth), Verdict::Right);
}
