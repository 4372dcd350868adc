//! Who makes what in a graph and who reads it, for whoever puts together what was taken apart.

use std::collections::HashMap;

use super::constant::{Array, Constant};
use super::numbers;
use super::proto::{Graph, Node, Tensor};
use crate::scenario::Files;

/// More numbers than any list of sizes or places has.
const MOST: usize = 1 << 16;

/// Who makes what, and who reads it.
pub(super) struct Links<'a> {
    pub(super) graph: &'a Graph,
    makers: HashMap<&'a str, &'a Node>,
    /// The only reader of each tensor that has only one.
    pub(super) readers: HashMap<&'a str, Option<usize>>,
    pub(super) initializers: HashMap<&'a str, usize>,
    files: &'a dyn Files,
}

impl<'a> Links<'a> {
    pub(super) fn of(graph: &'a Graph, files: &'a dyn Files) -> Self {
        let mut readers: HashMap<&str, Option<usize>> = HashMap::new();
        for (number, node) in graph.node.iter().enumerate() {
            for name in &node.input {
                let reader = readers.entry(name).or_insert(Some(number));
                *reader = reader.filter(|&reader| reader == number);
            }
        }
        let ends = graph.output.iter().map(|output| output.name.as_str());
        readers.extend(ends.map(|name| (name, None)));
        let made = |node: &'a Node| node.output.iter().map(move |name| (name.as_str(), node));
        let tensors = graph.initializer.iter().enumerate();
        Self {
            graph,
            makers: graph.node.iter().flat_map(made).collect(),
            readers,
            initializers: tensors
                .map(|(number, tensor)| (tensor.name.as_str(), number))
                .collect(),
            files,
        }
    }

    /// The node of an operator that makes a tensor.
    pub(super) fn made_by(&self, name: &str, operator: &str) -> Option<&'a Node> {
        let maker = self.makers.get(name).copied();
        maker.filter(|maker| maker.op_type == operator)
    }

    /// The node of an operator that alone reads what a node makes.
    pub(super) fn reader(&self, node: &Node, operator: &str) -> Option<(usize, &'a Node)> {
        let number = (*self.readers.get(node.output.first()?.as_str())?)?;
        let reader = &self.graph.node[number];
        (reader.op_type == operator).then_some((number, reader))
    }

    /// The floats of an initializer or of a constant.
    pub(super) fn floats(&self, name: &str) -> Option<Array<f64>> {
        match self.numbers(name)? {
            Constant::Floats(floats) => Some(floats),
            Constant::Ints(_) => None,
        }
    }

    /// The whole numbers of one.
    pub(super) fn ints(&self, name: &str) -> Option<Array<i64>> {
        match self.numbers(name)? {
            Constant::Ints(ints) => Some(ints),
            Constant::Floats(_) => None,
        }
    }

    /// The numbers of an initializer or of a constant.
    fn numbers(&self, name: &str) -> Option<Constant> {
        let constant = || {
            let node = self.made_by(name, "Constant")?;
            node.attribute.iter().find_map(|of| of.t.as_deref())
        };
        let initializer = self.initializers.get(name);
        let tensor: Option<&Tensor> = initializer.map(|&number| &self.graph.initializer[number]);
        numbers::read(tensor.or_else(constant)?, self.files, MOST).ok()
    }
}
