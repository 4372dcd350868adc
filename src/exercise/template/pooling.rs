//! Exercises on pooling.

use super::{
    Arithmetic, FEW, Level, Plan, SIGNED, Template, UPSTREAM, VALUES, WEIGHTS, WHOLE, rectified,
};
use crate::ops::{AvgPool2d, Conv2d, Flatten, Linear, MaxPool1d, MaxPool2d, Relu, Ties};

pub(super) const TEMPLATES: &[Template] = &[
    Template {
        name: "pool-to-fc",
        practises: "max pooling into a fully connected layer: sums of what comes back from all of \
                    its neurons",
        title: "Max pooling into a fully connected layer",
        description: "Every pooling neuron feeds every neuron of the layer behind it. Work \
                      backwards from the gradients that arrive there.",
        arithmetic: Arithmetic::Exact,
        has_ties: false,
        plan: pool_to_fc,
    },
    Template {
        name: "pool-to-conv",
        practises: "max pooling into a convolution: which windows look at a neuron, and through \
                    which weight",
        title: "Max pooling into a convolution",
        description: "The kernel slides over the pooled picture. Find out for each pooling neuron \
                      which positions of the kernel look at it.",
        arithmetic: Arithmetic::Exact,
        has_ties: false,
        plan: pool_to_conv,
    },
    Template {
        name: "overlapping-pool",
        practises: "windows that overlap, so that one neuron can win several of them",
        title: "Max pooling with windows that overlap",
        description: "The windows are larger than the stride, so a number can be in several \
                      windows.",
        arithmetic: Arithmetic::Exact,
        has_ties: false,
        plan: overlapping_pool,
    },
    Template {
        name: "pool-ties",
        practises: "windows in which several numbers are the largest, and the scenario's rule for \
                    them",
        title: "Max pooling with ties",
        description: "In some windows the largest number stands more than once. The layer's rule \
                      for ties says who gets the gradient.",
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
    let fc = |n, op: Linear| {
        Plan::of("x", &[4, 4], VALUES)
            .layer("pool", MaxPool2d::new([2, 2]))
            .layer("flat", Flatten::default())
            .layer("fc", op)
            .weight(&[n, 4], WEIGHTS)
    };
    match level {
        Level::One => fc(2, Linear::default())
            .upstream("fc", &[2], UPSTREAM)
            .ask(&["pool", "x"]),
        Level::Two => {
            fc(3, rectified())
                .upstream("fc", &[3], SIGNED)
                .ask(&["pool", "fc.weight", "x"])
        }
        Level::Three => fc(3, rectified())
            .bias(&[3], WHOLE)
            .layer("out", Linear::default())
            .weight(&[2, 3], WHOLE)
            .upstream("out", &[2], UPSTREAM)
            .ask(&["fc", "pool", "fc.weight", "x"]),
    }
}

fn pool_to_conv(level: Level) -> Plan {
    let conv = |sizes: &[usize], op: Conv2d| {
        Plan::of("x", sizes, VALUES)
            .layer("pool", MaxPool2d::new([2, 2]))
            .layer("conv", op)
            .weight(&[2, 2], WEIGHTS)
    };
    let rectified = Conv2d {
        activation: Some(Relu.into()),
        ..Default::default()
    };
    match level {
        Level::One => conv(&[4, 6], Conv2d::default())
            .upstream("conv", &[1, 2], UPSTREAM)
            .ask(&["pool", "x"]),
        Level::Two => conv(&[6, 6], Conv2d::default())
            .upstream("conv", &[2, 2], UPSTREAM)
            .ask(&["pool", "conv.weight"]),
        Level::Three => conv(&[6, 6], rectified)
            .upstream("conv", &[2, 2], SIGNED)
            .ask(&["pool", "conv.weight", "x"]),
    }
}

fn overlapping_pool(level: Level) -> Plan {
    match level {
        Level::One => {
            let pool = MaxPool1d {
                stride: Some([1]),
                ..MaxPool1d::new([3])
            };
            Plan::of("x", &[8], VALUES)
                .layer("pool", pool)
                .upstream("pool", &[6], UPSTREAM)
                .ask(&["x"])
        }
        Level::Two => {
            let pool = MaxPool2d {
                stride: Some([1, 1]),
                ..MaxPool2d::new([2, 2])
            };
            Plan::of("x", &[4, 4], VALUES)
                .layer("pool", pool)
                .upstream("pool", &[3, 3], UPSTREAM)
                .ask(&["x"])
        }
        Level::Three => {
            let pool = MaxPool2d {
                stride: Some([2, 2]),
                ..MaxPool2d::new([3, 3])
            };
            Plan::of("x", &[5, 5], VALUES)
                .layer("pool", pool)
                .layer("flat", Flatten::default())
                .layer("fc", rectified())
                .weight(&[3, 4], WEIGHTS)
                .upstream("fc", &[3], SIGNED)
                .ask(&["pool", "x"])
        }
    }
}

fn pool_ties(level: Level) -> Plan {
    let ties = match level {
        Level::One => Ties::First,
        Level::Two => Ties::Split,
        Level::Three => Ties::All,
    };
    let pool = MaxPool2d {
        ties,
        ..MaxPool2d::new([2, 2])
    };
    Plan::of("x", &[4, 4], FEW)
        .layer("pool", pool)
        .saying("ties")
        .layer("flat", Flatten::default())
        .layer("fc", Linear::default())
        .weight(&[2, 4], WHOLE)
        .upstream("fc", &[2], UPSTREAM)
        .ask(&["pool", "x"])
}

fn average_pool(level: Level) -> Plan {
    let fc = |sizes: &[usize], pool: AvgPool2d, n, op: Linear| {
        Plan::of("x", sizes, VALUES)
            .layer("pool", pool)
            .layer("flat", Flatten::default())
            .layer("fc", op)
            .weight(&[n, 4], WHOLE)
    };
    let pool = AvgPool2d::new([2, 2]);
    match level {
        Level::One => fc(&[4, 4], pool, 2, Linear::default())
            .upstream("fc", &[2], UPSTREAM)
            .ask(&["pool", "x"]),
        Level::Two => {
            let overlapping = AvgPool2d {
                stride: Some([1, 1]),
                ..pool
            };
            fc(&[3, 3], overlapping, 2, Linear::default())
                .upstream("fc", &[2], UPSTREAM)
                .ask(&["pool", "x"])
        }
        Level::Three => {
            let padded = AvgPool2d {
                stride: Some([2, 2]),
                padding: [(1, 1); 2],
                ..pool
            };
            fc(&[3, 3], padded, 3, rectified())
                .upstream("fc", &[3], SIGNED)
                .ask(&["pool", "fc.weight", "x"])
        }
    }
}
