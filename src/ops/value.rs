//! What a setting is given where its type is not known before.

use std::fmt;

use crate::tensor::{Tensor, exact};

/// The value of a setting, in a file or anywhere else where it is not typed.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// True or false.
    Flag(bool),
    /// A whole number.
    Whole(i128),
    /// A number.
    Number(f64),
    /// One of the names that the setting knows.
    Name(String),
    /// A list of values.
    List(Vec<Value>),
    /// A constant tensor.
    Tensor(Tensor),
    /// What no setting takes, such as JSON's `null`.
    Other,
}

impl Value {
    /// The value as a number, where it is one.
    pub fn as_number(&self) -> Option<f64> {
        match *self {
            Self::Whole(number) => Some(number as f64),
            Self::Number(number) => Some(number),
            Self::Flag(_) | Self::Name(_) | Self::List(_) | Self::Tensor(_) | Self::Other => None,
        }
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        // No machine counts further.
        Self::Whole(number as i128)
    }
}

/// A size for each axis.
impl From<Vec<usize>> for Value {
    fn from(sizes: Vec<usize>) -> Self {
        Self::List(sizes.into_iter().map(Self::from).collect())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Whole(number.into())
    }
}

/// A number without a fraction becomes a whole one, as people write it.
impl From<f64> for Value {
    fn from(number: f64) -> Self {
        let is_whole = number.fract() == 0.0 && number.abs() < 1e15;
        if is_whole && !(number == 0.0 && number.is_sign_negative()) {
            Self::Whole(number as i128)
        } else {
            Self::Number(number)
        }
    }
}

/// Writes the value in a line: a tensor as the list of its numbers.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => flag.fmt(f),
            Self::Whole(number) => number.fmt(f),
            Self::Number(number) => f.write_str(&exact(*number)),
            Self::Name(name) => f.write_str(name),
            Self::List(values) => list(f, values.iter().map(Self::to_string)),
            Self::Tensor(tensor) if tensor.shape().rank() == 0 => {
                f.write_str(&exact(tensor.data()[0]))
            }
            Self::Tensor(tensor) => list(f, tensor.data().iter().copied().map(exact)),
            Self::Other => f.write_str("none"),
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, items: impl Iterator<Item = String>) -> fmt::Result {
    write!(f, "[{}]", items.collect::<Vec<_>>().join(", "))
}
