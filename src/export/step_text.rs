//! The steps of a trace as JSON, each in one line: the text of a [`Step`](super::trace::Step), put
//! together from parts that are written once.

use super::in_order::{Run, StepWriter, Text};
use super::memo::Memo;
use crate::backprop::{Backprop, quantity};
use crate::json;
use crate::ops::{Contribution, Factor};
use crate::tape::Network;
use crate::tensor::{Element, Index, write_exact};

/// Writes the steps of a trace.
pub(super) struct StepText<'a> {
    network: &'a Network,
    /// By tensor: its name in quotes.
    names: &'a [String],
    with_terms: bool,
    /// What stands before each step, but the first.
    between: &'static [u8],
    /// What stands before and behind each.
    around: [&'static [u8]; 2],
    senders: Memo,
    sources: Memo,
}

/// The names of a network's tensors in JSON, in its order.
pub(super) fn names(backprop: &Backprop) -> Vec<String> {
    let tensors = backprop.network().tensors().iter();
    tensors.map(|tensor| json::text(&tensor.name)).collect()
}

impl<'a> StepText<'a> {
    pub(super) fn new(network: &'a Network, names: &'a [String], with_terms: bool) -> Self {
        Self {
            network,
            names,
            with_terms,
            between: b"",
            around: [b"", b"\n"],
            senders: Memo::default(),
            sources: Memo::default(),
        }
    }

    /// Writes them as the elements of a list, with a line for each that begins so.
    pub(super) fn listed(self, line: &'static [u8]) -> Self {
        Self {
            between: b",",
            around: [line, b""],
            ..self
        }
    }

    fn place(&self, element: Element, key: &str, bytes: &mut Vec<u8>) {
        let index = self.network.tensor(element.tensor).shape.index(element.at);
        push(bytes, key);
        push(bytes, &self.names[element.tensor.0 as usize]);
        list(&index, bytes);
    }

    fn step(&mut self, run: &Run<'_>, at: usize, text: &mut Text<'_>) {
        let (backprop, tensor) = (run.backprop, run.tensor);
        let element = Element { tensor, at };
        let bytes = &mut text.bytes;
        push(bytes, "{\"step\": ");
        count(bytes, run.first + at - run.places.start + 1);
        self.place(element, ", \"tensor\": ", bytes);
        let is_new = run.is_update;
        let (value, grad) = (backprop.tape().element(element), backprop.element(element));
        push(bytes, ", \"value\": ");
        number(bytes, if is_new { grad } else { value });
        if !is_new {
            push(bytes, ", \"given_upstream\": ");
            number(bytes, backprop.given(element).unwrap_or(0.0));
            push(bytes, ", \"grad\": ");
            number(bytes, grad);
        }
        if self.with_terms {
            push(bytes, ", \"contributions\": [");
            let mut is_first = true;
            let mut visit = |term: Contribution| {
                if text.is_refused() {
                    return;
                }
                if !std::mem::replace(&mut is_first, false) {
                    push(&mut text.bytes, ", ");
                }
                self.term(backprop, is_new, &term, &mut text.bytes);
                text.hand_on();
            };
            run.terms(at, &mut visit);
            text.bytes.push(b']');
        }
        text.bytes.push(b'}');
    }

    fn term(
        &mut self,
        backprop: &Backprop,
        is_new: bool,
        term: &Contribution,
        bytes: &mut Vec<u8>,
    ) {
        let of = (is_new.then(|| backprop.optimizer()).flatten())
            .map(|optimizer| quantity(optimizer, term).name());
        let (network, names) = (self.network, self.names);
        let numel = network.tensor(term.from.tensor).shape.numel();
        let write = |bytes: &mut Vec<u8>| {
            let shape = &network.tensor(term.from.tensor).shape;
            push(bytes, "{\"from\": ");
            push(bytes, &names[term.from.tensor.0 as usize]);
            list(&shape.index(term.from.at), bytes);
            if let Some(of) = of {
                push(bytes, ", \"of\": ");
                push(bytes, &json::text(&of));
            }
            push(bytes, ", \"upstream\": ");
            number(bytes, term.upstream);
            push(bytes, ", \"factors\": [");
            0
        };
        // Of an update one element has several terms.
        match of {
            Some(_) => _ = write(bytes),
            None => {
                _ = self
                    .senders
                    .write(bytes, (term.from, numel), term.upstream, 0, write);
            }
        }
        let mut last = 0;
        for (nth, factor) in term.factors.iter().enumerate() {
            if nth > 0 {
                push(bytes, ", ");
            }
            last = self.factor(factor, bytes);
        }
        // Most local derivatives are their only factor, whose text ends in its number.
        let last = bytes.len() - 1 - last..bytes.len() - 1;
        push(bytes, "], \"local\": ");
        let local = term.local();
        match &term.factors[..] {
            [only] if only.value.to_bits() == local.to_bits() => bytes.extend_from_within(last),
            _ => number(bytes, local),
        }
        push(bytes, ", \"product\": ");
        number(bytes, term.product());
        if term.is_closed() {
            push(bytes, ", \"closed\": true");
        }
        bytes.push(b'}');
    }

    /// Writes a factor, and returns how long its number is.
    fn factor(&mut self, factor: &Factor, bytes: &mut Vec<u8>) -> usize {
        let (network, names) = (self.network, self.names);
        let write = |bytes: &mut Vec<u8>| {
            push(bytes, "{\"kind\": \"");
            push(bytes, factor.kind.name());
            bytes.push(b'"');
            if let Some(source) = factor.source {
                push(bytes, ", \"tensor\": ");
                push(bytes, &names[source.tensor.0 as usize]);
                list(&network.tensor(source.tensor).shape.index(source.at), bytes);
            }
            push(bytes, ", \"value\": ");
            let before = bytes.len();
            number(bytes, factor.value);
            let n = bytes.len() - before;
            bytes.push(b'}');
            n as u8
        };
        let n = match factor.source {
            Some(source) => {
                let numel = network.tensor(source.tensor).shape.numel();
                let (of, tag) = ((source, numel), factor.kind as u8);
                self.sources.write(bytes, of, factor.value, tag, write)
            }
            None => write(bytes),
        };
        usize::from(n)
    }
}

impl StepWriter for StepText<'_> {
    fn write(&mut self, run: &Run<'_>, text: &mut Text<'_>) {
        for at in run.places.clone() {
            if !(run.is_first && at == run.places.start) {
                text.bytes.extend_from_slice(self.between);
            }
            text.bytes.extend_from_slice(self.around[0]);
            self.step(run, at, text);
            text.bytes.extend_from_slice(self.around[1]);
            text.hand_on();
        }
    }
}

fn push(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(text.as_bytes());
}

/// Writes the index of an element, as the next member of an object.
fn list(index: &Index, bytes: &mut Vec<u8>) {
    push(bytes, ", \"index\": [");
    for (axis, &at) in index.iter().enumerate() {
        push(bytes, if axis == 0 { "" } else { ", " });
        count(bytes, at);
    }
    bytes.push(b']');
}

fn count(bytes: &mut Vec<u8>, count: usize) {
    push(bytes, itoa::Buffer::new().format(count));
}

/// Writes a number, which is a string where it is not finite.
fn number(bytes: &mut Vec<u8>, value: f64) {
    let quote: &[u8] = if value.is_finite() { b"" } else { b"\"" };
    bytes.extend_from_slice(quote);
    write_exact(bytes, value).expect("memory takes whatever is written to it");
    bytes.extend_from_slice(quote);
}

#[cfg(test)]
mod tests {
    use crate::backprop::Backprop;
    use crate::export::trace::Step;
    use crate::export::{Detail, Selection, Subject, format};
    use crate::scenario::{NoFiles, Options, Scenario};
    use crate::tensor::Element;
    use crate::{gallery, json};

    fn run(scenario: &Scenario) -> Backprop {
        let backprop = Backprop::lazy(scenario.tape(), scenario.upstream.clone());
        backprop.stepping(scenario.stepped())
    }

    /// The steps of a format that has a line for each, or begins each with blanks.
    fn lines(scenario: &Scenario, name: &str, selection: &Selection) -> Vec<String> {
        let backprop = run(scenario);
        let subject = Subject {
            scenario,
            backprop: &backprop,
        };
        let mut out = Vec::new();
        (format(name).unwrap().write)(subject, selection, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(name == "jsonl" || serde_json::from_str::<serde_json::Value>(&text).is_ok());
        let lines = text.lines().map(|line| line.trim().trim_end_matches(','));
        let steps = lines.filter(|line| line.starts_with("{\"step\""));
        steps.map(str::to_owned).collect()
    }

    #[test]
    fn the_text_is_that_of_the_data() {
        let selection = |steps| Selection {
            detail: Detail::Contributions,
            tensors: None,
            steps,
        };
        let mut scenarios: Vec<Scenario> = gallery::ALL
            .iter()
            .map(|one| one.open(Options::default()).unwrap())
            .collect();
        // Numbers that are not finite, gates that are closed to them, and a neuron that a layer
        // reads twice.
        let odd = br#"{ "backstep": 1, "inputs": { "x": [-1, 0, 2, 0.00003] },
            "layers": [{ "name": "log", "op": "log" }, { "name": "relu", "op": "relu" },
                { "name": "square", "op": "mul", "from": ["relu", "relu"] },
                { "name": "sum", "op": "sum" }] }"#;
        let odd = Scenario::read("odd", odd, &NoFiles, Options::default());
        scenarios.push(odd.unwrap());
        for scenario in &scenarios {
            let backprop = run(scenario);
            let all = backprop.steps().iter();
            let told: Vec<String> = all
                .map(|(_, element)| json::text(&Step::of(&backprop, element)))
                .collect();
            let some = 1..told.len().min(5);
            for name in ["jsonl", "json"] {
                assert_eq!(lines(scenario, name, &selection(0..usize::MAX)), told);
                assert_eq!(
                    lines(scenario, name, &selection(some.clone())),
                    told[some.clone()]
                );
            }
        }
    }

    /// A step whose terms are too many to be held, between many that are not.
    #[test]
    fn any_number_of_threads_writes_the_same() {
        let n = 17_000;
        let x: Vec<usize> = (0..n).map(|at| at % 7).collect();
        let text = format!(
            r#"{{ "backstep": 1, "inputs": {{ "x": {x:?} }},
                "layers": [{{ "name": "conv", "op": "conv1d", "weight": [3], "bias": 1 }},
                    {{ "name": "sum", "op": "sum" }}] }}"#
        );
        let options = Options::default();
        let scenario = Scenario::read("long", text.as_bytes(), &NoFiles, options).unwrap();
        let backprop = run(&scenario);
        let subject = Subject {
            scenario: &scenario,
            backprop: &backprop,
        };
        let weight = backprop.network().find("conv.weight").unwrap();
        let long = backprop.steps().range(weight).unwrap().start;
        let selection = Selection {
            detail: Detail::Contributions,
            tensors: None,
            steps: long - 4_500..usize::MAX,
        };
        for name in ["json", "jsonl", "csv"] {
            let written = |n_threads: usize| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads);
                let mut out = Vec::new();
                let write = || (format(name).unwrap().write)(subject, &selection, &mut out);
                pool.build().unwrap().install(write).unwrap();
                out
            };
            assert!(written(1) == written(3), "{name}");
        }
        let told = json::text(&Step::of(
            &backprop,
            Element {
                tensor: weight,
                at: 0,
            },
        ));
        let some = Selection {
            steps: long..long + 1,
            ..selection
        };
        assert!(lines(&scenario, "jsonl", &some) == [told]);
    }
}
