//! What is said of the ops whose outputs all move when one input does, of averages, and of losses.

use super::number::{count, form, fraction, number, sum};
use super::outline::Group;
use super::sentence::Sentence;
use super::voice::Voice;
use crate::ops::{FactorKind, Family, Function, OperandRole, Sigmoid};
use crate::tensor::Element;

/// What a partial derivative is called among the factors of a term.
pub(super) fn jacobian(voice: Voice<'_>, family: Family) -> Sentence {
    match family {
        family if needs_preamble(family) => "that slope".into(),
        Family::BatchNorm { training: false } => "the fixed scale of its channel".into(),
        _ => Sentence::from("how fast it moves with ").then(voice.subject()),
    }
}

/// What a constant factor is.
pub(super) fn scale(family: Family, value: f64) -> Sentence {
    match family {
        Family::Dropout => format!(
            "{}, by which dropout scales up what it keeps",
            number(value)
        )
        .into(),
        _ if value > 0.0 && value < 1.0 => {
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
            format!("{part}, as it takes the mean{of}").into()
        }
        _ => number(value).into(),
    }
}

/// Whether the op's terms say "that slope" of what [`preamble`] has told.
pub(super) fn needs_preamble(family: Family) -> bool {
    matches!(
        family,
        Family::SquaredError | Family::CrossEntropy | Family::BinaryCrossEntropy
    )
}

/// Says how the op moves, where that needs saying before its terms make sense.
pub(super) fn preamble(voice: Voice<'_>, group: &Group<'_>) -> Option<Sentence> {
    if !matches!(group.link.role, OperandRole::Input(_)) || group.nonzero.n == 0 {
        return None;
    }
    if group.total.is_nan() {
        let why =
            "There is a NaN among the numbers, so nobody can say how fast anything moves here.";
        return matches!(
            group.link.family,
            Family::Softmax | Family::LogSoftmax | Family::LayerNorm | Family::BatchNorm { .. }
        )
        .then(|| why.into())
        .or_else(|| {
            needs_preamble(group.link.family)
                .then(|| "With a NaN among the numbers, the slope of the loss is NaN.".into())
        });
    }
    let me = voice.subject();
    let couples = group.n_senders > 1;
    let others = form(group.n_senders - 1, "the other", "all the others");
    match group.link.family {
        Family::Softmax | Family::LogSoftmax if couples => Some(
            Sentence::from("A softmax shares out a total of 1: raising ")
                .then(me)
                .say(" raises ")
                .then(own(voice, group))
                .say(format!(" and lowers {others}.")),
        ),
        Family::LayerNorm | Family::BatchNorm { training: true } if couples => Some(
            Sentence::from("A norm subtracts the mean and divides by the spread, and ")
                .then(me.clone())
                .say(" has a part in both. So raising it moves not only ")
                .then(own(voice, group))
                .say(format!(" but {others}, too.")),
        ),
        Family::BatchNorm { training: false } => {
            Some("With its statistics fixed, a batch norm only scales and shifts.".into())
        }
        Family::AveragePool => Some(average(voice, group)),
        Family::SquaredError => squared_error(voice, group),
        Family::CrossEntropy => cross_entropy(voice, group),
        Family::BinaryCrossEntropy => binary(voice, group),
        Family::NegativeLogLikelihood => {
            Some(me.say(" is the log-probability of the target class. The loss is its negative."))
        }
        _ => None,
    }
}

/// The output neuron at the subject's own place.
fn own(voice: Voice<'_>, group: &Group<'_>) -> Sentence {
    voice.name(Element {
        tensor: group.link.layer.output,
        at: voice.subject.at,
    })
}

fn average(voice: Voice<'_>, group: &Group<'_>) -> Sentence {
    let start = Sentence::from("An average has no winner");
    let Some(term) = group.only() else {
        return start.say(": whatever its value, every neuron of a window counts the same.");
    };
    let share = term.contribution.local();
    let share = if share == 1.0 {
        "all".to_owned()
    } else {
        fraction(share)
    };
    start
        .say(": whatever its value, ")
        .then(voice.subject())
        .say(format!(" makes up {share} of "))
        .then(voice.contributor(term))
        .say(".")
}

/// The partial derivative of a loss.
fn partial(group: &Group<'_>) -> Option<f64> {
    let factors = &group.only()?.contribution.factors;
    factors
        .iter()
        .find(|factor| factor.kind == FactorKind::Jacobian)
        .map(|factor| factor.value)
}

fn squared_error(voice: Voice<'_>, group: &Group<'_>) -> Option<Sentence> {
    let slope = partial(group)?;
    let side = if slope > 0.0 { "above" } else { "below" };
    let sign = if slope > 0.0 {
        ""
    } else {
        ", and negative because raising it brings it nearer"
    };
    Some(voice.with_value(voice.subject).say(format!(
        " lies {} {side} its target. The slope of a square is twice the distance{sign}: {}.",
        number((slope / 2.0).abs()),
        number(slope)
    )))
}

/// The probability that the softmax of a cross-entropy gives the subject, along axis 0 of a vector
/// and axis 1 of anything else.
fn probability(voice: Voice<'_>, group: &Group<'_>) -> f64 {
    let run = voice.backprop.layer_run(group.link.number);
    let scores = run.input();
    let axis = usize::from(scores.shape().rank() > 1);
    let (_, n, inner) = scores.shape().around(axis);
    let first = voice.subject.at - voice.subject.at / inner % n * inner;
    let row = || (0..n).map(|class| scores.value(first + class * inner));
    let largest = row().fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = row().map(|score| libm::exp(score - largest)).sum();
    libm::exp(scores.value(voice.subject.at) - largest) / total
}

fn cross_entropy(voice: Voice<'_>, group: &Group<'_>) -> Option<Sentence> {
    let p = probability(voice, group);
    let gives = Sentence::from("The softmax gives ")
        .then(voice.subject())
        .say(format!(" a probability of {}", number(p)));
    Some(probability_minus_target(voice, gives, p, partial(group)?))
}

fn binary(voice: Voice<'_>, group: &Group<'_>) -> Option<Sentence> {
    let p = Sigmoid.value(voice.value(voice.subject));
    let gives = Sentence::from("The sigmoid makes a probability of ")
        .say(number(p))
        .say(" of ")
        .then(voice.with_value(voice.subject));
    Some(probability_minus_target(voice, gives, p, partial(group)?))
}

fn probability_minus_target(voice: Voice<'_>, gives: Sentence, p: f64, slope: f64) -> Sentence {
    let target = [1.0, 0.0]
        .into_iter()
        .find(|target| (slope - (p - target)).abs() <= 1e-9);
    let said = match target {
        Some(target) => {
            let difference = if target == 0.0 {
                number(slope)
            } else {
                sum(&[p, -target], slope)
            };
            gives.say(format!(", and the target says {target}. The slope of the loss is the difference, {difference}"))
        }
        None => {
            let wants = if slope < 0.0 { "more" } else { "less" };
            gives.say(format!(
                ", and the target wants {wants}. The slope of the loss is {} there",
                number(slope)
            ))
        }
    };
    let way = if slope < 0.0 {
        " lowers the loss."
    } else {
        " raises the loss."
    };
    said.say(": raising ").then(voice.subject()).say(way)
}
