//! How long marking takes: a thousand answers of ten thousand numbers each, read as JSON and
//! diagnosed, on one thread and on two.

use std::collections::BTreeMap;

use backstep::backprop::Backprop;
use backstep::cancel::Cancel;
use backstep::marking::{ANSWER_FORMAT, Answer, ChosenTolerance, MarkScheme};
use backstep::scenario::{NoFiles, Options, Scenario};
use rayon::prelude::*;
use serde_json::{Value, json};

use crate::common::{row, shortest};

const N_ANSWERS: usize = 1000;

/// Two fully connected layers over 784 numbers.
fn scenario() -> Scenario {
    let number = |at: usize| (at * 7919 % 2003) as f64 / 1001.0 - 1.0;
    let tensor = |shape: &[usize]| {
        json!({ "shape": shape,
        "data": (0..shape.iter().product()).map(number).collect::<Vec<f64>>() })
    };
    let text = json!({
        "backstep": 1, "inputs": { "x": tensor(&[784]) },
        "layers": [
            { "name": "hidden", "op": "linear", "weight": tensor(&[12, 784]),
                "bias": tensor(&[12]), "activation": "relu" },
            { "name": "fc", "op": "linear", "weight": tensor(&[10, 12]), "bias": tensor(&[10]) },
            { "name": "loss", "op": "cross_entropy", "target": 3 },
        ],
    });
    Scenario::read(
        "bench",
        text.to_string().as_bytes(),
        &NoFiles,
        Options::default(),
    )
    .expect("the scenario is right")
}

/// What a learner writes instead of a number, by its place.
type Spoiled = fn(usize, f64) -> f64;

/// An answer, in which one tensor's gradients may have gone wrong.
fn answer(backprop: &Backprop, wrong: Option<(&str, Spoiled)>) -> Vec<u8> {
    let network = backprop.network();
    let asked = backprop.steps().tensors().iter().map(|&id| {
        let name = &network.tensor(id).name;
        let numbers = backprop
            .gradient(id)
            .data()
            .iter()
            .enumerate()
            .map(|(at, &number)| match wrong {
                Some((tensor, spoiled)) if tensor == name => spoiled(at, number),
                _ => number,
            });
        let numbers: Vec<f64> = numbers.collect();
        let rows = match network.tensor(id).shape[..] {
            [_, n_columns] => numbers.chunks(n_columns).map(|row| json!(row)).collect(),
            _ => json!(numbers),
        };
        (name.clone(), rows)
    });
    let grads: BTreeMap<String, Value> = asked.collect();
    json!({ "format": ANSWER_FORMAT, "grads": grads })
        .to_string()
        .into_bytes()
}

pub(crate) fn run() {
    let scenario = scenario();
    let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
    // Half of the class is right; a quarter has made a known slip in the largest tensor, a quarter
    // is off by chance.
    let answers = [
        answer(&backprop, None),
        answer(&backprop, Some(("hidden.weight", |_, number| -number))),
        answer(&backprop, None),
        answer(
            &backprop,
            Some(("hidden", |at, number| number * (1.0 + at as f64))),
        ),
    ];
    let n_numbers = backprop.steps().len();
    let scheme = MarkScheme::new(scenario, backprop, None, ChosenTolerance::default());
    let cancel = Cancel::default();
    for n_threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build()
            .expect("threads can be started");
        let time = shortest(|| {
            let n_wrong = pool.install(|| {
                let marked = (0..N_ANSWERS).into_par_iter().map(|number| {
                    let read = Answer::read(
                        "answer.json",
                        &answers[number % answers.len()],
                        scheme.backprop.network(),
                    );
                    let read = read.expect("the answer can be read");
                    scheme
                        .mark("answer.json", "student", &read, &cancel)
                        .expect("nobody gives it up")
                });
                marked
                    .filter(|marked| marked.submission.score < 1.0)
                    .count()
            });
            assert_eq!(n_wrong, N_ANSWERS / 2);
        });
        let work =
            format!("check: {N_ANSWERS} answers of {n_numbers} numbers, {n_threads} threads");
        row(&work, &format!("{:.2} s", time.as_secs_f64()));
    }
}
