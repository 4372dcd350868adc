//! Loops and sequences.

use super::*;

fn ints(name: &str, dims: &[i64], numbers: &[i64]) -> Numbers {
    Numbers {
        name: name.to_owned(),
        dims: dims.to_vec(),
        data_type: 7,
        int64_data: numbers.to_vec(),
        ..Numbers::default()
    }
}

fn flag(name: &str) -> Numbers {
    Numbers {
        name: name.to_owned(),
        data_type: 9,
        int32_data: vec![1],
        ..Numbers::default()
    }
}

fn ends(names: &[&str]) -> Vec<ValueInfo> {
    let info = |&name: &&str| ValueInfo {
        name: name.to_owned(),
        r#type: None,
    };
    names.iter().map(info).collect()
}

/// A loop over a body with these nodes, which reads `v` and makes `v2`, and hands out `each`.
fn repeated(inputs: &[&str], nodes: Vec<Node>) -> Node {
    let body = Graph {
        node: nodes,
        initializer: Vec::new(),
        input: ends(&["i", "goes_on", "v"]),
        output: ends(&["goes_on2", "v2", "each"]),
        metadata_props: Vec::new(),
    };
    let mut node = node("Loop", "loop", inputs, &["last", "all"]);
    node.attribute = vec![Attribute {
        name: "body".to_owned(),
        g: Some(Box::new(body)),
        kind: 5,
        ..Attribute::default()
    }];
    node
}

/// What doubles `v`, and hands it out before.
fn doubling() -> Vec<Node> {
    vec![
        node("Identity", "", &["goes_on"], &["goes_on2"]),
        node("Relu", "", &["v"], &["each"]),
        node("Add", "double", &["v", "v"], &["v2"]),
    ]
}

fn numbers() -> Vec<Numbers> {
    vec![
        ints("three", &[], &[3]),
        ints("none", &[], &[0]),
        ints("many", &[], &[i64::MAX]),
        flag("yes"),
    ]
}

fn repeating(inputs: &[&str], nodes: Vec<Node>, output: &str) -> Model {
    let nodes = vec![
        repeated(inputs, nodes),
        node("Neg", "end", &[output], &["y"]),
    ];
    with_weights(nodes, numbers())
}

#[test]
fn a_loop_with_a_known_count_is_unrolled() {
    let model = repeating(&["three", "yes", "x"], doubling(), "last");
    let imported = run(&model, &request()).unwrap();
    let ops: Vec<&str> = layers(&imported).into_iter().map(|(_, op)| op).collect();
    assert_eq!(ops, ["add", "add", "add", "neg"]);
    let x = imported.network.find("x").unwrap();
    let y = imported.network.find("y").unwrap();
    let tape = imported.tape();
    let eight = tape.value(x).data().iter().map(|x| -8.0 * x);
    assert_eq!(tape.value(y).data(), eight.collect::<Vec<_>>());
}

#[test]
fn what_a_loop_hands_out_is_stacked() {
    let model = repeating(&["three", "yes", "x"], doubling(), "all");
    let imported = run(&model, &request()).unwrap();
    let y = imported.network.find("y").unwrap();
    assert_eq!(imported.tape().value(y).shape().to_vec()[0], 3);
    let ops: Vec<&str> = layers(&imported).into_iter().map(|(_, op)| op).collect();
    assert_eq!(ops[ops.len() - 2..], ["stack", "neg"]);
}

#[test]
fn a_loop_ends_where_its_condition_does() {
    // It goes on while the count of the runs, from 0, is less than two.
    let mut nodes = doubling();
    nodes[0] = node("Less", "", &["i", "two"], &["goes_on2"]);
    let mut model = repeating(&["", "yes", "x"], nodes, "last");
    let graph = model.graph.as_mut().unwrap();
    graph.initializer.push(ints("two", &[], &[2]));
    let imported = run(&model, &request()).unwrap();
    let y = imported.network.find("y").unwrap();
    let x = imported.network.find("x").unwrap();
    let tape = imported.tape();
    // It is asked after each run: 0 < 2 and 1 < 2 go on, 2 < 2 does not.
    assert_eq!(tape.value(y).data()[1], -8.0 * tape.value(x).data()[1]);
}

#[test]
fn a_loop_without_an_end_is_refused() {
    for inputs in [["", "", "x"], ["many", "yes", "x"], ["many", "", "x"]] {
        let said = said(&repeating(&inputs, doubling(), "last"), &request());
        assert!(said.contains("more than 65536 nodes"), "{said}");
    }
    // A loop within a loop has no more room.
    let mut outer = doubling();
    outer[2] = repeated(&["many", "yes", "v"], doubling());
    outer[2].output = vec!["v2".to_owned(), String::new()];
    let said = said(&repeating(&["many", "yes", "x"], outer, "last"), &request());
    assert!(said.contains("more than 65536 nodes"), "{said}");
}

#[test]
fn a_loop_that_cannot_be_unrolled_is_refused() {
    let mut computed = doubling();
    computed[0] = node("Less", "", &["v", "v"], &["goes_on2"]);
    let mut short = repeated(&["three", "yes", "x"], doubling());
    short.attribute[0].g.as_mut().unwrap().input.pop();
    let mut bodiless = repeated(&["three", "yes", "x"], doubling());
    bodiless.attribute.clear();
    let of = |node: Node| {
        let end = super::node("Neg", "end", &["last"], &["y"]);
        with_weights(vec![node, end], numbers())
    };
    for (model, expected) in [
        (
            repeating(&["three", "yes", "x"], computed, "last"),
            "goes on or ends by what is computed",
        ),
        (
            repeating(&["x", "yes", "x"], doubling(), "last"),
            "runs as often as what is no whole number",
        ),
        (
            repeating(&["none", "yes", "x"], doubling(), "all"),
            "never runs, and hands out nothing",
        ),
        (of(short), "are not those of the loop"),
        (of(bodiless), "has no `body`"),
    ] {
        let said = said(&model, &request());
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn what_a_sequence_holds_is_joined() {
    let mut concat = node("ConcatFromSequence", "", &["s2"], &["y"]);
    concat.attribute = vec![Attribute {
        name: "axis".to_owned(),
        i: 1,
        kind: 2,
        ..Attribute::default()
    }];
    let nodes = vec![
        node("Neg", "", &["x"], &["a"]),
        node("SequenceEmpty", "", &[], &["s0"]),
        node("SequenceInsert", "", &["s0", "x"], &["s1"]),
        node("SequenceInsert", "", &["s1", "a", "none"], &["s2"]),
        concat,
    ];
    let imported = run(&with_weights(nodes, numbers()), &request()).unwrap();
    let y = imported.network.find("y").unwrap();
    let x = imported.network.find("x").unwrap();
    let tape = imported.tape();
    assert_eq!(tape.value(y).shape()[1], 6);
    let (x, y) = (tape.value(x).data(), tape.value(y).data());
    assert_eq!((y[0], y[3]), (-x[0], x[0]));
}
