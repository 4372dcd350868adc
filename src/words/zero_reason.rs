//! Why a term is zero.

use super::narration::Link;
use super::term::Term;
use crate::ops::FactorKind;

/// Why a term is zero. Where there are several reasons, the first of them here is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Zero {
    /// Another neuron won the window, or the tie.
    Lost,
    /// The neuron was dropped.
    Dropped,
    /// Nothing arrives at the downstream neuron.
    Upstream,
    /// The slope of an activation is 0 there.
    Slope,
    /// A weight is 0.
    Weight,
    /// The value that the weight meets is 0.
    Input,
    /// The other side of a product is 0.
    Operand,
    /// The partial derivative is 0.
    Jacobian,
    /// A constant factor is 0.
    Scale,
    /// The product is too small for an f64.
    TooSmall,
}

impl Zero {
    /// Returns why a term is zero, or nothing where it is not.
    pub(super) fn of(link: Link<'_>, term: &Term) -> Option<Self> {
        if term.product != 0.0 {
            return None;
        }
        let factors = term.contribution.factors.iter();
        let zeros = factors.filter(|factor| factor.value == 0.0);
        let why = zeros
            .map(|factor| Self::by(factor.kind))
            .min()
            .unwrap_or(Self::TooSmall);
        Some(if why == Self::Lost {
            Self::Lost
        } else if link.kind.is_mask() && why != Self::TooSmall {
            Self::Dropped
        } else if term.contribution.upstream == 0.0 {
            Self::Upstream
        } else {
            why
        })
    }

    /// Why a term is zero that a factor of this kind makes zero.
    fn by(factor: FactorKind) -> Self {
        match factor {
            FactorKind::Winner => Self::Lost,
            FactorKind::Slope => Self::Slope,
            FactorKind::Weight => Self::Weight,
            FactorKind::Input => Self::Input,
            FactorKind::Operand => Self::Operand,
            FactorKind::Jacobian => Self::Jacobian,
            FactorKind::Share
            | FactorKind::Sign
            | FactorKind::Scale
            | FactorKind::Rate
            | FactorKind::Adaptive
            | FactorKind::Momentum
            | FactorKind::Dampening
            | FactorKind::Decay => Self::Scale,
        }
    }

    /// The reason in a word or two.
    pub(super) fn short(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Dropped => "dropped",
            Self::Upstream => "upstream 0",
            Self::Slope => "flat",
            Self::Weight => "weight 0",
            Self::Input => "input 0",
            Self::Operand => "factor 0",
            Self::Jacobian => "no effect",
            Self::Scale => "not counted",
            Self::TooSmall => "too small",
        }
    }
}
