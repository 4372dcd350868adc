//! The files of an imported scenario.

use std::collections::BTreeMap;
use std::io;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::{Value, json};

use super::WEIGHTS;
use super::draft::Layer;
use super::graph::Drafted;
use crate::json::{Nested, write_lines};
use crate::scenario::tensor_file::{Precision, write_safetensors};
use crate::tensor::Tensor;

/// The most numbers of a target or an upstream gradient that are written out in the scenario, where
/// they are easy to change.
const MOST_WRITTEN: usize = 100;

/// Returns the scenario's text, and the bytes of the file with its tensors.
pub(super) fn write(drafted: &Drafted, title: &str) -> io::Result<(String, Vec<u8>)> {
    let mut tensors = Vec::new();
    let scenario = Members(vec![
        ("backstep", Member::Value(json!(1))),
        ("title", Member::Value(json!(title))),
        ("description", Member::Value(json!(drafted.description))),
        ("inputs", Member::Members(inputs(drafted, &mut tensors))),
        ("layers", Member::Layers(layers(drafted, &mut tensors))),
    ]);
    let upstream = upstream(drafted, &mut tensors);
    let all = Members(scenario.0.into_iter().chain(upstream).collect());
    let mut text = Vec::new();
    write_lines(&mut text, 2, &all)?;
    text.push(b'\n');
    let mut weights = Vec::new();
    let stored: Vec<_> = tensors
        .iter()
        .map(|(key, tensor)| (key.clone(), *tensor, Precision::of(tensor)))
        .collect();
    write_safetensors(&mut weights, ("title", title), &stored)?;
    Ok((String::from_utf8(text).map_err(io::Error::other)?, weights))
}

/// The tensors that go into the file of their own, under their names.
type Stored<'a> = Vec<(String, &'a Tensor)>;

fn inputs<'a>(drafted: &'a Drafted, stored: &mut Stored<'a>) -> Members<'a> {
    Members(
        drafted
            .draft
            .inputs
            .iter()
            .map(|(name, tensor)| (name.as_str(), in_file(name.clone(), tensor, stored)))
            .collect(),
    )
}

fn layers<'a>(drafted: &'a Drafted, stored: &mut Stored<'a>) -> Vec<Members<'a>> {
    let mut before = None;
    let layer = |layer: &'a Layer| {
        let from: Vec<&str> = layer
            .from
            .iter()
            .map(|operand| operand.name.as_str())
            .collect();
        let mut members = vec![
            ("name", Member::Value(json!(layer.name))),
            ("op", Member::Value(json!(layer.op))),
        ];
        match from[..] {
            [only] if before == Some(only) => {}
            [only] => members.push(("from", Member::Value(json!(only)))),
            _ => members.push(("from", Member::Value(json!(from)))),
        }
        members.extend(
            layer
                .settings
                .iter()
                .map(|(key, value)| (*key, Member::Value(value.clone()))),
        );
        for (key, tensor) in &layer.tensors {
            let name = format!("{}.{key}", layer.name);
            members.push((
                key,
                if *key == "target" {
                    written(name, tensor, stored)
                } else {
                    in_file(name, tensor, stored)
                },
            ));
        }
        before = Some(layer.name.as_str());
        Members(members)
    };
    drafted.draft.layers.iter().map(layer).collect()
}

fn upstream<'a>(
    drafted: &'a Drafted,
    stored: &mut Stored<'a>,
) -> Option<(&'static str, Member<'a>)> {
    // No tensor's name has a slash in it, so the key is nobody else's.
    let member = |(name, tensor): (&'a String, &'a Tensor)| {
        (
            name.as_str(),
            written(format!("upstream/{name}"), tensor, stored),
        )
    };
    let upstream: Vec<_> = drafted.upstream.iter().map(member).collect();
    (!upstream.is_empty()).then_some(("upstream", Member::Members(Members(upstream))))
}

/// Puts a tensor into the file, and returns where it is.
fn in_file<'a>(key: String, tensor: &'a Tensor, stored: &mut Stored<'a>) -> Member<'a> {
    let member = Member::Value(json!({ "file": WEIGHTS, "key": key }));
    stored.push((key, tensor));
    member
}

/// Writes a tensor out where it is small.
fn written<'a>(key: String, tensor: &'a Tensor, stored: &mut Stored<'a>) -> Member<'a> {
    let is_small = tensor.data().len() <= MOST_WRITTEN
        && tensor.data().iter().all(|number| number.is_finite());
    if is_small {
        Member::Tensor(tensor)
    } else {
        in_file(key, tensor, stored)
    }
}

/// An object whose members keep their order.
struct Members<'a>(Vec<(&'a str, Member<'a>)>);

enum Member<'a> {
    Value(Value),
    Tensor(&'a Tensor),
    Members(Members<'a>),
    Layers(Vec<Members<'a>>),
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        self.0
            .iter()
            .try_for_each(|(key, member)| map.serialize_entry(key, member))?;
        map.end()
    }
}

impl Serialize for Member<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Value(value) => value.serialize(serializer),
            Self::Tensor(tensor) => Nested {
                shape: tensor.shape(),
                data: tensor.data(),
            }
            .serialize(serializer),
            Self::Members(members) => members.serialize(serializer),
            Self::Layers(layers) => {
                let mut list = serializer.serialize_seq(Some(layers.len()))?;
                layers
                    .iter()
                    .try_for_each(|layer| list.serialize_element(layer))?;
                list.end()
            }
        }
    }
}

/// The upstream gradients by their tensors' names.
pub(super) type Upstream = BTreeMap<String, Tensor>;
