//! How a line of the language can go on: names of commands, and what each takes.

use super::commands::{COMMANDS, Command, Takes};
use super::{Session, targets};
use crate::tensor::Neuron;

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
        Self { text: command.name.to_owned(), usage: command.takes.usage(), help: command.help }
    }

    fn plain(text: String) -> Self {
        Self { text, usage: "", help: "" }
    }
}

/// Returns how a line can go on at its end.
pub fn complete(line: &str, session: &Session) -> Completion {
    let last = line.rfind(';').map_or(0, |semicolon| semicolon + 1);
    let part = line[last..].trim_start();
    let at = line.len() - part.len();
    let mut candidates: Vec<_> = COMMANDS.iter().filter(|command| command.name.starts_with(part)).map(Candidate::command).collect();
    if let Some((command, word)) = argument(part).filter(|_| candidates.is_empty()) {
        let candidates = arguments(command.takes, word, session).into_iter().map(Candidate::plain).collect();
        return Completion { at: line.len() - word.len(), candidates };
    }
    // An address alone is somewhere to go.
    if !part.is_empty() {
        candidates.extend(addresses(part, session).map(Candidate::plain).take(MOST));
    }
    Completion { at, candidates }
}

/// Splits a part of a line after the command's name.
fn argument(part: &str) -> Option<(&'static Command, &str)> {
    let rest = |command: &Command| part.strip_prefix(command.name).filter(|rest| rest.starts_with(char::is_whitespace));
    let fitting = COMMANDS.iter().filter_map(|command| Some((command, rest(command)?.trim_start())));
    fitting.max_by_key(|(command, _)| command.name.len())
}

fn arguments(takes: Takes, word: &str, session: &Session) -> Vec<String> {
    let ends = ["start", "end"].into_iter().filter(|end| end.starts_with(word)).map(str::to_owned);
    match takes {
        Takes::Nothing | Takes::Count | Takes::File => Vec::new(),
        Takes::Place => addresses(word, session).chain(ends).take(MOST).collect(),
        Takes::Neuron => addresses(word, session).take(MOST).collect(),
        Takes::Name => names(word, session).take(MOST).collect(),
        Takes::Pair => pairs(word, session),
        Takes::Edit => targets::editable(session).filter(|target| target.starts_with(word)).take(MOST).collect(),
    }
}

/// Two addresses with `from` between them.
fn pairs(word: &str, session: &Session) -> Vec<String> {
    let Some((neuron, rest)) = word.split_once(char::is_whitespace) else {
        return addresses(word, session).take(MOST).collect();
    };
    match rest.trim_start().strip_prefix("from ") {
        Some(downstream) => {
            let network = session.network();
            let layers = network.layers().iter().filter(|layer| !layer.op.is_view()).map(|layer| layer.output);
            let neurons = layers.flat_map(|tensor| (0..network.tensor(tensor).shape.numel()).map(move |at| Neuron { tensor, at }));
            let all = neurons.take(MOST_NEURONS).map(|neuron| network.address(neuron).to_string());
            let fitting = all.filter(|address| address.starts_with(downstream.trim_start()));
            fitting.take(MOST).map(|address| format!("{neuron} from {address}")).collect()
        }
        None => vec![format!("{neuron} from ")],
    }
}

/// The names of the tensors that make steps and begin like this.
fn names<'a>(word: &'a str, session: &'a Session) -> impl Iterator<Item = String> + 'a {
    let network = session.network();
    let makes_steps = |id| session.start_of_tensor(network.base(id)).is_some();
    let names = network.ids().filter(move |&id| makes_steps(id)).map(|id| network.tensor(id).name.clone());
    names.filter(move |name| name.starts_with(word))
}

/// The names of tensors, and once a tensor is named its neurons.
fn addresses<'a>(word: &'a str, session: &'a Session) -> impl Iterator<Item = String> + 'a {
    let network = session.network();
    let name = word.split('[').next().unwrap_or(word);
    let named = network.find(name).filter(|&id| session.start_of_tensor(network.base(id)).is_some());
    let neurons = named.into_iter().flat_map(move |tensor| {
        let n_neurons = network.tensor(tensor).shape.numel().min(MOST_NEURONS);
        (0..n_neurons).map(move |at| network.address(Neuron { tensor, at }).to_string())
    });
    // The name of a scalar is its address.
    let neurons = neurons.filter(move |address| address.starts_with(word) && address.contains('['));
    names(word, session).chain(neurons)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::debugger::example;

    fn offers(line: &str) -> (usize, Vec<String>) {
        let Completion { at, candidates } = complete(line, &example::linear());
        (at, candidates.into_iter().map(|candidate| candidate.text).collect())
    }

    #[test]
    fn names_of_commands_come_first() {
        assert_eq!(offers("te"), (0, ["term", "term back", "tensor", "tensor back"].map(str::to_owned).to_vec()));
        assert_eq!(offers("next; whe"), (6, vec!["where".to_owned()]));
        assert_eq!(offers("term "), (0, vec!["term back".to_owned()]));
        assert_eq!(offers("").1.len(), COMMANDS.len());
    }

    #[test]
    fn a_command_goes_on_with_what_it_takes() {
        assert_eq!(offers("goto f").1, ["flat", "fc.weight", "fc.bias"]);
        assert_eq!(offers("goto ").1, ["pool", "flat", "fc.weight", "fc.bias", "start", "end"]);
        assert_eq!(offers("inspect fc.b").1, ["fc.bias"]);
        assert_eq!(offers("next 1").1, Vec::<String>::new());
        assert_eq!(offers("quit ").1, Vec::<String>::new());
    }

    #[test]
    fn what_can_be_set_is_offered() {
        assert_eq!(offers("set fc[").1, ["fc[0].grad", "fc[1].grad", "fc[2].grad"]);
        assert_eq!(offers("set fc.a").1, ["fc.activation"]);
        assert_eq!(offers("set fc.bias[2").1, ["fc.bias[2]"]);
        assert_eq!(offers("set pool").1.len(), 4);
    }

    #[test]
    fn a_pair_goes_on_word_by_word() {
        assert_eq!(offers("whynot pool[1").1, ["pool[1,0]", "pool[1,1]"]);
        assert_eq!(offers("whynot pool[1,0] ").1, ["pool[1,0] from "]);
        assert_eq!(offers("whynot pool[1,0] from fc[2"), (7, vec!["pool[1,0] from fc[2]".to_owned()]));
    }

    #[test]
    fn a_tensor_goes_on_with_its_neurons() {
        assert_eq!(offers("goto pool").1, ["pool", "pool[0,0]", "pool[0,1]", "pool[1,0]", "pool[1,1]"]);
        assert_eq!(offers("goto pool[1"), (5, vec!["pool[1,0]".to_owned(), "pool[1,1]".to_owned()]));
        assert_eq!(offers("flat[3").1, ["flat[3]"]);
    }
}
