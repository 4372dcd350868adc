//! Where in a scenario's text that stands which can be edited.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::json::{self, Object, Raw};
use crate::diagnostic::Source;

/// Where in a scenario's text that stands which can be edited.
#[derive(Debug, Clone, Default)]
pub(super) struct SourceMap {
    /// The outermost object.
    pub(super) top: Members,
    /// By name: where an input's value begins.
    pub(super) inputs: HashMap<String, usize>,
    /// By name: where the value of a parameter begins that stands in no layer.
    pub(super) parameters: HashMap<String, usize>,
    /// By layer.
    pub(super) layers: Vec<Members>,
    /// By name: where an upstream gradient begins.
    pub(super) upstream: HashMap<String, usize>,
}

/// The members of an object in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Members {
    /// Where the object stands, brackets included.
    span: Range<usize>,
    pub(super) list: Vec<Member>,
}

/// One key and where its value stands.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) key: String,
    pub(super) key_span: Range<usize>,
    pub(super) value: Range<usize>,
}

impl SourceMap {
    /// Looks through the text of a scenario, which has been read before.
    pub(super) fn of(source: &Arc<Source>) -> Self {
        let top = json::parse(source)
            .ok()
            .and_then(|raw| Object::read(source, raw));
        let Some(top) = top else {
            return Self::default();
        };
        let value = |key: &str| top.get(key).map(|member| member.value);
        let places = |key: &str| {
            let object = value(key).and_then(|raw| Object::read(source, raw));
            let members = object
                .map(|object| object.members)
                .unwrap_or_default()
                .into_iter();
            members
                .map(|member| (member.key, json::span(source, member.value).start))
                .collect()
        };
        let layer = |raw: Raw<'_>| Some(Members::of(source, &Object::read(source, raw)?));
        let layers = value("layers").and_then(json::array).unwrap_or_default();
        Self {
            inputs: places("inputs"),
            parameters: places("parameters"),
            layers: layers.into_iter().filter_map(layer).collect(),
            upstream: places("upstream"),
            top: Members::of(source, &top),
        }
    }
}

impl Members {
    pub(super) fn of(source: &Source, object: &Object<'_>) -> Self {
        let member = |member: &json::Member<'_>| Member {
            key: member.key.clone(),
            key_span: member.key_span.clone(),
            value: json::span(source, member.value),
        };
        Self {
            span: object.span.clone(),
            list: object.members.iter().map(member).collect(),
        }
    }

    /// Where the value of a key stands.
    pub(super) fn value(&self, key: &str) -> Option<Range<usize>> {
        let member = self.list.iter().find(|member| member.key == key)?;
        Some(member.value.clone())
    }

    /// Returns the place after the last member, and what a further one is there: on a line of its
    /// own where the others stand so.
    pub(super) fn appended(&self, text: &str, key: &str, value: &str) -> (Range<usize>, String) {
        let end = self
            .list
            .last()
            .map_or(self.span.start + 1, |last| last.value.end);
        let first = self.list.first().map_or(end, |first| first.key_span.start);
        let before = &text[self.span.start..first];
        let gap = before.rfind('\n').map_or(" ", |newline| &before[newline..]);
        let key = serde_json::Value::from(key);
        (end..end, format!(",{gap}{key}: {value}"))
    }
}
