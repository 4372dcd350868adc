use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::ops::testing::{Layer, noise, refuses, with};

#[test]
fn every_neuron_of_a_window_gets_its_share() {
    let pool = Layer::new(
        json!({"op": "avg_pool2d", "kernel_size": 2}),
        &[json!([[1, 2], [3, 6]])],
    )
    .unwrap();
    assert_eq!(pool.output().data(), [3.0]);
    assert_eq!(pool.gradient(OperandRole::Input(0), &[8.0]), [2.0; 4]);
    assert_eq!(pool.factors(OperandRole::Input(0), 3), [[0.25]]);
}

#[test]
fn divisors_are_pytorchs() {
    let y = |more: Value| {
        let layer = with(
            json!({"op": "avg_pool2d", "kernel_size": [1, 2], "ceil_mode": true}),
            more,
        );
        Layer::new(layer, &[json!([[2, 4, 6, 8, 12]])])
            .unwrap()
            .output()
            .data()
            .to_vec()
    };
    // The last window reaches beyond the padded input, and only what it has there counts.
    assert_eq!(y(json!({})), [3.0, 7.0, 12.0]);
    assert_eq!(y(json!({"padding": [0, 1]})), [1.0, 5.0, 10.0]);
    assert_eq!(
        y(json!({"padding": [0, 1], "count_include_pad": false})),
        [2.0, 5.0, 10.0]
    );
    assert_eq!(y(json!({"divisor_override": -1})), [-6.0, -14.0, -12.0]);
    // The padding after the input counts, where a window reaches it.
    assert_eq!(
        y(json!({"kernel_size": [1, 3], "stride": [1, 4], "padding": [0, 1]})),
        [2.0, 20.0 / 3.0]
    );
}

#[test]
fn adaptive_windows_cover_the_input() {
    let pool = Layer::new(
        json!({"op": "adaptive_avg_pool1d", "output_size": 3}),
        &[json!([1, 2, 3, 4, 5, 6, 7])],
    )
    .unwrap();
    assert_eq!(pool.output().data(), [2.0, 4.0, 6.0]);
    assert_eq!(
        pool.gradient(OperandRole::Input(0), &[3.0, 6.0, 9.0]),
        [1.0, 1.0, 3.0, 2.0, 5.0, 3.0, 3.0]
    );
    let wider = Layer::new(
        json!({"op": "adaptive_avg_pool1d", "output_size": 3}),
        &[json!([4, 8])],
    )
    .unwrap();
    assert_eq!(wider.output().data(), [4.0, 6.0, 8.0]);
}

#[test]
fn settings_that_do_not_fit_are_refused() {
    let square = &[json!([[1, 2], [3, 4]])][..];
    let divided_by = |divisor: Value| {
        json!({"op": "avg_pool2d", "kernel_size": 2,
        "divisor_override": divisor})
    };
    let adaptive =
        |output_size: Value| json!({"op": "adaptive_avg_pool2d", "output_size": output_size});
    let not_zero = "divisor_override: must be a whole number other than 0";
    refuses(&[
        (divided_by(json!(0)), square, not_zero),
        (divided_by(json!(null)), square, not_zero),
        (divided_by(json!(1.5)), square, not_zero),
        (divided_by(json!(true)), square, not_zero),
        (
            adaptive(json!(1_u64 << 32)),
            square,
            "layer: the output would have too many elements",
        ),
        (
            adaptive(json!(0)),
            square,
            "output_size: must be a whole number of at least 1, or a list of 2 of them",
        ),
    ]);
}

#[test]
fn gradients_are_the_derivatives() {
    let sliding =
        json!({"op": "avg_pool2d", "kernel_size": [2, 3], "stride": [2, 1], "padding": 1});
    for layer in [
        sliding,
        json!({"op": "adaptive_avg_pool2d", "output_size": [3, 4]}),
    ] {
        Layer::new(layer, &[noise(&[2, 5, 6], 1)])
            .unwrap()
            .keeps_the_laws(0.0);
    }
}

proptest! {
    #[test]
    fn bulk_is_the_sum_of_the_terms(
        seed: u64, kernel in [1..5_usize, 1..5_usize], stride in [1..4_usize, 1..4_usize],
        padded: bool, ceil_mode: bool, adaptive: bool,
        count_include_pad: bool,
    ) {
        let padding = kernel.map(|kernel| if padded { kernel / 2 } else { 0 });
        let layer = if adaptive {
            json!({"op": "adaptive_avg_pool2d",
                "output_size": [kernel[0] + stride[0], kernel[1] + stride[1]]})
        } else {
            json!({"op": "avg_pool2d", "kernel_size": kernel, "stride": stride,
                "padding": padding, "ceil_mode": ceil_mode,
                   "count_include_pad": count_include_pad})
        };
        Layer::new(layer, &[noise(&[2, 5, 7], seed)]).unwrap().lists_what_it_sums(0.0);
    }
}
