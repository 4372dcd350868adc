//! A layer's keys as a schema: each op reads its keys from a file that has none, and what it asks
//! for is noted.

use std::ops::RangeInclusive;

use serde_json::{Map, Value, json};

use super::scenario::reference;
use crate::ops::{Asked, Entry, Form, KeyError, Keys, Op, Reader};
use crate::tensor::Tensor;

/// Returns the schema of a layer of this op.
pub(super) fn layer(entry: &Entry) -> Value {
    let (op, asked) = read(entry, None);
    let mut properties = Map::from_iter([
        ("name".to_owned(), reference("name")),
        ("op".to_owned(), json!({ "const": entry.name })),
        ("from".to_owned(), from(&op.arity())),
    ]);
    properties.extend(
        asked
            .iter()
            .map(|asked| (asked.key.to_owned(), form(&asked.form))),
    );
    let mut layer =
        json!({ "type": "object", "properties": properties, "additionalProperties": false });
    let common = ["name", "op"]
        .into_iter()
        .chain((*op.arity().start() > 1).then_some("from"));
    // A flag may change what else is needed, as the batch's own statistics do in `batch_norm`.
    let flags = asked
        .iter()
        .filter(|asked| asked.form == Form::Flag)
        .map(|asked| asked.key);
    match flags
        .map(|flag| (flag, required(&read(entry, Some(flag)).1)))
        .find(|(_, others)| *others != required(&asked))
    {
        None => layer["required"] = common.chain(required(&asked)).collect(),
        Some((flag, others)) => {
            layer["required"] = common.collect();
            layer["if"] = json!({ "properties": { flag: { "const": true } }, "required": [flag] });
            layer["then"] = json!({ "required": others });
            layer["else"] = json!({ "required": required(&asked) });
        }
    }
    layer
}

fn required(asked: &[Asked]) -> Vec<&'static str> {
    asked
        .iter()
        .filter(|asked| asked.is_required)
        .map(|asked| asked.key)
        .collect()
}

/// What a layer reads: one name, or as many as its op takes.
fn from(arity: &RangeInclusive<usize>) -> Value {
    let mut list = list(reference("name"), arity);
    if *arity.start() > 1 {
        return list;
    }
    list = json!({ "anyOf": [reference("name"), list] });
    list
}

fn form(form: &Form) -> Value {
    match form {
        Form::Tensor => reference("tensor"),
        Form::Flag => json!({ "type": "boolean" }),
        Form::Number => json!({ "type": "number" }),
        Form::Whole(range) => {
            let mut whole = json!({ "type": "integer" });
            bound(&mut whole, "minimum", *range.start(), i64::MIN);
            bound(&mut whole, "maximum", *range.end(), i64::MAX);
            whole
        }
        Form::Name(names) => json!({ "enum": names }),
        Form::List(of, length) => list(self::form(of), length),
        Form::Either(one, other) => match (self::form(one), self::form(other)) {
            (Value::Object(one), other) if one.contains_key("anyOf") => {
                json!({ "anyOf": one["anyOf"].as_array().into_iter().flatten().cloned().chain([other]).collect::<Value>() })
            }
            (one, other) => json!({ "anyOf": [one, other] }),
        },
    }
}

fn list(items: Value, length: &RangeInclusive<usize>) -> Value {
    let mut list = json!({ "type": "array", "items": items });
    bound(&mut list, "minItems", *length.start(), 0);
    bound(&mut list, "maxItems", *length.end(), usize::MAX);
    list
}

/// Sets a bound, unless it is none.
fn bound<N: PartialEq + Into<Value>>(schema: &mut Value, name: &str, bound: N, none: N) {
    if bound != none {
        schema[name] = bound.into();
    }
}

/// Has an op read its keys from a file that has none of them, or one flag.
fn read(entry: &Entry, flag: Option<&'static str>) -> (Box<dyn Op>, Vec<Asked>) {
    let mut keys = Blank { flag };
    let mut reader = Reader::new(&mut keys);
    let op = (entry.read)(&mut reader);
    (op, reader.asked())
}

/// A layer without keys, or with one flag that is set.
struct Blank {
    flag: Option<&'static str>,
}

impl Keys for Blank {
    fn setting(&mut self, key: &'static str) -> Option<Value> {
        self.has(key).then_some(Value::Bool(true))
    }

    fn tensor(&mut self, _: &'static str) -> Option<Tensor> {
        None
    }

    fn parameter(&mut self, _: &'static str) {}

    fn has(&self, key: &'static str) -> bool {
        self.flag == Some(key)
    }

    fn report(&mut self, _: &'static str, _: KeyError) {}
}
