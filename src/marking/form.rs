//! The forms that a slip can be made in.

use crate::ops::{Activation, FactorKind};
use crate::tensor::Shape;

/// A form of a slip that can be made in several.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Form {
    /// The only one.
    Plain,
    /// One place along an axis.
    Step {
        /// The axis.
        axis: usize,
        /// Which neighbour is taken.
        toward: Toward,
    },
    /// With one place more before the input than there is and one less after it, or the other way
    /// round.
    Offset {
        /// Whether there is more before.
        is_more_before: bool,
    },
    /// With one sample of a batch, or one filter, alone.
    Sample {
        /// Whether that is the last; else it is the first.
        is_last: bool,
    },
    /// Along this axis.
    Along {
        /// The axis, counted from 0.
        axis: usize,
    },
    /// Over all axes of what arrives but this one.
    AllBut {
        /// The axis, counted from 0.
        axis: usize,
    },
    /// With the gradient coming back through a second softmax, or past it.
    Softmax {
        /// Whether it comes back through it.
        comes_back: bool,
    },
    /// In the place of factors of this kind.
    InsteadOf(FactorKind),
    /// With the slope of this activation.
    Slope(Activation, Seen),
    /// With another rule for ties.
    Ties(Convention),
    /// With only what comes back from the layer of this number.
    Branch(usize),
    /// With the mask of the ReLU in the layer of this number.
    MaskOf(usize),
    /// With this factor.
    Factor(f64),
    /// With so many decimals.
    Decimals(u8),
}

/// A neighbour along an axis, where the last place is followed by the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toward {
    /// The one before.
    Previous,
    /// The one after.
    Next,
}

/// From where a learner takes a slope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// As a function of the activation's input z.
    FromInput,
    /// By the formula in the activation's output a, such as a(1 − a).
    FromOutput,
}

/// Who gets the gradient of a window with a tie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Convention {
    /// The first in reading order.
    First,
    /// The last in reading order.
    Last,
    /// Each an even share.
    Split,
    /// Each all of it.
    All,
}

impl Form {
    /// Whether a learner who slips in this form is told the same as one who slips in the other:
    /// along which axis something was one place off goes without saying.
    pub(super) fn is_told_like(self, other: Self) -> bool {
        let both = (self, other);
        self == other
            || matches!(both, (Self::Step { .. }, Self::Step { .. }))
            || matches!(both, (Self::Along { .. }, Self::Along { .. }))
            || matches!(both, (Self::Offset { .. }, Self::Offset { .. }))
            || matches!(both, (Self::Softmax { .. }, Self::Softmax { .. }))
    }
}

impl Convention {
    /// The rule's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Last => "last",
            Self::Split => "split",
            Self::All => "all",
        }
    }
}

/// The forms of a step by one place in a tensor of this shape. In an axis of two, both neighbours
/// are the same.
pub(super) fn steps(shape: &Shape) -> Vec<Form> {
    let along = |(axis, &size): (usize, &usize)| {
        let towards: &[Toward] = match size {
            0 | 1 => &[],
            2 => &[Toward::Next],
            _ => &[Toward::Next, Toward::Previous],
        };
        towards
            .iter()
            .map(move |&toward| Form::Step { axis, toward })
    };
    shape.iter().enumerate().flat_map(along).collect()
}

/// The place of an element's neighbour, where there is such an axis.
pub(super) fn neighbour(shape: &Shape, at: usize, axis: usize, toward: Toward) -> Option<usize> {
    if axis >= shape.rank() {
        return None;
    }
    let (_, size, stride) = shape.around(axis);
    let here = at / stride % size;
    let there = match toward {
        Toward::Next => (here + 1) % size,
        Toward::Previous => (here + size - 1) % size,
    };
    Some(at - here * stride + there * stride)
}
