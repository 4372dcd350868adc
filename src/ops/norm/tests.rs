use serde_json::{Value, json};

use super::*;
use crate::ops::axes::LONG_ROW;
use crate::ops::testing::{Layer, noise, refuses, with};

#[test]
fn the_laws_hold_for_batch_norm() {
    let (weight, bias) = (noise(&[3], 2), noise(&[3], 3));
    let running = json!({ "op": "batch_norm", "running_mean": [0.1, 0.2, -0.3],
        "running_var": [0.5, 1, 2], "eps": 0.1 });
    Layer::new(running, &[noise(&[2, 3], 1)])
        .unwrap()
        .keeps_the_laws(0.0);
    let training = json!({ "op": "batch_norm", "training": true, "weight": weight, "bias": bias });
    Layer::new(training.clone(), &[noise(&[2, 3, 2, 2], 1)])
        .unwrap()
        .keeps_the_laws(0.0);
    Layer::new(training, &[noise(&[5, 3, 205], 1)])
        .unwrap()
        .keeps_the_laws(1e-12);
}

#[test]
fn the_laws_hold_for_layer_norm() {
    let input = [noise(&[2, 3, 2], 1)];
    let plain = json!({ "op": "layer_norm", "normalized_shape": 2, "eps": 0.1 });
    Layer::new(plain, &input).unwrap().keeps_the_laws(0.0);
    let both = json!({ "op": "layer_norm", "normalized_shape": [3, 2], "weight": noise(&[3, 2], 2),
        "bias": noise(&[3, 2], 3) });
    Layer::new(both, &input).unwrap().keeps_the_laws(0.0);
    let n = LONG_ROW + 1;
    let long = json!({ "op": "layer_norm", "normalized_shape": n, "weight": noise(&[n], 2) });
    Layer::new(long, &[noise(&[2, n], 1)])
        .unwrap()
        .keeps_the_laws(1e-12);
}

#[test]
fn the_laws_hold_for_groups_of_channels_and_mean_squares() {
    let (weight, bias) = (noise(&[4], 2), noise(&[4], 3));
    let both = json!({ "weight": weight, "bias": bias });
    for keys in [
        json!({ "op": "group_norm", "num_groups": 2 }),
        with(
            json!({ "op": "group_norm", "num_groups": 4, "eps": 0.1 }),
            both.clone(),
        ),
        with(json!({ "op": "instance_norm" }), both),
        json!({ "op": "rms_norm", "normalized_shape": [4, 3], "weight": noise(&[4, 3], 4) }),
        json!({ "op": "rms_norm", "normalized_shape": 3, "eps": 0.1 }),
    ] {
        let layer = Layer::new(keys, &[noise(&[2, 4, 3], 1)]).unwrap();
        layer.keeps_the_laws(0.0);
    }
    let n = LONG_ROW + 1;
    for keys in [
        json!({ "op": "rms_norm", "normalized_shape": n, "weight": noise(&[n], 2) }),
        json!({ "op": "group_norm", "num_groups": 1, "weight": noise(&[2], 2) }),
    ] {
        let layer = Layer::new(keys, &[noise(&[2, 2, n], 1)]).unwrap();
        layer.keeps_the_laws(1e-12);
    }
}

#[test]
fn a_weight_that_overflows_leaves_the_sum_that_is_listed() {
    let of = |op: &str, keys| {
        Layer::new(
            with(json!({ "op": op, "normalized_shape": 2 }), keys),
            &[json!([[1, 2], [-3, 0.5]])],
        )
    };
    for op in ["layer_norm", "rms_norm"] {
        for weight in [json!([1e308, 1]), json!([1, -1e308])] {
            let layer = of(op, json!({ "weight": weight })).unwrap();
            layer.lists_what_it_sums(0.0);
        }
    }
    let layer = of("layer_norm", json!({ "weight": [1e308, 1] })).unwrap();
    let gradient = layer.gradient(OperandRole::Input(0), &[1e8, 1.0, 1.0, 1.0]);
    assert!(gradient[0].is_nan() && gradient[1].is_nan());
}

#[test]
fn an_rms_norm_subtracts_no_mean() {
    let keys = json!({ "op": "rms_norm", "normalized_shape": 2, "eps": 0 });
    let layer = Layer::new(keys, &[json!([1, 7])]).unwrap();
    assert_eq!(layer.output().data(), [0.2, 0.2 * 7.0]);
    assert_eq!(
        layer.simplified(0, Simplification::FixedStatistics),
        [Some(0.2), Some(0.0)]
    );
    assert_eq!(layer.simplified(0, Simplification::FixedMean), [None, None]);
}

#[test]
fn groups_divide_the_channels() {
    let channels = &[json!([[1, 2, 3]])][..];
    refuses(&[
        (
            json!({ "op": "group_norm", "num_groups": 2 }),
            channels,
            "num_groups: `a` has 3 channels, which do not make 2 groups",
        ),
        (
            json!({ "op": "instance_norm" }),
            &[json!([1, 2])],
            "from 0: `a` has shape [2], but `instance_norm` reads [N, C] or [N, C, ...]: a batch \
             and its channels",
        ),
    ]);
}

#[test]
fn a_group_of_two() {
    // Mean 2, variance 1: x̂ is -1 and 1, and a neuron that moves takes the mean with it so
    // exactly that no output changes.
    let keys =
        json!({ "op": "batch_norm", "training": true, "eps": 0, "weight": [3], "bias": [10] });
    let layer = Layer::new(keys, &[json!([[1], [3]])]).unwrap();
    assert_eq!(layer.output().data(), [7.0, 13.0]);
    assert_eq!(
        layer.terms(OperandRole::Input(0), 0),
        [(0, vec![("jacobian", 0.0)]), (1, vec![("jacobian", 0.0)])]
    );
    assert_eq!(
        layer.terms(OperandRole::Weight, 0),
        [(0, vec![("input", -1.0)]), (1, vec![("input", 1.0)])]
    );
    assert_eq!(
        layer.terms(OperandRole::Bias, 0),
        [(0, vec![]), (1, vec![])]
    );
    // With mean and variance held fixed, the weight over the standard deviation of 1 is left.
    assert_eq!(
        layer.simplified(1, Simplification::FixedStatistics),
        [Some(0.0), Some(3.0)]
    );
    assert_eq!(layer.simplified(1, Simplification::NoTarget), [None, None]);
    let keys = json!({ "op": "batch_norm", "running_mean": [1], "running_var": [4], "eps": 0,
        "weight": [3] });
    let layer = Layer::new(keys, &[json!([[1], [3]])]).unwrap();
    assert_eq!(layer.output().data(), [0.0, 3.0]);
    assert_eq!(
        layer.terms(OperandRole::Input(0), 1),
        [(1, vec![("jacobian", 1.5)])]
    );
    assert_eq!(
        layer.simplified(1, Simplification::FixedStatistics),
        [None, None]
    );
}

#[test]
fn misfits_are_refused() {
    let batch = &[json!([[1, 2], [3, 5]])][..];
    let norm = |more: Value| {
        with(
            json!({ "op": "batch_norm", "running_mean": [0, 0], "running_var": [1, 1] }),
            more,
        )
    };
    let layer = |sizes: Value| json!({ "op": "layer_norm", "normalized_shape": sizes });
    let unfit = "normalized_shape: must be a whole number of at least 1, or a list of them";
    refuses(&[
        (
            json!({ "op": "batch_norm", "running_var": [1, 1] }),
            batch,
            "running_mean: missing",
        ),
        (
            json!({ "op": "batch_norm" }),
            batch,
            "running_mean: missing; running_var: missing",
        ),
        (
            norm(json!({ "running_mean": [0, 0, 0] })),
            batch,
            "running_mean: `running_mean` has shape [3], but there are 2 channels, so it must be \
             [2]",
        ),
        (
            norm(json!({ "running_var": 1 })),
            batch,
            "running_var: `running_var` has shape [], but there are 2 channels, so it must be [2]",
        ),
        (
            norm(json!({ "running_var": [1, -1] })),
            batch,
            "running_var: `running_var` + `eps` is negative for channel 1: -1 + 1e-5",
        ),
        (
            norm(json!({ "weight": [1] })),
            batch,
            "weight: `y.weight` has shape [1], but there are 2 channels, so it must be [2]",
        ),
        (
            norm(json!({ "bias": [1, 2, 3] })),
            batch,
            "bias: `y.bias` has shape [3], but there are 2 channels, so it must be [2]",
        ),
        (
            norm(json!({ "training": "no" })),
            batch,
            "training: must be true or false",
        ),
        (
            norm(json!({ "eps": "1e-5" })),
            batch,
            "eps: must be a number",
        ),
        (
            norm(json!({})),
            &[json!([1, 2])],
            "from 0: `a` has shape [2], but `batch_norm` reads [N, C] or [N, C, ...]: a batch and \
             its channels",
        ),
        (
            json!({ "op": "batch_norm", "training": true }),
            &[json!([[1, 2]])],
            "from 0: `a` has shape [1, 2]: one value per channel, which in training is its own \
             mean",
        ),
        (
            json!({ "op": "layer_norm" }),
            batch,
            "normalized_shape: missing",
        ),
        (
            layer(json!([3])),
            batch,
            "normalized_shape: `a` has shape [2, 2], which does not end with [3]",
        ),
        (
            layer(json!([2, 2, 2])),
            batch,
            "normalized_shape: `a` has shape [2, 2], which does not end with [2, 2, 2]",
        ),
        (
            layer(json!([])),
            batch,
            "normalized_shape: must name at least one size",
        ),
        (layer(json!([0])), batch, unfit),
        (layer(json!([-2])), batch, unfit),
        (layer(json!(2.5)), batch, unfit),
        (layer(json!("2")), batch, unfit),
        (layer(json!(null)), batch, unfit),
        (
            json!({ "op": "layer_norm", "normalized_shape": 2, "weight": [1, 2, 3] }),
            batch,
            "weight: `y.weight` has shape [3], but `normalized_shape` is [2], so it must be [2]",
        ),
    ]);
}
