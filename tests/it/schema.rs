//! The JSON Schemas, asked by a validator that knows nothing of backstep.

use backstep::cancel::Cancel;
use backstep::exercise::{self, Generator, Level, Origin};
use backstep::export::{Detail, SCHEMAS};
use backstep::gallery;
use backstep::marking::Answer;
use backstep::ops::{self, Descriptor, Domain};
use backstep::scenario::{NoFiles, Options, Scenario};
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::cases::cases;
use crate::exports::runs;

fn schema(name: &str) -> Value {
    if name == "report" {
        return backstep::report::schema();
    }
    (SCHEMAS.iter().find(|of| of.name == name).unwrap().schema)()
}

pub(crate) fn validator(name: &str) -> Validator {
    jsonschema::draft202012::new(&schema(name)).unwrap()
}

#[track_caller]
pub(crate) fn accepts(validator: &Validator, value: &Value, what: &str) {
    let errors: Vec<String> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{what}: {errors:?}");
}

#[test]
fn every_scenario_is_one_by_the_schema() {
    let validator = validator("scenario");
    for item in gallery::ALL {
        accepts(
            &validator,
            &serde_json::from_str(item.json()).unwrap(),
            item.name,
        );
    }
    for case in cases() {
        accepts(
            &validator,
            &serde_json::from_slice(&std::fs::read(&case).unwrap()).unwrap(),
            case.to_str().unwrap(),
        );
    }
}

#[test]
fn every_trace_is_one_by_the_schema() {
    let validator = validator("trace");
    for run in runs() {
        for detail in [Detail::Tensors, Detail::Steps, Detail::Contributions] {
            accepts(
                &validator,
                &serde_json::from_slice(&run.export_with("json", detail)).unwrap(),
                &run.name,
            );
        }
    }
    for wrong in [
        json!({}),
        json!({ "format": "backstep-trace/2", "title": "", "scenario_sha256": "", "tensors": [] }),
    ] {
        assert!(!validator.is_valid(&wrong), "{wrong}");
    }
}

#[test]
fn an_answer_is_one_by_the_schema() {
    let validator = validator("answer");
    let answer = json!({ "format": "backstep-answer/1", "student": "s1024",
        "grads": { "pool": [[3.5, "15"], ["7/2", null]] } });
    accepts(&validator, &answer, "the example");
    for (key, wrong) in [
        ("format", json!("backstep-answer/2")),
        ("student", json!([1])),
        ("grads", json!([1])),
        ("more", json!(1)),
    ] {
        let mut answer = answer.clone();
        answer[key] = wrong;
        assert!(!validator.is_valid(&answer), "{answer}");
    }
}

/// What an answer says beside its numbers is taken by the schema and by the program, or by neither.
#[test]
fn the_schema_takes_the_answers_that_are_read() {
    let validator = validator("answer");
    let right = json!({ "format": "backstep-answer/1", "student": "s1024",
        "scenario_sha256": "ab", "grads": { "pool": [[1, 2], [3, 4]] } });
    let values = [
        json!(null),
        json!(true),
        json!(7),
        json!("backstep-answer/1"),
        json!("backstep-answer/2"),
        json!([]),
        json!({}),
    ];
    let scenario = gallery::find("the-question").unwrap();
    let scenario = scenario.open(Options::default()).unwrap();
    let is_read = |answer: &Value| {
        Answer::read("a.json", answer.to_string().as_bytes(), &scenario.network).is_ok()
    };
    accepts(&validator, &right, "the right one");
    for key in ["format", "student", "scenario_sha256", "grads", "notes"] {
        let with = |value: Option<&Value>| {
            let mut answer = right.clone();
            answer.as_object_mut().unwrap().remove(key);
            value
                .into_iter()
                .for_each(|value| answer[key] = value.clone());
            answer
        };
        for answer in values.iter().map(Some).chain([None]).map(with) {
            assert_eq!(validator.is_valid(&answer), is_read(&answer), "{answer}");
        }
    }
}

/// The same of what a scenario says beside its network.
#[test]
fn the_schema_takes_what_scenarios_may_say() {
    let validator = validator("scenario");
    let right: Value = serde_json::from_str(gallery::find("the-question").unwrap().json()).unwrap();
    let values = [
        json!(null),
        json!(true),
        json!(7),
        json!("pool"),
        json!("pre-activation"),
        json!([]),
        json!(["pool"]),
        json!([7]),
        json!({}),
        json!({ "pool": 1 }),
        json!({ "pool": 0 }),
        json!({ "pool": "one" }),
    ];
    let keys = [
        "backstep",
        "$schema",
        "title",
        "description",
        "ask",
        "points",
        "gradients",
        "notes",
        "note",
    ];
    for (key, value) in keys
        .iter()
        .flat_map(|key| values.iter().map(move |value| (key, value)))
    {
        let mut scenario = right.clone();
        scenario[key] = value.clone();
        let bytes = scenario.to_string();
        let read = Scenario::read("s.json", bytes.as_bytes(), &NoFiles, Options::default());
        assert_eq!(
            validator.is_valid(&scenario),
            read.is_ok(),
            "{key}: {value}"
        );
    }
}

#[test]
fn a_key_is_one_by_the_schema() {
    let validator = validator("key");
    let template = exercise::template("pool-to-fc").unwrap();
    let cancel = Cancel::default();
    let generator = Generator::new(template, Level::Two, &cancel).unwrap();
    let exercise = generator.exercise(generator.seed(&["1"]), &cancel).unwrap();
    for student in [None, Some("s1024")] {
        let origin = Origin {
            template: "pool-to-fc",
            level: student.map(|_| 2),
            assignment: "week 4",
            student,
        };
        let mut bytes = Vec::new();
        exercise.write_key(origin, &mut bytes).unwrap();
        let key: Value = serde_json::from_slice(&bytes).unwrap();
        accepts(&validator, &key, "the key");
        assert_ne!(key["inseparable"], json!([]));
        for member in key.as_object().unwrap().keys() {
            let mut wrong = key.clone();
            wrong[member] = json!(true);
            assert!(!validator.is_valid(&wrong), "{wrong}");
        }
        let answer = Answer::read("key.json", &bytes, &exercise.scenario.network).unwrap();
        assert_eq!(answer.student.as_deref(), student);
    }
}

/// What is wrong in the same way by the schema and by the program.
#[test]
fn wrong_scenarios_are_refused() {
    let validator = validator("scenario");
    let right = json!({ "backstep": 1, "inputs": { "x": [1, 2, 3, 4] }, "parameters": { "b": [1] },
        "layers": [
        { "name": "fc", "op": "linear", "weight": [[1, 2, 3, 4]], "bias": { "parameter": "b" } },
        { "name": "pool", "op": "max_pool1d", "from": "x", "kernel_size": 2 },
        { "name": "both", "op": "add", "from": ["fc", "pool"] },
        { "name": "norm", "op": "batch_norm", "from": "x", "training": true } ] });
    accepts(&validator, &right, "the right one");
    for (place, wrong) in [
        ("/backstep", json!(2)),
        ("/backstep", Value::Null),
        ("/inputs", json!({ "0x": 1 })),
        ("/inputs/x", json!([])),
        ("/inputs/x", json!("1")),
        ("/inputs/x", json!([1, null])),
        ("/inputs/x", json!({ "shape": [4] })),
        ("/inputs/x", json!({ "shape": [0], "data": [1] })),
        ("/inputs/x", json!({ "file": "x.npy", "shape": [4] })),
        ("/parameters", json!([1])),
        ("/parameters", json!({ "0b": [1] })),
        ("/layers/0/bias", json!({ "parameter": 1 })),
        (
            "/layers/0/bias",
            json!({ "parameter": "b", "file": "b.npy" }),
        ),
        ("/layers", json!([])),
        ("/layers/0", json!({ "op": "relu" })),
        ("/layers/0", json!({ "name": "a" })),
        ("/layers/0/op", json!("lineal")),
        ("/layers/0/weight", Value::Null),
        ("/layers/0/activation", json!("softmax")),
        ("/layers/0/kernel_size", json!(2)),
        ("/layers/0/from", json!([])),
        ("/layers/0/from", json!(["x", "x"])),
        ("/layers/1/kernel_size", json!(0)),
        ("/layers/1/kernel_size", json!([1, 2])),
        ("/layers/1/ties", json!("last")),
        ("/layers/1/ceil_mode", json!(1)),
        ("/layers/2/from", json!("x")),
        ("/layers/2/from", json!(["x"])),
        ("/layers/3/training", json!(false)),
        ("/upstream", json!([1])),
        ("/ask", json!([])),
        ("/ask", json!("fc")),
        ("/notes", json!({ "fc": 1 })),
        ("/notes", json!({ "not a name": "x" })),
        ("/extra", json!(1)),
    ] {
        let mut scenario = right.clone();
        match scenario.pointer_mut(place) {
            Some(there) => *there = wrong,
            None => {
                let (parent, key) = place.rsplit_once('/').unwrap();
                scenario.pointer_mut(parent).unwrap()[key] = wrong;
            }
        }
        assert!(!validator.is_valid(&scenario), "{scenario}");
        let bytes = scenario.to_string();
        assert!(
            Scenario::read("", bytes.as_bytes(), &NoFiles, Options::default()).is_err(),
            "{scenario}"
        );
    }
}

/// Settings of which the schema says less than the ops: that one is not 0, that another fits its
/// counterpart, and that a list holds pairs.
const LESS: &[&str] = &[
    "align_corners",
    "alpha",
    "beta",
    "max_val",
    "min_val",
    "pad",
    "shifts",
    "step",
];

/// Whether an op takes a value for a setting, whatever it has against the others.
fn takes(op: &Descriptor, key: &'static str, value: &Value) -> bool {
    let errors = ops::read(op, vec![(key, setting(value))])
        .err()
        .unwrap_or_default();
    errors.iter().all(|error| error.key != key)
}

fn setting(value: &Value) -> ops::Value {
    match value {
        Value::Bool(flag) => ops::Value::Flag(*flag),
        Value::Number(number) => match number.as_i128() {
            Some(whole) => ops::Value::Whole(whole),
            None => ops::Value::Number(number.as_f64().unwrap()),
        },
        Value::String(name) => ops::Value::Name(name.clone()),
        Value::Array(list) => ops::Value::List(list.iter().map(setting).collect()),
        Value::Null | Value::Object(_) => ops::Value::Other,
    }
}

#[test]
fn the_schema_takes_the_settings_that_the_ops_take() {
    let scenario = schema("scenario");
    let values = [
        json!(0),
        json!(1),
        json!(2),
        json!(-1),
        json!(-2),
        json!(0.5),
        json!(true),
        json!("same"),
        json!("valid"),
        json!("first"),
        json!("all"),
        json!("relu"),
        json!("none"),
        json!("tanh"),
        json!("mean"),
        json!("?"),
        json!(null),
        json!({}),
        json!([]),
        json!([1]),
        json!([0]),
        json!([2, 1]),
        json!([-1, 3]),
        json!([1, 1, 1]),
        json!([0.5]),
        json!(["x"]),
        json!([[1]]),
    ];
    let mut n_settings = 0;
    for op in ops::all() {
        let settings = op.settings().into_iter();
        for of in settings.filter(|of| of.domain != Domain::Tensor) {
            n_settings += 1;
            let property = &scenario["$defs"][format!("layer.{}", op.name)]["properties"][of.key];
            let validator = jsonschema::draft202012::new(property).unwrap();
            for value in &values {
                let (by_op, by_schema) = (takes(op, of.key, value), validator.is_valid(value));
                let agree = by_op == by_schema || by_schema && LESS.contains(&of.key);
                assert!(
                    agree,
                    "{}.{} takes {value}: {by_op}, but by the schema: {by_schema}",
                    op.name, of.key
                );
            }
        }
    }
    assert!(n_settings > 50, "{n_settings}");
}
