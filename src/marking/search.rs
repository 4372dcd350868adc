//! Which methods there are to hold against a tensor or a neuron.

use rayon::prelude::*;

use super::method::{Method, numbers_at};
use super::site::Site;
use super::slip::{Choice, Form, slips};
use super::tolerance::Tolerance;
use crate::backprop::Backprop;
use crate::tensor::{Element, TensorId};

/// What a learner has written down for a tensor.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// In row-major order; nothing where a place was left blank.
    pub theirs: &'a [Option<f64>],
    /// When a number is right.
    pub tolerance: Tolerance,
}

impl<'a> Answered<'a> {
    /// The wrong numbers, each with the right one.
    pub(super) fn wrong(self, site: &Site<'_>) -> impl Iterator<Item = (f64, f64)> + use<'a> {
        let right = site.backprop.summed(site.tensor);
        let pairs = self
            .theirs
            .iter()
            .enumerate()
            .filter_map(move |(at, theirs)| Some(((*theirs)?, *right.data().get(at)?)));
        pairs.filter(move |&(theirs, right)| !self.tolerance.is_right(theirs, right))
    }
}

/// Returns the single slips that have something to do in a tensor, each in all of its forms, in the
/// catalogue's order.
///
/// The slips that only a learner's own numbers show are among them where `answered` holds such
/// numbers.
pub fn singles(
    backprop: &Backprop,
    tensor: TensorId,
    answered: Option<&Answered<'_>>,
) -> Vec<Method> {
    let site = Site::new(backprop, tensor);
    applying(
        &site,
        candidates(&site, answered)
            .into_iter()
            .map(Method::from)
            .collect(),
    )
}

/// Returns the single slips that only a learner's own numbers show.
pub(super) fn recognised(
    backprop: &Backprop,
    tensor: TensorId,
    answered: &Answered<'_>,
) -> Vec<Method> {
    let site = Site::new(backprop, tensor);
    let recognised = slips().filter(|slip| slip.is_recognised());
    recognised
        .flat_map(|slip| slip.choices(&site, Some(answered)))
        .map(Method::from)
        .collect()
}

/// Returns the pairs of a slip in making the terms with one in combining or placing them, of those
/// that have something to do in a tensor, in the catalogue's order.
pub fn pairs(backprop: &Backprop, tensor: TensorId) -> Vec<Method> {
    let singles = singles(backprop, tensor, None);
    singles
        .iter()
        .flat_map(|one| {
            singles
                .iter()
                .filter_map(|other| one.and(other.choices()[0]))
        })
        .collect()
}

/// A single slip at a neuron.
#[derive(Debug, Clone, PartialEq)]
pub struct Mistake {
    /// The slip.
    pub method: Method,
    /// The number that it gives.
    pub number: f64,
    /// Whether that number is another one than the right one. Where it is not, the slip is
    /// invisible here.
    pub shows: bool,
}

/// Returns the single slips that have something to do at a neuron, with the numbers that they give,
/// in the catalogue's order. Of several forms of a slip that give the same number, the first is
/// returned.
pub fn mistakes(backprop: &Backprop, element: Element) -> Vec<Mistake> {
    let site = Site::new(backprop, element.tensor);
    let methods: Vec<Method> = [Method::right()]
        .into_iter()
        .chain(candidates(&site, None).into_iter().map(Method::from))
        .collect();
    let numbers = numbers_at(&site, element.at, methods.iter());
    let right = numbers[0].value;
    let mut mistakes: Vec<Mistake> = Vec::new();
    for (method, number) in methods
        .into_iter()
        .zip(&numbers)
        .skip(1)
        .filter(|(method, number)| number.applies(method))
    {
        let is_known = mistakes.iter().any(|other| {
            other.method.choices()[0].slip == method.choices()[0].slip
                && !differ(other.number, number.value)
        });
        if !is_known {
            mistakes.push(Mistake {
                method,
                number: number.value,
                shows: differ(number.value, right),
            });
        }
    }
    mistakes
}

/// Whether two numbers differ by more than the rounding of what they were worked out from.
fn differ(one: f64, other: f64) -> bool {
    !Tolerance {
        rtol: 1e-9,
        atol: 1e-12,
    }
    .is_right(one, other)
}

fn candidates(site: &Site<'_>, answered: Option<&Answered<'_>>) -> Vec<Choice> {
    slips()
        .flat_map(|slip| slip.choices(site, answered))
        .collect()
}

/// Keeps the methods whose slip has something to do at some neuron. Most are settled at the first
/// ones, so the blocks of neurons that are looked at side by side begin small.
fn applying(site: &Site<'_>, methods: Vec<Method>) -> Vec<Method> {
    let n = site.shape().numel();
    let mut waiting: Vec<usize> = (0..methods.len()).collect();
    let mut block = 0..1;
    while !block.is_empty() && !waiting.is_empty() {
        let does_something = |at: usize| -> Vec<bool> {
            let numbers = numbers_at(site, at, waiting.iter().map(|&method| &methods[method]));
            waiting
                .iter()
                .zip(numbers)
                .map(|(&method, number)| number.applies(&methods[method]))
                .collect()
        };
        let neither = || vec![false; waiting.len()];
        let either = |one: Vec<bool>, other: Vec<bool>| {
            one.into_iter()
                .zip(other)
                .map(|(one, other)| one || other)
                .collect()
        };
        let mut applied = block
            .clone()
            .into_par_iter()
            .map(does_something)
            .reduce(neither, either)
            .into_iter();
        waiting.retain(|_| !applied.next().unwrap_or(false));
        block = block.end..(4 * block.end).min(n);
    }
    let keeps = |(number, _): &(usize, Method)| waiting.binary_search(number).is_err();
    methods
        .into_iter()
        .enumerate()
        .filter(keeps)
        .map(|(_, method)| method)
        .collect()
}

impl Mistake {
    /// Whether it is no mistake but another convention, which this scenario does not go by.
    pub fn is_convention(&self) -> bool {
        self.method
            .choices()
            .iter()
            .any(|choice| matches!(choice.form, Form::Ties(_)))
    }
}
