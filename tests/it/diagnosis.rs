//! Whole answers, marked and diagnosed: those in which a slip was made, and the true gradients in
//! every format.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use backstep::backprop::Backprop;
use backstep::cancel::Cancel;
use backstep::export::{Detail, Selection, Subject, format};
use backstep::marking::{
    Answer, ChosenTolerance, HypothesisCache, MarkScheme, Marked, Marking, Status, Tolerance,
    Verdict, diagnose,
};
use backstep::scenario::{Asked, NoFiles, Options, Scenario};
use serde_json::{Value, json};

use crate::cases;

fn scheme(scenario: Scenario, asked: Option<Asked>) -> MarkScheme {
    let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
    MarkScheme::new(scenario, backprop, asked, ChosenTolerance::default())
}

fn marked(scheme: &MarkScheme, file: &str, bytes: &[u8]) -> Marked {
    let answer = Answer::read(file, bytes, scheme.backprop.network()).unwrap();
    assert!(answer.problems.is_empty(), "{:?}", answer.problems);
    scheme.mark(file, "s", &answer, &Cancel::default()).unwrap()
}

/// Marks every answer of the corpus, and hands over what was made in it.
fn each_answer(mut check: impl FnMut(&str, &Value, &Marked)) {
    let mut n = 0;
    for entry in
        fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/answers")).unwrap()
    {
        let text: Value =
            serde_json::from_slice(&fs::read(entry.unwrap().path()).unwrap()).unwrap();
        let read = |asked: &Value| {
            let bytes = text["scenario"].to_string();
            let scenario =
                Scenario::read("net.json", bytes.as_bytes(), &NoFiles, Options::default()).unwrap();
            let asked = asked["grads"]
                .as_object()
                .unwrap()
                .keys()
                .map(|name| scenario.network.find(name).unwrap())
                .collect();
            scheme(scenario, Some(asked))
        };
        for answer in text["answers"].as_array().unwrap() {
            let scheme = read(answer);
            let bytes =
                json!({ "format": "backstep-answer/1", "grads": answer["grads"] }).to_string();
            let name = format!(
                "{}: {} by {}",
                text["scenario"]["title"], answer["tensor"], answer["slips"]
            );
            check(&name, answer, &marked(&scheme, "a.json", bytes.as_bytes()));
            n += 1;
        }
    }
    assert_eq!(n, 179);
}

#[test]
fn the_slips_that_were_made_are_among_the_explanations_and_nothing_else_is_wrong() {
    each_answer(|name, answer, marked| {
        let slips: Vec<&str> = answer["slips"]
            .as_array()
            .unwrap()
            .iter()
            .map(|slip| slip.as_str().unwrap())
            .collect();
        for tensor in &marked.submission.tensors {
            let is_its = answer["tensor"] == tensor.name;
            assert_eq!(
                tensor.wrong as u64,
                if is_its {
                    answer["wrong"].as_u64().unwrap()
                } else {
                    0
                },
                "{name}: {tensor:#?}"
            );
            let is_found = tensor
                .diagnosis
                .iter()
                .any(|one| one.slips()[..] == slips[..] && one.explains == one.of);
            assert!(
                !is_its || slips.is_empty() || is_found,
                "{name}: {tensor:#?}"
            );
        }
        assert_eq!(marked.submission.verdict, Verdict::Wrong, "{name}");
    });
}

#[test]
fn what_is_off_by_chance_is_not_explained() {
    each_answer(|name, answer, marked| {
        if answer["slips"] == json!([]) {
            for tensor in &marked.submission.tensors {
                let all = tensor.diagnosis.iter().filter(|one| one.explains == one.of);
                assert_eq!(
                    all.collect::<Vec<_>>(),
                    Vec::<&backstep::marking::Diagnosis>::new(),
                    "{name}"
                );
            }
        }
    });
}

#[test]
fn an_explanation_gives_every_wrong_number_and_no_other_fits_better() {
    each_answer(|name, _, marked| {
        for tensor in &marked.submission.tensors {
            let rank = |one: &backstep::marking::Diagnosis| (one.contradicts(), one.slips().len());
            for one in &tensor.diagnosis {
                assert!(one.explains > 0 && one.explains == one.of, "{name}");
                assert!(2 * one.contradicts() <= one.n_right(), "{name}");
                assert_eq!(rank(one), rank(&tensor.diagnosis[0]), "{name}");
            }
        }
    });
}

#[test]
fn marking_is_given_up_when_it_is_asked_to_stop() {
    let scenario = backstep::gallery::find("the-question").unwrap();
    let scheme = scheme(scenario.open(Options::default()).unwrap(), None);
    let wrong = r#"{ "format": "backstep-answer/1", "grads": { "pool": [[11, 11], [11, 11]] } }"#;
    let network = scheme.backprop.network();
    let answer = Answer::read("a.json", wrong.as_bytes(), network).unwrap();
    let pool = network.find("pool").unwrap();
    let (going_on, given_up) = (Cancel::default(), Cancel::default());
    given_up.cancel();
    let marking = |cancel| Marking::new(&scheme.backprop, &answer, Tolerance::default(), cancel);
    let hypotheses = HypothesisCache::default();
    let diagnosed = |cancel| {
        let marking = marking(&going_on).unwrap();
        diagnose(&hypotheses, &marking, pool, cancel)
    };
    assert!(marking(&given_up).is_err() && diagnosed(&given_up).is_err());
    assert!(!diagnosed(&going_on).unwrap().is_empty());
    assert!(scheme.mark("a.json", "s", &answer, &given_up).is_err());
}

#[test]
fn the_true_gradients_are_correct_in_every_format() {
    for case in cases::cases() {
        let scenario = cases::read(&case);
        let finite = |scheme: &MarkScheme| {
            let numbers = scheme
                .asked
                .tensors()
                .iter()
                .flat_map(|&tensor| scheme.backprop.gradient(tensor).data());
            numbers.into_iter().all(|number| number.is_finite())
        };
        let scheme = scheme(scenario.clone(), None);
        if !finite(&scheme) || scheme.asked.tensors().is_empty() {
            continue;
        }
        let subject = Subject {
            scenario: &scenario,
            backprop: &scheme.backprop,
        };
        let selection = Selection {
            detail: Detail::Tensors,
            tensors: None,
            steps: 0..0,
        };
        let mut trace = Vec::new();
        (format("json").unwrap().write)(subject, &selection, &mut trace).unwrap();
        let traced: Value = serde_json::from_slice(&trace).unwrap();
        let grads: BTreeMap<&str, &Value> = traced["tensors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|tensor| (tensor["name"].as_str().unwrap(), &tensor["grad"]))
            .collect();
        let answer = json!({ "format": "backstep-answer/1", "grads": grads })
            .to_string()
            .into_bytes();
        let files = [
            ("trace.json", trace),
            ("a.json", answer),
            ("a.csv", csv(&scheme)),
            ("a.safetensors", safetensors(&scheme)),
        ];
        for (file, bytes) in &files {
            let submission = marked(&scheme, file, bytes).submission;
            assert_eq!(
                (submission.verdict, submission.score),
                (Verdict::Correct, 1.0),
                "{}: {file}",
                case.display()
            );
            assert!(
                submission
                    .tensors
                    .iter()
                    .all(|tensor| tensor.status == Status::Correct && tensor.diagnosis.is_empty())
            );
        }
    }
}

/// The arrays of a training run.
fn safetensors(scheme: &MarkScheme) -> Vec<u8> {
    let arrays = scheme.asked.tensors().iter().map(|&tensor| {
        let gradient = scheme.backprop.gradient(tensor);
        let bytes: Vec<u8> = gradient
            .data()
            .iter()
            .flat_map(|number| number.to_le_bytes())
            .collect();
        (
            scheme.backprop.network().tensor(tensor).name.clone(),
            gradient.shape().to_vec(),
            bytes,
        )
    });
    let arrays: Vec<_> = arrays.collect();
    let views = arrays.iter().map(|(name, shape, bytes)| {
        (
            name.clone(),
            safetensors::tensor::TensorView::new(safetensors::Dtype::F64, shape.clone(), bytes)
                .unwrap(),
        )
    });
    safetensors::serialize(views, None).unwrap()
}

/// The filled-in table.
fn csv(scheme: &MarkScheme) -> Vec<u8> {
    let mut text = String::from("tensor,index,grad\n");
    for &tensor in scheme.asked.tensors() {
        let info = scheme.backprop.network().tensor(tensor);
        for (at, number) in scheme.backprop.gradient(tensor).data().iter().enumerate() {
            let index: Vec<String> = info
                .shape
                .index(at)
                .iter()
                .map(ToString::to_string)
                .collect();
            text.push_str(&format!(
                "{},\"[{}]\",{number:?}\n",
                info.name,
                index.join(",")
            ));
        }
    }
    text.into_bytes()
}
