//! A neuron's gradient beside what a nudge of it does to the loss.

use unicode_width::UnicodeWidthStr;

use super::{Line, Session, Sheet, Tone};
use crate::backprop::{Check, Verdict, verify};
use crate::tensor::{Element, rounded};
use crate::words;

/// Enough significant digits to see what a nudge does.
const DIGITS: usize = 10;
/// How many significant digits a slope has.
const SLOPE_DIGITS: usize = 6;

/// Nudges a neuron up and down, and shows the losses, the slopes between them and the gradient.
pub(super) fn check(session: &Session, element: Element) -> Sheet {
    let backprop = session.backprop();
    let check = verify(backprop, element);
    let name = session.network().address(element).to_string();
    let words = words::nudges(backprop, &check);
    let words: Vec<String> = words
        .iter()
        .map(ToString::to_string)
        .filter(|sentence| !sentence.is_empty())
        .collect();
    let prose = Line::from(words.join(" ")).prose();
    let loss = Line::default()
        .then(words::loss(backprop).to_string(), Tone::Quiet)
        .prose();
    let lines = losses(session, &name, &check)
        .into_iter()
        .chain([Line::default()])
        .chain(slopes(&check));
    Sheet::text(
        format!(
            "is {} the slope of the loss at {name}?",
            rounded(check.gradient, SLOPE_DIGITS)
        ),
        lines.chain([Line::default(), prose, Line::default(), loss]),
    )
}

/// The three values of the neuron with the loss at each.
fn losses(session: &Session, name: &str, check: &Check) -> Vec<Line> {
    let value = session.backprop().tape().element(check.element);
    let rows = [
        (value + check.nudge, check.losses[2], "a little higher"),
        (value, check.losses[1], "as it is"),
        (value - check.nudge, check.losses[0], "a little lower"),
    ];
    let texts =
        rows.map(|(value, loss, says)| (rounded(value, DIGITS), rounded(loss, DIGITS), says));
    let left = texts
        .iter()
        .map(|(value, ..)| value.width())
        .chain([name.width()])
        .max()
        .unwrap_or(0);
    let right = texts
        .iter()
        .map(|(_, loss, _)| loss.width())
        .max()
        .unwrap_or(0)
        .max(4);
    let pad = |text: &str, width: usize| {
        format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
    };
    let head = Line::default().then(format!("{}   loss", pad(name, left)), Tone::Quiet);
    let rows = texts.iter().map(|(value, loss, says)| {
        Line::from(format!("{}   {}   ", pad(value, left), pad(loss, right)))
            .then((*says).to_owned(), Tone::Quiet)
    });
    std::iter::once(head).chain(rows).collect()
}

/// The slopes that the losses show, and what backprop says.
fn slopes(check: &Check) -> Vec<Line> {
    let number = |value| rounded(value, SLOPE_DIGITS);
    let (sign, tone) = match check.verdict {
        Verdict::Right => ("✓", Tone::Right),
        Verdict::Wrong => ("✗", Tone::Wrong),
        Verdict::Kink(_) => ("at a kink", Tone::Note),
        Verdict::NotFinite => ("no slope", Tone::Note),
    };
    let row = |name: &str, value: f64| {
        Line::from(format!("{name:<16}")).then(number(value), Tone::Strong)
    };
    let mut lines = match check.verdict {
        Verdict::Kink(_) => vec![
            row("slope above", check.sides[1]),
            row("slope below", check.sides[0]),
        ],
        _ => vec![row("slope", check.quotient)],
    };
    lines.push(row("backprop says", check.gradient).then(format!("  {sign}"), tone));
    lines
}
