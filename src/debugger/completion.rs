//! How a line of the language can go on: names of commands, and what each takes.

use super::commands::{COMMANDS, Command, Takes};
use super::condition::expected;
use super::language::Part;
use super::stop::split_at_if;
use super::{Session, targets};
use crate::tensor::Element;

/// The most candidates that are offered.
const MOST: usize = 64;

/// The most neurons of a tensor that are looked through.
const MOST_NEURONS: usize = 1 << 14;

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
    pub usage: &'static str,
    /// What a command does; empty where the text is no command's name.
    pub help: &'static str,
}

impl Candidate {
    fn command(command: &Command) -> Self {
        Self {
            text: command.name.to_owned(),
            usage: command.takes.usage(),
            help: command.help,
        }
    }

    fn plain(text: String) -> Self {
        Self {
            text,
            usage: "",
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
    if let Some((command, rest)) = argument(part).filter(|_| candidates.is_empty()) {
        let (word, candidates) = arguments(command.takes, rest, session);
        let candidates = candidates.into_iter().map(Candidate::plain).collect();
        return Completion {
            at: line.len() - word.len(),
            candidates,
        };
    }
    // An address alone is somewhere to go.
    if !part.is_empty() {
        candidates.extend(addresses(part, session).map(Candidate::plain).take(MOST));
    }
    Completion { at, candidates }
}

/// Splits a part of a line after the command's name.
fn argument(part: &str) -> Option<(&'static Command, &str)> {
    let rest = |command: &Command| {
        part.strip_prefix(command.name)
            .filter(|rest| rest.starts_with(char::is_whitespace))
    };
    let fitting = COMMANDS
        .iter()
        .filter_map(|command| Some((command, rest(command)?.trim_start())));
    fitting.max_by_key(|(command, _)| command.name.len())
}

/// Returns the word at the end of what follows a command's name, and what it can become.
fn arguments<'a>(takes: Takes, rest: &'a str, session: &Session) -> (&'a str, Vec<String>) {
    let words = |words: &[&'static str]| {
        let fitting = words
            .iter()
            .copied()
            .filter(|word| word.starts_with(rest))
            .map(str::to_owned);
        fitting.collect::<Vec<_>>()
    };
    let candidates = match takes {
        Takes::Nothing | Takes::Count | Takes::Number | Takes::File => Vec::new(),
        Takes::Place => addresses(rest, session)
            .chain(words(&["start", "end"]))
            .take(MOST)
            .collect(),
        Takes::Element => addresses(rest, session).take(MOST).collect(),
        Takes::Name => names(rest, session).take(MOST).collect(),
        Takes::Pair => pairs(rest, session),
        Takes::Edit => targets::editable(session)
            .filter(|target| target.starts_with(rest))
            .take(MOST)
            .collect(),
        Takes::Stop => return stop(rest, session),
        Takes::Breakpoint => numbers(rest, session).collect(),
        Takes::Breakpoints => numbers(rest, session).chain(words(&["all"])).collect(),
        Takes::Watches => watched(rest, session).chain(words(&["all"])).collect(),
    };
    (rest, candidates)
}

/// Goes on with an address, with `if`, or with the words of the condition after it.
fn stop<'a>(rest: &'a str, session: &Session) -> (&'a str, Vec<String>) {
    let (_, condition) = split_at_if(Part { text: rest, at: 0 });
    if let Some(condition) = condition {
        let text = &rest[condition.at..];
        let word = last_word(text);
        let fitting = expected(&text[..text.len() - word.len()])
            .iter()
            .filter(|candidate| candidate.starts_with(word));
        return (word, fitting.map(|&word| word.to_owned()).collect());
    }
    let only_if = |word: &str| "if".starts_with(word).then(|| "if".to_owned());
    match rest.rsplit_once(char::is_whitespace) {
        // After a whole address only `if` can follow.
        Some((before, word)) if before.contains('[') == before.contains(']') => {
            (word, only_if(word).into_iter().collect())
        }
        _ => (
            rest,
            addresses(rest, session)
                .chain(only_if(rest))
                .take(MOST)
                .collect(),
        ),
    }
}

/// Two addresses with `from` between them.
fn pairs(word: &str, session: &Session) -> Vec<String> {
    let Some((element, rest)) = word.split_once(char::is_whitespace) else {
        return addresses(word, session).take(MOST).collect();
    };
    match rest.trim_start().strip_prefix("from ") {
        Some(downstream) => {
            let network = session.network();
            let layers = network
                .layers()
                .iter()
                .filter(|layer| !layer.op.is_view())
                .map(|layer| layer.output);
            let elements = layers.flat_map(|tensor| {
                (0..network.tensor(tensor).shape.numel()).map(move |at| Element { tensor, at })
            });
            let all = elements
                .take(MOST_NEURONS)
                .map(|element| network.address(element).to_string());
            let fitting = all.filter(|address| address.starts_with(downstream.trim_start()));
            fitting
                .take(MOST)
                .map(|address| format!("{element} from {address}"))
                .collect()
        }
        None => vec![format!("{element} from ")],
    }
}

/// The letters at the end of a text.
fn last_word(text: &str) -> &str {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    &text[text.trim_end_matches(is_letter).len()..]
}

/// The numbers of the breakpoints.
fn numbers<'a>(word: &'a str, session: &'a Session) -> impl Iterator<Item = String> + 'a {
    let numbers = session
        .breakpoints()
        .iter()
        .map(|breakpoint| breakpoint.number.to_string());
    numbers.filter(move |number| number.starts_with(word))
}

/// The addresses of the neurons that are watched.
fn watched<'a>(word: &'a str, session: &'a Session) -> impl Iterator<Item = String> + 'a {
    session
        .watched()
        .map(|watched| watched.address)
        .filter(move |address| address.starts_with(word))
}

/// The names of the tensors that make steps and begin like this.
fn names<'a>(word: &'a str, session: &'a Session) -> impl Iterator<Item = String> + 'a {
    let network = session.network();
    let makes_steps = |id| session.start_of_tensor(network.base(id)).is_some();
    let names = network
        .ids()
        .filter(move |&id| makes_steps(id))
        .map(|id| network.tensor(id).name.clone());
    names.filter(move |name| name.starts_with(word))
}

/// The names of tensors, and once a tensor is named its neurons.
fn addresses<'a>(word: &'a str, session: &'a Session) -> impl Iterator<Item = String> + 'a {
    let network = session.network();
    let name = word.split('[').next().unwrap_or(word);
    let named = network
        .find(name)
        .filter(|&id| session.start_of_tensor(network.base(id)).is_some());
    let elements = named.into_iter().flat_map(move |tensor| {
        let n_neurons = network.tensor(tensor).shape.numel().min(MOST_NEURONS);
        (0..n_neurons).map(move |at| network.address(Element { tensor, at }).to_string())
    });
    // The name of a scalar is its address.
    let elements =
        elements.filter(move |address| address.starts_with(word) && address.contains('['));
    names(word, session).chain(elements)
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
        assert_eq!(offers("goto f").1, ["flat", "fc.weight", "fc.bias"]);
        assert_eq!(
            offers("goto ").1,
            ["pool", "flat", "fc.weight", "fc.bias", "start", "end"]
        );
        assert_eq!(offers("inspect fc.b").1, ["fc.bias"]);
        assert_eq!(offers("next 1").1, Vec::<String>::new());
        assert_eq!(offers("quit ").1, Vec::<String>::new());
    }

    #[test]
    fn a_breakpoint_goes_on_with_a_place_and_a_condition() {
        assert_eq!(
            offers("break ").1,
            ["pool", "flat", "fc.weight", "fc.bias", "if"]
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
        assert_eq!(offers("whynot pool[1,0] ").1, ["pool[1,0] from "]);
        assert_eq!(
            offers("whynot pool[1,0] from fc[2"),
            (7, vec!["pool[1,0] from fc[2]".to_owned()])
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
