//! Sequences of tensors: only what is taken out of them is a part of the network.

use std::collections::HashSet;

use super::{Importer, unmade};
use crate::onnx::error::{ImportError, Unsupported};
use crate::onnx::proto::{self, Attribute};
use crate::onnx::value::Value;

impl Importer<'_> {
    /// Notes what a node makes of sequences, if that is all it does and it is known which tensors
    /// they hold.
    pub(super) fn sequence(&mut self, node: &proto::Node) -> bool {
        let held = match node.op_type.as_str() {
            "SequenceEmpty" => Some(Vec::new()),
            "SequenceConstruct" => Some(node.input.clone()),
            "SequenceInsert" => self.inserted(node),
            "Identity" => node
                .input
                .first()
                .and_then(|name| self.sequences.get(name))
                .cloned(),
            _ => None,
        };
        match (held, node.output.first()) {
            (Some(held), Some(output)) => {
                self.sequences.insert(output.clone(), held);
                true
            }
            (None, _) | (_, None) => false,
        }
    }

    /// A sequence with a tensor more, at its end where nothing is said.
    fn inserted(&mut self, node: &proto::Node) -> Option<Vec<String>> {
        let n_held = self.sequences.get(node.input.first()?)?.len();
        self.held_left = self.held_left.checked_sub(n_held)?;
        let mut held = self.sequences.get(node.input.first()?)?.clone();
        let tensor = node.input.get(1)?.clone();
        let place = match node.input.get(2).filter(|name| !name.is_empty()) {
            None => held.len(),
            Some(name) => self.place(name, held.len())?,
        };
        held.insert(place, tensor);
        Some(held)
    }

    /// Imports a node that takes a tensor out of a sequence, or says why it does not.
    pub(super) fn taken(
        &mut self,
        number: usize,
        node: &proto::Node,
        needed: &HashSet<&str>,
    ) -> Result<(), ImportError> {
        let held = node.input.first().and_then(|name| self.sequences.get(name));
        let Some(held) = held else {
            return self.plain_node(number, node, needed);
        };
        let place = node
            .input
            .get(1)
            .and_then(|name| self.place(name, held.len()));
        let Some(tensor) = place.and_then(|place| held.get(place)).cloned() else {
            let reason = Unsupported::new("takes what a sequence is not known to hold");
            return self.leave_out(node, Some(reason));
        };
        let taken = proto::Node {
            op_type: "Identity".to_owned(),
            input: vec![tensor],
            ..node.clone()
        };
        self.plain_node(number, &taken, needed)
    }

    /// A place in a sequence of so many tensors, or behind its end; from the end where it is
    /// negative.
    fn place(&self, name: &str, n_held: usize) -> Option<usize> {
        let Some(Some(Value::Constant(known))) = self.values.get(name) else {
            return None;
        };
        let place = *known.constant.ints()?.data().first()?;
        let counted = if place < 0 {
            place.checked_add(i64::try_from(n_held).ok()?)?
        } else {
            place
        };
        usize::try_from(counted)
            .ok()
            .filter(|&place| place <= n_held)
    }

    /// Imports a node that joins the tensors of a sequence.
    pub(super) fn joined(
        &mut self,
        number: usize,
        node: &proto::Node,
        needed: &HashSet<&str>,
    ) -> Result<(), ImportError> {
        let sequence = node.input.first().map_or("", String::as_str);
        let Some(held) = self.sequences.get(sequence).cloned() else {
            return match self.values.get(sequence) {
                Some(None) => self.leave_out(node, None),
                Some(Some(_)) => {
                    let reason = Unsupported::new("joins what is no sequence");
                    self.leave_out(node, Some(reason))
                }
                None => Err(unmade(node, sequence)),
            };
        };
        let is_new = |of: &&Attribute| of.name == "new_axis" && of.i != 0;
        let reason = if node.attribute.iter().any(|of| is_new(&of)) {
            Some("joins the tensors of a sequence along a new axis")
        } else if held.is_empty() {
            Some("joins a sequence that holds nothing")
        } else {
            None
        };
        if let Some(reason) = reason {
            return self.leave_out(node, Some(Unsupported::new(reason)));
        }
        let mut concat = node.clone();
        concat.op_type = "Concat".to_owned();
        concat.input = held;
        concat.attribute.retain(|of| of.name == "axis");
        self.plain_node(number, &concat, needed)
    }
}
