//! What is plotted, and on which axis.

use super::address::{address, addresses_of};
use super::error::ParseError;
use super::parameter::{Argument, ArgumentKind, MOST};
use super::part::Part;
use crate::debugger::{Axis, Plot, Plotted, Session};
use crate::tensor::Element;

/// The words for an axis.
const AXES: [(&str, Axis); 2] = [("log", Axis::Logarithmic), ("linear", Axis::Linear)];

/// A tensor or an element, an axis, or both.
pub(in crate::debugger) const PLOT: ArgumentKind = ArgumentKind {
    usage: "ADDRESS|log|linear",
    expected: "what to plot",
    hint: "as in `curve fc.weight[0,0]`, `curve fc.weight` or `curve log`",
    read: |part, session| plot(part, session).map(Argument::Plot),
    complete: |text, session| {
        let start = match text.rsplit_once(char::is_whitespace) {
            Some((before, last)) if !before.trim().is_empty() => text.len() - last.len(),
            _ => 0,
        };
        let axes = AXES.into_iter().map(|(word, _)| word.to_owned());
        let axes = axes.filter(|word| word.starts_with(&text[start..]));
        let addresses = addresses_of(text, session, |_| true).filter(|_| start == 0);
        (start, axes.chain(addresses).take(MOST).collect())
    },
};

fn plot(part: Part<'_>, session: &Session) -> Result<Plot, ParseError> {
    let part = part.trimmed();
    let last = part.text.rsplit(char::is_whitespace).next();
    let named = AXES.into_iter().find(|(word, _)| last == Some(*word));
    let (what, axis) = match named {
        Some((word, axis)) => (part.apart(part.text.len() - word.len()).0, Some(axis)),
        None => (part, None),
    };
    let what = what.trimmed();
    let of = match what.text {
        "" => None,
        _ => Some(plotted(what, session)?),
    };
    Ok(Plot { of, axis })
}

fn plotted(part: Part<'_>, session: &Session) -> Result<Plotted, ParseError> {
    let (tensor, at) = address(part, session)?;
    let n_elements = session.network().tensor(tensor).shape.numel();
    Ok(match at.or_else(|| (n_elements == 1).then_some(0)) {
        Some(at) => Plotted::Element(Element { tensor, at }),
        None => Plotted::Tensor(tensor),
    })
}
