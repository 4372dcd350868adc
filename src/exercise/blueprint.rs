//! What exercises are drawn from.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use super::error::OwnError;
use crate::backprop::Backprop;
use crate::diagnostic::Diagnostic;
use crate::scenario::{Asked, NoFiles, Options, Scenario};
use crate::tape::Tape;
use crate::tensor::{Tensor, TensorId};

/// A network in which numbers are still to be found.
pub(super) trait Blueprint: fmt::Debug + Send + Sync {
    /// What the numbers can be, tensor by tensor.
    fn choices(&self) -> Vec<Choices>;

    /// Runs the network forwards with these numbers, and returns the upstream gradients among them.
    fn forward(&self, numbers: &[f64]) -> (Tape, BTreeMap<TensorId, Tensor>);

    /// Runs the network with these numbers, forwards and back.
    fn backprop(&self, numbers: &[f64]) -> Backprop {
        let (tape, upstream) = self.forward(numbers);
        Backprop::lazy(tape, upstream)
    }

    /// What is asked for.
    fn asked(&self) -> &Asked;

    /// The scenario with these numbers as JSON.
    fn json(&self, numbers: &[f64]) -> Result<String, Diagnostic>;

    /// The same, and the scenario that its readers will find in it.
    fn exercise(&self, numbers: &[f64]) -> Result<(String, Scenario), OwnError> {
        let unwritable = |problem: Diagnostic| OwnError::Unwritable(Box::new(problem));
        let json = self.json(numbers).map_err(unwritable)?;
        let (name, options) = ("exercise.json", Options::default());
        let scenario = Scenario::read(name, json.as_bytes(), &NoFiles, options);
        Ok((json, scenario.map_err(unwritable)?))
    }

    /// What the numbers have to be like.
    fn demands(&self) -> Demands;
}

/// What the numbers of a tensor can be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Choices {
    /// How many numbers it has.
    pub(super) n_numbers: usize,
    /// What each of them can be.
    pub(super) of_each: Cow<'static, [f64]>,
}

/// What the numbers of an exercise have to be like.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Demands {
    /// Whether windows with ties are wanted; otherwise there are none.
    pub(super) has_ties: bool,
    /// Whether what follows from them stays whole, or halves, quarters or eighths.
    pub(super) is_exact: bool,
    /// How many flaws are none here, because nobody can do without them.
    pub(super) n_tolerated: usize,
}
