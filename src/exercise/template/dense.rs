//! Exercises on fully connected layers, branches and losses.

use super::{Arithmetic, BIASES, Level, Plan, SIGNED, SMALL, Template, UPSTREAM, WEIGHTS, WHOLE};

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
        practises: "a squared error over a batch: the mean, the 2, and weights that collect from every sample",
        title: "A squared error over a batch",
        description: "Each row of x is a sample. The loss is the mean of the squared errors over all numbers of y.",
        arithmetic: Arithmetic::Exact,
        has_ties: false,
        plan: batch_mse,
    },
    Template {
        name: "softmax-cross-entropy",
        practises: "softmax and cross-entropy from the logits",
        title: "Softmax and cross-entropy",
        description: "The loss is the cross-entropy of the softmax of z. Three significant digits are enough here.",
        arithmetic: Arithmetic::Rounded,
        has_ties: false,
        plan: softmax_cross_entropy,
    },
];

fn mlp(level: Level) -> Plan {
    let dense = |plan: Plan, name, sizes: &[usize]| {
        plan.layer(name, "linear").tensor("weight", sizes, WEIGHTS)
    };
    let relu = |plan: Plan| plan.set("activation", "relu");
    match level {
        Level::One => {
            let plan = relu(dense(Plan::of("x", &[3], SMALL), "fc", &[3, 3]));
            plan.upstream("fc", &[3], SIGNED).ask(&["x", "fc.weight"])
        }
        Level::Two => {
            let hidden = relu(dense(Plan::of("x", &[3], SMALL), "hidden", &[4, 3])).tensor(
                "bias",
                &[4],
                BIASES,
            );
            dense(hidden, "out", &[2, 4])
                .upstream("out", &[2], UPSTREAM)
                .ask(&["hidden", "out.weight", "x", "hidden.weight"])
        }
        Level::Three => {
            let first = relu(dense(Plan::of("x", &[3], SMALL), "first", &[3, 3]));
            let second = relu(
                first
                    .layer("second", "linear")
                    .tensor("weight", &[3, 3], WHOLE),
            );
            let out = second
                .layer("out", "linear")
                .tensor("weight", &[2, 3], WHOLE);
            out.upstream("out", &[2], UPSTREAM).ask(&[
                "second",
                "first",
                "second.weight",
                "x",
                "first.weight",
            ])
        }
    }
}

fn skip(level: Level) -> Plan {
    let fc = |n: usize| {
        Plan::of("x", &[n], SMALL)
            .layer("fc", "linear")
            .tensor("weight", &[n, n], WEIGHTS)
    };
    let joined = |plan: Plan| plan.layer("sum", "add").from(&["fc", "x"]);
    match level {
        Level::One => joined(fc(2))
            .upstream("sum", &[2], UPSTREAM)
            .ask(&["fc", "x"]),
        Level::Two => {
            let out = joined(fc(3).set("activation", "relu"))
                .layer("out", "linear")
                .tensor("weight", &[2, 3], WHOLE);
            out.upstream("out", &[2], UPSTREAM).ask(&["sum", "fc", "x"])
        }
        Level::Three => {
            let two = fc(3)
                .set("activation", "relu")
                .layer("other", "linear")
                .from(&["x"])
                .tensor("weight", &[3, 3], WHOLE);
            let joined = two.layer("sum", "add").from(&["fc", "other", "x"]);
            let out = joined
                .layer("out", "linear")
                .tensor("weight", &[2, 3], WHOLE);
            out.upstream("out", &[2], UPSTREAM)
                .ask(&["sum", "x", "fc.weight"])
        }
    }
}

fn batch_mse(level: Level) -> Plan {
    let x = || Plan::of("x", &[4, 2], SMALL);
    let y = |plan: Plan, n: usize| plan.layer("y", "linear").tensor("weight", &[1, n], WHOLE);
    let loss = |plan: Plan| {
        plan.layer("loss", "mse_loss")
            .tensor("target", &[4, 1], WHOLE)
    };
    match level {
        Level::One => loss(y(x(), 2)).ask(&["y", "y.weight"]),
        Level::Two => {
            loss(y(x(), 2).tensor("bias", &[1], BIASES)).ask(&["y", "x", "y.weight", "y.bias"])
        }
        Level::Three => {
            let hidden = x()
                .layer("hidden", "linear")
                .tensor("weight", &[2, 2], SMALL)
                .set("activation", "relu");
            loss(y(hidden, 2)).ask(&["y", "hidden", "y.weight", "x", "hidden.weight"])
        }
    }
}

fn softmax_cross_entropy(level: Level) -> Plan {
    let z = |sizes: &[usize], n: usize| {
        Plan::of("x", sizes, GENTLE)
            .layer("z", "linear")
            .tensor("weight", &[3, n], GENTLE)
    };
    let loss = |plan: Plan| plan.layer("loss", "cross_entropy");
    match level {
        Level::One => loss(Plan::of("z", &[3], GENTLE))
            .set("target", 1)
            .ask(&["z"]),
        Level::Two => loss(z(&[2], 2))
            .set("target", 2)
            .ask(&["z", "x", "z.weight"]),
        Level::Three => loss(z(&[2, 2], 2))
            .set("target", vec![0, 2])
            .ask(&["z", "x", "z.weight"]),
    }
}
