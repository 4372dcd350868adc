//! The terms of a neuron as a table.

use crate::backprop::{Backprop, TermLoss};
use crate::ops::{Contribution, Factor, FactorKind};
use crate::tensor::numerals::holds;
use crate::tensor::{Element, Precision, rounded};

/// The most digits of a number that is told apart from what it is rounded to.
const MOST_DIGITS: usize = 17;

/// The terms of one neuron, with their factors in columns.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// What the columns between upstream gradient and product hold, in order of appearance. A kind
    /// is there as often as one term has it.
    pub columns: Vec<FactorKind>,
    /// The terms in their order.
    pub rows: Vec<Row>,
    /// The terms that have no row, where there are more than were asked for.
    pub more: Option<More>,
    /// The upstream gradient that the scenario gives the neuron itself, where it gives one.
    pub given: Option<f64>,
    /// What is given and all products, added in their order.
    pub sum: f64,
    /// The neuron's gradient: that sum, rounded to the precision of the run.
    pub gradient: f64,
    /// That precision, where it makes another number of the sum.
    pub rounded_to: Option<Precision>,
}

/// One term.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The number of the term, counted from 1.
    pub number: usize,
    /// The downstream neuron.
    pub from: Element,
    /// Its gradient.
    pub upstream: f64,
    /// One for each of the table's columns; nothing where the term has no such factor.
    pub factors: Vec<Option<Factor>>,
    /// The upstream gradient times the factors.
    pub product: f64,
    /// The sum up to here, with what is given.
    pub running: f64,
    /// Why the gradient would be the same number without it, where rounding makes it so.
    pub loss: Option<TermLoss>,
}

impl Row {
    /// The term itself.
    pub fn contribution(&self) -> Contribution {
        Contribution {
            from: self.from,
            upstream: self.upstream,
            factors: self.factors.iter().flatten().copied().collect(),
        }
    }

    /// The sign before the term: `=`, or `≈` where its factors, rounded to so many digits, give
    /// another number.
    pub fn sign(&self, digits: usize) -> &'static str {
        let factors = self.factors.iter().flatten().map(|factor| factor.value);
        let shown = std::iter::once(self.upstream).chain(factors);
        equals(holds(shown, |one, other| one * other, self.product, digits))
    }
}

/// The sign between what is shown and what it is said to come to.
fn equals(holds: bool) -> &'static str {
    if holds { "=" } else { "≈" }
}

/// Terms that are not listed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct More {
    /// How many there are.
    pub n: usize,
    /// What they make together.
    pub sum: f64,
}

impl Table {
    /// Returns the terms of a neuron, the first `most` of them with a row.
    pub fn new(backprop: &Backprop, element: Element, most: usize) -> Self {
        let given = backprop.given(element);
        let mut table = Self {
            given,
            gradient: backprop.element(element),
            ..Self::default()
        };
        let (mut number, mut running) = (0, given.unwrap_or(0.0));
        let mut more = More { n: 0, sum: 0.0 };
        backprop.terms(element, &mut |term| {
            number += 1;
            running += term.product();
            if number > most {
                more = More {
                    n: more.n + 1,
                    sum: more.sum + term.product(),
                };
            } else {
                let factors = table.align(&term);
                let Contribution { from, upstream, .. } = term;
                table.rows.push(Row {
                    number,
                    from,
                    upstream,
                    factors,
                    product: term.product(),
                    running,
                    loss: None,
                });
            }
        });
        table.sum = match backprop.arithmetic().precision.rounds() {
            true => running,
            false => table.gradient,
        };
        let is_other = table.sum != table.gradient && !table.sum.is_nan();
        table.rounded_to = is_other.then_some(backprop.arithmetic().precision);
        let loss = backprop.term_loss(table.sum);
        let rows = table.rows.iter_mut();
        rows.for_each(|row| row.loss = loss(row.product));
        let n_columns = table.columns.len();
        table
            .rows
            .iter_mut()
            .for_each(|row| row.factors.resize(n_columns, None));
        table.more = (more.n > 0).then_some(more);
        table
    }

    /// The lines below the terms, each with what it is called: what they come to, as in
    /// `gradient of x[0]`, and before it the sum where rounding makes another number of it. Before
    /// a sum stands an `≈` where the terms, rounded to so many digits, add up to another number.
    pub fn totals(&self, result: &str, digits: usize) -> Vec<(String, String)> {
        let mut sum = rounded(self.sum, digits);
        if !holds(self.summands(), |one, other| one + other, self.sum, digits) {
            sum.insert(0, '≈');
        }
        match self.rounded_to {
            None => vec![(result.to_owned(), sum)],
            Some(precision) => vec![
                ("sum".to_owned(), sum),
                (
                    format!("{result} in {}", precision.name()),
                    rounded(self.gradient, digits),
                ),
            ],
        }
    }

    /// What is added.
    fn summands(&self) -> impl Iterator<Item = f64> {
        let given = self.given.into_iter();
        let terms = self.rows.iter().map(|row| row.product);
        given.chain(terms).chain(self.more.map(|more| more.sum))
    }

    /// How many digits, at least so many, the terms take so that the sum and what it is rounded to
    /// are two numbers.
    pub fn telling(&self, digits: usize) -> usize {
        let tells = |&digits: &usize| {
            self.rounded_to.is_none() || rounded(self.sum, digits) != rounded(self.gradient, digits)
        };
        (digits..=MOST_DIGITS).find(tells).unwrap_or(digits)
    }

    /// Puts a term's factors under their columns, and makes the columns that are missing.
    fn align(&mut self, term: &Contribution) -> Vec<Option<Factor>> {
        let mut aligned: Vec<Option<Factor>> = vec![None; self.columns.len()];
        for &factor in &term.factors {
            let free = self
                .columns
                .iter()
                .zip(&aligned)
                .position(|(&kind, taken)| kind == factor.kind && taken.is_none());
            match free {
                Some(column) => aligned[column] = Some(factor),
                None => {
                    self.columns.push(factor.kind);
                    aligned.push(Some(factor));
                }
            }
        }
        aligned
    }
}
