use serde_json::{Value, json};

use crate::ops::OperandRole;
use crate::ops::testing::{Layer, noise, refuses};

#[track_caller]
fn numbers(keys: Value, input: Value) -> Vec<f64> {
    Layer::new(keys, &[input]).unwrap().output().data().to_vec()
}

#[test]
fn the_laws_hold() {
    for (keys, shape) in [
        (
            json!({ "op": "slice", "dim": 1, "start": -1, "step": -2 }),
            &[2, 5, 2][..],
        ),
        (json!({ "op": "select", "dim": -1, "index": 1 }), &[2, 3]),
        (
            json!({ "op": "index_select", "dim": 1, "index": [2, 0, 2] }),
            &[2, 3, 2],
        ),
        (
            json!({ "op": "gather", "dim": 1, "index": [[2, 2], [0, 1]] }),
            &[2, 3],
        ),
        (
            json!({ "op": "embedding", "index": [[0, 3], [3, 3]] }),
            &[4, 2],
        ),
        (json!({ "op": "expand", "size": [2, 3, -1] }), &[1, 2]),
        (json!({ "op": "repeat", "repeats": [2, 1, 2] }), &[2, 3]),
        (json!({ "op": "flip", "dims": [0, -1] }), &[2, 3, 2]),
        (
            json!({ "op": "roll", "shifts": [-5, 1], "dims": [1, 0] }),
            &[2, 3],
        ),
        (json!({ "op": "tril" }), &[2, 3, 4]),
        (json!({ "op": "triu", "diagonal": -1 }), &[3, 2]),
        (
            json!({ "op": "pad", "pad": [1, 2, -1, 1], "value": 7 }),
            &[2, 3, 2],
        ),
        (
            json!({ "op": "pad", "pad": [2, 1], "mode": "reflect" }),
            &[2, 3],
        ),
        (
            json!({ "op": "pixel_shuffle", "upscale_factor": 2 }),
            &[2, 4, 1, 3],
        ),
        (
            json!({ "op": "pixel_unshuffle", "downscale_factor": 3 }),
            &[1, 3, 6],
        ),
        (
            json!({ "op": "interpolate", "size": [3, 5], "mode": "bicubic" }),
            &[1, 2, 4, 2],
        ),
        (
            json!({ "op": "interpolate", "size": 2, "mode": "linear" }),
            &[2, 1, 5],
        ),
    ] {
        Layer::new(keys, &[noise(shape, 1)])
            .unwrap()
            .keeps_the_laws(0.0);
    }
}

#[test]
fn a_slice_is_pythons() {
    for (start, end, step, expected) in [
        (json!(1), json!(4), 1, vec![1.0, 2.0, 3.0]),
        (json!(-2), json!(99), 1, vec![3.0, 4.0]),
        (json!(-99), json!(-1), 3, vec![0.0, 3.0]),
        (json!(3), json!(0), -2, vec![3.0, 1.0]),
        (json!(99), json!(-99), -1, vec![4.0, 3.0, 2.0, 1.0, 0.0]),
    ] {
        let keys = json!({ "op": "slice", "start": start, "end": end, "step": step });
        assert_eq!(numbers(keys, json!([0, 1, 2, 3, 4])), expected);
    }
    let backwards = json!({ "op": "slice", "step": -1 });
    assert_eq!(numbers(backwards, json!([1, 2])), [2.0, 1.0]);
}

#[test]
fn padding_is_made_of_what_is_there() {
    for (mode, pad, expected) in [
        ("constant", [1, -1], vec![9.0, 1.0, 2.0]),
        ("reflect", [2, 2], vec![3.0, 2.0, 1.0, 2.0, 3.0, 2.0, 1.0]),
        ("replicate", [1, 2], vec![1.0, 1.0, 2.0, 3.0, 3.0, 3.0]),
        ("circular", [1, 3], vec![3.0, 1.0, 2.0, 3.0, 1.0, 2.0, 3.0]),
    ] {
        let keys = json!({ "op": "pad", "pad": pad, "mode": mode, "value": 9 });
        assert_eq!(numbers(keys, json!([[1, 2, 3]])), expected, "{mode}");
    }
}

/// The numbers are those of PyTorch and ONNX.
#[test]
fn pixels_of_another_size() {
    let resized = |mode: &str, size: usize, input: Value| {
        let keys = json!({ "op": "interpolate", "size": size, "mode": mode });
        numbers(keys, json!([[input]]))
    };
    let row = json!([0, 1, 2, 3, 4]);
    assert_eq!(resized("nearest", 3, row.clone()), [0.0, 1.0, 3.0]);
    assert_eq!(resized("nearest-exact", 3, row), [0.0, 2.0, 4.0]);
    assert_eq!(resized("linear", 2, json!([0, 0, 0, 12]))[1], 6.0);
    let cubic = json!({ "op": "interpolate", "size": [1, 8], "mode": "bicubic" });
    assert_eq!(numbers(cubic, json!([[[[0, 1, 0, 0]]]]))[2], 0.87890625);
    let tens = json!([[[0, 10, 20, 30, 40]]]);
    let scaled = json!({ "op": "interpolate", "size": 7, "mode": "linear", "scale_factor": [1.5] });
    let layer = Layer::new(scaled, &[tens]).unwrap();
    assert_eq!(layer.output().data()[1], 5.0);
    assert_eq!(layer.gradient(OperandRole::Input(0), &[1.0; 7])[0], 1.5);
}

#[test]
fn each_use_is_a_term() {
    let keys = json!({ "op": "embedding", "index": [1, 0, 1] });
    let layer = Layer::new(keys, &[json!([[1, 2], [3, 4], [5, 6]])]).unwrap();
    assert_eq!(layer.output().data(), [3.0, 4.0, 1.0, 2.0, 3.0, 4.0]);
    let table = OperandRole::Input(0);
    assert_eq!(layer.terms(table, 3), [(1, vec![]), (5, vec![])]);
    assert_eq!(layer.terms(table, 4), []);
    let gradient = layer.gradient(table, &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0]);
    assert_eq!(gradient, [4.0, 8.0, 17.0, 34.0, 0.0, 0.0]);
}

#[test]
fn a_zero_keeps_its_sign() {
    let keys = json!({ "op": "flip", "dims": [0] });
    let flipped = numbers(keys, json!([-0.0, 1]));
    assert!(flipped[1].is_sign_negative());
}

#[test]
fn what_does_not_fit_is_refused() {
    let row = &[json!([1, 2, 3])][..];
    refuses(&[
        (
            json!({ "op": "slice", "start": 3 }),
            row,
            "start: axis 0 of `a` has 3 places, of which the slice takes none",
        ),
        (
            json!({ "op": "slice", "step": 0 }),
            row,
            "step: must be a whole number other than 0",
        ),
        (
            json!({ "op": "select", "index": -4 }),
            row,
            "index: axis 0 of `a` has 3 places, and none is numbered -4",
        ),
        (
            json!({ "op": "index_select", "index": [0, 3] }),
            row,
            "index: axis 0 of `a` has 3 places, and none is numbered 3",
        ),
        (
            json!({ "op": "embedding", "index": [0.5] }),
            row,
            "index: must hold whole numbers of at least 0",
        ),
        (
            json!({ "op": "embedding", "index": [7] }),
            row,
            "index: axis 0 of `a` has 3 places, and none is numbered 7",
        ),
        (
            json!({ "op": "gather", "index": [[0]] }),
            row,
            "index: `a` has shape [3], but `index` has [1, 1]",
        ),
        (
            json!({ "op": "expand", "size": [2] }),
            row,
            "size: `a` has shape [3], which does not expand to 2",
        ),
        (
            json!({ "op": "repeat", "repeats": 2 }),
            &[json!([[1]])],
            "repeats: `a` has 2 axes, but `repeats` has 1 numbers",
        ),
        (
            json!({ "op": "roll", "shifts": 1, "dims": [0, 1] }),
            row,
            "shifts: must have a shift for each of `dims`",
        ),
        (
            json!({ "op": "flip", "dims": [0, -1] }),
            row,
            "dims: `dims` names axis 0 of `a` twice",
        ),
        (
            json!({ "op": "tril" }),
            row,
            "from 0: `a` has shape [3], but a diagonal is that of a matrix",
        ),
        (
            json!({ "op": "pad", "pad": [1] }),
            row,
            "pad: must hold a pair of numbers for each axis, before and after",
        ),
        (
            json!({ "op": "pad", "pad": [3, 0], "mode": "reflect" }),
            &[json!([[1, 2, 3]])],
            "pad: axis 1 of `a` has 3 places, to which \"reflect\" adds at most 2 on a side",
        ),
        (
            json!({ "op": "pad", "pad": [-2, -1] }),
            row,
            "pad: nothing is left of axis 0 of `a`, which has 3 places",
        ),
        (
            json!({ "op": "pixel_shuffle", "upscale_factor": 2 }),
            &[json!([[[1]], [[2]]])],
            "upscale_factor: the number of channels, 2, of `a` does not divide by 4",
        ),
        (
            json!({ "op": "interpolate", "size": [2, 2] }),
            &[json!([[[1]]])],
            "size: `a` has shape [1, 1, 1], but with 2 sizes it must be [batch, channels] and 2 \
             more",
        ),
        (
            json!({ "op": "interpolate", "size": 2, "mode": "bicubic" }),
            &[json!([[[1]]])],
            "mode: \"bicubic\" is for 2 axes, but `size` has 1",
        ),
    ]);
}
