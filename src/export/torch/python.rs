//! Texts and numbers as Python writes them.

use crate::json;
use crate::tensor::Tensor;

/// A text as a Python string: what JSON escapes, Python reads the same.
pub(super) fn string(text: &str) -> String {
    json::text(&text)
}

/// A tensor's numbers as nested lists.
pub(super) fn numbers(tensor: &Tensor) -> String {
    let mut text = String::new();
    nested(&mut text, tensor.shape(), tensor.data());
    text
}

fn nested(text: &mut String, shape: &[usize], data: &[f64]) {
    let Some((&size, inner)) = shape.split_first() else {
        return text.push_str(&number(data[0]));
    };
    text.push('[');
    for (row, numbers) in data.chunks(data.len() / size).enumerate() {
        text.push_str(if row == 0 { "" } else { ", " });
        nested(text, inner, numbers);
    }
    text.push(']');
}

/// A number as Python reads it back to the same f64, the sign of a zero among it.
pub(super) fn number(value: f64) -> String {
    if value.is_nan() {
        "nan".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "inf" } else { "-inf" }.to_owned()
    } else {
        format!("{value:?}")
    }
}
