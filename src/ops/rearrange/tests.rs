use serde_json::{Value, json};

use super::*;
use crate::ops::testing::{Layer, noise, refuses};

#[test]
fn the_laws_hold() {
    let one = [noise(&[2, 3, 4], 1)];
    for keys in [
        json!({ "op": "identity" }),
        json!({ "op": "flatten", "start_dim": 1 }),
        json!({ "op": "reshape", "shape": [4, -1, 2] }),
        json!({ "op": "permute", "dims": [-1, 0, 1] }),
        json!({ "op": "cat" }),
    ] {
        Layer::new(keys, &one).unwrap().keeps_the_laws(0.0);
    }
    let many_axes = [noise(&[2, 3, 1, 2, 1, 3], 1)];
    Layer::new(
        json!({ "op": "permute", "dims": [5, 1, 0, 4, 3, 2] }),
        &many_axes,
    )
    .unwrap()
    .keeps_the_laws(0.0);
    let several = [
        noise(&[2, 1, 2], 1),
        noise(&[2, 3, 2], 2),
        noise(&[2, 2, 2], 3),
    ];
    Layer::new(json!({ "op": "cat", "dim": -2 }), &several)
        .unwrap()
        .keeps_the_laws(0.0);
}

#[test]
fn shapes() {
    let shape = |keys: Value, input: Value| {
        Layer::new(keys, &[input])
            .unwrap()
            .output()
            .shape()
            .to_string()
    };
    let cube = noise(&[2, 3, 4], 1);
    assert_eq!(shape(json!({ "op": "flatten" }), cube.clone()), "[24]");
    assert_eq!(
        shape(json!({ "op": "flatten", "end_dim": 1 }), cube.clone()),
        "[6, 4]"
    );
    assert_eq!(shape(json!({ "op": "flatten" }), json!(5)), "[1]");
    assert_eq!(
        shape(
            json!({ "op": "reshape", "shape": [2, -1, 1] }),
            cube.clone()
        ),
        "[2, 12, 1]"
    );
    assert_eq!(
        shape(json!({ "op": "reshape", "shape": [] }), json!([[5]])),
        "[]"
    );
    assert_eq!(
        shape(json!({ "op": "permute", "dims": [2, 0, 1] }), cube),
        "[4, 2, 3]"
    );
    assert_eq!(
        shape(json!({ "op": "permute", "dims": [] }), json!(5)),
        "[]"
    );
}

#[test]
fn numbers_go_where_pytorch_puts_them() {
    let permute = Layer::new(
        json!({ "op": "permute", "dims": [1, 0] }),
        &[json!([[1, 2, 3], [4, 5, 6]])],
    )
    .unwrap();
    assert_eq!(permute.output().data(), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    assert_eq!(permute.terms(OperandRole::Input(0), 1), [(2, vec![])]);
    let cat = Layer::new(
        json!({ "op": "cat", "dim": 1 }),
        &[json!([[1], [2]]), json!([[3, 4], [5, 6]])],
    )
    .unwrap();
    assert_eq!(cat.output().data(), [1.0, 3.0, 4.0, 2.0, 5.0, 6.0]);
    assert_eq!(cat.terms(OperandRole::Input(1), 2), [(4, vec![])]);
}

#[test]
fn views_that_do_not_fit_are_refused() {
    let matrix = &[json!([[1, 2], [3, 4]])][..];
    let flatten =
        |start: i64, end: i64| json!({ "op": "flatten", "start_dim": start, "end_dim": end });
    let reshape = |shape: Value| json!({ "op": "reshape", "shape": shape });
    let unfit = "shape: must be a list of whole numbers of at least 1, one of which may be -1";
    let two_left_out = "shape: must leave at most one size to be worked out with -1";
    refuses(&[
        (
            flatten(2, -1),
            matrix,
            "start_dim: `a` has 2 axes, so `start_dim` must be from -2 to 1, not 2",
        ),
        (
            flatten(0, 2),
            matrix,
            "end_dim: `a` has 2 axes, so `end_dim` must be from -2 to 1, not 2",
        ),
        (
            flatten(1, 0),
            matrix,
            "start_dim: `start_dim` is axis 1 of `a`, but `end_dim` is axis 0",
        ),
        (json!({ "op": "reshape" }), matrix, "shape: missing"),
        (
            reshape(json!([3])),
            matrix,
            "shape: `a` has shape [2, 2], so 4 elements, but these sizes multiply to 3",
        ),
        (
            reshape(json!([])),
            matrix,
            "shape: `a` has shape [2, 2], so 4 elements, but these sizes multiply to 1",
        ),
        (
            reshape(json!([3, -1])),
            matrix,
            "shape: `a` has shape [2, 2], so 4 elements, which do not divide by 3",
        ),
        (
            reshape(json!([-1, i64::MAX])),
            matrix,
            "shape: `a` has shape [2, 2], so 4 elements, which do not divide by \
             9223372036854775807",
        ),
        (
            reshape(json!([1_u64 << 62, 4])),
            matrix,
            "shape: `a` has shape [2, 2], so 4 elements, but these sizes multiply to more than a \
             computer can count",
        ),
        (reshape(json!([-1, -1])), matrix, two_left_out),
        (reshape(json!([1_u64 << 63, -1])), matrix, unfit),
        (reshape(json!([-2, 2])), matrix, unfit),
        (reshape(json!([0, -1])), matrix, unfit),
        (reshape(json!([1.5])), matrix, unfit),
        (reshape(json!(["4"])), matrix, unfit),
        (reshape(json!([[4]])), matrix, unfit),
        (reshape(json!([null])), matrix, unfit),
        (reshape(json!(4)), matrix, unfit),
        (
            reshape(json!(vec![1; 33])),
            &[json!(1)],
            "layer: the output would have 33 axes, but a tensor has at most 32",
        ),
    ]);
}

#[test]
fn permutations_and_joins_that_do_not_fit_are_refused() {
    let matrix = &[json!([[1, 2], [3, 4]])][..];
    let permute = |dims: Value| json!({ "op": "permute", "dims": dims });
    let cat = |dim: Value| json!({ "op": "cat", "dim": dim });
    let unfit = "dims: must be a list of whole numbers";
    refuses(&[
        (json!({ "op": "permute" }), matrix, "dims: missing"),
        (
            permute(json!([1, -1])),
            matrix,
            "dims: `dims` names axis 1 of `a` twice",
        ),
        (
            permute(json!([0, 2])),
            matrix,
            "dims: `a` has 2 axes, so `dims` must be from -2 to 1, not 2",
        ),
        (
            permute(json!([0])),
            matrix,
            "dims: `a` has 2 axes, but `dims` lists 1",
        ),
        (
            permute(json!([])),
            matrix,
            "dims: `a` has 2 axes, but `dims` lists 0",
        ),
        (permute(json!("01")), matrix, unfit),
        (permute(json!([0.5, 1])), matrix, unfit),
        (permute(json!([0, 1_u64 << 63])), matrix, unfit),
        (
            cat(json!(2)),
            matrix,
            "dim: `a` has 2 axes, so `dim` must be from -2 to 1, not 2",
        ),
        (cat(json!("0")), matrix, "dim: must be a whole number"),
        (
            cat(json!(0)),
            &[json!(1), json!(2)],
            "from 0: `a` is a single number, but `cat` joins tensors along an axis",
        ),
        (
            cat(json!(0)),
            &[json!([[1, 2]]), json!([[3, 4, 5]])],
            "from 1: `b` has shape [1, 3], but `a` has [1, 2], and `cat` joins along axis 0",
        ),
        (
            cat(json!(0)),
            &[json!([[1, 2]]), json!([3, 4])],
            "from 1: `b` has shape [2], but `a` has [1, 2], and `cat` joins along axis 0",
        ),
    ]);
}
