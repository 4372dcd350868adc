//! What a breakpoint is.

use std::ops::Range;

use super::condition::{Condition, Predicates};
use crate::tape::Network;
use crate::tensor::{Element, TensorId};

/// What a breakpoint is to stop at, as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// The neurons in question.
    pub spot: Spot,
    /// What must be true of them.
    pub condition: Option<Condition>,
}

/// The neurons that a breakpoint looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// All.
    Anywhere,
    /// Those of a tensor.
    Tensor(TensorId),
    /// One.
    Element(Element),
}

impl Spot {
    /// The tensor that they are of, where it is one.
    pub(super) fn tensor(self) -> Option<TensorId> {
        match self {
            Self::Anywhere => None,
            Self::Tensor(tensor) | Self::Element(Element { tensor, .. }) => Some(tensor),
        }
    }
}

/// One or all of the things that are numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The one of that number.
    Number(usize),
    /// All.
    All,
}

/// A place at which going on stops: at every neuron of its spot of which the condition is true.
#[derive(Debug, Clone)]
pub struct Breakpoint {
    /// Its number, counted from 1. It is never given again.
    pub number: usize,
    /// What it stops at.
    pub stop: Stop,
    /// How often going on has stopped here.
    pub hits: usize,
    /// The steps of the spot.
    pub(super) steps: Range<usize>,
    /// The condition in the order in which it is tested.
    pub(super) tested: Option<Condition>,
}

/// The breakpoints of a session.
#[derive(Debug, Clone, Default)]
pub(super) struct Breakpoints {
    pub(super) list: Vec<Breakpoint>,
    pub(super) n_set: usize,
}

impl Breakpoint {
    /// Whether going on stops at a step.
    pub(super) fn is_hit(&self, step: usize, predicates: &Predicates<'_>) -> bool {
        self.steps.contains(&step)
            && self
                .tested
                .as_ref()
                .is_none_or(|condition| predicates.fulfil(condition))
    }

    /// What it stops at in the words of the command: `pool[0,1] if grad > 1`.
    pub fn what(&self, network: &Network) -> String {
        self.stop.text(network)
    }
}

impl Stop {
    fn text(&self, network: &Network) -> String {
        let spot = match self.spot {
            Spot::Anywhere => String::new(),
            Spot::Tensor(tensor) => network.tensor(tensor).name.clone(),
            Spot::Element(element) => network.address(element).to_string(),
        };
        match &self.condition {
            Some(condition) => format!("{spot} if {condition}").trim_start().to_owned(),
            None => spot,
        }
    }
}
