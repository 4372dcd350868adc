//! What is said of how a network is doing.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::cli::{Folder, ended, has};
use crate::python::python;

/// A chain of linear layers of one neuron, each with this weight and activation.
fn chain(n_layers: usize, weight: f64, activation: &str) -> Value {
    let mut layers: Vec<Value> = Vec::new();
    for number in 1..=n_layers {
        let mut layer = json!({ "name": format!("l{number}"), "op": "linear",
            "weight": [[weight]] });
        if !activation.is_empty() {
            layer["activation"] = json!(activation);
        }
        layers.push(layer);
    }
    json!({ "backstep": 1, "inputs": { "x": [1] }, "layers": layers })
}

fn inspected(scenario: &Value, more: &str) -> (String, Option<i32>) {
    let folder = Folder::new();
    std::fs::write(folder.path("s.json"), scenario.to_string()).unwrap();
    let ran = folder.run(&format!("inspect s.json {more}"));
    (
        ran.out.split_whitespace().collect::<Vec<_>>().join(" "),
        ran.code,
    )
}

#[test]
fn gradients_that_shrink_are_told_with_their_reason() {
    let (said, code) = inspected(&chain(6, 0.5, "sigmoid"), "--fail-on vanishing=1e-4");
    has(
        &said,
        &[
            "Gradients shrink on their way back, from 1 at l6 to",
            "since the slope of each sigmoid is 0.24 on average and 0.25 at most.",
            "vanishing: l1.weight",
        ],
    );
    assert_eq!(code, Some(1));
    let (said, code) = inspected(&chain(6, 0.5, "sigmoid"), "--fail-on vanishing=1e-9,nan");
    assert!(!said.contains("vanishing:"), "{said}");
    assert_eq!(code, Some(0));
}

#[test]
fn gradients_that_grow_are_told_with_each_layer() {
    let (said, _) = inspected(&chain(6, 3.0, ""), "");
    has(
        &said,
        &["from 1 at l6 to 243 at l1 (root mean square): 3 times with each layer."],
    );
    // Three times as large with one layer alone is nothing to tell.
    let (said, _) = inspected(&chain(3, 3.0, ""), "");
    assert!(!said.contains("Gradients"), "{said}");
}

#[test]
fn a_layer_that_stands_apart_is_named() {
    let mut net = chain(3, 1.0, "");
    net["layers"][1]["weight"] = json!([[1e-4]]);
    net["layers"][2]["weight"] = json!([[1e4]]);
    net["layers"][0]["weight"] = json!([[1e4]]);
    let (said, _) = inspected(&net, "");
    let apart = "The gradients of l2.weight are 1e8 times as large as those of l1.weight and \
        l3.weight.";
    has(&said, &[apart]);
}

/// Three neurons behind a ReLU, for two samples: the first is closed in both, the second in one.
fn half_dead(bias: [f64; 3]) -> Value {
    json!({ "backstep": 1, "inputs": { "x": [[1, 2], [2, -1]] }, "layers": [
        { "name": "fc", "op": "linear", "weight": [[-1, -1], [1, 1], [1, 0]], "bias": bias },
        { "name": "act", "op": "relu" }, { "name": "sum", "op": "sum" } ] })
}

#[test]
fn neurons_that_are_closed_in_every_sample_are_dead() {
    let (said, code) = inspected(&half_dead([0.0, -2.0, 0.0]), "--fail-on dead=0.3");
    has(
        &said,
        &[
            "1/3 dead",
            "1 of 3 neurons of act is dead: the ReLU is closed there in all 2 samples.",
            "dead: act",
        ],
    );
    assert_eq!(code, Some(1));
    assert_eq!(
        inspected(&half_dead([0.0; 3]), "--fail-on dead=0.4").1,
        Some(0)
    );
}

#[test]
fn what_is_closed_everywhere_is_why_no_gradient_arrives() {
    let (said, code) = inspected(&half_dead([-9.0; 3]), "--fail-on zero");
    has(
        &said,
        &[
            "No gradient reaches fc.weight and fc.bias: act is closed everywhere.",
            "act is closed everywhere: nothing passes back through it.",
            "zero: fc.weight",
        ],
    );
    assert_eq!(code, Some(1));
}

#[test]
fn a_dead_filter_is_a_dead_channel() {
    let net = json!({ "backstep": 1, "inputs": { "x": [[[1, 2, 3], [3, 2, 1], [0, 1, 0]]] },
        "layers": [
            { "name": "conv", "op": "conv2d", "weight": [[[[1, 1], [1, 1]]], [[[-1, -1], [-1, -1]]]],
                "activation": "relu" },
            { "name": "sum", "op": "sum" } ] });
    let said = inspected(&net, "").0;
    has(
        &said,
        &["1 of 2 channels of conv is dead: the ReLU is closed at each of its places."],
    );
}

#[test]
fn the_range_says_what_there_is() {
    let range = |x: Value| {
        let net = json!({ "backstep": 1, "inputs": { "x": x },
            "layers": [{ "name": "y", "op": "log" }, { "name": "l", "op": "sum" }] });
        let folder = Folder::new();
        std::fs::write(folder.path("s.json"), net.to_string()).unwrap();
        let table = folder.run("inspect s.json").out;
        let row = table.lines().find(|line| line.starts_with("y ")).unwrap();
        let values = row
            .split("  ")
            .map(str::trim)
            .filter(|cell| !cell.is_empty());
        let values: Vec<&str> = values.collect();
        values[values.len() - 2].to_owned()
    };
    assert_eq!(range(json!([1, 0])), "−∞ to 0");
    assert_eq!(range(json!([0, 0])), "−∞");
    assert_eq!(range(json!([1, 1, -1])), "0, NaN");
    assert_eq!(range(json!([1, 0, -1])), "−∞ to 0, NaN");
    assert_eq!(range(json!([-1, -1])), "NaN");
}

#[test]
fn one_is_told_of_as_one() {
    let net = |bias: f64| {
        json!({ "backstep": 1, "inputs": { "x": [1] }, "layers": [
            { "name": "a", "op": "linear", "weight": [[1]] },
            { "name": "b", "op": "linear", "weight": [[0]], "bias": [bias] }] })
    };
    has(
        &inspected(&net(1.0), "").0,
        &["No gradient reaches a.weight: each of its terms is 0."],
    );
}

#[test]
fn saturated_neurons_are_counted() {
    let mut net = half_dead([0.0, 20.0, 0.0]);
    net["layers"][1]["op"] = json!("sigmoid");
    let (said, _) = inspected(&net, "");
    has(
        &said,
        &[
            "1/3 saturated",
            "the sigmoid is nearly flat there in all 2 samples.",
        ],
    );
}

#[test]
fn the_first_number_that_is_not_finite_is_named() {
    let net = json!({ "backstep": 1, "inputs": { "x": [4, 0, 1] }, "layers": [
        { "name": "log", "op": "log" }, { "name": "twice", "op": "add", "from": ["log", "log"] } ],
        "upstream": { "twice": [1, 1, 1] } });
    let (said, code) = inspected(&net, "--fail-on inf,nan");
    has(
        &said,
        &[
            "log[1] is −∞: the logarithm of x[1] = 0.",
            "inf: log",
            "inf: twice",
        ],
    );
    assert!(!said.contains("nan:"), "{said}");
    assert_eq!(code, Some(1));
}

#[test]
fn the_json_holds_what_the_table_holds() {
    let folder = Folder::new();
    std::fs::write(
        folder.path("s.json"),
        half_dead([0.0, -2.0, 0.0]).to_string(),
    )
    .unwrap();
    let ran = folder.run("inspect s.json --format json");
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let tensors = report["tensors"].as_array().unwrap();
    let names: Vec<_> = tensors
        .iter()
        .map(|tensor| tensor["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["x", "fc.weight", "fc.bias", "fc", "act", "sum"]);
    let act = &tensors[4];
    assert_eq!(act["activation"]["dead"], json!(1));
    assert_eq!(act["values"]["max"].as_f64(), Some(2.0));
    assert_eq!(act["gradients"]["zeros"].as_f64(), Some(0.0));
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);

    let ran = folder.run("inspect s.json --format csv");
    let mut table = csv::Reader::from_reader(ran.out.as_bytes());
    let headings = table.headers().unwrap().clone();
    let dead = headings.iter().position(|name| name == "dead").unwrap();
    let dead: Vec<String> = table
        .records()
        .map(|row| row.unwrap()[dead].to_owned())
        .collect();
    assert_eq!(dead, ["", "", "", "", "1", ""]);
}

#[test]
fn what_cannot_be_watched_for_is_refused_with_what_can() {
    let folder = Folder::new();
    for (given, says) in [
        ("naan", "did you mean `nan`?"),
        ("weight", "there are nan, inf, overflow"),
        ("nan=3", "`nan` has no limit"),
        ("dead=-1", "a number above 0, which `-1` is not"),
    ] {
        let refused = folder.refused(&format!("inspect the-question --fail-on {given}"));
        has(&refused, &[says]);
    }
}

#[test]
fn the_panel_shows_what_is_asked_for() {
    let folder = Folder::new();
    let ran = |command: &str| {
        let mut program = folder.command("digit-wrong --batch --run");
        ended(program.arg(command).spawn().unwrap())
    };
    let shown = ran("health conv2").out;
    assert!(
        shown.contains("conv2.weight") && !shown.contains("pool1"),
        "{shown}"
    );
    let shown = ran("health sorted").out;
    let first = shown.lines().find(|line| line.contains('■')).unwrap();
    assert!(first.starts_with("fc.weight"), "{shown}");
    let shown = ran("health nowhere").out;
    assert!(
        shown.contains("no tensor's name contains `nowhere`"),
        "{shown}"
    );
}

#[test]
fn what_is_not_looked_at_is_not_counted() {
    let net = |n: usize| {
        json!({ "backstep": 1, "inputs": { "x": vec![800; n] },
            "layers": [{ "name": "e", "op": "exp" }, { "name": "loss", "op": "sum" }] })
    };
    let (said, _) = inspected(&net(100), "");
    has(&said, &["So begin 99 more of e."]);
    let (said, _) = inspected(&net(5000), "");
    has(&said, &["So begin at least 4095 more of e."]);
}

#[test]
fn the_figures_are_numpys() {
    let Some(python) = python("numpy") else {
        return;
    };
    let folder = Folder::new();
    let mut deep = chain(6, 0.5, "sigmoid");
    deep["inputs"]["x"] = json!([[1], [-2], [0.5]]);
    deep["upstream"] = json!({ "l6": [[1], [2], [-1]] });
    // Channels of which some are closed everywhere.
    let kernels: Vec<_> = (0..6)
        .map(|channel| json!([[[1, -0.5], [f64::from(channel) - 3.0, -1]]]))
        .collect();
    let closed = json!({ "backstep": 1,
        "inputs": { "x": [[[[1, 2, 3], [0, 1, 4], [2, 2, 5]]], [[[0, 1, 1], [3, 1, 0], [1, 2, 6]]]] },
        "layers": [
            { "name": "conv", "op": "conv2d", "weight": kernels, "bias": [0, 1, -9, 2, -3, -40] },
            { "name": "relu", "op": "relu" },
            { "name": "sum", "op": "sum" }] });
    for (name, scenario) in [("deep", deep), ("closed", closed)] {
        std::fs::write(folder.path("s.json"), scenario.to_string()).unwrap();
        std::fs::write(
            folder.path("s.csv"),
            folder.fine("inspect s.json --format csv"),
        )
        .unwrap();
        folder.fine("export s.json --format npz -o s.npz --force");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/figures.py");
        let files = [folder.path("s.csv"), folder.path("s.npz")];
        let output = Command::new(&python)
            .arg(script)
            .args(files)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}: {said}");
    }
}
