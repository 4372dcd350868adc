//! What is said of marked answers: one file a format, each fed by the same walk over the
//! submissions.

mod csv;
mod feedback;
mod formats;
mod graded;
mod gradescope;
mod grid;
mod html;
mod json;
mod jsonl;
mod junit;
mod phrases;
mod prairielearn;
mod shape;
mod style;
mod text;
mod writer;

pub(crate) use csv::{harmless, max_points_cell};
pub use feedback::{FEEDBACK, Feedback, Reveal};
pub use formats::{FORMATS, Format, format, format_of_ending};
pub(crate) use phrases::{hundredths, percentage, unreadable};
pub use shape::schema;
pub use writer::{Expected, Heading, Report};
