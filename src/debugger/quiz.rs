//! The quiz: what is hidden of a step, what is asked about it, and how the learner does.

use std::sync::Arc;

use super::questions::question;
use super::{CommandError, Position, Question, QuizForm, Session, Topic};

/// Longer sums are only predicted.
const MOST_TERMS: usize = 4096;

/// How much of a step is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shown {
    /// Not even which neurons send something.
    Nothing,
    /// Who sends something, but not times what.
    Senders,
    /// The factors, but no product.
    Factors,
    /// Every term, but not the sum.
    Terms,
    /// All of it.
    Sum,
}

/// How the learner has done in this session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    /// How many questions were answered rightly at the first attempt.
    pub right: usize,
    /// How many were answered at all.
    pub tried: usize,
}

impl Topic {
    /// What is shown while it is asked about.
    fn shows(self) -> Shown {
        match self {
            Self::Senders => Shown::Nothing,
            Self::Factor => Shown::Senders,
            Self::Combination | Self::Sum => Shown::Factors,
        }
    }
}

impl Session {
    /// How much of the current step is shown.
    pub fn shown(&self) -> Shown {
        match (self.position(), &self.quiz.question) {
            (Position::Step(step), question) if self.hides(step) => question
                .as_ref()
                .map_or(Shown::Terms, |question| question.topic.shows()),
            _ => Shown::Sum,
        }
    }

    /// Whether the sum of the current step is hidden, because the learner is to say it.
    pub fn is_hidden(&self) -> bool {
        self.shown() < Shown::Sum
    }

    /// What every step is asked, if anything.
    pub fn quiz(&self) -> Option<QuizForm> {
        self.quiz.form
    }

    /// What is asked about the current step.
    pub fn question(&self) -> Option<&Question> {
        self.quiz.question.as_deref()
    }

    /// How the learner has done; nothing before the first attempt.
    pub fn score(&self) -> Option<Score> {
        let attempts = self.quiz.attempts();
        let (right, tried) = attempts.fold((0, 0), |(right, tried), (.., is_right)| {
            (right + usize::from(is_right), tried + 1)
        });
        (tried > 0).then_some(Score { right, tried })
    }

    /// The score, what was missed most, and where to look at it again.
    pub fn verdict(&self) -> Option<String> {
        let score = self.score()?;
        let Some((topic, missed)) = self.missed_most() else {
            return Some(score.to_string());
        };
        let step = self.backprop().steps().element(missed[0])?;
        let (n, at) = (missed.len(), self.network().address(step));
        Some(format!(
            "{score}. Missed most, {n}×: {}. Look again at {at}, and at its mistakes with `m`",
            topic.name()
        ))
    }

    /// What was missed most, and the steps where it was.
    fn missed_most(&self) -> Option<(Topic, Vec<usize>)> {
        let missed = Topic::ALL.map(|topic| {
            let attempts = self.quiz.attempts();
            let missed = attempts.filter(|&(_, of, is_right)| of == topic && !is_right);
            (topic, missed.map(|(step, ..)| step).collect::<Vec<_>>())
        });
        let missed = missed
            .into_iter()
            .rev()
            .filter(|(_, steps)| !steps.is_empty());
        missed.max_by_key(|(_, steps)| steps.len())
    }

    /// Begins a quiz of that form, or ends it where it goes on; returns what it then does.
    pub(super) fn toggle_quiz(&mut self, form: QuizForm) -> &'static str {
        let quiz = Arc::make_mut(&mut self.quiz);
        quiz.form = (quiz.form != Some(form)).then_some(form);
        quiz.asked = None;
        self.ask();
        match self.quiz.form {
            Some(QuizForm::Whole) => "quiz: a digit answers, `r` shows the sum, `P` ends it",
            Some(QuizForm::Sums) => "quiz: predict each sum with `p`, or look at it with `r`",
            None => "the quiz is over: every sum is shown",
        }
    }

    /// Ends the quiz, or else shows the sum that is hidden to be predicted; returns what that does,
    /// where there is one.
    pub(super) fn end_quiz(&mut self) -> Option<&'static str> {
        if let Some(form) = self.quiz.form {
            return Some(self.toggle_quiz(form));
        }
        self.is_hidden().then(|| {
            Arc::make_mut(&mut self.quiz).asked = None;
            "the sum is shown again"
        })
    }

    /// Leaves what was asked about another step, and asks about this one.
    pub(super) fn ask_anew(&mut self) {
        let is_left = |step| self.position() != Position::Step(step);
        if self.quiz.asked.is_some_and(is_left) {
            Arc::make_mut(&mut self.quiz).asked = None;
        }
        self.ask();
    }

    /// Asks what is to be asked now.
    fn ask(&mut self) {
        let question = self.next_question().map(Arc::new);
        if self.quiz.question.is_some() || question.is_some() {
            Arc::make_mut(&mut self.quiz).question = question;
        }
    }

    /// Whether the sum of a step is hidden. The questions about a whole step are about gradients,
    /// so that a quiz of them leaves the steps of an update open.
    fn hides(&self, step: usize) -> bool {
        let is_gradient = step < self.backprop().steps().n_gradients();
        let has_questions = is_gradient || self.quiz.form != Some(QuizForm::Whole);
        self.quiz.hides(step) && (has_questions || self.quiz.asked == Some(step))
    }

    fn next_question(&self) -> Option<Question> {
        let (Position::Step(step), Some(element)) = (self.position(), self.element()) else {
            return None;
        };
        let is_asked = self.quiz.form == Some(QuizForm::Whole) && self.hides(step);
        let is_short = self.terms().len() <= MOST_TERMS;
        let mut topics = Topic::ALL.into_iter().filter(|_| is_asked && is_short);
        topics.find_map(|topic| {
            let is_open = self.quiz.is_open(step, topic);
            (!is_open).then(|| question(self, element, topic))?
        })
    }

    /// Answers the question with the alternative of that number, counted from 1; returns what is
    /// right or wrong with it.
    ///
    /// # Errors
    /// Nothing is asked, or there is no such alternative.
    pub(super) fn choose(&mut self, number: usize) -> Result<String, CommandError> {
        let (Position::Step(step), Some(question)) = (self.position(), &self.quiz.question) else {
            return Err(match self.quiz.form {
                Some(_) => CommandError::NothingAskedHere,
                None => CommandError::NothingAsked,
            });
        };
        let (topic, n) = (question.topic, question.alternatives.len());
        let place = number.checked_sub(1).filter(|&place| place < n);
        let place = place.ok_or(CommandError::NoAlternative(n))?;
        let chosen = question.alternatives[place].clone();
        let quiz = Arc::make_mut(&mut self.quiz);
        quiz.note(step, topic, Some(chosen.is_right));
        let mut says = chosen.why;
        if chosen.is_right {
            self.go_on_asking(step);
            if topic != Topic::Sum {
                says = [chosen.says, says].join(": ");
            }
            return Ok(format!("✓ {}", says.trim_end_matches(": ")));
        }
        if let Some(question) = &mut quiz.question {
            Arc::make_mut(question).strike(place);
        }
        Ok(format!("✗ {}: {says}", chosen.says))
    }

    /// Asks the next question; after the last one the sum is shown.
    fn go_on_asking(&mut self, step: usize) {
        self.ask();
        if self.quiz.question.is_none() {
            self.open(step, None);
        }
    }

    /// Shows the sum of a step, which was said rightly at an attempt or just asked for.
    pub(super) fn open(&mut self, step: usize, attempt: Option<bool>) {
        let quiz = Arc::make_mut(&mut self.quiz);
        quiz.note(step, Topic::Sum, attempt);
        quiz.asked = None;
        self.ask();
    }

    /// Shows the sum of the current step.
    pub(super) fn reveal(&mut self) -> Result<(), CommandError> {
        let step = self.step_to_predict()?;
        if !self.is_hidden() {
            return Err(CommandError::NothingHidden);
        }
        self.open(step, None);
        Ok(())
    }

    pub(super) fn step_to_predict(&self) -> Result<usize, CommandError> {
        match self.position() {
            Position::Step(step) => Ok(step),
            Position::Start | Position::End => Err(CommandError::NoSum),
        }
    }
}

impl std::fmt::Display for Score {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} of {} right at the first attempt",
            self.right, self.tried
        )
    }
}
