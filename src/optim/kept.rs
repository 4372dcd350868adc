//! What an optimizer keeps from one update to the next.

use super::optimizer::{Optimizer, Rule};
use super::sums::Sum;

/// What an optimizer keeps of a parameter from one update to the next, each in the parameter's
/// row-major order, or empty where its rule keeps none.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Kept {
    /// The velocity, or the mean of the gradients.
    pub first: Vec<f64>,
    /// The mean or the sum of the squared gradients.
    pub second: Vec<f64>,
    /// The largest mean of squares so far, or the mean gradient of a centered `rmsprop`.
    pub third: Vec<f64>,
    /// What every number of a list that is not there stands for, in the second one.
    start: f64,
}

impl Kept {
    /// What is kept of a parameter of so many elements before its first update.
    pub fn of(optimizer: &Optimizer, numel: usize) -> Self {
        let [first, second, third] = optimizer.keeps();
        let room = |is_kept: bool, value: f64| vec![value; if is_kept { numel } else { 0 }];
        let begin = Self::before_all(optimizer);
        Self {
            first: room(first, 0.0),
            second: room(second, begin.start),
            third: room(third, 0.0),
            ..begin
        }
    }

    /// What is kept before the first update, without a list of it.
    pub fn before_all(optimizer: &Optimizer) -> Self {
        let start = match optimizer.rule {
            Rule::Adagrad => optimizer.initial_accumulator_value,
            Rule::Sgd | Rule::Adam | Rule::AdamW | Rule::Rmsprop => 0.0,
        };
        Self {
            start,
            ..Self::default()
        }
    }

    /// How many numbers are kept.
    pub fn len(&self) -> usize {
        self.first.len() + self.second.len() + self.third.len()
    }

    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is kept, each list with the sum that it is of.
    pub fn lists(&self, optimizer: &Optimizer) -> impl Iterator<Item = (Sum, &[f64])> {
        let sums = match optimizer.rule {
            Rule::Sgd => [Sum::Velocity, Sum::Square, Sum::Center],
            Rule::Adam | Rule::AdamW => [Sum::Mean, Sum::Square, Sum::Largest],
            Rule::Rmsprop => [Sum::Velocity, Sum::Square, Sum::Center],
            Rule::Adagrad => [Sum::Velocity, Sum::Square, Sum::Center],
        };
        let lists = [&self.first, &self.second, &self.third];
        let lists = sums.into_iter().zip(lists.map(Vec::as_slice));
        lists.filter(|(_, list)| !list.is_empty())
    }

    pub(super) fn at(&self, at: usize) -> [f64; 3] {
        let number = |of: &[f64], or: f64| of.get(at).copied().unwrap_or(or);
        [
            number(&self.first, 0.0),
            number(&self.second, self.start),
            number(&self.third, 0.0),
        ]
    }
}

impl Optimizer {
    /// Which of the three lists are kept.
    fn keeps(&self) -> [bool; 3] {
        match self.rule {
            Rule::Sgd => [self.momentum != 0.0, false, false],
            Rule::Adam | Rule::AdamW => [true, true, self.amsgrad],
            Rule::Rmsprop => [self.momentum > 0.0, true, self.centered],
            Rule::Adagrad => [false, true, false],
        }
    }
}
