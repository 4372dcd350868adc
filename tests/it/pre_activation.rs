//! What a layer computes before its own activation: a tensor of its own, whose gradient many a
//! course calls delta.

use serde_json::{Value, json};

use crate::cli::{Folder, ended};

/// The gradients of `y.pre` are 2 and −1, those of `hidden` 5, −8 and 8, and the first of the
/// hidden ReLUs is closed.
const NET: &str = r#"{ "backstep": 1, "inputs": { "x": [2, -1, 3] },
  "layers": [{ "name": "hidden", "op": "linear", "activation": "relu",
      "weight": [[1, 2, -1], [2, 1, 1], [1, -1, 1]] },
    { "name": "y", "op": "linear", "activation": "relu", "weight": [[3, -2, 5], [1, 4, 2]] }],
  "upstream": { "y": [2, -1] }MORE }"#;

fn net(more: &str) -> String {
    NET.replace("MORE", more)
}

fn delta() -> String {
    net(r#", "gradients": "pre-activation""#)
}

#[track_caller]
fn said(scenario: &str, command: &str) -> String {
    let ran = Folder::with(&[("net.json", scenario)]).run(command);
    assert_eq!(ran.err, "");
    ran.out
}

fn trace(scenario: &str, command: &str) -> Value {
    serde_json::from_str(&said(scenario, command)).unwrap()
}

#[test]
fn it_is_in_every_export_and_makes_no_steps_of_itself() {
    let trace = trace(&net(""), "export net.json");
    let tensors = trace["tensors"].as_array().unwrap();
    let hidden = tensors.iter().find(|one| one["name"] == "hidden.pre");
    let expected = json!({ "name": "hidden.pre", "kind": "pre-activation", "shape": [3],
        "value": [-3, 6, 6], "grad": [0, -8, 8] });
    assert_eq!(hidden, Some(&expected));
    let steps = trace["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["tensor"] != "hidden.pre"));
    let csv = said(&net(""), "export net.json --format csv --detail tensors");
    assert!(csv.contains("\ny.pre,[1],36,-1\n"), "{csv}");
}

#[test]
fn asked_for_it_makes_a_step_of_one_term_between_its_output_and_what_that_reads() {
    let asked = net(r#", "ask": ["hidden.pre", "x"]"#);
    let trace = trace(&asked, "export net.json");
    let steps = trace["steps"].as_array().unwrap();
    let mut order: Vec<&Value> = steps.iter().map(|step| &step["tensor"]).collect();
    order.dedup();
    assert_eq!(
        order,
        ["hidden", "y.weight", "hidden.pre", "x", "hidden.weight"]
    );
    let first = steps.iter().find(|step| step["tensor"] == "hidden.pre");
    let terms = json!([{ "from": "hidden", "index": [0], "upstream": 5, "local": 0, "product": 0,
        "factors": [{ "kind": "slope", "value": 0 }], "closed": true }]);
    assert_eq!(first.unwrap()["contributions"], terms);
    assert_eq!(
        said(&asked, "verify net.json"),
        "net.json: 24 of 24 gradients are the slope of the loss\n"
    );
}

/// The places that a script prints.
fn printed(script: &str) -> Vec<String> {
    let folder = Folder::with(&[("net.json", &net(""))]);
    let mut command = folder.command("net.json --batch");
    let ran = ended(command.args(["--run", script]).spawn().unwrap());
    let places = ran.out.lines().filter(|line| line.contains(", step "));
    places.map(str::to_owned).collect()
}

#[test]
fn the_debugger_goes_there_and_comes_back_to_where_it_was() {
    let script = "goto x[1]; goto hidden.pre[1]; goto y.pre[0]; return; return; print";
    assert_eq!(printed(script), ["x[1] = −1, step 16 of 26"]);
}

#[test]
fn a_breakpoint_stops_there_too_and_those_set_before_keep_their_neurons() {
    let script = "break x[1]; start; break hidden.pre[2]; continue; print; continue; print";
    assert_eq!(
        printed(script),
        [
            "hidden.pre[2] = 6, step 12 of 24",
            "x[1] = −1, step 14 of 24"
        ]
    );
}

#[test]
fn a_course_of_the_delta_convention_asks_for_it() {
    let sheet = said(&delta(), "worksheet net.json --format csv");
    assert!(sheet.contains("\ny.pre,[0],\n") && sheet.contains("\nhidden.pre,[2],\n"));
    assert!(!sheet.contains("\nhidden,["), "{sheet}");
    let sheet = said(&delta(), "worksheet net.json --format md");
    assert!(sheet.contains("`hidden.pre` is asked before its ReLU."));
    assert!(sheet.contains("| `hidden.pre` | 0 | 1 | 2 |\n| --- | ---: | ---: | ---: |\n|  | −3"));
    let asked = net(r#", "gradients": "pre-activation", "ask": ["hidden", "x"]"#);
    let sheet = said(&asked, "worksheet net.json --format csv");
    assert!(sheet.contains("\nhidden.pre,[0],\n") && !sheet.contains("\ny.pre"));
}

/// The reports on the tensors of an answer.
#[track_caller]
fn marked(scenario: &str, grads: &Value) -> Vec<Value> {
    let answer = json!({ "format": "backstep-answer/1", "grads": grads }).to_string();
    let folder = Folder::with(&[("net.json", scenario), ("a.json", &answer)]);
    let ran = folder.run("check net.json a.json --format json");
    let report: Value = serde_json::from_str(&ran.out).expect(&ran.err);
    let tensors = &report["submissions"][0]["tensors"];
    tensors.as_array().unwrap().clone()
}

fn counts(report: &Value) -> [u64; 3] {
    ["correct", "carried", "wrong"].map(|status| report[status].as_u64().unwrap())
}

#[test]
fn what_follows_from_it_keeps_its_marks() {
    let course = net(r#", "gradients": "pre-activation", "ask": ["hidden", "x"]"#);
    let right = json!({ "hidden.pre": [0, -8, 8], "x": [-8, -16, 0] });
    let reports = marked(&course, &right);
    assert_eq!([counts(&reports[0]), counts(&reports[1])], [[3, 0, 0]; 2]);
    // The closed ReLU passes 5, and everything after that is right.
    let slipped = marked(
        &course,
        &json!({ "hidden.pre": [5, -8, 8], "x": [-3, -6, -5] }),
    );
    assert_eq!(counts(&slipped[0]), [2, 0, 1]);
    assert_eq!(
        slipped[0]["diagnosis"][0]["slips"],
        json!(["forgot-the-slope"])
    );
    assert_eq!(counts(&slipped[1]), [0, 3, 0]);
}

#[test]
fn how_it_was_summed_is_told_though_nobody_asked_for_the_output() {
    let course = net(r#", "gradients": "pre-activation", "ask": ["hidden"]"#);
    let halves = marked(&course, &json!({ "hidden.pre": [0, -4, 4] }));
    let mut diagnoses = halves[0]["diagnosis"].as_array().unwrap().iter();
    let averaged = json!(["averaged-instead-of-added"]);
    assert!(diagnoses.any(|one| one["slips"] == averaged), "{halves:?}");
}

#[test]
fn how_it_was_summed_is_told_before_a_slope_that_is_not_1() {
    let course = r#"{ "backstep": 1, "inputs": { "x": [0.5, 1] }, "gradients": "pre-activation",
      "layers": [{ "name": "h", "op": "linear", "activation": "sigmoid",
          "weight": [[1.5, -2], [2.5, 3], [0.5, -0.5]], "bias": [0.35, 0.35, 0] },
        { "name": "y", "op": "linear", "weight": [[4, 4.5, 3], [5, 5.5, -2]] }],
      "upstream": { "y": [2, 5] }, "ask": ["h"] }"#;
    // 7, without the weights, times the slopes at −0.9, 4.6 and −0.25.
    let grads = json!({ "h.pre": [1.43850, 0.068_970, 1.72294] });
    let diagnoses = &marked(course, &grads)[0]["diagnosis"];
    assert_eq!(
        diagnoses[0]["slips"],
        json!(["forgot-the-weight"]),
        "{diagnoses}"
    );
    let says = "left out the weight on the wire: 0.2055 × 7, about 1.439";
    assert_eq!(diagnoses[0]["says"], says);
}

#[test]
fn nobody_reads_it_and_nothing_else_has_its_name() {
    let refused = |from: &str, to: &str| {
        let ran =
            Folder::with(&[("net.json", &net("").replace(from, to))]).run("validate net.json");
        ran.err.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(
        refused(r#""name": "y","#, r#""name": "y", "from": "hidden.pre","#),
        "error: no layer reads `hidden.pre`, which its activation is taken of"
    );
    assert_eq!(
        refused(r#""name": "y","#, r#""name": "hidden.pre","#),
        "error: two tensors are named `hidden.pre`"
    );
    assert_eq!(
        refused(r#""upstream": { "y""#, r#""upstream": { "y.pre""#),
        "error: `y.pre` is no layer: an upstream gradient is given to a layer's output"
    );
    assert_eq!(
        refused(r#""inputs""#, r#""gradients": "delta", "inputs""#),
        "error: `gradients` can only be \"pre-activation\""
    );
}
