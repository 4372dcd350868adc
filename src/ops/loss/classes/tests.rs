use serde_json::{Value, json};

use crate::ops::testing::{Layer, noise, refuses, with};
use crate::ops::{OperandRole, Simplification};

fn loss(op: &str, target: Value, more: Value) -> Value {
    with(json!({ "op": op, "target": target }), more)
}

#[test]
fn the_laws_hold() {
    let classes = json!([[2, 0], [1, -100]]);
    let probabilities = noise(&[2, 3, 2], 2);
    for reduction in ["mean", "sum", "none"] {
        for weight in [json!({}), json!({ "weight": [0.5, 2, 3] })] {
            let mut more = weight;
            more["reduction"] = json!(reduction);
            let input = [noise(&[2, 3, 2], 1)];
            Layer::new(loss("nll_loss", classes.clone(), more.clone()), &input)
                .unwrap()
                .keeps_the_laws(0.0);
            for smoothing in [0.0, 0.3] {
                more["label_smoothing"] = json!(smoothing);
                for target in [&classes, &probabilities] {
                    let keys = loss("cross_entropy", target.clone(), more.clone());
                    Layer::new(keys, &input).unwrap().keeps_the_laws(0.0);
                }
            }
        }
    }
    let one = [noise(&[3], 1)];
    Layer::new(loss("cross_entropy", json!(2), json!({})), &one)
        .unwrap()
        .keeps_the_laws(0.0);
    Layer::new(
        loss("cross_entropy", json!([0.2, 0.3, 0.5]), json!({})),
        &one,
    )
    .unwrap()
    .keeps_the_laws(0.0);
}

/// Two samples whose probabilities are (3/4, 1/4) and (1/2, 1/2).
fn logits() -> [Value; 1] {
    [json!([[libm::log(3.0), 0], [0, 0]])]
}

fn check(keys: Value, expected: f64, gradient: [f64; 4]) {
    let layer = Layer::new(keys.clone(), &logits()).unwrap();
    let value = layer.output().data()[0];
    assert!(
        (value - expected).abs() < 1e-14,
        "{keys}: {value} is not {expected}"
    );
    for (grad, expected) in layer
        .gradient(OperandRole::Input(0), &[1.0])
        .into_iter()
        .zip(gradient)
    {
        assert!(
            (grad - expected).abs() < 1e-14,
            "{keys}: {grad} is not {expected}"
        );
    }
}

#[test]
fn cross_entropy_by_hand() {
    let (ln2, ln4, ln43) = (libm::log(2.0), libm::log(4.0), libm::log(4.0 / 3.0));
    let entropy = |target: Value, more: Value| loss("cross_entropy", target, more);
    check(
        entropy(json!([1, 0]), json!({})),
        (ln4 + ln2) / 2.0,
        [0.375, -0.375, -0.25, 0.25],
    );
    check(
        entropy(json!([1, 0]), json!({ "ignore_index": 0 })),
        ln4,
        [0.75, -0.75, 0.0, 0.0],
    );
    let weight = json!({ "weight": [1, 3] });
    check(
        entropy(json!([1, 0]), weight.clone()),
        (3.0 * ln4 + ln2) / 4.0,
        [0.5625, -0.5625, -0.125, 0.125],
    );
    // Of the smoothing's half each class gets a quarter, times its weight; the mean still
    // divides by the targets' weights, 4.
    let smooth = json!({ "weight": [1, 3], "label_smoothing": 0.5 });
    let expected = (0.25 * ln43 + 2.25 * ln4 + 0.75 * ln2 + 0.75 * ln2) / 4.0;
    check(
        entropy(json!([1, 0]), smooth),
        expected,
        [0.40625, -0.40625, 0.0, 0.0],
    );
    // With probabilities the mean divides by the number of samples, whatever the weights.
    let expected = (0.5 * ln43 + 1.5 * ln4 + ln2) / 2.0;
    check(
        entropy(json!([[0.5, 0.5], [1, 0]]), weight),
        expected,
        [0.5, -0.5, -0.25, 0.25],
    );
}

#[test]
fn without_its_target_the_slope_is_the_probability_times_the_goals() {
    let near = |keys: Value, expected: [f64; 4]| {
        let simplified = Layer::new(keys, &logits())
            .unwrap()
            .simplified(0, Simplification::NoTarget);
        for (simplified, expected) in simplified.into_iter().zip(expected) {
            assert!(
                (simplified.unwrap() - expected).abs() < 1e-15,
                "{simplified:?} is not {expected}"
            );
        }
    };
    near(
        loss("cross_entropy", json!([1, 0]), json!({})),
        [0.75, 0.25, 0.5, 0.5],
    );
    near(
        loss("cross_entropy", json!([1, 0]), json!({ "weight": [1, 3] })),
        [2.25, 0.75, 0.5, 0.5],
    );
    let ignored = Layer::new(
        loss("cross_entropy", json!([-100, -100]), json!({})),
        &logits(),
    )
    .unwrap();
    assert_eq!(ignored.simplified(0, Simplification::NoTarget), [None; 4]);
    let log = Layer::new(loss("nll_loss", json!([1, 0]), json!({})), &logits()).unwrap();
    assert_eq!(log.simplified(0, Simplification::NoTarget), [None; 4]);
    assert_eq!(
        log.simplified(0, Simplification::FixedStatistics),
        [None; 4]
    );
}

/// The gradient of one sample of classes that weigh so much.
fn weighed(op: &str, weight: &[Value], more: Value) -> Vec<f64> {
    let keys = with(json!({ "op": op, "target": [1], "weight": weight }), more);
    let input = json!([[0.5, -1, 2]]);
    let layer = Layer::new(keys, &[input]).unwrap();
    layer.gradient(OperandRole::Input(0), &[1.0])
}

#[test]
fn weights_are_those_of_the_target_alone_unless_it_is_smoothed() {
    let infinite = [json!(1), json!(1), json!("Infinity")];
    assert_eq!(weighed("nll_loss", &infinite, json!({})), [0.0, -1.0, 0.0]);
    let entropy = weighed("cross_entropy", &infinite, json!({}));
    assert!(entropy.iter().all(|gradient| gradient.is_finite()));
    let smoothed = weighed(
        "cross_entropy",
        &infinite,
        json!({ "label_smoothing": 0.1 }),
    );
    assert!(smoothed.iter().any(|gradient| !gradient.is_finite()));
}

#[test]
fn a_mean_over_weights_that_add_up_to_0_is_nan_for_the_target() {
    let nothing = [json!(1), json!(0), json!(1)];
    let nll = weighed("nll_loss", &nothing, json!({}));
    assert!(nll[1].is_nan());
    assert_eq!((nll[0], nll[2]), (0.0, 0.0));
    for smoothing in [0.0, 0.1] {
        let more = json!({ "label_smoothing": smoothing });
        let entropy = weighed("cross_entropy", &nothing, more);
        assert!(entropy.iter().all(|gradient| gradient.is_nan()));
    }
}

#[test]
fn factors_come_before_the_mean() {
    let layer = Layer::new(
        loss("nll_loss", json!([1, 0]), json!({ "weight": [1, 3] })),
        &logits(),
    )
    .unwrap();
    assert_eq!(
        layer.terms(OperandRole::Input(0), 1),
        [(0, vec![("jacobian", -3.0), ("scale", 0.25)])]
    );
    let layer = Layer::new(
        loss("nll_loss", json!([1, 0]), json!({ "reduction": "none" })),
        &logits(),
    )
    .unwrap();
    assert_eq!(
        layer.terms(OperandRole::Input(0), 2),
        [(1, vec![("jacobian", -1.0)])]
    );
    assert_eq!(
        layer.terms(OperandRole::Input(0), 3),
        [(1, vec![("jacobian", 0.0)])]
    );
}

#[test]
fn with_every_sample_ignored_the_mean_is_nan_and_its_gradient_zero() {
    for op in ["cross_entropy", "nll_loss"] {
        let layer = Layer::new(loss(op, json!([-100, -100]), json!({})), &logits()).unwrap();
        assert!(layer.output().data()[0].is_nan());
        assert_eq!(layer.gradient(OperandRole::Input(0), &[1.0]), [0.0; 4]);
    }
}

#[test]
fn misfits_are_refused() {
    let three = &[json!([0.1, 0.2, 0.7])][..];
    let many = &[json!([[0.1, 0.2, 0.7], [1, 2, 3]])][..];
    for op in ["cross_entropy", "nll_loss"] {
        let of = |target: Value| loss(op, target, json!({}));
        refuses(&[
            (json!({ "op": op }), three, "target: missing"),
            (
                of(json!(3)),
                three,
                "target: `target` is 3, but `a` has 3 classes, numbered 0 to 2",
            ),
            (
                of(json!(-1)),
                three,
                "target: `target` is -1, but `a` has 3 classes, numbered 0 to 2",
            ),
            (
                of(json!(1.5)),
                three,
                "target: `target` is 1.5, but `a` has 3 classes, numbered 0 to 2",
            ),
            (
                of(json!(1e300)),
                three,
                "target: `target` is 1e300, but `a` has 3 classes, numbered 0 to 2",
            ),
            (
                of(json!([0])),
                three,
                "target: `target` has shape [1], but `a` [3] has its classes on axis 0, so it must \
                 be []",
            ),
            (
                of(json!([0, 3])),
                many,
                "target: `target[1]` is 3, but `a` has 3 classes, numbered 0 to 2",
            ),
            (
                of(json!([0, 0.5])),
                many,
                "target: `target[1]` is 0.5, but `a` has 3 classes, numbered 0 to 2",
            ),
            (
                of(json!([0])),
                many,
                "target: `target` has shape [1], but `a` [2, 3] has its classes on axis 1, so it \
                 must be [2]",
            ),
            (
                of(json!([[0], [1]])),
                many,
                "target: `target` has shape [2, 1], but `a` [2, 3] has its classes on axis 1, so \
                 it must be [2]",
            ),
            (
                of(json!(0)),
                &[json!(5)],
                "from 0: `a` is a single number, but this loss needs one for each class",
            ),
            (
                loss(op, json!(1), json!({ "weight": [1, 2] })),
                three,
                "weight: `weight` has shape [2], but `a` has 3 classes, so it must be [3]",
            ),
            (
                loss(op, json!(1), json!({ "ignore_index": "1" })),
                three,
                "ignore_index: must be a whole number",
            ),
            (
                loss(op, json!(1), json!({ "reduction": "avg" })),
                three,
                "reduction: one of mean, sum, none",
            ),
        ]);
    }
    let smoothing = |by: Value| loss("cross_entropy", json!(1), json!({ "label_smoothing": by }));
    let ignoring = loss(
        "cross_entropy",
        json!([0.2, 0.3, 0.5]),
        json!({ "ignore_index": 1 }),
    );
    refuses(&[
        (
            smoothing(json!(1.1)),
            three,
            "label_smoothing: must be from 0 to 1",
        ),
        (
            smoothing(json!(-0.1)),
            three,
            "label_smoothing: must be from 0 to 1",
        ),
        (
            smoothing(json!(null)),
            three,
            "label_smoothing: must be a number",
        ),
        (
            ignoring,
            three,
            "ignore_index: the target holds probabilities, so there is no class to ignore",
        ),
        (
            loss("nll_loss", json!([0.2, 0.3, 0.5]), json!({})),
            three,
            "target: `target` has shape [3], but `a` [3] has its classes on axis 0, so it must be \
             []",
        ),
    ]);
}
