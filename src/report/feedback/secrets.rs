//! Which right numbers the terms of an element would tell.

use std::collections::{BTreeMap, HashSet};

use crate::backprop::Backprop;
use crate::marking::{Cause, Followed, MarkScheme, Marked, Marks, Outcome, Status};
use crate::ops::Contribution;
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
    /// The numbers that the student has right, and those that the exercise gives, by their size. An
    /// equal number in another's place is nothing that they know.
    theirs: Vec<f64>,
    given: Vec<f64>,
}

impl<'a> Secrets<'a> {
    pub(super) fn of(scheme: &'a MarkScheme, marked: &'a Marked) -> Self {
        let (truth, network) = (&scheme.backprop, scheme.backprop.network());
        let tensors = || marked.submission.tensors.iter().map(|report| report.tensor);
        let asked = || tensors().zip(&marked.marks);
        let mut marks: BTreeMap<TensorId, &Marks> = asked()
            .map(|(tensor, marks)| (network.base(tensor), marks))
            .collect();
        // What stands before an activation tells what comes after it.
        for (before, output) in network.pre_activations() {
            if let Some(before) = marks.get(&before).copied() {
                marks.entry(output).or_insert(before);
            }
        }
        let mut leads_to_open = vec![false; network.tensors().len()];
        for layer in network.layers().iter().rev() {
            let mut reads = network.consumers(layer.output).iter();
            leads_to_open[layer.output.0 as usize] = reads.any(|consumer| {
                let output = network.base(network.layer(consumer.layer).output);
                marks
                    .get(&output)
                    .map_or(leads_to_open[output.0 as usize], |marks| {
                        let mut asked = marks.statuses.iter().flatten();
                        asked.any(|status| *status != Status::Correct)
                    })
            });
        }
        let withheld = asked().flat_map(|(tensor, marks)| {
            let first = marks.wrong().next();
            let statuses = marks.statuses.iter().enumerate();
            let asked = statuses.filter_map(|(at, status)| Some((at, (*status)?)));
            let others =
                asked.filter(move |&(at, status)| status != Status::Correct && Some(at) != first);
            others.map(move |(at, status)| {
                let element = Element { tensor, at };
                (truth.element(element), element, status)
            })
        });
        let theirs = asked().flat_map(|(_, marks)| {
            let numbers = marks.numbers.iter().zip(&marks.statuses);
            numbers
                .filter_map(|(number, status)| number.filter(|_| *status == Some(Status::Correct)))
        });
        let given = truth
            .upstream()
            .values()
            .flat_map(|given| given.data().iter().copied());
        // A page is full of zeros, and none of them tells anything.
        let mut withheld: Vec<_> = withheld.filter(|(right, ..)| *right != 0.0).collect();
        withheld.sort_by(|(one, ..), (other, ..)| one.abs().total_cmp(&other.abs()));
        Self {
            truth,
            marks,
            leads_to_open,
            withheld,
            theirs: by_size(theirs),
            given: by_size(given),
        }
    }

    /// What the terms of an element tell in which the gradients of `own` stand: those that its
    /// terms need, directly or by way of numbers that are not asked for, and those that stand in
    /// them by themselves.
    pub(super) fn told_by(&self, element: Element, own: &Backprop) -> Telling {
        let mut telling = Telling::Nothing;
        let mut open = Vec::new();
        for from in self.senders(element) {
            // Its own output is nothing that is asked for beside it.
            let status = self
                .status(from)
                .filter(|_| !self.have_one_mark(element, from));
            match status {
                None => open.push(from),
                Some(Status::Correct) => {}
                Some(status @ (Status::Blank | Status::Unreadable)) => {
                    return needed(from, status);
                }
                Some(Status::Wrong | Status::Carried) if self.is_off(from, own) => {
                    telling = Telling::NothingFromOwn;
                }
                // It is given, and what the student has for it does not count.
                Some(Status::Wrong | Status::Carried) => {}
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

    /// A number that is kept back and that an element's terms or their sum tell without needing it:
    /// among the terms of a weight stands the gradient of its bias. Terms of wrong numbers of the
    /// student's own tell nothing. The sum may be that of other wrong numbers, too, as those of an
    /// averaging window are alike, but not that of one left blank.
    fn told_beside(&self, element: Element, own: &Backprop) -> Option<Telling> {
        let terms = own.contributions(element).into_iter().take(MOST_ROWS);
        let mut shown = terms.filter(|term| !self.is_off(self.base(term.from), own));
        let right = self.truth.element(element);
        let among_terms = shown.find_map(|term| {
            let from = self.base(term.from);
            let numbers = told_by(&term).filter(|&number| !look_alike(number, right));
            let mut told = numbers.flat_map(|number| self.alike(number));
            let copied = told.find(|(_, other, _)| self.is_copy(*other, &[from]));
            let upstream = self.truth.element(from);
            let beside = || {
                let mut alike = self.alike(upstream);
                alike.find(|(_, other, _)| *other != from && self.have_one_source(*other, from))
            };
            // What the sum tells is said of it.
            copied.or_else(|| (!look_alike(upstream, right)).then(beside).flatten())
        });
        let sum = || {
            let open = alike(&self.withheld, |(right, ..)| *right, right);
            let mut open =
                open.filter(|&&(right, _, status)| is_open(status) && !has(&self.theirs, right));
            open.find(|(_, other, _)| self.have_one_source(*other, element))
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

    /// Whether another number than the right one stands for an element in the terms of those
    /// further up: the student's own, where it is not one that the exercise gives.
    fn is_off(&self, element: Element, own: &Backprop) -> bool {
        let is_wrong = matches!(self.status(element), Some(Status::Wrong | Status::Carried));
        is_wrong && own.element(element) != self.truth.element(element)
    }

    /// Whether the right numbers of two elements have different signs.
    pub(super) fn are_opposite(&self, one: Element, other: Element) -> bool {
        let [one, other] = [one, other].map(|element| self.truth.element(element).signum());
        one != other
    }

    /// Whether a cause says of a number that was left blank that it stands in another's place.
    pub(super) fn names_a_blank(&self, cause: &Cause, own: &Backprop) -> bool {
        let Cause::Rules(first) = cause else {
            return false;
        };
        if !matches!(first.outcome, Outcome::Moved { .. } | Outcome::Unmoved(_)) {
            return false;
        }
        let tensor = first.element.tensor;
        let marks = self.marks.get(&self.truth.network().base(tensor));
        let wrong = marks.into_iter().flat_map(|marks| marks.wrong());
        wrong
            .map(|at| first.hypothesis.followed(own, Element { tensor, at }))
            .any(|followed| match followed.outcome {
                Outcome::Moved { from, .. } => self.status(self.base(from)).is_some_and(is_open),
                _ => false,
            })
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

    /// The numbers that are kept back and look like this one, unless the student has them.
    fn alike(&self, number: f64) -> impl Iterator<Item = &(f64, Element, Status)> {
        let withheld = alike(&self.withheld, |(right, ..)| *right, number);
        withheld.filter(|(right, ..)| !has(&self.theirs, *right) && !has(&self.given, *right))
    }

    /// The elements that an element gets its terms from.
    fn senders(&self, element: Element) -> Vec<Element> {
        let mut senders = Vec::new();
        self.truth
            .terms(element, &mut |term| senders.push(self.base(term.from)));
        senders
    }

    /// Whether two tensors are marked by the same numbers.
    fn have_one_mark(&self, one: Element, other: Element) -> bool {
        let marks = |element: Element| self.marks.get(&element.tensor);
        let both = marks(one).zip(marks(other));
        both.is_some_and(|(one, other)| std::ptr::eq(*one, *other))
    }

    fn status(&self, element: Element) -> Option<Status> {
        self.marks.get(&element.tensor)?.statuses[element.at]
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

/// Whether there is no number: it was left blank, or cannot be read.
fn is_open(status: Status) -> bool {
    matches!(status, Status::Blank | Status::Unreadable)
}

/// The numbers that a term tells: its parts, what they make, and what is left of it in a division.
fn told_by(term: &Contribution) -> impl Iterator<Item = f64> {
    let (upstream, product) = (term.upstream, term.product());
    let factors = term.factors.iter().map(|factor| factor.value);
    let parts = factors.flat_map(move |factor| [upstream * factor, product / factor]);
    [upstream, product].into_iter().chain(parts)
}

fn by_size(numbers: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(|one, other| one.abs().total_cmp(&other.abs()));
    numbers
}

/// Whether this number is in a list by size, its sign counted.
fn has(list: &[f64], number: f64) -> bool {
    let mut alike = alike(list, |one| *one, number);
    alike.any(|one| one.signum() == number.signum())
}

fn look_alike(one: f64, other: f64) -> bool {
    alike(&[one], |one| *one, other).next().is_some()
}
