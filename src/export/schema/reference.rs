//! Schemas that stand elsewhere in the same file.

use serde_json::{Value, json};

/// Returns the schema that is defined under a name.
pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}
