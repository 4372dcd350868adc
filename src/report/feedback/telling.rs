//! Which right numbers the terms of an element would tell.

use std::collections::{BTreeMap, HashSet};

use crate::backprop::Backprop;
use crate::marking::{MarkScheme, Marked, Marks, Status};
use crate::tensor::{Element, TensorId};
use crate::words::MOST_ROWS;

/// What a student who is shown the terms of an element learns of other numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Telling {
    /// Nothing: all asked numbers that the terms need are right.
    Nothing,
    /// Nothing where the student's own numbers stand in the terms: some of them are off.
    NothingFromOwn,
    /// A number that is kept back.
    Withheld {
        element: Element,
        /// Whether it was left blank; else it is off.
        is_blank: bool,
        /// Whether the terms need it; else the same number stands in them.
        is_needed: bool,
    },
}

/// An answer's numbers, and those that its page keeps back: what is blank, and what is off and is
/// not the first wrong number of its tensor.
pub(super) struct Secrets<'a> {
    truth: &'a Backprop,
    /// The marks of what is asked for, by the tensors whose elements they are.
    marks: BTreeMap<TensorId, &'a Marks>,
    /// By tensor: whether something further down is asked for and not all right, with nothing that
    /// is asked for in between.
    leads_to_open: Vec<bool>,
    withheld: Vec<(f64, Element, Status)>,
    /// The numbers that the student has.
    known: Vec<f64>,
}

impl<'a> Secrets<'a> {
    pub(super) fn of(scheme: &'a MarkScheme, marked: &'a Marked) -> Self {
        let (truth, network) = (&scheme.backprop, scheme.backprop.network());
        let asked = || scheme.asked.iter().copied().zip(&marked.marks);
        let marks: BTreeMap<TensorId, &Marks> = asked()
            .map(|(tensor, marks)| (network.base(tensor), marks))
            .collect();
        let mut leads_to_open = vec![false; network.tensors().len()];
        for layer in network.layers().iter().rev() {
            let mut reads = network.consumers(layer.output).iter();
            leads_to_open[layer.output.0 as usize] = reads.any(|consumer| {
                let output = network.base(network.layers()[consumer.layer].output);
                marks
                    .get(&output)
                    .map_or(leads_to_open[output.0 as usize], |marks| {
                        marks
                            .statuses
                            .iter()
                            .any(|status| *status != Status::Correct)
                    })
            });
        }
        let withheld = asked().flat_map(|(tensor, marks)| {
            let first = marks.wrong().next();
            let others = marks
                .statuses
                .iter()
                .enumerate()
                .filter(move |&(at, status)| *status != Status::Correct && Some(at) != first);
            others.map(move |(at, &status)| {
                let element = Element { tensor, at };
                (truth.element(element), element, status)
            })
        });
        let theirs = asked().flat_map(|(_, marks)| marks.numbers.iter().copied().flatten());
        let given = truth
            .upstream()
            .values()
            .flat_map(|given| given.data().iter().copied());
        Self {
            truth,
            withheld: withheld.filter(|(right, ..)| *right != 0.0).collect(),
            known: theirs.chain(given).collect(),
            marks,
            leads_to_open,
        }
    }

    /// What the terms of an element tell in which the gradients of `own` stand: those that its
    /// terms need, directly or by way of numbers that are not asked for, and those that stand in
    /// them by themselves.
    pub(super) fn told_by(&self, element: Element, own: &Backprop) -> Telling {
        let mut telling = Telling::Nothing;
        let mut open = Vec::new();
        for from in self.senders(element) {
            match self.status(from) {
                None => open.push(from),
                Some(Status::Correct) => {}
                Some(Status::Blank) => return needed(from, Status::Blank),
                Some(Status::Wrong | Status::Carried) => telling = Telling::NothingFromOwn,
            }
        }
        self.behind(open)
            .or_else(|| self.standing_in(element, own))
            .unwrap_or(telling)
    }

    /// The first number that is not right and from which one follows that nobody is asked for.
    fn behind(&self, mut open: Vec<Element>) -> Option<Telling> {
        let mut seen: HashSet<Element> = open.iter().copied().collect();
        while let Some(element) = open.pop() {
            if !self.leads_to_open[element.tensor.0 as usize] {
                continue;
            }
            for from in self.senders(element) {
                match self.status(from) {
                    Some(Status::Correct) => {}
                    Some(status) => return Some(needed(from, status)),
                    None if seen.insert(from) => open.push(from),
                    None => {}
                }
            }
        }
        None
    }

    /// A number that is kept back and that stands in the terms of an element all the same, such as
    /// a bias's among those of the weights beside it. The sum itself is given away, and the same
    /// further up is for the student to see.
    fn standing_in(&self, element: Element, own: &Backprop) -> Option<Telling> {
        let terms = own.contributions(element);
        let products = terms.iter().map(|term| term.product());
        let sum = products.fold(own.given(element).unwrap_or(0.0), |sum, product| {
            sum + product
        });
        let shown = terms.iter().take(MOST_ROWS);
        let shown = shown.flat_map(|term| [term.upstream, term.product()]);
        let tells = |&&(right, other, status): &&(f64, Element, Status)| {
            let is_sum = alike(right, sum) && other != element;
            let is_shown = shown.clone().any(|number| alike(number, right)) || is_sum;
            let is_theirs = self.known.iter().any(|&number| alike(number, right));
            let is_beside = other.tensor == element.tensor && status == Status::Blank;
            is_shown && !is_theirs && (!is_sum || is_beside)
        };
        let &(_, element, status) = self.withheld.iter().find(tells)?;
        Some(Telling::Withheld {
            element,
            is_blank: status == Status::Blank,
            is_needed: false,
        })
    }

    /// The elements that an element gets its terms from.
    fn senders(&self, element: Element) -> Vec<Element> {
        let network = self.truth.network();
        let mut senders = Vec::new();
        self.truth.terms(element, &mut |term| {
            senders.push(Element {
                tensor: network.base(term.from.tensor),
                at: term.from.at,
            });
        });
        senders
    }

    fn status(&self, element: Element) -> Option<Status> {
        self.marks
            .get(&element.tensor)
            .map(|marks| marks.statuses[element.at])
    }
}

fn needed(element: Element, status: Status) -> Telling {
    Telling::Withheld {
        element,
        is_blank: status == Status::Blank,
        is_needed: true,
    }
}

/// Whether two numbers look alike, signs aside.
fn alike(one: f64, other: f64) -> bool {
    (one.abs() - other.abs()).abs() <= 1e-6 * one.abs()
}
