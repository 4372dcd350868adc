//! What may be wrong with one tensor of an answer, and spoils nothing but it.

use std::fmt;
use std::sync::Arc;

use crate::diagnostic::quote;
use crate::scenario::tensor_file;
use crate::tensor::{NumberError, Shape};

/// What could not be read of one tensor.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The scenario has no tensor of that name.
    #[error("the scenario has no tensor {}{}", quote(tensor), meant(nearest.as_deref()))]
    Unknown {
        /// The name.
        tensor: String,
        /// The name that may have been meant.
        nearest: Option<String>,
    },
    /// The scenario has no tensor of that name, nor of many others, which are not named.
    #[error(
        "the scenario has no tensor {}, nor {more} more that the file names",
        quote(tensor)
    )]
    UnknownToo {
        /// The name.
        tensor: String,
        /// How many more there are.
        more: usize,
    },
    /// The tensor is there twice.
    #[error("{} is given twice", quote(tensor))]
    Twice {
        /// The tensor's name.
        tensor: String,
    },
    /// The tensor has another shape than the scenario's.
    #[error("{} has shape {expected}, but here it has {found}", quote(tensor))]
    Shape {
        /// The tensor's name.
        tensor: String,
        /// The shape that it has in the scenario.
        expected: Shape,
        /// What it has here.
        found: Misshape,
    },
    /// A cell of a table holds no number.
    #[error("{}, for {}, {error}", quote(written), quote(&format!("{tensor}{index}")))]
    Number {
        /// The tensor's name.
        tensor: String,
        /// The element's index, as the file has it.
        index: String,
        /// What the cell holds.
        written: String,
        /// What is wrong with that.
        #[source]
        error: NumberError,
    },
    /// A table has two rows for one element.
    #[error("{} stands there twice", quote(&format!("{tensor}{index}")))]
    NumberTwice {
        /// The tensor's name.
        tensor: String,
        /// The element's index, as the file has it.
        index: String,
    },
    /// An array cannot be read from its file.
    #[error("{} cannot be read: {error}", quote(tensor))]
    Array {
        /// The tensor's name.
        tensor: String,
        /// Why not.
        #[source]
        error: Arc<tensor_file::Error>,
    },
}

impl Problem {
    /// The name of the tensor, as the file has it.
    pub fn tensor(&self) -> &str {
        match self {
            Self::Unknown { tensor, .. }
            | Self::UnknownToo { tensor, .. }
            | Self::Twice { tensor }
            | Self::Shape { tensor, .. }
            | Self::Number { tensor, .. }
            | Self::NumberTwice { tensor, .. }
            | Self::Array { tensor, .. } => tensor,
        }
    }
}

fn meant(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

/// What a tensor has that has not the shape that it should have.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Misshape {
    /// Another shape.
    Shape(Shape),
    /// A number at this index, as a table writes it.
    Index(String),
    /// Something in its nested lists.
    Nested {
        /// What is wrong there.
        fault: Fault,
        /// Where in the lists.
        at: Vec<usize>,
    },
}

impl fmt::Display for Misshape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape(shape) => shape.fmt(f),
            Self::Index(index) => write!(f, "a number at the index {}", quote(index)),
            Self::Nested { fault, at } => {
                fault.fmt(f)?;
                f.write_str(if at.is_empty() { "" } else { " at " })?;
                at.iter().try_for_each(|place| write!(f, "[{place}]"))
            }
        }
    }
}

/// What is wrong in nested lists of numbers.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// A number stands where a list belongs.
    #[error("a number where a list of {0} belongs")]
    NumberForList(usize),
    /// Something of this kind stands where a number belongs.
    #[error("{0} where a number belongs")]
    NoNumber(&'static str),
    /// A text stands where a number belongs, and is none.
    #[error("{}, which {error},", quote(written))]
    Text {
        /// The text.
        written: String,
        /// What is wrong with it.
        #[source]
        error: NumberError,
    },
    /// A number is larger than the largest that is known.
    #[error("a number that is too large")]
    TooLarge,
    /// A list is too short.
    #[error("{found} where {expected} belong")]
    TooFew {
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// A list is longer than this.
    #[error("more than {0} where {0} belong")]
    TooMany(usize),
}
