//! The words: short sentences about a step with its own numbers, the table of its terms, and both
//! as plain text or Markdown.
//!
//! Everything that shows a step takes its words from here: the debugger, `explain`, listings,
//! worksheets and reports.

mod cancellation;
mod cause;
mod checked;
mod explanation;
mod factor;
mod glossary;
mod health;
mod narration;
mod one_term;
mod origin;
mod page;
mod pooling;
mod preamble;
mod precision;
mod preview;
mod receptive_field;
mod remark;
mod sections;
mod sentence;
mod slope;
mod table;
mod term;
mod uncompared;
mod update;
mod update_way;
mod why;
mod why_not;
mod zero_reason;
mod zero_sentences;

pub(crate) use crate::tensor::numerals::{number, sum};

pub use cause::{Disclosure, cause, diagnosis, followed, rule, term_slip};
pub use checked::{kink, loss, no_slope, nudges};
pub use explanation::step;
pub use glossary::{GLOSSARY, GlossaryTerm};
pub use health::{finding, health_table, sizes};
pub use one_term::{so_far, term, why_zero, why_zero_in_numbers};
pub use origin::{Whence, not_finite, origin};
pub use page::{DIGITS, MOST_ROWS, heading, markdown, text, without_markup};
pub use precision::arithmetic;
pub use preview::{INVISIBLE, WHOEVER, elsewhere, invisible, preview_markdown, preview_text, way};
pub use remark::remark;
pub use sentence::{Paragraph, Piece, Sentence};
pub use table::{More, Row, Table};
pub use uncompared::uncompared;
pub use update::{kept, row_name, short_row_name, table_names, update_rule};
pub use why::{Chain, Frame, Leads};
pub use why_not::why_not;
