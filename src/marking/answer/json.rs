//! Answers in JSON: [`ANSWER_FORMAT`], and traces and keys, whose gradients are an answer too.

mod plain;

use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::content::{ANSWER_FORMAT, Answer, KEY_FORMAT};
use super::error::{AnswerError, JsonFault};
use super::exchanged::{self, exchanged};
use super::problem::{Fault, Misshape, Problem};
use super::reading::Reading;
use super::said::Said;
use crate::diagnostic::{Diagnostic, Source, nearest};
use crate::marking::numbers::Numbers;
use crate::marking::tolerance::Origin;
use crate::scenario::json::{self, Member, Object};
use crate::tape::Network;
use crate::tensor::{Address, NumberError, Shape, Tensor, parse_number};

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

/// What nested lists hold for a tensor of some shape, in row-major order.
#[derive(Default)]
struct Cells {
    /// The numbers, with nothing where there is none.
    numbers: Vec<Option<f64>>,
    /// The places at which something else stands.
    unreadable: Vec<(usize, NoNumber)>,
}

/// What stands where a number belongs.
enum NoNumber {
    /// A text that is none.
    Text(String, NumberError),
    /// Something of this kind.
    Kind(&'static str),
}

/// The name of a tensor, or of the tensor of a neuron.
fn tensor_of(name: &str) -> &str {
    name.split('[').next().unwrap_or(name)
}

/// Reads nested lists of some shape, or says what is wrong with them and where.
fn cells(shape: &Shape, raw: &RawValue) -> Result<Cells, (Fault, Vec<usize>)> {
    if let Some(numbers) = plain::plain(shape, raw.get()) {
        return Ok(Cells {
            numbers,
            unreadable: Vec::new(),
        });
    }
    one_by_one(shape, raw)
}

/// Does so where anything may stand in the place of a number.
fn one_by_one(shape: &Shape, raw: &RawValue) -> Result<Cells, (Fault, Vec<usize>)> {
    let (mut cells, mut place) = (Cells::default(), Vec::new());
    match cells.read(shape, raw, &mut place) {
        Ok(()) => Ok(cells),
        Err(fault) => Err((fault, place)),
    }
}

/// Reads nested lists of some shape, or a matrix whose rows and columns are exchanged, and says
/// whether it is one.
fn either_way(shape: &Shape, raw: &RawValue) -> Result<(Cells, bool), (Fault, Vec<usize>)> {
    cells(shape, raw)
        .map(|cells| (cells, false))
        .or_else(|fault| {
            let other = exchanged(shape).and_then(|shape| cells(&shape, raw).ok());
            other.map(|cells| (cells, true)).ok_or(fault)
        })
}

impl Cells {
    /// Reads nested lists of these sizes. `place` says in which of them this is.
    fn read(
        &mut self,
        sizes: &[usize],
        raw: &RawValue,
        place: &mut Vec<usize>,
    ) -> Result<(), Fault> {
        let kind = json::kind(raw);
        match sizes {
            [] if kind == "a list" => Err(Fault::NoNumber(kind)),
            [] => {
                self.cell(kind, raw);
                Ok(())
            }
            [size, inner @ ..] => {
                let elements = json::array(raw).ok_or(Fault::NoList(kind, *size))?;
                self.list(*size, inner, &elements, place)
            }
        }
    }

    fn list(
        &mut self,
        size: usize,
        inner: &[usize],
        elements: &[&RawValue],
        place: &mut Vec<usize>,
    ) -> Result<(), Fault> {
        for (at, element) in elements.iter().take(size).enumerate() {
            place.push(at);
            self.read(inner, element, place)?;
            place.pop();
        }
        match elements.len() {
            found if found < size => Err(Fault::TooFew {
                found,
                expected: size,
            }),
            found if found > size => Err(Fault::TooMany(size)),
            _ => Ok(()),
        }
    }

    /// Reads a number, or keeps what stands in its place.
    fn cell(&mut self, kind: &'static str, raw: &RawValue) {
        let read = match kind {
            "null" => Ok(None),
            "a number" => number(raw.get()),
            "a string" => number(&json::string(raw).unwrap_or_else(|| raw.get().to_owned())),
            _ => Err(NoNumber::Kind(kind)),
        };
        let at = self.numbers.len();
        let (number, unreadable) = match read {
            Ok(number) => (number, None),
            Err(unreadable) => (None, Some((at, unreadable))),
        };
        self.numbers.push(number);
        self.unreadable.extend(unreadable);
    }
}

/// The number that a text is; nothing where it is blank.
fn number(text: &str) -> Result<Option<f64>, NoNumber> {
    match parse_number(text) {
        Ok(number) => Ok(Some(number)),
        Err(NumberError::Empty) => Ok(None),
        Err(error) => Err(NoNumber::Text(text.to_owned(), error)),
    }
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
        let (cells, is_exchanged) = match either_way(shape, raw) {
            _ if self.answer.gradients.contains_key(&id) => {
                let tensor = name.to_owned();
                let other = None;
                return self.spoil(id, Problem::Twice { tensor, other });
            }
            Ok(read) => read,
            Err((fault, at)) => return self.misshapen(id, Misshape::Nested { fault, at }),
        };
        let place = |at| match is_exchanged {
            true => exchanged::place(shape, at),
            false => at,
        };
        for (at, unreadable) in cells.unreadable {
            let at = place(at);
            let (tensor, index) = (name.to_owned(), Address::of("", shape, at).to_string());
            let problem = match unreadable {
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
        if is_exchanged {
            numbers = exchanged::back(shape, &numbers);
            self.is_exchanged(id);
        }
        self.answer.gradients.insert(id, numbers);
    }
}

#[cfg(test)]
mod tests;
