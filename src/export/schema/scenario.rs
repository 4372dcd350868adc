//! The schema of a scenario. What a layer may hold is what its op asks for.

use serde_json::{Map, Value, json};

use super::reference::reference;
use super::{op, train};
use crate::ops;
use crate::scenario::Gradients;
use crate::tensor::{MAX_RANK, Precision};

/// A tensor's name, as [`is_name`](crate::tensor::is_name) has it.
const NAME: &str = "[A-Za-z_][A-Za-z0-9_.]*";

/// Returns the schema.
pub(super) fn schema() -> Value {
    let mut definitions = Map::from_iter([
        (
            "name".to_owned(),
            json!({ "type": "string", "pattern": format!("^{NAME}$") }),
        ),
        (
            "place".to_owned(),
            json!({ "type": "string", "pattern": format!("^{NAME}(\\[[^\\]]*\\])?$") }),
        ),
        ("tensor".to_owned(), tensor()),
        ("parameter".to_owned(), parameter()),
        (
            "numbers".to_owned(),
            json!({ "anyOf": [{ "type": "number" },
                { "type": "array", "items": reference("numbers"), "minItems": 1 }] }),
        ),
        ("layer".to_owned(), layer()),
    ]);
    definitions.extend(ops::all().map(|op| (definition(op.name), op::layer(op))));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Scenario",
        "description": "Inputs, layers with their weights, and the gradients that arrive at the \
                        outputs.",
        "type": "object",
        "properties": {
            "backstep": { "description": "The version of the format.", "const": 1 },
            "$schema": { "description": "Where this schema is, for an editor.", "type": "string" },
            "title": { "type": "string" },
            "description": { "type": "string" },
            "inputs": {
                "description": "The tensors that are given to the network.",
                "type": "object",
                "propertyNames": reference("name"),
                "additionalProperties": reference("tensor"),
            },
            "parameters": {
                "description": "The parameters that several layers may use, or that a layer reads \
                                in `from`.",
                "type": "object",
                "propertyNames": reference("name"),
                "additionalProperties": reference("tensor"),
            },
            "layers": {
                "description": "The layers, in an order that only looks back.",
                "type": "array",
                "items": reference("layer"),
                "minItems": 1,
            },
            "upstream": {
                "description": "dL/d(output) for one or several layers; left out, it is 1 where \
                                the last layer has one element.",
                "type": "object",
                "propertyNames": reference("name"),
                "additionalProperties": reference("tensor"),
            },
            "ask": {
                "description": "The tensors and the single neurons that homework asks for; left \
                                out, all tensors that make steps.",
                "type": "array",
                "items": reference("place"),
                "minItems": 1,
            },
            "points": {
                "description": "How many points homework has, by tensor; else one a number.",
                "type": "object",
                "propertyNames": reference("name"),
                "additionalProperties": { "type": "number", "exclusiveMinimum": 0 },
            },
            "gradients": {
                "description": "Which gradient of a layer with an activation homework is about; \
                                left out, that of its output.",
                "const": Gradients::BEFORE,
            },
            "train": train::schema(),
            "precision": {
                "description": "The number format that every value and gradient is rounded to; \
                                left out, f64.",
                "enum": Precision::ALL.map(Precision::name),
            },
            "loss_scale": {
                "description": "What every given upstream gradient is multiplied by; left out, 1.",
                "type": "number",
                "exclusiveMinimum": 0,
            },
            "notes": {
                "description": "A teacher's words for a tensor or for one neuron.",
                "type": "object",
                "propertyNames": reference("place"),
                "additionalProperties": { "anyOf": [{ "type": "string" }, {
                    "description": "Words that are true of one update alone, counted from 1.",
                    "type": "object",
                    "properties": {
                        "text": { "type": "string" },
                        "update": { "type": "integer", "minimum": 1 },
                    },
                    "required": ["text", "update"],
                    "additionalProperties": false,
                }] },
            },
        },
        "required": ["backstep", "inputs", "layers"],
        "anyOf": [
            { "properties": { "inputs": { "minProperties": 1 } } },
            { "required": ["parameters"] },
        ],
        "additionalProperties": false,
        "$defs": definitions,
    })
}

/// The name under which an op's layers are defined.
fn definition(op: &str) -> String {
    format!("layer.{op}")
}

fn layer() -> Value {
    let of = |name: &str| {
        json!({ "if": { "properties": { "op": { "const": name } } },
        "then": reference(&definition(name)) })
    };
    json!({
        "type": "object",
        "properties": { "op": { "enum": ops::names().collect::<Value>() } },
        "required": ["op"],
        "allOf": ops::names().map(of).collect::<Value>(),
    })
}

/// A weight or a bias: a tensor, or the name of one that has its place elsewhere.
fn parameter() -> Value {
    let named = json!({
        "type": "object",
        "properties": { "parameter": reference("name") },
        "required": ["parameter"],
        "additionalProperties": false,
    });
    json!({ "description": "A tensor, or one of `parameters`, or the parameter of a layer above.",
            "anyOf": [reference("tensor"), named] })
}

fn tensor() -> Value {
    let written_out = json!({
        "type": "object",
        "properties": {
            "shape": { "type": "array", "items": { "type": "integer", "minimum": 1 },
                "maxItems": MAX_RANK },
            "data": { "description": "The numbers in row-major order.", "type": "array",
                "items": { "type": "number" }, "minItems": 1 },
        },
        "required": ["shape", "data"],
        "additionalProperties": false,
    });
    let in_a_file = json!({
        "type": "object",
        "properties": {
            "file": { "description": "A .npy, .npz, .safetensors or .pt file in the scenario's \
                                      folder or below it.", "type": "string" },
            "key": { "type": "string" },
        },
        "required": ["file"],
        "additionalProperties": false,
    });
    json!({ "description": "A number, nested arrays of numbers, a shape with its data, or a file.",
            "anyOf": [reference("numbers"), written_out, in_a_file] })
}
