//! Why a term is zero.

use super::outline::{Part, Term};
use super::sentence::{Sentence, listed};
use super::voice::{Link, Voice};
use super::{pooling, slope};
use crate::ops::FactorKind;
use crate::tensor::numerals::{count, form, number};

/// Why a term is zero.
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
        let zero = |kind| {
            term.contribution
                .factors
                .iter()
                .any(|factor| factor.kind == kind && factor.value == 0.0)
        };
        let kinds = [
            (FactorKind::Winner, Self::Lost),
            (FactorKind::Slope, Self::Slope),
            (FactorKind::Weight, Self::Weight),
            (FactorKind::Input, Self::Input),
            (FactorKind::Operand, Self::Operand),
            (FactorKind::Jacobian, Self::Jacobian),
            (FactorKind::Scale, Self::Scale),
        ];
        let why = kinds
            .into_iter()
            .find(|&(kind, _)| zero(kind))
            .map_or(Self::TooSmall, |(_, why)| why);
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

/// The reason with its numbers: `lost by 3 to x[1,0]`, `ReLU flat at z = −0.2`.
pub(super) fn reason(voice: Voice<'_>, link: Link<'_>, term: &Term, why: Zero) -> String {
    match why {
        Zero::Lost => pooling::margin(voice, link, term),
        Zero::Slope => slope::flat_at(voice, link, term),
        other => other.short().to_owned(),
    }
}

/// Says of one term why it is zero.
pub(super) fn one(voice: Voice<'_>, link: Link<'_>, term: &Term, why: Zero) -> Sentence {
    let arrives = number(term.contribution.upstream);
    let sends = || voice.contributor(term).say(" sends nothing");
    let factor = |kind| {
        let factor = term
            .contribution
            .factors
            .iter()
            .find(|factor| factor.kind == kind && factor.value == 0.0);
        let words = factor
            .and_then(|factor| super::term::generic(voice, link, term, factor))
            .unwrap_or_else(|| "a factor".into());
        match factor.and_then(|factor| factor.source) {
            Some(source) => words.say(", ").then(voice.name(source)).say(", is 0."),
            None => words.say(" is 0."),
        }
    };
    match why {
        Zero::Lost => pooling::lost(voice, link, term),
        Zero::Dropped => Sentence::from("Dropout has switched ")
            .then(voice.subject())
            .say(" off: its mask is 0 there, so ")
            .then(voice.contributor(term))
            .say(format!(
                " does not move with it and sends nothing of its {arrives}."
            )),
        Zero::Upstream => sends().say(": its own gradient is 0, so there is nothing to pass on."),
        Zero::Slope => slope::flat(voice, link, term),
        Zero::Weight => sends().say(": ").then(factor(FactorKind::Weight)),
        Zero::Input => sends().say(": ").then(factor(FactorKind::Input)),
        Zero::Operand => sends().say(": ").then(factor(FactorKind::Operand)),
        Zero::Jacobian => {
            let flat = match link.phrases().flat {
                "" => "just here, a nudge of {me} does not move it at all",
                own => own,
            };
            sends().say(": ").then(voice.fill(flat, |_| None)).say(".")
        }
        Zero::Scale => sends()
            .say(": it does not count ")
            .then(voice.subject())
            .say(" at all."),
        Zero::TooSmall => sends().say(": the product is so small that it rounds to 0."),
    }
}

/// Says of several terms of one layer why they are zero.
///
/// `others` says whether some other terms have been told of before.
pub(super) fn several(
    voice: Voice<'_>,
    link: Link<'_>,
    part: &Part,
    why: Zero,
    others: bool,
) -> Sentence {
    let (named, rest) = part.named();
    let contributors = match rest {
        Some(_) if others => Sentence::from(format!("{} others", count(part.n))).capitalised(),
        Some(_) => Sentence::from(format!("{} of them", count(part.n))).capitalised(),
        None => listed(named.iter().map(|term| voice.contributor(term))),
    };
    let sends = contributors
        .say(form(part.n, " sends", " send"))
        .say(" nothing");
    match why {
        Zero::Lost => sends.say(": it did not win their windows."),
        Zero::Dropped => sends
            .say(", for dropout has switched ")
            .then(voice.subject())
            .say(" off."),
        Zero::Upstream => sends.say(": their own gradients are 0."),
        Zero::Slope => slope::flat_several(voice, link, part, sends),
        Zero::Weight => sends.say(": the weights in between are 0."),
        Zero::Input => sends.say(": what the weight meets there is 0."),
        Zero::Operand => sends.say(match link.phrases().zero_operands {
            "" => ": the other factor is 0.".to_owned(),
            own => format!(": {own}."),
        }),
        Zero::Jacobian => sends
            .say(": just here, a nudge of ")
            .then(voice.subject())
            .say(" does not move them at all."),
        Zero::Scale => sends
            .say(": they do not count ")
            .then(voice.subject())
            .say(" at all."),
        Zero::TooSmall => sends.say(": the products are so small that they round to 0."),
    }
}
