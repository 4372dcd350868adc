//! Updates where people meet them: in the debugger, in files, and as homework.

use backstep::debugger::{Position, Script, Session};
use backstep::scenario::{NoFiles, Options, Scenario};
use serde_json::Value;

use crate::cli::{Folder, has};

/// One weight, whose updates can be worked out by hand: the gradient is 2 · 2 · (2w − 3).
const LEARNS: &str = r#"{ "backstep": 1, "inputs": { "x": [2] },
  "layers": [{ "name": "y", "op": "linear", "weight": [[0.5]] },
             { "name": "loss", "op": "mse_loss", "target": [3] }],
  "train": { "optimizer": "sgd", "lr": 0.125, "steps": 4 } }"#;

/// A weight that falls by 1/1024 with each update, and whose logarithm is NaN from the 7,312th on.
const BREAKS: &str = r#"{ "backstep": 1, "inputs": {}, "parameters": { "w": [7.13916015625] },
  "layers": [{ "name": "log", "op": "log", "from": "w" },
             { "name": "both", "op": "cat", "from": ["w", "log"] },
             { "name": "loss", "op": "linear", "from": "both", "weight": [[1, 0]] }],
  "train": { "optimizer": "sgd", "lr": 0.0009765625, "steps": 10000, "parameters": ["w"] } }"#;

fn session(json: &str) -> Session {
    let scenario = Scenario::read("net.json", json.as_bytes(), &NoFiles, Options::default());
    let mut session = Session::new(scenario.unwrap_or_else(|problem| panic!("{problem}")));
    session.go_to(Position::Start);
    session
}

/// What the last command of a script says.
#[track_caller]
fn says(session: &mut Session, script: &str) -> String {
    let read = Script::read(script, session).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    let said: Vec<_> = read.obey(session, |_, _| Ok(())).collect();
    said.last().unwrap().lines.join("\n")
}

#[test]
fn a_planted_nan_is_found_from_both_sides() {
    let mut session = session(BREAKS);
    let found = says(&mut session, "break if nan; continue");
    has(&found, &["both[1]", "update 7312 of 10000"]);
    assert_eq!(session.update(), Some((7312, 10_000)));
    let last = says(&mut session, "update 10000; end; continue back");
    has(&last, &["update 10000"]);
    // Behind the last that is hit there is none before.
    says(
        &mut session,
        "update 7312; start; delete all; break if update < 100 and grad != 0",
    );
    let before = says(&mut session, "continue back");
    has(&before, &["update 99 of 10000"]);
}

#[test]
fn the_debugger_goes_through_updates() {
    let mut session = session(LEARNS);
    // 0.5 + 0.125 · 8 = 1.5, where the loss is 0.
    has(
        &says(&mut session, "print y.weight.new"),
        &["0.5", "−8", "1.5"],
    );
    has(&says(&mut session, "update"), &["update 2 of 4, loss 0"]);
    has(&says(&mut session, "update"), &["update 3 of 4"]);
    has(&says(&mut session, "update back"), &["update 2 of 4"]);
    has(
        &says(&mut session, "update 5"),
        &["no update 5: they go from 1 to 4"],
    );
    has(
        &says(&mut session, "update 1; update back"),
        &["this is the first update"],
    );
    has(
        &says(&mut session, "update 4; update"),
        &["update 4 is the last"],
    );
    has(&says(&mut session, "learn 3"), &["update 7 of 7"]);
    has(
        &says(&mut session, "set y.weight[0,0] 1"),
        &["at update 7 `y.weight` is what the updates made of it"],
    );
    has(
        &says(&mut session, "update 1; set y.weight[0,0] 1; update 2"),
        &["loss 0"],
    );
    has(
        &says(&mut session, "curve"),
        &["loss before the change", "y.weight", "update"],
    );
    has(
        &says(&mut session, "undo; update 1; print y.weight"),
        &["= 0.5"],
    );
    // What is set to what it is already changes nothing.
    let same = says(&mut session, "set y.weight[0,0] 0.5");
    has(&same, &["y.weight[0,0] is 0.5 already"]);
    let curve = says(&mut session, "curve");
    assert!(!curve.contains("before the change"), "{curve}");
    has(&says(&mut session, "undo"), &["nothing has been edited"]);
    // There and back by two edits is the same run.
    says(&mut session, "set y.weight[0,0] 1; set y.weight[0,0] 0.5");
    let curve = says(&mut session, "curve");
    assert!(!curve.contains("before the change"), "{curve}");
    has(
        &says(&mut session, "learn 99999999"),
        &["1000000 updates are the most", "`learn 999999`"],
    );
    assert_eq!(session.update(), Some((1, 7)));
    // Every command says something at an update's own step.
    for command in backstep::debugger::commands::COMMANDS {
        let mut there = session.clone();
        says(&mut there, "end; back");
        let is_there = there.element().map(|element| element.tensor);
        assert_eq!(is_there, there.network().find("y.weight.new"));
        if let Ok(script) = Script::read(command.name, &there) {
            script.obey(&mut there, |_, _| Ok(())).for_each(drop);
        }
    }
}

#[test]
fn a_scenario_without_training_learns_at_a_rate_that_is_said() {
    let json = LEARNS.replace(r#""lr": 0.125, "steps": 4"#, r#""lr": 0.125"#);
    let plain = json.split(",\n  \"train\"").next().unwrap().to_owned() + " }";
    let mut session = session(&plain);
    has(
        &says(&mut session, "update"),
        &["the scenario is not trained"],
    );
    has(
        &says(&mut session, "learn 2 at -1"),
        &["must not be negative"],
    );
    has(
        &says(&mut session, "learn 1000000 at 0.125"),
        &["1000000 updates are the most"],
    );
    has(
        &says(&mut session, "curve"),
        &["the scenario is not trained: `learn 10 at 0.1` trains it"],
    );
    has(
        &says(&mut session, "learn 2 at 0.125"),
        &["update 3 of 3", "before it was 4, now 0"],
    );
    has(
        &says(&mut session, "learn 1 at 0.0625"),
        &["update 2 of", "now 1"],
    );
}

#[test]
fn what_cannot_be_trained_is_not_said_to_learn() {
    let of = |rest: &str| format!(r#"{{ "backstep": 1, "inputs": {{ "x": [2] }}, {rest} }}"#);
    for (rest, why) in [
        (
            r#""precision": "f16", "layers": [{ "name": "y", "op": "linear", "weight": [[0.5]] }]"#,
            "training is in f64 alone",
        ),
        (
            r#""layers": [{ "name": "y", "op": "relu" }]"#,
            "the network has no parameter",
        ),
        (
            r#""layers": [{ "name": "y", "op": "linear", "weight": [[1], [2]] }],
               "upstream": { "y": [1, 1] }"#,
            "training needs a loss that is a single number",
        ),
    ] {
        let mut session = session(&of(rest));
        for command in ["learn 10 at 0.1", "curve", "update", "update back"] {
            let said = says(&mut session, command);
            has(&said, &[why]);
            assert!(!said.contains("`learn"), "{command}: {said}");
        }
    }
}

#[test]
fn the_size_of_a_change_can_be_asked_for() {
    let mut session = session(LEARNS);
    // It moves by 1 and then by 0; the bias of nothing is not asked.
    has(
        &says(&mut session, "break if abs(change) > 0.5; continue"),
        &["y.weight", "update 1 of 4"],
    );
    let turned = LEARNS.replace("[[0.5]]", "[[2.5]]");
    let mut session = self::session(&turned);
    let signed = says(&mut session, "break if change > 0.5; continue");
    has(&signed, &["no breakpoint is hit"]);
    let sized = says(
        &mut session,
        "update 1; start; delete 1; break if abs(change) > 0.5; continue",
    );
    has(&sized, &["y.weight", "update 1 of 4"]);
    let listed = says(&mut session, "breaks");
    has(&listed, &["if abs(change) > 0.5"]);
}

#[test]
fn a_value_is_scrubbed_live_and_is_one_edit() {
    let mut session = session(LEARNS);
    has(
        &says(&mut session, "scrub x[0] by 0.5"),
        &["x[0] is 2: ↑ and ↓ change it by 0.5, Esc ends"],
    );
    assert!(session.is_scrubbing());
    // It is watched, so that it stays in view.
    has(&says(&mut session, "watches"), &["x[0]: value 2"]);
    has(
        &says(&mut session, "scrub up"),
        &["x[0] is 2.5, was 2", "changed"],
    );
    has(&says(&mut session, "scrub up 3"), &["x[0] is 4, was 2"]);
    // y is 2, the gradient of y.weight 2 · (2 − 3) · 4.
    has(&says(&mut session, "print y.weight"), &["−8", "−2"]);
    has(&says(&mut session, "scrub down"), &["x[0] is 3.5, was 2"]);
    has(&says(&mut session, "scrub off"), &["x[0] stays 3.5"]);
    has(&says(&mut session, "scrub up"), &["nothing is scrubbed"]);
    has(
        &says(&mut session, "undo"),
        &["x[0] is 3.5, was 2; all is as it was"],
    );
    // There and back is no edit, and one before it stays.
    says(
        &mut session,
        "set y.weight[0,0] 1; scrub x[0]; scrub up; scrub down",
    );
    let undone = says(&mut session, "undo");
    has(&undone, &["y.weight[0,0] is 1, was 0.5; all is as it was"]);
    // At another update its own value is what it was made.
    has(
        &says(&mut session, "update 2; scrub y.weight[0,0]"),
        &["at update 2 `y.weight` is what the updates made of it"],
    );
    // A watched value is meant where none is named, by a tenth of its size.
    has(
        &says(&mut session, "update 1; scrub; scrub up"),
        &["x[0] is 2.1, was 2"],
    );
    // Another edit ends it.
    says(&mut session, "set x[0] 3");
    assert!(!session.is_scrubbing());
}

#[test]
fn one_number_or_one_tensor_is_plotted() {
    let mut session = session(LEARNS);
    // Before any update is made, there is one loss.
    has(
        &says(&mut session, "curve"),
        &["loss\n", "4 │█", "`update 4` runs all"],
    );
    says(&mut session, "update 4; update 1");
    // 0.5, and 1.5 from then on; the gradient is −8, and then 0.
    let plotted = says(&mut session, "curve y.weight[0,0]");
    has(
        &plotted,
        &[
            "y.weight[0,0]\n",
            "1.5 │",
            "0.5 │",
            "gradient of y.weight[0,0]",
        ],
    );
    has(&plotted, &["−8 │", "update  1  4"]);
    // Of several elements it is the size of the gradient: −4, and 0 from then on.
    let neuron = says(&mut session, "curve y");
    has(&neuron, &["y[0]\n", "1 │", "3 │"]);
    let mut two = self::session(HOMEWORK);
    let tensor = says(&mut two, "curve y.weight");
    // 80 and −32.
    has(&tensor, &["size of the gradient of y.weight\n", "86.16 │"]);
    let new = says(&mut session, "curve y.weight.new");
    has(&new, &["y.weight.new[0,0]\n", "1.5 │"]);
    assert!(!new.contains("gradient"), "{new}");
    let log = says(&mut session, "curve log");
    has(&log, &["loss, on a logarithmic axis", "·"]);
    assert!(!says(&mut session, "curve").contains("logarithmic"));
    // At a fifth of that rate an update leaves 0.64 of the loss.
    let slow = LEARNS.replace("0.125, \"steps\": 4", "0.025, \"steps\": 40");
    let mut session = self::session(&slow);
    let wide = says(&mut session, "update 40; curve");
    has(&wide, &["loss, on a logarithmic axis"]);
    assert!(!says(&mut session, "curve linear").contains("logarithmic"));
    assert_eq!(session.update(), Some((40, 40)));
}

#[test]
fn a_later_update_is_asked_inspected_and_marked() {
    let momentum = HOMEWORK.replace(
        r#""lr": 0.1 }"#,
        r#""lr": 0.001, "momentum": 0.5, "steps": 3 }"#,
    );
    let folder = Folder::with(&[("net.json", &momentum)]);
    let first = folder.fine("inspect net.json");
    assert_eq!(first, folder.fine("inspect net.json --update 1"));
    assert_ne!(first, folder.fine("inspect net.json --update 2"));
    folder.fine("verify net.json --update 3");
    let refused = folder.refused("inspect net.json --update 4");
    has(&refused, &["there is no update 4"]);
    // The velocity after the first update is its gradient, 80 and −32.
    for format in ["md", "tex", "html"] {
        let sheet = folder.fine(&format!("worksheet net.json --update 2 --format {format}"));
        has(&sheet, &["velocity of", "80"]);
        let sheet = folder.fine(&format!("worksheet net.json --format {format}"));
        assert!(!sheet.contains("velocity of"), "{sheet}");
    }
    folder.fine("export net.json --update 2 -o second.trace.json");
    folder.fine("check net.json second.trace.json --update 2");
    let ran = folder.run("check net.json second.trace.json");
    assert_eq!(ran.code, Some(1), "{ran:?}");
}

#[test]
fn a_note_may_be_of_one_update_alone() {
    let noted = LEARNS.trim_end().strip_suffix('}').unwrap().to_owned()
        + r#", "notes": { "y.weight.new": { "update": 2, "text": "the second" },
               "y.weight": "of all" } }"#;
    let folder = Folder::with(&[("net.json", &noted)]);
    let mut session = session(&noted);
    let printed = says(&mut session, "update 2; print y.weight.new");
    assert!(printed.contains("the second"), "{printed}");
    let printed = says(&mut session, "update 3; print y.weight.new");
    assert!(!printed.contains("the second"), "{printed}");
    for (update, n) in [(1, 0), (2, 1), (3, 0)] {
        for said in [
            format!("explain net.json y.weight.new[0,0] --update {update}"),
            format!("export net.json --update {update} --format md"),
            format!("export net.json --update {update} --format html"),
        ] {
            let said = folder.fine(&said);
            assert_eq!(said.matches("the second").count(), n, "{update}: {said}");
        }
        let said = folder.fine(&format!("explain net.json y.weight[0,0] --update {update}"));
        assert!(said.contains("of all"), "{said}");
    }
    let all = folder.fine("export net.json --format html");
    assert_eq!(all.matches("the second").count(), 1, "{all}");
    let wrong = noted.replace(r#""update": 2"#, r#""update": 0"#);
    let folder = Folder::with(&[("net.json", &wrong)]);
    has(
        &folder.refused("validate net.json"),
        &["a note must be a string, or an object"],
    );
}

#[test]
fn files_hold_an_update_or_several() {
    let folder = Folder::with(&[("net.json", LEARNS)]);
    let trace = folder.json("export net.json");
    let new = |trace: &Value| {
        let tensors = trace["tensors"].as_array().unwrap();
        let found = tensors
            .iter()
            .find(|of| of["name"] == "y.weight.new")
            .unwrap();
        assert_eq!(
            (&found["kind"], &found["grad"]),
            (&"updated".into(), &Value::Null)
        );
        found["value"][0][0].as_f64().unwrap()
    };
    assert_eq!(new(&trace), 1.5);
    let steps = trace["steps"].as_array().unwrap();
    let terms = steps.last().unwrap()["contributions"].as_array().unwrap();
    let of: Vec<&Value> = terms.iter().map(|term| &term["of"]).collect();
    assert_eq!(of, ["value", "gradient"]);
    assert_eq!(terms[1]["factors"][0]["value"], -0.125);
    let later = folder.json("export net.json --update 2");
    assert_eq!(later["tensors"][0]["value"], trace["tensors"][0]["value"]);
    let curve = folder.fine("export net.json --updates 1..3 --format csv");
    assert_eq!(
        curve,
        "update,loss,grad_norm/y.weight\n1,4,8\n2,0,0\n3,0,0\n"
    );
    let long =
        folder.fine("export net.json --updates 1 --tensor y.weight,y.weight.new --format csv");
    assert_eq!(
        long,
        "update,tensor,index,value,grad\n1,y.weight,\"[0,0]\",0.5,-8\n\
         1,y.weight.new,\"[0,0]\",1.5,\n"
    );
    for (arguments, says) in [
        ("export net.json --update 5", "there is no update 5"),
        (
            "export net.json --updates 2..5 --format csv",
            "there is no update 5",
        ),
        (
            "export net.json --updates 1..2",
            "`--updates` means nothing for json",
        ),
        ("export net.json --update 0", "counted from 1"),
        (
            "explain net.json y.weight.new[0,0] --update 9",
            "there is no update 9",
        ),
    ] {
        has(&folder.refused(arguments), &[says]);
    }
    folder.fine("export net.json --updates .. -o all.npz");
    folder.fine("export net.json --updates .. -o all.safetensors");
    assert!(folder.path("all.npz").metadata().unwrap().len() > 500);
    has(
        &folder.fine("explain net.json y.weight.new[0,0]"),
        &["0.5 − 0.125 × −8 = 1.5"],
    );
    has(
        &folder.fine("export net.json --format torch"),
        &[
            "torch.optim.SGD([t[\"y.weight\"]], lr=0.125)",
            "{\"y.weight\": [[1.5]]}",
        ],
    );
}

/// A network of two layers that asks for the new weights.
const HOMEWORK: &str = r#"{ "backstep": 1, "inputs": { "x": [1, 3] },
  "layers": [{ "name": "a", "op": "linear", "weight": [[2, 1], [1, -1]] },
             { "name": "y", "op": "linear", "weight": [[3, 1]] },
             { "name": "loss", "op": "mse_loss", "target": [5] }],
  "train": { "optimizer": "sgd", "lr": 0.1 },
  "ask": ["y.weight.new", "a.weight.new"] }"#;

/// The report on an answer in JSON.
fn marked(folder: &Folder, grads: &str) -> Value {
    let answer = format!(r#"{{ "format": "backstep-answer/1", "grads": {grads} }}"#);
    std::fs::write(folder.path("answer.json"), answer).unwrap();
    let ran = folder.run("check net.json answer.json --format json");
    serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"))
}

#[test]
fn new_weights_are_marked_and_their_slips_named() {
    let folder = Folder::with(&[("net.json", HOMEWORK)]);
    // a is 5 and −2, y is 13, dL/dy is 16: y.weight's gradient 80 and −32, a.weight's
    // 48, 144, 16 and 48.
    let right = r#"{ "y.weight.new": [[-5, 4.2]], "a.weight.new": [[-2.8, -13.4], [-0.6, -5.8]] }"#;
    let report = marked(&folder, right);
    assert_eq!(report["submissions"][0]["verdict"], "correct", "{report}");
    let slips = |grads: &str, tensor: usize| {
        let report = marked(&folder, grads);
        let tensor = &report["submissions"][0]["tensors"][tensor];
        let found = tensor["diagnosis"].as_array().unwrap().iter();
        found
            .flat_map(|row| row["slips"].as_array().unwrap().clone())
            .collect::<Vec<_>>()
    };
    // Added; the rate left out; back through the new −5 and 4.2.
    let added = r#"{ "y.weight.new": [[11, -2.2]], "a.weight.new": [[6.8, 15.4], [2.6, 3.8]] }"#;
    assert!(slips(added, 0).contains(&"added-instead-of-subtracted".into()));
    let no_rate = r#"{ "y.weight.new": [[-77, 33]] }"#;
    assert!(slips(no_rate, 0).contains(&"rate-left-out".into()));
    let classic = r#"{ "y.weight.new": [[-5, 4.2]],
        "a.weight.new": [[10, 25], [-5.72, -21.16]] }"#;
    assert_eq!(slips(classic, 1), ["updated-weights-used"]);
    let report = marked(&folder, classic);
    assert!(
        !report.to_string().contains("the scenario gives"),
        "{report}"
    );
    // The step alone: −0.1 · 80, and 3.2; and nothing done.
    let step = r#"{ "y.weight.new": [[-8, 3.2]] }"#;
    assert_eq!(slips(step, 0), ["old-value-left-out"]);
    assert_eq!(
        slips(r#"{ "y.weight.new": [[3, 1]] }"#, 0),
        ["step-left-out"]
    );
    // A trace is an answer too.
    folder.fine("export net.json -o own.trace.json");
    let ran = folder.run("check net.json own.trace.json --format json");
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["submissions"][0]["verdict"], "correct", "{report}");
}

#[test]
fn a_new_weight_that_follows_from_a_wrong_gradient_is_carried() {
    let folder = Folder::with(&[(
        "net.json",
        &HOMEWORK.replace(r#"["y.weight.new""#, r#"["y.weight", "y.weight.new""#),
    )]);
    let report = marked(
        &folder,
        r#"{ "y.weight": [[70, -32]], "y.weight.new": [[-4, 4.2]],
             "a.weight.new": [[-2.8, -13.4], [-0.6, -5.8]] }"#,
    );
    let tensors = &report["submissions"][0]["tensors"];
    assert_eq!(tensors[0]["wrong"], 1, "{report}");
    assert_eq!(
        (&tensors[1]["carried"], &tensors[1]["wrong"]),
        (&1.into(), &0.into()),
        "{report}"
    );
}

#[test]
fn a_worksheet_asks_for_new_weights_and_tells_none() {
    let folder = Folder::with(&[("net.json", HOMEWORK)]);
    has(
        &folder.fine("worksheet net.json --format md"),
        &["Your new values of `y.weight`"],
    );
    has(
        &folder.fine("worksheet net.json --format html"),
        &[
            "your new values below the old ones",
            "new value of y.weight[0,0]",
        ],
    );
    for format in ["json", "csv", "md", "tex", "html"] {
        let sheet = folder.fine(&format!("worksheet net.json --format {format}"));
        has(&sheet, &["weight.new"]);
        for told in ["-13.4", "−13.4", "-5.8", "−5.8"] {
            assert!(!sheet.contains(told), "{format} tells {told}\n{sheet}");
        }
    }
    let sheet = folder.fine("worksheet net.json --format md");
    has(&sheet, &["new value", "0.1"]);
    let solution = folder.fine("export net.json --format md");
    has(&solution, &["−5", "4.2", "a.weight.new"]);
}

#[test]
fn a_small_step_is_what_is_marked_of_a_large_weight() {
    // The gradient is 16, the step 0.0016, the new weight 2.9984.
    let net = r#"{ "backstep": 1, "inputs": { "x": [2] },
      "layers": [{ "name": "y", "op": "linear", "weight": [[3]] },
                 { "name": "loss", "op": "mse_loss", "target": [2] }],
      "train": { "optimizer": "sgd", "lr": 0.0001 }, "ask": ["y.weight.new"] }"#;
    let folder = Folder::with(&[("net.json", net)]);
    for (answer, is_right) in [
        ("2.9984", true),
        ("2.998", true),
        ("2.99841", true),
        ("3", false),
        ("3.00", false),
        ("3.0016", false),
        ("2.9992", false),
    ] {
        let report = marked(&folder, &format!(r#"{{ "y.weight.new": [[{answer}]] }}"#));
        let verdict = &report["submissions"][0]["verdict"];
        assert_eq!(verdict == "correct", is_right, "{answer}: {report}");
        // Who predicts is told the same.
        let mut session = session(net);
        let said = says(
            &mut session,
            &format!("goto y.weight.new[0,0]; predict {answer}"),
        );
        assert_eq!(!said.contains("It is not"), is_right, "{answer}: {said}");
    }
}
