//! A scenario of somebody's own, of which exercises are drawn: the same network with other numbers
//! of the same kind.

use std::collections::BTreeMap;

use super::asked;
use super::blueprint::{Blueprint, Choices, Demands};
use super::error::{MOST_NUMBERS, OwnError};
use super::flaws::{flaws, has_ties, is_exact};
use crate::backprop::Backprop;
use crate::diagnostic::Diagnostic;
use crate::scenario::{Asked, Scenario};
use crate::tape::Tape;
use crate::tensor::{Element, Tensor, TensorId};

/// The most choices for a number.
const MOST_CHOICES: usize = 64;
/// How many parts a one is in, in the numbers of a scenario: wholes, halves and so on.
const PARTS: [f64; 6] = [1.0, 2.0, 4.0, 8.0, 10.0, 100.0];

/// A scenario, and what each of its numbers can be.
#[derive(Debug)]
pub(super) struct Own {
    scenario: Scenario,
    leaves: Vec<TensorId>,
    given: Vec<TensorId>,
    asked: Asked,
    demands: Demands,
}

impl Own {
    pub(super) fn of(scenario: Scenario) -> Result<Self, OwnError> {
        let leaves: Vec<TensorId> = scenario.leaves.keys().copied().collect();
        let given: Vec<TensorId> = scenario.upstream.keys().copied().collect();
        let mut own = Self {
            demands: Demands::default(),
            asked: Asked::default(),
            scenario,
            leaves,
            given,
        };
        own.is_finite()?;
        let numbers: Vec<f64> = own.tensors().flat_map(Tensor::data).copied().collect();
        if numbers.len() > MOST_NUMBERS {
            return Err(OwnError::TooLarge(numbers.len()));
        }
        let choices = own.choices();
        if choices.iter().all(|choices| choices.of_each.len() < 2) {
            return Err(OwnError::Constant);
        }
        // What is kept as it is, such as a mask in a file, may be what no text can hold.
        own.exercise(&numbers)?;
        let backprop = own.backprop(&numbers);
        own.asked = asked(&own.scenario, &backprop);
        let demands = Demands {
            has_ties: has_ties(backprop.tape()),
            is_exact: is_exact(&backprop),
            ..Demands::default()
        };
        own.demands = Demands {
            n_tolerated: flaws(demands, &backprop, &own.asked),
            ..demands
        };
        Ok(own)
    }

    /// The tensors whose numbers are drawn.
    fn tensors(&self) -> impl Iterator<Item = &Tensor> {
        let Self {
            scenario,
            leaves,
            given,
            ..
        } = self;
        let leaves = leaves.iter().map(|id| &scenario.leaves[id]);
        leaves.chain(given.iter().map(|id| &scenario.upstream[id]))
    }

    /// Refuses a number that no exercise can have.
    fn is_finite(&self) -> Result<(), OwnError> {
        let ids = self.leaves.iter().chain(&self.given);
        for (&tensor, numbers) in ids.zip(self.tensors()) {
            let numbers = numbers.data();
            if let Some(at) = numbers.iter().position(|number| !number.is_finite()) {
                let address = self.scenario.network.address(Element { tensor, at });
                let what = if numbers[at].is_nan() {
                    "NaN"
                } else {
                    "infinite"
                };
                return Err(OwnError::NotFinite(address, what));
            }
        }
        Ok(())
    }

    /// The scenario with these numbers.
    fn with(&self, numbers: &[f64]) -> Scenario {
        let mut rest = numbers;
        let mut tensors = self.tensors().map(|tensor| {
            let (own, others) = rest.split_at(tensor.data().len());
            rest = others;
            Tensor::from_fn(tensor.shape().clone(), |at| own[at])
        });
        let leaves = self.leaves.iter().copied().zip(&mut tensors).collect();
        let given = self.given.iter().copied().zip(&mut tensors).collect();
        self.scenario.renumbered(leaves, given)
    }
}

impl Blueprint for Own {
    fn choices(&self) -> Vec<Choices> {
        let of = |tensor: &Tensor| Choices {
            n_numbers: tensor.data().len(),
            of_each: choices(tensor.data()).into(),
        };
        self.tensors().map(of).collect()
    }

    fn forward(&self, numbers: &[f64]) -> (Tape, BTreeMap<TensorId, Tensor>) {
        let scenario = self.with(numbers);
        (scenario.tape(), scenario.upstream)
    }

    fn backprop(&self, numbers: &[f64]) -> Backprop {
        let (tape, upstream) = self.forward(numbers);
        Backprop::lazy(tape, upstream).stepping(self.scenario.stepped())
    }

    fn asked(&self) -> &Asked {
        &self.asked
    }

    fn json(&self, numbers: &[f64]) -> Result<String, Diagnostic> {
        self.with(numbers).to_json()
    }

    fn demands(&self) -> Demands {
        self.demands
    }
}

/// What the numbers of a tensor can be: those between the least and the largest of it that have as
/// many parts. 0 is one of them only where it is one already, and all the same numbers stay.
fn choices(numbers: &[f64]) -> Vec<f64> {
    let least = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let is_whole = |parts: f64| {
        let mut parts = numbers.iter().map(|number| number * parts);
        parts.all(|part| (part - part.round()).abs() < 1e-9)
    };
    let mut known = numbers.to_vec();
    known.sort_by(f64::total_cmp);
    known.dedup();
    let Some(parts) = PARTS.into_iter().find(|&parts| is_whole(parts)) else {
        return known;
    };
    let n = ((largest - least) * parts).round();
    if n.is_nan() || n >= MOST_CHOICES as f64 {
        return known;
    }
    let between = (0..=n as usize).map(|step| ((least * parts).round() + step as f64) / parts);
    let has_zero = numbers.contains(&0.0);
    between
        .filter(|&number| has_zero || number != 0.0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_same_kind_take_their_place() {
        assert_eq!(choices(&[1.0, -1.0, 2.0]), [-1.0, 1.0, 2.0]);
        assert_eq!(choices(&[0.0, 2.0]), [0.0, 1.0, 2.0]);
        assert_eq!(choices(&[0.5, 1.5]), [0.5, 1.0, 1.5]);
        assert_eq!(choices(&[0.1, 0.3]), [0.1, 0.2, 0.3]);
        assert_eq!(choices(&[3.0, 3.0]), [3.0]);
        assert_eq!(choices(&[0.123, -0.456]), [-0.456, 0.123]);
        assert_eq!(choices(&[1.0, 1000.0]), [1.0, 1000.0]);
    }
}
