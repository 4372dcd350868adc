//! The schema of how a scenario is trained, from the settings of the optimizers.

use serde_json::{Map, Value, json};

use super::reference::reference;
use crate::optim::{Field, Given, Optimizer, RULES, Rule, Setting};
use crate::scenario::MOST_UPDATES;

/// Returns the schema of `train`.
pub(super) fn schema() -> Value {
    let names: Vec<&str> = RULES.iter().map(|(rule, _)| rule.name()).collect();
    json!({
        "description": "How the parameters are updated after the backward pass.",
        "type": "object",
        "properties": { "optimizer": { "enum": names } },
        "required": ["optimizer"],
        "oneOf": RULES.iter().map(|(rule, settings)| of(*rule, settings)).collect::<Value>(),
    })
}

fn of(rule: Rule, settings: &[Setting]) -> Value {
    let mut properties = Map::from_iter([
        ("optimizer".to_owned(), json!({ "const": rule.name() })),
        (
            "steps".to_owned(),
            json!({ "description": "How many updates; left out, one.", "type": "integer",
                "minimum": 1, "maximum": MOST_UPDATES }),
        ),
        (
            "parameters".to_owned(),
            json!({ "description": "Which parameters are updated; left out, all of them.",
                "type": "array", "items": reference("name"), "minItems": 1 }),
        ),
        (
            "batches".to_owned(),
            json!({ "description": "Inputs by their names, and targets as `loss.target`, which \
                                    the updates read in turn.",
                "type": "array", "minItems": 1,
                "items": { "type": "object", "additionalProperties": reference("tensor") } }),
        ),
    ]);
    let settings = settings.iter();
    properties.extend(settings.map(|setting| (setting.key.to_owned(), domain(rule, setting))));
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn domain(rule: Rule, setting: &Setting) -> Value {
    let mut domain = match setting.field {
        // Where the loss is to rise it may be negative.
        Field::Rate | Field::Any(_) => json!({ "type": "number" }),
        Field::NotNegative(_) => json!({ "type": "number", "minimum": 0 }),
        Field::Betas => json!({ "type": "array", "minItems": 2, "maxItems": 2,
            "items": { "type": "number", "minimum": 0, "exclusiveMaximum": 1 } }),
        Field::Flag(_) => json!({ "type": "boolean" }),
    };
    domain["description"] = setting.doc.into();
    domain["default"] = match setting.field.given(&mut Optimizer::new(rule)) {
        Given::Number(number) => json!(number),
        Given::Pair(pair) => json!(pair),
        Given::Flag(flag) => json!(flag),
    };
    domain
}
