//! The templates of exercises. A template is one row in the table of its kind of network.

mod catalogue;
mod convolution;
mod dense;
mod pooling;
mod training;

pub use catalogue::{template, templates};

use super::plan::Plan;
use crate::ops::{Linear, Relu};

/// What an exercise is made from.
#[derive(Debug)]
pub struct Template {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it practises, in a line.
    pub practises: &'static str,
    /// The title of its exercises.
    pub(super) title: &'static str,
    /// What its exercises say of themselves.
    pub(super) description: &'static str,
    /// What becomes of its numbers on the way.
    pub(super) arithmetic: Arithmetic,
    /// Whether windows with ties are wanted in it; otherwise there are none.
    pub(super) has_ties: bool,
    pub(super) plan: fn(Level) -> Plan,
}

/// What becomes of the numbers of an exercise on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    /// They stay whole, or halves, quarters or eighths.
    Exact,
    /// They are rounded, to three significant digits.
    Rounded,
}

/// How much there is to do in an exercise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The idea alone.
    One = 1,
    /// As it is in a course.
    Two = 2,
    /// With more on the way.
    Three = 3,
}

impl Level {
    /// All levels.
    pub const ALL: [Self; 3] = [Self::One, Self::Two, Self::Three];

    /// The level's number.
    pub fn number(self) -> u8 {
        self as u8
    }
}

/// A fully connected layer that ends in a ReLU.
fn rectified() -> Linear {
    Linear {
        activation: Some(Relu.into()),
    }
}

/// The values of an input.
const VALUES: &[f64] = &[
    -8.0, -6.0, -5.0, -4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0,
];
/// Few values, so that some of them meet.
const FEW: &[f64] = &[-7.0, -6.0, 1.0, 3.0, 4.0, 5.0];
/// Small values, where they are multiplied often.
const SMALL: &[f64] = &[-3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 4.0];
/// Weights, some of them halves.
const WEIGHTS: &[f64] = &[-3.0, -2.0, -1.0, -0.5, 0.5, 1.0, 2.0, 3.0, 4.0];
/// Weights, all whole.
const WHOLE: &[f64] = &[-4.0, -3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 4.0, 5.0];
/// Biases.
const BIASES: &[f64] = &[-3.0, -2.0, -1.0, 1.0, 2.0, 3.0];
/// Upstream gradients.
const UPSTREAM: &[f64] = &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
/// Upstream gradients, some of them negative: behind a ReLU it must show what lets a gradient pass.
const SIGNED: &[f64] = &[-4.0, -3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
