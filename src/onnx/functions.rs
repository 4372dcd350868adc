//! Functions that a model defines itself: each call is replaced by the nodes of the function.

use std::collections::HashMap;

use super::proto::{Attribute, Function, Graph, Model, Node};

/// How deep functions may call one another; one that calls itself is never through.
const MOST_DEPTH: usize = 32;
/// The most calls that are replaced, however many nodes they make.
const MOST_CALLS: usize = 1 << 16;

/// What tells functions apart: domain, name and overload.
type Key<'a> = (&'a str, &'a str, &'a str);

/// Replaces the calls of the model's own functions. A call that cannot be replaced stays, to be
/// refused by whoever reads it.
pub(super) fn inline(model: &mut Model) {
    let functions = std::mem::take(&mut model.functions);
    let opset = opset(&model.opset_import);
    let all: HashMap<Key<'_>, &Function> = functions
        .iter()
        .filter(|function| self::opset(&function.opset_import).is_none_or(|own| Some(own) == opset))
        .map(|function| {
            let names = (&function.domain, &function.name, &function.overload);
            (
                (names.0.as_str(), names.1.as_str(), names.2.as_str()),
                function,
            )
        })
        .collect();
    if let (Some(graph), false) = (&mut model.graph, all.is_empty()) {
        let nodes = std::mem::take(&mut graph.node);
        let mut inlined = Inlined {
            functions: &all,
            nodes: Vec::new(),
            calls_left: MOST_CALLS,
        };
        nodes.into_iter().for_each(|node| inlined.push(node, 0));
        graph.node = inlined.nodes;
    }
}

/// The version of ONNX's own operators.
fn opset(sets: &[super::proto::OperatorSet]) -> Option<i64> {
    let own = |set: &&super::proto::OperatorSet| matches!(set.domain.as_str(), "" | "ai.onnx");
    sets.iter().find(own).map(|set| set.version)
}

/// The nodes so far.
struct Inlined<'a> {
    functions: &'a HashMap<Key<'a>, &'a Function>,
    nodes: Vec<Node>,
    calls_left: usize,
}

impl Inlined<'_> {
    fn push(&mut self, node: Node, depth: usize) {
        let key = (
            node.domain.as_str(),
            node.op_type.as_str(),
            node.overload.as_str(),
        );
        let is_small = depth < MOST_DEPTH && self.calls_left > 0;
        match self.functions.get(&key).filter(|_| is_small) {
            Some(&function) => {
                self.calls_left -= 1;
                self.call(function, &node, depth);
            }
            None => self.nodes.push(node),
        }
    }

    fn call(&mut self, function: &Function, call: &Node, depth: usize) {
        let names = Names::new(function, call);
        for inner in &function.node {
            let mut node = inner.clone();
            node.name = names.inner(&node.name);
            names.rename(&mut node.input, &mut node.output);
            node.metadata_props
                .extend(call.metadata_props.iter().cloned());
            node.attribute = attributes(&node.attribute, function, call);
            let graphs = node
                .attribute
                .iter_mut()
                .filter_map(|of| of.g.as_deref_mut());
            graphs.for_each(|graph| names.rename_in(graph));
            self.push(node, depth + 1);
        }
        // What is handed through has a name already.
        for (formal, actual) in function.output.iter().zip(&call.output) {
            if function.input.contains(formal) && !actual.is_empty() {
                self.nodes.push(Node {
                    op_type: "Identity".to_owned(),
                    name: names.inner(formal),
                    input: vec![names.of(formal)],
                    output: vec![actual.clone()],
                    ..Node::default()
                });
            }
        }
    }
}

/// What the names of a function stand for in a call.
struct Names<'a> {
    call: &'a str,
    known: HashMap<&'a str, &'a str>,
}

impl<'a> Names<'a> {
    fn new(function: &'a Function, call: &'a Node) -> Self {
        let first = call.output.first().unwrap_or(&call.name);
        let outputs = function.output.iter().zip(&call.output);
        let left_out = function.input.iter().skip(call.input.len());
        // The inputs come last, because one that is handed through keeps its name.
        let known = outputs
            .filter(|(_, actual)| !actual.is_empty())
            .chain(function.input.iter().zip(&call.input));
        let known = known.map(|(formal, actual)| (formal.as_str(), actual.as_str()));
        Self {
            call: if call.name.is_empty() {
                first
            } else {
                &call.name
            },
            known: known
                .chain(left_out.map(|formal| (formal.as_str(), "")))
                .collect(),
        }
    }

    /// A name of the function's own.
    fn inner(&self, name: &str) -> String {
        format!("{}/{name}", self.call)
    }

    fn of(&self, name: &str) -> String {
        match self.known.get(name) {
            _ if name.is_empty() => String::new(),
            Some(&known) => known.to_owned(),
            None => self.inner(name),
        }
    }

    fn rename(&self, inputs: &mut [String], outputs: &mut [String]) {
        let names = inputs.iter_mut().chain(outputs);
        names.for_each(|name| *name = self.of(name));
    }

    fn rename_in(&self, graph: &mut Graph) {
        for node in &mut graph.node {
            self.rename(&mut node.input, &mut node.output);
            let graphs = node
                .attribute
                .iter_mut()
                .filter_map(|of| of.g.as_deref_mut());
            graphs.for_each(|graph| self.rename_in(graph));
        }
        let own = graph.initializer.iter_mut().map(|tensor| &mut tensor.name);
        let ends = graph
            .input
            .iter_mut()
            .chain(&mut graph.output)
            .map(|end| &mut end.name);
        own.chain(ends).for_each(|name| *name = self.of(name));
    }
}

/// The attributes of a node in a function, those of the call in place of references to them.
fn attributes(own: &[Attribute], function: &Function, call: &Node) -> Vec<Attribute> {
    let resolved = |attribute: &Attribute| {
        let wanted = attribute.ref_attr_name.as_str();
        if wanted.is_empty() {
            return Some(attribute.clone());
        }
        let mut given = call.attribute.iter().chain(&function.attribute_proto);
        given
            .find(|given| given.name == wanted)
            .map(|given| Attribute {
                name: attribute.name.clone(),
                ..given.clone()
            })
    };
    own.iter().filter_map(resolved).collect()
}
