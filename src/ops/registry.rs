//! The table of all ops. A new op is one file and one line here; a new function of one element has
//! its line in [`elementwise`](super::elementwise).

use super::descriptor::{Described, Descriptor};
use super::elementwise::FUNCTIONS;
use super::*;

macro_rules! table {
    ($($settings:ty),+ $(,)?) => { &[$(<$settings as Described>::DESCRIPTOR),+] };
}

/// The groups in the order in which the ops are listed.
const OPS: &[&[&Descriptor]] = &[
    table! {
        Linear,
        Conv1d,
        Conv2d,
        ConvTranspose1d,
        ConvTranspose2d,
        MaxPool1d,
        MaxPool2d,
        GlobalMaxPool1d,
        GlobalMaxPool2d,
        AvgPool1d,
        AvgPool2d,
        AdaptiveAvgPool1d,
        AdaptiveAvgPool2d,
    },
    FUNCTIONS,
    table! {
        Prelu,
        Identity,
        Softmax,
        LogSoftmax,
        Flatten,
        Reshape,
        Permute,
        Cat,
        Add,
        Sub,
        Mul,
        Div,
        Matmul,
        BatchNorm,
        LayerNorm,
        Dropout,
        Sum,
        Mean,
        MseLoss,
        BinaryCrossEntropyWithLogits,
        CrossEntropy,
        NllLoss,
    },
];

/// The rows of all ops.
pub fn all() -> impl Iterator<Item = &'static Descriptor> {
    OPS.iter().copied().flatten().copied()
}

/// The row of the op of that name.
pub fn find(name: &str) -> Option<&'static Descriptor> {
    all().find(|op| op.name == name)
}

/// The names of all ops.
pub fn names() -> impl Iterator<Item = &'static str> {
    all().map(|op| op.name)
}
