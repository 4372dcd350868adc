//! Answers in JSON: [`ANSWER_FORMAT`], and traces and keys, whose gradients are an answer too.

mod cells;
mod plain;

use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use self::cells::{Layout, NoNumber, any_way, cells};
use super::content::{ANSWER_FORMAT, Answer, KEY_FORMAT};
use super::date::is_date;
use super::error::{AnswerError, JsonFault};
use super::exchanged;
use super::problem::{Misshape, Problem};
use super::reading::Reading;
use super::said::Said;
use crate::diagnostic::{Diagnostic, Source, nearest};
use crate::marking::numbers::Numbers;
use crate::marking::tolerance::Origin;
use crate::scenario::json::{self, Member, Object};
use crate::tape::Network;
use crate::tensor::{Address, NumberError, Tensor, parse_number};

/// The format of a trace and its version, as the file says it.
const TRACE: &str = "backstep-trace/1";

pub(super) fn read(
    file_name: &str,
    bytes: &[u8],
    network: &Network,
) -> Result<Answer, AnswerError> {
    let text = std::str::from_utf8(bytes).map_err(|error| AnswerError::NotText {
        file: file_name.to_owned(),
        at: error.valid_up_to(),
    })?;
    let source = Arc::new(Source {
        name: file_name.to_owned(),
        text: with_words_quoted(text),
    });
    let syntax = |problem| AnswerError::Syntax(Box::new(problem));
    let file = File { text: &source };
    let top = match Object::whole(&source) {
        Some(top) => top,
        None => {
            let raw = json::parse(&source).map_err(syntax)?;
            Object::read(&source, raw)
                .ok_or_else(|| file.fault(JsonFault::NoObject(json::kind(raw)), raw))?
        }
    };
    if let Some(problem) = Diagnostic::all(json::duplicates(&source, &top)) {
        return Err(syntax(problem));
    }
    match file.format(&top)?.as_str() {
        ANSWER_FORMAT => file.answer(&top, network, KEYS_OF_ANSWER),
        KEY_FORMAT => file.answer(&top, network, KEYS_OF_KEY),
        TRACE => file.trace(&top, network),
        other => Err(file.other_format(&top, other)),
    }
}

/// Returns the text with quotes around the words that Python writes for numbers that are not
/// finite, which JSON does not have.
fn with_words_quoted(text: &str) -> String {
    const WORDS: [&str; 3] = ["NaN", "Infinity", "-Infinity"];
    if !text.contains(WORDS[0]) && !text.contains(WORDS[1]) {
        return text.to_owned();
    }
    let mut quoted = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['"', 'N', 'I', '-']) {
        let (before, from) = rest.split_at(at);
        quoted.push_str(before);
        let word = WORDS.into_iter().find(|word| from.starts_with(word));
        let end = match word {
            Some(word) => word.len(),
            None if from.starts_with('"') => end_of_string(from),
            None => 1,
        };
        let mark = if word.is_some() { "\"" } else { "" };
        quoted.extend([mark, &from[..end], mark]);
        rest = &from[end..];
    }
    quoted + rest
}

/// Where a string ends that a text begins with, its quotes included.
fn end_of_string(text: &str) -> usize {
    let (mut is_escaped, mut bytes) = (false, text.bytes().enumerate().skip(1));
    let end = bytes.find(|&(_, byte)| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    });
    end.map_or(text.len(), |(at, _)| at + 1)
}

/// The kind in a trace of what becomes of a parameter in an update.
const UPDATED: &str = "updated";

const KEYS_OF_ANSWER: &[&str] = &["format", "student", "scenario_sha256", "grads"];

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

/// A file that is JSON.
struct File<'a> {
    text: &'a Arc<Source>,
}

impl File<'_> {
    fn fault(&self, fault: JsonFault, raw: &RawValue) -> AnswerError {
        self.fault_at(fault, json::span(self.text, raw))
    }

    fn fault_at(&self, fault: JsonFault, span: Range<usize>) -> AnswerError {
        let text = Arc::clone(self.text);
        AnswerError::Json { fault, text, span }
    }

    /// Something is missing in an object.
    fn missing(&self, fault: JsonFault, from: &Object<'_>) -> AnswerError {
        self.fault_at(fault, from.span.start..from.span.start + 1)
    }

    fn format(&self, top: &Object<'_>) -> Result<String, AnswerError> {
        let member = top.get("format");
        let member = member.ok_or_else(|| self.missing(JsonFault::NoFormat, top))?;
        json::string(member.value)
            .ok_or_else(|| self.fault(JsonFault::FormatNoString, member.value))
    }

    fn other_format(&self, top: &Object<'_>, found: &str) -> AnswerError {
        let name = |format: &str| format.split('/').next().map(str::to_owned);
        let known = [TRACE, KEY_FORMAT]
            .into_iter()
            .find(|known| name(known) == name(found));
        let fault = JsonFault::OtherFormat {
            found: found.to_owned(),
            known: known.unwrap_or(ANSWER_FORMAT),
        };
        match top.get("format") {
            Some(member) => self.fault(fault, member.value),
            None => self.missing(fault, top),
        }
    }

    fn answer(
        &self,
        top: &Object<'_>,
        network: &Network,
        known: &'static [&'static str],
    ) -> Result<Answer, AnswerError> {
        let mut members = top.members.iter();
        if let Some(member) = members.find(|member| !known.contains(&member.key.as_str())) {
            let fault = JsonFault::UnknownKey {
                key: member.key.clone(),
                nearest: nearest(&member.key, known.iter().copied()),
                known,
            };
            return Err(self.fault_at(fault, member.key_span.clone()));
        }
        let mut answer = Reading::new(network);
        answer.answer.student = self.student(top)?;
        answer.answer.exercise = self.exercise(top)?;
        let grads = top.get("grads");
        let grads = grads
            .ok_or_else(|| self.missing(JsonFault::NoGradients, top))?
            .value;
        let by_name = Object::read(self.text, grads)
            .ok_or_else(|| self.fault(JsonFault::GradientsNoObject(json::kind(grads)), grads))?;
        let names = by_name.members.iter();
        answer.expect(names.map(|member| tensor_of(&member.key)));
        let keys = by_name.members.iter().map(|member| member.key.as_str());
        answer.expect_places(keys.filter_map(|key| Some(key.split_at(key.find('[')?))));
        let names = by_name.members.iter().map(|member| member.key.as_str());
        let over = answer.passed_over(names.filter(|name| !name.contains('[')));
        let taken = |member: &&Member<'_>| !over.contains(member.key.as_str());
        for member in by_name.members.iter().filter(taken) {
            match member.key.strip_prefix(tensor_of(&member.key)) {
                Some(index) if !index.is_empty() => answer.neuron(member, index),
                Some(_) | None => answer.tensor(&member.key, member.value),
            }
        }
        Ok(answer.finish())
    }

    fn student(&self, top: &Object<'_>) -> Result<Option<String>, AnswerError> {
        let Some(member) = top.get("student") else {
            return Ok(None);
        };
        match (json::string(member.value), json::kind(member.value)) {
            (Some(student), _) => Ok(Some(student)),
            // Many a course has numbers for its students.
            (None, "a number") => Ok(Some(member.value.get().to_owned())),
            (None, "null") => Ok(None),
            (None, kind) => Err(self.fault(JsonFault::StudentNoString(kind), member.value)),
        }
    }

    fn exercise(&self, top: &Object<'_>) -> Result<Option<String>, AnswerError> {
        let Some(member) = top.get("scenario_sha256") else {
            return Ok(None);
        };
        match (json::string(member.value), json::kind(member.value)) {
            (Some(sha256), _) => Ok(Some(sha256)),
            (None, "null") => Ok(None),
            (None, kind) => Err(self.fault(JsonFault::ExerciseNoString(kind), member.value)),
        }
    }

    fn trace(&self, top: &Object<'_>, network: &Network) -> Result<Answer, AnswerError> {
        let listed = top
            .get("tensors")
            .and_then(|member| json::array(member.value));
        let tensors = listed.ok_or_else(|| self.missing(JsonFault::NoTensors, top))?;
        let mut answer = Reading::new(network);
        answer.answer.origin = Origin::Arrays;
        for raw in tensors {
            let object = Object::read(self.text, raw);
            // What becomes of a parameter has a value and no gradient.
            let number = |object: &&Object<'_>| match object.get("kind") {
                Some(kind) if json::string(kind.value).as_deref() == Some(UPDATED) => "value",
                Some(_) | None => "grad",
            };
            let members = object
                .as_ref()
                .and_then(|object| Some((object.get("name")?, object.get(number(&object))?)));
            match members.and_then(|(name, grad)| Some((json::string(name.value)?, grad))) {
                Some((name, grad)) => {
                    answer.tensor(&name, grad.value);
                    let with_grad = object
                        .as_ref()
                        .filter(|object| object.get("grad").is_some());
                    let value = with_grad.and_then(|object| object.get("value"));
                    if let Some(value) = value {
                        answer.value(&name, value.value);
                    }
                }
                None => return Err(self.fault(JsonFault::NoTensor, raw)),
            }
        }
        Ok(answer.finish())
    }
}

/// Whether it is JSON that says its format, whatever that is.
pub(super) fn says_a_format(bytes: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Formatted {
        format: Option<IgnoredAny>,
    }
    let text = std::str::from_utf8(bytes).map(with_words_quoted);
    let read = text.ok().and_then(|text| serde_json::from_str(&text).ok());
    read.is_some_and(|read: Formatted| read.format.is_some())
}

pub(super) fn said_in(bytes: &[u8]) -> Said {
    #[derive(Deserialize)]
    struct Named {
        student: Option<serde_json::Value>,
        scenario_sha256: Option<serde_json::Value>,
    }
    let Some(named) = serde_json::from_slice::<Named>(bytes).ok() else {
        return Said::default();
    };
    let text = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    Said {
        student: named.student.and_then(text),
        exercise: named.scenario_sha256.and_then(text),
    }
}

/// The name of a tensor, or of the tensor of a neuron.
fn tensor_of(name: &str) -> &str {
    name.split('[').next().unwrap_or(name)
}

impl Reading<'_> {
    /// Takes the values of a tensor, where they have its shape.
    fn value(&mut self, name: &str, raw: &RawValue) {
        let Some(id) = self.network.find(name) else {
            return;
        };
        let shape = &self.network.tensor(id).shape;
        let cells = cells(shape, raw).ok();
        let all = cells.and_then(|cells| cells.numbers.into_iter().collect());
        let values = all.and_then(|values| Tensor::new(shape.clone(), values));
        self.answer.values.extend(values.map(|values| (id, values)));
    }

    /// Takes the gradient of one neuron, which stands under its name.
    fn neuron(&mut self, Member { key, value, .. }: &Member<'_>, index: &str) {
        let written = json::string(value).unwrap_or_else(|| value.get().to_owned());
        let number = match json::kind(value) {
            "null" => Err(NumberError::Empty),
            _ => parse_number(&written),
        };
        self.row(tensor_of(key), index, &written, number);
    }

    fn tensor(&mut self, name: &str, raw: &RawValue) {
        let Some(id) = self.find(name) else {
            return;
        };
        let shape = &self.network.tensor(id).shape;
        let (cells, layout) = match any_way(shape, raw) {
            _ if self.answer.gradients.contains_key(&id) => {
                let tensor = name.to_owned();
                let other = None;
                return self.spoil(id, Problem::Twice { tensor, other });
            }
            Ok(read) => read,
            Err((fault, at)) => return self.misshapen(id, Misshape::Nested { fault, at }),
        };
        let place = |at| match layout {
            Layout::Exchanged => exchanged::place(shape, at),
            Layout::Own | Layout::InARow => at,
        };
        for (at, unreadable) in cells.unreadable {
            let at = place(at);
            let (tensor, index) = (name.to_owned(), Address::of("", shape, at).to_string());
            let problem = match unreadable {
                NoNumber::Text(written, _) if is_date(&written) => Problem::Date {
                    tensor,
                    index,
                    written,
                },
                NoNumber::Text(written, error) => Problem::Number {
                    tensor,
                    index,
                    written,
                    error,
                },
                NoNumber::Kind(kind) => Problem::NoNumber {
                    tensor,
                    index,
                    kind,
                },
            };
            self.unreadable(id, Some(at), problem);
        }
        let mut numbers: Numbers = cells.numbers.into_iter().collect();
        match layout {
            Layout::Own => {}
            Layout::Exchanged => {
                numbers = exchanged::back(shape, &numbers);
                self.is_exchanged(id);
            }
            Layout::InARow => self.answer.problems.push(Problem::InARow {
                tensor: name.to_owned(),
                expected: shape.clone(),
            }),
        }
        self.answer.gradients.insert(id, numbers);
    }
}

#[cfg(test)]
mod tests;
