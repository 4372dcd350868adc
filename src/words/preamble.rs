//! What is to be known of an op before its terms make sense.

use super::narration::Narration;
use super::sections::Group;
use super::sentence::Sentence;
use crate::ops::{FactorKind, OpKind, OperandRole};
use crate::tensor::Element;
use crate::tensor::numerals::{form, fraction};

/// Says how the op moves, where that needs saying before its terms make sense.
pub(super) fn preamble(narration: Narration<'_>, group: &Group<'_>) -> Option<Sentence> {
    if !matches!(group.link.role, OperandRole::Input(_)) || group.nonzero.n == 0 {
        return None;
    }
    match group.link.kind {
        OpKind::Coupled if group.total.is_nan() => Some(
            "There is a NaN among the numbers, so nobody can say how fast anything moves here."
                .into(),
        ),
        OpKind::Coupled if group.link.layer.op.couples() => {
            (group.n_senders > 1).then(|| together(narration, group))
        }
        OpKind::AveragePool => (!group.total.is_nan()).then(|| average(narration, group)),
        OpKind::Loss => slope(narration, group).or_else(|| in_general(narration, group)),
        OpKind::Linear
        | OpKind::Convolution
        | OpKind::TransposedConvolution
        | OpKind::MaxPool
        | OpKind::Elementwise
        | OpKind::Rearrangement
        | OpKind::Addition
        | OpKind::Product
        | OpKind::Quotient
        | OpKind::MatrixProduct
        | OpKind::Coupled
        | OpKind::Mask
        | OpKind::Reduction => in_general(narration, group),
    }
}

/// Says where the slope of a loss comes from, to which its terms refer, where that can be said.
pub(super) fn slope(narration: Narration<'_>, group: &Group<'_>) -> Option<Sentence> {
    let factors = &group.only()?.contribution.factors;
    let slope = factors
        .iter()
        .find(|factor| factor.kind == FactorKind::Jacobian)?
        .value;
    let run = narration.backprop.layer_run(group.link.number);
    let op = &group.link.layer.op;
    let words = op.on_slope(&run, narration.subject.at, slope)?;
    if group.total.is_nan() {
        return Some("With a NaN among the numbers, the slope of the loss is NaN.".into());
    }
    Some(narration.fill(&words, |_| None))
}

/// Says what the op's row says of it.
fn in_general(narration: Narration<'_>, group: &Group<'_>) -> Option<Sentence> {
    let words = group.link.phrases().preamble;
    (!words.is_empty() && !group.total.is_nan()).then(|| narration.fill(words, |_| None))
}

/// Says what an input moves beside the output in its own place.
fn together(narration: Narration<'_>, group: &Group<'_>) -> Sentence {
    let own = Element {
        tensor: group.link.layer.output,
        at: narration.subject.at,
    };
    let others = form(group.n_senders - 1, "the other", "all the others");
    narration.fill(group.link.phrases().coupled, |place| match place {
        "own" => Some(narration.name(own)),
        "others" => Some(others.into()),
        _ => None,
    })
}

fn average(narration: Narration<'_>, group: &Group<'_>) -> Sentence {
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
        .then(narration.subject())
        .say(format!(" makes up {share} of "))
        .then(narration.contributor(term))
        .say(".")
}
