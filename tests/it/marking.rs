//! The catalogue of slips, held against answers in which one was made.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use backstep::backprop::Backprop;
use backstep::cancel::Cancel;
use backstep::marking::{
    Answered, Bounds, Choice, Form, Hypothesis, Numbers, Tolerance, gradients, pairs, singles, slip,
};
use backstep::scenario::{NoFiles, Options, Scenario};
use backstep::tensor::{Tensor, TensorId};
use serde_json::Value;

use crate::cases;

/// An answer in which slips were made in one tensor, or in which a few numbers are off by chance.
struct Answer {
    name: String,
    slips: Vec<String>,
    tensor: TensorId,
    grads: BTreeMap<TensorId, Tensor>,
}

impl Answer {
    fn read(name: &str, scenario: &Scenario, answer: &Value) -> Self {
        let network = &scenario.network;
        let grads = answer["grads"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(tensor, grad)| {
                let id = network.find(tensor).unwrap();
                (
                    id,
                    Tensor::new(network.tensor(id).shape.clone(), cases::flat(grad)).unwrap(),
                )
            });
        let tensor = answer["tensor"].as_str().unwrap();
        Self {
            name: format!("{name}: {tensor}"),
            slips: serde_json::from_value(answer["slips"].clone()).unwrap(),
            tensor: network.find(tensor).unwrap(),
            grads: grads.collect(),
        }
    }

    fn theirs(&self) -> Numbers {
        self.grads[&self.tensor]
            .data()
            .iter()
            .copied()
            .map(Some)
            .collect()
    }

    /// The hypotheses that are to be tried, and what each of them gives.
    fn tried(&self, backprop: &Backprop, theirs: &Numbers) -> Vec<(Hypothesis, Vec<f64>)> {
        let right = backprop.summed(self.tensor);
        let answered = Answered {
            theirs,
            right: right.data(),
            bounds: self.bounds(right.data()),
        };
        let mut hypotheses =
            singles(backprop, self.tensor, Some(&answered), &Cancel::default()).unwrap();
        hypotheses.extend(pairs(backprop, self.tensor, &Cancel::default()).unwrap());
        let gradients = gradients(backprop, self.tensor, &hypotheses, &Cancel::default()).unwrap();
        hypotheses
            .into_iter()
            .zip(gradients)
            .filter_map(|(hypothesis, gradient)| Some((hypothesis, gradient?)))
            .collect()
    }

    /// Whether a hypothesis gives all of the answer's numbers for the tensor.
    fn is_reproduced_by(&self, gradient: &[f64]) -> bool {
        let bounds = self.bounds(gradient);
        self.grads[&self.tensor]
            .data()
            .iter()
            .zip(gradient)
            .all(|(&theirs, &wrong)| bounds.is_right(theirs, wrong))
    }

    fn bounds(&self, right: &[f64]) -> Bounds {
        Tolerance::default().at(right.iter().fold(0.0, |size, x| x.abs().max(size)))
    }
}

fn answers() -> Vec<(Backprop, Answer)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/answers");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let text: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let scenario = Scenario::read(
            name,
            text["scenario"].to_string().as_bytes(),
            &NoFiles,
            Options::default(),
        )
        .unwrap();
        let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
        for answer in text["answers"].as_array().unwrap() {
            let answer = Answer::read(name, &scenario, answer);
            all.push((backprop.with_gradients(&answer.grads), answer));
        }
    }
    assert_eq!(all.len(), 179);
    all
}

#[test]
fn the_slips_that_were_made_give_the_numbers_of_the_answer() {
    let mut missed = Vec::new();
    for (backprop, answer) in answers()
        .iter()
        .filter(|(_, answer)| !answer.slips.is_empty())
    {
        let theirs = answer.theirs();
        let tried = answer.tried(backprop, &theirs);
        let found = tried
            .iter()
            .filter(|(hypothesis, _)| hypothesis.ids().eq(answer.slips.iter().map(String::as_str)));
        if !found
            .into_iter()
            .any(|(_, gradient)| answer.is_reproduced_by(gradient))
        {
            missed.push(format!("{}: {:?}", answer.name, answer.slips));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn numbers_that_are_off_by_chance_are_explained_by_no_slip() {
    for (backprop, answer) in answers()
        .iter()
        .filter(|(_, answer)| answer.slips.is_empty())
    {
        let theirs = answer.theirs();
        for (hypothesis, gradient) in answer.tried(backprop, &theirs) {
            assert!(
                !answer.is_reproduced_by(&gradient),
                "{} by {:?}",
                answer.name,
                hypothesis
            );
        }
    }
}

#[test]
fn a_method_starts_from_the_gradients_that_were_written_down() {
    let text = r#"{ "backstep": 1, "inputs": { "x": [1] }, "layers": [
        { "name": "a", "op": "linear", "weight": [[2], [3]] }, { "name": "b", "op": "linear", "weight": [[1, 5]] }
    ], "upstream": { "b": [1] } }"#;
    let scenario = Scenario::read("chain", text.as_bytes(), &NoFiles, Options::default()).unwrap();
    let right = Backprop::run(scenario.tape(), scenario.upstream.clone());
    let id = |name: &str| scenario.network.find(name).unwrap();
    assert_eq!(right.gradient(id("x")).data(), [17.0]);
    let written = Tensor::new(right.gradient(id("a")).shape().clone(), vec![10.0, 1.0]).unwrap();
    let theirs = right.with_gradients(&BTreeMap::from([(id("a"), written)]));
    assert_eq!(theirs.gradient(id("a")).data(), [10.0, 1.0]);
    assert_eq!(theirs.summed(id("x")).data(), [23.0]);
    assert_eq!(
        Hypothesis::right().gradient(&theirs, id("x")),
        Some(vec![23.0])
    );
    let forgot = Hypothesis::from(Choice {
        slip: slip("forgot-the-weight").unwrap(),
        form: Form::Plain,
    });
    assert_eq!(forgot.gradient(&theirs, id("x")), Some(vec![11.0]));
    assert_eq!(forgot.gradient(&right, id("x")), Some(vec![6.0]));
}

#[test]
fn without_a_slip_the_gradient_is_backprops_to_the_last_bit() {
    for case in cases::cases() {
        let scenario = cases::read(&case);
        let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
        let all: BTreeMap<TensorId, Tensor> = scenario
            .network
            .ids()
            .map(|id| (id, backprop.gradient(id).clone()))
            .collect();
        let same = backprop.with_gradients(&all);
        for &tensor in backprop.steps().tensors() {
            let bits = |numbers: &[f64]| {
                numbers
                    .iter()
                    .map(|number| number.to_bits())
                    .collect::<Vec<_>>()
            };
            let gradient = bits(backprop.gradient(tensor).data());
            let right = Hypothesis::right().gradient(&backprop, tensor).unwrap();
            assert_eq!(
                bits(&right),
                gradient,
                "{}: {}",
                case.display(),
                scenario.network.tensor(tensor).name
            );
            assert_eq!(bits(same.gradient(tensor).data()), gradient);
            assert_eq!(bits(same.summed(tensor).data()), gradient);
        }
    }
}
