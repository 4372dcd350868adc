//! The little language of the prompt and of scripts: a command's name and what it takes.

use std::ops::Range;

use super::commands::{Argument, COMMANDS, Command, Takes, named};
use super::{Position, Session, stop, targets};
use crate::diagnostic::{did_you_mean, nearest, quote};
use crate::tensor::{Address, Element, NumberError, TensorId, parse_number};

/// A command with its argument, ready to run.
#[derive(Debug, Clone)]
pub struct Call {
    /// The command.
    pub command: &'static Command,
    /// What it was given.
    pub argument: Argument,
}

/// What is wrong with a line, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The bytes that are wrong.
    pub at: Range<usize>,
    /// What is wrong with them.
    pub message: String,
    /// What would be right.
    pub hint: Option<String>,
}

/// A part of a line, and the byte at which it begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl<'a> Part<'a> {
    pub(super) fn trimmed(self) -> Self {
        let start = self.text.trim_start();
        Self {
            at: self.at + self.text.len() - start.len(),
            text: start.trim_end(),
        }
    }

    /// Splits the first word from the rest.
    pub(super) fn split(self) -> (Self, Self) {
        let part = self.trimmed();
        let end = part
            .text
            .find(char::is_whitespace)
            .unwrap_or(part.text.len());
        let (word, rest) = part.text.split_at(end);
        (
            Self {
                text: word,
                at: part.at,
            },
            Self {
                text: rest,
                at: part.at + end,
            }
            .trimmed(),
        )
    }

    pub(super) fn complain<T>(
        self,
        message: impl Into<String>,
        hint: Option<String>,
    ) -> Result<T, Complaint> {
        Err(Complaint {
            at: self.at..self.at + self.text.len(),
            message: message.into(),
            hint,
        })
    }
}

/// Reads one command.
pub fn parse(line: &str, session: &Session) -> Result<Call, Complaint> {
    parse_part(Part { text: line, at: 0 }, session)
}

/// Reads commands that are separated by `;` or stand on lines of their own, up to the first that
/// cannot be read.
pub fn parse_script(script: &str, session: &Session) -> Result<Vec<Call>, Complaint> {
    statements(script, session).map(|(_, call)| call).collect()
}

/// Reads commands that are separated by `;` or stand on lines of their own; a word that begins with
/// `#` begins a remark. With each comes its place. Places in a complaint are those of the whole
/// script.
pub(super) fn statements<'a>(
    script: &'a str,
    session: &'a Session,
) -> impl Iterator<Item = (Range<usize>, Result<Call, Complaint>)> + 'a {
    let mut at = 0;
    let lines = script.split_inclusive('\n').flat_map(move |line| {
        let mut start = at;
        at += line.len();
        let parts = without_remark(line).split(';').map(move |text| {
            let part = Part { text, at: start };
            start += text.len() + 1;
            part.trimmed()
        });
        parts.collect::<Vec<_>>()
    });
    let parts = lines.filter(|part| !part.text.is_empty());
    parts.map(|part| {
        (
            part.at..part.at + part.text.len(),
            parse_part(part, session),
        )
    })
}

/// Returns what stands before the remark on a line.
fn without_remark(line: &str) -> &str {
    let begins = |&(at, _): &(usize, &str)| {
        line[..at]
            .chars()
            .next_back()
            .is_none_or(|before| before.is_whitespace() || before == ';')
    };
    let remark = line.match_indices('#').find(begins);
    remark.map_or(line, |(at, _)| &line[..at])
}

fn parse_part(part: Part<'_>, session: &Session) -> Result<Call, Complaint> {
    let (first, rest) = part.split();
    if first.text.is_empty() {
        return first.complain("expected a command", Some("`help` lists them".to_owned()));
    }
    let (second, after_second) = rest.split();
    let of_two_words = named(&format!("{} {}", first.text, second.text));
    if let Some(command) = of_two_words {
        return call(command, after_second, session);
    }
    if let Some(command) = named(first.text) {
        return call(command, rest, session);
    }
    // An address or a step alone is somewhere to go.
    match (named("goto"), place(part.trimmed(), session)) {
        (Some(command), Ok(place)) => Ok(Call {
            command,
            argument: Argument::Place(place),
        }),
        (_, Err(complaint)) if first.text.contains('[') => Err(complaint),
        _ => unknown(first),
    }
}

fn unknown<T>(word: Part<'_>) -> Result<T, Complaint> {
    let hint = did_you_mean(word.text, COMMANDS.iter().map(|command| command.name));
    word.complain(
        format!("`{}` is not a command", word.text),
        hint.or_else(|| Some("`help` lists them".to_owned())),
    )
}

fn call(command: &'static Command, rest: Part<'_>, session: &Session) -> Result<Call, Complaint> {
    let argument = match command.takes {
        Takes::Nothing if rest.text.is_empty() => Argument::Nothing,
        Takes::Nothing => {
            let typed = format!("{} {}", command.name, rest.text);
            let hint = nearest(&typed, COMMANDS.iter().map(|command| command.name))
                .filter(|&name| name != command.name);
            return rest.complain(
                format!("`{}` takes nothing after it", command.name),
                hint.map(|name| format!("did you mean `{name}`?")),
            );
        }
        Takes::Count => Argument::Count(count(rest)?),
        Takes::Place => Argument::Place(place(rest, session)?),
        Takes::Element => element(rest, session)?,
        Takes::Name => name(rest)?,
        Takes::Number => Argument::Number(number(rest, parse_number)?),
        Takes::Stop => stop::read(rest, session)?,
        Takes::Breakpoint => stop::breakpoint(rest)?,
        Takes::Breakpoints => stop::breakpoints(rest)?,
        Takes::Watches => stop::watches(rest, session)?,
        Takes::Pair => targets::pair(rest, session)?,
        Takes::Edit => targets::edit(rest, session)?,
        Takes::File => targets::file(rest)?,
    };
    Ok(Call { command, argument })
}

fn count(part: Part<'_>) -> Result<usize, Complaint> {
    if part.text.is_empty() {
        return Ok(1);
    }
    match part.text.parse() {
        Ok(count) if count > 0 => Ok(count),
        _ => part.complain(
            format!("`{}` is not a number of steps", part.text),
            Some("an integer of at least 1".to_owned()),
        ),
    }
}

/// Reads a number that may not be finite either, or one that is.
pub(super) fn number(
    part: Part<'_>,
    parse: fn(&str) -> Result<f64, NumberError>,
) -> Result<f64, Complaint> {
    parse(part.text).or_else(|error| {
        let message = match error {
            NumberError::Empty => "expected a number".to_owned(),
            error => format!("{} {error}", quote(part.text)),
        };
        part.complain(message, Some(error.hint().to_owned()))
    })
}

/// Reads somewhere to go: `start`, `end`, a step counted from 1, a tensor or a neuron.
fn place(part: Part<'_>, session: &Session) -> Result<Position, Complaint> {
    match part.text {
        "" => {
            return part.complain(
                "expected somewhere to go",
                Some("an address such as `pool[0,1]`, a step, `start` or `end`".to_owned()),
            );
        }
        "start" => return Ok(Position::Start),
        "end" => return Ok(Position::End),
        _ => {}
    }
    if part.text.starts_with(|c: char| c.is_ascii_digit()) {
        return step(part, session);
    }
    let (tensor, at) = address(part, session)?;
    let base = session.network().base(tensor);
    match session.backprop().steps().step_of(Element {
        tensor: base,
        at: at.unwrap_or(0),
    }) {
        Some(step) => Ok(Position::Step(step)),
        None => part.complain(why_no_steps(tensor, session), None),
    }
}

fn step(part: Part<'_>, session: &Session) -> Result<Position, Complaint> {
    let n_steps = session.n_steps();
    match part.text.parse::<usize>() {
        Ok(step) if (1..=n_steps).contains(&step) => Ok(Position::Step(step - 1)),
        Ok(_) => part.complain(
            format!("there is no step {}", part.text),
            Some(format!("the steps go from 1 to {n_steps}")),
        ),
        Err(_) => part.complain(
            format!("`{}` is neither a step nor an address", part.text),
            None,
        ),
    }
}

pub(super) fn why_no_steps(tensor: TensorId, session: &Session) -> String {
    let name = &session.network().tensor(tensor).name;
    if session.backprop().reaches(tensor) {
        format!("`{name}` makes no steps: its gradient is given")
    } else {
        format!("`{name}` makes no steps: no upstream gradient reaches it")
    }
}

pub(super) fn element(part: Part<'_>, session: &Session) -> Result<Argument, Complaint> {
    if part.text.is_empty() {
        return Ok(Argument::Nothing);
    }
    let element = one_neuron(part, session)?;
    Ok(Argument::Element(Element {
        tensor: session.network().base(element.tensor),
        ..element
    }))
}

/// Reads the address of one neuron, under the name that it is called by.
pub(super) fn one_neuron(part: Part<'_>, session: &Session) -> Result<Element, Complaint> {
    let (tensor, at) = address(part, session)?;
    let info = session.network().tensor(tensor);
    match at.or_else(|| (info.shape.numel() == 1).then_some(0)) {
        Some(at) => Ok(Element { tensor, at }),
        None => {
            let first = session.network().address(Element { tensor, at: 0 });
            part.complain(
                format!("`{}` has {} neurons", part.text, info.shape.numel()),
                Some(format!("name one of them, such as `{first}`")),
            )
        }
    }
}

fn name(part: Part<'_>) -> Result<Argument, Complaint> {
    match part.text {
        "" => part.complain(
            "expected a part of a tensor's name",
            Some("`info` lists the tensors".to_owned()),
        ),
        text => Ok(Argument::Name(text.to_owned())),
    }
}

/// Reads an address: its tensor, and the row-major place of the neuron where it names one.
pub(super) fn address(
    part: Part<'_>,
    session: &Session,
) -> Result<(TensorId, Option<usize>), Complaint> {
    let address = match part.text.parse::<Address>() {
        Ok(address) => address,
        Err(error) => {
            let end = part.at + part.text.len();
            let at = (part.at + error.at).min(end);
            return Err(Complaint {
                at: at..end,
                message: error.to_string(),
                hint: Some("an address looks like `pool[0,1]`".to_owned()),
            });
        }
    };
    let name = Part {
        text: &part.text[..address.tensor.len()],
        at: part.at,
    };
    let Some(tensor) = session.network().find(&address.tensor) else {
        let names = session
            .network()
            .tensors()
            .iter()
            .map(|tensor| tensor.name.as_str());
        let hint = did_you_mean(&address.tensor, names);
        return name.complain(
            format!("no tensor is called `{}`", address.tensor),
            hint.or_else(|| Some("`info` lists them".to_owned())),
        );
    };
    let Some(index) = address.index else {
        return Ok((tensor, None));
    };
    let shape = &session.network().tensor(tensor).shape;
    match shape.place(&index) {
        Some(at) => Ok((tensor, Some(at))),
        None => {
            let rest = Part {
                text: &part.text[address.tensor.len()..],
                at: part.at + address.tensor.len(),
            };
            rest.complain(
                format!("`{}` has shape {shape}", address.tensor),
                Some("places along an axis are counted from 0".to_owned()),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::debugger::example;

    fn argument(line: &str) -> (&'static str, Argument) {
        let call = parse(line, &example::linear()).unwrap();
        (call.command.name, call.argument)
    }

    fn complaint(line: &str) -> (usize, usize, String) {
        let complaint = parse(line, &example::linear()).unwrap_err();
        let hint = complaint
            .hint
            .map(|hint| format!(" ({hint})"))
            .unwrap_or_default();
        (
            complaint.at.start,
            complaint.at.end,
            complaint.message + &hint,
        )
    }

    #[test]
    fn commands_are_read() {
        assert_eq!(argument("next"), ("next", Argument::Count(1)));
        assert_eq!(argument("  next  3 "), ("next", Argument::Count(3)));
        assert_eq!(argument("term back"), ("term back", Argument::Nothing));
        assert_eq!(
            argument("goto pool[ 1, 0 ]"),
            ("goto", Argument::Place(Position::Step(2)))
        );
        assert_eq!(
            argument("goto flat[2]"),
            ("goto", Argument::Place(Position::Step(2)))
        );
        assert_eq!(
            argument("goto 12"),
            ("goto", Argument::Place(Position::Step(11)))
        );
        assert_eq!(
            argument("goto end"),
            ("goto", Argument::Place(Position::End))
        );
        assert_eq!(
            argument("fc.weight[0,1]"),
            ("goto", Argument::Place(Position::Step(5)))
        );
        let first = Element {
            tensor: example::linear().network().find("pool").unwrap(),
            at: 0,
        };
        assert_eq!(
            argument("print flat[0]"),
            ("print", Argument::Element(first))
        );
        assert_eq!(argument("print"), ("print", Argument::Nothing));
        assert_eq!(
            argument("search fc.w"),
            ("search", Argument::Name("fc.w".to_owned()))
        );
    }

    #[test]
    fn complaints_point_at_the_word() {
        assert_eq!(
            complaint("nxt 3"),
            (
                0,
                3,
                "`nxt` is not a command (did you mean `next`?)".to_owned()
            )
        );
        assert_eq!(complaint("next zero").0, 5);
        assert_eq!(
            complaint("goto  pol[0,1]"),
            (
                6,
                9,
                "no tensor is called `pol` (did you mean `pool`?)".to_owned()
            )
        );
        assert_eq!(complaint("goto pool[0,2]").0, 9);
        assert_eq!(complaint("goto pool[0,x]").0, 12);
        assert_eq!(
            complaint("goto fc"),
            (
                5,
                7,
                "`fc` makes no steps: its gradient is given".to_owned()
            )
        );
        assert_eq!(
            complaint("goto 99").2,
            "there is no step 99 (the steps go from 1 to 19)"
        );
        assert_eq!(complaint("pool[9,9]").0, 4);
        assert_eq!(
            complaint("term bakc"),
            (
                5,
                9,
                "`term` takes nothing after it (did you mean `term back`?)".to_owned()
            )
        );
    }

    #[test]
    fn a_script_is_a_row_of_commands() {
        let session = example::linear();
        let names: Vec<_> = parse_script("next 2; ; print", &session)
            .unwrap()
            .iter()
            .map(|call| call.command.name)
            .collect();
        assert_eq!(names, ["next", "print"]);
        assert_eq!(parse_script("next; bakc", &session).unwrap_err().at, 6..10);
    }
}
