//! One term in one sentence: what comes from there, and why.

use super::outline::{Group, Term};
use super::sentence::Sentence;
use super::voice::{Link, Voice};
use super::zero::Zero;
use super::{coupled, pooling, slope, zero};
use crate::ops::{Factor, FactorKind, FactorWords, OperandRole};
use crate::tensor::Element;
use crate::tensor::numerals::{count, fraction, number, product};

/// Says what one term brings and why, to someone who has been told nothing yet.
pub(super) fn alone(voice: Voice<'_>, link: Link<'_>, term: Term) -> Sentence {
    let said = one(voice, link, &term);
    let group = Group::of(link, term);
    let is_told = matches!(link.role, OperandRole::Input(_)) && group.nonzero.n > 0;
    match is_told.then(|| coupled::slope(voice, &group)).flatten() {
        Some(slope) => slope.say(" ").then(said),
        None => said,
    }
}

/// Says what one term brings and why.
pub(super) fn one(voice: Voice<'_>, link: Link<'_>, term: &Term) -> Sentence {
    if let Some(why) = Zero::of(link, term) {
        return zero::one(voice, link, term, why);
    }
    if link.layer.op.ties().is_some() {
        return pooling::won(voice, link, term);
    }
    slope::one(voice, link, term).unwrap_or_else(|| sends(voice, link, term))
}

/// `fc[0] sends 2 × 0.5 = 1: its own gradient times the weight on the wire.`
fn sends(voice: Voice<'_>, link: Link<'_>, term: &Term) -> Sentence {
    let sends = voice.contributor(term).say(" sends ");
    let shown: Vec<&Factor> = shown(link, term).collect();
    let sentence = if shown.is_empty() {
        sends.say(format!(
            "its own gradient as it is, {}{}.",
            number(term.product),
            unchanged(link)
        ))
    } else {
        let factors = shown
            .into_iter()
            .filter_map(|factor| specific(voice, link, term, factor));
        let factors = factors.fold(Sentence::default(), |said, factor| {
            said.say(" times ").then(factor)
        });
        sends
            .say(equation(link, term))
            .say(": its own gradient")
            .then(factors)
            .say(".")
    };
    match link
        .activation
        .filter(|&activation| activation.is_open_at_slope_one())
    {
        Some(activation) if has_hidden_slope(link, term) => sentence.say(format!(
            " Its {} is open (slope 1), so nothing is lost there.",
            activation.title()
        )),
        _ => sentence,
    }
}

/// Why a gradient is passed on as it is.
fn unchanged(link: Link<'_>) -> &'static str {
    match link.role {
        OperandRole::Bias => "",
        OperandRole::Input(_) | OperandRole::Weight => link.phrases().unchanged,
    }
}

/// The factors that are shown: a slope of 1 where a function is just the identity is not.
fn shown<'a>(link: Link<'_>, term: &'a Term) -> impl Iterator<Item = &'a Factor> {
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
        | FactorKind::Jacobian => false,
    };
    factor.value == 1.0 && may_hide
}

fn has_hidden_slope(link: Link<'_>, term: &Term) -> bool {
    term.contribution
        .factors
        .iter()
        .any(|factor| factor.kind == FactorKind::Slope && is_hidden(link, factor))
}

/// `2 × 0.5 = 1`, or just the number where nothing is multiplied.
pub(super) fn equation(link: Link<'_>, term: &Term) -> String {
    let factors: Vec<f64> = std::iter::once(term.contribution.upstream)
        .chain(shown(link, term).map(|factor| factor.value))
        .collect();
    if factors.len() == 1 {
        number(term.product)
    } else {
        product(&factors, term.product)
    }
}

/// What a factor of a term, and of others like it, is, without numbers: `the weight on its wire to
/// pool[1,0]`.
pub(super) fn generic(
    voice: Voice<'_>,
    link: Link<'_>,
    term: &Term,
    factor: &Factor,
) -> Option<Sentence> {
    if !is_shown(link, factor) {
        return None;
    }
    if let Some(own) = own_words(link, term, factor) {
        return Some(filled(voice, link, term, factor, own.in_all));
    }
    let me = || voice.subject();
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
    })
}

/// What a factor of one term is: `the value that comes down the wire, x[1] = 3`.
fn specific(voice: Voice<'_>, link: Link<'_>, term: &Term, factor: &Factor) -> Option<Sentence> {
    let words = generic(voice, link, term, factor)?;
    if let Some(own) = own_words(link, term, factor) {
        return Some(filled(voice, link, term, factor, own.in_one));
    }
    Some(match factor.kind {
        FactorKind::Slope => slope::factor(voice, link, term),
        FactorKind::Weight => and(words, factor.source.map(|weight| voice.name(weight))),
        FactorKind::Input | FactorKind::Operand => {
            and(words, factor.source.map(|source| voice.with_value(source)))
        }
        FactorKind::Winner
        | FactorKind::Share
        | FactorKind::Sign
        | FactorKind::Jacobian
        | FactorKind::Scale => words,
    })
}

/// Adds which one it is to what something is called.
fn and(words: Sentence, which: Option<Sentence>) -> Sentence {
    match which {
        Some(which) => words.say(", ").then(which),
        None => words,
    }
}

/// The op's own words for a factor of a term, where it has some.
fn own_words(link: Link<'_>, term: &Term, factor: &Factor) -> Option<&'static FactorWords> {
    let factors = &term.contribution.factors;
    let stands_beside = |kind| factors.iter().any(|other| other.kind == kind);
    let mut own = link.phrases().factors.iter();
    own.find(|own| own.kind == factor.kind && own.beside.is_none_or(stands_beside))
}

fn filled(voice: Voice<'_>, link: Link<'_>, term: &Term, factor: &Factor, words: &str) -> Sentence {
    voice.fill(words, |place| match place {
        "value" => Some(number(factor.value).into()),
        "source" => factor.source.map(|source| voice.name(source)),
        "source=" => factor.source.map(|source| voice.with_value(source)),
        "second=" => second(voice, link, term).map(|second| voice.with_value(second)),
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
fn second(voice: Voice<'_>, link: Link<'_>, term: &Term) -> Option<Element> {
    let run = voice.backprop.layer_run(link.number);
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
