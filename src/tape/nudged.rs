//! The forward run again with one number moved.

use super::{Kind, Tape};
use crate::cancel::{Cancel, Cancelled};
use crate::tensor::{Element, TensorId};

impl Tape {
    /// Returns the tape of a run in which one neuron's value is moved by `by`, and everything that
    /// depends on it with it.
    ///
    /// Only the layers downstream are run again.
    ///
    /// # Errors
    /// It was given up.
    pub fn nudged(&self, element: Element, by: f64, cancel: &Cancel) -> Result<Self, Cancelled> {
        self.nudged_until(element, by, |_| true, cancel, &mut |_, _| false)
    }

    /// Does the same, keeps of what is moved only the tensors that are asked for, and ends where
    /// `is_over` says so, which is asked after each layer that moves with its number and the run so
    /// far.
    ///
    /// # Errors
    /// It was given up.
    pub(crate) fn nudged_until(
        &self,
        element: Element,
        by: f64,
        is_kept: impl Fn(TensorId) -> bool,
        cancel: &Cancel,
        is_over: &mut dyn FnMut(usize, &Self) -> bool,
    ) -> Result<Self, Cancelled> {
        let mut tape = self.clone();
        let base = self.network.base(element.tensor);
        tape.values[base.0 as usize].data_mut()[element.at] += by;
        let mut moved = vec![false; self.values.len()];
        moved[base.0 as usize] = true;
        if let Kind::PreActivation(layer) = self.network.tensor(base).kind {
            tape.activate(layer);
            moved[self.network.layers()[layer].output.0 as usize] = true;
            if is_over(layer, &tape) {
                return Ok(tape);
            }
        }
        let last_reads = self.last_reads();
        for (number, layer) in self.network.layers().iter().enumerate() {
            if layer.output != base && layer.roles().any(|(_, read)| moved[read.0 as usize]) {
                cancel.check()?;
                tape.run_forward(number);
                moved[layer.output.0 as usize] = true;
                if is_over(number, &tape) {
                    break;
                }
            }
            // Nobody reads them again: the numbers that have not moved take no memory of their own.
            let read = layer.roles().map(|(_, read)| read);
            let read = read.filter(|read| last_reads[read.0 as usize] == number);
            for id in read.chain(self.network.pre_activation(number)) {
                if !is_kept(id) {
                    tape.values[id.0 as usize] = self.values[id.0 as usize].clone();
                }
            }
        }
        Ok(tape)
    }

    /// By tensor: the last layer that reads it.
    fn last_reads(&self) -> Vec<usize> {
        let mut last = vec![0; self.values.len()];
        for (number, layer) in self.network.layers().iter().enumerate() {
            layer
                .roles()
                .for_each(|(_, read)| last[read.0 as usize] = number);
        }
        last
    }
}
