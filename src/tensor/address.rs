//! The names of tensors and of their elements.

use std::fmt;
use std::str::FromStr;

use super::{Index, Shape};

/// The name of a tensor, or of one neuron in it: `pool` or `pool[0,1]`.
///
/// ```
/// use backstep::tensor::Address;
///
/// let address: Address = "pool[0, 1]".parse()?;
/// assert_eq!(address.tensor, "pool");
/// assert_eq!(address.to_string(), "pool[0,1]");
/// # Ok::<(), backstep::tensor::AddressError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    /// The tensor's name.
    pub tensor: String,
    /// The neuron's place along each axis, where the address names one.
    pub index: Option<Index>,
}

/// What is wrong with an address, and at which byte of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct AddressError {
    /// The byte at which the reading ended.
    pub at: usize,
    /// What was expected there.
    pub kind: AddressErrorKind,
}

/// What is missing in an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressErrorKind {
    /// A name.
    #[error("expected the name of a tensor")]
    Name,
    /// The bracket that opens the index.
    #[error("expected `[` after the tensor's name")]
    Open,
    /// The bracket that closes it.
    #[error("expected `]` at the end")]
    Close,
    /// A number of the index.
    #[error("expected a place along the axis, counted from 0")]
    Place,
}

impl Address {
    /// Returns the address of a neuron. A scalar has one neuron, written by the tensor's name
    /// alone.
    pub fn of(tensor: &str, shape: &Shape, place: usize) -> Self {
        let index = shape.index(place);
        Self {
            tensor: tensor.to_owned(),
            index: (!index.is_empty()).then_some(index),
        }
    }
}

/// Whether a text can name a tensor: `[A-Za-z_][A-Za-z0-9_.]*`.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(in_name)
}

fn in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '.'
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let error = |at, kind| Err(AddressError { at, kind });
        let name_end = text.find(|c| !in_name(c)).unwrap_or(text.len());
        let (tensor, rest) = text.split_at(name_end);
        if !is_name(tensor) {
            return error(0, AddressErrorKind::Name);
        }
        if rest.is_empty() {
            return Ok(Self {
                tensor: tensor.to_owned(),
                index: None,
            });
        }
        let Some(inner) = rest.strip_prefix('[') else {
            return error(name_end, AddressErrorKind::Open);
        };
        let Some(inner) = inner.strip_suffix(']') else {
            return error(text.len(), AddressErrorKind::Close);
        };
        let mut index = Index::new();
        let mut at = name_end + 1;
        for part in inner.split(',').filter(|_| !inner.trim().is_empty()) {
            match part.trim().parse() {
                Ok(number) => index.push(number),
                Err(_) => return error(at, AddressErrorKind::Place),
            }
            at += part.len() + 1;
        }
        Ok(Self {
            tensor: tensor.to_owned(),
            index: Some(index),
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tensor)?;
        let Some(index) = &self.index else {
            return Ok(());
        };
        for (axis, at) in index.iter().enumerate() {
            write!(f, "{}{at}", if axis == 0 { '[' } else { ',' })?;
        }
        f.write_str(if index.is_empty() { "" } else { "]" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_read_back() {
        for text in ["pool", "pool[0,1]", "features.0.weight[3]", "_[12,0,7,1]"] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        assert_eq!(
            "pool[ 0, 1 ]".parse::<Address>().unwrap().to_string(),
            "pool[0,1]"
        );
        assert_eq!("loss[]".parse::<Address>().unwrap().to_string(), "loss");
    }

    #[test]
    fn errors_point_at_the_place() {
        let at = |text: &str| text.parse::<Address>().unwrap_err().at;
        assert_eq!(at(""), 0);
        assert_eq!(at("0a"), 0);
        assert_eq!(at("pool(0)"), 4);
        assert_eq!(at("pool[0,x]"), 7);
        assert_eq!(at("pool[0"), 6);
        assert_eq!(at("pool[-1]"), 5);
    }
}
