//! What is said of numbers that are rounded to a format: how much that changes them, and what is
//! lost.

use super::narration::Narration;
use super::sections::Group;
use super::sentence::{Sentence, listed};
use crate::backprop::{Backprop, Swamped};
use crate::diagnostic::list;
use crate::health::{GREATEST_LOSS_SCALE, Most, RangeLoss, RunLoss, ScaleAdvice};
use crate::tensor::numerals::{apart, count, form, number};
use crate::tensor::{Arithmetic, OutOfRange, Precision, exact, rounded};

/// The significant digits of a size.
const DIGITS: usize = 3;
/// More room than this is not told.
const MOST_TIMES: f64 = 1000.0;
/// So many swamped terms are named.
const MOST_NAMED: usize = 3;

/// Says what became of the sum of the subject's terms as it was rounded.
pub(super) fn rounded_sum(narration: Narration<'_>, groups: &[Group<'_>]) -> Vec<Sentence> {
    let backprop = narration.backprop;
    let Arithmetic {
        precision,
        loss_scale,
    } = backprop.arithmetic();
    let mut said = Vec::new();
    if precision.rounds() {
        said.extend(becomes(narration));
        said.extend(without_rounding(narration));
        said.extend(swamped(narration, groups));
    }
    if loss_scale != 1.0 {
        said.push(unscaled(narration));
    }
    said
}

/// `In f16 that is 0: ...`
fn becomes(narration: Narration<'_>) -> Option<Sentence> {
    let backprop = narration.backprop;
    let precision = backprop.arithmetic().precision;
    let (sum, stored) = (
        backprop.before_rounding(narration.subject),
        backprop.element(narration.subject),
    );
    let name = precision.name();
    Some(match backprop.out_of_range(narration.subject) {
        Some(OutOfRange::Flushed) => Sentence::from(format!(
            "In {name} that is 0: the smallest number above 0 is {}, and {} is not even half of \
             that. It is flushed.",
            rounded(precision.smallest(), DIGITS),
            number(sum)
        )),
        Some(OutOfRange::Overflowed) => Sentence::from(format!(
            "In {name} that is {}: the largest number is {}. It overflows.",
            number(stored),
            number(precision.largest())
        )),
        None if sum == stored || !(sum - stored).is_finite() => return None,
        None => Sentence::from(format!(
            "Rounded to {name} it is {}, {} {}.",
            apart(stored, sum),
            change(sum, stored),
            if stored.abs() > sum.abs() {
                "more"
            } else {
                "less"
            }
        )),
    })
}

/// How much a number is changed, relative to its size.
fn change(from: f64, to: f64) -> String {
    format!("{} %", rounded(((to - from) / from).abs() * 100.0, 2))
}

/// Says what the gradient would be if nothing was rounded anywhere, where that is another.
fn without_rounding(narration: Narration<'_>) -> Option<Sentence> {
    let (backprop, subject) = (narration.backprop, narration.subject);
    let exact = backprop.unrounded().element(subject);
    let (sum, stored) = (backprop.before_rounding(subject), backprop.element(subject));
    if number(exact) == number(sum) {
        return None;
    }
    let is_lost_before = sum == 0.0 || !sum.is_finite();
    let begin = format!("Without any rounding it would be {}", apart(exact, stored));
    Some(match is_lost_before {
        true => Sentence::from(begin).say(": the rest is lost on the way here."),
        false => Sentence::from(begin).say("."),
    })
}

/// Names the terms that change nothing.
fn swamped(narration: Narration<'_>, groups: &[Group<'_>]) -> Option<Sentence> {
    let backprop = narration.backprop;
    let precision = backprop.arithmetic().precision;
    let swamped = backprop.swamped(narration.subject);
    let total = backprop.element(narration.subject);
    let n_terms: usize = groups.iter().map(|group| group.n_terms).sum();
    if swamped.n == 0 || n_terms < 2 {
        return None;
    }
    let Swamped {
        n,
        sum,
        also_together,
        added_in_format,
        ..
    } = swamped;
    let named = groups.iter().flat_map(|group| {
        let (terms, _) = group.nonzero.named();
        terms.iter()
    });
    let named = named.filter(|term| {
        term.number
            .is_some_and(|number| swamped.numbers.contains(&number))
    });
    let named: Vec<Sentence> = named
        .take(MOST_NAMED + 1)
        .map(|term| {
            let what = format!("{} from ", number(term.product));
            Sentence::from(what).then(narration.contributor(term))
        })
        .collect();
    let which = match named.len() == n && n <= MOST_NAMED {
        true => listed(named).say(form(n, " is", " are")),
        false => format!("{} of the terms are", count(n)).into(),
    };
    let step = rounded(precision.step_above(total), DIGITS);
    let said = which.capitalised().say(format!(
        " swamped: {} goes in steps of {step} from {} on, and without {} the gradient would be the \
         same.",
        precision.name(),
        apart(
            total.abs(),
            backprop.before_rounding(narration.subject).abs()
        ),
        form(n, "it", "any one of them"),
    ));
    let together = (n > 1 && !also_together)
        .then(|| format!(" Together they make {}, which does change it.", number(sum)));
    let in_format = (added_in_format != total && !added_in_format.is_nan()).then(|| {
        format!(
            " Who adds the terms in {} itself, one after the other, gets {}.",
            precision.name(),
            number(added_in_format)
        )
    });
    let more: String = together.into_iter().chain(in_format).collect();
    Some(said.say(more))
}

/// Says what the gradient is without the loss scale.
fn unscaled(narration: Narration<'_>) -> Sentence {
    let backprop = narration.backprop;
    let scale = backprop.arithmetic().loss_scale;
    let gradient = backprop.element(narration.subject);
    Sentence::from(format!(
        "All gradients are {} times as large, since the loss is scaled; divided by it this one is \
         {}.",
        exact(scale),
        number(gradient / scale)
    ))
}

/// How a number that is too large for the run's format is told of, after `x is ∞`.
pub(super) fn overflows(backprop: &Backprop, exact: f64) -> String {
    let precision = backprop.arithmetic().precision;
    let largest = number(precision.largest());
    let name = precision.name();
    match precision.round(exact).is_infinite() && exact.is_finite() {
        true => format!(
            ": it would be {}, and the largest number of {name} is {largest}.",
            number(exact)
        ),
        // Without rounding on the way it would have been small enough.
        false => format!(": rounded, it is more than {largest}, the largest number of {name}."),
    }
}

/// Says what rounding has lost of a run.
pub(super) fn run(backprop: &Backprop, loss: &RunLoss) -> String {
    let precision = backprop.arithmetic().precision;
    let name = precision.name();
    let range = [
        left(backprop, loss.values, "value", loss.most[0]),
        left(backprop, loss.gradients, "gradient", loss.most[1]),
    ];
    let range: Vec<String> = range.into_iter().flatten().collect();
    let mut said = match range.is_empty() {
        true => format!("In {name} no number is flushed to 0, and none overflows."),
        false => format!(
            "In {name} {}: its numbers reach from {} to {}.",
            range.join("; "),
            rounded(precision.smallest(), DIGITS),
            rounded(precision.largest(), DIGITS)
        ),
    };
    let all = loss.values.0 + loss.gradients.0;
    let others = [(all.n_zero, "0"), (all.n_not_finite, "NaN or infinite")];
    let others = others.into_iter().filter(|(n, _)| *n > 0);
    let others: Vec<String> = others
        .map(|(n, what)| format!("{n} more {} {what}", form(n, "is", "are")))
        .collect();
    if !others.is_empty() {
        said += &format!(" {}, and would not be so in f64.", list(&others, "and"));
    }
    said += &loss
        .advice
        .map_or(String::new(), |advice| advised(backprop, loss, advice));
    let (n, n_terms) = (loss.terms.n_swamped, loss.terms.n);
    if n > 0 {
        said += &format!(
            " {n} of {n_terms} terms {} swamped{}: without {} the gradient that it is added to \
             would be the same.",
            form(n, "is", "are"),
            at_most(backprop, loss.most[2]),
            form(n, "it", "each of them"),
        );
    }
    said
}

/// `, most in fc.weight`.
fn at_most(backprop: &Backprop, most: Option<Most>) -> String {
    most.map_or(String::new(), |Most { tensor, is_all }| {
        let name = &backprop.network().tensor(tensor).name;
        let most = if is_all { "" } else { "most " };
        format!(", {most}in {name}")
    })
}

/// `2 of 13 gradients are flushed to 0, most in x`.
fn left(
    backprop: &Backprop,
    (lost, of): (RangeLoss, usize),
    what: &str,
    most: Option<Most>,
) -> Option<String> {
    let what = format!("{what}{}", form(of, "", "s"));
    let flushed = (lost.n_flushed > 0).then(|| {
        let n = lost.n_flushed;
        format!("{n} of {of} {what} {} flushed to 0", form(n, "is", "are"))
    });
    let overflowed = (lost.n_overflowed > 0).then(|| {
        let n = lost.n_overflowed;
        let who = match flushed {
            Some(_) => n.to_string(),
            None => format!("{n} of {of} {what}"),
        };
        format!("{who} {} overflowed", form(n, "has", "have"))
    });
    let parts: Vec<String> = flushed.into_iter().chain(overflowed).collect();
    (!parts.is_empty()).then(|| list(&parts, "and") + &at_most(backprop, most))
}

/// Says which loss scale is safe, or what is lost with the best one.
fn advised(backprop: &Backprop, loss: &RunLoss, advice: ScaleAdvice) -> String {
    let ScaleAdvice { lost, room, .. } = advice;
    let scale = exact(advice.loss_scale);
    let place = if advice.is_in_use {
        ", which is in use,"
    } else {
        ""
    };
    let with = format!("With loss_scale {scale}{place}");
    let times = exact(room.floor().min(MOST_TIMES));
    if advice.is_safe() {
        let overflows = loss.gradients.0.n_overflowed > 0;
        let none = if overflows { ", none overflows" } else { "" };
        return format!(
            " {with} no gradient is flushed{none}, and gradients {times} times as large would fit."
        );
    }
    if lost.n_left() == 0 {
        return format!(
            " {with} no gradient is flushed and none overflows, but there is little room: \
             gradients {} times as large would not fit.",
            rounded((room * 1.1).ceil(), 2)
        );
    }
    let of = loss.gradients.1;
    let still = left(backprop, (lost, of), "gradient", None).unwrap_or_default();
    format!(
        " No loss_scale from 1 to {} is safe: with {scale}, the best, {still}.",
        exact(GREATEST_LOSS_SCALE)
    )
}

/// How a run's arithmetic is told of beside a place: `f16 × 1024`; nothing of plain f64.
pub fn arithmetic(arithmetic: Arithmetic) -> Option<String> {
    let Arithmetic {
        precision,
        loss_scale,
    } = arithmetic;
    match (precision, loss_scale == 1.0) {
        (Precision::F64, true) => None,
        (_, true) => Some(precision.name().to_owned()),
        (_, false) => Some(format!(
            "{}, loss × {}",
            precision.name(),
            exact(loss_scale)
        )),
    }
}
