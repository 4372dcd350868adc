//! One term in one sentence: what comes from there, and why.

use super::number::{number, product};
use super::outline::{Group, Term};
use super::sentence::Sentence;
use super::voice::{Link, Voice};
use super::zero::Zero;
use super::{coupled, pooling, slope, zero};
use crate::ops::{Factor, FactorKind, Family, OperandRole};
use crate::tensor::Element;

/// Says what one term brings and why, to someone who has been told nothing yet.
pub(super) fn alone(voice: Voice<'_>, link: Link<'_>, term: Term) -> Sentence {
    let said = one(voice, link, &term);
    let group = Group::of(link, term);
    match coupled::preamble(voice, &group).filter(|_| coupled::needs_preamble(link.family)) {
        Some(preamble) => preamble.say(" ").then(said),
        None => said,
    }
}

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
pub(super) fn unchanged(link: Link<'_>) -> &'static str {
    match (link.family, link.role) {
        (_, OperandRole::Bias) => "",
        (Family::Rearrangement, _) => ": it is the same number in another place",
        (Family::Add | Family::Sub, _) => ": an addition hands it to every side undivided",
        (Family::Div, _) => ": dividing by 1 changes nothing",
        (Family::Sum, _) => ": in a sum, everyone counts in full",
        _ => "",
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
        FactorKind::Operand => link.family == Family::Dropout,
        _ => false,
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
    let me = || voice.subject();
    Some(match (factor.kind, link.family) {
        (FactorKind::Slope, _) => format!(
            "the slope of its {}",
            link.activation.map_or("activation", |of| of.title())
        )
        .into(),
        (FactorKind::Weight, Family::Linear) => {
            Sentence::from("the weight on its wire to ").then(me())
        }
        (FactorKind::Weight, family) if family.is_convolution() => {
            "the weight through which it looks".into()
        }
        (FactorKind::Weight, _) => "the weight".into(),
        (FactorKind::Input, Family::Linear) => "the value that comes down the wire".into(),
        (FactorKind::Input, Family::BatchNorm { .. } | Family::LayerNorm) => {
            "the normalised value that it scales there".into()
        }
        (FactorKind::Input, _) => "the value that the weight meets there".into(),
        (FactorKind::Winner, _) => "what the winner gets".into(),
        (FactorKind::Share, _) => me().say("'s share in its average"),
        (FactorKind::Operand, Family::Matmul) => Sentence::from("the number that ")
            .then(me())
            .say(" is multiplied by there"),
        (FactorKind::Operand, Family::Dropout) => "the mask".into(),
        (FactorKind::Operand, Family::Div) => "the numerator".into(),
        (FactorKind::Operand, _) => "the other factor".into(),
        (FactorKind::Sign, Family::Div) => Sentence::from("−1, as ").then(me()).say(" divides,"),
        (FactorKind::Sign, _) => Sentence::from("−1, as ").then(me()).say(" is subtracted"),
        (FactorKind::Jacobian, family) => coupled::jacobian(voice, family),
        (FactorKind::Scale, Family::Div) if divides(term) => "one over its square".into(),
        (FactorKind::Scale, Family::Div) => "one over the denominator".into(),
        (FactorKind::Scale, family) => coupled::scale(family, factor.value),
    })
}

/// What a factor of one term is: `the value that comes down the wire, x[1] = 3`.
fn specific(voice: Voice<'_>, link: Link<'_>, term: &Term, factor: &Factor) -> Option<Sentence> {
    let words = generic(voice, link, term, factor)?;
    Some(match (factor.kind, factor.source) {
        (FactorKind::Slope, _) => slope::factor(voice, link, term),
        (FactorKind::Weight, Some(weight)) if link.family != Family::Linear => {
            words.say(", ").then(voice.name(weight))
        }
        (FactorKind::Operand, Some(source)) if link.family == Family::Div => {
            words.say(", ").then(voice.name(source)).say(",")
        }
        (FactorKind::Input | FactorKind::Operand, Some(source)) => {
            words.say(", ").then(voice.with_value(source))
        }
        (FactorKind::Scale, _) if link.family == Family::Div && !divides(term) => {
            match denominator(voice, link, term) {
                Some(denominator) => words.say(", ").then(voice.with_value(denominator)),
                None => words,
            }
        }
        _ => words,
    })
}

/// Whether the subject is the denominator in the term of a quotient.
fn divides(term: &Term) -> bool {
    term.contribution
        .factors
        .iter()
        .any(|factor| factor.kind == FactorKind::Sign)
}

/// The denominator of the quotient that sends a term.
fn denominator(voice: Voice<'_>, link: Link<'_>, term: &Term) -> Option<Element> {
    let run = voice.backprop.layer_run(link.number);
    let mut denominator = None;
    link.layer.op.receptive_field(
        &run,
        OperandRole::Input(1),
        term.contribution.from.at,
        &mut |at| {
            denominator = Some(run.operands.get(OperandRole::Input(1)).element(at));
        },
    );
    denominator
}
