//! The key of a generated exercise, as its file holds it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::answer::Gradients;
use crate::marking::KEY_FORMAT;

/// The right gradients of a generated exercise, and where it comes from.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Key")]
pub struct WrittenKey {
    /// The version of the format.
    #[schemars(extend("const" = KEY_FORMAT))]
    pub format: String,
    /// The name of the template, or the title of the scenario that the exercise is like.
    pub template: String,
    /// The level of the template.
    pub level: Option<u8>,
    /// The name of the assignment.
    pub assignment: String,
    /// Whose exercise it is, where it is one student's alone.
    pub student: Option<String>,
    /// SHA-256 of the exercise's scenario file, in hex.
    pub scenario_sha256: String,
    /// The gradients by the tensor's name, each in its tensor's shape.
    pub grads: BTreeMap<String, Gradients>,
    /// What the numbers do not tell apart.
    pub inseparable: Vec<WrittenInseparable>,
}

/// One slip that gives the right numbers in a tensor, or two that give the same there.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Inseparable")]
pub struct WrittenInseparable {
    /// The tensor's name.
    pub tensor: String,
    /// The ids of the slips.
    #[schemars(length(min = 1, max = 2))]
    pub slips: Vec<String>,
    /// Why they are not told apart.
    pub why: String,
}
