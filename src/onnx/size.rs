//! How much memory a model asks for before any of it is believed.

use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

use super::error::ImportError;

/// The most fields that a model may have, its numbers apart: far more than the largest of models
/// has, and about 200 MiB of memory. A message takes two bytes in a file, and a hundred times as
/// much when it is read.
const MOST_FIELDS: usize = 1 << 20;

/// How deep messages are looked into: deeper than they may be for whoever reads them in earnest.
const MOST_DEPTH: usize = 128;

/// The messages that hold others: of each the fields that are messages, and which.
#[derive(Clone, Copy)]
enum Kind {
    Model,
    Graph,
    Function,
    Node,
    Attribute,
    Tensor,
    Value,
    Type,
    TensorType,
    Shape,
}

impl Kind {
    /// What the field of a number is, where it holds a message with fields of its own.
    fn field(self, number: u32) -> Option<Self> {
        Some(match (self, number) {
            (Self::Model, 7) | (Self::Attribute, 6) => Self::Graph,
            (Self::Model, 25) => Self::Function,
            (Self::Graph, 1) | (Self::Function, 7) => Self::Node,
            (Self::Graph, 5) | (Self::Attribute, 5) => Self::Tensor,
            (Self::Graph, 11 | 12) => Self::Value,
            (Self::Node, 5) | (Self::Function, 11) => Self::Attribute,
            (Self::Value, 2) => Self::Type,
            (Self::Type, 1) => Self::TensorType,
            (Self::TensorType, 2) => Self::Shape,
            _ => return None,
        })
    }
}

/// Returns an error if a model has so many parts that reading it would take too much memory.
pub(super) fn check(model: &[u8]) -> Result<(), ImportError> {
    match count(Kind::Model, model, MOST_FIELDS, MOST_DEPTH) {
        Some(_) => Ok(()),
        None => Err(ImportError::TooManyParts(MOST_FIELDS)),
    }
}

/// Returns how many more fields there may be after those of a message, or nothing where there are
/// too many. What cannot be understood is left to be reported by whoever reads it in earnest;
/// nothing after it is read.
fn count(kind: Kind, message: &[u8], most: usize, depth: usize) -> Option<usize> {
    let (mut rest, mut left) = (message, most);
    while !rest.is_empty() {
        left = left.checked_sub(1)?;
        let Ok((number, wire)) = decode_key(&mut rest) else {
            return Some(left);
        };
        match kind.field(number) {
            Some(inner) if wire == WireType::LengthDelimited && depth > 0 => {
                let Ok(length) = decode_varint(&mut rest) else {
                    return Some(left);
                };
                let Some((inside, after)) = usize::try_from(length)
                    .ok()
                    .and_then(|length| rest.split_at_checked(length))
                else {
                    return Some(left);
                };
                left = count(inner, inside, left, depth - 1)?;
                rest = after;
            }
            _ => {
                if skip_field(wire, number, &mut rest, DecodeContext::default()).is_err() {
                    return Some(left);
                }
            }
        }
    }
    Some(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_messages_are_counted() {
        // A graph of nodes without anything in them, two bytes each.
        let nodes = [0x0a, 0x00].repeat(100);
        let model = [&[0x3a, 200, 1][..], &nodes].concat();
        assert_eq!(count(Kind::Model, &model, 1000, MOST_DEPTH), Some(899));
        assert_eq!(count(Kind::Model, &model, 100, MOST_DEPTH), None);
        assert_eq!(
            count(Kind::Model, &model[..50], 1000, MOST_DEPTH),
            Some(999)
        );
        assert!(check(&model).is_ok());
    }
}
