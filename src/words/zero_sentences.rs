//! Why terms are zero, in sentences.

use super::narration::{Link, Narration};
use super::sections::Part;
use super::sentence::{Sentence, listed};
use super::term::Term;
use super::zero_reason::Zero;
use super::{factor, pooling, slope};
use crate::ops::FactorKind;
use crate::tensor::numerals::{count, form, number};

/// The reason with its numbers: `lost by 3 to x[1,0]`, `ReLU flat at z = −0.2`.
pub(super) fn reason(narration: Narration<'_>, link: Link<'_>, term: &Term, why: Zero) -> String {
    match why {
        Zero::Lost if link.layer.op.ties().is_some() => pooling::margin(narration, link, term),
        Zero::Slope => slope::flat_at(narration, link, term),
        other => other.short().to_owned(),
    }
}

/// Says of one term why it is zero.
pub(super) fn one(narration: Narration<'_>, link: Link<'_>, term: &Term, why: Zero) -> Sentence {
    let arrives = number(term.contribution.upstream);
    let sends = || narration.contributor(term).say(" sends nothing");
    let factor = |kind| {
        let factor = term
            .contribution
            .factors
            .iter()
            .find(|factor| factor.kind == kind && factor.value == 0.0);
        let words = factor
            .and_then(|factor| factor::generic(narration, link, term, factor))
            .unwrap_or_else(|| "a factor".into());
        match factor.and_then(|factor| factor.source) {
            Some(source) => words.say(", ").then(narration.name(source)).say(", is 0."),
            None => words.say(" is 0."),
        }
    };
    match why {
        Zero::Lost if link.layer.op.ties().is_some() => pooling::lost(narration, link, term),
        Zero::Lost => sends()
            .say(": ")
            .then(narration.fill(link.phrases().lost, |_| None))
            .say("."),
        Zero::Dropped => Sentence::from("Dropout has switched ")
            .then(narration.subject())
            .say(" off: its mask is 0 there, so ")
            .then(narration.contributor(term))
            .say(format!(
                " does not move with it and sends nothing of its {arrives}."
            )),
        Zero::Upstream => sends().say(": its own gradient is 0, so there is nothing to pass on."),
        Zero::Slope => slope::flat(narration, link, term),
        Zero::Weight => sends().say(": ").then(factor(FactorKind::Weight)),
        Zero::Input => sends().say(": ").then(factor(FactorKind::Input)),
        Zero::Operand => sends().say(": ").then(factor(FactorKind::Operand)),
        Zero::Jacobian => {
            let flat = match link.phrases().flat {
                "" => "just here, a nudge of {me} does not move it at all",
                own => own,
            };
            sends()
                .say(": ")
                .then(narration.fill(flat, |_| None))
                .say(".")
        }
        Zero::Scale => sends()
            .say(": it does not count ")
            .then(narration.subject())
            .say(" at all."),
        Zero::TooSmall => sends().say(": the product is so small that it rounds to 0."),
    }
}

/// Says of several terms of one layer why they are zero.
///
/// `others` says whether some other terms have been told of before.
pub(super) fn several(
    narration: Narration<'_>,
    link: Link<'_>,
    part: &Part,
    why: Zero,
    others: bool,
) -> Sentence {
    let (named, rest) = part.named();
    let contributors = match rest {
        Some(_) if others => Sentence::from(format!("{} others", count(part.n))).capitalised(),
        Some(_) => Sentence::from(format!("{} of them", count(part.n))).capitalised(),
        None => listed(named.iter().map(|term| narration.contributor(term))),
    };
    let sends = contributors
        .say(form(part.n, " sends", " send"))
        .say(" nothing");
    match why {
        Zero::Lost if link.layer.op.ties().is_some() => {
            sends.say(": it did not win their windows.")
        }
        Zero::Lost => sends
            .say(": ")
            .then(narration.fill(link.phrases().lost, |_| None))
            .say("."),
        Zero::Dropped => sends
            .say(", for dropout has switched ")
            .then(narration.subject())
            .say(" off."),
        Zero::Upstream => sends.say(": their own gradients are 0."),
        Zero::Slope => slope::flat_several(narration, link, part, sends),
        Zero::Weight => sends.say(": the weights in between are 0."),
        Zero::Input => sends.say(": what the weight meets there is 0."),
        Zero::Operand => sends.say(match link.phrases().zero_operands {
            "" => ": the other factor is 0.".to_owned(),
            own => format!(": {own}."),
        }),
        Zero::Jacobian => sends
            .say(": just here, a nudge of ")
            .then(narration.subject())
            .say(" does not move them at all."),
        Zero::Scale => sends
            .say(": they do not count ")
            .then(narration.subject())
            .say(" at all."),
        Zero::TooSmall => sends.say(": the products are so small that they round to 0."),
    }
}
