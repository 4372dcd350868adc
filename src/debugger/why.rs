//! Why a gradient is what it is, and why one neuron gets nothing from another.

use unicode_width::UnicodeWidthStr;

use super::{Choice, Line, Session, Sheet, TextRole};
use crate::cancel::Cancelled;
use crate::tensor::{Element, rounded};
use crate::words::{self, Chain, Paragraph};

/// How many significant digits a gradient in the list has.
const DIGITS: usize = 4;

/// Lists the chain of largest terms from a neuron to a gradient that is given, a line a neuron, and
/// says of a zero why it is one.
///
/// # Errors
/// It was given up.
pub(super) fn why(session: &Session, element: Element) -> Result<Sheet, Cancelled> {
    let backprop = session.backprop();
    let chain = Chain::of(backprop, element, &session.cancel)?;
    let rows: Vec<[String; 4]> = chain.rows(backprop).collect();
    let widths = [0, 1, 2].map(|column| {
        rows.iter()
            .map(|row| row[column].width())
            .max()
            .unwrap_or(0)
    });
    let choices = chain.frames.iter().zip(&rows).map(|(frame, row)| Choice {
        line: row_line(row, widths),
        enter: Some(enter(session, frame.element)),
        delete: None,
    });
    Ok(Sheet {
        title: format!(
            "why {} gets {}",
            session.network().address(element),
            rounded(backprop.element(element), DIGITS)
        ),
        lines: vec![paragraph(&chain.explanation(backprop)), Line::default()],
        choices: choices.collect(),
        chosen: 0,
    })
}

/// Says why a neuron gets nothing from another one, or what it gets.
///
/// # Errors
/// It was given up.
pub(super) fn why_not(
    session: &Session,
    element: Element,
    downstream: Element,
) -> Result<Sheet, Cancelled> {
    let network = session.network();
    let [neuron_name, downstream_name] =
        [element, downstream].map(|element| network.address(element).to_string());
    let step_of = |element: Element| {
        let base = Element {
            tensor: network.base(element.tensor),
            at: element.at,
        };
        Choice {
            line: goes_to(session, base),
            enter: Some(enter(session, base)),
            delete: None,
        }
    };
    let backprop = session.backprop();
    let says = words::why_not(backprop, element, downstream, &session.cancel)?;
    Ok(Sheet {
        title: format!("{neuron_name} from {downstream_name}"),
        lines: vec![paragraph(&says), Line::default()],
        choices: vec![step_of(element), step_of(downstream)],
        chosen: 0,
    })
}

/// Words as one line of prose.
fn paragraph(words: &Paragraph) -> Line {
    Line::from(words.to_string()).prose()
}

/// The command that goes to a neuron, or that looks at one that has no step of its own.
pub(super) fn enter(session: &Session, element: Element) -> String {
    let address = session.network().address(element);
    match session.backprop().steps().step_of(element) {
        Some(_) => format!("goto {address}"),
        None => format!("inspect {address}"),
    }
}

fn goes_to(session: &Session, element: Element) -> Line {
    let gradient = rounded(session.backprop().element(element), DIGITS);
    Line::default()
        .then(
            session.network().address(element).to_string(),
            TextRole::Strong,
        )
        .then(format!("  gradient {gradient}"), TextRole::Quiet)
}

/// One neuron of a chain, in columns of these widths.
fn row_line([name, gradient, equation, remark]: &[String; 4], widths: [usize; 3]) -> Line {
    let pad = |text: &str, width: usize| " ".repeat(width.saturating_sub(text.width()));
    let line = Line::default()
        .then(
            format!("{name}{}  ", pad(name, widths[0])),
            TextRole::Strong,
        )
        .then(
            format!("{}{gradient}  ", pad(gradient, widths[1])),
            TextRole::Strong,
        );
    let line = if widths[2] > 0 {
        line.then(
            format!("{equation}{}  ", pad(equation, widths[2])),
            TextRole::Plain,
        )
    } else {
        line
    };
    line.then(remark.clone(), TextRole::Quiet)
}
