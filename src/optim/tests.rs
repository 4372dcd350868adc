//! The corners of `torch.optim`, as PyTorch computes them.

use super::*;

/// The values of an element after each update by these gradients.
fn values(optimizer: &Optimizer, start: f64, gradients: &[f64]) -> Vec<f64> {
    assert_eq!(optimizer.check(), [], "{optimizer:?}");
    let (mut value, mut kept) = ([start], Kept::of(optimizer, 1));
    let updates = (1..).zip(gradients);
    updates
        .map(|(update, &gradient)| {
            optimizer.update(update, &mut value, &[gradient], &mut kept);
            value[0]
        })
        .collect()
}

/// Holds numbers against those that PyTorch gives, to so many digits behind the point.
fn expect(optimizer: &Optimizer, start: f64, gradients: &[f64], expected: &[f64], digits: f64) {
    for (found, expected) in values(optimizer, start, gradients).iter().zip(expected) {
        assert!(
            (found - expected).abs() < digits,
            "{found} for {expected}: {optimizer:?}"
        );
    }
}

const SGD: fn() -> Optimizer = || Optimizer::new(Rule::Sgd);

#[test]
fn the_first_velocity_is_the_gradient_undamped() {
    let momentum = Optimizer {
        lr: 0.1,
        momentum: 0.9,
        ..SGD()
    };
    let damped = Optimizer {
        dampening: 0.5,
        ..momentum
    };
    expect(&damped, 1.0, &[1.0, 1.0], &[0.9, 0.76], 1e-14);
    let nesterov = Optimizer {
        nesterov: true,
        ..momentum
    };
    expect(&nesterov, 1.0, &[1.0, 1.0], &[0.81, 0.539], 1e-14);
}

#[test]
fn a_loss_that_is_to_rise_turns_the_gradient_and_not_the_decay() {
    let rising = Optimizer {
        lr: 0.1,
        maximize: true,
        weight_decay: 0.1,
        ..SGD()
    };
    expect(&rising, 1.0, &[1.0], &[1.09], 1e-14);
}

#[test]
fn adam_corrects_before_it_adds_eps() {
    let adam = Optimizer {
        lr: 1.0,
        eps: 1.0,
        ..Optimizer::new(Rule::Adam)
    };
    expect(&adam, 0.0, &[1.0], &[-0.5], 1e-14);
    let largest = Optimizer {
        eps: 0.0,
        amsgrad: true,
        ..adam
    };
    let second = values(&largest, 0.0, &[1.0, 0.0]);
    assert!((second[0] - second[1] - 0.66972).abs() < 1e-5, "{second:?}");
    let nothing = Optimizer {
        eps: 0.0,
        weight_decay: 0.5,
        maximize: true,
        ..adam
    };
    assert!(values(&nothing, 2.0, &[1.0])[0].is_nan());
}

#[test]
fn adamw_takes_its_decay_from_the_value() {
    let adamw = Optimizer {
        lr: 0.1,
        weight_decay: 0.5,
        eps: 0.0,
        ..Optimizer::new(Rule::AdamW)
    };
    // 2 · (1 − 0.1 · 0.5) − 0.1
    expect(&adamw, 2.0, &[3.0], &[1.8], 1e-14);
}

#[test]
fn rmsprop_adds_eps_to_the_root() {
    let rmsprop = Optimizer {
        lr: 1.0,
        alpha: 0.75,
        eps: 1.0,
        ..Optimizer::new(Rule::Rmsprop)
    };
    expect(&rmsprop, 0.0, &[1.0], &[-2.0 / 3.0], 1e-14);
    let centered = Optimizer {
        alpha: 0.5,
        momentum: 0.5,
        centered: true,
        eps: 0.0,
        ..rmsprop
    };
    expect(&centered, 0.0, &[2.0, 2.0], &[-2.0, -5.3094], 1e-5);
}

#[test]
fn adagrad_slows_down() {
    let adagrad = Optimizer {
        lr: 1.0,
        lr_decay: 0.5,
        initial_accumulator_value: 3.0,
        eps: 0.0,
        ..Optimizer::new(Rule::Adagrad)
    };
    let gradients = [1.0, 5.0_f64.sqrt()];
    expect(&adagrad, 0.0, &gradients, &[-0.5, -0.99690], 1e-5);
}

#[test]
fn the_listed_terms_of_a_value_add_up_to_it() {
    for rule in Rule::ALL {
        for nesterov in [false, true] {
            let optimizer = Optimizer {
                lr: 0.3,
                momentum: 0.7,
                dampening: if nesterov { 0.0 } else { 0.2 },
                weight_decay: 0.05,
                nesterov,
                maximize: true,
                amsgrad: true,
                centered: true,
                initial_accumulator_value: 0.2,
                lr_decay: 0.1,
                ..Optimizer::new(rule)
            };
            assert_eq!(optimizer.check(), []);
            let (mut value, mut kept) = ([0.4], Kept::of(&optimizer, 1));
            for update in 1..=4 {
                let place = Place {
                    update,
                    at: 0,
                    value: value[0],
                    gradient: 0.3 - 0.2 * update as f64,
                    kept: &kept,
                };
                let mut sums = std::collections::BTreeMap::new();
                optimizer.terms(&place, &mut |sum, _, number, factors| {
                    let product = factors.iter().fold(number, |product, of| product * of.1);
                    *sums.entry(sum).or_insert(0.0) += product;
                    assert!(factors.is_sorted_by_key(|of| of.0), "{factors:?}");
                });
                let gradient = [place.gradient];
                optimizer.update(update, &mut value, &gradient, &mut kept);
                assert_eq!(sums[&Sum::Value].to_bits(), value[0].to_bits(), "{rule:?}");
                if let Some(velocity) = sums.get(&Sum::Velocity) {
                    assert_eq!(*velocity, kept.first[0]);
                }
                if let Some(square) = sums.get(&Sum::Square) {
                    assert_eq!(*square, kept.second[0]);
                }
            }
        }
    }
}

#[test]
fn what_no_optimizer_takes_is_told() {
    let wrong = |optimizer: Optimizer| optimizer.check().first().map(|error| error.key);
    let adam = Optimizer::new(Rule::Adam);
    for (optimizer, key) in [
        (
            Optimizer {
                lr: f64::NAN,
                ..SGD()
            },
            Some("lr"),
        ),
        (Optimizer { lr: -1.0, ..SGD() }, Some("lr")),
        (
            Optimizer {
                lr: -1.0,
                maximize: true,
                ..SGD()
            },
            None,
        ),
        (
            Optimizer {
                nesterov: true,
                ..SGD()
            },
            Some("nesterov"),
        ),
        (
            Optimizer {
                nesterov: true,
                momentum: 0.9,
                dampening: 0.1,
                ..SGD()
            },
            Some("nesterov"),
        ),
        (
            Optimizer {
                betas: [0.9, 1.0],
                ..adam
            },
            Some("betas"),
        ),
        (Optimizer { eps: -1.0, ..adam }, Some("eps")),
        // What a rule does not have is not looked at.
        (
            Optimizer {
                alpha: -1.0,
                nesterov: true,
                ..adam
            },
            None,
        ),
    ] {
        assert_eq!(wrong(optimizer), key, "{optimizer:?}");
    }
}
