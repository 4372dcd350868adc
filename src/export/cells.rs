//! The cells of a table in CSV, each with a comma behind it.

use crate::tape::Network;
use crate::tensor::{Element, write_exact};

/// Writes a text that needs no quotes.
pub(super) fn text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(text.as_bytes());
    bytes.push(b',');
}

/// Writes a count.
pub(super) fn count(bytes: &mut Vec<u8>, count: usize) {
    text(bytes, itoa::Buffer::new().format(count));
}

/// Writes a number.
pub(super) fn number(bytes: &mut Vec<u8>, number: f64) {
    write_exact(bytes, number).expect("memory takes whatever is written to it");
    bytes.push(b',');
}

/// Writes a tensor's name, and the index in it as JSON does: in brackets, because `0,1` is a number
/// to some spreadsheets.
pub(super) fn place(bytes: &mut Vec<u8>, network: &Network, element: Element) {
    let tensor = network.tensor(element.tensor);
    text(bytes, &tensor.name);
    let quote: &[u8] = if tensor.shape.rank() > 1 { b"\"" } else { b"" };
    bytes.extend_from_slice(quote);
    bytes.push(b'[');
    for (axis, at) in tensor.shape.index(element.at).into_iter().enumerate() {
        bytes.extend_from_slice(if axis == 0 { b"" } else { b"," });
        bytes.extend_from_slice(itoa::Buffer::new().format(at).as_bytes());
    }
    bytes.push(b']');
    bytes.extend_from_slice(quote);
    bytes.push(b',');
}
