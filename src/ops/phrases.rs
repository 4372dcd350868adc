//! The words that an op has for its terms, where it needs words of its own.

use super::contribution::FactorKind;

/// Words for an op's terms. What is empty is said as it is of any op.
///
/// In all of them `{me}` stands for the element whose step it is, `{source}` for the one whose
/// value a factor is, `{second}` for the one of the second input that is read with it, and with a
/// `=`, as in `{me=}`, for the same with its value; `{value}` is that of the factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phrases {
    /// What people call the op, where it is a function of one element that is known by another
    /// name.
    pub function: &'static str,
    /// What is to be known before the terms make sense.
    pub preamble: &'static str,
    /// The same where an element moves several outputs: `{own}` is the one in its own place, and
    /// `{others}` are the others.
    pub coupled: &'static str,
    /// Which elements of the output look at the same element: "of its own row".
    pub kin: &'static str,
    /// Why an element that is read all the same gets nothing from `{layers}`.
    pub unheard: &'static str,
    /// Why a weight of the kernel is not used at some place.
    pub idle_weight: &'static str,
    /// What is added where effects add up.
    pub adding: &'static str,
    /// Why a gradient passes unchanged.
    pub unchanged: &'static str,
    /// What one output that reads an element twice sends it.
    pub twice: &'static str,
    /// Why the partial derivative is 0.
    pub flat: &'static str,
    /// Why another was taken, in an op without windows.
    pub lost: &'static str,
    /// Which operands are 0, where several terms are 0 for that.
    pub zero_operands: &'static str,
    /// What keeps its numbers finite as a rule: "add a small number before the root".
    pub remedy: &'static str,
    /// The factors that have another name than in other ops. The first that fits counts.
    pub factors: &'static [FactorWords],
}

/// What a factor of a term is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactorWords {
    /// Which factor it is.
    pub kind: FactorKind,
    /// A factor that must be in the term, too.
    pub beside: Option<FactorKind>,
    /// The name in several terms at once: `the weight on its wire to {me}`.
    pub in_all: &'static str,
    /// The name in one term, which may hold the factor's value.
    pub in_one: &'static str,
}

impl Phrases {
    /// Nothing special.
    pub const NONE: Self = Self {
        function: "",
        preamble: "",
        coupled: "",
        kin: "",
        unheard: "",
        idle_weight: "",
        adding: "",
        unchanged: "",
        twice: "",
        flat: "",
        lost: "",
        zero_operands: "",
        remedy: "",
        factors: &[],
    };

    /// Nothing special but what keeps its numbers finite.
    pub(super) const fn with_remedy(remedy: &'static str) -> Self {
        Self {
            remedy,
            ..Self::NONE
        }
    }
}

impl FactorWords {
    /// A factor with the same name everywhere.
    pub(super) const fn of(kind: FactorKind, name: &'static str) -> Self {
        Self::in_one(kind, name, name)
    }

    /// A factor with a name in several terms and one in a single term.
    pub(super) const fn in_one(
        kind: FactorKind,
        in_all: &'static str,
        in_one: &'static str,
    ) -> Self {
        Self {
            kind,
            beside: None,
            in_all,
            in_one,
        }
    }

    /// The name of a factor that stands beside another.
    pub(super) const fn beside(self, other: FactorKind) -> Self {
        Self {
            beside: Some(other),
            ..self
        }
    }
}
