//! The sentences about a submission that all formats share.

use super::writer::Expected;
use crate::diagnostic::{Diagnostic, list, visible};
use crate::marking::{
    Cause, Diagnosis, Follows, Kept, Marked, Problem, Stage, Status, Submission, TensorReport,
    Uncompared, Unreadable, Verdict,
};
use crate::tape::Network;
use crate::tensor::numerals::apart;
use crate::tensor::{Address, rounded};
use crate::text::wrapped;
use crate::words::{self, Disclosure};

/// How many explanations are told; the others are counted.
const MOST_EXPLANATIONS: usize = 3;

/// The explanations in words, the first line and those below it. `says` tells one of them in a
/// clause that fits after "you", where it may be told.
fn why(
    report: &TensorReport,
    says: impl Fn(&Diagnosis) -> Option<String>,
) -> (String, Vec<String>) {
    let told = report.diagnosis.iter();
    let told: Vec<(&Diagnosis, String)> = told.filter_map(|one| Some((one, says(one)?))).collect();
    match &told[..] {
        [] if !report.diagnosis.is_empty() => (String::new(), Vec::new()),
        [] if report.wrong == 0 => (String::new(), Vec::new()),
        _ if report.kept.is_some() => (String::new(), Vec::new()),
        [] if let Some(follows) = report.follows => {
            let from = match follows {
                Follows::Mistake => "the mistake named above",
                Follows::Factor => "the factor named above",
                Follows::Earlier => "your earlier numbers",
            };
            (format!("as it follows from {from}"), Vec::new())
        }
        [] if report.wrong == 1 && (report.correct > 1 || has_other_sign(report)) => {
            ("one number is off".to_owned(), Vec::new())
        }
        [] => {
            // One that gives the wrong numbers alone may have been dropped for the right ones.
            let and = if report.correct > 0 {
                " and the right ones"
            } else {
                ""
            };
            let says = format!("no slip that is known gives these numbers{and}");
            (says, Vec::new())
        }
        [(one, says)] => (format!("you {says}{}", but(one)), Vec::new()),
        [(first, _), ..] => (
            format!(
                "you did one of these things, and this scenario cannot tell which{}:",
                but(first)
            ),
            listed(told),
        ),
    }
}

fn listed(several: Vec<(&Diagnosis, String)>) -> Vec<String> {
    let n_more = several.len().saturating_sub(MOST_EXPLANATIONS);
    let more = (n_more > 0).then(|| format!("and {n_more} more"));
    let told = several.into_iter().map(|(_, says)| says);
    told.take(MOST_EXPLANATIONS).chain(more).collect()
}

/// What is to be added to an explanation that some right numbers contradict.
fn but(one: &Diagnosis) -> String {
    let n_right = one.n_right();
    match one.contradicts() {
        0 => String::new(),
        n => format!(" (which would make {n} of your {n_right} right numbers wrong)"),
    }
}

/// The address of a number: `pool[1,0]`, or `loss` for a scalar.
pub(super) fn address(tensor: &str, index: &[usize]) -> String {
    let address = Address {
        tensor: tensor.to_owned(),
        index: (!index.is_empty()).then(|| index.into()),
    };
    address.to_string()
}

/// What became of a tensor's numbers: `3 of 4 right, 1 blank`.
pub(super) fn count(tensor: &TensorReport) -> String {
    let TensorReport {
        correct,
        carried,
        blank,
        unreadable,
        total,
        ..
    } = *tensor;
    let mut parts = Vec::new();
    match total {
        1 if blank == 1 => return "left blank".to_owned(),
        1 if unreadable == 1 => return "unreadable".to_owned(),
        _ if blank == total => return format!("all {total} left blank"),
        _ if unreadable == total => return format!("all {total} unreadable"),
        1 if correct == 1 => parts.push("right".to_owned()),
        1 if carried == 0 => parts.push("wrong".to_owned()),
        1 => {}
        _ if correct == total => parts.push(format!("all {total} right")),
        _ => parts.push(format!("{correct} of {total} right")),
    }
    match (carried, total) {
        (0, _) => {}
        (n, _) if let Some(kept) = &tensor.kept => parts.push(why_kept(n, kept)),
        (1, 1) => {
            parts.push("follows rightly from your earlier numbers: method marks kept".to_owned())
        }
        (1, _) => {
            parts.push("1 follows rightly from your earlier numbers: method marks kept".to_owned())
        }
        (n, _) => parts.push(format!(
            "{n} follow rightly from your earlier numbers: method marks kept"
        )),
    }
    if blank > 0 {
        parts.push(format!("{blank} left blank"));
    }
    if unreadable > 0 {
        parts.push(format!("{unreadable} unreadable"));
    }
    parts.join("; ")
}

/// What is said of numbers that keep their marks though they are neither right nor follow from
/// others.
fn why_kept(n: usize, kept: &Kept) -> String {
    match (kept, n) {
        (Kept::Repeats(first), 1) => {
            format!("1 comes of the same mistake as in {first}: it is taken off once")
        }
        (Kept::Repeats(first), n) => {
            format!("{n} come of the same mistake as in {first}: it is taken off once")
        }
        (Kept::BeforeTheActivation, 1) => {
            "1 is the gradient before the activation, dL/dz: method marks kept".to_owned()
        }
        (Kept::BeforeTheActivation, n) => {
            format!("{n} are the gradient before the activation, dL/dz: method marks kept")
        }
    }
}

/// The first wrong number beside the right one: `pool[1,0] is 36, expected 4`.
pub(super) fn first_wrong(network: &Network, report: &TensorReport) -> Option<String> {
    let first = report.first_wrong?;
    let sign = match has_other_sign(report) {
        true => ", the other sign",
        false => "",
    };
    Some(format!(
        "{} is {}, expected {}{sign}",
        network.address(first.element),
        apart(first.yours, first.expected),
        apart(first.expected, first.yours)
    ))
}

/// Whether a single number is wrong, by its sign.
fn has_other_sign(report: &TensorReport) -> bool {
    let has_it = report.first_wrong.is_some_and(|first| first.has_other_sign);
    has_it && report.wrong == 1 && report.diagnosis.is_empty()
}

/// The first wrong number alone: `pool[1,0] is 36`.
pub(super) fn first_wrong_alone(network: &Network, report: &TensorReport) -> Option<String> {
    let first = report.first_wrong?;
    Some(format!(
        "{} is {}",
        network.address(first.element),
        words::number(first.yours)
    ))
}

/// All that is said of a tensor, as a sentence and the lines below it.
pub(super) fn tensor(
    network: &Network,
    report: &TensorReport,
    expected: Expected,
) -> (String, Vec<String>) {
    let first = wrong(network, report, expected);
    let (mut says, mut lines) = explained(report, first, |one| {
        Some(words::diagnosis(network, one, disclosure(expected)))
    });
    if let Some(question) = question(network, report).filter(|_| expected == Expected::Hidden) {
        match lines.is_empty() {
            true => says = format!("{says}. {question}"),
            false => lines.push(question),
        }
    }
    (says, lines)
}

/// The first wrong number, beside the right one where that is told.
pub(super) fn wrong(
    network: &Network,
    report: &TensorReport,
    expected: Expected,
) -> Option<String> {
    match expected {
        Expected::Shown => first_wrong(network, report),
        Expected::Hidden => first_wrong_alone(network, report),
    }
}

/// What may be told of what was done.
pub(super) fn disclosure(expected: Expected) -> Disclosure {
    match expected {
        Expected::Shown => Disclosure::All,
        Expected::Hidden => Disclosure::Nothing,
    }
}

/// What to ask oneself of the first wrong number, in the place of the right one.
pub(super) fn question(network: &Network, report: &TensorReport) -> Option<String> {
    let at = network.address(report.first_wrong?.element);
    let cause = report.diagnosis.first().map(|one| &one.cause);
    Some(match cause {
        None => format!("Which numbers does {at} feed, and what comes back from each?"),
        Some(Cause::Term(_)) => format!("Which terms does {at} have, and with which signs?"),
        Some(Cause::Swapped(_)) => format!("Which number belongs at {at}?"),
        Some(Cause::Rules(followed)) => {
            match followed
                .hypothesis
                .choices()
                .first()
                .map(|choice| choice.slip.stage())
            {
                Some(Stage::Term) => {
                    format!("By what is each gradient multiplied on its way back to {at}?")
                }
                Some(Stage::Sum) => format!("What becomes of all that comes back to {at}?"),
                Some(Stage::Placement) | None => format!("Which number belongs at {at}?"),
            }
        }
    })
}

/// What became of a tensor's numbers, with its first wrong one and what explains them, as a
/// sentence and the lines below it.
pub(super) fn explained(
    report: &TensorReport,
    first_wrong: Option<String>,
    says: impl Fn(&Diagnosis) -> Option<String>,
) -> (String, Vec<String>) {
    let (why, lines) = why(report, says);
    let said: Vec<String> = [count(report)].into_iter().chain(first_wrong).collect();
    let said = said.join("; ");
    (
        if why.is_empty() {
            said
        } else {
            format!("{said}: {why}")
        },
        lines,
    )
}

/// All that is said of a tensor, line by line.
pub(super) fn tensor_text(network: &Network, report: &TensorReport, expected: Expected) -> String {
    let (first, lines) = tensor(network, report, expected);
    [first]
        .into_iter()
        .chain(lines.into_iter().map(|line| format!("- {line}")))
        .collect::<Vec<_>>()
        .join("\n")
}

/// What a whole submission comes to: `wrong, 75 %`.
pub(super) fn verdict(submission: &Submission) -> String {
    if submission.verdict == Verdict::Missing {
        return verdict_name(submission.verdict).to_owned();
    }
    let reasons = submission.problems.iter().filter_map(Problem::uncompared);
    let is_part = reasons
        .map(|(_, why)| why)
        .any(|why| why == Uncompared::Name);
    // What has no name of the scenario's has no points either.
    let of = match is_part && submission.score > 0.0 {
        true => " of what was compared",
        false => "",
    };
    format!(
        "{}, {}{of}",
        verdict_name(submission.verdict),
        percent(submission.score)
    )
}

/// How much of what it has is right, where it need not have everything: `13 of 13 given are right;
/// 40 not given`.
pub(super) fn part(submission: &Submission) -> Option<String> {
    let is_right = |tensor: &&TensorReport| tensor.status == Status::Correct;
    let n_right = submission.tensors.iter().filter(is_right).count();
    let (n, n_not_given) = (submission.tensors.len(), submission.n_not_given);
    (n_not_given > 0 && n > 0)
        .then(|| format!("{n_right} of {n} given are right; {n_not_given} not given"))
}

/// What is to be known before its marks.
pub(super) fn remarks(marked: &Marked, disclosure: Disclosure) -> Vec<String> {
    let remarks = marked.remarks();
    let said = remarks.map(|(network, remark)| words::remark(network, remark, disclosure));
    said.map(|said| visible(&said).into_owned()).collect()
}

/// What is to be known before its marks, and what could not be read of it.
pub(super) fn problems(marked: &Marked, disclosure: Disclosure) -> Vec<String> {
    let submission = &marked.submission;
    let error = submission.error.as_ref().map(|error| match error {
        Unreadable::Missing | Unreadable::NoAnswer { .. } => visible(&error.to_string()).into(),
        error => format!("cannot be read: {}", visible(&unreadable(error))),
    });
    let problems = submission
        .problems
        .iter()
        .map(|problem| match problem.is_read() {
            true => visible(&problem.to_string()).into_owned(),
            false => format!("not marked: {}", visible(&problem.to_string())),
        });
    remarks(marked, disclosure)
        .into_iter()
        .chain(error)
        .chain(problems)
        .collect()
}

/// Why a file cannot be marked, in one line, with its place and a hint.
pub(crate) fn unreadable(error: &Unreadable) -> String {
    let Unreadable::Answer(error) = error else {
        return error.to_string();
    };
    let problem = Diagnostic::from(error);
    let place = problem.place.map_or_else(String::new, |place| {
        let (line, column) = place.source.line_and_column(place.span.start);
        format!(", at line {line}, column {column}")
    });
    let hint = problem
        .hint
        .map_or_else(String::new, |hint| format!(" ({hint})"));
    format!("{}{place}{hint}", problem.message)
}

/// A verdict's name.
pub(super) fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Correct => "correct",
        Verdict::Wrong => "wrong",
        Verdict::Incomplete => "incomplete",
        Verdict::Unreadable => "unreadable",
        Verdict::Missing => "missing",
    }
}

/// A part of 1 in hundredths.
pub(super) fn percent(part: f64) -> String {
    format!("{} %", rounded(percentage(part), 4))
}

/// The same as it is written into a table of marks: to a tenth.
pub(crate) fn percentage(part: f64) -> f64 {
    steps(part, 1.0, 1000.0) / 10.0
}

/// Points as they are written into a table of marks, of so many that there are: to a hundredth.
pub(crate) fn hundredths(points: f64, of: f64) -> f64 {
    steps(points, of, 100.0) / 100.0
}

/// How many of so many steps a 1 has a part of something comes to. Only all of it is rounded to as
/// many as that has, and only nothing to none.
fn steps(part: f64, of: f64, per_one: f64) -> f64 {
    let (steps, most) = ((part * per_one).round(), of * per_one);
    let steps = if part < of {
        steps.min((most - 1.0).ceil())
    } else {
        steps
    };
    if part > 0.0 { steps.max(1.0) } else { steps }
}

/// `1 answer` or `3 answers`.
pub(super) fn counted(n: usize, noun: &str) -> String {
    if n == 1 {
        format!("1 {noun}")
    } else {
        format!("{n} {noun}s")
    }
}

/// `1 correct, 2 wrong and 1 unreadable`.
pub(super) fn verdicts<'a>(verdicts: impl Iterator<Item = (&'a Verdict, &'a usize)>) -> String {
    let parts: Vec<String> = verdicts
        .map(|(verdict, n)| format!("{n} {}", verdict_name(*verdict)))
        .collect();
    list(&parts, "and")
}

/// A paragraph in lines, each after the first indented.
pub(super) fn hanging(paragraph: &str, indent: usize, width: usize) -> String {
    wrapped(paragraph, width.saturating_sub(indent)).join(&format!("\n{}", " ".repeat(indent)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_rounded_to_all_or_to_nothing() {
        for (part, says) in [
            (1.0, "100 %"),
            (0.999_99, "99.9 %"),
            (0.999, "99.9 %"),
            (0.1234, "12.3 %"),
            (0.000_001, "0.1 %"),
            (0.0, "0 %"),
        ] {
            assert_eq!(percent(part), says);
        }
        for (points, of, written) in [
            (4.0, 4.0, 4.0),
            (3.999, 4.0, 3.99),
            (2.345, 4.0, 2.35),
            (0.001, 4.0, 0.01),
            (0.0, 4.0, 0.0),
            (4.0 / 3.0, 4.0 / 3.0, 1.33),
            (1.3333, 4.0 / 3.0, 1.33),
        ] {
            assert_eq!(hundredths(points, of), written, "{points} of {of}");
        }
    }
}
