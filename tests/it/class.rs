//! A class through the program: what its answers earn, whose they are, and who is missing.

use serde_json::{Value, json};

use crate::cli::Folder;

/// A window's four winners into three sums: the gradients of `pool` are 3.5, 15, 4 and −2.
const POOL: &str = r#"{ "backstep": 1,
  "inputs": { "x": [[1, 3, 2, 0], [4, 2, 1, 1], [0, 1, 5, 2], [2, 1, 3, 4]] },
  "layers": [{ "name": "pool", "op": "max_pool2d", "kernel_size": 2 },
    { "name": "flat", "op": "flatten" },
    { "name": "fc", "op": "linear", "activation": "relu",
      "weight": [[1, 0, -1, 2], [0.5, 1, 0, 0], [0, 2, 1, -1]] }],
  "upstream": { "fc": [2, 3, 6] }, "ask": ["pool", "x"], "points": { "pool": 8, "x": 2 } }"#;

/// Two layers with a single number each way: the gradients of `b` and `a` are sums of two terms.
const TWICE: &str = r#"{ "backstep": 1, "inputs": { "x": [1, 2] },
  "layers": [{ "name": "a", "op": "linear", "weight": [[2, 3], [5, 7]] },
    { "name": "b", "op": "linear", "weight": [[1, 2], [3, -1]] },
    { "name": "c", "op": "linear", "weight": [[1, 3], [4, -1]] }],
  "upstream": { "c": [10, 4] }, "ask": ["b", "a"] }"#;

fn answer(grads: Value) -> String {
    json!({ "format": "backstep-answer/1", "grads": grads }).to_string()
}

/// What `check` says of one answer to a scenario.
#[track_caller]
fn submission(scenario: &str, grads: Value, arguments: &str) -> Value {
    let folder = Folder::with(&[("s.json", scenario), ("a.json", &answer(grads))]);
    let ran = folder.run(&format!("check s.json a.json --format json {arguments}"));
    let report: Value = serde_json::from_str(&ran.out).expect(&ran.err);
    report["submissions"][0].clone()
}

fn of_pool(pool: [f64; 4], x: [[f64; 4]; 4]) -> Value {
    json!({ "pool": [[pool[0], pool[1]], [pool[2], pool[3]]], "x": x })
}

#[test]
fn zeros_that_anybody_would_write_count_together() {
    let zeros = || of_pool([3.5, 15.0, 4.0, -2.0], [[0.0; 4]; 4]);
    let together = submission(POOL, zeros(), "");
    assert_eq!(together["points"], 8.0 + 2.0 / 5.0);
    assert_eq!(together["max_points"], 10);
    let each = submission(POOL, zeros(), "--zeros each");
    assert_eq!(each["points"], 8.0 + 2.0 * 12.0 / 16.0);
    let nothing = submission(POOL, of_pool([0.0; 4], [[0.0; 4]; 4]), "");
    assert_eq!(
        (&nothing["points"], &nothing["score"]),
        (&json!(0.4), &json!(0.04))
    );
}

#[test]
fn the_command_line_says_other_points() {
    let right = || json!({ "pool": [[3.5, 15], [4, -2]] });
    let points = |arguments: &str| {
        let one = submission(POOL, right(), arguments);
        (one["points"].clone(), one["max_points"].clone())
    };
    assert_eq!(points(""), (json!(8), json!(10)));
    assert_eq!(points("--points pool=1.5,x=3"), (json!(1.5), json!(4.5)));
    // What has no points has one for each number, the zeros of a window's losers together one.
    assert_eq!(points("--points pool=1"), (json!(1), json!(6)));
}

#[test]
fn the_same_slip_again_is_one_mistake() {
    // The gradients of `b` are 26 and 26, those of `a` 104 and 26.
    let one = submission(TWICE, json!({ "b": [160, -120], "a": [-57600, 38400] }), "");
    let status = |place: usize| one["tensors"][place]["status"].clone();
    assert_eq!((status(0), status(1)), (json!("wrong"), json!("carried")));
    assert_eq!(one["tensors"][1]["repeats"], "b");
    assert_eq!(
        (&one["verdict"], &one["score"]),
        (&json!("wrong"), &json!(0.5))
    );
    // Zeros again are no method.
    let zeros = submission(TWICE, json!({ "b": [0, 0], "a": [0, 0] }), "");
    assert_eq!(
        (&zeros["score"], &zeros["verdict"]),
        (&json!(0), &json!("wrong"))
    );
}

#[test]
fn what_follows_from_rounded_numbers_is_correct() {
    let one = submission(TWICE, json!({ "b": [26.2, 26], "a": [104.2, 26.4] }), "");
    assert_eq!(one["tensors"][1]["carried"], 1, "{one}");
    assert_eq!(
        (&one["verdict"], &one["score"]),
        (&json!("correct"), &json!(1))
    );
}
