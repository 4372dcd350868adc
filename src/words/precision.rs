//! What is said of numbers that are rounded to a format: how much that changes them, and what is
//! lost.

use super::narration::Narration;
use super::sections::Group;
use super::sentence::{Sentence, listed};
use crate::backprop::{Backprop, OutOfRange, Swamped};
use crate::diagnostic::list;
use crate::health::{RangeLoss, RunLoss, Trial};
use crate::tensor::numerals::{apart, count, form, number};
use crate::tensor::{Arithmetic, Precision, TensorId, rounded};

/// The significant digits of a size.
const DIGITS: usize = 3;
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
        backprop.sum(narration.subject),
        backprop.element(narration.subject),
    );
    let name = precision.name();
    Some(match OutOfRange::of(sum, stored) {
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
        None if sum == stored || sum.is_nan() => return None,
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
    let (sum, stored) = (backprop.sum(subject), backprop.element(subject));
    if number(exact) == number(sum) {
        return None;
    }
    let is_lost_before = OutOfRange::of(exact, sum).is_some();
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
    if swamped.n == 0 || n_terms < 2 || total == 0.0 {
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
        number(total.abs()),
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
        number(scale),
        number(gradient / scale)
    ))
}

/// How a number that is too large for the run's format is told of, after `x is ∞`.
pub(super) fn overflows(backprop: &Backprop, exact: f64) -> String {
    let precision = backprop.arithmetic().precision;
    format!(
        ": it would be {}, and the largest number of {} is {}.",
        number(exact),
        precision.name(),
        number(precision.largest())
    )
}

/// Says what rounding has lost of a run.
pub(super) fn run(backprop: &Backprop, loss: &RunLoss) -> String {
    let precision = backprop.arithmetic().precision;
    let name = |tensor: Option<TensorId>| {
        let tensor = tensor.map(|tensor| &*backprop.network().tensor(tensor).name);
        tensor.map_or(String::new(), |name| format!(", most in {name}"))
    };
    let told = |(lost, of): (RangeLoss, usize), what: &str, most: Option<TensorId>| {
        let parts = [
            (lost.n_flushed, "flushed to 0"),
            (lost.n_overflowed, "overflowed"),
        ];
        let parts = parts.into_iter().filter(|(n, _)| *n > 0);
        let parts: Vec<String> = parts
            .enumerate()
            .map(|(nth, (n, how))| match nth {
                0 => format!("{n} of {of} {what} {} {how}", form(n, "is", "are")),
                _ => format!("{n} {how}"),
            })
            .collect();
        (!parts.is_empty()).then(|| list(&parts, "and") + &name(most))
    };
    let range = [
        told(loss.values, "values", loss.most[0]),
        told(loss.gradients, "gradients", loss.most[1]),
    ];
    let range: Vec<String> = range.into_iter().flatten().collect();
    let in_format = precision.name();
    let mut said = match range.is_empty() {
        true => format!("In {in_format} no number is flushed to 0, and none overflows."),
        false => format!(
            "In {in_format} {}: its numbers reach from {} to {}.",
            range.join("; "),
            rounded(precision.smallest(), DIGITS),
            rounded(precision.largest(), DIGITS)
        ),
    };
    said += &loss
        .best()
        .map_or(String::new(), |best| scaled(backprop, loss, best));
    let [n_terms, n] = loss.terms;
    if n > 0 {
        said += &format!(
            " {n} of {n_terms} terms {} swamped{}: without {} the gradient that {} added to would \
             be the same.",
            form(n, "is", "are"),
            name(loss.most[2]),
            form(n, "it", "each of them"),
            form(n, "it is", "it is"),
        );
    }
    said
}

/// Says what another loss scale would do.
fn scaled(backprop: &Backprop, loss: &RunLoss, best: Trial) -> String {
    let scale = number(best.loss_scale);
    let is_less = |trial: RangeLoss| {
        let n = |loss: RangeLoss| loss.n_flushed + loss.n_overflowed;
        n(trial) < n(loss.gradients.0)
    };
    let Trial { gradients, .. } = best;
    let still = [
        (gradients.n_flushed, "flushed"),
        (gradients.n_overflowed, "overflowed"),
    ];
    let still = still.into_iter().filter(|(n, _)| *n > 0);
    let still: Vec<String> = still.map(|(n, how)| format!("{n} {how}")).collect();
    if still.is_empty() {
        return match loss.gradients.0.n_overflowed {
            0 => format!(" With loss_scale {scale} no gradient is flushed."),
            _ => format!(" With loss_scale {scale} no gradient is flushed, and none overflows."),
        };
    }
    let are = list(&still, "and");
    match is_less(gradients) {
        true => format!(" With loss_scale {scale} only {are} of the gradients are left."),
        false => {
            let tried = backprop.arithmetic().precision;
            format!(
                " No loss_scale that was tried helps: with {scale} {are} in {}.",
                tried.name()
            )
        }
    }
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
            number(loss_scale)
        )),
    }
}
