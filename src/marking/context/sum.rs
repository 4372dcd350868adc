//! The terms of one element, and how a learner may have combined them.

use smallvec::SmallVec;

use super::gradient::GradientContext;
use super::term::TermContext;
use crate::marking::derivation::{Combination, Derivation};

/// The terms of one neuron, as the learner has made them.
pub(in crate::marking) struct SumContext<'a, 'r> {
    pub(in crate::marking) gradient: &'a GradientContext<'r>,
    /// The neuron's place in the tensor.
    pub(in crate::marking) at: usize,
    /// The upstream gradient that is given to the neuron itself.
    pub(in crate::marking) given: Option<f64>,
    pub(in crate::marking) terms: &'a [TermContext<'a, 'r>],
    /// The learner's product of each term.
    pub(in crate::marking) products: &'a [f64],
}

impl SumContext<'_, '_> {
    /// All terms, combined in this way.
    pub(in crate::marking) fn whole(&self, how: Combination) -> Derivation {
        Derivation {
            given: self.given,
            numbers: SmallVec::from_slice(self.products),
            how,
        }
    }

    /// The terms that arrive, where there are two or more, combined as their number says or they
    /// themselves: what a window sends to its losers is nothing that anybody combines.
    pub(in crate::marking) fn of_several(
        &self,
        how: impl FnOnce(&[f64]) -> Combination,
    ) -> Option<Derivation> {
        let terms = self.terms.iter().zip(self.products);
        let arriving = terms.filter(|(term, product)| **product != 0.0 || !term.is_lost());
        let numbers: SmallVec<_> = arriving.map(|(_, &product)| product).collect();
        (numbers.len() > 1).then(|| Derivation {
            given: self.given,
            how: how(&numbers),
            numbers,
        })
    }

    /// The sum of some of the terms, where they are neither all nor none.
    pub(in crate::marking) fn of_some(
        &self,
        keep: impl Fn(&TermContext<'_, '_>) -> bool,
    ) -> Option<Derivation> {
        self.of_part(keep).filter(|part| !part.numbers.is_empty())
    }

    /// The sum of some of the terms, where they are not all: of none it is what is given alone.
    pub(in crate::marking) fn of_part(
        &self,
        keep: impl Fn(&TermContext<'_, '_>) -> bool,
    ) -> Option<Derivation> {
        let kept = self
            .terms
            .iter()
            .zip(self.products)
            .filter(|(term, _)| keep(term));
        let numbers: SmallVec<_> = kept.map(|(_, &product)| product).collect();
        let is_part = numbers.len() < self.products.len();
        is_part.then_some(Derivation {
            given: self.given,
            numbers,
            how: Combination::Added,
        })
    }
}
