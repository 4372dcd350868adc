//! What is said of the ops whose outputs all move when one input does, and of losses.

use super::number::{fraction, number};
use super::outline::Group;
use super::sentence::Sentence;
use super::voice::Voice;
use crate::ops::{FactorKind, Family, Slot};
use crate::tensor::Neuron;

/// What a partial derivative is called in a list of terms.
pub(super) fn jacobian(family: Family) -> &'static str {
    match family {
        Family::Softmax | Family::LogSoftmax => "how fast it moves",
        Family::BatchNorm { training: false } => "the fixed scale of its channel",
        _ => "how fast it moves",
    }
}

/// What a constant factor is.
pub(super) fn scale(family: Family, value: f64) -> String {
    match family {
        Family::Dropout => format!("{}, by which dropout scales up what it keeps", number(value)),
        Family::BatchNorm { .. } | Family::LayerNorm => "the scale of the norm".to_owned(),
        Family::Mean => format!("{}, its part of the mean", fraction(value)),
        _ if value > 0.0 && value < 1.0 => format!("{}, its part of the mean", fraction(value)),
        _ => number(value),
    }
}

/// Says how the op moves, where that needs saying before its terms make sense.
pub(super) fn preamble(voice: Voice<'_>, group: &Group<'_>) -> Option<Sentence> {
    if !matches!(group.link.slot, Slot::Input(_)) {
        return None;
    }
    let me = voice.subject();
    Some(match group.link.family {
        Family::Softmax if group.n_senders > 1 => Sentence::from("A softmax shares out a total of 1: raising ")
            .then(me)
            .say(" raises ")
            .then(own(voice, group))
            .say(" and lowers ")
            .say(if group.n_senders == 2 { "the other." } else { "all the others." }),
        Family::LogSoftmax if group.n_senders > 1 => {
            Sentence::from("Behind it is a softmax, which shares out a total of 1: raising ")
                .then(me)
                .say(" raises ")
                .then(own(voice, group))
                .say(" and lowers ")
                .say(if group.n_senders == 2 { "the other." } else { "all the others." })
        }
        Family::LayerNorm | Family::BatchNorm { training: true } if group.n_senders > 1 => {
            Sentence::from("To normalise is to subtract the mean and to divide by the spread. ")
                .then(me.clone())
                .say(" is part of both, so raising it moves not only ")
                .then(own(voice, group))
                .say(" but all the others a little, too.")
        }
        Family::BatchNorm { training: false } => "With fixed statistics, batch norm is only a fixed scale and a shift.".into(),
        Family::SquaredError => return squared_error(voice, group),
        Family::CrossEntropy => return cross_entropy(voice, group),
        Family::BinaryCrossEntropy => return binary(voice, group),
        Family::NegativeLogLikelihood => {
            "This loss looks only at the log-probability of the target class, and falls as that grows.".into()
        }
        _ => return None,
    })
}

/// The output neuron at the subject's own place.
fn own(voice: Voice<'_>, group: &Group<'_>) -> Sentence {
    let own = Neuron { tensor: group.link.layer.output, at: voice.subject.at };
    voice.name(own)
}

/// The partial derivative of a loss.
fn partial(group: &Group<'_>, kind: FactorKind) -> Option<f64> {
    let term = group.only()?;
    term.contribution.factors.iter().find(|factor| factor.kind == kind).map(|factor| factor.value)
}

fn squared_error(voice: Voice<'_>, group: &Group<'_>) -> Option<Sentence> {
    let slope = partial(group, FactorKind::Jacobian)?;
    let me = voice.with_value(voice.subject);
    Some(match slope {
        _ if slope > 0.0 => me.say(" lies above its target, so raising it makes the squared distance grow."),
        _ if slope < 0.0 => {
            me.say(" lies below its target, so raising it makes the squared distance shrink: the sign is negative.")
        }
        _ => me.say(" is right on its target, the lowest point of the squared distance, which is flat there."),
    })
}

/// The probability that the softmax of a cross-entropy gives the subject, along axis 0 of a vector and axis 1 of anything else.
fn probability(voice: Voice<'_>, group: &Group<'_>) -> Option<f64> {
    let run = voice.backprop.layer_run(group.link.number);
    let scores = run.input();
    let axis = usize::from(scores.shape().rank() > 1);
    let (_, n, inner) = scores.shape().around(axis);
    let first = voice.subject.at - (voice.subject.at / inner) % n * inner;
    let row = || (0..n).map(|class| scores.value(first + class * inner));
    let largest = row().fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = row().map(|score| libm::exp(score - largest)).sum();
    Some(libm::exp(scores.value(voice.subject.at) - largest) / total)
}

fn cross_entropy(voice: Voice<'_>, group: &Group<'_>) -> Option<Sentence> {
    let slope = partial(group, FactorKind::Jacobian)?;
    let p = probability(voice, group)?;
    let gives = Sentence::from("The softmax gives ").then(voice.subject()).say(format!(" a probability of {}", number(p)));
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-9;
    Some(if near(slope, p - 1.0) {
        gives.say(format!(", and the target wants 1, so the loss moves with it at {} − 1, about {}.", number(p), number(slope)))
    } else if near(slope, p) {
        gives.say(format!(", and the target wants 0, so the loss moves with it at just that, {}.", number(slope)))
    } else if slope < 0.0 {
        gives.say(", and the target wants more, so raising it lowers the loss.")
    } else if slope > 0.0 {
        gives.say(", and the target wants less, so raising it raises the loss.")
    } else {
        gives.say(", just what the target wants.")
    })
}

fn binary(voice: Voice<'_>, group: &Group<'_>) -> Option<Sentence> {
    let slope = partial(group, FactorKind::Jacobian)?;
    let z = voice.value(voice.subject);
    let gives = Sentence::from("The sigmoid of ")
        .then(voice.with_value(voice.subject))
        .say(format!(" gives a probability of {}", number(crate::ops::Activation::Sigmoid.value(z))));
    Some(if slope < 0.0 {
        gives.say(", and the target wants more, so raising it lowers the loss.")
    } else {
        gives.say(", and the target wants less, so raising it raises the loss.")
    })
}
