//! JSON as the formats want it: the shortest numbers, and no character that a terminal would obey.

use std::borrow::Cow;
use std::io::{self, Write};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};
use serde_json::ser::Formatter;

use crate::diagnostic::is_hidden;
use crate::tensor::{Shape, exact, write_exact};

/// Writes a value as JSON in one line, in many small pieces.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut (impl Write + ?Sized), value: &impl Serialize) -> io::Result<()> {
    write_lines(out, 0, value)
}

/// Writes a value as JSON, with a line for each member of the objects and arrays that are nested at
/// most `lines` deep.
///
/// # Errors
/// Those of `out`.
pub fn write_lines(
    out: &mut (impl Write + ?Sized),
    lines: usize,
    value: &impl Serialize,
) -> io::Result<()> {
    value
        .serialize(&mut serde_json::Serializer::with_formatter(
            out,
            Layout { lines, depth: 0 },
        ))
        .map_err(io::Error::from)
}

/// Returns a value as JSON in one line.
pub fn text(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    write(&mut out, value).expect("memory takes whatever is written to it");
    String::from_utf8(out).expect("JSON is written as UTF-8")
}

/// A number, which in JSON is a string where it is not finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number(pub f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_finite() {
            serializer.serialize_f64(self.0)
        } else {
            serializer.serialize_str(&exact(self.0))
        }
    }
}

impl JsonSchema for Number {
    fn schema_name() -> Cow<'static, str> {
        "Number".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(exact);
        json_schema!({ "anyOf": [{ "type": "number" }, { "enum": names }] })
    }
}

/// Numbers in row-major order as nested arrays.
pub struct Nested<'a> {
    /// The sizes of the axes.
    pub shape: &'a [usize],
    /// The numbers, as many as the shape has places.
    pub data: &'a [f64],
}

impl Serialize for Nested<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some((&size, inner)) = self.shape.split_first() else {
            return Number(self.data[0]).serialize(serializer);
        };
        let mut rows = serializer.serialize_seq(Some(size))?;
        for row in self.data.chunks(self.data.len() / size) {
            rows.serialize_element(&Nested {
                shape: inner,
                data: row,
            })?;
        }
        rows.end()
    }
}

impl JsonSchema for Nested<'_> {
    fn schema_name() -> Cow<'static, str> {
        "Nested".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (number, nested) = (
            generator.subschema_for::<Number>(),
            generator.subschema_for::<Self>(),
        );
        json_schema!({ "anyOf": [number, { "type": "array", "items": nested, "minItems": 1 }] })
    }
}

/// A space or a new line after each comma, and a space after each colon.
struct Layout {
    /// Down to which depth each member stands on a line of its own.
    lines: usize,
    /// How many objects and arrays are open.
    depth: usize,
}

impl Layout {
    fn member<W: ?Sized + Write>(&self, out: &mut W, first: bool) -> io::Result<()> {
        out.write_all(if first { b"" } else { b"," })?;
        match (self.depth <= self.lines, first) {
            (true, _) => self.new_line(out),
            (false, true) => Ok(()),
            (false, false) => out.write_all(b" "),
        }
    }

    fn new_line<W: ?Sized + Write>(&self, out: &mut W) -> io::Result<()> {
        write!(out, "\n{:1$}", "", 2 * self.depth)
    }

    fn close<W: ?Sized + Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        if self.depth < self.lines {
            self.new_line(out)?;
        }
        out.write_all(bracket)
    }
}

impl Formatter for Layout {
    fn write_f64<W: ?Sized + Write>(&mut self, out: &mut W, value: f64) -> io::Result<()> {
        write_exact(out, value)
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        // Nearly all text is plain, and that is found out much faster than where it is not.
        if fragment.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
            return out.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some(at) = rest.find(is_hidden) {
            let (plain, from_hidden) = rest.split_at(at);
            out.write_all(plain.as_bytes())?;
            let mut after = from_hidden.chars();
            if let Some(hidden) = after.next() {
                for unit in hidden.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            }
            rest = after.as_str();
        }
        out.write_all(rest.as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth += 1;
        out.write_all(b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"]")
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth += 1;
        out.write_all(b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"}")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.member(out, first)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.member(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }
}

/// Returns the elements of a tensor as nested JSON arrays, a row a line. `element` gives the text
/// of one by its row-major place, and the brackets close under the column at which a line of
/// `indent` blanks begins.
pub fn rows(shape: &Shape, indent: usize, element: &dyn Fn(usize) -> String) -> String {
    level(shape, 0, indent, element)
}

fn level(
    sizes: &[usize],
    first: usize,
    indent: usize,
    element: &dyn Fn(usize) -> String,
) -> String {
    match sizes {
        [] => element(first),
        [size] => format!(
            "[{}]",
            (first..first + size)
                .map(element)
                .collect::<Vec<_>>()
                .join(", ")
        ),
        [size, inner @ ..] => {
            let blanks = " ".repeat(indent);
            let step: usize = inner.iter().product();
            let row = |number: usize| {
                format!(
                    "{blanks}  {}",
                    level(inner, first + number * step, indent + 2, element)
                )
            };
            format!(
                "[\n{}\n{blanks}]",
                (0..*size).map(row).collect::<Vec<_>>().join(",\n")
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_never_null() {
        let data = [1.0, -0.5, f64::NAN, f64::NEG_INFINITY, 1e-7, 1e21];
        assert_eq!(
            text(&Nested {
                shape: &[2, 3],
                data: &data
            }),
            r#"[[1, -0.5, "NaN"], ["-Infinity", 1e-7, 1e21]]"#
        );
        assert_eq!(
            text(&Nested {
                shape: &[],
                data: &[4.0]
            }),
            "4"
        );
    }

    #[test]
    fn hidden_characters_are_escaped() {
        assert_eq!(
            text(&"a\u{1b}\u{9b}\u{202e}\u{e0041}é\n\""),
            r#""a\u001b\u009b\u202e\udb40\udc41é\n\"""#
        );
    }

    #[test]
    fn a_row_is_a_line() {
        let text = |shape: &[usize]| rows(&Shape::from(shape), 2, &|at| at.to_string());
        assert_eq!(text(&[2, 3]), "[\n    [0, 1, 2],\n    [3, 4, 5]\n  ]");
        assert_eq!(text(&[2]), "[0, 1]");
        assert_eq!(text(&[]), "0");
    }
}
