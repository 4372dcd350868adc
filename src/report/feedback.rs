//! A page for a student: the right terms where they went wrong, and nothing of what they did not
//! attempt.

mod html;
mod markdown;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use super::grid::Grid;
use super::told::{self, Why};
use crate::backprop::Backprop;
use crate::marking::{Exam, Marked, Marks, Status, Submission, TensorReport};
use crate::tensor::{Element, TensorId};

/// How many numbers of a tensor are explained where everything is.
const MOST_EXPLAINED: usize = 50;

/// How much a page gives away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reveal {
    /// The first wrong number of each tensor.
    FirstWrong,
    /// Every right gradient, and the terms of every number that is wrong or blank.
    All,
}

/// A format that pages for students are written in.
#[derive(Debug)]
pub struct Feedback {
    /// Its name on the command line, and how its files end.
    pub name: &'static str,
    /// Returns the page of a submission.
    pub page: fn(&Exam, &Marked, Reveal) -> String,
}

/// All formats; the first is the one that is taken where nothing says otherwise.
pub const FEEDBACK: &[Feedback] = &[
    Feedback {
        name: "md",
        page: |exam, marked, reveal| markdown::page(&Page::of(exam, marked, reveal)),
    },
    Feedback {
        name: "html",
        page: |exam, marked, reveal| html::page(&Page::of(exam, marked, reveal)),
    },
];

/// What a page says, in whatever format.
struct Page<'a> {
    title: &'a str,
    submission: &'a Submission,
    sections: Vec<Section<'a>>,
}

/// What it says of a tensor.
struct Section<'a> {
    report: &'a TensorReport,
    /// What became of the numbers, and what is wrong.
    says: String,
    lines: Vec<String>,
    /// What is shown or held back, and why.
    remark: Option<String>,
    steps: Vec<Step<'a>>,
    /// The right gradients, where they are given away.
    right: Option<(Vec<Grid>, &'a [f64])>,
}

/// A neuron whose terms are shown.
struct Step<'a> {
    backprop: Cow<'a, Backprop>,
    element: Element,
    notes: Vec<&'a str>,
}

impl<'a> Page<'a> {
    fn of(exam: &'a Exam, marked: &'a Marked, reveal: Reveal) -> Self {
        let submission = &marked.submission;
        let asked = exam
            .asked
            .iter()
            .zip(&marked.marks)
            .zip(&submission.tensors);
        let sections = asked.map(|((&tensor, marks), report)| {
            let subject = Subject {
                exam,
                marked,
                tensor,
                marks,
                report,
            };
            match reveal {
                Reveal::FirstWrong => subject.first_wrong(),
                Reveal::All => subject.all(),
            }
        });
        Self {
            title: &exam.title,
            submission,
            sections: sections.collect(),
        }
    }
}

/// A tensor of an answer.
#[derive(Clone, Copy)]
struct Subject<'a> {
    exam: &'a Exam,
    marked: &'a Marked,
    tensor: TensorId,
    marks: &'a Marks,
    report: &'a TensorReport,
}

impl<'a> Subject<'a> {
    /// Explains the first wrong number from the answer's own numbers downstream, unless that would
    /// give away one that was left blank.
    fn first_wrong(self) -> Section<'a> {
        let first = self.marks.wrong().next().map(|at| Element {
            tensor: self.tensor,
            at,
        });
        let (Some(element), Some(own)) = (first, &self.marked.own) else {
            return self.section(true);
        };
        let needed = self.needed(element);
        let blank = needed.iter().find(|(_, status)| *status == Status::Blank);
        if let Some((needed, _)) = blank {
            let [address, needed] =
                [element, *needed].map(|element| self.exam.backprop.network().address(element));
            let remark = format!(
                "The terms of {address} are not shown: they need {needed}, which you left blank. Work that out first."
            );
            return Section {
                remark: Some(remark),
                ..self.section(false)
            };
        }
        let is_off = needed
            .iter()
            .any(|(_, status)| matches!(status, Status::Wrong | Status::Carried));
        let says_whose =
            "This is how it goes with your own numbers, some of which are wrong further down:"
                .to_owned();
        let summed = BTreeMap::from([(self.tensor, own.summed(self.tensor))]);
        // A teacher's notes may speak of other numbers.
        let step = Step {
            backprop: Cow::Owned(own.with_gradients(&summed)),
            element,
            notes: Vec::new(),
        };
        Section {
            remark: is_off.then_some(says_whose),
            steps: vec![step],
            ..self.section(true)
        }
    }

    /// Gives all right gradients, and explains every number that is wrong or blank.
    fn all(self) -> Section<'a> {
        let is_off = |&at: &usize| matches!(self.marks.statuses[at], Status::Wrong | Status::Blank);
        let off = || (0..self.report.total).filter(is_off);
        let n_more = off().count().saturating_sub(MOST_EXPLAINED);
        let remark = (n_more > 0)
            .then(|| format!("The terms of the first {MOST_EXPLAINED} numbers that are wrong or blank; there are {n_more} more."));
        let step = |at| {
            self.step(Element {
                tensor: self.tensor,
                at,
            })
        };
        let right = self.exam.backprop.gradient(self.tensor);
        let grids = Grid::all(&self.report.name, right.shape());
        let is_complete = self.report.correct == self.report.total;
        Section {
            remark,
            steps: off().take(MOST_EXPLAINED).map(step).collect(),
            right: (!is_complete).then_some((grids, right.data())),
            ..self.section(true)
        }
    }

    /// What is said of the tensor's marks.
    fn section(self, shows_numbers: bool) -> Section<'a> {
        let (why, lines) = Why::of(self.report).lines(self.report.diagnosis.len(), shows_numbers);
        let parts = [told::count(self.report)]
            .into_iter()
            .chain(told::first_wrong(self.report));
        let said = parts.collect::<Vec<_>>().join("; ");
        let says = if why.is_empty() {
            said
        } else {
            format!("{said}: {why}")
        };
        Section {
            report: self.report,
            says,
            lines,
            remark: None,
            steps: Vec::new(),
            right: None,
        }
    }

    /// A right step with a teacher's notes.
    fn step(self, element: Element) -> Step<'a> {
        let network = self.exam.backprop.network();
        let base = Element {
            tensor: network.base(element.tensor),
            at: element.at,
        };
        let notes = self
            .exam
            .notes
            .tensor(element.tensor)
            .into_iter()
            .chain(self.exam.notes.element(base));
        Step {
            backprop: Cow::Borrowed(&self.exam.backprop),
            element,
            notes: notes.collect(),
        }
    }

    /// The asked numbers that a neuron's terms show, with what each of them is in the answer.
    fn needed(self, element: Element) -> Vec<(Element, Status)> {
        let network = self.exam.backprop.network();
        let asked: BTreeMap<TensorId, &Marks> = self
            .exam
            .asked
            .iter()
            .zip(&self.marked.marks)
            .map(|(&tensor, marks)| (network.base(tensor), marks))
            .collect();
        let mut seen = HashSet::new();
        let mut needed = Vec::new();
        self.exam.backprop.terms(element, &mut |term| {
            let from = Element {
                tensor: network.base(term.from.tensor),
                at: term.from.at,
            };
            if let Some(marks) = asked.get(&from.tensor).filter(|_| seen.insert(from)) {
                needed.push((from, marks.statuses[from.at]));
            }
        });
        needed
    }
}
