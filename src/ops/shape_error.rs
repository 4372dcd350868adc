//! What a layer is to read, and why it does not fit.

use crate::tensor::Shape;

/// The names and shapes of the tensors that a layer is to read.
#[derive(Debug, Clone)]
pub struct Shapes<'a> {
    /// The inputs in the order of `from`.
    pub inputs: Vec<(&'a str, &'a Shape)>,
    /// The weight.
    pub weight: Option<(&'a str, &'a Shape)>,
    /// The bias.
    pub bias: Option<(&'a str, &'a Shape)>,
}

impl<'a> Shapes<'a> {
    /// Name and shape of the first input.
    pub fn input(&self) -> (&'a str, &'a Shape) {
        self.inputs[0]
    }

    /// Returns name and shape of the weight, which this op cannot do without.
    pub(super) fn expect_weight(&self, op: &str) -> Result<(&'a str, &'a Shape), ShapeError> {
        self.weight
            .ok_or_else(|| ShapeError::layer(format!("a `{op}` layer needs a weight")))
    }

    /// Returns an error unless the bias, where there is one, has this shape.
    pub(super) fn expect_bias(&self, expected: &Shape, why: &str) -> Result<(), ShapeError> {
        self.bias
            .map_or(Ok(()), |bias| expect_shape("bias", bias, expected, why))
    }
}

/// Returns an error unless the tensor under a key has this shape; `why` says what asks for it.
pub(super) fn expect_shape(
    key: &'static str,
    (name, shape): (&str, &Shape),
    expected: &Shape,
    why: &str,
) -> Result<(), ShapeError> {
    if shape == expected {
        return Ok(());
    }
    Err(ShapeError::key(
        key,
        format!("`{name}` has shape {shape}, but {why}, so it must be {expected}"),
    ))
}

/// Why operands do not fit an op or each other, and which of the layer's keys to look at.
#[derive(Debug, Clone, PartialEq)]
pub struct ShapeError {
    /// Where in the layer the error is.
    pub at: ErrorSite,
    /// What is wrong.
    pub message: String,
    /// A few words for the place itself.
    pub label: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

/// The part of a layer that an error is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorSite {
    /// One of its keys.
    Key(&'static str),
    /// The input of that number.
    Input(usize),
    /// The layer as a whole.
    Layer,
}

impl ShapeError {
    /// An error about one of the layer's keys.
    pub(crate) fn key(key: &'static str, message: impl Into<String>) -> Self {
        Self {
            at: ErrorSite::Key(key),
            message: message.into(),
            label: None,
            hint: None,
        }
    }

    /// An error about one of the layer's inputs.
    pub(crate) fn input(number: usize, message: impl Into<String>) -> Self {
        Self {
            at: ErrorSite::Input(number),
            message: message.into(),
            label: None,
            hint: None,
        }
    }

    /// An error about the layer as a whole.
    pub(crate) fn layer(message: impl Into<String>) -> Self {
        Self {
            at: ErrorSite::Layer,
            message: message.into(),
            label: None,
            hint: None,
        }
    }

    /// The error with a few words for the place itself.
    #[must_use]
    pub(crate) fn labelled(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// The error with advice.
    #[must_use]
    pub(crate) fn hinted(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
