//! Which nodes of a model are looked at: those that the outputs depend on.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::error::ImportError;
use super::proto::{self, Graph};

/// What the outputs depend on.
pub(super) struct Needed<'a> {
    /// The nodes, in their order.
    pub(super) nodes: BTreeSet<usize>,
    /// The names that are read, or asked for.
    pub(super) names: HashSet<&'a str>,
    outputs: Vec<&'a str>,
}

impl Needed<'_> {
    /// How often each name is read, or asked for.
    pub(super) fn reads(&self, graph: &Graph) -> HashMap<String, usize> {
        let read = self
            .nodes
            .iter()
            .flat_map(|&number| read_by(&graph.node[number]));
        let mut reads = HashMap::new();
        read.chain(self.outputs.iter().copied())
            .for_each(|name| *reads.entry(name.to_owned()).or_insert(0) += 1);
        reads
    }
}

/// Goes back from the outputs. Nodes that nothing depends on are not looked at.
pub(super) fn needed<'a>(graph: &'a Graph, outputs: &[&'a str]) -> Result<Needed<'a>, ImportError> {
    let mut makers: HashMap<&str, usize> = HashMap::new();
    for (number, node) in graph.node.iter().enumerate() {
        for output in node.output.iter().filter(|output| !output.is_empty()) {
            if makers.insert(output, number).is_some() {
                return Err(ImportError::MadeTwice(output.clone()));
            }
        }
    }
    let mut needed = Needed {
        nodes: BTreeSet::new(),
        names: outputs.iter().copied().collect(),
        outputs: outputs.to_vec(),
    };
    let mut open: Vec<&str> = outputs.to_vec();
    while let Some(name) = open.pop() {
        let Some(&number) = makers.get(name) else {
            continue;
        };
        if needed.nodes.insert(number) {
            let read: Vec<&str> = read_by(&graph.node[number]).collect();
            open.extend(&read);
            needed.names.extend(read);
        }
    }
    Ok(needed)
}

/// The names that a node reads, those in its branches too.
fn read_by(node: &proto::Node) -> impl Iterator<Item = &str> {
    let own = node.input.iter().map(String::as_str);
    let graphs = node.attribute.iter().filter_map(|of| of.g.as_deref());
    let inner = graphs.flat_map(|graph| {
        let inner: Box<dyn Iterator<Item = &str>> = Box::new(graph.node.iter().flat_map(read_by));
        inner.chain(graph.output.iter().map(|output| output.name.as_str()))
    });
    own.chain(inner).filter(|name| !name.is_empty())
}
