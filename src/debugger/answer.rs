//! Somebody's own gradients beside the true ones.

use std::ops::Range;
use std::sync::Arc;

use super::condition::Predicates;
use super::loaded_answer::LoadedAnswer;
use super::{Choice, CommandError, Line, Position, Session, Sheet, TextRole, View};
use crate::cancel::Cancelled;
use crate::marking::{
    Answer, Bounds, Diagnosis, Marking, Numbers, Remark, Status, Tolerance, diagnose, sources,
};
use crate::tensor::{Element, TensorId, rounded};
use crate::words::{self, Disclosure};

/// The significant digits of a number in a sentence.
const DIGITS: usize = 6;

impl Session {
    /// Lays an answer beside the true gradients.
    ///
    /// # Errors
    /// It was given up.
    pub fn with_answer(mut self, answer: Answer, tolerance: Tolerance) -> Result<Self, Cancelled> {
        self.load(Arc::new(answer), tolerance)?;
        self.view_options.view = View::Compared;
        Ok(self)
    }

    /// Marks the answer anew, because the true gradients have become others. An answer that no
    /// longer fits is put away.
    pub(super) fn mark_anew(&mut self) -> Result<(), Cancelled> {
        let Some(loaded) = self.loaded.take() else {
            return Ok(());
        };
        let network = self.backprop.network();
        let fits = |(&tensor, numbers): (&TensorId, &Numbers)| {
            network.shares(loaded.marking.truth().network(), tensor)
                && network.tensor(tensor).shape.numel() == numbers.len()
        };
        if loaded.answer.gradients.iter().all(fits) {
            self.load(Arc::clone(&loaded.answer), loaded.tolerance)?;
        } else if self.view_options.view == View::Compared {
            self.view_options.view = View::Both;
        }
        Ok(())
    }

    fn load(&mut self, answer: Arc<Answer>, tolerance: Tolerance) -> Result<(), Cancelled> {
        let loaded = LoadedAnswer::new(&self.backprop, answer, tolerance, &self.cancel)?;
        self.loaded = Some(Arc::new(loaded));
        Ok(())
    }

    /// The worst that the answer has in a range of steps; nothing where all of it is right.
    pub fn worst(&self, steps: Range<usize>) -> Option<Status> {
        self.loaded.as_ref()?.off.worst(&steps)
    }

    /// Lists the tensors of the answer with their marks, and what of it could not be read.
    pub(super) fn list_marks(&self) -> Result<Sheet, CommandError> {
        let loaded = self.loaded.as_deref().ok_or(CommandError::NoAnswer)?;
        let network = self.network();
        let in_order = self
            .backprop
            .steps()
            .tensors()
            .iter()
            .flat_map(|&tensor| network.with_views(tensor));
        let choices = in_order.filter_map(|tensor| {
            let marks = loaded.marking.tensor(tensor)?;
            let counts = [
                Status::Correct,
                Status::Carried,
                Status::Wrong,
                Status::Blank,
                Status::Unreadable,
            ]
            .map(|status| (status, marks.count(status)));
            let counts: Vec<String> = counts
                .iter()
                .filter(|(_, n)| *n > 0)
                .map(|(status, n)| format!("{n} {}", status.name()))
                .collect();
            let worst = marks.status();
            let name = &network.tensor(tensor).name;
            let line = Line::default()
                .then(format!("{} {name}  ", worst.sign()), role(worst))
                .then(counts.join(", "), TextRole::Plain);
            let first = marks
                .statuses
                .iter()
                .position(|&status| status == Some(worst))
                .unwrap_or(0);
            let enter = format!("goto {}", network.address(Element { tensor, at: first }));
            Some(Choice {
                line,
                enter: Some(enter),
                delete: None,
            })
        });
        let choices: Vec<Choice> = choices.collect();
        let unread = loaded
            .answer
            .problems
            .iter()
            .map(|problem| Line::default().then(problem.to_string(), TextRole::Note));
        Ok(Sheet {
            lines: unread.collect(),
            choices,
            ..Sheet::text("The answer", Vec::<Line>::new())
        })
    }

    /// Whether the other has the same answer beside the same gradients.
    pub fn shares_answer(&self, other: &Self) -> bool {
        match (&self.loaded, &other.loaded) {
            (Some(own), Some(other)) => Arc::ptr_eq(own, other),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    /// The marks of the answer that is loaded.
    pub fn marking(&self) -> Option<&Marking> {
        self.loaded.as_ref().map(|loaded| &loaded.marking)
    }

    /// The answer's number for a neuron, under its own tensor's name or a view's, and what it is;
    /// nothing where it has none.
    pub fn theirs(&self, element: Element) -> Option<(Option<f64>, Status)> {
        self.loaded.as_ref()?.theirs(self.network(), element)
    }

    /// Whether the answer that is loaded has a wrong gradient for a neuron; nothing where no answer
    /// is loaded.
    pub fn is_wrong(&self, element: Element) -> Option<bool> {
        let loaded = self.loaded.as_ref()?;
        Some(loaded.is_wrong(self.network(), element))
    }

    /// What is true of a neuron.
    pub(super) fn predicates(&self, element: Element) -> Predicates<'_> {
        Predicates::new(
            &self.backprop,
            self.loaded.as_deref(),
            &self.health,
            element,
        )
    }

    /// What explains the wrong numbers of the current neuron's tensor, as far as that is known;
    /// empty where the current one is not wrong.
    pub fn explanations(&self) -> &[Diagnosis] {
        let explanations = self
            .wrong_here()
            .and_then(|(loaded, tensor)| loaded.explanations(tensor));
        explanations.unwrap_or_default()
    }

    /// The tensor of the current neuron, where that is wrong and nobody knows yet what explains it.
    pub fn unexplained(&self) -> Option<TensorId> {
        let (loaded, tensor) = self.wrong_here()?;
        loaded.explanations(tensor).is_none().then_some(tensor)
    }

    /// Looks for what explains the wrong numbers of the current neuron's tensor. Every copy of the
    /// session knows it then.
    ///
    /// # Errors
    /// It was given up.
    pub fn explain(&self) -> Result<(), Cancelled> {
        if let (Some(tensor), Some(loaded)) = (self.unexplained(), &self.loaded) {
            let LoadedAnswer {
                hypotheses,
                marking,
                ..
            } = &**loaded;
            let diagnoses = diagnose(hypotheses, marking, tensor, &self.cancel)?;
            if diagnoses.is_empty() && loaded.sources.get().is_none() {
                _ = loaded.sources.set(sources(marking, &self.cancel)?.remarks);
            }
            _ = loaded.explained[tensor.0 as usize].set(diagnoses);
        }
        Ok(())
    }

    /// What is known of a mistake elsewhere from which the current neuron's wrong number follows,
    /// where nothing in its own tensor explains that.
    pub fn source(&self) -> Option<&Remark> {
        let (loaded, tensor) = self.wrong_here()?;
        let is_unexplained = loaded.explanations(tensor).is_some_and(<[_]>::is_empty);
        let name = &self.network().tensor(tensor).name;
        let is_of_it = |remark: &&Remark| !remark.is_of_others(name);
        let remarks = loaded.sources.get()?.iter();
        remarks.filter(|_| is_unexplained).find(is_of_it)
    }

    /// The answer and the current neuron's tensor, where that neuron is wrong.
    fn wrong_here(&self) -> Option<(&LoadedAnswer, TensorId)> {
        let element = self.element()?;
        let is_wrong = self.is_wrong(element) == Some(true);
        is_wrong.then_some((self.loaded.as_deref()?, element.tensor))
    }

    /// Says of the answer's number for the current neuron what it is, and what explains it; nothing
    /// where the answer has none.
    pub fn says_of_theirs(&self) -> Option<String> {
        let element = self.element()?;
        let (number, status) = self.theirs(element)?;
        let right = rounded(self.backprop.element(element), DIGITS);
        let yours = number
            .map(|number| rounded(number, DIGITS))
            .unwrap_or_default();
        Some(match status {
            Status::Correct => format!("your {yours} is right"),
            Status::Carried => format!(
                "your {yours} follows rightly from your own numbers downstream; right is {right}"
            ),
            Status::Blank => format!("you left this blank; right is {right}"),
            Status::Unreadable => format!("your number cannot be read; right is {right}"),
            Status::Wrong => format!("yours is {yours}, right is {right}{}", self.says_why()),
        })
    }

    /// Says what explains the current neuron's wrong number.
    fn says_why(&self) -> String {
        if self.unexplained().is_some() {
            return "; looking for the slip that gives it".to_owned();
        }
        let ways: Vec<String> = self.explained_here().collect();
        match ways.as_slice() {
            [] => match self.source() {
                Some(remark) => {
                    let says = words::remark(self.network(), remark, Disclosure::All);
                    format!("; {says}")
                }
                None if self.has_other_sign() => "; only its sign is wrong".to_owned(),
                None => "; no known slip explains it".to_owned(),
            },
            [way] => format!(": you {way}"),
            [way, other] => format!(": you {way}, or {other}"),
            [way, other, _] => format!(": you {way}, or {other}; one more slip gives the same"),
            [way, other, more @ ..] => {
                let n_more = more.len();
                format!(": you {way}, or {other}; {n_more} more slips give the same")
            }
        }
    }

    /// Whether the answer's number for the current neuron is right but for its sign.
    fn has_other_sign(&self) -> bool {
        let here = self.wrong_here().zip(self.element());
        here.is_some_and(|((loaded, _), element)| {
            let first = loaded.theirs(self.network(), element);
            let number = first.and_then(|(number, _)| number);
            let marks = loaded.marking.tensor(element.tensor);
            let bounds = marks.map(|marks| marks.bounds);
            let right = self.backprop.element(element);
            let is_it = |(number, bounds): (f64, Bounds)| bounds.is_right(-number, right);
            number.zip(bounds).is_some_and(is_it)
        })
    }

    /// Says how much of the answer is not compared, and why.
    pub fn says_of_uncompared(&self) -> Option<String> {
        let loaded = self.loaded.as_deref()?;
        let says = words::uncompared(&loaded.answer.problems)?;
        Some(format!("{says} (M lists them)"))
    }

    /// What explains the current neuron's number, with its own numbers.
    pub fn explained_here(&self) -> impl Iterator<Item = String> {
        let told = self.element().zip(self.marking());
        self.explanations().iter().filter_map(move |diagnosis| {
            let (element, marking) = told?;
            let cause = diagnosis.at(marking, element)?;
            Some(words::cause(self.network(), &cause, Disclosure::All))
        })
    }

    /// Goes to the next wrong number in backward order.
    pub(super) fn next_wrong(&mut self) -> Result<(), CommandError> {
        let from = match self.position() {
            Position::Start => 0,
            Position::Step(step) => step + 1,
            Position::End => self.n_steps(),
        };
        let wrong = self.wrong_steps();
        let found = wrong.get(wrong.partition_point(|&step| step < from));
        let step = *found.ok_or(CommandError::NoneWrongAfter)?;
        self.go_to(Position::Step(step));
        Ok(())
    }

    /// Goes back to the wrong number before.
    pub(super) fn previous_wrong(&mut self) -> Result<(), CommandError> {
        let to = match self.position() {
            Position::Start => 0,
            Position::Step(step) => step,
            Position::End => self.n_steps(),
        };
        let wrong = self.wrong_steps();
        let found = wrong[..wrong.partition_point(|&step| step < to)].last();
        let step = *found.ok_or(CommandError::NoneWrongBefore)?;
        self.go_to(Position::Step(step));
        Ok(())
    }

    /// The steps of the wrong numbers, in their order.
    fn wrong_steps(&self) -> &[usize] {
        self.loaded.as_ref().map_or(&[], |loaded| &loaded.off.wrong)
    }
}

fn role(status: Status) -> TextRole {
    match status {
        Status::Correct => TextRole::Right,
        Status::Carried => TextRole::Note,
        Status::Wrong => TextRole::Wrong,
        Status::Blank | Status::Unreadable => TextRole::Quiet,
    }
}
