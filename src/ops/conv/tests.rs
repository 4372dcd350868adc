use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::ops::testing::{Layer, noise, refuses, with};

#[test]
fn a_bare_kernel_slides_over_a_map() {
    let layer = json!({"op": "conv2d", "weight": [[1, 2], [3, 4]], "bias": 0.5});
    let conv = Layer::new(layer, &[json!([[1, 0, 2], [0, 1, 0], [3, 0, 1]])]).unwrap();
    assert_eq!(conv.output().data(), [5.5, 7.5, 11.5, 5.5]);
    let upstream = [1.0, 10.0, 100.0, 1000.0];
    // The neuron in the middle is in every window, each time under another weight.
    assert_eq!(
        conv.factors(OperandRole::Input(0), 4),
        [[4.0], [3.0], [2.0], [1.0]]
    );
    assert_eq!(
        conv.gradient(OperandRole::Input(0), &upstream)[4],
        4.0 + 30.0 + 200.0 + 1000.0
    );
    assert_eq!(
        conv.gradient(OperandRole::Weight, &upstream),
        [1001.0, 120.0, 310.0, 1001.0]
    );
    assert_eq!(conv.gradient(OperandRole::Bias, &upstream), [1111.0]);
}

#[test]
fn an_activation_has_a_slope_of_its_own() {
    let layer = json!({"op": "conv1d", "weight": [2, -1], "bias": [0], "activation": "leaky_relu"});
    let conv = Layer::new(layer, &[json!([1, 3, 4])]).unwrap();
    assert_eq!(conv.output().data(), [-0.01, 2.0]);
    assert_eq!(
        conv.factors(OperandRole::Input(0), 1),
        [[0.01, -1.0], [1.0, 2.0]]
    );
    assert_eq!(
        conv.factors(OperandRole::Weight, 0),
        [[0.01, 1.0], [1.0, 3.0]]
    );
    assert_eq!(conv.factors(OperandRole::Bias, 0), [[0.01], [1.0]]);
}

#[test]
fn same_pads_the_larger_half_at_the_end() {
    let layer = json!({"op": "conv1d", "weight": [1, 10, 100, 1000], "padding": "same"});
    let conv = Layer::new(layer, &[json!([1, 2, 3])]).unwrap();
    assert_eq!(conv.output().data(), [3210.0, 321.0, 32.0]);
    // The last weight meets nothing but padding in the last two windows.
    assert_eq!(conv.factors(OperandRole::Weight, 3), [[3.0]]);
}

#[test]
fn a_kernel_that_reaches_far_costs_nothing() {
    let layer = json!({"op": "conv1d", "weight": [1, 2], "padding": 500_000_000,
        "dilation": 1_000_000_000});
    let conv = Layer::new(layer, &[json!([1, 2, 3, 4])]).unwrap();
    assert_eq!(conv.output().data(), [0.0; 4]);
    assert_eq!(conv.gradient(OperandRole::Weight, &[1.0; 4]), [0.0; 2]);
    let layer = json!({"op": "conv2d", "weight": [[1, 2], [3, 4]], "stride": 1_u64 << 62});
    let conv = Layer::new(layer, &[json!([[1, 2, 0], [0, 1, 0], [5, 5, 5]])]).unwrap();
    assert_eq!(conv.output().data(), [9.0]);
    assert_eq!(
        conv.gradient(OperandRole::Weight, &[1.0]),
        [1.0, 2.0, 0.0, 1.0]
    );
    let layer =
        json!({"op": "conv1d", "weight": [1, 2, 3], "padding": "same", "dilation": 1_u64 << 62});
    assert_eq!(
        Layer::new(layer, &[json!([1, 2, 3, 4])])
            .unwrap()
            .output()
            .data(),
        [2.0, 4.0, 6.0, 8.0]
    );
}

#[test]
fn what_does_not_fit_is_refused() {
    let conv = |more: Value| {
        with(
            json!({"op": "conv1d", "weight": [[[1, 2]], [[3, 4]]]}),
            more,
        )
    };
    let (row, one, two) = (
        &[json!([1, 2, 3])][..],
        &[json!([[1, 2, 3]])][..],
        &[json!([[1, 2, 3], [4, 5, 6]])][..],
    );
    let shapes = "weight: `y.weight` has shape [2, 1, 2], but";
    refuses(&[
        (json!({"op": "conv1d"}), one, "weight: missing"),
        (
            conv(json!({})),
            row,
            &format!("{shapes} `a` [3] has no channels, so it must be [length]"),
        ),
        (
            conv(json!({})),
            two,
            &format!("{shapes} `a` has 2 channels, so it must be [2, 2, 2]"),
        ),
        (
            conv(json!({"groups": 2})),
            one,
            "groups: 2 groups do not divide the channels: `a` has 1 channel",
        ),
        (
            conv(json!({"weight": [[[1, 2]]], "groups": 2})),
            two,
            "groups: 2 groups do not divide the channels: `y.weight` makes 1 channel",
        ),
        (
            conv(json!({"bias": [1]})),
            one,
            "bias: `y.bias` has shape [1], but there are 2 output channels, so it must be [2]",
        ),
        (
            conv(json!({"dilation": 3})),
            one,
            "weight: the kernel spans 4 places, but `a` has 3",
        ),
        (
            conv(json!({"padding": "sam"})),
            one,
            "padding: one of same, valid",
        ),
        (
            conv(json!({"padding": "same", "stride": 2})),
            one,
            "padding: must not be \"same\" with a stride other than 1, which makes the output \
             smaller than the input",
        ),
        (
            conv(json!({"padding": u64::MAX})),
            one,
            "padding: `a` with this padding is longer than can be counted",
        ),
    ]);
}

#[test]
fn gradients_are_the_derivatives() {
    let layer = json!({"op": "conv2d", "weight": noise(&[4, 1, 2, 3], 2), "bias": noise(&[4], 3),
        "groups": 2, "stride": [2, 1],
                           "padding": 1, "dilation": [1, 2], "activation": "tanh"});
    Layer::new(layer, &[noise(&[2, 2, 5, 6], 1)])
        .unwrap()
        .keeps_the_laws(0.0);
}

#[test]
fn many_channels_and_samples_keep_the_order() {
    for (layer, input) in [
        // More terms than are added at once, channels that fill no tile, and rows that fill no
        // register.
        (
            json!({"weight": noise(&[11, 32, 3, 3], 2), "bias": noise(&[11], 3), "padding": 1,
                "activation": "relu"}),
            [2, 32, 5, 21],
        ),
        (
            json!({"weight": noise(&[10, 3, 3, 5], 2), "groups": 2, "stride": [2, 3], "padding": 2,
                "dilation": [1, 2]}),
            [3, 6, 9, 40],
        ),
        (
            json!({"weight": noise(&[5, 1, 5, 5], 2), "groups": 5, "padding": "same"}),
            [1, 5, 6, 35],
        ),
        (json!({"weight": noise(&[9, 20, 1, 1], 2)}), [2, 20, 4, 4]),
        // Maps so small that more is in the weights.
        (
            json!({"weight": noise(&[37, 17, 3, 3], 2), "padding": 1}),
            [1, 17, 2, 2],
        ),
        (
            json!({"weight": noise(&[40, 5, 3, 2], 2), "groups": 2, "padding": 1, "stride": 2}),
            [2, 10, 5, 6],
        ),
    ] {
        let conv = Layer::new(with(layer, json!({"op": "conv2d"})), &[noise(&input, 1)]).unwrap();
        conv.lists_what_it_sums(0.0);
    }
}

#[test]
fn a_padded_place_is_no_factor() {
    // Where infinity meets nothing but padding, no NaN comes of it.
    let layer = json!({"op": "conv1d", "weight": [f64::MAX, 1, 2], "padding": 2});
    let conv = Layer::new(layer, &[json!([1e300, 2])]).unwrap();
    assert_eq!(
        conv.output().data(),
        [2e300, 1e300 + 4.0, f64::INFINITY, f64::INFINITY]
    );
    let layer = json!({"op": "conv1d", "weight": ["Infinity", 1, 2], "padding": 2});
    let infinite = Layer::new(layer, &[json!([1, 2])]).unwrap();
    assert_eq!(
        infinite.output().data(),
        [2.0, 5.0, f64::INFINITY, f64::INFINITY]
    );
    let upstream = [f64::INFINITY, 1.0, 1.0, 1.0];
    assert_eq!(
        conv.gradient(OperandRole::Weight, &upstream),
        [1e300 + 2.0, 1e300 + 2.0, f64::INFINITY]
    );
}

proptest! {
    #[test]
    fn bulk_is_the_sum_of_the_terms(
        seed: u64, groups in 1..3_usize, sizes in [1..3_usize, 1..3_usize],
        map in [1..7_usize, 1..7_usize],
        kernel in [1..5_usize, 1..5_usize], stride in [1..4_usize, 1..4_usize],
        dilation in [1..4_usize, 1..4_usize],
        padding in [0..7_usize, 0..7_usize], activated: bool,
    ) {
        let [n_in, n_out] = sizes;
        let weight = noise(&[groups * n_out, n_in, kernel[0], kernel[1]], seed);
        let mut layer = json!({"op": "conv2d", "weight": weight,
            "bias": noise(&[groups * n_out], seed), "groups": groups,
                               "stride": stride, "dilation": dilation, "padding": padding});
        if activated {
            layer["activation"] = json!("tanh");
        }
        let reach = |axis: usize| (kernel[axis] - 1) * dilation[axis];
        let fits = |axis: usize| reach(axis) < map[axis] + 2 * padding[axis];
        let conv = Layer::new(layer, &[noise(&[2, groups * n_in, map[0], map[1]], seed ^ 1)]);
        prop_assert_eq!(conv.is_ok(), fits(0) && fits(1));
        if let Ok(conv) = conv {
            conv.lists_what_it_sums(0.0);
        }
    }
}
