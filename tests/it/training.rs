//! Training: the numbers of `torch.optim`, and any update from either side.

use std::sync::Arc;

use backstep::backprop::Backprop;
use backstep::cancel::Cancel;
use backstep::scenario::{Edit, NoFiles, Options, Scenario};
use backstep::tensor::{Precision, TensorId};
use backstep::training::Training;
use serde_json::Value;

fn read(json: &str) -> Scenario {
    Scenario::read("net.json", json.as_bytes(), &NoFiles, Options::default())
        .unwrap_or_else(|problem| panic!("{problem}\n{json}"))
}

fn training(json: &str) -> Training {
    Training::of(Arc::new(read(json))).unwrap()
}

/// The new values of every parameter after an update, and its loss, bit by bit.
fn bits(training: &mut Training, update: usize) -> Vec<u64> {
    let backprop = training.at(update, &Cancel::default()).unwrap();
    let loss = backstep::backprop::loss(&backprop, backprop.tape());
    let new = backprop.network().all_updated();
    let new = new.flat_map(|(_, new)| backprop.gradient(new).data().to_vec());
    new.chain([loss]).map(f64::to_bits).collect()
}

/// Mazur's example, with biases that stay, for so many updates.
fn mazur(updates: usize) -> String {
    format!(
        r#"{{ "backstep": 1, "inputs": {{ "i": [0.05, 0.1] }},
            "layers": [
              {{ "name": "h", "op": "linear", "weight": [[0.15, 0.2], [0.25, 0.3]],
                "bias": [0.35, 0.35], "activation": "sigmoid" }},
              {{ "name": "o", "op": "linear", "weight": [[0.4, 0.45], [0.5, 0.55]],
                "bias": [0.6, 0.6], "activation": "sigmoid" }},
              {{ "name": "E", "op": "mse_loss", "target": [0.01, 0.99] }} ],
            "train": {{ "optimizer": "sgd", "lr": 0.5, "steps": {updates},
              "parameters": ["h.weight", "o.weight"] }} }}"#
    )
}

#[test]
fn every_optimizer_updates_as_in_pytorch() {
    let cases = include_str!("../data/training/cases.jsonl");
    let mut n = 0;
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let json = case["scenario"].to_string();
        let mut training = training(&json);
        let after = training.at(21, &Cancel::default()).unwrap();
        let losses = case["losses"].as_array().unwrap();
        assert_eq!(training.curve().losses().len(), losses.len());
        let close = |found: f64, expected: f64, size: f64, what: &str| {
            let is_close = (found - expected).abs() <= 1e-10 * size.max(1e-3);
            assert!(is_close, "{what}: {found} for {expected}\n{json}");
        };
        for (found, expected) in training.curve().losses().iter().zip(losses) {
            let expected = expected.as_f64().unwrap();
            close(*found, expected, expected.abs(), "loss");
        }
        for (name, expected) in case["values"].as_object().unwrap() {
            let tensor = after.network().find(name).unwrap();
            let expected: Vec<f64> = serde_json::from_value(expected.clone()).unwrap();
            let size = expected
                .iter()
                .fold(0.0_f64, |size, one| size.max(one.abs()));
            let found = after.tape().value(tensor).data();
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(&expected) {
                close(*found, *expected, size, name);
                n += 1;
            }
        }
    }
    assert!(n > 2000, "{n}");
}

#[test]
fn a_new_value_is_the_sum_of_the_terms_that_are_listed() {
    let cases = include_str!("../data/training/cases.jsonl");
    for line in cases.lines().take(50) {
        let case: Value = serde_json::from_str(line).unwrap();
        let mut training = training(&case["scenario"].to_string());
        for update in [1, 2, 7] {
            let backprop = training.at(update, &Cancel::default()).unwrap();
            let next = training.at(update + 1, &Cancel::default()).unwrap();
            for (parameter, new) in backprop.network().all_updated() {
                let values = backprop.gradient(new).data();
                assert_eq!(values, next.tape().value(parameter).data());
                for (at, value) in values.iter().enumerate() {
                    let element = backstep::tensor::Element { tensor: new, at };
                    let terms = backprop.contributions(element);
                    let sum = terms.iter().fold(0.0, |sum, term| sum + term.product());
                    assert_eq!(sum.to_bits(), value.to_bits());
                }
            }
        }
    }
}

#[test]
fn mazurs_example_goes_on_as_he_prints_it() {
    let mut training = training(&mazur(10_000));
    let first = training.at(1, &Cancel::default()).unwrap();
    let new = |name: &str| {
        first
            .gradient(first.network().find(name).unwrap())
            .data()
            .to_vec()
    };
    let printed = |found: &[f64], printed: &[&str]| {
        for (found, printed) in found.iter().zip(printed) {
            let digits = printed.split('.').nth(1).unwrap().len();
            assert_eq!(&format!("{found:.digits$}"), printed);
        }
    };
    printed(
        &new("o.weight.new"),
        &["0.35891648", "0.408666186", "0.511301270", "0.561370121"],
    );
    printed(
        &new("h.weight.new"),
        &["0.149780716", "0.19956143", "0.24975114", "0.29950229"],
    );
    training.at(10_001, &Cancel::default()).unwrap();
    let losses = training.curve().losses();
    printed(
        &[losses[0], losses[9_999]],
        &["0.298371109", "0.0000351085"],
    );
    // He prints 0.291027924, which no weights that round to his come to.
    assert!((losses[1] - 0.291_027_924).abs() < 2e-7, "{}", losses[1]);
}

#[test]
fn an_update_is_the_same_from_both_sides_in_bounded_memory() {
    const N: usize = 10_000;
    let mut there = training(&mazur(N));
    there.at(N, &Cancel::default()).unwrap();
    assert!(there.n_bytes_kept() <= 64 << 20);
    let mut back = there.clone();
    for update in (1..=N).rev().step_by(611).chain([1, 2, N, 4999, 5000]) {
        let from_behind = bits(&mut back, update);
        let mut fresh = training(&mazur(N));
        assert_eq!(from_behind, bits(&mut fresh, update), "update {update}");
    }
}

#[test]
fn training_is_in_f64_alone() {
    let plain = mazur(3);
    for key in [r#""precision": "bf16""#, r#""loss_scale": 8"#] {
        let json = plain.replacen('{', &format!("{{ {key},"), 1);
        let read = Scenario::read("net.json", json.as_bytes(), &NoFiles, Options::default());
        let problem = read.expect_err(key).to_string();
        assert!(problem.contains("training is in f64 alone"), "{problem}");
    }
    let options = Options {
        precision: Some(Precision::F16),
        ..Options::default()
    };
    let read = Scenario::read("net.json", plain.as_bytes(), &NoFiles, options);
    assert!(read.is_err(), "asked for on the command line");
    let edit = Edit::Precision(Precision::Bf16);
    assert!(self::read(&plain).edited(&edit).is_err(), "edited");
}

#[test]
fn every_gradient_of_an_update_uses_the_parameters_from_before_it() {
    let mut training = training(&mazur(3));
    let second = training.at(2, &Cancel::default()).unwrap();
    let moved = training.scenario().leaves.clone();
    let mut leaves = moved;
    let first = training.at(1, &Cancel::default()).unwrap();
    for (parameter, new) in first.network().all_updated() {
        leaves.insert(parameter, first.gradient(new).clone());
    }
    let network = training.scenario().network.clone();
    let tape = backstep::tape::Tape::record(network, &leaves);
    let by_hand = Backprop::run(tape, training.scenario().upstream.clone());
    for (parameter, _) in first.network().all_updated() {
        assert_eq!(by_hand.gradient(parameter), second.gradient(parameter));
    }
}

#[test]
fn what_is_cancelled_stops_and_goes_on_where_it_was() {
    let mut training = training(&mazur(10_000));
    let cancel = Cancel::default();
    let stop = cancel.clone();
    let given_up = training.watched(9_000, &cancel, &mut |update| {
        if update == 500 {
            stop.cancel();
        }
    });
    assert!(given_up.is_err());
    assert_eq!(training.curve().losses().len(), 500);
    let mut fresh = self::training(&mazur(10_000));
    assert_eq!(bits(&mut training, 900), bits(&mut fresh, 900));
}

#[test]
fn a_parameter_that_no_gradient_reaches_stays_as_it_is() {
    let json = r#"{ "backstep": 1, "inputs": { "x": [1, 2] },
        "layers": [ { "name": "idle", "op": "linear", "weight": [[1, 1]] },
                    { "name": "y", "op": "linear", "from": "x", "weight": [[0.5, 1]] } ],
        "train": { "optimizer": "sgd", "lr": 0.1, "weight_decay": 0.5 } }"#;
    let mut training = training(json);
    let first = training.at(1, &Cancel::default()).unwrap();
    let new = |name: &str| {
        first
            .gradient(first.network().find(name).unwrap())
            .data()
            .to_vec()
    };
    assert_eq!(new("idle.weight.new"), [1.0, 1.0]);
    assert_eq!(new("y.weight.new"), [0.5 - 0.1 - 0.025, 1.0 - 0.2 - 0.05]);
}

#[test]
fn batches_come_in_turn() {
    let json = r#"{ "backstep": 1, "inputs": { "x": [1] },
        "layers": [ { "name": "y", "op": "linear", "weight": [[1]] },
                    { "name": "loss", "op": "mse_loss", "target": [0] } ],
        "train": { "optimizer": "sgd", "lr": 0.25, "steps": 3,
            "batches": [ { "x": [2], "loss.target": [1] }, { "loss.target": [3] } ] } }"#;
    let mut training = training(json);
    let mut at = |update: usize| {
        let backprop = training.at(update, &Cancel::default()).unwrap();
        let value = |id: TensorId| backprop.tape().value(id).data()[0];
        (
            value(TensorId(0)),
            value(backprop.network().find("y.weight").unwrap()),
        )
    };
    // 1 − 0.25 · 2 · (2 · 1 − 1) · 2 = 0, then 0 − 0.25 · 2 · (1 · 0 − 3) · 1 = 1.5.
    assert_eq!(at(1), (2.0, 1.0));
    assert_eq!(at(2), (1.0, 0.0));
    assert_eq!(at(3), (2.0, 1.5));
}

/// Checks what is said of a scenario that is trained so.
fn refuses(train: &str, layers: &str, says: &str) {
    let json = format!(
        r#"{{ "backstep": 1, "inputs": {{ "x": [1, 2] }}, "layers": [{layers}],
            "train": {train} }}"#
    );
    let read = Scenario::read("net.json", json.as_bytes(), &NoFiles, Options::default());
    let problem = read.err().unwrap_or_else(|| panic!("{json}")).to_string();
    assert!(problem.contains(says), "{problem}\nfor {train}");
}

#[test]
fn what_cannot_be_trained_is_told() {
    let net = r#"{ "name": "y", "op": "linear", "weight": [[1, 2]] },
        { "name": "loss", "op": "mse_loss", "target": [0] }"#;
    for (train, says) in [
        (
            r#"{ "optimizer": "sgd", "lr": "NaN" }"#,
            "`lr` must be a number",
        ),
        (
            r#"{ "optimizer": "sgd", "lr": 1e999 }"#,
            "`lr` holds a number that is too large",
        ),
        (
            r#"{ "optimizer": "sgd", "lr": -1 }"#,
            "`lr` must not be negative unless `maximize`",
        ),
        (r#"{ "optimizer": "sgd", "steps": 0 }"#, "from 1 to 1000000"),
        (
            r#"{ "optimizer": "sgd", "steps": 1000000000 }"#,
            "from 1 to 1000000",
        ),
        (
            r#"{ "optimizer": "sgd", "steps": 2.5 }"#,
            "`steps` must be a whole number",
        ),
        (r#"{ "lr": 0.1 }"#, "`optimizer` is missing"),
        (r#"{ "optimizer": "sdg" }"#, "there is no optimizer `sdg`"),
        (
            r#"{ "optimizer": "sgd", "betas": [0.9, 0.99] }"#,
            "`betas` is not a key",
        ),
        (
            r#"{ "optimizer": "adam", "betas": [0.9, 1] }"#,
            "two numbers of at least 0 and below",
        ),
        (
            r#"{ "optimizer": "sgd", "nesterov": true }"#,
            "`nesterov` needs a `momentum`",
        ),
        (
            r#"{ "optimizer": "sgd", "parameters": ["y"] }"#,
            "`y` is no parameter, so it is not trained",
        ),
        (
            r#"{ "optimizer": "sgd", "lr": "0.1" }"#,
            "`lr` must be a number, found a string",
        ),
        (
            r#"{ "optimizer": "adam", "betas": [0.9] }"#,
            "`betas` must be a list of two numbers, found a list",
        ),
        (
            r#"{ "optimizer": "sgd", "nesterov": 1 }"#,
            "`nesterov` must be true or false, found a number",
        ),
        (
            r#"{ "optimizer": "sgd", "parameters": ["x"] }"#,
            "`x` is no parameter",
        ),
        (
            r#"{ "optimizer": "sgd", "parameters": ["y.wieght"] }"#,
            "no parameter `y.wieght`",
        ),
        (
            r#"{ "optimizer": "sgd", "parameters": [] }"#,
            "at least one parameter",
        ),
        (
            r#"{ "optimizer": "sgd", "parameters": ["y.weight", "y.weight"] }"#,
            "is named twice",
        ),
        (
            r#"{ "optimizer": "sgd", "batches": [] }"#,
            "from 1 to 4096 batches",
        ),
        (
            r#"{ "optimizer": "sgd", "batches": [{ "x": [1] }] }"#,
            "`x` has shape [1]",
        ),
        (
            r#"{ "optimizer": "sgd", "batches": [{ "z": [1] }] }"#,
            "a batch has no `z`",
        ),
        (
            r#"{ "optimizer": "sgd", "batches": [{ "loss.target": [1, 2] }] }"#,
            "shape [2]",
        ),
        ("3", "`train` must be an object"),
    ] {
        refuses(train, net, says);
    }
    let layer = format!(
        r#"{{ "backstep": 1, "inputs": {{ "x": [1, 2] }}, "layers": [{net}],
            "train": {{ "optimizer": "sgd", "parameters": ["y"] }} }}"#
    );
    let read = Scenario::read("net.json", layer.as_bytes(), &NoFiles, Options::default());
    let hint = read.unwrap_err().hint;
    assert_eq!(hint.as_deref(), Some("did you mean `y.weight`?"));
    let sgd = r#"{ "optimizer": "sgd" }"#;
    let several = r#"{ "name": "y", "op": "linear", "weight": [[1, 2], [3, 4]] }"#;
    let json = format!(
        r#"{{ "backstep": 1, "inputs": {{ "x": [1, 2] }}, "layers": [{several}],
            "upstream": {{ "y": [1, 2] }}, "train": {sgd} }}"#
    );
    let read = Scenario::read("net.json", json.as_bytes(), &NoFiles, Options::default());
    let problem = read.unwrap_err().to_string();
    assert!(
        problem.contains("a loss that is a single number"),
        "{problem}"
    );
    refuses(sgd, r#"{ "name": "y", "op": "sum" }"#, "nothing to train");
    let taken = r#"{ "name": "y", "op": "linear", "weight": [[1, 2]] },
        { "name": "y.weight.new", "op": "relu" }"#;
    refuses(sgd, taken, "y.weight.new");
}

#[test]
fn new_values_of_a_training_that_cannot_be_read_are_no_second_problem() {
    let read = |train: &str| {
        let json = format!(
            r#"{{ "backstep": 1, "inputs": {{ "x": [1] }},
                "layers": [{{ "name": "y", "op": "linear", "weight": [[1]] }}],
                "upstream": {{ "y": [1] }}, {train} "ask": ["y.weight.new"] }}"#
        );
        let read = Scenario::read("net.json", json.as_bytes(), &NoFiles, Options::default());
        read.map_err(|problem| problem.to_string())
    };
    assert!(read(r#""train": { "optimizer": "sgd", "lr": 0.5 },"#).is_ok());
    let wrong = read(r#""train": { "optimizer": "sgd", "lr": -1 },"#).unwrap_err();
    assert!(
        wrong.contains("negative") && !wrong.contains("y.weight.new"),
        "{wrong}"
    );
    let without = read("").unwrap_err();
    assert!(
        without.contains("there is no tensor `y.weight.new`"),
        "{without}"
    );
}
