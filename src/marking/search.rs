//! Which hypotheses there are to hold against a tensor or an element.

use rayon::prelude::*;

use super::catalogue::slips;
use super::context::{Answered, GradientContext};
use super::form::Form;
use super::hypothesis::{Hypothesis, numbers_at};
use super::slip::Choice;
use super::tolerance::Bounds;
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::tensor::{Element, TensorId};

/// Returns the single slips that have something to do in a tensor, each in all of its forms, in the
/// catalogue's order.
///
/// The slips that only a learner's own numbers show are among them where `answered` holds such
/// numbers.
///
/// # Errors
/// It was given up.
pub fn singles(
    backprop: &Backprop,
    tensor: TensorId,
    answered: Option<&Answered<'_>>,
    cancel: &Cancel,
) -> Result<Vec<Hypothesis>, Cancelled> {
    let context = GradientContext::new(backprop, tensor);
    let choices = candidates(&context, answered);
    let hypotheses = choices.into_iter().map(Hypothesis::from).collect();
    applying(&context, hypotheses, cancel)
}

/// Returns the single slips that anybody may make in all of their forms, in the catalogue's order,
/// whether they have something to do in a tensor or not.
pub fn conceivable(backprop: &Backprop, tensor: TensorId) -> Vec<Hypothesis> {
    let choices = candidates(&GradientContext::new(backprop, tensor), None);
    choices.into_iter().map(Hypothesis::from).collect()
}

/// Returns the single slips in all of their forms, whether they have something to do in a tensor or
/// not: first those that anybody may make, then those that only a learner's own numbers show.
pub(super) fn every(
    backprop: &Backprop,
    tensor: TensorId,
    answered: &Answered<'_>,
) -> (Vec<Hypothesis>, Vec<Hypothesis>) {
    let context = GradientContext::new(backprop, tensor);
    let choices = candidates(&context, Some(answered)).into_iter();
    let (recognised, expected): (Vec<Choice>, _) =
        choices.partition(|choice| choice.slip.is_recognised());
    let all = |choices: Vec<Choice>| choices.into_iter().map(Hypothesis::from).collect();
    (all(expected), all(recognised))
}

/// Returns the pairs of a slip in making the terms with one in combining or placing them, of those
/// that have something to do in a tensor, in the catalogue's order.
///
/// # Errors
/// It was given up.
pub fn pairs(
    backprop: &Backprop,
    tensor: TensorId,
    cancel: &Cancel,
) -> Result<Vec<Hypothesis>, Cancelled> {
    Ok(paired(&singles(backprop, tensor, None, cancel)?))
}

/// Returns the pairs of these single slips.
pub(super) fn paired(singles: &[Hypothesis]) -> Vec<Hypothesis> {
    let pairs = |one: &Hypothesis| {
        let others = singles.iter();
        others
            .filter_map(|other| one.and(other.choices()[0]))
            .collect::<Vec<_>>()
    };
    singles.iter().flat_map(pairs).collect()
}

/// A single slip at an element.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mistake {
    /// The slip.
    pub choice: Choice,
    /// The number that it gives.
    pub number: f64,
    /// Whether that number is another one than the right one. Where it is not, the slip is
    /// invisible here.
    pub shows: bool,
}

/// Returns the single slips that have something to do at an element, with the numbers that they
/// give, in the catalogue's order. Of several forms of a slip that give the same number, the first
/// is returned.
pub fn mistakes(backprop: &Backprop, element: Element) -> Vec<Mistake> {
    let context = GradientContext::new(backprop, element.tensor);
    let choices = candidates(&context, None);
    let hypotheses: Vec<Hypothesis> = [Hypothesis::right()]
        .into_iter()
        .chain(choices.iter().copied().map(Hypothesis::from))
        .collect();
    let numbers = numbers_at(&context, element.at, hypotheses.iter());
    let right = numbers[0].value;
    let mut mistakes: Vec<Mistake> = Vec::new();
    for ((choice, hypothesis), number) in choices.iter().zip(&hypotheses[1..]).zip(&numbers[1..]) {
        let is_known = || {
            mistakes.iter().any(|other| {
                other.choice.slip == choice.slip && !differ(other.number, number.value)
            })
        };
        if number.applies(hypothesis) && !is_known() {
            mistakes.push(Mistake {
                choice: *choice,
                number: number.value,
                shows: differ(number.value, right),
            });
        }
    }
    mistakes
}

/// Whether two numbers differ by more than the rounding of what they were worked out from.
fn differ(one: f64, other: f64) -> bool {
    !Bounds::EXACT.is_right(one, other)
}

fn candidates(context: &GradientContext<'_>, answered: Option<&Answered<'_>>) -> Vec<Choice> {
    slips()
        .flat_map(|slip| slip.choices(context, answered))
        .collect()
}

/// Keeps the hypotheses whose slip has something to do at some neuron. Most are settled at the
/// first ones, so the blocks of neurons that are looked at side by side begin small.
fn applying(
    context: &GradientContext<'_>,
    hypotheses: Vec<Hypothesis>,
    cancel: &Cancel,
) -> Result<Vec<Hypothesis>, Cancelled> {
    let n = context.shape().numel();
    let mut waiting: Vec<usize> = (0..hypotheses.len()).collect();
    let mut block = 0..1;
    while !block.is_empty() && !waiting.is_empty() {
        let does_something = |at: usize| -> Result<Vec<bool>, Cancelled> {
            cancel.check()?;
            let numbers = numbers_at(
                context,
                at,
                waiting.iter().map(|&hypothesis| &hypotheses[hypothesis]),
            );
            let applied = waiting.iter().zip(numbers);
            let applied = applied
                .map(|(&hypothesis, number)| number.applies(&hypotheses[hypothesis]))
                .collect();
            Ok(applied)
        };
        let neither = || vec![false; waiting.len()];
        let either = |one: Vec<bool>, other: Vec<bool>| {
            let both = one.into_iter().zip(other);
            Ok(both.map(|(one, other)| one || other).collect())
        };
        let block_applied = block.clone().into_par_iter().map(does_something);
        let mut applied = block_applied.try_reduce(neither, either)?.into_iter();
        waiting.retain(|_| !applied.next().unwrap_or(false));
        block = block.end..(4 * block.end).min(n);
    }
    let keeps = |(number, _): &(usize, Hypothesis)| waiting.binary_search(number).is_err();
    let kept = hypotheses.into_iter().enumerate().filter(keeps);
    Ok(kept.map(|(_, hypothesis)| hypothesis).collect())
}

impl Mistake {
    /// What a learner does who makes the slip.
    pub fn hypothesis(&self) -> Hypothesis {
        self.choice.into()
    }

    /// Whether it is no mistake but another convention, which this scenario does not go by.
    pub fn is_convention(&self) -> bool {
        matches!(self.choice.form, Form::Ties(_))
    }
}
