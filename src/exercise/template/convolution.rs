//! Exercises on convolutions.

use super::{Arithmetic, BIASES, Level, Plan, SIGNED, SMALL, Template, UPSTREAM, WHOLE};

pub(super) const TEMPLATES: &[Template] = &[
    Template {
        name: "conv-stride",
        practises: "a kernel that takes larger steps: some neurons are seen often, some once, some never",
        title: "A convolution with a stride",
        description: "The kernel moves two places at a time. Find out for each number which positions of the kernel look at it.",
        arithmetic: Arithmetic::Exact,
        has_ties: false,
        plan: stride,
    },
    Template {
        name: "conv-padding",
        practises: "a kernel that looks over the edge, where nothing is",
        title: "A convolution with padding",
        description: "The picture is surrounded by zeros before the kernel slides over it. No gradient is asked for the zeros.",
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
    match level {
        Level::One => {
            let conv = Plan::of("x", &[7], SMALL)
                .layer("conv", "conv1d")
                .set("stride", 2)
                .tensor("weight", &[3], WHOLE);
            conv.upstream("conv", &[3], UPSTREAM)
                .ask(&["x", "conv.weight"])
        }
        Level::Two => {
            let conv = Plan::of("x", &[5, 5], SMALL)
                .layer("conv", "conv2d")
                .set("stride", 2)
                .tensor("weight", &[3, 3], WHOLE);
            conv.upstream("conv", &[2, 2], UPSTREAM)
                .ask(&["x", "conv.weight"])
        }
        Level::Three => {
            let conv = Plan::of("x", &[5, 5], SMALL)
                .layer("conv", "conv2d")
                .set("stride", 2)
                .set("activation", "relu");
            let conv = conv
                .tensor("weight", &[3, 3], WHOLE)
                .tensor("bias", &[1], BIASES);
            conv.upstream("conv", &[2, 2], SIGNED)
                .ask(&["x", "conv.weight", "conv.bias"])
        }
    }
}

fn padding(level: Level) -> Plan {
    match level {
        Level::One => {
            let conv = Plan::of("x", &[5], SMALL)
                .layer("conv", "conv1d")
                .set("padding", 1)
                .tensor("weight", &[3], WHOLE);
            conv.upstream("conv", &[5], UPSTREAM)
                .ask(&["x", "conv.weight"])
        }
        Level::Two => {
            let conv = Plan::of("x", &[3, 3], SMALL)
                .layer("conv", "conv2d")
                .set("padding", 1)
                .tensor("weight", &[3, 3], WHOLE);
            conv.upstream("conv", &[3, 3], UPSTREAM)
                .ask(&["x", "conv.weight"])
        }
        Level::Three => {
            let conv = Plan::of("x", &[3, 3], SMALL)
                .layer("conv", "conv2d")
                .set("padding", 1)
                .set("activation", "relu");
            conv.tensor("weight", &[3, 3], WHOLE)
                .upstream("conv", &[3, 3], SIGNED)
                .ask(&["x", "conv.weight"])
        }
    }
}

fn channels(level: Level) -> Plan {
    let conv = |sizes: &[usize]| Plan::of("x", sizes, SMALL).layer("conv", "conv2d");
    match level {
        Level::One => {
            let conv = conv(&[2, 2, 3]).tensor("weight", &[2, 2, 2, 2], WHOLE);
            conv.upstream("conv", &[2, 1, 2], UPSTREAM).ask(&["x"])
        }
        Level::Two => {
            let conv = conv(&[2, 3, 3]).tensor("weight", &[2, 2, 2, 2], WHOLE);
            conv.upstream("conv", &[2, 2, 2], UPSTREAM)
                .ask(&["x", "conv.weight"])
        }
        Level::Three => {
            let conv =
                conv(&[2, 3, 3])
                    .set("activation", "relu")
                    .tensor("weight", &[3, 2, 2, 2], WHOLE);
            conv.upstream("conv", &[3, 2, 2], SIGNED)
                .ask(&["x", "conv.weight"])
        }
    }
}
