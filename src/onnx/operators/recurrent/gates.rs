//! A step of the layers with gates.

use super::{Direction, State};
use crate::onnx::error::Unsupported;
use crate::onnx::layer::Operand;
use crate::onnx::node::Node;
use crate::ops::{Add, Mul, Op, Sigmoid, Slice, Sub, Tanh};

impl Direction {
    /// The sums of one gate.
    fn gate(
        &self,
        node: &mut Node<'_, '_>,
        (what, at): (&str, usize),
        sums: &Operand,
        number: usize,
    ) -> Result<Operand, Unsupported> {
        let start = number * self.n_hidden;
        let end = start + self.n_hidden;
        let is_last = sums.shape.last() == Some(&end);
        let slice = Slice {
            dim: 1,
            start: (start > 0).then_some(start as i64),
            end: (!is_last).then_some(end as i64),
            step: 1,
        };
        self.layer(node, (what, at), slice, [sums.clone()])
    }

    /// c = f ⊙ c + i ⊙ g and h = o ⊙ tanh(c).
    pub(super) fn lstm_step(
        &self,
        node: &mut Node<'_, '_>,
        at: usize,
        products: [Operand; 2],
        state: &State,
    ) -> Result<State, Unsupported> {
        let before = state.cell.clone().unwrap_or_else(|| state.hidden.clone());
        let sums = self.layer(node, ("sums", at), Add, products)?;
        let mut gates = Vec::new();
        for (number, name) in ["i", "f", "g", "o"].into_iter().enumerate() {
            let sum = self.gate(node, (&format!("{name}_sum"), at), &sums, number)?;
            let op: Box<dyn Op> = if name == "g" {
                Tanh.into()
            } else {
                Sigmoid.into()
            };
            gates.push(self.layer(node, (name, at), op, [sum])?);
        }
        let kept = self.layer(node, ("kept", at), Mul, [gates[1].clone(), before])?;
        let added = [gates[0].clone(), gates[2].clone()];
        let added = self.layer(node, ("added", at), Mul, added)?;
        let cell = self.layer(node, ("c", at), Add, [kept, added])?;
        let seen = self.layer(node, ("tanh_c", at), Tanh, [cell.clone()])?;
        let hidden = self.layer(node, ("h", at), Mul, [gates[3].clone(), seen])?;
        Ok(State {
            hidden,
            cell: Some(cell),
        })
    }

    /// h = n + z ⊙ (h − n), where the candidate n sees h as far as the reset gate r lets it.
    pub(super) fn gru_step(
        &self,
        node: &mut Node<'_, '_>,
        at: usize,
        [ih, hh]: [Operand; 2],
        state: &State,
    ) -> Result<State, Unsupported> {
        let before = state.hidden.clone();
        let mut gates = Vec::new();
        for (number, name) in ["r", "z"].into_iter().enumerate() {
            let parts = [
                self.gate(node, (&format!("{name}_ih"), at), &ih, number)?,
                self.gate(node, (&format!("{name}_hh"), at), &hh, number)?,
            ];
            let sum = self.layer(node, (&format!("{name}_sum"), at), Add, parts)?;
            gates.push(self.layer(node, (name, at), Sigmoid, [sum])?);
        }
        let (reset, update) = (gates[0].clone(), gates[1].clone());
        let n_ih = self.gate(node, ("n_ih", at), &ih, 2)?;
        let n_hh = match &self.candidate {
            None => {
                let seen = self.gate(node, ("n_hh", at), &hh, 2)?;
                self.layer(node, ("n_reset", at), Mul, [reset, seen])?
            }
            Some((weight, bias)) => {
                let seen = [reset, before.clone()];
                let seen = self.layer(node, ("h_reset", at), Mul, seen)?;
                self.product(node, ("n_hh", at), seen, (weight, bias.as_ref()))?
            }
        };
        let sum = self.layer(node, ("n_sum", at), Add, [n_ih, n_hh])?;
        let new = self.layer(node, ("n", at), Tanh, [sum])?;
        let back = self.layer(node, ("h_minus_n", at), Sub, [before, new.clone()])?;
        let kept = self.layer(node, ("kept", at), Mul, [update, back])?;
        let hidden = self.layer(node, ("h", at), Add, [new, kept])?;
        Ok(State { hidden, cell: None })
    }
}
