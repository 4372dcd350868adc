//! Exercises on pooling.

use super::{Arithmetic, FEW, Level, Plan, SIGNED, Template, UPSTREAM, VALUES, WEIGHTS, WHOLE};

pub(super) const TEMPLATES: &[Template] = &[
    Template {
        name: "pool-to-fc",
        practises: "max pooling into a fully connected layer: sums of what comes back from all of its neurons",
        title: "Max pooling into a fully connected layer",
        description: "Every pooling neuron feeds every neuron of the layer behind it. Work backwards from the gradients that arrive there.",
        arithmetic: Arithmetic::Exact,
        has_ties: false,
        plan: pool_to_fc,
    },
    Template {
        name: "pool-to-conv",
        practises: "max pooling into a convolution: which windows look at a neuron, and through which weight",
        title: "Max pooling into a convolution",
        description: "The kernel slides over the pooled picture. Find out for each pooling neuron which positions of the kernel look at it.",
        arithmetic: Arithmetic::Exact,
        has_ties: false,
        plan: pool_to_conv,
    },
    Template {
        name: "overlapping-pool",
        practises: "windows that overlap, so that one neuron can win several of them",
        title: "Max pooling with windows that overlap",
        description: "The windows are larger than the stride, so a number can be in several windows.",
        arithmetic: Arithmetic::Exact,
        has_ties: false,
        plan: overlapping_pool,
    },
    Template {
        name: "pool-ties",
        practises: "windows in which several numbers are the largest, and the scenario's rule for them",
        title: "Max pooling with ties",
        description: "In some windows the largest number stands more than once. The layer's rule for ties says who gets the gradient.",
        has_ties: true,
        arithmetic: Arithmetic::Exact,
        plan: pool_ties,
    },
    Template {
        name: "average-pool",
        practises: "average pooling: everybody in the window gets a share",
        title: "Average pooling",
        description: "Here the layer takes the mean of each window instead of its largest number.",
        arithmetic: Arithmetic::Exact,
        has_ties: false,
        plan: average_pool,
    },
];

fn pool_to_fc(level: Level) -> Plan {
    let plan = Plan::of("x", &[4, 4], VALUES)
        .layer("pool", "max_pool2d")
        .set("kernel_size", 2)
        .layer("flat", "flatten");
    let fc = |plan: Plan, n| {
        plan.layer("fc", "linear")
            .tensor("weight", &[n, 4], WEIGHTS)
    };
    match level {
        Level::One => fc(plan, 2)
            .upstream("fc", &[2], UPSTREAM)
            .ask(&["pool", "x"]),
        Level::Two => fc(plan, 3)
            .set("activation", "relu")
            .upstream("fc", &[3], SIGNED)
            .ask(&["pool", "fc.weight", "x"]),
        Level::Three => {
            let hidden = fc(plan, 3)
                .tensor("bias", &[3], WHOLE)
                .set("activation", "relu");
            let out = hidden
                .layer("out", "linear")
                .tensor("weight", &[2, 3], WHOLE)
                .upstream("out", &[2], UPSTREAM);
            out.ask(&["fc", "pool", "fc.weight", "x"])
        }
    }
}

fn pool_to_conv(level: Level) -> Plan {
    let pooled = |sizes: &[usize]| {
        Plan::of("x", sizes, VALUES)
            .layer("pool", "max_pool2d")
            .set("kernel_size", 2)
    };
    let conv = |plan: Plan| {
        plan.layer("conv", "conv2d")
            .tensor("weight", &[2, 2], WEIGHTS)
    };
    match level {
        Level::One => conv(pooled(&[4, 6]))
            .upstream("conv", &[1, 2], UPSTREAM)
            .ask(&["pool", "x"]),
        Level::Two => conv(pooled(&[6, 6]))
            .upstream("conv", &[2, 2], UPSTREAM)
            .ask(&["pool", "conv.weight"]),
        Level::Three => conv(pooled(&[6, 6]))
            .set("activation", "relu")
            .upstream("conv", &[2, 2], SIGNED)
            .ask(&["pool", "conv.weight", "x"]),
    }
}

fn overlapping_pool(level: Level) -> Plan {
    match level {
        Level::One => {
            let plan = Plan::of("x", &[8], VALUES)
                .layer("pool", "max_pool1d")
                .set("kernel_size", 3)
                .set("stride", 1);
            plan.upstream("pool", &[6], UPSTREAM).ask(&["x"])
        }
        Level::Two => {
            let plan = Plan::of("x", &[4, 4], VALUES)
                .layer("pool", "max_pool2d")
                .set("kernel_size", 2)
                .set("stride", 1);
            plan.upstream("pool", &[3, 3], UPSTREAM).ask(&["x"])
        }
        Level::Three => {
            let plan = Plan::of("x", &[5, 5], VALUES)
                .layer("pool", "max_pool2d")
                .set("kernel_size", 3)
                .set("stride", 2);
            let fc = plan.layer("flat", "flatten").layer("fc", "linear").tensor(
                "weight",
                &[3, 4],
                WEIGHTS,
            );
            fc.set("activation", "relu")
                .upstream("fc", &[3], SIGNED)
                .ask(&["pool", "x"])
        }
    }
}

fn pool_ties(level: Level) -> Plan {
    let pool = Plan::of("x", &[4, 4], FEW)
        .layer("pool", "max_pool2d")
        .set("kernel_size", 2);
    let ruled = match level {
        Level::One => pool.set("ties", "first"),
        Level::Two => pool.set("ties", "split"),
        Level::Three => pool.set("ties", "all"),
    };
    let fc = ruled
        .layer("flat", "flatten")
        .layer("fc", "linear")
        .tensor("weight", &[2, 4], WHOLE);
    fc.upstream("fc", &[2], UPSTREAM).ask(&["pool", "x"])
}

fn average_pool(level: Level) -> Plan {
    let pooled = |sizes: &[usize]| {
        Plan::of("x", sizes, VALUES)
            .layer("pool", "avg_pool2d")
            .set("kernel_size", 2)
    };
    let fc = |plan: Plan, n| {
        plan.layer("flat", "flatten")
            .layer("fc", "linear")
            .tensor("weight", &[n, 4], WHOLE)
    };
    match level {
        Level::One => fc(pooled(&[4, 4]), 2)
            .upstream("fc", &[2], UPSTREAM)
            .ask(&["pool", "x"]),
        Level::Two => fc(pooled(&[3, 3]).set("stride", 1), 2)
            .upstream("fc", &[2], UPSTREAM)
            .ask(&["pool", "x"]),
        Level::Three => {
            let padded = pooled(&[3, 3]).set("stride", 2).set("padding", 1);
            fc(padded, 3)
                .set("activation", "relu")
                .upstream("fc", &[3], SIGNED)
                .ask(&["pool", "fc.weight", "x"])
        }
    }
}
