//! What the factors of a term are called, and which of them are shown.

use super::narration::{Link, Narration};
use super::sentence::Sentence;
use super::term::Term;
use crate::ops::{Factor, FactorKind, FactorWords, OperandRole};
use crate::tensor::Element;
use crate::tensor::numerals::{count, fraction, number, product};

/// What a factor of a term, and of others like it, is, without numbers: `the weight on its wire to
/// pool[1,0]`.
pub(super) fn generic(
    narration: Narration<'_>,
    link: Link<'_>,
    term: &Term,
    factor: &Factor,
) -> Option<Sentence> {
    if !is_shown(link, factor) {
        return None;
    }
    if let Some(own) = own_words(link, term, factor) {
        return Some(filled(narration, link, term, factor, own.in_all));
    }
    let me = || narration.subject();
    Some(match factor.kind {
        FactorKind::Slope => format!("the slope of its {}", link.title()).into(),
        FactorKind::Weight => "the weight".into(),
        FactorKind::Input => "the value that the weight meets there".into(),
        FactorKind::Winner => "what the winner gets".into(),
        FactorKind::Share => me().say("'s share in its average"),
        FactorKind::Operand => "the other factor".into(),
        FactorKind::Sign => Sentence::from("−1, as ").then(me()).say(" is subtracted"),
        FactorKind::Jacobian => Sentence::from("how fast it moves with ").then(me()),
        FactorKind::Scale => scale(factor.value).into(),
        FactorKind::Rate
        | FactorKind::Adaptive
        | FactorKind::Momentum
        | FactorKind::Dampening
        | FactorKind::Decay => number(factor.value).into(),
    })
}

/// `2 × 0.5 = 1`, or just the number where nothing is multiplied. A closed gate does not multiply
/// what is not finite.
pub(super) fn equation(link: Link<'_>, term: &Term) -> String {
    let upstream = term.contribution.upstream;
    if term.contribution.is_closed() && !upstream.is_finite() {
        return format!("nothing of {}", number(upstream));
    }
    let factors: Vec<f64> = std::iter::once(upstream)
        .chain(shown(link, term).map(|factor| factor.value))
        .collect();
    if factors.len() == 1 {
        number(term.product)
    } else {
        product(&factors, term.product)
    }
}

/// The factors that are shown: a slope of 1 where a function is just the identity is not.
pub(super) fn shown<'a>(link: Link<'_>, term: &'a Term) -> impl Iterator<Item = &'a Factor> {
    term.contribution
        .factors
        .iter()
        .filter(move |factor| is_shown(link, factor))
}

/// Whether a factor is shown: one that is 1 wherever nothing happens is not.
pub(super) fn is_shown(link: Link<'_>, factor: &Factor) -> bool {
    !is_hidden(link, factor)
}

fn is_hidden(link: Link<'_>, factor: &Factor) -> bool {
    let may_hide = match factor.kind {
        FactorKind::Slope => link.activation.is_some_and(|of| of.is_open_at_slope_one()),
        FactorKind::Scale => true,
        FactorKind::Operand => link.kind.is_mask(),
        FactorKind::Weight
        | FactorKind::Input
        | FactorKind::Winner
        | FactorKind::Share
        | FactorKind::Sign
        | FactorKind::Jacobian
        | FactorKind::Rate
        | FactorKind::Adaptive
        | FactorKind::Momentum
        | FactorKind::Dampening
        | FactorKind::Decay => false,
    };
    factor.value == 1.0 && may_hide
}

pub(super) fn has_hidden_slope(link: Link<'_>, term: &Term) -> bool {
    term.contribution
        .factors
        .iter()
        .any(|factor| factor.kind == FactorKind::Slope && is_hidden(link, factor))
}

/// The op's own words for a factor of a term, where it has some.
pub(super) fn own_words(
    link: Link<'_>,
    term: &Term,
    factor: &Factor,
) -> Option<&'static FactorWords> {
    let factors = &term.contribution.factors;
    let stands_beside = |kind| factors.iter().any(|other| other.kind == kind);
    let mut own = link.phrases().factors.iter();
    own.find(|own| own.kind == factor.kind && own.beside.is_none_or(stands_beside))
}

pub(super) fn filled(
    narration: Narration<'_>,
    link: Link<'_>,
    term: &Term,
    factor: &Factor,
    words: &str,
) -> Sentence {
    narration.fill(words, |place| match place {
        "value" => Some(number(factor.value).into()),
        "source" => factor.source.map(|source| narration.name(source)),
        "source=" => factor.source.map(|source| narration.with_value(source)),
        "second=" => second(narration, link, term).map(|second| narration.with_value(second)),
        _ => None,
    })
}

/// What a constant factor is: where it makes a part of the whole, a mean is taken.
fn scale(value: f64) -> String {
    if !(value > 0.0 && value < 1.0) {
        return number(value);
    }
    let n = (1.0 / value).round();
    let of = if (n * value - 1.0).abs() < 1e-9 {
        format!(" of {}", count(n as usize))
    } else {
        String::new()
    };
    let part = if value == 0.5 {
        "a half".to_owned()
    } else {
        fraction(value)
    };
    format!("{part}, as it takes the mean{of}")
}

/// The element of its second input that the sender of a term reads.
fn second(narration: Narration<'_>, link: Link<'_>, term: &Term) -> Option<Element> {
    let run = narration.backprop.layer_run(link.number);
    let mut second = None;
    link.layer.op.receptive_field(
        &run,
        OperandRole::Input(1),
        term.contribution.from.at,
        &mut |at| {
            second = Some(run.operands.get(OperandRole::Input(1)).element(at));
        },
    );
    second
}
