//! Exercises on fully connected layers, branches and losses.

use super::{
    Arithmetic, BIASES, Level, Plan, SIGNED, SMALL, Template, UPSTREAM, WEIGHTS, WHOLE, rectified,
};
use crate::ops::{Add, CrossEntropy, Linear, MseLoss};
use crate::tensor::{Shape, Tensor};

/// Inputs of a softmax, small so that no probability is nearly 0 or 1.
const GENTLE: &[f64] = &[-1.0, -0.5, 0.5, 1.0, 1.5, 2.0];

pub(super) const TEMPLATES: &[Template] = &[
    Template {
        name: "mlp",
        practises: "fully connected layers with ReLUs, some of them closed",
        title: "Backwards through a small network",
        description: "Work backwards layer by layer, from the gradients that arrive at the end.",
        arithmetic: Arithmetic::Exact,
        has_ties: false,
        plan: mlp,
    },
    Template {
        name: "skip",
        practises: "a skip connection: what comes back on two ways",
        title: "A skip connection",
        description: "The input goes through a layer and round it, and both are added.",
        arithmetic: Arithmetic::Exact,
        has_ties: false,
        plan: skip,
    },
    Template {
        name: "batch-mse",
        practises: "a squared error over a batch: the mean, the 2, and weights that collect from \
                    every sample",
        title: "A squared error over a batch",
        description: "Each row of x is a sample. The loss is the mean of the squared errors over \
                      all numbers of y.",
        arithmetic: Arithmetic::Exact,
        has_ties: false,
        plan: batch_mse,
    },
    Template {
        name: "softmax-cross-entropy",
        practises: "softmax and cross-entropy from the logits",
        title: "Softmax and cross-entropy",
        description: "The loss is the cross-entropy of the softmax of z. Three significant digits \
                      are enough here.",
        arithmetic: Arithmetic::Rounded,
        has_ties: false,
        plan: softmax_cross_entropy,
    },
];

fn mlp(level: Level) -> Plan {
    let x = || Plan::of("x", &[3], SMALL);
    match level {
        Level::One => x()
            .layer("fc", rectified())
            .weight(&[3, 3], WEIGHTS)
            .upstream("fc", &[3], SIGNED)
            .ask(&["x", "fc.weight"]),
        Level::Two => x()
            .layer("hidden", rectified())
            .weight(&[4, 3], WEIGHTS)
            .bias(&[4], BIASES)
            .layer("out", Linear::default())
            .weight(&[2, 4], WEIGHTS)
            .upstream("out", &[2], UPSTREAM)
            .ask(&["hidden", "out.weight", "x", "hidden.weight"]),
        Level::Three => x()
            .layer("first", rectified())
            .weight(&[3, 3], WEIGHTS)
            .layer("second", rectified())
            .weight(&[3, 3], WHOLE)
            .layer("out", Linear::default())
            .weight(&[2, 3], WHOLE)
            .upstream("out", &[2], UPSTREAM)
            .ask(&["second", "first", "second.weight", "x", "first.weight"]),
    }
}

fn skip(level: Level) -> Plan {
    let fc = |n: usize, op: Linear| {
        Plan::of("x", &[n], SMALL)
            .layer("fc", op)
            .weight(&[n, n], WEIGHTS)
    };
    let out = |sum: Plan| {
        sum.layer("out", Linear::default())
            .weight(&[2, 3], WHOLE)
            .upstream("out", &[2], UPSTREAM)
    };
    match level {
        Level::One => fc(2, Linear::default())
            .layer("sum", Add)
            .from(&["fc", "x"])
            .upstream("sum", &[2], UPSTREAM)
            .ask(&["fc", "x"]),
        Level::Two => {
            let sum = fc(3, rectified()).layer("sum", Add).from(&["fc", "x"]);
            out(sum).ask(&["sum", "fc", "x"])
        }
        Level::Three => {
            let sum = fc(3, rectified())
                .layer("other", Linear::default())
                .from(&["x"])
                .weight(&[3, 3], WHOLE)
                .layer("sum", Add)
                .from(&["fc", "other", "x"]);
            out(sum).ask(&["sum", "x", "fc.weight"])
        }
    }
}

fn batch_mse(level: Level) -> Plan {
    let x = || Plan::of("x", &[4, 2], SMALL);
    let y = |plan: Plan| plan.layer("y", Linear::default()).weight(&[1, 2], WHOLE);
    let loss = |plan: Plan| plan.loss("loss", &[4, 1], WHOLE, |target| MseLoss::new(target).into());
    match level {
        Level::One => loss(y(x())).ask(&["y", "y.weight"]),
        Level::Two => loss(y(x()).bias(&[1], BIASES)).ask(&["y", "x", "y.weight", "y.bias"]),
        Level::Three => {
            let hidden = x().layer("hidden", rectified()).weight(&[2, 2], SMALL);
            loss(y(hidden)).ask(&["y", "hidden", "y.weight", "x", "hidden.weight"])
        }
    }
}

fn softmax_cross_entropy(level: Level) -> Plan {
    let z = |sizes: &[usize]| {
        Plan::of("x", sizes, GENTLE)
            .layer("z", Linear::default())
            .weight(&[3, 2], GENTLE)
    };
    let class = |number| CrossEntropy::new(Tensor::scalar(number));
    match level {
        Level::One => Plan::of("z", &[3], GENTLE)
            .layer("loss", class(1.0))
            .ask(&["z"]),
        Level::Two => z(&[2])
            .layer("loss", class(2.0))
            .ask(&["z", "x", "z.weight"]),
        Level::Three => {
            let classes = Tensor::from_fn(Shape::from([2]), |sample| [0.0, 2.0][sample]);
            z(&[2, 2])
                .layer("loss", CrossEntropy::new(classes))
                .ask(&["z", "x", "z.weight"])
        }
    }
}
