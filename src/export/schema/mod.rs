//! The JSON Schemas (2020-12) of the file formats that are read and exported, made from what reads
//! and writes the files.

mod op;
mod reference;
mod scenario;
mod train;

use serde_json::Value;

use super::answer::WrittenAnswer;
use super::key::WrittenKey;
use super::trace::Trace;

/// A file format that has a schema.
#[derive(Debug)]
pub struct SchemaOf {
    /// The format's name on the command line.
    pub name: &'static str,
    /// Returns the schema.
    pub schema: fn() -> Value,
}

/// All formats that have a schema.
pub const SCHEMAS: &[SchemaOf] = &[
    SchemaOf {
        name: "scenario",
        schema: scenario::schema,
    },
    SchemaOf {
        name: "trace",
        schema: || schemars::schema_for!(Trace).to_value(),
    },
    SchemaOf {
        name: "answer",
        schema: || schemars::schema_for!(WrittenAnswer).to_value(),
    },
    SchemaOf {
        name: "key",
        schema: || schemars::schema_for!(WrittenKey).to_value(),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_is_one() {
        for of in SCHEMAS {
            let schema = (of.schema)();
            assert_eq!(
                schema["$schema"], "https://json-schema.org/draft/2020-12/schema",
                "{}",
                of.name
            );
            assert!(jsonschema::meta::is_valid(&schema), "{}", of.name);
        }
    }
}
