//! Which right numbers the terms of an element would tell.

use std::collections::{BTreeMap, HashSet};

use crate::backprop::Backprop;
use crate::marking::{Cause, Followed, MarkScheme, Marked, Marks, Outcome, Status};
use crate::tensor::{Element, TensorId};
use crate::words::{Disclosure, MOST_ROWS};

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
        clue: Clue,
    },
}

/// How terms tell a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Clue {
    /// They need it.
    Needed,
    /// The same number stands among them.
    AmongTerms,
    /// It is their sum, too.
    Sum,
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
    /// The right numbers that are kept back, by their size.
    withheld: Vec<(f64, Element, Status)>,
    /// The numbers that the student has, by their size.
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
        let theirs = asked().flat_map(|(_, marks)| marks.numbers.iter().flatten());
        let given = truth
            .upstream()
            .values()
            .flat_map(|given| given.data().iter().copied());
        // A page is full of zeros, and none of them tells anything.
        let mut withheld: Vec<_> = withheld.filter(|(right, ..)| *right != 0.0).collect();
        let mut known: Vec<f64> = theirs.chain(given).collect();
        withheld.sort_by(|(one, ..), (other, ..)| one.abs().total_cmp(&other.abs()));
        known.sort_by(|one, other| one.abs().total_cmp(&other.abs()));
        Self {
            truth,
            marks,
            leads_to_open,
            withheld,
            known,
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
                Some(status @ (Status::Blank | Status::Unreadable)) => {
                    return needed(from, status);
                }
                Some(Status::Wrong | Status::Carried) => telling = Telling::NothingFromOwn,
            }
        }
        self.behind(open)
            .or_else(|| self.told_beside(element, own))
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

    /// A number that is kept back and that the terms of an element tell without needing it, such as
    /// a bias's among those of the weights beside it. What follows from a wrong number of the
    /// student's own tells nothing. The right sum is given away, and whether it is the right number
    /// of others too is for the student to see, unless those were left blank.
    fn told_beside(&self, element: Element, own: &Backprop) -> Option<Telling> {
        let terms = own.contributions(element).into_iter().take(MOST_ROWS);
        let mut shown = terms.filter(|term| !self.is_off(self.base(term.from)));
        let right = self.truth.element(element);
        let among_terms = shown.find_map(|term| {
            let numbers = [term.upstream, term.product()].into_iter();
            let numbers = numbers.filter(|&number| !look_alike(number, right));
            let mut told = numbers.flat_map(|number| self.alike(number));
            told.find(|(_, other, _)| self.is_copy(*other, &[self.base(term.from)]))
        });
        let sum = || {
            let blank = self.alike(right);
            let mut blank =
                blank.filter(|(.., status)| matches!(status, Status::Blank | Status::Unreadable));
            blank.find(|(_, other, _)| self.have_one_source(*other, element))
        };
        let (&(_, element, status), clue) = among_terms
            .map(|told| (told, Clue::AmongTerms))
            .or_else(|| Some((sum()?, Clue::Sum)))?;
        Some(Telling::Withheld {
            element,
            is_blank: status == Status::Blank,
            clue,
        })
    }

    /// Whether two elements have the same gradient because the same arrives at both, be it handed
    /// on, or the like from elements of which this holds in turn.
    fn have_one_source(&self, one: Element, other: Element) -> bool {
        let mut pairs = vec![(one, other)];
        let mut seen = HashSet::new();
        while let Some((one, other)) = pairs.pop() {
            let [one, other] = [one, other].map(|element| self.source(element));
            if one == other || !seen.insert((one, other)) {
                continue;
            }
            let [terms, others] = [one, other].map(|element| self.terms(element));
            let mut products = terms.iter().zip(&others);
            if terms.is_empty()
                || terms.len() != others.len()
                || !products.all(|((_, one), (_, other))| look_alike(*one, *other))
            {
                return false;
            }
            pairs.extend(
                terms
                    .iter()
                    .zip(&others)
                    .map(|(one, other)| (one.0, other.0)),
            );
        }
        true
    }

    /// Where the gradient of an element comes from that only hands it on, as a sum does.
    fn source(&self, element: Element) -> Element {
        let (mut source, right) = (self.base(element), self.truth.element(element));
        while let [(from, _)] = self.terms(source)[..]
            && look_alike(self.truth.element(from), right)
        {
            source = from;
        }
        source
    }

    /// Whether an element has a single term that is not zero, and that is from one of these.
    fn is_copy(&self, element: Element, senders: &[Element]) -> bool {
        let terms = self.terms(element);
        matches!(terms[..], [(from, _)] if senders.contains(&from))
    }

    /// The terms of an element that are not zero, each with who sends it.
    fn terms(&self, element: Element) -> Vec<(Element, f64)> {
        let mut terms = Vec::new();
        self.truth.terms(element, &mut |term| {
            terms.push((self.base(term.from), term.product()));
        });
        terms.retain(|(_, product)| *product != 0.0);
        terms
    }

    fn base(&self, element: Element) -> Element {
        Element {
            tensor: self.truth.network().base(element.tensor),
            ..element
        }
    }

    /// Whether the student's own number for an element is another than the right one.
    fn is_off(&self, element: Element) -> bool {
        matches!(self.status(element), Some(Status::Wrong | Status::Carried))
    }

    /// What may be told of a cause, where the terms of this element are shown: the numbers of
    /// another element tell what is right there, and among wrong products may be right numbers.
    pub(super) fn disclosure(&self, shown: Element, cause: &Cause) -> Disclosure {
        let tells = match cause {
            Cause::Term(slip) => slip.element != shown,
            Cause::Rules(Followed {
                outcome: Outcome::Derived(derivation),
                ..
            }) => {
                let senders = self.senders(shown);
                let mut numbers = derivation.numbers.iter();
                numbers.any(|&number| {
                    let mut alike = self.alike(number);
                    alike.any(|(_, other, _)| self.is_copy(*other, &senders))
                })
            }
            Cause::Rules(_) | Cause::Swapped(_) => false,
        };
        if tells {
            Disclosure::Nothing
        } else {
            Disclosure::OwnSum
        }
    }

    /// The numbers that are kept back and look like this one, unless the student has it.
    fn alike(&self, number: f64) -> impl Iterator<Item = &(f64, Element, Status)> {
        let is_known = alike(&self.known, |known| *known, number).next().is_some();
        let withheld = alike(&self.withheld, |(right, ..)| *right, number);
        withheld.filter(move |_| !is_known)
    }

    /// The elements that an element gets its terms from.
    fn senders(&self, element: Element) -> Vec<Element> {
        let mut senders = Vec::new();
        self.truth
            .terms(element, &mut |term| senders.push(self.base(term.from)));
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
        clue: Clue::Needed,
    }
}

/// How far apart two numbers may be that look alike, relative to their size.
const ALIKE: f64 = 1e-6;

/// Returns those of a list by size whose numbers look like this one, signs aside.
fn alike<T>(list: &[T], of: impl Fn(&T) -> f64, number: f64) -> impl Iterator<Item = &T> {
    let size = number.abs();
    let first = list.partition_point(|one| of(one).abs() < size * (1.0 - ALIKE));
    list[first..]
        .iter()
        .take_while(move |one| of(one).abs() <= size * (1.0 + ALIKE))
}

fn look_alike(one: f64, other: f64) -> bool {
    alike(&[one], |one| *one, other).next().is_some()
}
