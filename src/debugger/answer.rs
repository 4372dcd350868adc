//! Somebody's own gradients beside the true ones.

use std::ops::Range;

use super::{Choice, Line, Position, Reason, Session, Sheet, Tone, View};
use crate::marking::{Answer, Diagnosis, Hypotheses, Marking, Status, Tolerance, diagnose};
use crate::tensor::{Element, TensorId, rounded};
use crate::words::{self, Disclosure};

/// The significant digits of a number in a sentence.
const DIGITS: usize = 6;

/// An answer that is loaded, and what explains its wrong numbers.
#[derive(Debug, Clone)]
pub(super) struct Loaded {
    answer: Answer,
    tolerance: Tolerance,
    marking: Marking,
    /// The steps of the neurons that are not right, in their order, each with what it is.
    off: Vec<(usize, Status)>,
    /// The explanations for the tensor that was asked for last: they can take a moment, and are
    /// asked for at every draw.
    explained: Option<(TensorId, Vec<Diagnosis>)>,
}

impl Session {
    /// Lays an answer beside the true gradients.
    #[must_use]
    pub fn with_answer(mut self, answer: Answer, tolerance: Tolerance) -> Self {
        self.load(answer, tolerance);
        self.look.view = View::Compared;
        self.explain_here();
        self
    }

    /// Marks the answer anew, because the true gradients have become others. An answer that no
    /// longer fits is put away.
    pub(super) fn mark_anew(&mut self) {
        let Some(Loaded {
            answer, tolerance, ..
        }) = self.loaded.take()
        else {
            return;
        };
        let network = self.backprop.network();
        let fits = |(&tensor, numbers): (&TensorId, &Vec<Option<f64>>)| {
            (tensor.0 as usize) < network.tensors().len()
                && network.tensor(tensor).shape.numel() == numbers.len()
        };
        if answer.gradients.iter().all(fits) {
            self.load(answer, tolerance);
        } else if self.look.view == View::Compared {
            self.look.view = View::Both;
        }
    }

    fn load(&mut self, answer: Answer, tolerance: Tolerance) {
        let marking = Marking::new(&self.backprop, &answer, tolerance);
        self.loaded = Some(Loaded {
            answer,
            tolerance,
            marking,
            off: Vec::new(),
            explained: None,
        });
        let status = |(step, element)| {
            Some((step, self.theirs(element)?.1)).filter(|(_, status)| *status != Status::Correct)
        };
        let off = self.backprop.steps().iter().filter_map(status).collect();
        if let Some(loaded) = &mut self.loaded {
            loaded.off = off;
        }
    }

    /// The worst that the answer has in a range of steps; nothing where all of it is right.
    pub fn worst(&self, steps: Range<usize>) -> Option<Status> {
        let off = &self.loaded.as_ref()?.off;
        let first = off.partition_point(|(step, _)| *step < steps.start);
        let there = off[first..]
            .iter()
            .take_while(|(step, _)| *step < steps.end)
            .map(|(_, status)| *status);
        there.min_by_key(|status| match status {
            Status::Wrong => 0,
            Status::Carried => 1,
            Status::Blank => 2,
            Status::Correct => 3,
        })
    }

    /// Lists the tensors of the answer with their marks, and what of it could not be read.
    pub(super) fn list_marks(&self) -> Result<Sheet, Reason> {
        let loaded = self.loaded.as_ref().ok_or("no answer is loaded")?;
        let network = self.network();
        let in_order = self
            .backprop
            .steps()
            .tensors()
            .iter()
            .flat_map(|&tensor| network.with_views(tensor));
        let choices = in_order.filter_map(|&tensor| {
            let marks = loaded.marking.tensor(tensor)?;
            let counts = [
                Status::Correct,
                Status::Carried,
                Status::Wrong,
                Status::Blank,
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
                .then(format!("{} {name}  ", worst.sign()), tone(worst))
                .then(counts.join(", "), Tone::Plain);
            let first = marks
                .statuses
                .iter()
                .position(|&status| status == worst)
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
            .map(|problem| Line::default().then(problem.message.clone(), Tone::Note));
        Ok(Sheet {
            lines: unread.collect(),
            choices,
            ..Sheet::text("The answer", Vec::<Line>::new())
        })
    }

    /// The marks of the answer that is loaded.
    pub fn marking(&self) -> Option<&Marking> {
        self.loaded.as_ref().map(|loaded| &loaded.marking)
    }

    /// The answer's number for a neuron, under its own tensor's name or a view's, and what it is;
    /// nothing where it has none.
    pub fn theirs(&self, element: Element) -> Option<(Option<f64>, Status)> {
        let marking = self.marking()?;
        let base = self.network().base(element.tensor);
        self.network().with_views(base).iter().find_map(|&tensor| {
            marking.element(Element {
                tensor,
                at: element.at,
            })
        })
    }

    /// Whether the answer that is loaded has a wrong gradient for a neuron; nothing where no answer
    /// is loaded.
    pub fn is_wrong(&self, element: Element) -> Option<bool> {
        self.marking()?;
        Some(
            self.theirs(element)
                .is_some_and(|(_, status)| status == Status::Wrong),
        )
    }

    /// What explains the wrong numbers of the current neuron's tensor; empty where the current one
    /// is not wrong.
    pub fn explanations(&self) -> &[Diagnosis] {
        let Some(element) = self
            .element()
            .filter(|&element| self.is_wrong(element) == Some(true))
        else {
            return &[];
        };
        match self
            .loaded
            .as_ref()
            .and_then(|loaded| loaded.explained.as_ref())
        {
            Some((tensor, diagnoses)) if *tensor == element.tensor => diagnoses,
            _ => &[],
        }
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
            Status::Wrong => {
                let ways: Vec<String> = self.explained_here().collect();
                let also = match ways.len() {
                    0 => {
                        return Some(format!(
                            "yours is {yours}, right is {right}; no known slip gives that number"
                        ));
                    }
                    1 => String::new(),
                    2 => format!(", or {}", ways[1]),
                    3 => format!(", or {}; one more slip gives the same", ways[1]),
                    n => format!(", or {}; {} more slips give the same", ways[1], n - 2),
                };
                format!("yours is {yours}, right is {right}: you {}{also}", ways[0])
            }
        })
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

    /// Works out what explains the current neuron's tensor, where its number is wrong.
    pub(super) fn explain_here(&mut self) {
        let Some(element) = self
            .element()
            .filter(|&element| self.is_wrong(element) == Some(true))
        else {
            return;
        };
        let Some(loaded) = &mut self.loaded else {
            return;
        };
        if loaded
            .explained
            .as_ref()
            .is_none_or(|(tensor, _)| *tensor != element.tensor)
        {
            let diagnoses = diagnose(
                &self.backprop,
                &Hypotheses::of(self.backprop.network()),
                &loaded.marking,
                element.tensor,
            );
            loaded.explained = Some((element.tensor, diagnoses));
        }
    }

    /// Goes to the next wrong number in backward order.
    pub(super) fn next_wrong(&mut self) -> Result<String, Reason> {
        let from = match self.position() {
            Position::Start => 0,
            Position::Step(step) => step + 1,
            Position::End => self.n_steps(),
        };
        let found = self.wrong_steps().find(|&step| step >= from);
        self.go_to_wrong(found, "no number is wrong from here on")
    }

    /// Goes back to the wrong number before.
    pub(super) fn previous_wrong(&mut self) -> Result<String, Reason> {
        let to = match self.position() {
            Position::Start => 0,
            Position::Step(step) => step,
            Position::End => self.n_steps(),
        };
        let found = self.wrong_steps().rev().find(|&step| step < to);
        self.go_to_wrong(found, "no number is wrong before here")
    }

    fn wrong_steps(&self) -> impl DoubleEndedIterator<Item = usize> {
        let off = self.loaded.iter().flat_map(|loaded| &loaded.off);
        off.filter(|(_, status)| *status == Status::Wrong)
            .map(|(step, _)| *step)
    }

    fn go_to_wrong(&mut self, step: Option<usize>, none: &'static str) -> Result<String, Reason> {
        let step = step.ok_or_else(|| Reason::from(none))?;
        self.go_to(Position::Step(step));
        Ok(self.says_of_theirs().unwrap_or_default())
    }
}

fn tone(status: Status) -> Tone {
    match status {
        Status::Correct => Tone::Right,
        Status::Carried => Tone::Note,
        Status::Wrong => Tone::Wrong,
        Status::Blank => Tone::Quiet,
    }
}
