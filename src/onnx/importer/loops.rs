//! A `Loop` whose end is known: the nodes of its body stand in its place, as often as it runs.

use std::collections::{HashMap, HashSet};

use super::{Importer, MOST_UNROLLED, unmade};
use crate::onnx::constant::{Array, Constant};
use crate::onnx::error::{ImportError, Unsupported};
use crate::onnx::layer::Layer;
use crate::onnx::module::is_name_in_module;
use crate::onnx::needed::needed as needed_for;
use crate::onnx::proto::{self, Graph};
use crate::onnx::value::{Known, Value};
use crate::ops::Stack;

/// The inputs of a loop and of its body, and the body's outputs, that are no values of its own: how
/// often it runs or which time it is, and whether it goes on.
const TIMES: usize = 0;
const GOES_ON: usize = 1;
const FIRST_INPUT: usize = 2;
const FIRST_OUTPUT: usize = 1;

/// What a loop carries from one time to the next, or hands out.
#[derive(Clone)]
enum Carried {
    Value(Option<Value>),
    Sequence(Vec<String>),
}

impl Importer<'_> {
    /// Imports a loop.
    pub(super) fn repetition(
        &mut self,
        node: &proto::Node,
        needed: &HashSet<&str>,
    ) -> Result<(), ImportError> {
        for input in node.input.iter().filter(|input| !input.is_empty()) {
            match self.values.get(input.as_str()) {
                // It depends on a node that is declined.
                Some(None) => return self.leave_out(node, None),
                Some(Some(_)) => {}
                None if self.sequences.contains_key(input.as_str()) => {}
                None => return Err(unmade(node, input)),
            }
        }
        let body = node.attribute.iter().find(|of| of.name == "body");
        let Some(body) = body.and_then(|of| of.g.as_deref()) else {
            return self.leave_out(node, Some(Unsupported::new("has no `body`")));
        };
        let n_carried = node.input.len().saturating_sub(FIRST_INPUT);
        let fits = body.input.len() == FIRST_INPUT + n_carried
            && body.output.len() >= FIRST_OUTPUT + n_carried
            && node.output.len() <= body.output.len() - FIRST_OUTPUT;
        if !fits {
            let reason = "has a `body` whose inputs or outputs are not those of the loop";
            return self.leave_out(node, Some(Unsupported::new(reason)));
        }
        match self.unrolled(node, body, needed)? {
            Ok(outputs) => {
                for (name, carried) in node.output.iter().zip(outputs) {
                    if needed.contains(name.as_str()) {
                        self.carry(name, carried);
                    }
                }
                Ok(())
            }
            Err(reason) => self.leave_out(node, reason),
        }
    }

    fn carry(&mut self, name: &str, carried: Carried) {
        match carried {
            Carried::Value(value) => {
                self.values.insert(name.to_owned(), value);
            }
            Carried::Sequence(held) => {
                self.sequences.insert(name.to_owned(), held);
            }
        }
    }

    /// What a name stands for.
    fn carried(&self, name: &str) -> Option<Carried> {
        let sequence = self.sequences.get(name).cloned().map(Carried::Sequence);
        sequence.or_else(|| self.values.get(name).cloned().map(Carried::Value))
    }

    /// Runs a loop, and returns what comes out of it, or why it cannot run where that has not been
    /// said of another node.
    fn unrolled(
        &mut self,
        node: &proto::Node,
        body: &Graph,
        needed: &HashSet<&str>,
    ) -> Result<Result<Vec<Carried>, Option<Unsupported>>, ImportError> {
        let n_times = match self.known_input(node, TIMES) {
            Ok(times) => times.unwrap_or(i64::MAX),
            Err(reason) => return Ok(Err(Some(reason))),
        };
        let mut goes_on = match self.known_input(node, GOES_ON) {
            Ok(flag) => flag.unwrap_or(1),
            Err(reason) => return Ok(Err(Some(reason))),
        };
        let initial = node.input.iter().skip(FIRST_INPUT);
        let mut carried = Vec::new();
        for name in initial {
            carried.push(self.carried(name).ok_or_else(|| unmade(node, name))?);
        }
        // What nobody reads of what is handed out each time is left out of the body.
        let mut body = body.clone();
        let mut of_loop = node.output.iter().skip(carried.len());
        let first_scanned = FIRST_OUTPUT + carried.len();
        let scanned_names: Vec<&String> = (first_scanned..body.output.len())
            .filter_map(|_| of_loop.next())
            .collect();
        body.output.truncate(first_scanned + scanned_names.len());
        let is_read = |name: &String| needed.contains(name.as_str());
        let mut outputs = 0..body.output.len();
        body.output.retain(|_| {
            let number = outputs.next().unwrap_or_default();
            number < first_scanned || is_read(scanned_names[number - first_scanned])
        });
        let n_scanned = body.output.len() - first_scanned;
        let mut scanned = vec![Vec::new(); n_scanned];
        let mut time = 0;
        while time < n_times && goes_on != 0 {
            let Some(left) = self.unrolled_left.checked_sub(n_nodes(&body).max(1)) else {
                let reason =
                    format!("becomes more than {MOST_UNROLLED} nodes where it is unrolled");
                return Ok(Err(Some(Unsupported::new(reason))));
            };
            self.unrolled_left = left;
            let outputs = self.once(node, &body, time, goes_on, &carried)?;
            let mut outputs = outputs.into_iter();
            goes_on = match outputs.next() {
                Some(Carried::Value(Some(Value::Constant(known)))) => flag(&known).unwrap_or(0),
                Some(Carried::Value(None)) => return Ok(Err(None)),
                Some(Carried::Value(Some(_)) | Carried::Sequence(_)) | None => {
                    let reason = "goes on or ends by what is computed";
                    return Ok(Err(Some(Unsupported::new(reason))));
                }
            };
            carried = outputs.by_ref().take(carried.len()).collect();
            scanned
                .iter_mut()
                .zip(outputs)
                .for_each(|(all, value)| all.push(value));
            time += 1;
        }
        let mut scanned = scanned.into_iter();
        for name in scanned_names {
            let all = if is_read(name) { scanned.next() } else { None };
            match all.map(|all| self.stacked(name, all)).transpose() {
                Ok(value) => carried.push(Carried::Value(value.flatten())),
                Err(reason) => return Ok(Err(Some(reason))),
            }
        }
        Ok(Ok(carried))
    }

    /// A single whole number or flag that an input of the loop holds, where it has that input.
    fn known_input(&self, node: &proto::Node, number: usize) -> Result<Option<i64>, Unsupported> {
        let name = node.input.get(number).filter(|name| !name.is_empty());
        let Some(name) = name else {
            return Ok(None);
        };
        match self.values.get(name.as_str()) {
            Some(Some(Value::Constant(known) | Value::Given(known))) => match flag(known) {
                Some(number) => Ok(Some(number)),
                None => Err(Unsupported::new("runs as often as what is no whole number")),
            },
            _ => Err(Unsupported::new("runs as often as what is computed says")),
        }
    }

    /// Runs the body once, and returns its outputs.
    fn once(
        &mut self,
        node: &proto::Node,
        body: &Graph,
        time: i64,
        goes_on: i64,
        carried: &[Carried],
    ) -> Result<Vec<Carried>, ImportError> {
        let mut body = body.clone();
        Renaming::of(&body, self.n_runs).apply(&mut body);
        self.n_runs += 1;
        let own = [("time", time), ("goes_on", goes_on)].map(|(name, number)| {
            let known = Known::new(name, Constant::Ints(Array::scalar(number)));
            Carried::Value(Some(Value::Constant(known)))
        });
        let given = own.into_iter().chain(carried.iter().cloned());
        let names: Vec<String> = body.input.iter().map(|of| of.name.clone()).collect();
        names
            .iter()
            .zip(given)
            .for_each(|(name, value)| self.carry(name, value));
        let outputs: Vec<&str> = body.output.iter().map(|of| of.name.as_str()).collect();
        let inner = needed_for(&body, &outputs)?;
        self.context.also_read(inner.reads(&body));
        self.initializers(&body, &inner.names)?;
        for &number in &inner.nodes {
            self.next_number += 1;
            self.note_parameters(self.next_number, &body.node[number]);
            self.node(self.next_number, &body.node[number], &inner.names)?;
        }
        let value = |name: &&str| self.carried(name).ok_or_else(|| unmade(node, name));
        outputs.iter().map(value).collect()
    }

    /// Notes which parameters of the model a node of the body reads.
    fn note_parameters(&mut self, number: usize, node: &proto::Node) {
        for (input, name) in node.input.iter().enumerate() {
            if let Some(Some(Value::Constant(known))) = self.values.get(name.as_str())
                && known.constant.floats().is_some()
                && known.name == *name
                && is_name_in_module(name)
            {
                self.context.parameters.reads_again(number, input, name);
            }
        }
    }

    /// What a loop hands out each time, one after the other along a new axis; nothing where one of
    /// them is not known because a node is declined.
    fn stacked(&mut self, name: &str, all: Vec<Carried>) -> Result<Option<Value>, Unsupported> {
        let mut values = Vec::new();
        for one in all {
            match one {
                Carried::Value(Some(value)) => values.push(value),
                Carried::Value(None) => return Ok(None),
                Carried::Sequence(_) => {
                    return Err(Unsupported::new("hands out a sequence each time"));
                }
            }
        }
        if values.is_empty() {
            return Err(Unsupported::new("never runs, and hands out nothing"));
        }
        if let Some(constant) = stacked_constants(&values) {
            self.context.charge(constant.len())?;
            return Ok(Some(Value::Constant(Known::new(name, constant))));
        }
        let mut operands = Vec::new();
        for value in values {
            operands.push(match value {
                Value::Computed(operand) => operand,
                Value::Constant(known) | Value::Given(known) => self.context.operand(&known)?,
            });
        }
        let layer = Layer::of(Stack { dim: 0 }, operands);
        let stacked = self.context.layer(name, layer)?;
        Ok(Some(Value::Computed(stacked)))
    }
}

/// A single whole number or flag.
fn flag(known: &Known) -> Option<i64> {
    match known.constant.ints()?.data() {
        &[number] => Some(number),
        _ => None,
    }
}

/// Constants one after the other along a new axis, where all are, and none is made of a parameter.
fn stacked_constants(values: &[Value]) -> Option<Constant> {
    let constant = |value: &Value| match value {
        Value::Constant(known) if known.made_by.is_none() => {
            let sizes = [&[1], known.constant.sizes()].concat();
            known.constant.reshaped(sizes)
        }
        Value::Constant(_) | Value::Given(_) | Value::Computed(_) => None,
    };
    let all = values.iter().map(constant).collect::<Option<Vec<_>>>()?;
    Constant::joined(&all.iter().collect::<Vec<_>>(), 0)
}

/// What stands between a name and the number of the run that it is from.
const RUN: char = '#';

/// The names that the body of a loop has of its own get other ones each time.
struct Renaming {
    own: HashMap<String, String>,
}

impl Renaming {
    /// The names of the run of that number. A loop within a loop has names of a run already, which
    /// give way.
    fn of(body: &Graph, run: usize) -> Self {
        let mut own = HashSet::new();
        note_own(body, &mut own);
        let renamed = |name: &str| {
            let of_run = name.rsplit_once(RUN);
            let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
            let of_run = of_run.filter(|(_, number)| is_number(number));
            let own = of_run.map_or(name, |(own, _)| own);
            (name.to_owned(), format!("{own}{RUN}{run}"))
        };
        Self {
            own: own.into_iter().map(renamed).collect(),
        }
    }

    fn apply(&self, graph: &mut Graph) {
        let ends = graph.input.iter_mut().chain(&mut graph.output);
        let ends = ends.map(|end| &mut end.name);
        let numbers = graph.initializer.iter_mut().map(|of| &mut of.name);
        ends.chain(numbers).for_each(|name| self.rename(name));
        for node in &mut graph.node {
            let names = node.input.iter_mut().chain(&mut node.output);
            names.for_each(|name| self.rename(name));
            let graphs = node
                .attribute
                .iter_mut()
                .filter_map(|of| of.g.as_deref_mut());
            graphs.for_each(|graph| self.apply(graph));
        }
    }

    fn rename(&self, name: &mut String) {
        if let Some(other) = self.own.get(name) {
            other.clone_into(name);
        }
    }
}

/// How many nodes a graph has, those in its branches too.
fn n_nodes(graph: &Graph) -> usize {
    let of = |node: &proto::Node| {
        let graphs = node.attribute.iter().filter_map(|of| of.g.as_deref());
        1 + graphs.map(n_nodes).sum::<usize>()
    };
    graph.node.iter().map(of).sum()
}

/// Notes the names that a graph makes, those in its branches too.
fn note_own<'a>(graph: &'a Graph, own: &mut HashSet<&'a str>) {
    own.extend(graph.input.iter().map(|input| input.name.as_str()));
    own.extend(graph.initializer.iter().map(|of| of.name.as_str()));
    for node in &graph.node {
        own.extend(node.output.iter().map(String::as_str));
        let graphs = node.attribute.iter().filter_map(|of| of.g.as_deref());
        graphs.for_each(|graph| note_own(graph, own));
    }
    own.remove("");
}
