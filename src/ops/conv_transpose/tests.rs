use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::ops::testing::{Layer, noise, refuses, with};

#[test]
fn every_neuron_lays_the_kernel_over_the_output() {
    let layer = json!({"op": "conv_transpose1d", "weight": [1, 10, 100], "stride": 2, "bias": 0.5});
    let conv = Layer::new(layer, &[json!([1, 2])]).unwrap();
    assert_eq!(conv.output().data(), [1.5, 10.5, 102.5, 20.5, 200.5]);
    let upstream = [1.0, 2.0, 3.0, 4.0, 5.0];
    assert_eq!(
        conv.terms(OperandRole::Input(0), 1),
        [
            (2, vec![("weight", 1.0)]),
            (3, vec![("weight", 10.0)]),
            (4, vec![("weight", 100.0)])
        ]
    );
    assert_eq!(
        conv.gradient(OperandRole::Input(0), &upstream),
        [321.0, 543.0]
    );
    assert_eq!(
        conv.terms(OperandRole::Weight, 2),
        [(2, vec![("input", 1.0)]), (4, vec![("input", 2.0)])]
    );
    assert_eq!(
        conv.gradient(OperandRole::Weight, &upstream),
        [7.0, 10.0, 13.0]
    );
    assert_eq!(conv.gradient(OperandRole::Bias, &upstream), [15.0]);
}

#[test]
fn padding_cuts_the_output_and_output_padding_lengthens_it() {
    let y = |more: Value| {
        let layer = with(
            json!({"op": "conv_transpose1d", "weight": [1, 10, 100], "stride": 2}),
            more,
        );
        Layer::new(layer, &[json!([1, 2])])
            .unwrap()
            .output()
            .data()
            .to_vec()
    };
    assert_eq!(y(json!({"padding": 1})), [10.0, 102.0, 20.0]);
    assert_eq!(
        y(json!({"padding": 1, "output_padding": 1})),
        [10.0, 102.0, 20.0, 200.0]
    );
    assert_eq!(
        y(json!({"output_padding": 1})),
        [1.0, 10.0, 102.0, 20.0, 200.0, 0.0]
    );
    assert_eq!(
        y(json!({"dilation": 2})),
        [1.0, 0.0, 12.0, 0.0, 120.0, 0.0, 200.0]
    );
    assert_eq!(
        y(json!({"padding": 3, "output_padding": 1, "dilation": 2})),
        [0.0, 120.0]
    );
}

#[test]
fn what_does_not_fit_is_refused() {
    let conv = |more: Value| {
        with(
            json!({"op": "conv_transpose1d", "weight": [[[1, 2], [3, 4]]]}),
            more,
        )
    };
    let (row, one, two) = (
        &[json!([1, 2, 3])][..],
        &[json!([[1, 2, 3]])][..],
        &[json!([[1, 2, 3], [4, 5, 6]])][..],
    );
    let shapes = "weight: `y.weight` has shape [1, 2, 2], but";
    let huge = json!({"stride": 1_u64 << 62});
    refuses(&[
        (json!({"op": "conv_transpose1d"}), one, "weight: missing"),
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
            conv(json!({"bias": [1]})),
            one,
            "bias: `y.bias` has shape [1], but there are 2 output channels, so it must be [2]",
        ),
        (
            conv(json!({"output_padding": 1})),
            one,
            "output_padding: an output padding of 1 is not less than the stride or the dilation",
        ),
        (
            conv(json!({"padding": 2})),
            one,
            "padding: a padding of 2 cuts off all of the 4 places that `a` makes with this kernel",
        ),
        (
            conv(json!({"padding": u64::MAX})),
            one,
            "padding: a padding of 18446744073709551615 cuts off all of the 4 places that `a` \
             makes with this kernel",
        ),
        (
            conv(huge.clone()),
            one,
            "layer: the output would have too many elements",
        ),
        (
            conv(with(huge, json!({"padding": 1_u64 << 62}))),
            one,
            "layer: the output would have too many elements",
        ),
        (
            conv(json!({"dilation": u64::MAX})),
            one,
            "layer: the output would have too many elements",
        ),
    ]);
}

#[test]
fn gradients_are_the_derivatives() {
    let layer = json!({"op": "conv_transpose2d", "weight": noise(&[4, 3, 2, 3], 2),
        "bias": noise(&[6], 3), "groups": 2,
                           "stride": [2, 1], "padding": 1, "output_padding": [1, 0],
                           "dilation": [1, 2], "activation": "tanh"});
    let conv = Layer::new(layer, &[noise(&[2, 4, 3, 2], 1)]).unwrap();
    assert_eq!(conv.output().shape().to_string(), "[2, 6, 5, 4]");
    conv.keeps_the_laws(0.0);
}

proptest! {
    #[test]
    fn bulk_is_the_sum_of_the_terms(
        seed: u64, groups in 1..3_usize, sizes in [1..3_usize, 1..3_usize],
        map in [1..5_usize, 1..5_usize],
        kernel in [1..5_usize, 1..5_usize], stride in [1..4_usize, 1..4_usize],
        dilation in [1..4_usize, 1..4_usize],
        padding in [0..4_usize, 0..4_usize], longer in [0..4_usize, 0..4_usize], activated: bool,
    ) {
        let [n_in, n_out] = sizes;
        let weight = noise(&[groups * n_in, n_out, kernel[0], kernel[1]], seed);
        let output_padding = [0,
            1].map(|axis| longer[axis].min(stride[axis].max(dilation[axis]) - 1));
        let mut layer = json!({"op": "conv_transpose2d", "weight": weight,
            "bias": noise(&[groups * n_out], seed), "groups": groups,
                               "stride": stride, "dilation": dilation, "padding": padding,
                               "output_padding": output_padding});
        if activated {
            layer["activation"] = json!("tanh");
        }
        let reach = |axis: usize| {
            let last = (map[axis] - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis];
            last + 1 + output_padding[axis]
        };
        let fits = |axis: usize| reach(axis) > 2 * padding[axis];
        let conv = Layer::new(layer, &[noise(&[2, groups * n_in, map[0], map[1]], seed ^ 1)]);
        prop_assert_eq!(conv.is_ok(), fits(0) && fits(1));
        if let Ok(conv) = conv {
            conv.lists_what_it_sums(0.0);
        }
    }
}
