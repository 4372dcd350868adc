//! A question of the quiz, with alternatives to choose from.

use crate::tensor::Element;

/// The most alternatives of a question.
pub(super) const MOST: usize = 4;

/// What is asked of a neuron, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// Which downstream neurons send it something.
    Senders,
    /// By what one of them multiplies its gradient.
    Factor,
    /// How the terms are combined.
    Combination,
    /// What they come to.
    Sum,
}

/// A question about a neuron.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// What it is about.
    pub topic: Topic,
    /// The question itself.
    pub asks: String,
    /// What there is to choose from.
    pub alternatives: Vec<Alternative>,
}

/// One answer to a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    /// The answer.
    pub says: String,
    /// Why it is right, or what is wrong with it.
    pub why: String,
    /// Whether it is right.
    pub is_right: bool,
    /// Whether it was chosen and is wrong.
    pub is_struck: bool,
}

impl Topic {
    /// All topics, in the order in which they are asked about.
    pub const ALL: [Self; 4] = [Self::Senders, Self::Factor, Self::Combination, Self::Sum];

    /// What one does not know who misses it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Senders => "which neurons send something",
            Self::Factor => "what a gradient is multiplied by",
            Self::Combination => "what is done with the terms",
            Self::Sum => "what they come to",
        }
    }
}

impl Question {
    /// Strikes an alternative out. What is wrong with it stands there until the next is struck.
    pub(super) fn strike(&mut self, place: usize) {
        let struck = self.alternatives.iter_mut().filter(|other| other.is_struck);
        struck.for_each(|other| other.why.clear());
        self.alternatives[place].is_struck = true;
    }

    /// The question and its alternatives as lines of text.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        let alternatives = (1..).zip(&self.alternatives);
        let alternatives = alternatives.map(|(number, alternative)| match alternative.is_struck {
            true => format!("  ✗  {}", alternative.says),
            false => format!("  {number}) {}", alternative.says),
        });
        std::iter::once(self.asks.clone()).chain(alternatives)
    }
}

impl Alternative {
    pub(super) fn right(says: String, why: impl Into<String>) -> Self {
        Self {
            says,
            why: why.into(),
            is_right: true,
            is_struck: false,
        }
    }

    pub(super) fn wrong(says: String, why: impl Into<String>) -> Self {
        Self {
            is_right: false,
            ..Self::right(says, why)
        }
    }
}

/// The right answer and so many wrong ones that read differently, beginning with one that changes
/// from neuron to neuron.
pub(super) fn choose(
    right: (f64, Alternative),
    wrong: Vec<(f64, Alternative)>,
    element: Element,
) -> Vec<Alternative> {
    let mut chosen = vec![right];
    let begins = element.at % wrong.len().max(1);
    for candidate in wrong[begins..].iter().chain(&wrong[..begins]) {
        let is_new = chosen
            .iter()
            .all(|(_, known)| known.says != candidate.1.says);
        if is_new && chosen.len() < MOST {
            chosen.push(candidate.clone());
        }
    }
    // In an order that tells nothing.
    chosen.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    chosen
        .into_iter()
        .map(|(_, alternative)| alternative)
        .collect()
}
