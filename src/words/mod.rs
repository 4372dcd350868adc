//! The words: short sentences about a step with its own numbers, the table of its terms, and both
//! as plain text or Markdown.
//!
//! Everything that shows a step takes its words from here: the debugger, `explain`, listings,
//! worksheets and reports.

mod checked;
mod explanation;
mod factor;
mod narration;
mod one_term;
mod page;
mod pooling;
mod preamble;
mod receptive_field;
mod sections;
mod sentence;
mod slope;
mod table;
mod term;
mod why;
mod why_not;
mod zero;
mod zeros;

pub(crate) use crate::tensor::numerals::{added, number, product, ratio, sum};

pub use checked::{kink, loss, nudges};
pub use explanation::step;
pub use one_term::{term, why_zero};
pub use page::{DIGITS, MOST_ROWS, heading, markdown, text, without_markup, wrapped};
pub use sentence::{Paragraph, Piece, Sentence};
pub use table::{More, Row, Table};
pub use why::{Chain, Frame, Leads};
pub use why_not::why_not;

/// What stands above the slips that would give another number.
pub const WHOEVER: &str = "Whoever gets another number may have slipped like this:";
/// What stands above the slips that do not show.
pub const INVISIBLE: &str = "Invisible here, because these slips give the right number too:";
