//! What is said of a normalisation.

use super::super::FactorKind;
use super::super::phrases::{FactorWords, Phrases};

pub(super) const PHRASES: Phrases = Phrases {
    coupled: "A norm subtracts the mean and divides by the spread, and {me} has a part in both. So \
              raising it moves not only {own} but {others}, too.",
    kin: "that share its mean",
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
