//! What may be wrong with one tensor of an answer, and spoils nothing but it.

use std::fmt;
use std::sync::Arc;

use super::misshape::WrongShape;
use crate::diagnostic::{list, quote};
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
    /// None of the names is one of the scenario's.
    #[error("none of its names is one of the scenario's: it has {theirs}; the scenario has {ours}")]
    NoneFits {
        /// The names of the file.
        theirs: Few,
        /// The names of the scenario's inputs and parameters.
        ours: Few,
    },
    /// None of the arrays has a name.
    #[error(
        "its {n} arrays have no names, only places: give each its name as it is saved, as in \
         `np.savez(file, **{{\"fc.weight\": dw}})`; the scenario has {ours}"
    )]
    Nameless {
        /// How many there are.
        n: usize,
        /// The names of the scenario's inputs and parameters.
        ours: Few,
    },
    /// The tensor is there twice.
    #[error("{} is given twice{}", quote(tensor), also(other.as_deref()))]
    Twice {
        /// The tensor's name.
        tensor: String,
        /// The other name that it stands under, where that is another.
        other: Option<String>,
    },
    /// The name may be that of a gradient, and another one says that it is.
    #[error(
        "{} and {} may both be the gradient of {}: {1} is taken, and {0} passed over",
        quote(tensor),
        quote(taken),
        quote(of)
    )]
    PassedOver {
        /// The name.
        tensor: String,
        /// The one that says so.
        taken: String,
        /// The scenario's name.
        of: String,
    },
    /// The tensor has another shape than the scenario's.
    #[error(
        "{} has shape {expected}, but here it has {found}{}",
        quote(tensor),
        how.as_ref().map_or_else(String::new, |how| format!(": {how}"))
    )]
    Shape {
        /// The tensor's name.
        tensor: String,
        /// The shape that it has in the scenario.
        expected: Shape,
        /// What it has here.
        found: Misshape,
        /// How it may have come to that.
        how: Option<WrongShape>,
    },
    /// An array has more axes than its tensor, or fewer, each of one place.
    #[error(
        "{} has shape {expected}, but here it has {found}: axes of one place were passed over",
        quote(tensor)
    )]
    AxesOfOne {
        /// The tensor's name.
        tensor: String,
        /// The shape that it has in the scenario.
        expected: Shape,
        /// The shape that it has here.
        found: Shape,
    },
    /// A matrix has its rows and columns exchanged, and was read so.
    #[error(
        "{} has shape {expected}, but here its rows and columns are exchanged: they were read so",
        quote(tensor)
    )]
    Exchanged {
        /// The tensor's name.
        tensor: String,
        /// The shape that it has in the scenario.
        expected: Shape,
    },
    /// A cell holds no number.
    #[error("{}, for {}, {error}", quote(written), quote(&place(tensor, index)))]
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
    /// A spreadsheet has made a date of something.
    #[error(
        "{}, for {}, looks like a date, which a spreadsheet makes of what may be one: write \
         fractions as decimals, or format the cells as text",
        quote(written),
        quote(&place(tensor, index))
    )]
    Date {
        /// The tensor's name.
        tensor: String,
        /// The element's index, as the file has it; empty where that is the date.
        index: String,
        /// The date.
        written: String,
    },
    /// Places are counted from 1, and were read so.
    #[error(
        "its places are counted from 1, as in {}: they were read so, though here they count from 0",
        quote(&place(tensor, index))
    )]
    FromOne {
        /// A tensor's name.
        tensor: String,
        /// The index of its first element, counted so.
        index: String,
    },
    /// The numbers of a tensor stand in one row, and were read so.
    #[error(
        "{} has shape {expected}, but here its numbers are in one row: they were read row by row",
        quote(tensor)
    )]
    InARow {
        /// The tensor's name.
        tensor: String,
        /// The shape that it has in the scenario.
        expected: Shape,
    },
    /// A cell holds something of another kind than a number.
    #[error("{kind} stands at {}, where a number belongs", quote(&place(tensor, index)))]
    NoNumber {
        /// The tensor's name.
        tensor: String,
        /// The element's index.
        index: String,
        /// What stands there.
        kind: &'static str,
    },
    /// A row of a table is of no element that the tensor has.
    #[error(
        "{} is no element of {}, which has shape {expected}",
        quote(index),
        quote(tensor)
    )]
    Index {
        /// The tensor's name.
        tensor: String,
        /// The index, as the file has it.
        index: String,
        /// The shape that the tensor has in the scenario.
        expected: Shape,
    },
    /// More cells of a tensor cannot be read than are named.
    #[error("{more} more numbers of {} cannot be read", quote(tensor))]
    MoreCells {
        /// The tensor's name.
        tensor: String,
        /// How many more.
        more: usize,
    },
    /// A table has two rows for one element, with two numbers.
    #[error("{} stands there twice, with two numbers", quote(&place(tensor, index)))]
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
    /// How many tensors are not compared because of it, and why not; nothing where they are, or
    /// where it is single numbers that cannot be read.
    pub fn uncompared(&self) -> Option<(usize, Uncompared)> {
        Some(match self {
            Self::Unknown { .. } => (1, Uncompared::Name),
            Self::UnknownToo { more, .. } => (1 + more, Uncompared::Name),
            Self::NoneFits { theirs, .. } => (theirs.n(), Uncompared::Name),
            Self::Nameless { n, .. } => (*n, Uncompared::Name),
            Self::Shape { .. } => (1, Uncompared::Shape),
            Self::Twice { .. } => (1, Uncompared::Twice),
            Self::Array { .. } => (1, Uncompared::Unreadable),
            Self::PassedOver { .. }
            | Self::Exchanged { .. }
            | Self::AxesOfOne { .. }
            | Self::FromOne { .. }
            | Self::InARow { .. }
            | Self::Number { .. }
            | Self::Date { .. }
            | Self::NoNumber { .. }
            | Self::Index { .. }
            | Self::MoreCells { .. }
            | Self::NumberTwice { .. } => return None,
        })
    }

    /// Whether it is that the scenario has not the parameters of these layers.
    pub(in crate::marking) fn is_of_one(&self, layers: &[&str]) -> bool {
        let is_its = |name: &str, layer: &str| {
            let own = name.strip_prefix(layer);
            own.is_some_and(|own| [".weight", ".bias"].contains(&own))
        };
        let mut layers = layers.iter();
        matches!(self, Self::Unknown { tensor, .. } if layers.any(|layer| is_its(tensor, layer)))
    }

    /// Whether the tensor was read all the same.
    pub fn is_read(&self) -> bool {
        matches!(
            self,
            Self::Exchanged { .. }
                | Self::AxesOfOne { .. }
                | Self::FromOne { .. }
                | Self::InARow { .. }
                | Self::PassedOver { .. }
        )
    }

    /// What is wrong with an array that cannot be read: above all that it is too large for its
    /// tensor, where the scenario has one.
    pub(in crate::marking) fn of_array(
        tensor: String,
        expected: Option<&Shape>,
        error: tensor_file::Error,
    ) -> Self {
        let error = match error {
            tensor_file::Error::InArchive { source, .. } => *source,
            error => error,
        };
        let found = match &error {
            tensor_file::Error::TooManyElements { sizes, .. } => Shape::new(sizes),
            _ => None,
        };
        match (expected, found) {
            (Some(expected), Some(found)) => Self::Shape {
                tensor,
                expected: expected.clone(),
                found: Misshape::Shape(found),
                how: None,
            },
            (None, _) | (_, None) => Self::Array {
                tensor,
                error: Arc::new(error),
            },
        }
    }

    /// The name of the tensor, as the file has it.
    pub fn tensor(&self) -> &str {
        match self {
            Self::NoneFits { theirs, .. } => theirs.names.first().map_or("", String::as_str),
            Self::Nameless { .. } => "",
            Self::Unknown { tensor, .. }
            | Self::PassedOver { tensor, .. }
            | Self::UnknownToo { tensor, .. }
            | Self::Twice { tensor, .. }
            | Self::Shape { tensor, .. }
            | Self::Exchanged { tensor, .. }
            | Self::AxesOfOne { tensor, .. }
            | Self::FromOne { tensor, .. }
            | Self::InARow { tensor, .. }
            | Self::Date { tensor, .. }
            | Self::Number { tensor, .. }
            | Self::NoNumber { tensor, .. }
            | Self::Index { tensor, .. }
            | Self::MoreCells { tensor, .. }
            | Self::NumberTwice { tensor, .. }
            | Self::Array { tensor, .. } => tensor,
        }
    }
}

/// Why a tensor that was handed in is not compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Uncompared {
    /// The scenario has none of its name.
    Name,
    /// It has another shape.
    Shape,
    /// It is there twice.
    Twice,
    /// Its numbers cannot be read.
    Unreadable,
}

/// How many names are told of many.
const FEW: usize = 3;

/// The first of many names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Few {
    names: Vec<String>,
    n_more: usize,
}

impl Few {
    pub(super) fn of<'n>(names: impl Iterator<Item = &'n str>, n: usize) -> Self {
        let names: Vec<String> = names.take(FEW).map(str::to_owned).collect();
        Self {
            n_more: n - names.len(),
            names,
        }
    }

    fn n(&self) -> usize {
        self.names.len() + self.n_more
    }
}

impl fmt::Display for Few {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.names.iter().map(|name| quote(name));
        let more = (self.n_more > 0).then(|| format!("{} more", self.n_more));
        let all: Vec<String> = names.chain(more).collect();
        f.write_str(&list(&all, "and"))
    }
}

/// What a row is of: `pool[0,1]`, also where its index has no brackets.
fn place(tensor: &str, index: &str) -> String {
    match index.starts_with(['[', '(']) || index.is_empty() {
        true => format!("{tensor}{index}"),
        false => format!("{tensor}[{index}]"),
    }
}

/// `, also as `dx``.
fn also(other: Option<&str>) -> String {
    other.map_or_else(String::new, |other| format!(", also as {}", quote(other)))
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
    /// Something of this kind stands where a list of so many belongs.
    #[error("{0} where a list of {1} belongs")]
    NoList(&'static str, usize),
    /// Something of this kind stands where a number belongs.
    #[error("{0} where a number belongs")]
    NoNumber(&'static str),
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
