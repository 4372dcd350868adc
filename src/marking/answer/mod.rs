//! A learner's or an engineer's own gradients, from every format in which they come.

mod content;
mod csv;
mod error;
mod format;
mod json;
mod problem;
mod reading;
mod spreadsheet;
mod tensors;

pub use content::{ANSWER_FORMAT, Answer};
pub(crate) use csv::{EXERCISE, STUDENT};
pub use error::{AnswerError, JsonFault};
pub use format::Said;
pub use problem::{Fault, Misshape, Problem};
pub(crate) use spreadsheet::Spreadsheet;
pub(super) use tensors::{VALUE, open, origin};

#[cfg(test)]
mod testing;
