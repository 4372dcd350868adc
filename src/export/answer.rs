//! An answer file: the gradients that someone worked out, for backstep to check.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::marking::ANSWER_FORMAT;

/// Someone's own gradients for any of a scenario's tensors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Answer")]
pub struct WrittenAnswer {
    /// The version of the format.
    #[schemars(extend("const" = ANSWER_FORMAT))]
    pub format: String,
    /// Whose answer it is; a number is taken for an id.
    #[schemars(extend("type" = ["string", "number", "null"]))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub student: Option<String>,
    /// SHA-256 of the scenario file's bytes, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario_sha256: Option<String>,
    /// The gradients by the tensor's name, each in its tensor's shape.
    pub grads: BTreeMap<String, Gradients>,
}

/// The gradients of a tensor, or of a part of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Gradients {
    /// A blank.
    Blank,
    /// One gradient.
    Number(f64),
    /// One gradient as it was written by hand: a decimal such as `3.5`, or a fraction such as
    /// `7/2`.
    Written(String),
    /// Those along an axis.
    Axis(Vec<Gradients>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_fractions_are_kept_as_they_are() {
        let text = concat!(
            r#"{"format":"backstep-answer/1","student":"s1024","#,
            r#""grads":{"pool":[[3.5,"15"],["7/2",null]]}}"#,
        );
        let answer: WrittenAnswer = serde_json::from_str(text).unwrap();
        let Gradients::Axis(rows) = &answer.grads["pool"] else {
            panic!("{answer:?}")
        };
        assert_eq!(
            rows[1],
            Gradients::Axis(vec![Gradients::Written("7/2".to_owned()), Gradients::Blank])
        );
        assert_eq!(serde_json::to_string(&answer).unwrap(), text);
    }
}
