//! What is worth naming of a neuron's terms, found in one walk over them however many there are.

use std::collections::BTreeMap;

use super::narration::{Link, Narration};
use super::term::Term;
use super::zero_reason::Zero;

/// The most terms of one kind that are named one by one.
const MOST_NAMED: usize = 6;
/// How many are named of more than that: the largest.
const LARGEST: usize = 3;

/// Some of a neuron's terms: all of them by name, or the largest and what the others make together.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) n: usize,
    pub(super) total: f64,
    /// The first few, until there are too many.
    few: Vec<Term>,
    largest: Vec<Term>,
    rest: f64,
}

/// The terms that one layer sends.
pub(super) struct Group<'a> {
    pub(super) link: Link<'a>,
    pub(super) n_terms: usize,
    /// The number of neurons that send them.
    pub(super) n_senders: usize,
    /// The sum of all terms.
    pub(super) total: f64,
    /// Those that are not zero.
    pub(super) nonzero: Part,
    /// The others, by why they are zero.
    pub(super) zeros: BTreeMap<Zero, Part>,
    /// Whether the slope of the layer's own activation is 1 in all that is not zero.
    pub(super) open: bool,
}

impl Part {
    fn push(&mut self, term: Term) {
        self.n += 1;
        self.total += term.product;
        if self.few.len() <= MOST_NAMED {
            self.few.push(term.clone());
        }
        let size = |term: &Term| term.product.abs();
        match self
            .largest
            .iter()
            .position(|one| size(&term).total_cmp(&size(one)).is_gt())
        {
            Some(place) => self.largest.insert(place, term),
            None => self.largest.push(term),
        }
        if self.largest.len() > LARGEST {
            self.rest += self.largest.pop().map_or(0.0, |smallest| smallest.product);
        }
    }

    /// The terms that are named, and how many others there are with what they make together.
    pub(super) fn named(&self) -> (&[Term], Option<(usize, f64)>) {
        if self.n <= MOST_NAMED {
            (&self.few, None)
        } else {
            (&self.largest, Some((self.n - LARGEST, self.rest)))
        }
    }

    /// The size of the largest product.
    pub(super) fn largest_product(&self) -> f64 {
        let largest = self.largest.first();
        largest.map_or(0.0, |term| term.product.abs())
    }

    /// The products that are named, and what the others make together.
    pub(super) fn amounts(&self) -> Vec<f64> {
        let (named, rest) = self.named();
        named
            .iter()
            .map(|term| term.product)
            .chain(rest.map(|(_, together)| together))
            .collect()
    }

    /// The term, where there is only one.
    pub(super) fn only(&self) -> Option<&Term> {
        if self.n == 1 { self.few.first() } else { None }
    }
}

/// Returns the terms of the subject by the layers that send them, from the last layer on.
pub(super) fn groups(narration: Narration<'_>) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let (mut number, mut last) = (0, None);
    narration
        .backprop
        .terms(narration.subject, &mut |contribution| {
            number += 1;
            let from = contribution.from;
            if groups
                .last()
                .is_none_or(|group| group.link.layer.output != from.tensor)
            {
                let Some(link) = narration.link(from) else {
                    return;
                };
                groups.push(Group::new(link));
            }
            let Some(group) = groups.last_mut() else {
                return;
            };
            group.n_senders += usize::from(last != Some(from));
            last = Some(from);
            group.push(Term::new(Some(number), contribution));
        });
    groups
}

impl<'a> Group<'a> {
    fn new(link: Link<'a>) -> Self {
        let (nonzero, zeros) = (Part::default(), BTreeMap::new());
        Self {
            link,
            n_terms: 0,
            n_senders: 0,
            total: 0.0,
            nonzero,
            zeros,
            open: true,
        }
    }

    /// A group of one term.
    pub(super) fn of(link: Link<'a>, term: Term) -> Self {
        let mut group = Self::new(link);
        group.n_senders = 1;
        group.push(term);
        group
    }

    fn push(&mut self, term: Term) {
        self.n_terms += 1;
        self.total += term.product;
        match Zero::of(self.link, &term) {
            Some(why) => self.zeros.entry(why).or_default().push(term),
            None => {
                let slope = self
                    .link
                    .activation
                    .and_then(|_| term.contribution.factors.first());
                self.open &= slope.is_none_or(|slope| slope.value == 1.0);
                self.nonzero.push(term);
            }
        }
    }

    /// The only term, where there is only one.
    pub(super) fn only(&self) -> Option<&Term> {
        if self.n_terms == 1 {
            self.first()
        } else {
            None
        }
    }

    /// One of the terms.
    pub(super) fn first(&self) -> Option<&Term> {
        self.nonzero
            .few
            .first()
            .or_else(|| self.zeros.values().find_map(|part| part.few.first()))
    }
}
