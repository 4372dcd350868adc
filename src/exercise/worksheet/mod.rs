//! Worksheets: everything that is needed to work out the gradients by hand, with the places for
//! them left blank.

mod csv;
mod formats;
mod given_away;
mod html;
mod json;
mod page;

pub use formats::{FORMATS, Format, Unfit, format};
pub use given_away::GivenAway;
pub(super) use json::write_gradients;

use crate::backprop::Backprop;
use crate::ops::Ties;
use crate::scenario::{Asked, Scenario};
use crate::tape::{Kind, Network};
use crate::tensor::{Element, TensorId};

/// What a worksheet is made of.
#[derive(Debug, Clone)]
pub struct Worksheet<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Its backward run, of which a worksheet shows only what is given.
    pub backprop: &'a Backprop,
    /// The gradients that are asked for, in the order in which they are asked.
    pub asked: Asked,
    /// Whose worksheet it is, where it is for one student alone.
    pub student: Option<&'a str>,
}

/// Returns what homework on a scenario asks for: what it names, or all tensors that make steps, in
/// backward order.
pub fn asked(scenario: &Scenario, backprop: &Backprop) -> Asked {
    scenario.asked(backprop.steps().tensors())
}

impl<'a> Worksheet<'a> {
    fn network(&self) -> &'a Network {
        self.backprop.network()
    }

    fn title(&self) -> &'a str {
        if self.scenario.title.is_empty() {
            "Backpropagation by hand"
        } else {
            &self.scenario.title
        }
    }

    /// How many numbers are asked for.
    fn n_asked(&self) -> usize {
        let tensors = self.asked.tensors().iter();
        tensors.map(|&id| self.places(id).count()).sum()
    }

    /// The places of a tensor's elements that are asked for.
    fn places(&self, tensor: TensorId) -> impl Iterator<Item = usize> {
        let all = 0..self.network().tensor(tensor).shape.numel();
        all.filter(move |&at| self.asked.has_element(Element { tensor, at }))
    }

    /// What is to be done, in a sentence or two.
    fn task(&self) -> String {
        let n = match self.n_asked() {
            1 => "one number".to_owned(),
            n => format!("{n} numbers"),
        };
        let mut tensors = self.asked.tensors().iter();
        let which = match tensors.all(|&id| self.asked.part(id).is_none()) {
            true => "of the tensors below",
            false => "below that has a blank",
        };
        let is_new = |&id: &TensorId| matches!(self.network().tensor(id).kind, Kind::Updated(_));
        let tensors = self.asked.tensors();
        let (what, number) = match (tensors.iter().all(is_new), tensors.iter().any(is_new)) {
            (true, _) => (
                format!("the value after the update of each number {which}"),
                "number",
            ),
            (false, true) => (
                format!(
                    "the gradient of the loss with respect to each number {which}, and where the \
                     name ends in .new the value after the update"
                ),
                "number",
            ),
            (false, false) => (
                format!("the gradient of the loss with respect to each number {which}"),
                "gradient",
            ),
        };
        format!(
            "Work out {what}: {n} in all. A {number} may be written as a decimal (3.5) or as a \
             fraction (7/2)."
        )
    }

    /// The max pooling layers' outputs, each with its rule for ties in words that fit after its
    /// name.
    fn tie_rules(&self) -> impl Iterator<Item = (&'a str, &'static str)> {
        let network = self.network();
        network.layers().iter().filter_map(|layer| {
            let ties = layer.op.ties()?;
            Some((network.tensor(layer.output).name.as_str(), tie_rule(ties)))
        })
    }
}

fn tie_rule(ties: Ties) -> &'static str {
    match ties {
        Ties::First => {
            "has this rule for ties: of several largest numbers in a window, the first in reading \
             order gets the whole gradient."
        }
        Ties::Split => {
            "has this rule for ties: several largest numbers in a window share the gradient evenly."
        }
        Ties::All => {
            "has this rule for ties: of several largest numbers in a window, each gets the whole \
             gradient."
        }
    }
}
