//! A layer's keys as a schema, from the row of its op.

use std::ops::RangeInclusive;

use serde_json::{Map, Value, json};

use super::reference::reference;
use crate::ops::{Bound, DefaultValue, Descriptor, Domain, Length, NeededUnless};

/// Returns the schema of a layer of this op.
pub(super) fn layer(op: &Descriptor) -> Value {
    let settings = op.settings();
    let mut properties = Map::from_iter([
        ("name".to_owned(), reference("name")),
        ("op".to_owned(), json!({ "const": op.name })),
        ("from".to_owned(), from(&op.arity)),
    ]);
    let parameters = op.parameters.iter();
    properties.extend(parameters.map(|of| (of.key.to_owned(), reference("parameter"))));
    let domains = settings.iter();
    properties.extend(domains.map(|of| (of.key.to_owned(), domain(&of.domain))));
    let common = ["name", "op"]
        .into_iter()
        .chain((*op.arity.start() > 1).then_some("from"));
    let parameters = op.parameters.iter().filter(|of| of.is_required);
    let needed = settings
        .iter()
        .filter(|of| of.default == DefaultValue::Required);
    let required: Value = common
        .chain(parameters.map(|of| of.key))
        .chain(needed.map(|of| of.key))
        .collect();
    let mut layer = json!({
        "type": "object",
        "description": op.about,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    if let Some(NeededUnless { flag, keys }) = op.needed_unless {
        layer["if"] = json!({ "properties": { flag: { "const": true } }, "required": [flag] });
        layer["else"] = json!({ "required": keys });
    }
    layer
}

/// What a layer reads: one name, or as many as its op takes.
fn from(arity: &RangeInclusive<usize>) -> Value {
    let mut list = json!({ "type": "array", "items": reference("name") });
    bound(&mut list, "minItems", *arity.start(), 0);
    bound(&mut list, "maxItems", *arity.end(), usize::MAX);
    if *arity.start() > 1 {
        return list;
    }
    json!({ "anyOf": [reference("name"), list] })
}

fn domain(of: &Domain) -> Value {
    match *of {
        Domain::Tensor => reference("tensor"),
        Domain::Flag => json!({ "type": "boolean" }),
        Domain::Number => json!({ "type": "number" }),
        Domain::NumberIn(interval) => {
            let end = if interval.is_closed {
                "maximum"
            } else {
                "exclusiveMaximum"
            };
            let mut number = json!({ "type": "number", "minimum": interval.least });
            if interval.end.is_finite() {
                number[end] = interval.end.into();
            }
            number
        }
        Domain::Name(names) => json!({ "enum": names }),
        Domain::Whole(bound) => whole(bound),
        Domain::List(bound, length) => list(bound, length),
        Domain::WholeOrList(bound, length) => {
            json!({ "anyOf": [whole(bound), list(bound, length)] })
        }
        Domain::Sides(axes) => {
            let places = whole(Bound::AtLeast(0));
            let pair = list(Bound::AtLeast(0), Length::Exactly(2));
            let either = json!({ "anyOf": [places, pair] });
            let sides =
                json!({ "type": "array", "items": either, "minItems": axes, "maxItems": axes });
            json!({ "anyOf": [whole(Bound::AtLeast(0)), sides] })
        }
        Domain::NameOr(names, other) => json!({ "anyOf": [domain(other), { "enum": names }] }),
    }
}

fn whole(bound: Bound) -> Value {
    match bound {
        Bound::Any => json!({ "type": "integer" }),
        Bound::AtLeast(least) => json!({ "type": "integer", "minimum": least }),
        Bound::NotZero => json!({ "type": "integer", "not": { "const": 0 } }),
        Bound::SizeOrRest => {
            json!({ "type": "integer", "minimum": -1, "not": { "const": 0 } })
        }
    }
}

fn list(of: Bound, length: Length) -> Value {
    let mut list = json!({ "type": "array", "items": whole(of) });
    match length {
        Length::Any => {}
        Length::AtLeastOne => list["minItems"] = json!(1),
        Length::Exactly(n) => {
            list["minItems"] = json!(n);
            list["maxItems"] = json!(n);
        }
    }
    list
}

/// Sets a bound, unless it is none.
fn bound(schema: &mut Value, name: &str, bound: usize, none: usize) {
    if bound != none {
        schema[name] = bound.into();
    }
}
