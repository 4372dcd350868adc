//! How a line of the language can go on: names of commands, and what each takes.

use super::Session;
use super::arguments::{self, PLACE};
use super::command::Command;
use super::commands::COMMANDS;

/// How a line can go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The byte from which on a candidate replaces the line.
    pub at: usize,
    /// What can stand there.
    pub candidates: Vec<Candidate>,
}

/// What can stand in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The text.
    pub text: String,
    /// What a command takes; nothing where the text is no command's name.
    pub usage: String,
    /// What a command does; empty where the text is no command's name.
    pub help: &'static str,
}

impl Candidate {
    fn command(command: &Command) -> Self {
        Self {
            text: command.name.to_owned(),
            usage: arguments::usage(command.parameters),
            help: command.help,
        }
    }

    fn plain(text: String) -> Self {
        Self {
            text,
            usage: String::new(),
            help: "",
        }
    }
}

/// Returns how a line can go on at its end.
pub fn complete(line: &str, session: &Session) -> Completion {
    let last = line.rfind(';').map_or(0, |semicolon| semicolon + 1);
    let part = line[last..].trim_start();
    let at = line.len() - part.len();
    let mut candidates: Vec<_> = COMMANDS
        .iter()
        .filter(|command| command.name.starts_with(part))
        .map(Candidate::command)
        .collect();
    if let Some((command, rest)) = split(part).filter(|_| candidates.is_empty()) {
        let (start, texts) = arguments::complete(command.parameters, rest, session);
        return Completion {
            at: line.len() - rest.len() + start,
            candidates: texts.into_iter().map(Candidate::plain).collect(),
        };
    }
    // An address alone is somewhere to go.
    if !part.is_empty() {
        let (_, places) = PLACE.complete(part, session);
        candidates.extend(places.into_iter().map(Candidate::plain));
    }
    Completion { at, candidates }
}

/// Splits a command's name from what follows it.
fn split(part: &str) -> Option<(&'static Command, &str)> {
    let rest = |command: &Command| {
        part.strip_prefix(command.name)
            .filter(|rest| rest.starts_with(char::is_whitespace))
    };
    let fitting = COMMANDS
        .iter()
        .filter_map(|command| Some((command, rest(command)?.trim_start())));
    fitting.max_by_key(|(command, _)| command.name.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::debugger::example;

    fn offers(line: &str) -> (usize, Vec<String>) {
        let Completion { at, candidates } = complete(line, &example::linear());
        (
            at,
            candidates
                .into_iter()
                .map(|candidate| candidate.text)
                .collect(),
        )
    }

    #[test]
    fn names_of_commands_come_first() {
        assert_eq!(
            offers("te"),
            (
                0,
                ["term", "term back", "tensor", "tensor back"]
                    .map(str::to_owned)
                    .to_vec()
            )
        );
        assert_eq!(offers("next; whe"), (6, vec!["where".to_owned()]));
        assert_eq!(offers("term "), (0, vec!["term back".to_owned()]));
        assert_eq!(offers("").1.len(), COMMANDS.len());
    }

    #[test]
    fn a_command_goes_on_with_what_it_takes() {
        assert_eq!(
            offers("goto f").1,
            ["flat", "fc.weight", "fc.bias", "fc.pre"]
        );
        assert_eq!(
            offers("goto ").1,
            [
                "pool",
                "flat",
                "fc.weight",
                "fc.bias",
                "fc.pre",
                "start",
                "end"
            ]
        );
        assert_eq!(offers("inspect fc.b").1, ["fc.bias"]);
        assert_eq!(offers("next 1").1, Vec::<String>::new());
        assert_eq!(offers("quit ").1, Vec::<String>::new());
    }

    #[test]
    fn a_breakpoint_goes_on_with_a_place_and_a_condition() {
        assert_eq!(
            offers("break ").1,
            ["pool", "flat", "fc.weight", "fc.bias", "fc.pre", "if"]
        );
        assert_eq!(
            offers("break pool["),
            (
                6,
                ["pool[0,0]", "pool[0,1]", "pool[1,0]", "pool[1,1]"]
                    .map(str::to_owned)
                    .to_vec()
            )
        );
        assert_eq!(offers("break pool "), (11, vec!["if".to_owned()]));
        assert_eq!(offers("break if gr"), (9, vec!["grad".to_owned()]));
        assert_eq!(
            offers("break pool if abs(v"),
            (18, vec!["value".to_owned()])
        );
        assert_eq!(offers("break if grad > 1 a"), (18, vec!["and".to_owned()]));
        assert_eq!(offers("break if not t").1, ["tie"]);
        assert_eq!(offers("break if é t").1, Vec::<String>::new());
    }

    #[test]
    fn what_is_there_can_be_taken_away() {
        let mut session = example::linear();
        session.toggle_breakpoint().unwrap();
        session.toggle_watch().unwrap();
        let offers = |line: &str| {
            complete(line, &session)
                .candidates
                .into_iter()
                .map(|candidate| candidate.text)
                .collect::<Vec<_>>()
        };
        assert_eq!(offers("delete "), ["1", "all"]);
        assert_eq!(offers("unwatch p"), ["pool[0,0]"]);
        assert_eq!(offers("continue back "), ["1"]);
    }

    #[test]
    fn what_can_be_set_is_offered() {
        assert_eq!(
            offers("set fc[").1,
            ["fc[0].grad", "fc[1].grad", "fc[2].grad"]
        );
        assert_eq!(offers("set fc.a").1, ["fc.activation"]);
        assert_eq!(offers("set fc.bias[2").1, ["fc.bias[2]"]);
        assert_eq!(offers("set pool").1.len(), 4);
    }

    #[test]
    fn a_pair_goes_on_word_by_word() {
        assert_eq!(offers("whynot pool[1").1, ["pool[1,0]", "pool[1,1]"]);
        assert_eq!(offers("whynot pool[1,0] "), (17, vec!["from".to_owned()]));
        assert_eq!(
            offers("whynot pool[1,0] from fc[2"),
            (22, vec!["fc[2]".to_owned()])
        );
    }

    #[test]
    fn a_tensor_goes_on_with_its_neurons() {
        assert_eq!(
            offers("goto pool").1,
            ["pool", "pool[0,0]", "pool[0,1]", "pool[1,0]", "pool[1,1]"]
        );
        assert_eq!(
            offers("goto pool[1"),
            (5, vec!["pool[1,0]".to_owned(), "pool[1,1]".to_owned()])
        );
        assert_eq!(offers("flat[3").1, ["flat[3]"]);
    }
}
