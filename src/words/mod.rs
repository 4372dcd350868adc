//! The words: short sentences about a step with its own numbers, the table of its terms, and both
//! as plain text or Markdown.
//!
//! Everything that shows a step takes its words from here: the debugger, `explain`, listings,
//! worksheets and reports.

mod checked;
mod coupled;
mod number;
mod outline;
mod page;
mod pooling;
mod reach;
mod sentence;
mod slope;
mod story;
mod table;
mod term;
mod voice;
mod why;
mod why_not;
mod zero;

use crate::backprop::Backprop;
use crate::ops::Contribution;
use crate::tensor::Element;

pub(crate) use number::{added, number, product, ratio, sum};

pub use checked::{kink, loss, nudges};
pub use page::{DIGITS, MOST_ROWS, heading, markdown, text, without_markup};
pub use sentence::{Piece, Sentence, Story};
pub use table::{More, Row, Table};
pub use why::{Chain, Frame, Leads};
pub use why_not::why_not;

/// What stands above the slips that would give another number.
pub const WHOEVER: &str = "Whoever gets another number may have slipped like this:";
/// What stands above the slips that do not show.
pub const INVISIBLE: &str = "Invisible here, because these slips give the right number too:";

/// Returns the paragraph for a neuron: who looks at it, what each sends back and why, and the sum.
///
/// It takes one walk over the neuron's terms and stays short however many there are.
pub fn step(backprop: &Backprop, element: Element) -> Story {
    story::tell(voice::Voice {
        backprop,
        subject: element,
    })
}

/// Returns in a word or two why a term of a neuron is zero, or nothing where it is not.
pub fn why_zero(backprop: &Backprop, element: Element, row: &Row) -> Option<&'static str> {
    let factors = row.factors.iter().flatten().copied().collect();
    let contribution = Contribution {
        from: row.from,
        upstream: row.upstream,
        factors,
    };
    let link = voice::Voice {
        backprop,
        subject: element,
    }
    .link(row.from)?;
    zero::Zero::of(link, &outline::Term::new(Some(row.number), contribution)).map(zero::Zero::short)
}

/// Returns what one of a neuron's terms brings and why, or why it is zero. `number` is the number
/// of the term, counted from 1.
pub fn term(
    backprop: &Backprop,
    element: Element,
    number: usize,
    contribution: &Contribution,
) -> Sentence {
    let voice = voice::Voice {
        backprop,
        subject: element,
    };
    let term = outline::Term::new(Some(number), contribution.clone());
    voice
        .link(contribution.from)
        .map(|link| term::alone(voice, link, term))
        .unwrap_or_default()
}
