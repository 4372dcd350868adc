//! A neuron's gradient beside what a nudge of it does to the loss.

use unicode_width::UnicodeWidthStr;

use super::{Line, Session, Sheet, TextRole};
use crate::backprop::{Check, Verdict, verify};
use crate::cancel::Cancelled;
use crate::tensor::{Element, rounded};
use crate::words;

/// Enough significant digits to see what a nudge does.
const DIGITS: usize = 10;
/// How many significant digits a slope has.
const SLOPE_DIGITS: usize = 6;

/// Nudges a neuron up and down, and shows the losses, the slopes between them and the gradient.
///
/// # Errors
/// It was given up.
pub(super) fn check(session: &Session, element: Element) -> Result<Sheet, Cancelled> {
    let backprop = session.backprop();
    let check = verify(backprop, element, &session.cancel)?;
    let name = session.network().address(element).to_string();
    let words = words::nudges(backprop, &check);
    let words: Vec<String> = words
        .iter()
        .map(ToString::to_string)
        .filter(|sentence| !sentence.is_empty())
        .collect();
    let prose = Line::from(words.join(" ")).prose();
    let loss = Line::default()
        .then(words::loss(backprop).to_string(), TextRole::Quiet)
        .prose();
    let lines = losses(session, &name, &check)
        .into_iter()
        .chain([Line::default()])
        .chain(slopes(&check));
    Ok(Sheet::text(
        format!(
            "is {} the slope of the loss at {name}?",
            rounded(check.gradient, SLOPE_DIGITS)
        ),
        lines.chain([Line::default(), prose, Line::default(), loss]),
    ))
}

/// The values of the neuron that were tried, with the loss at each.
fn losses(session: &Session, name: &str, check: &Check) -> Vec<Line> {
    let value = session.backprop().tape().element(check.element);
    let [below, as_it_is, above] = check.losses;
    let rows = match check.nudge {
        0.0 => vec![(value, as_it_is, "as it is")],
        nudge => vec![
            (value + nudge, above, "a little higher"),
            (value, as_it_is, "as it is"),
            (value - nudge, below, "a little lower"),
        ],
    };
    let texts: Vec<(String, String, &str)> = rows
        .into_iter()
        .map(|(value, loss, says)| (rounded(value, DIGITS), rounded(loss, DIGITS), says))
        .collect();
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
    let head = Line::default().then(format!("{}   loss", pad(name, left)), TextRole::Quiet);
    let rows = texts.iter().map(|(value, loss, says)| {
        Line::from(format!("{}   {}   ", pad(value, left), pad(loss, right)))
            .then((*says).to_owned(), TextRole::Quiet)
    });
    std::iter::once(head).chain(rows).collect()
}

/// The slopes that the losses show, and what backprop says.
fn slopes(check: &Check) -> Vec<Line> {
    let number = |value| rounded(value, SLOPE_DIGITS);
    let (sign, role) = match check.verdict {
        Verdict::Right => ("✓", TextRole::Right),
        Verdict::Wrong => ("✗", TextRole::Wrong),
        Verdict::Kink(_) => ("at a kink", TextRole::Note),
        Verdict::NotFinite | Verdict::Immovable | Verdict::Unmeasurable => {
            ("no slope", TextRole::Note)
        }
    };
    let row = |name: &str, value: f64| {
        Line::from(format!("{name:<16}")).then(number(value), TextRole::Strong)
    };
    let mut lines = match check.verdict {
        Verdict::Kink(_) => vec![
            row("slope above", check.sides[1]),
            row("slope below", check.sides[0]),
        ],
        Verdict::Right | Verdict::Wrong => vec![row("slope", check.quotient)],
        Verdict::NotFinite | Verdict::Immovable | Verdict::Unmeasurable => Vec::new(),
    };
    lines.push(row("backprop says", check.gradient).then(format!("  {sign}"), role));
    lines
}
