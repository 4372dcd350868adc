//! JSON in which every value knows its place in the text.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::diagnostic::{Diagnostic, Source, quote};

/// A value's text, unread.
pub(crate) type Raw<'a> = &'a RawValue;

/// The members of a JSON object in their order.
#[derive(Debug)]
pub(crate) struct Object<'a> {
    pub(crate) members: Vec<Member<'a>>,
    /// Where the object stands, brackets included.
    pub(crate) span: Range<usize>,
}

/// One key and its value.
#[derive(Debug)]
pub(crate) struct Member<'a> {
    pub(crate) key: String,
    pub(crate) key_span: Range<usize>,
    pub(crate) value: Raw<'a>,
}

impl<'a> Object<'a> {
    /// Returns the members of the object that the whole text is, or nothing where it is something
    /// else, of which [`parse`] says what. Nothing is gone over twice.
    pub(crate) fn whole(source: &'a Source) -> Option<Self> {
        let text = without_mark(source);
        let members = serde_json::from_str(text).ok()?;
        let object = text.trim_matches([' ', '\n', '\r', '\t']);
        Self::of(source, members, span_of(source, object))
    }

    /// Returns the members of an object, or nothing where the value is something else.
    pub(crate) fn read(source: &Source, raw: Raw<'a>) -> Option<Self> {
        let members = serde_json::from_str(raw.get()).ok()?;
        Self::of(source, members, span(source, raw))
    }

    fn of(source: &Source, members: Members<'a>, span: Range<usize>) -> Option<Self> {
        let member = |(key, value): (Raw<'a>, Raw<'a>)| {
            Some(Member {
                key: string(key)?,
                key_span: self::span(source, key),
                value,
            })
        };
        let members = members.0.into_iter().map(member).collect::<Option<_>>()?;
        Some(Self { members, span })
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Member<'a>> {
        self.members.iter().find(|member| member.key == key)
    }
}

/// Returns a string's text, or nothing where the value is something else or holds half a surrogate
/// pair.
pub(crate) fn string(raw: Raw<'_>) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

/// Returns the elements of an array, or nothing where the value is something else.
pub(crate) fn array<'a>(raw: Raw<'a>) -> Option<Vec<Raw<'a>>> {
    serde_json::from_str(raw.get()).ok()
}

/// Where a value stands in the source that it was read from. One that was not read from it stands
/// at its end.
pub(crate) fn span(source: &Source, raw: Raw<'_>) -> Range<usize> {
    span_of(source, raw.get())
}

fn span_of(source: &Source, part: &str) -> Range<usize> {
    let text = source.text.as_bytes().as_ptr_range();
    let start = part.as_ptr();
    if text.contains(&start) {
        let start = start as usize - text.start as usize;
        start..start + part.len()
    } else {
        source.text.len()..source.text.len()
    }
}

/// What a value is, for "expected an object, found a number".
pub(crate) fn kind(raw: Raw<'_>) -> &'static str {
    match raw.get().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// Checks that the whole text is one JSON value and returns it unread.
pub(crate) fn parse(source: &Arc<Source>) -> Result<Raw<'_>, Diagnostic> {
    let text = without_mark(source);
    serde_json::from_str(text).map_err(|error| {
        let at = offset(text, error.line(), error.column()) + source.text.len() - text.len();
        let end = source
            .text
            .ceil_char_boundary((at + 1).min(source.text.len()));
        let message = error.to_string();
        let message = message
            .split(" at line ")
            .next()
            .unwrap_or(&message)
            .replace("EOF while parsing", "the file ends inside");
        let problem = Diagnostic::new(format!("not valid JSON: {message}")).at(source, at..end);
        match advice(source, at, &message) {
            Some(advice) => problem.hinted(advice),
            None => problem,
        }
    })
}

/// The text without the mark of the byte order that may stand before it.
fn without_mark(source: &Source) -> &str {
    source.text.strip_prefix('\u{feff}').unwrap_or(&source.text)
}

/// What to do about a syntax error, judged by what stands there and by what the parser says of it.
fn advice(source: &Source, at: usize, message: &str) -> Option<&'static str> {
    let rest = &source.text[source.text.floor_char_boundary(at)..];
    let before = source.text[..source.text.floor_char_boundary(at)].trim_end();
    if source.text.trim().is_empty() {
        return Some("the file is empty; try one of the gallery's scenarios as a beginning");
    }
    match rest.chars().next() {
        Some('/' | '#') => Some("JSON has no comments"),
        Some('\'') => Some("JSON strings and keys stand in double quotes"),
        Some('}' | ']') if before.ends_with(',') => {
            Some("JSON allows no comma after the last element")
        }
        None => Some("the file ends too early: is a bracket or a quote left open?"),
        _ if message.starts_with("trailing characters") => {
            Some("the file goes on after its outermost bracket is closed")
        }
        _ if message.starts_with("key must be a string") => {
            Some("JSON keys stand in double quotes")
        }
        _ if message.starts_with("expected `,`") => Some("is a comma missing before it?"),
        _ if message.starts_with("control character") => {
            Some("a line break in a string is written \\n, a tab \\t")
        }
        _ => word(rest).or_else(|| number(source, at)),
    }
}

/// What to do about a word that JSON does not have.
fn word(rest: &str) -> Option<&'static str> {
    let end = rest
        .find(|c: char| !c.is_alphanumeric())
        .unwrap_or(rest.len());
    match rest[..end].to_lowercase().as_str() {
        "nan" | "inf" | "infinity" => Some("JSON has no NaN and no Infinity"),
        "none" | "null" => Some("JSON writes null"),
        "true" | "false" => Some("JSON writes true and false in small letters"),
        _ => None,
    }
}

/// What to do about a number that JSON does not write so.
fn number(source: &Source, at: usize) -> Option<&'static str> {
    let text = &source.text;
    let in_number = |c: char| c.is_alphanumeric() || matches!(c, '+' | '-' | '.');
    let start = text[..at].trim_end_matches(in_number).len();
    let written = &text[start..];
    let end = written.find(|c| !in_number(c)).unwrap_or(written.len());
    let written = &written[..end];
    let bare = written.trim_start_matches(['+', '-']);
    if bare.len() < written.len() && word(bare).is_some() {
        return Some("JSON has no NaN and no Infinity");
    }
    written
        .contains(|c: char| c.is_ascii_digit())
        .then_some("JSON writes numbers as in 0.5, -3 or 2e-7")
}

/// The byte at a line and a column as serde_json counts them: lines from 1, columns in bytes, of
/// the byte read last.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let line_start = match line.checked_sub(2) {
        None => 0,
        Some(newline) => text
            .match_indices('\n')
            .nth(newline)
            .map_or(text.len(), |(at, _)| at + 1),
    };
    text.floor_char_boundary((line_start + column.saturating_sub(1)).min(text.len()))
}

/// Reports the second and every further member of the same name.
pub(crate) fn duplicates(source: &Arc<Source>, object: &Object<'_>) -> Vec<Diagnostic> {
    let mut seen = std::collections::HashSet::new();
    let again = object
        .members
        .iter()
        .filter(|member| !seen.insert(member.key.as_str()));
    again
        .map(|member| {
            Diagnostic::new(format!("the key {} is given twice", quote(&member.key)))
                .at(source, member.key_span.clone())
                .hinted("remove one of the two")
        })
        .collect()
}

/// An object's keys and values, unread.
struct Members<'a>(Vec<(Raw<'a>, Raw<'a>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(MembersVisitor)
    }
}
