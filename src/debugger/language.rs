//! The little language of the prompt and of scripts: a command's name and what it takes.

use std::ops::Range;

use super::Session;
use super::arguments::{self, PLACE, ParseError, ParseErrorKind, Part};
use super::command::{Call, Command};
use super::commands::{COMMANDS, named};
use crate::diagnostic::nearest;

/// What commands are called elsewhere.
const WORDS: &[(&str, &str)] = &[
    ("n", "next"),
    ("s", "term"),
    ("c", "continue"),
    ("b", "break"),
    ("p", "print"),
    ("u", "undo"),
    ("q", "quit"),
    ("h", "help"),
];

/// Reads one command.
pub fn parse(line: &str, session: &Session) -> Result<Call, ParseError> {
    parse_part(Part { text: line, at: 0 }, session)
}

/// Reads commands that are separated by `;` or stand on lines of their own, up to the first that
/// cannot be read.
pub fn parse_script(script: &str, session: &Session) -> Result<Vec<Call>, ParseError> {
    statements(script, session).map(|(_, call)| call).collect()
}

/// Reads commands that are separated by `;` or stand on lines of their own; a word that begins with
/// `#` begins a remark. With each comes its place. Places in an error are those of the whole
/// script.
pub(super) fn statements<'a>(
    script: &'a str,
    session: &'a Session,
) -> impl Iterator<Item = (Range<usize>, Result<Call, ParseError>)> + 'a {
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

fn parse_part(part: Part<'_>, session: &Session) -> Result<Call, ParseError> {
    let (first, rest) = part.split();
    if first.text.is_empty() {
        return Err(first.error(ParseErrorKind::NoCommand));
    }
    let (second, after_second) = rest.split();
    if let Some(command) = named(&format!("{} {}", first.text, second.text)) {
        return call(command, after_second, session);
    }
    if let Some(command) = named(first.text).or_else(|| other_word(first.text)) {
        return call(command, rest, session);
    }
    // An address or a step alone is somewhere to go.
    match (named("goto"), PLACE.read(part.trimmed(), session)) {
        (Some(command), Ok(place)) => Ok(Call {
            command,
            arguments: vec![place],
        }),
        (_, Err(error)) if first.text.contains('[') => Err(error),
        _ => Err(first.error(ParseErrorKind::UnknownCommand {
            word: first.text.to_owned(),
            meant: meant(first.text),
        })),
    }
}

/// The command that gdb, vim or people call so.
fn other_word(word: &str) -> Option<&'static Command> {
    let (_, name) = WORDS.iter().find(|(other, _)| *other == word)?;
    named(name)
}

/// The command that was most likely meant.
fn meant(name: &str) -> Option<&'static str> {
    nearest(name, COMMANDS.iter().map(|command| command.name))
}

fn call(command: &'static Command, rest: Part<'_>, session: &Session) -> Result<Call, ParseError> {
    if command.parameters.is_empty() && !rest.text.is_empty() {
        let meant = meant(&format!("{} {}", command.name, rest.text));
        return Err(rest.error(ParseErrorKind::TooMuch {
            command: command.name,
            meant: meant.filter(|&name| name != command.name),
        }));
    }
    let arguments = arguments::read(command.parameters, rest, session)?;
    Ok(Call { command, arguments })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::debugger::example;

    #[test]
    fn names_are_read() {
        let session = example::linear();
        for (line, name) in [
            ("next", "next"),
            ("  term   back ", "term back"),
            ("goto end", "goto"),
            ("pool[0,1]", "goto"),
            ("12", "goto"),
            ("n 2", "next"),
            ("p pool[0,1]", "print"),
            ("b pool", "break"),
            ("c", "continue"),
        ] {
            assert_eq!(parse(line, &session).unwrap().command.name, name, "{line}");
        }
    }

    #[test]
    fn complaints_point_at_the_word() {
        let session = example::linear();
        for (line, place, says, hint) in [
            ("", 0..0, "expected a command", "`help` lists them"),
            (
                "nxt 3",
                0..3,
                "`nxt` is not a command",
                "did you mean `next`?",
            ),
            (
                "quantum",
                0..7,
                "`quantum` is not a command",
                "`help` lists them",
            ),
            (
                "term bakc",
                5..9,
                "`term` takes nothing after it",
                "did you mean `term back`?",
            ),
        ] {
            let error = parse(line, &session).unwrap_err();
            assert_eq!(
                (error.at.clone(), error.to_string()),
                (place, says.to_owned())
            );
            assert_eq!(error.kind.hint().as_deref(), Some(hint));
        }
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
