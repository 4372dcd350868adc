//! What a learner does in all three moves, and the numbers that it gives.

use rayon::prelude::*;
use smallvec::SmallVec;

use super::combining::Combining;
use super::making::Making;
use super::placing::{Placed, Placing};
use super::site::Site;
use super::slip::{Choice, Move, Rule};
use super::working::{How, Working};
use crate::backprop::Backprop;
use crate::tensor::{Element, TensorId};
use crate::words;

/// What a learner does: no slip, which is the right way, one slip, or a pair of them in different
/// moves.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Method {
    choices: SmallVec<[Choice; 2]>,
}

/// A learner's number for one neuron. Where no slip has anything to do it is the right one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number {
    /// The number.
    pub value: f64,
    /// By slip of the method: whether it has something to do here, even if the number comes out the
    /// same.
    applied: [bool; 2],
}

impl Method {
    /// The right way.
    pub fn right() -> Self {
        Self::default()
    }

    /// The method with a slip more, or nothing unless that makes a single slip, or a pair of one in
    /// making the terms with one in combining or placing them, in this order.
    #[must_use]
    pub fn and(&self, choice: Choice) -> Option<Self> {
        let fits = match self.choices[..] {
            [] => true,
            [one] => one.slip.which() == Move::Term && choice.slip.which() != Move::Term,
            _ => false,
        };
        fits.then(|| Self {
            choices: self.choices.iter().copied().chain([choice]).collect(),
        })
    }

    /// The slips, in the order of the moves.
    pub fn choices(&self) -> &[Choice] {
        &self.choices
    }

    /// The ids of the slips.
    pub fn ids(&self) -> impl Iterator<Item = &'static str> {
        self.choices.iter().map(|choice| choice.slip.id)
    }

    /// Returns the learner's gradients of a tensor in row-major order, or nothing where a slip has
    /// nothing to do in all of it.
    ///
    /// The method starts from the gradients downstream that `backprop` holds.
    pub fn gradient(&self, backprop: &Backprop, tensor: TensorId) -> Option<Vec<f64>> {
        gradients(backprop, tensor, std::slice::from_ref(self))
            .pop()
            .flatten()
    }

    /// Returns the learner's gradient of a neuron, or nothing where a slip has nothing to do there.
    pub fn element(&self, backprop: &Backprop, element: Element) -> Option<f64> {
        let number = numbers(backprop, element, std::slice::from_ref(self)).pop()?;
        number.applies(self).then_some(number.value)
    }

    /// Tells what the learner did and how that gives the neuron's number: `left out the weight on
    /// the wire: 2 + 3 + 6 = 11`. It fits after "you" and after "who".
    pub fn says(&self, backprop: &Backprop, element: Element) -> String {
        let site = Site::new(backprop, element.tensor);
        let worked_out = |at: usize| {
            let terms = site.terms(at);
            self.working(&site, at, &terms)
        };
        let did: Vec<String> = self
            .choices
            .iter()
            .map(|choice| choice.did(backprop.network()))
            .collect();
        let shown = match self.placed(&site, element.at) {
            None => worked_out(element.at).to_string(),
            Some(Placed::From(at)) if at == element.at => {
                format!(
                    "here that changes nothing, {}",
                    words::number(worked_out(at).result())
                )
            }
            Some(Placed::From(at)) => {
                let belongs = backprop.network().address(site.element(at));
                format!(
                    "here is what belongs to {belongs}, {}",
                    words::number(worked_out(at).result())
                )
            }
            Some(Placed::Times(factor)) => {
                let own = worked_out(element.at).result();
                words::product(&[factor, own], factor * own)
            }
            Some(Placed::Number(number)) => words::number(number),
        };
        if did.is_empty() {
            shown
        } else {
            format!("{}: {shown}", did.join(" and "))
        }
    }

    fn choice(&self, which: Move) -> Option<(usize, Choice)> {
        self.choices
            .iter()
            .copied()
            .enumerate()
            .find(|(_, choice)| choice.slip.which() == which)
    }

    /// The method without a slip in placing.
    fn before_placing(&self) -> Self {
        Self {
            choices: self
                .choices
                .iter()
                .copied()
                .filter(|choice| choice.slip.which() != Move::Place)
                .collect(),
        }
    }

    /// What stands in a neuron's place instead of what was worked out for it.
    fn placed(&self, site: &Site<'_>, at: usize) -> Option<Placed> {
        let (_, choice) = self.choice(Move::Place)?;
        let Rule::Place(rule) = choice.slip.rule else {
            return None;
        };
        rule(&Placing { site, at }, choice.form)
    }

    /// The learner's way from a neuron's terms to its number, before it is placed.
    fn working<'r>(&self, site: &Site<'r>, at: usize, terms: &[Making<'_, 'r>]) -> Working {
        let mut products = Products::default();
        products.make(self, terms);
        let sum = Combining {
            site,
            given: site.given(at),
            terms,
            products: &products.numbers,
        };
        self.combined(&sum).unwrap_or_else(|| sum.whole(How::Added))
    }

    fn combined(&self, sum: &Combining<'_, '_>) -> Option<Working> {
        let (_, choice) = self.choice(Move::Combine)?;
        let Rule::Combine(rule) = choice.slip.rule else {
            return None;
        };
        rule(sum, choice.form)
    }

    /// The number before it is placed.
    fn sum<'r>(
        &self,
        site: &Site<'r>,
        at: usize,
        terms: &[Making<'_, 'r>],
        products: &mut Products,
    ) -> Number {
        products.make(self, terms);
        let sum = Combining {
            site,
            given: site.given(at),
            terms,
            products: &products.numbers,
        };
        let working = self.combined(&sum);
        let mut applied = [false; 2];
        if let Some((place, _)) = self.choice(Move::Term) {
            applied[place] = products.applied;
        }
        if let Some((place, _)) = self.choice(Move::Combine) {
            applied[place] = working.is_some();
        }
        let added = || {
            sum.products
                .iter()
                .fold(sum.given.unwrap_or(0.0), |sum, product| sum + product)
        };
        Number {
            value: working.map_or_else(added, |working| working.result()),
            applied,
        }
    }

    /// Puts a number in its place. `worked_out` gives what was worked out for each neuron.
    fn place(&self, site: &Site<'_>, at: usize, worked_out: &dyn Fn(usize) -> Number) -> Number {
        let Some(placed) = self.placed(site, at) else {
            return worked_out(at);
        };
        let from = worked_out(if let Placed::From(other) = placed {
            other
        } else {
            at
        });
        let value = match placed {
            Placed::From(_) => from.value,
            Placed::Times(factor) => factor * from.value,
            Placed::Number(number) => number,
        };
        let mut applied = from.applied;
        if let Some((place, _)) = self.choice(Move::Place) {
            applied[place] = true;
        }
        Number { value, applied }
    }
}

impl From<Choice> for Method {
    fn from(choice: Choice) -> Self {
        Self {
            choices: SmallVec::from_slice(&[choice]),
        }
    }
}

impl Number {
    /// Whether every slip of the method has something to do at the neuron.
    pub fn applies(self, method: &Method) -> bool {
        self.applied[..method.choices.len()]
            .iter()
            .all(|&applied| applied)
    }
}

/// The products of one neuron's terms under a slip, kept for the methods that share it.
#[derive(Default)]
struct Products {
    made_with: Option<Option<Choice>>,
    numbers: Vec<f64>,
    applied: bool,
}

impl Products {
    fn make(&mut self, method: &Method, terms: &[Making<'_, '_>]) {
        let choice = method.choice(Move::Term).map(|(_, choice)| choice);
        if self.made_with == Some(choice) {
            return;
        }
        *self = Self {
            made_with: Some(choice),
            numbers: std::mem::take(&mut self.numbers),
            applied: false,
        };
        self.numbers.clear();
        for making in terms {
            let wrong = choice.and_then(|choice| match choice.slip.rule {
                Rule::Term(rule) => rule(making, choice.form),
                Rule::Combine(_) | Rule::Place(_) => None,
            });
            self.applied |= wrong.is_some();
            self.numbers.push(wrong.unwrap_or_else(|| making.product()));
        }
    }
}

/// Returns, method by method, the learner's gradients of a tensor in row-major order, or nothing
/// where a slip has nothing to do in all of it.
///
/// All methods together take one walk over the tensor's terms. They start from the gradients
/// downstream that `backprop` holds.
pub fn gradients(
    backprop: &Backprop,
    tensor: TensorId,
    methods: &[Method],
) -> Vec<Option<Vec<f64>>> {
    let site = Site::new(backprop, tensor);
    let mut sums: Vec<Method> = Vec::new();
    let places: Vec<usize> = methods
        .iter()
        .map(|method| {
            let sum = method.before_placing();
            sums.iter()
                .position(|other| *other == sum)
                .unwrap_or_else(|| {
                    sums.push(sum);
                    sums.len() - 1
                })
        })
        .collect();
    let n = site.shape().numel();
    let worked_out: Vec<Vec<Number>> = (0..n)
        .into_par_iter()
        .with_min_len(16)
        .map(|at| {
            let (terms, mut products) = (site.terms(at), Products::default());
            sums.iter()
                .map(|method| method.sum(&site, at, &terms, &mut products))
                .collect()
        })
        .collect();
    let gradient = |(method, &sum): (&Method, &usize)| {
        let numbers: Vec<Number> = (0..n)
            .map(|at| method.place(&site, at, &|at| worked_out[at][sum]))
            .collect();
        let does_something = |slip: usize| numbers.iter().any(|number| number.applied[slip]);
        let applies = (0..method.choices.len()).all(does_something);
        applies.then(|| numbers.iter().map(|number| number.value).collect())
    };
    methods.iter().zip(&places).map(gradient).collect()
}

/// Returns, method by method, the learner's number for a neuron.
pub fn numbers(backprop: &Backprop, element: Element, methods: &[Method]) -> Vec<Number> {
    let site = Site::new(backprop, element.tensor);
    numbers_at(&site, element.at, methods.iter())
}

/// Does the same in a site that is known.
pub(super) fn numbers_at<'m>(
    site: &Site<'_>,
    at: usize,
    methods: impl Iterator<Item = &'m Method>,
) -> Vec<Number> {
    let (terms, mut products) = (site.terms(at), Products::default());
    let number = |method: &Method| {
        let sum = method.before_placing();
        let own = sum.sum(site, at, &terms, &mut products);
        method.place(site, at, &|other| {
            if other == at {
                own
            } else {
                sum.sum(site, other, &site.terms(other), &mut Products::default())
            }
        })
    };
    methods.map(number).collect()
}
