//! Two runs side by side: where they part, and when they are the same.

use std::path::Path;

use serde_json::{Value, json};

use crate::cli::Folder;

/// Two layers, with this bias of the first and this input.
fn scenario(bias: f64, x: &str) -> String {
    format!(
        r#"{{ "backstep": 1, "inputs": {{ "x": {x} }}, "layers": [
            {{ "name": "a", "op": "linear", "weight": [[1, 2]], "bias": [{bias}] }},
            {{ "name": "b", "op": "relu" }}, {{ "name": "loss", "op": "sum" }} ] }}"#
    )
}

fn folder() -> Folder {
    Folder::with(&[
        ("one.json", &scenario(0.5, "[1, 1]")),
        ("other.json", &scenario(-4.0, "[1, 1]")),
        ("wide.json", &scenario(0.5, "[[1, 1], [2, 2]]")),
        (
            "s1.json",
            r#"{ "format": "backstep-answer/1", "grads": { "x": [1, null], "a": [1] } }"#,
        ),
        (
            "s2.json",
            r#"{ "format": "backstep-answer/1", "grads": { "x": [1, 7], "a": [3] } }"#,
        ),
    ])
}

/// A file of this repository's own gradients.
fn compared(name: &str) -> String {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/compared");
    data.join(name).display().to_string()
}

#[test]
fn runs_part_forwards_and_backwards_where_they_first_differ() {
    let ran = folder().run("diff one.json other.json --format json");
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let found: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        found["first"],
        json!({ "value": "a.bias", "gradient": "a" })
    );
    let names = |part: &str| {
        let tensors = found[part].as_array().unwrap();
        let names = tensors
            .iter()
            .map(|tensor| tensor["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(
        names("values"),
        ["x", "a.weight", "a.bias", "a", "b", "loss"]
    );
    assert_eq!(
        names("gradients"),
        ["loss", "b", "a", "x", "a.weight", "a.bias"]
    );
    // The second ReLU is shut: its slope is 0 in the place of 1.
    let differ = json!({ "index": [0], "numbers": [1.0, 0.0], "by": 1.0, "relative": 1.0 });
    assert_eq!(found["gradients"][2]["furthest"], differ);
    assert_eq!(found["gradients"][2]["differ"], 1);
}

#[test]
fn the_same_run_is_the_same_in_every_format() {
    let folder = folder();
    folder.fine("export one.json -o one.npz");
    folder.fine("export one.json -o one.safetensors");
    folder.fine("export one.json -o one.trace.json");
    for other in ["one.json", "one.npz", "one.safetensors", "one.trace.json"] {
        let said = folder.fine(&format!("diff one.json {other} --rtol 0 --atol 0"));
        assert!(
            said.starts_with("values: the same\ngradients: the same\n"),
            "{other}: {said}"
        );
    }
    let said = folder.fine("diff one.npz one.safetensors");
    assert!(
        said.starts_with("values: the same\ngradients: the same\n"),
        "{said}"
    );
}

#[test]
fn a_precision_is_given_its_due_and_no_more() {
    let (folder, small) = (Folder::new(), compared("small/scenario.json"));
    let (right, half) = (compared("small/right.npz"), compared("small/float16.pt"));
    let said = folder.fine(&format!("diff {right} {half} --scenario {small}"));
    assert!(said.starts_with("gradients: the same\n"), "{said}");
    let strictly = folder.run(&format!(
        "diff {right} {half} --scenario {small} --rtol 1e-6 --atol 0"
    ));
    assert_eq!(strictly.code, Some(1), "{}", strictly.out);
}

#[test]
fn what_is_blank_or_of_another_shape_or_in_one_run_alone_is_told() {
    let folder = folder();
    let answers = folder.run("diff s1.json s2.json --scenario one.json");
    assert_eq!(answers.code, Some(1));
    let lines: Vec<&str> = answers.out.lines().collect();
    assert_eq!(lines[0], "gradients: they part at a");
    assert!(
        lines.contains(
            &"≠  a                    1 of 1  2                   2         a[0]: 1 and 3"
        ),
        "{lines:?}"
    );
    assert!(
        lines.contains(&"=  x                    0 of 1"),
        "{lines:?}"
    );
    let shapes = folder.run("diff one.json wide.json");
    assert!(
        shapes
            .out
            .contains("≠  x                shape [2], in B [2, 2]"),
        "{}",
        shapes.out
    );
    let alone = folder.run("diff one.json s2.json");
    assert!(
        alone.out.ends_with("\n10 more in A alone\n"),
        "{}",
        alone.out
    );
}

#[test]
fn what_cannot_be_read_is_not_the_same_and_a_wrapper_of_the_model_comes_off() {
    let [grads, wrapped, empty] =
        ["grads", "ddp", "empty"].map(|name| compared(&format!("sequential/{name}.npz")));
    let folder = Folder::new();
    let unread = folder.run(&format!("diff {empty} {grads}"));
    assert_eq!(unread.code, Some(1), "{}", unread.out);
    assert!(
        unread
            .out
            .starts_with("gradients: the same in all that can be read\n"),
        "{}",
        unread.out
    );
    for runs in [[&grads, &wrapped], [&wrapped, &grads]] {
        let same = folder.run(&format!("diff {} {}", runs[0], runs[1]));
        assert_eq!(same.code, Some(0), "{}{}", same.out, same.err);
        assert!(!same.out.contains("alone"), "{}", same.out);
    }
}

#[test]
fn runs_that_cannot_be_compared_are_refused() {
    let folder = folder();
    folder.fine("export one.json -o one.npz");
    for (arguments, says) in [
        (
            "s1.json s2.json",
            "`s1.json` does not say of which network it is",
        ),
        ("the-question one.npz", "have no tensor in common"),
        ("one.json none.npz", "there is no file `none.npz`"),
        ("- -", "stdin can be read once"),
    ] {
        let said = folder.refused(&format!("diff {arguments}"));
        assert!(said.contains(says), "{arguments}: {said}");
    }
}
