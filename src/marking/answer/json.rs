//! Answers in JSON: [`FORMAT`], and traces and keys, whose gradients are an answer too.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Answer, Reading, misshapen};
use crate::diagnostic::{Diagnostic, Source, did_you_mean, quote};
use crate::scenario::json::{self, Object};
use crate::tape::Network;
use crate::tensor::{NumberError, parse_number};

/// The format and its version, as the file says it.
pub const FORMAT: &str = "backstep-answer/1";
/// The same of a trace.
const TRACE: &str = "backstep-trace/1";
/// The same of the key of a generated exercise.
const KEY: &str = "backstep-key/1";

pub(super) fn read(file_name: &str, bytes: &[u8], network: &Network) -> Result<Answer, Diagnostic> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Diagnostic::new(format!(
            "{} is not UTF-8 text: byte {} is no part of a character",
            quote(file_name),
            error.valid_up_to()
        ))
    })?;
    let source = Arc::new(Source {
        name: file_name.to_owned(),
        text: text.to_owned(),
    });
    let raw = json::parse(&source)?;
    let top = Object::read(&source, raw).ok_or_else(|| {
        let message = format!("an answer is an object, found {}", json::kind(raw));
        Diagnostic::new(message).at(&source, json::span(&source, raw))
    })?;
    let duplicates = json::duplicates(&source, &top);
    if let Some(problem) = Diagnostic::all(duplicates) {
        return Err(problem);
    }
    match format(&source, &top)?.as_str() {
        FORMAT => answer(&source, &top, network, &["format", "student", "grads"]),
        KEY => answer(&source, &top, network, KEYS_OF_KEY),
        TRACE => trace(&source, &top, network),
        other => Err(another_version(&source, &top, other)),
    }
}

fn format(source: &Arc<Source>, top: &Object<'_>) -> Result<String, Diagnostic> {
    let hint = format!("an answer begins with {{ \"format\": \"{FORMAT}\", ...");
    match top.get("format") {
        Some(member) => json::string(member.value).ok_or_else(|| {
            Diagnostic::new("`format` must be a string")
                .at(source, json::span(source, member.value))
                .hinted(hint)
        }),
        None => {
            let problem =
                Diagnostic::new("the key `format` is missing, which says what the file is");
            Err(problem
                .at(source, top.span.start..top.span.start + 1)
                .hinted(hint))
        }
    }
}

fn another_version(source: &Arc<Source>, top: &Object<'_>, found: &str) -> Diagnostic {
    let span = top
        .get("format")
        .map(|member| json::span(source, member.value))
        .unwrap_or_default();
    let known = [TRACE, KEY].into_iter().find(|known| {
        known.split_once('/').map(|(name, _)| name) == found.split_once('/').map(|(name, _)| name)
    });
    let known = known.unwrap_or(FORMAT);
    Diagnostic::new(format!(
        "the file is of format {}, but this program reads `{known}`",
        quote(found)
    ))
    .at(source, span)
}

/// Everything that a key says; of it, an answer is the student and the gradients.
const KEYS_OF_KEY: &[&str] = &[
    "format",
    "template",
    "level",
    "assignment",
    "student",
    "scenario_sha256",
    "grads",
    "inseparable",
];

fn answer(
    source: &Arc<Source>,
    top: &Object<'_>,
    network: &Network,
    keys: &[&str],
) -> Result<Answer, Diagnostic> {
    if let Some(member) = top
        .members
        .iter()
        .find(|member| !keys.contains(&member.key.as_str()))
    {
        let problem = Diagnostic::new(format!("an answer has no key {}", quote(&member.key)))
            .at(source, member.key_span.clone());
        let hint = did_you_mean(&member.key, keys.iter().copied());
        let all = || format!("its keys are `{}`", keys.join("`, `"));
        return Err(problem.hinted(hint.unwrap_or_else(all)));
    }
    let mut answer = Reading::new(network);
    answer.answer.student = student(source, top)?;
    let Some(grads) = top.get("grads") else {
        let problem = Diagnostic::new("the key `grads` is missing, which holds the gradients");
        return Err(problem.at(source, top.span.start..top.span.start + 1));
    };
    let by_name = Object::read(source, grads.value).ok_or_else(|| {
        let message = format!(
            "`grads` must be an object of tensors, found {}",
            json::kind(grads.value)
        );
        Diagnostic::new(message).at(source, json::span(source, grads.value))
    })?;
    for member in &by_name.members {
        answer.tensor(&member.key, member.value);
    }
    Ok(answer.finish())
}

fn student(source: &Arc<Source>, top: &Object<'_>) -> Result<Option<String>, Diagnostic> {
    let Some(member) = top.get("student") else {
        return Ok(None);
    };
    match (json::string(member.value), json::kind(member.value)) {
        (Some(student), _) => Ok(Some(student)),
        // Many a course has numbers for its students.
        (None, "a number") => Ok(Some(member.value.get().to_owned())),
        (None, "null") => Ok(None),
        (None, kind) => {
            let problem = Diagnostic::new(format!("`student` must be a string, found {kind}"));
            Err(problem.at(source, json::span(source, member.value)))
        }
    }
}

pub(super) fn student_in(bytes: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        student: serde_json::Value,
    }
    match serde_json::from_slice(bytes).ok()? {
        Named {
            student: serde_json::Value::String(student),
        } => Some(student),
        Named {
            student: serde_json::Value::Number(student),
        } => Some(student.to_string()),
        Named { .. } => None,
    }
}

fn trace(source: &Arc<Source>, top: &Object<'_>, network: &Network) -> Result<Answer, Diagnostic> {
    let listed = top
        .get("tensors")
        .and_then(|member| json::array(member.value));
    let Some(tensors) = listed else {
        return Err(Diagnostic::new("the trace has no list `tensors`")
            .at(source, top.span.start..top.span.start + 1));
    };
    let mut answer = Reading::new(network);
    answer.answer.is_precise = true;
    for raw in tensors {
        let object = Object::read(source, raw);
        let members = object
            .as_ref()
            .and_then(|object| Some((object.get("name")?, object.get("grad")?)));
        match members.and_then(|(name, grad)| Some((json::string(name.value)?, grad))) {
            Some((name, grad)) => answer.tensor(&name, grad.value),
            None => {
                let message = "a tensor of a trace is an object with its `name` and its `grad`";
                return Err(Diagnostic::new(message).at(source, json::span(source, raw)));
            }
        }
    }
    Ok(answer.finish())
}

impl Reading<'_> {
    fn tensor(&mut self, name: &str, raw: &RawValue) {
        let Some(id) = self.find(name) else {
            return;
        };
        let tensor = self.network.tensor(id);
        let mut numbers = Vec::new();
        let mut deserializer = serde_json::Deserializer::from_str(raw.get());
        let read = Level {
            sizes: &tensor.shape,
            place: &mut Vec::new(),
            numbers: &mut numbers,
        }
        .deserialize(&mut deserializer);
        match read {
            _ if self.answer.gradients.contains_key(&id) => {
                self.spoil(id, format!("{} is given twice", quote(name)));
            }
            Ok(()) => drop(self.answer.gradients.insert(id, numbers)),
            Err(error) => {
                let says = error.to_string();
                // What the parser adds counts lines from the start of this tensor, which helps
                // nobody.
                let says = says.split(" at line ").next().unwrap_or(&says);
                self.spoil(id, misshapen(tensor, says));
            }
        }
    }
}

/// Reads the arrays from one axis on.
struct Level<'a> {
    /// The sizes of the axes from this one on.
    sizes: &'a [usize],
    /// Where in the tensor this is, an index an axis.
    place: &'a mut Vec<usize>,
    numbers: &'a mut Vec<Option<f64>>,
}

impl Level<'_> {
    fn number<E: Error>(self, number: Option<f64>) -> Result<(), E> {
        match self.sizes {
            [] => {
                self.numbers.push(number);
                Ok(())
            }
            [size, ..] => self.refuse(&format!("a number where a list of {size} belongs")),
        }
    }

    /// Says what stands where something else belongs.
    fn refuse<T, E: Error>(&self, found: &str) -> Result<T, E> {
        let place: String = self.place.iter().map(|at| format!("[{at}]")).collect();
        let at = if place.is_empty() {
            String::new()
        } else {
            format!(" at {place}")
        };
        Err(E::custom(format!("has {found}{at}")))
    }
}

impl<'de> DeserializeSeed<'de> for Level<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("numbers in nested lists")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.number(None)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        self.number(Some(number))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a whole number is widened to f64 like every other"
    )]
    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.number(Some(number as f64))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a whole number is widened to f64 like every other"
    )]
    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.number(Some(number as f64))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        match parse_number(text) {
            Ok(number) => self.number(Some(number)),
            Err(NumberError::Empty) => self.number(None),
            Err(error) => self.refuse(&format!("{}, which {error},", quote(text))),
        }
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.refuse("a boolean where a number belongs")
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        self.refuse("an object where a number belongs")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let Some((&size, sizes)) = self.sizes.split_first() else {
            return self.refuse("a list where a number belongs");
        };
        for number in 0..size {
            self.place.push(number);
            let level = Level {
                sizes,
                place: self.place,
                numbers: self.numbers,
            };
            let element = elements.next_element_seed(level)?;
            self.place.pop();
            if element.is_none() {
                return self.refuse(&format!("{number} where {size} belong"));
            }
        }
        match elements.next_element::<IgnoredAny>()? {
            Some(_) => self.refuse(&format!("more than {size} where {size} belong")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;

    /// An answer with these numbers for `pool`.
    fn pool(numbers: &str) -> (Option<Vec<Option<f64>>>, Vec<String>) {
        read(
            "a.json",
            format!(r#"{{ "format": "backstep-answer/1", "student": "s1", "grads": {{ "pool": {numbers}, "loss": 1 }} }}"#)
                .as_bytes(),
        )
    }

    #[test]
    fn numbers_decimals_fractions_and_blanks_are_read() {
        assert_eq!(
            pool(r#"[[3.5, "15"], ["7/2", null]]"#),
            (Some(vec![Some(3.5), Some(15.0), Some(3.5), None]), vec![])
        );
    }

    #[test]
    fn a_trace_is_an_answer() {
        let trace = r#"{ "format": "backstep-trace/1", "title": "t", "tensors": [
            { "name": "pool", "kind": "input", "grad": [[1, 2], ["-Infinity", 4]] }, { "name": "loss", "grad": 1 } ] }"#;
        assert_eq!(
            read("t.json", trace.as_bytes()),
            (
                Some(vec![
                    Some(1.0),
                    Some(2.0),
                    Some(f64::NEG_INFINITY),
                    Some(4.0)
                ]),
                vec![]
            )
        );
    }

    #[test]
    fn what_is_wrong_with_a_tensor_spoils_nothing_but_it() {
        for (numbers, says) in [
            ("[[1, 2], [3]]", "has 1 where 2 belong at [1]"),
            (
                "[[1, 2, 5], [3, 4]]",
                "has more than 2 where 2 belong at [0]",
            ),
            ("[1, 2]", "has a number where a list of 2 belongs at [0]"),
            (
                "[[1, 2], [[3], 4]]",
                "has a list where a number belongs at [1][0]",
            ),
            (
                "[[1, 2], [\"x\", 4]]",
                "has `x`, which is neither a decimal nor a fraction, at [1][0]",
            ),
            (
                "[[1, 2], [true, 4]]",
                "has a boolean where a number belongs at [1][0]",
            ),
            ("{}", "has an object where a number belongs"),
        ] {
            assert_eq!(
                pool(numbers),
                (
                    None,
                    vec![format!("`pool` has shape [2, 2], but here it {says}")]
                )
            );
        }
        let twice = pool(r#"[[1, 2], [3, 4]], "pool": [[1, 2], [3, 4]]"#);
        assert_eq!(twice, (None, vec!["`pool` is given twice".to_owned()]));
    }

    #[test]
    fn a_file_that_is_no_answer_is_refused() {
        for (text, says) in [
            ("[]", "an answer is an object, found a list"),
            ("{", "not valid JSON: the file ends inside an object"),
            (
                "{}",
                "the key `format` is missing, which says what the file is",
            ),
            (
                r#"{ "format": "backstep-answer/2" }"#,
                "the file is of format `backstep-answer/2`, but this program reads `backstep-answer/1`",
            ),
            (
                r#"{ "format": "backstep-trace/2" }"#,
                "the file is of format `backstep-trace/2`, but this program reads `backstep-trace/1`",
            ),
            (
                r#"{ "format": "backstep-answer/1", "grad": {} }"#,
                "an answer has no key `grad`",
            ),
            (
                r#"{ "format": "backstep-answer/1" }"#,
                "the key `grads` is missing, which holds the gradients",
            ),
            (
                r#"{ "format": "backstep-answer/1", "student": [], "grads": {} }"#,
                "`student` must be a string, found a list",
            ),
            ("\u{1}", "not valid JSON: expected value"),
        ] {
            assert_eq!(
                read("a.json", text.as_bytes()).1,
                [format!("unreadable: {says}")]
            );
        }
    }
}
