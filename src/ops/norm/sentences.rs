//! What is said of a normalisation.

use super::super::phrases::{FactorWords, Phrases};
use super::super::{FactorKind, ShapeError};
use crate::tensor::Shape;

pub(super) const PHRASES: Phrases = Phrases {
    coupled: "A norm subtracts the mean and divides by the spread, and {me} has a part in both. So \
              raising it moves not only {own} but {others}, too.",
    kin: "that share its mean",
    factors: &[NORMAL],
    ..Phrases::NONE
};

/// Those of a norm without a mean.
pub(super) const BY_MEAN_SQUARE: Phrases = Phrases {
    coupled: "An RMS norm divides by the root of the mean square, and {me} has a part in that. So \
              raising it moves not only {own} but {others}, too.",
    kin: "that share its mean square",
    factors: &[NORMAL],
    ..Phrases::NONE
};

/// Those of a norm whose mean and variance are constants.
pub(super) const FIXED: Phrases = Phrases {
    preamble: "With its statistics fixed, a batch norm only scales and shifts.",
    factors: &[
        NORMAL,
        FactorWords::of(FactorKind::Jacobian, "the fixed scale of its channel"),
    ],
    ..Phrases::NONE
};

const NORMAL: FactorWords = FactorWords::in_one(
    FactorKind::Input,
    "the normalised value that it scales there",
    "the normalised value that it scales there",
);

pub(super) fn without_channels(op: &str, name: &str, shape: &Shape) -> ShapeError {
    ShapeError::input(
        0,
        format!(
            "`{name}` has shape {shape}, but `{op}` reads [N, C] or [N, C, ...]: a batch and its \
             channels"
        ),
    )
    .hinted("put a `reshape` before it that gives it these axes")
}
