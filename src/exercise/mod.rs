//! Homework: worksheets with the gradients left blank, and fresh exercises whose numbers keep the slips apart.

mod nested;
mod worksheet;

pub use worksheet::{FORMATS, Format, Unfit, Worksheet, asked, format};
