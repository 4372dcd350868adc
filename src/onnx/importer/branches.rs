//! An `If` whose condition is known: the nodes of the branch that it takes stand in its place.

use std::collections::HashSet;

use super::{Importer, unmade};
use crate::onnx::error::{ImportError, Unsupported};
use crate::onnx::needed::needed as needed_for;
use crate::onnx::proto::{self, Graph};
use crate::onnx::value::{Known, Value};

impl Importer<'_> {
    /// Imports the branch of an `If` whose condition is known.
    pub(super) fn choice(
        &mut self,
        node: &proto::Node,
        needed: &HashSet<&str>,
    ) -> Result<(), ImportError> {
        let condition = node.input.first().map_or("", String::as_str);
        let branch = match self.values.get(condition) {
            Some(Some(Value::Constant(known))) => chosen(node, known),
            Some(Some(Value::Given(_) | Value::Computed(_))) => Err(Unsupported::new(
                "chooses between its branches by what is computed",
            )),
            // It depends on a node that is declined.
            Some(None) => return self.leave_out(node, None),
            None => return Err(unmade(node, condition)),
        };
        let graph = match branch {
            Ok(graph) => graph,
            Err(reason) => return self.leave_out(node, Some(reason)),
        };
        let pairs = node.output.iter().zip(&graph.output);
        let wanted = pairs.filter(|(output, _)| needed.contains(output.as_str()));
        let wanted: Vec<(&str, &str)> = wanted
            .map(|(output, inner)| (output.as_str(), inner.name.as_str()))
            .collect();
        let outputs: Vec<&str> = wanted.iter().map(|&(_, inner)| inner).collect();
        let inner = needed_for(graph, &outputs)?;
        self.context.also_read(inner.reads(graph));
        self.initializers(graph, &inner.names)?;
        for &number in &inner.nodes {
            self.next_number += 1;
            self.node(self.next_number, &graph.node[number], &inner.names)?;
        }
        for (output, inner) in wanted {
            let value = self.values.get(inner).cloned();
            let value = value.ok_or_else(|| unmade(node, inner))?;
            self.values.insert(output.to_owned(), value);
        }
        Ok(())
    }
}

/// The branch of an `If` that a condition takes.
fn chosen<'a>(node: &'a proto::Node, condition: &Known) -> Result<&'a Graph, Unsupported> {
    let is_met = condition
        .constant
        .ints()
        .and_then(|ints| ints.data().first());
    let is_met = is_met.ok_or_else(|| Unsupported::new("has a condition that is no flag"))?;
    let wanted = if *is_met != 0 {
        "then_branch"
    } else {
        "else_branch"
    };
    let mut branches = node.attribute.iter().filter(|of| of.name == wanted);
    let branch = branches.find_map(|of| of.g.as_deref());
    branch.ok_or_else(|| Unsupported::new(format!("has no `{wanted}`")))
}
