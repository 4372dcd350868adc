//! What a quiz has asked, and what became of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::question::{Question, Topic};

/// What is hidden from the learner, and how the learner has done so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Quiz {
    /// What is asked of every step, if anything.
    pub(super) form: Option<QuizForm>,
    /// The step that is predicted by itself, until it is solved or left.
    pub(super) asked: Option<usize>,
    /// What is asked now.
    pub(super) question: Option<Arc<Question>>,
    solved: BTreeMap<(usize, Topic), Solved>,
}

/// What a quiz asks of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuizForm {
    /// Question by question, from the senders to the sum.
    Whole,
    /// The sum of terms that are shown.
    Sums,
}

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Solved {
    /// Whether the first attempt was right, where there was one.
    first: Option<bool>,
    /// Whether the answer is shown.
    is_open: bool,
}

impl Quiz {
    pub(super) fn hides(&self, step: usize) -> bool {
        self.asked == Some(step) || (self.form.is_some() && !self.is_open(step, Topic::Sum))
    }

    pub(super) fn is_open(&self, step: usize, topic: Topic) -> bool {
        let solved = self.solved.get(&(step, topic));
        solved.is_some_and(|solved| solved.is_open)
    }

    /// Takes down an attempt, or that the answer was only shown. The first attempt counts.
    pub(super) fn note(&mut self, step: usize, topic: Topic, attempt: Option<bool>) {
        let solved = self.solved.entry((step, topic)).or_insert(Solved {
            first: attempt,
            is_open: false,
        });
        solved.is_open |= attempt != Some(false);
    }

    /// Forgets the steps, because their sums have become others. The form stays.
    pub(super) fn begin_anew(&mut self) {
        *self = Self {
            form: self.form,
            ..Self::default()
        };
    }

    /// The first attempts, right or wrong.
    pub(super) fn attempts(&self) -> impl Iterator<Item = (usize, Topic, bool)> {
        let solved = self.solved.iter();
        solved.filter_map(|(&(step, topic), solved)| Some((step, topic, solved.first?)))
    }
}
