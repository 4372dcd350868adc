//! A learner's or an engineer's own gradients, from every format in which they come.

mod by_values;
mod content;
mod csv;
mod date;
mod error;
mod exchanged;
mod format;
mod json;
mod misshape;
mod names;
mod places;
mod problem;
mod reading;
mod said;
mod spreadsheet;
mod tensors;

pub(super) use by_values::VALUE;
pub use content::{ANSWER_FORMAT, Answer, KEY_FORMAT};
pub(crate) use csv::{EXERCISE, STUDENT};
pub use error::{AnswerError, JsonFault};
pub use misshape::WrongShape;
pub(super) use names::wrapper;
pub use problem::{Fault, Few, Misshape, Problem, Uncompared};
pub use said::Said;
pub(crate) use spreadsheet::Spreadsheet;
pub(super) use tensors::open;

#[cfg(test)]
mod testing;
