//! One term in one sentence: what comes from there, and why.

use super::number::{fraction, number, product};
use super::outline::Term;
use super::sentence::Sentence;
use super::voice::{Link, Voice};
use super::zero::Zero;
use super::{coupled, pooling, slope, zero};
use crate::ops::{Factor, FactorKind, Family, Slot};

/// Says what one term brings and why.
pub(super) fn one(voice: Voice<'_>, link: Link<'_>, term: &Term) -> Sentence {
    if let Some(why) = Zero::of(link, term) {
        return zero::one(voice, link, term, why);
    }
    match link.family {
        Family::MaxPool(_) => pooling::won(voice, link, term),
        Family::Elementwise(_) => slope::one(voice, link, term),
        _ => sends(voice, link, term),
    }
}

/// `fc[0] sends 2 × 0.5 = 1: its own gradient times the weight on the wire.`
fn sends(voice: Voice<'_>, link: Link<'_>, term: &Term) -> Sentence {
    let sends = voice.sender(term).say(" sends ");
    let shown: Vec<&Factor> = shown(link, term).collect();
    let sentence = if shown.is_empty() {
        sends.say(format!("its own gradient as it is, {}{}.", number(term.product), unchanged(link)))
    } else {
        let factors = shown
            .into_iter()
            .fold(Sentence::default(), |said, factor| said.say(" times ").then(specific(voice, link, term, factor)));
        sends.say(equation(link, term)).say(": its own gradient").then(factors).say(".")
    };
    match link.activation.filter(|&activation| slope::is_straight(activation)) {
        Some(activation) if has_hidden_slope(link, term) => {
            sentence.say(format!(" Its {} is open (slope 1), so nothing is lost there.", slope::name(activation)))
        }
        _ => sentence,
    }
}

/// Why a gradient is passed on as it is.
pub(super) fn unchanged(link: Link<'_>) -> &'static str {
    match (link.family, link.slot) {
        (_, Slot::Bias) => "",
        (Family::Rearrangement, _) => ", for it is the same number in another place",
        (Family::Add | Family::Sub, _) => ", for an addition passes it to every side undivided",
        (Family::Sum, _) => ", for every summand counts in full",
        _ => "",
    }
}

/// The factors that are shown: a slope of 1 where a function is just the identity is not.
fn shown<'a>(link: Link<'_>, term: &'a Term) -> impl Iterator<Item = &'a Factor> {
    term.contribution.factors.iter().filter(move |factor| !is_hidden(link, factor))
}

fn is_hidden(link: Link<'_>, factor: &Factor) -> bool {
    let straight = link.activation.is_some_and(slope::is_straight);
    factor.kind == FactorKind::Slope && factor.value == 1.0 && straight
}

fn has_hidden_slope(link: Link<'_>, term: &Term) -> bool {
    term.contribution.factors.iter().any(|factor| is_hidden(link, factor))
}

/// `2 × 0.5 = 1`, or just the number where nothing is multiplied.
pub(super) fn equation(link: Link<'_>, term: &Term) -> String {
    let factors: Vec<f64> =
        std::iter::once(term.contribution.upstream).chain(shown(link, term).map(|factor| factor.value)).collect();
    if factors.len() == 1 { number(term.product) } else { product(&factors, term.product) }
}

/// What a factor of many terms is, without numbers: `the weight on the wire`.
pub(super) fn generic(link: Link<'_>, factor: &Factor) -> Option<String> {
    if is_hidden(link, factor) {
        return None;
    }
    Some(match (factor.kind, link.family) {
        (FactorKind::Slope, _) => format!("the slope of its {}", link.activation.map_or("activation", slope::name)),
        (FactorKind::Weight, Family::Linear) => "the weight on the wire between them".to_owned(),
        (FactorKind::Weight, Family::Convolution) => "the weight through which it looks".to_owned(),
        (FactorKind::Weight, _) => "the weight".to_owned(),
        (FactorKind::Input, Family::BatchNorm { .. } | Family::LayerNorm) => {
            "the normalised value that the weight meets there".to_owned()
        }
        (FactorKind::Input, _) => "the value that the weight meets there".to_owned(),
        (FactorKind::Winner, _) => "what the winner gets".to_owned(),
        (FactorKind::Share, _) => format!("{} for the share in its average", fraction(factor.value)),
        (FactorKind::Operand, Family::Matmul) => "the number it is multiplied by there".to_owned(),
        (FactorKind::Operand, _) => "the other factor".to_owned(),
        (FactorKind::Sign, _) => "−1, because of the minus sign".to_owned(),
        (FactorKind::Jacobian, family) => coupled::jacobian(family).to_owned(),
        (FactorKind::Scale, family) => coupled::scale(family, factor.value),
    })
}

/// What a factor of one term is: `the value that the weight meets there, x[1] = 3`.
fn specific(voice: Voice<'_>, link: Link<'_>, term: &Term, factor: &Factor) -> Sentence {
    let source = |words: &str| match factor.source {
        Some(source) => Sentence::from(words).say(", ").then(voice.with_value(source)),
        None => words.into(),
    };
    match (factor.kind, link.family) {
        (FactorKind::Slope, _) => slope::factor(voice, link, term),
        (FactorKind::Weight, Family::Linear) => "the weight on the wire between them".into(),
        (FactorKind::Weight | FactorKind::Input, _) | (FactorKind::Operand, _) => {
            source(&generic(link, factor).unwrap_or_default())
        }
        (FactorKind::Share, _) => {
            Sentence::from(format!("{}, which is ", fraction(factor.value))).then(voice.subject()).say("'s share in its average")
        }
        (FactorKind::Jacobian, _) => Sentence::from("how fast it moves when ").then(voice.subject()).say(" does"),
        _ => generic(link, factor).unwrap_or_default().into(),
    }
}
