//! Exercises on convolutions.

use super::{Arithmetic, BIASES, Level, Plan, SIGNED, SMALL, Template, UPSTREAM, WHOLE};
use crate::ops::{Conv1d, Conv2d, Padding, Relu};

pub(super) const TEMPLATES: &[Template] = &[
    Template {
        name: "conv-stride",
        practises: "a kernel that takes larger steps: some neurons are seen often, some once, some \
                    never",
        title: "A convolution with a stride",
        description: "The kernel moves two places at a time. Find out for each number which \
                      positions of the kernel look at it.",
        arithmetic: Arithmetic::Exact,
        has_ties: false,
        plan: stride,
    },
    Template {
        name: "conv-padding",
        practises: "a kernel that looks over the edge, where nothing is",
        title: "A convolution with padding",
        description: "The picture is surrounded by zeros before the kernel slides over it. No \
                      gradient is asked for the zeros.",
        arithmetic: Arithmetic::Exact,
        has_ties: false,
        plan: padding,
    },
    Template {
        name: "conv-channels",
        practises: "several channels: each input channel hears from all output channels",
        title: "A convolution with channels",
        description: "Each output channel has a kernel of its own for each input channel.",
        arithmetic: Arithmetic::Exact,
        has_ties: false,
        plan: channels,
    },
];

fn stride(level: Level) -> Plan {
    let picture = |op: Conv2d| {
        Plan::of("x", &[5, 5], SMALL)
            .layer("conv", op)
            .weight(&[3, 3], WHOLE)
    };
    let conv = Conv2d {
        stride: [2, 2],
        ..Default::default()
    };
    match level {
        Level::One => {
            let conv = Conv1d {
                stride: [2],
                ..Default::default()
            };
            Plan::of("x", &[7], SMALL)
                .layer("conv", conv)
                .weight(&[3], WHOLE)
                .upstream("conv", &[3], UPSTREAM)
                .ask(&["x", "conv.weight"])
        }
        Level::Two => picture(conv)
            .upstream("conv", &[2, 2], UPSTREAM)
            .ask(&["x", "conv.weight"]),
        Level::Three => picture(rectified(conv))
            .bias(&[1], BIASES)
            .upstream("conv", &[2, 2], SIGNED)
            .ask(&["x", "conv.weight", "conv.bias"]),
    }
}

fn padding(level: Level) -> Plan {
    let picture = |op: Conv2d| {
        Plan::of("x", &[3, 3], SMALL)
            .layer("conv", op)
            .weight(&[3, 3], WHOLE)
    };
    let conv = Conv2d {
        padding: Padding::from([1, 1]),
        ..Default::default()
    };
    match level {
        Level::One => {
            let conv = Conv1d {
                padding: Padding::from([1]),
                ..Default::default()
            };
            Plan::of("x", &[5], SMALL)
                .layer("conv", conv)
                .weight(&[3], WHOLE)
                .upstream("conv", &[5], UPSTREAM)
                .ask(&["x", "conv.weight"])
        }
        Level::Two => picture(conv)
            .upstream("conv", &[3, 3], UPSTREAM)
            .ask(&["x", "conv.weight"]),
        Level::Three => picture(rectified(conv))
            .upstream("conv", &[3, 3], SIGNED)
            .ask(&["x", "conv.weight"]),
    }
}

fn channels(level: Level) -> Plan {
    let conv = |sizes: &[usize], op: Conv2d, n_out| {
        Plan::of("x", sizes, SMALL)
            .layer("conv", op)
            .weight(&[n_out, 2, 2, 2], WHOLE)
    };
    match level {
        Level::One => conv(&[2, 2, 3], Conv2d::default(), 2)
            .upstream("conv", &[2, 1, 2], UPSTREAM)
            .ask(&["x"]),
        Level::Two => conv(&[2, 3, 3], Conv2d::default(), 2)
            .upstream("conv", &[2, 2, 2], UPSTREAM)
            .ask(&["x", "conv.weight"]),
        Level::Three => conv(&[2, 3, 3], rectified(Conv2d::default()), 3)
            .upstream("conv", &[3, 2, 2], SIGNED)
            .ask(&["x", "conv.weight"]),
    }
}

/// A convolution that ends in a ReLU.
fn rectified(conv: Conv2d) -> Conv2d {
    Conv2d {
        activation: Some(Relu.into()),
        ..conv
    }
}
