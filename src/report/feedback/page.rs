//! What a student's page says: the right terms where they went wrong, and nothing of what they did
//! not attempt.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::secrets::{Clue, Secrets, Telling};
use crate::backprop::Backprop;
use crate::marking::{Diagnosis, MarkScheme, Marked, Marks, Status, TensorReport};
use crate::report::grid::Grid;
use crate::report::phrases;
use crate::tape::Network;
use crate::tensor::Element;
use crate::words::{self, Disclosure};

/// How many numbers of a tensor are explained where everything is.
const MOST_EXPLAINED: usize = 50;

/// How much a page gives away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reveal {
    /// No right number at all: where the first wrong one of each tensor is, the kind of the
    /// mistake, and a question.
    Place,
    /// The first wrong number of each tensor with its terms, as far as no other number follows from
    /// them that is not right yet.
    FirstWrong,
    /// Every right gradient, and the terms of every number that is wrong or blank.
    All,
}

/// What a page says, in whatever format.
pub(super) struct Page<'a> {
    pub(super) title: &'a str,
    pub(super) marked: &'a Marked,
    /// What is to be known before the marks, and what could not be read.
    pub(super) problems: Vec<String>,
    pub(super) sections: Vec<Section<'a>>,
}

/// What it says of a tensor.
pub(super) struct Section<'a> {
    pub(super) report: &'a TensorReport,
    network: &'a Network,
    /// What became of the numbers, and what is wrong.
    pub(super) says: String,
    pub(super) lines: Vec<String>,
    /// What is shown or held back, and why.
    remark: Option<Remark>,
    pub(super) steps: Vec<Step<'a>>,
    /// The right gradients, where they are given away.
    pub(super) right: Option<(Vec<Grid>, &'a [f64])>,
}

/// A neuron whose terms are shown.
pub(super) struct Step<'a> {
    pub(super) backprop: Cow<'a, Backprop>,
    pub(super) element: Element,
    pub(super) notes: Vec<&'a str>,
}

/// What is shown or held back, and why.
enum Remark {
    /// What to ask oneself of the first wrong number.
    Question(String),
    /// The terms are those of the student's own numbers.
    OwnNumbers,
    /// The terms of an element are held back.
    Withheld {
        element: Element,
        /// What they would tell.
        told: Element,
        is_blank: bool,
        clue: Clue,
        /// Whether the number that is told has the other sign.
        is_negative: bool,
    },
    /// Only the first terms are shown, and there are so many more.
    More(usize),
}

impl Reveal {
    /// What may be told before the marks, of the scenario and of how everything is off.
    fn of_remarks(self) -> Disclosure {
        match self {
            Self::Place => Disclosure::Nothing,
            Self::FirstWrong => Disclosure::OwnSum,
            Self::All => Disclosure::All,
        }
    }
}

impl<'a> Page<'a> {
    pub(super) fn of(scheme: &'a MarkScheme, marked: &'a Marked, reveal: Reveal) -> Self {
        let submission = &marked.submission;
        let secrets = Secrets::of(scheme, marked);
        let sections = marked
            .marks
            .iter()
            .zip(&submission.tensors)
            .map(|(marks, report)| {
                let subject = Subject {
                    scheme,
                    marked,
                    marks,
                    report,
                };
                match reveal {
                    Reveal::Place => subject.place(&secrets),
                    Reveal::FirstWrong => subject.first_wrong(&secrets),
                    Reveal::All => subject.all(),
                }
            });
        Self {
            title: &scheme.title,
            marked,
            problems: phrases::problems(marked, reveal.of_remarks()),
            sections: sections.collect(),
        }
    }

    /// The page of a file that cannot be read.
    pub(super) fn unread(marked: &'a Marked) -> Self {
        Self {
            title: "",
            marked,
            problems: phrases::problems(marked, Disclosure::Nothing),
            sections: Vec::new(),
        }
    }
}

/// A tensor of an answer.
#[derive(Clone, Copy)]
struct Subject<'a> {
    scheme: &'a MarkScheme,
    marked: &'a Marked,
    marks: &'a Marks,
    report: &'a TensorReport,
}

impl<'a> Subject<'a> {
    /// Says where the first wrong number is and of which kind the mistake is, and asks.
    fn place(self, secrets: &Secrets<'_>) -> Section<'a> {
        let names_a_blank = |one: &Diagnosis| {
            let own = self.marked.own.as_ref();
            own.is_some_and(|own| secrets.names_a_blank(&one.cause, own))
        };
        let alone = phrases::first_wrong_alone(self.network(), self.report);
        Section {
            remark: phrases::question(self.network(), self.report).map(Remark::Question),
            ..self.section(alone, |one| {
                (!names_a_blank(one)).then_some(Disclosure::Nothing)
            })
        }
    }

    /// Explains the first wrong number from the answer's own numbers downstream, unless that would
    /// give away one that is kept back.
    fn first_wrong(self, secrets: &Secrets<'_>) -> Section<'a> {
        let (Some(first), Some(own)) = (self.report.first_wrong, &self.marked.own) else {
            return self.section(None, |_| None);
        };
        let (network, element) = (self.network(), first.element);
        let alone = phrases::first_wrong_alone(network, self.report);
        let names_a_blank = |one: &Diagnosis| secrets.names_a_blank(&one.cause, own);
        let (says, remark) = match secrets.told_by(element, own) {
            Telling::Withheld {
                element: told,
                is_blank,
                clue,
            } => {
                let remark = Remark::Withheld {
                    element,
                    told,
                    is_blank,
                    clue,
                    is_negative: secrets.are_opposite(element, told),
                };
                return Section {
                    remark: Some(remark),
                    ..self.section(alone, |one| {
                        (!names_a_blank(one)).then_some(Disclosure::Nothing)
                    })
                };
            }
            Telling::Nothing => (phrases::first_wrong(network, self.report), None),
            Telling::NothingFromOwn => (alone, Some(Remark::OwnNumbers)),
        };
        let summed = BTreeMap::from([(element.tensor, own.summed(element.tensor))]);
        // A teacher's notes may speak of other numbers.
        let step = Step {
            backprop: Cow::Owned(own.with_gradients(&summed)),
            element,
            notes: Vec::new(),
        };
        Section {
            remark,
            steps: vec![step],
            ..self.section(says, |one| {
                (!names_a_blank(one)).then(|| secrets.disclosure(element, &one.cause))
            })
        }
    }

    /// Gives all right gradients, and explains every number that is wrong or blank.
    fn all(self) -> Section<'a> {
        let is_off = |&at: &usize| match self.marks.statuses[at] {
            Some(Status::Wrong | Status::Blank | Status::Unreadable) => true,
            Some(Status::Correct | Status::Carried) | None => false,
        };
        let off = || (0..self.marks.statuses.len()).filter(is_off);
        let n_more = off().count().saturating_sub(MOST_EXPLAINED);
        let tensor = self.report.tensor;
        let step = |at| self.step(Element { tensor, at });
        let right = self.scheme.backprop.gradient(tensor);
        let grids = Grid::all(&self.report.name, right.shape());
        let is_complete = self.report.correct == self.report.total;
        let says = phrases::first_wrong(self.network(), self.report);
        Section {
            remark: (n_more > 0).then_some(Remark::More(n_more)),
            steps: off().take(MOST_EXPLAINED).map(step).collect(),
            right: (!is_complete).then_some((grids, right.data())),
            ..self.section(says, |_| Some(Disclosure::All))
        }
    }

    /// What is said of the tensor's marks, and of what explains them as much as may be: nothing at
    /// all where there is no disclosure.
    fn section(
        self,
        first_wrong: Option<String>,
        disclosure: impl Fn(&Diagnosis) -> Option<Disclosure>,
    ) -> Section<'a> {
        let says = |one: &Diagnosis| Some(words::diagnosis(self.network(), one, disclosure(one)?));
        let (says, lines) = phrases::explained(self.report, first_wrong, says);
        Section {
            report: self.report,
            network: self.network(),
            says,
            lines,
            remark: None,
            steps: Vec::new(),
            right: None,
        }
    }

    /// A right step with a teacher's notes.
    fn step(self, element: Element) -> Step<'a> {
        let base = Element {
            tensor: self.network().base(element.tensor),
            at: element.at,
        };
        let notes = &self.scheme.notes;
        let update = self.scheme.backprop.update();
        Step {
            backprop: Cow::Borrowed(&self.scheme.backprop),
            element,
            notes: notes
                .tensor(element.tensor, update)
                .into_iter()
                .chain(notes.element(base, update))
                .collect(),
        }
    }

    fn network(self) -> &'a Network {
        self.scheme.backprop.network()
    }
}

impl Section<'_> {
    /// What is shown or held back, and why, in words.
    pub(super) fn remark(&self) -> Option<String> {
        self.remark.as_ref().map(|remark| remark.says(self.network))
    }
}

impl Remark {
    fn says(&self, network: &Network) -> String {
        match *self {
            Self::Question(ref question) => question.clone(),
            Self::OwnNumbers => {
                "This is how it goes with your own numbers, some of which are wrong further down:"
                    .to_owned()
            }
            Self::Withheld {
                element,
                told,
                is_blank,
                clue,
                is_negative,
            } => {
                let [element, told] = [element, told].map(|element| network.address(element));
                let (why, first) = if is_blank {
                    ("you left blank", "Work that out first")
                } else {
                    ("is not right yet", "Correct that first")
                };
                let verb = match clue {
                    Clue::Needed => "need",
                    Clue::AmongTerms => "tell",
                    Clue::Sum => {
                        let sign = if is_negative {
                            " with the other sign"
                        } else {
                            ""
                        };
                        return format!(
                            "What {element} should be is not shown: {told}, which {why}, is the \
                             same number{sign}."
                        );
                    }
                };
                format!(
                    "The terms of {element} are not shown: they {verb} {told}, which {why}. \
                     {first}."
                )
            }
            Self::More(n) => format!(
                "The terms of the first {MOST_EXPLAINED} numbers that are wrong or blank; \
                 there are {n} more."
            ),
        }
    }
}
