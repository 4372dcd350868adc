//! What is no sound model, and what would cost too much.

use super::*;

#[test]
fn what_is_no_sound_model_is_refused() {
    let broken = |change: &dyn Fn(&mut Model)| {
        let mut changed = with_weights(
            vec![node("MatMul", "m", &["x", "w"], &["y"])],
            vec![weight("w", &[3, 1], &[1.0; 3])],
        );
        change(&mut changed);
        said(&changed, &request())
    };
    fn graph(model: &mut Model) -> &mut Graph {
        model.graph.as_mut().unwrap()
    }
    let numbers =
        |change: &dyn Fn(&mut Numbers)| broken(&|model| change(&mut graph(model).initializer[0]));
    for (found, expected) in [
        (
            broken(&|model| model.graph = None),
            "the model has no graph",
        ),
        (
            broken(&|model| model.opset_import[0].version = 99),
            "the model is written in opset 99, but this program knows 1 to 28; export it with an \
             older opset, such as 18",
        ),
        (
            broken(&|model| graph(model).output.clear()),
            "the model has no outputs",
        ),
        (
            broken(&|model| graph(model).node[0].input[0] = "y".to_owned()),
            "`MatMul` (node `m`) reads `y`, which nothing before it makes; the nodes of a model \
             stand in an order that only looks back",
        ),
        (
            broken(&|model| graph(model).node.push(node("Relu", "r", &["x"], &["y"]))),
            "the tensor `y` is made by two nodes",
        ),
        (
            broken(&|model| graph(model).output[0].name = "\u{1b}[31m".to_owned()),
            "the output `\\u{1b}[31m` is made by no node of the model",
        ),
        (
            broken(&|model| graph(model).node[0].input.truncate(1)),
            "`MatMul` (node `m`) has no input 2, which it needs",
        ),
        (
            numbers(&|tensor| tensor.dims[0] = 4),
            "`w` holds 3 numbers, but its sizes [4, 1] ask for 4",
        ),
        (
            numbers(&|tensor| tensor.dims[0] = -3),
            "`w` has the sizes [-3, 1], one of which is negative",
        ),
        (
            numbers(&|tensor| tensor.dims = vec![1 << 40, 1 << 40]),
            "`w` has the sizes [1099511627776, 1099511627776], which are too many elements; \
             `--max-elements` raises the limit",
        ),
        (
            numbers(&|tensor| tensor.data_type = 8),
            "`w` holds strings, which are not read",
        ),
        (
            numbers(&|tensor| tensor.raw_data = Some(vec![0; 7])),
            "`w` holds 7 bytes of numbers, but its sizes [3, 1] ask for 12",
        ),
        (
            numbers(&|tensor| tensor.data_location = 1),
            "`w` is in a file of its own, but does not say in which",
        ),
        (
            numbers(&|tensor| {
                tensor.data_location = 1;
                tensor.external_data = vec![Entry {
                    key: "location".to_owned(),
                    value: "../w.bin".to_owned(),
                }];
            }),
            "`w` is in the file `../w.bin`, which cannot be used: there is no folder to read it \
             from",
        ),
    ] {
        assert_eq!(found.trim_end(), expected);
    }
    let garbage = import(b"no model", &request(), &NoFiles).unwrap_err();
    assert!(matches!(garbage, ImportError::NoModel(_)), "{garbage}");
}

#[test]
fn what_would_take_too_much_memory_is_refused_before_it_is_taken() {
    let list = |name: &str, numbers: Vec<i64>| Numbers {
        name: name.to_owned(),
        dims: vec![numbers.len() as i64],
        data_type: 7,
        int64_data: numbers,
        ..Numbers::default()
    };
    let small = |model: &Model| {
        said(
            model,
            &Request {
                max_elements: 100,
                ..request()
            },
        )
    };
    let filled = vec![
        node("ConstantOfShape", "c", &["n"], &["big"]),
        node("Add", "a", &["x", "big"], &["y"]),
    ];
    assert_eq!(
        small(&with_weights(
            filled,
            vec![list("n", vec![1 << 40, 1 << 20])]
        )),
        "`ConstantOfShape` (node `c`) makes too many elements; `--max-elements` raises the limit\n"
    );
    let broadcast = vec![node("Add", "a", &["x", "w"], &["y"])];
    assert_eq!(
        small(&with_weights(
            broadcast,
            vec![weight("w", &[50, 1, 1], &[0.0; 50])]
        )),
        "`Add` (node `a`) makes too many elements; `--max-elements` raises the limit\n"
    );
    let axes = vec![node("Unsqueeze", "u", &["x", "axes"], &["y"])];
    assert_eq!(
        said(
            &with_weights(axes, vec![list("axes", (0..100_000).collect())]),
            &request()
        ),
        "`Unsqueeze` (node `u`) makes a tensor of 100002 axes, which has at most 32\n"
    );
    // A weight that many layers read is counted as often.
    let products: Vec<Node> = (0..20)
        .map(|n| {
            node(
                "MatMul",
                "",
                &[
                    &if n == 0 {
                        "x".to_owned()
                    } else {
                        format!("p{n}")
                    },
                    "w",
                ],
                &[&format!("p{}", n + 1)],
            )
        })
        .collect();
    let mut shared = with_weights(products, vec![weight("w", &[3, 3], &[0.0; 9])]);
    shared.graph.as_mut().unwrap().output[0].name = "p20".to_owned();
    assert!(small(&shared).contains("makes too many elements"));
}
