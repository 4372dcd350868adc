//! What a learner does in all three stages, and the numbers that it gives.

use std::cell::RefCell;
use std::collections::BTreeMap;

use rayon::prelude::*;
use smallvec::SmallVec;

use super::context::{GradientContext, Placement, PlacementContext, SumContext, TermContext};
use super::derivation::{Combination, Derivation, Outcome};
use super::form::Form;
use super::slip::{Choice, Rule, Stage};
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::tensor::{Element, TensorId};

/// What a learner does: no slip, which is the right way, one slip, or a pair of them in different
/// stages.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Hypothesis {
    choices: SmallVec<[Choice; 2]>,
}

/// A hypothesis that is followed at one element.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed {
    /// The hypothesis.
    pub hypothesis: Hypothesis,
    /// The element.
    pub element: Element,
    /// What comes of it there.
    pub outcome: Outcome,
}

/// A learner's number for one neuron. Where no slip has anything to do it is the right one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number {
    /// The number.
    pub value: f64,
    /// By slip of the hypothesis: whether it has something to do here, even if the number comes out
    /// the same.
    applied: [bool; 2],
}

impl Hypothesis {
    /// The right way.
    pub fn right() -> Self {
        Self::default()
    }

    /// The hypothesis with a slip more, or nothing unless that makes a single slip, or a pair of
    /// one in making the terms with one in combining or placing them, in this order.
    #[must_use]
    pub fn and(&self, choice: Choice) -> Option<Self> {
        let fits = match self.choices[..] {
            [] => true,
            [one] => one.slip.stage() == Stage::Term && choice.slip.stage() != Stage::Term,
            _ => false,
        };
        fits.then(|| Self {
            choices: self.choices.iter().copied().chain([choice]).collect(),
        })
    }

    /// The slips, in the order of the stages.
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
    /// The hypothesis starts from the gradients downstream that `backprop` holds.
    pub fn gradient(&self, backprop: &Backprop, tensor: TensorId) -> Option<Vec<f64>> {
        let gradients = gradients(
            backprop,
            tensor,
            std::slice::from_ref(self),
            &Cancel::default(),
        );
        gradients.ok()?.pop()?
    }

    /// Returns the learner's gradient of a neuron, or nothing where a slip has nothing to do there.
    pub fn element(&self, backprop: &Backprop, element: Element) -> Option<f64> {
        let number = numbers(backprop, element, std::slice::from_ref(self)).pop()?;
        number.applies(self).then_some(number.value)
    }

    /// Returns how the learner comes to their number for an element.
    pub fn followed(&self, backprop: &Backprop, element: Element) -> Followed {
        let context = GradientContext::new(backprop, element.tensor);
        let derived = |at: usize| self.derivation(&ElementContext::new(&context, at));
        let outcome = match self.placed(&context, element.at) {
            None => Outcome::Derived(derived(element.at)),
            Some(Placement::From(at)) if at == element.at => Outcome::Unmoved(derived(at).result()),
            Some(Placement::From(at)) => Outcome::Moved {
                from: context.element(at),
                number: derived(at).result(),
            },
            Some(Placement::Times(factor)) => Outcome::Scaled {
                factor,
                number: derived(element.at).result(),
            },
            Some(Placement::Number(number)) => Outcome::Written(number),
        };
        Followed {
            hypothesis: self.clone(),
            element,
            outcome,
        }
    }

    /// Whether right numbers are all that it starts from: it puts them in other places or scales
    /// them.
    pub(super) fn only_moves(&self) -> bool {
        let moves = |choice: &Choice| {
            choice.slip.stage() == Stage::Placement && !matches!(choice.form, Form::Decimals(_))
        };
        self.choices.iter().all(moves)
    }

    /// What stands in some places where right numbers, in row-major order, are only moved.
    pub(super) fn moved(
        &self,
        backprop: &Backprop,
        tensor: TensorId,
        right: &[f64],
        places: &[usize],
    ) -> Vec<f64> {
        let context = GradientContext::new(backprop, tensor);
        let number = |at: usize| Number {
            value: right[at],
            applied: [false; 2],
        };
        let moved = |&at: &usize| self.place(&context, at, &number).value;
        places.iter().map(moved).collect()
    }

    fn choice(&self, stage: Stage) -> Option<(usize, Choice)> {
        self.choices
            .iter()
            .copied()
            .enumerate()
            .find(|(_, choice)| choice.slip.stage() == stage)
    }

    /// The hypothesis without a slip in placing.
    fn before_placing(&self) -> Self {
        Self {
            choices: self
                .choices
                .iter()
                .copied()
                .filter(|choice| choice.slip.stage() != Stage::Placement)
                .collect(),
        }
    }

    /// What stands in a neuron's place instead of what was worked out for it.
    fn placed(&self, context: &GradientContext<'_>, at: usize) -> Option<Placement> {
        let (_, choice) = self.choice(Stage::Placement)?;
        let Rule::Placement(rule) = choice.slip.rule else {
            return None;
        };
        rule(
            &PlacementContext {
                gradient: context,
                at,
            },
            choice.form,
        )
    }

    /// The learner's way from an element's terms to its number, before it is placed.
    fn derivation(&self, element: &ElementContext<'_, '_>) -> Derivation {
        let mut products = Products::default();
        products.make(self, &element.terms);
        let sum = element.sum(&products);
        self.combined(&sum)
            .unwrap_or_else(|| sum.whole(Combination::Added))
    }

    fn combined(&self, sum: &SumContext<'_, '_>) -> Option<Derivation> {
        let (_, choice) = self.choice(Stage::Sum)?;
        let Rule::Sum(rule) = choice.slip.rule else {
            return None;
        };
        rule(sum, choice.form)
    }

    /// The number before it is placed.
    fn sum(&self, element: &ElementContext<'_, '_>, products: &mut Products) -> Number {
        products.make(self, &element.terms);
        let sum = element.sum(products);
        let derivation = self.combined(&sum);
        let mut applied = [false; 2];
        if let Some((place, _)) = self.choice(Stage::Term) {
            applied[place] = products.applied;
        }
        if let Some((place, _)) = self.choice(Stage::Sum) {
            applied[place] = derivation.is_some();
        }
        let added = || {
            sum.products
                .iter()
                .fold(sum.given.unwrap_or(0.0), |sum, product| sum + product)
        };
        Number {
            value: derivation.map_or_else(added, |derivation| derivation.result()),
            applied,
        }
    }

    /// Puts a number in its place. `worked_out` gives what was worked out for each neuron.
    fn place(
        &self,
        context: &GradientContext<'_>,
        at: usize,
        worked_out: &dyn Fn(usize) -> Number,
    ) -> Number {
        let Some(placed) = self.placed(context, at) else {
            return worked_out(at);
        };
        let from = worked_out(if let Placement::From(other) = placed {
            other
        } else {
            at
        });
        let value = match placed {
            Placement::From(_) => from.value,
            Placement::Times(factor) => factor * from.value,
            Placement::Number(number) => number,
        };
        let mut applied = from.applied;
        if let Some((place, _)) = self.choice(Stage::Placement) {
            applied[place] = true;
        }
        Number { value, applied }
    }
}

impl From<Choice> for Hypothesis {
    fn from(choice: Choice) -> Self {
        Self {
            choices: SmallVec::from_slice(&[choice]),
        }
    }
}

impl Number {
    /// Whether every slip of the hypothesis has something to do at the neuron.
    pub fn applies(self, hypothesis: &Hypothesis) -> bool {
        self.applied[..hypothesis.choices.len()]
            .iter()
            .all(|&applied| applied)
    }
}

/// An element, with what all hypotheses start from there.
struct ElementContext<'c, 'r> {
    gradient: &'c GradientContext<'r>,
    at: usize,
    given: Option<f64>,
    terms: Vec<TermContext<'c, 'r>>,
    /// The products of an update's terms, which are no slip's to make.
    of_update: Option<Vec<f64>>,
}

impl<'c, 'r> ElementContext<'c, 'r> {
    fn new(gradient: &'c GradientContext<'r>, at: usize) -> Self {
        Self {
            gradient,
            at,
            given: gradient.given(at),
            terms: gradient.terms(at),
            of_update: gradient.products_of_update(at),
        }
    }

    fn sum<'s>(&'s self, products: &'s Products) -> SumContext<'s, 'r> {
        SumContext {
            gradient: self.gradient,
            at: self.at,
            given: self.given,
            terms: &self.terms,
            products: self.of_update.as_ref().unwrap_or(&products.numbers),
        }
    }
}

/// The products of one neuron's terms under a slip, kept for the hypotheses that share it.
#[derive(Default)]
struct Products {
    made_with: Option<Option<Choice>>,
    numbers: Vec<f64>,
    applied: bool,
}

impl Products {
    fn make(&mut self, hypothesis: &Hypothesis, terms: &[TermContext<'_, '_>]) {
        let choice = hypothesis.choice(Stage::Term).map(|(_, choice)| choice);
        if self.made_with == Some(choice) {
            return;
        }
        *self = Self {
            made_with: Some(choice),
            numbers: std::mem::take(&mut self.numbers),
            applied: false,
        };
        self.numbers.clear();
        for term in terms {
            let wrong = choice.and_then(|choice| match choice.slip.rule {
                Rule::Term(rule) => rule(term, choice.form),
                Rule::Sum(_) | Rule::Placement(_) => None,
            });
            self.applied |= wrong.is_some();
            self.numbers.push(wrong.unwrap_or_else(|| term.product()));
        }
    }
}

/// Returns, hypothesis by hypothesis, the learner's gradients of a tensor in row-major order, or
/// nothing where a slip has nothing to do in all of it.
///
/// All hypotheses together take one walk over the tensor's terms. They start from the gradients
/// downstream that `backprop` holds.
///
/// # Errors
/// It was given up.
pub fn gradients(
    backprop: &Backprop,
    tensor: TensorId,
    hypotheses: &[Hypothesis],
    cancel: &Cancel,
) -> Result<Vec<Option<Vec<f64>>>, Cancelled> {
    let context = GradientContext::new(backprop, tensor);
    let mut sums: Vec<Hypothesis> = Vec::new();
    let places: Vec<usize> = hypotheses
        .iter()
        .map(|hypothesis| {
            let sum = hypothesis.before_placing();
            // Only those that place differ in nothing else, and few come before the first of them.
            let is_placed = sum.choices.len() < hypothesis.choices.len();
            let known = || sums.iter().rposition(|other| *other == sum);
            is_placed.then(known).flatten().unwrap_or_else(|| {
                sums.push(sum);
                sums.len() - 1
            })
        })
        .collect();
    let n = context.shape().numel();
    let worked_out: Vec<Vec<Number>> = (0..n)
        .into_par_iter()
        .with_min_len(16)
        .map(|at| {
            cancel.check()?;
            let element = ElementContext::new(&context, at);
            let mut products = Products::default();
            let number = |sum: &Hypothesis| sum.sum(&element, &mut products);
            Ok(sums.iter().map(number).collect())
        })
        .collect::<Result<_, Cancelled>>()?;
    let gradient = |(hypothesis, &sum): (&Hypothesis, &usize)| {
        cancel.check()?;
        let mut applied = [false; 2];
        let number = |at| {
            let number = hypothesis.place(&context, at, &|at| worked_out[at][sum]);
            (0..2).for_each(|slip| applied[slip] |= number.applied[slip]);
            number.value
        };
        let numbers = (0..n).map(number).collect();
        let applies = applied[..hypothesis.choices.len()].iter().all(|&does| does);
        Ok(applies.then_some(numbers))
    };
    hypotheses.iter().zip(&places).map(gradient).collect()
}

/// Returns, hypothesis by hypothesis, the learner's number for a neuron.
pub fn numbers(backprop: &Backprop, element: Element, hypotheses: &[Hypothesis]) -> Vec<Number> {
    let context = GradientContext::new(backprop, element.tensor);
    numbers_at(&context, element.at, hypotheses.iter())
}

/// Does the same in a context that is known.
pub(super) fn numbers_at<'m>(
    context: &GradientContext<'_>,
    at: usize,
    hypotheses: impl Iterator<Item = &'m Hypothesis>,
) -> Vec<Number> {
    numbers_by(context, at, hypotheses, &mut BTreeMap::new())
}

/// Does the same. What right numbers there are that are only moved is looked up in `right`, by
/// place, and kept there.
fn numbers_by<'m>(
    context: &GradientContext<'_>,
    at: usize,
    hypotheses: impl Iterator<Item = &'m Hypothesis>,
    right: &mut BTreeMap<usize, Number>,
) -> Vec<Number> {
    let (element, mut products) = (ElementContext::new(context, at), Products::default());
    let right = RefCell::new(right);
    let right_at = |other: usize| {
        let work = || {
            let there = (other != at).then(|| ElementContext::new(context, other));
            let there = there.as_ref().unwrap_or(&element);
            Hypothesis::right().sum(there, &mut Products::default())
        };
        *right.borrow_mut().entry(other).or_insert_with(work)
    };
    // What is moved comes from a few other places, whose terms are looked up once.
    let elsewhere: RefCell<BTreeMap<usize, ElementContext<'_, '_>>> = RefCell::default();
    let number = |hypothesis: &Hypothesis| {
        if hypothesis.choice(Stage::Placement).is_none() {
            return hypothesis.sum(&element, &mut products);
        }
        let sum = hypothesis.before_placing();
        if sum.choices.is_empty() {
            return hypothesis.place(context, at, &right_at);
        }
        let own = sum.sum(&element, &mut products);
        hypothesis.place(context, at, &|other| {
            if other == at {
                return own;
            }
            let mut known = elsewhere.borrow_mut();
            let there = known.entry(other);
            let there = there.or_insert_with(|| ElementContext::new(context, other));
            sum.sum(there, &mut Products::default())
        })
    };
    hypotheses.map(number).collect()
}

/// What learners get in a tensor, element by element.
pub struct Attempts<'a> {
    context: GradientContext<'a>,
    /// The right numbers that are known, by place.
    right: RefCell<BTreeMap<usize, Number>>,
}

impl<'a> Attempts<'a> {
    /// Those in a tensor.
    pub fn new(backprop: &'a Backprop, tensor: TensorId) -> Self {
        Self {
            context: GradientContext::new(backprop, tensor),
            right: RefCell::default(),
        }
    }

    /// Returns, hypothesis by hypothesis, the learner's number for the element in this place, as
    /// [`numbers`] does.
    pub fn numbers<'m>(
        &self,
        at: usize,
        hypotheses: impl Iterator<Item = &'m Hypothesis>,
    ) -> Vec<Number> {
        numbers_by(&self.context, at, hypotheses, &mut self.right.borrow_mut())
    }
}
