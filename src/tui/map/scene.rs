//! What each neuron is to the current step.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::super::numbers::{Aligned, Precision, split};
use super::super::theme::Theme;
use super::lines::Lines;
use super::look::Look;
use crate::debugger::{Session, Shown};
use crate::ops::FactorKind;
use crate::tensor::{Element, TensorId, rounded};
use crate::words::Row;

/// The most terms that get a number on the map. There is no room for more, and a sum may have
/// millions.
const MOST_NUMBERED: usize = 512;

/// The most neurons of a receptive field that are marked.
const LARGEST_FIELD: usize = 4096;

/// The most windows that are outlined.
const MOST_WINDOWS: usize = 16;

/// The current step as the map shows it.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    pub(super) session: &'a Session,
    pub(super) look: Look,
    /// Whether a place of the screen can hold two shades.
    pub(super) has_halves: bool,
    pub(super) current: Option<Element>,
    /// By downstream neuron: the numbers of its terms, counted from 0.
    senders: BTreeMap<Element, Vec<usize>>,
    /// The downstream neurons, those first that add most to the sum, whatever their sign.
    strongest: Vec<Element>,
    /// By neuron or weight: the numbers of the terms in which it is a factor.
    sources: BTreeMap<Element, Vec<usize>>,
    /// The neurons that the current one is computed from, in their order.
    field: Vec<Element>,
    /// The pooling windows in which the current neuron stands.
    pub(super) windows: Vec<Window>,
    /// How large cells are drawn.
    pub(super) scale: Scale,
    /// What every layout that is tried asks again: how wide numbers are, and whole columns of them,
    /// and what the look is about.
    widths: RefCell<HashMap<(u64, Precision), (usize, usize)>>,
    columns: RefCell<HashMap<Cells, Aligned>>,
    interest: RefCell<HashMap<TensorId, Rc<[usize]>>>,
}

/// Some cells of a column: the first of them, their number, and what they show.
type Cells = (Element, usize, Lines);

/// A pooling window in which the current neuron stands.
#[derive(Debug)]
pub(super) struct Window {
    /// The number of the term that its pooling neuron sends.
    pub(super) term: usize,
    /// The share of each of its neurons, where it averages.
    share: Option<f64>,
    members: Vec<Element>,
}

impl Window {
    pub(super) fn members(&self) -> impl Iterator<Item = Element> {
        self.members.iter().copied()
    }

    pub(super) fn contains(&self, element: Element) -> bool {
        self.members.binary_search(&element).is_ok()
    }
}

/// How many columns and rows of the screen a cell has beyond what its numbers need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Scale {
    pub(super) wider: u16,
    pub(super) taller: u16,
}

/// The state of a term in the sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TermState {
    /// It is part of the sum.
    Added,
    /// It is part of the sum and zero.
    Zero,
    /// It is still to be added.
    Pending,
}

impl<'a> Scene<'a> {
    pub(super) fn new(session: &'a Session, look: Look, theme: Theme) -> Self {
        let mut scene = Self {
            session,
            look,
            has_halves: theme.has_halves(),
            current: session.element(),
            senders: BTreeMap::new(),
            strongest: Vec::new(),
            sources: BTreeMap::new(),
            field: session
                .element()
                .map(|element| session.backprop().receptive_field(element, LARGEST_FIELD))
                .unwrap_or_default(),
            windows: windows(session),
            scale: Scale::default(),
            widths: RefCell::default(),
            columns: RefCell::default(),
            interest: RefCell::default(),
        };
        let terms = session.terms();
        for number in numbered(session) {
            let term = &terms[number];
            scene.senders.entry(term.from).or_default().push(number);
            for source in term
                .factors
                .iter()
                .flatten()
                .filter_map(|factor| factor.source)
            {
                scene.sources.entry(source).or_default().push(number);
            }
        }
        scene.strongest = scene.by_strength();
        scene
    }

    fn by_strength(&self) -> Vec<Element> {
        let terms = self.session.terms();
        let strength = |numbers: &Vec<usize>| -> f64 {
            numbers.iter().map(|&term| terms[term].product.abs()).sum()
        };
        let mut senders: Vec<_> = self
            .senders
            .iter()
            .map(|(&sender, numbers)| (sender, strength(numbers)))
            .collect();
        senders.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        senders.into_iter().map(|(sender, _)| sender).collect()
    }

    /// The neuron that is looked at without going there.
    pub(super) fn cursor(&self) -> Option<Element> {
        self.session.view_options.cursor
    }

    /// Makes room for a number in a column.
    pub(super) fn fit(&self, column: &mut Aligned, value: f64) {
        let precision = column.precision();
        let mut known = self.widths.borrow_mut();
        let widths = known.entry((value.to_bits(), precision));
        column.fit_widths(*widths.or_insert_with(|| split(&precision.write(value))));
    }

    /// How wide some cells of a column are, measured once.
    pub(super) fn measured(&self, cells: Cells, measure: impl FnOnce() -> Aligned) -> Aligned {
        let mut columns = self.columns.borrow_mut();
        *columns.entry(cells).or_insert_with(measure)
    }

    /// The places in a tensor whose neurons send terms, those without a number on the map too.
    pub(super) fn all_senders_of(&self, tensor: TensorId) -> BTreeSet<usize> {
        let terms = self.session.terms();
        if terms.len() <= MOST_NUMBERED {
            return self.senders_of(tensor).collect();
        }
        let of_tensor = terms.iter().filter(|term| term.from.tensor == tensor);
        of_tensor.map(|term| term.from.at).collect()
    }

    /// The numbers of the terms that a neuron sends.
    pub(super) fn sends(&self, element: Element) -> &[usize] {
        let senders = Some(&self.senders).filter(|_| self.shows(Shown::Senders));
        senders
            .and_then(|senders| senders.get(&element))
            .map_or(&[], Vec::as_slice)
    }

    /// The numbers of the terms in which a neuron or weight is a factor.
    pub(super) fn used_in(&self, element: Element) -> &[usize] {
        let sources = Some(&self.sources).filter(|_| self.shows(Shown::Factors));
        sources
            .and_then(|sources| sources.get(&element))
            .map_or(&[], Vec::as_slice)
    }

    /// Whether so much of the step is not asked about any more.
    pub(super) fn shows(&self, what: Shown) -> bool {
        self.session.shown() >= what
    }

    /// Whether the current neuron is computed from this one.
    pub(super) fn in_field(&self, element: Element) -> bool {
        self.field.binary_search(&element).is_ok()
    }

    /// The places in a tensor whose neurons send terms.
    pub(super) fn senders_of(&self, tensor: TensorId) -> impl Iterator<Item = usize> {
        let all = Element { tensor, at: 0 }..=Element {
            tensor,
            at: usize::MAX,
        };
        self.senders.range(all).map(|(element, _)| element.at)
    }

    /// Whether neurons of a tensor send terms.
    pub(super) fn sends_from(&self, tensor: TensorId) -> bool {
        self.senders_of(tensor).next().is_some()
    }

    /// Whether neurons of a tensor send terms, are factors of them, or are what the current one is
    /// computed from.
    pub(super) fn is_read(&self, tensor: TensorId) -> bool {
        let all = Element { tensor, at: 0 }..=Element {
            tensor,
            at: usize::MAX,
        };
        self.sends_from(tensor)
            || self.sources.range(all).next().is_some()
            || self.field.iter().any(|element| element.tensor == tensor)
    }

    /// The tensors whose neurons send terms.
    pub(super) fn downstream(&self) -> BTreeSet<TensorId> {
        self.senders.keys().map(|element| element.tensor).collect()
    }

    /// The tensors whose neurons are factors.
    pub(super) fn sources(&self) -> BTreeSet<TensorId> {
        self.sources.keys().map(|element| element.tensor).collect()
    }

    /// The tensors whose neurons are factors, and then those that the current neuron is computed
    /// from.
    pub(super) fn behind(&self) -> Vec<TensorId> {
        let mut tensors: Vec<TensorId> = self.sources().into_iter().collect();
        let of_field = self.field.chunk_by(|one, next| one.tensor == next.tensor);
        tensors.extend(of_field.map(|field| field[0].tensor));
        tensors
    }

    /// Whether a tensor has the current neuron or one that sends it something.
    pub(super) fn is_in_step(&self, tensor: TensorId) -> bool {
        self.current.is_some_and(|current| current.tensor == tensor)
            || self.downstream().contains(&tensor)
    }

    /// The places in a tensor that a look at it is about, the most important first: the cursor, the
    /// current neuron, the sender of the term that was added last, all senders by their strength,
    /// factors, the receptive field.
    pub(super) fn interest(&self, tensor: TensorId) -> Rc<[usize]> {
        let mut known = self.interest.borrow_mut();
        let places = known.entry(tensor);
        let places = places.or_insert_with(|| self.places_of_interest(tensor).into());
        Rc::clone(places)
    }

    fn places_of_interest(&self, tensor: TensorId) -> Vec<usize> {
        let within = Element { tensor, at: 0 }..=Element {
            tensor,
            at: usize::MAX,
        };
        let looked = [self.cursor(), self.current];
        if let Some(looked) = looked.into_iter().flatten().find(|it| it.tensor == tensor) {
            return vec![looked.at];
        }
        let last = self.last_added().map(|term| term.from);
        let senders = last.into_iter().chain(self.strongest.iter().copied());
        let of_tensor = senders.filter(|sender| sender.tensor == tensor);
        let mut places: Vec<usize> = of_tensor.map(|sender| sender.at).collect();
        if places.is_empty() {
            // Factors of the strongest terms come first, so that they match the senders in view.
            let all = self.session.terms();
            let strength = |terms: &[usize]| -> f64 {
                let products = terms.iter().map(|&term| all[term].product.abs());
                products.fold(0.0, f64::max)
            };
            let mut sources: Vec<_> = self.sources.range(within.clone()).collect();
            sources.sort_by(|(_, one), (_, other)| strength(other).total_cmp(&strength(one)));
            places.extend(sources.into_iter().map(|(element, _)| element.at));
        }
        if places.is_empty() {
            let field = self.field.iter().filter(|element| within.contains(element));
            places.extend(field.map(|element| element.at));
        }
        places
    }

    /// The term that was added last, while the sum is being built up.
    fn last_added(&self) -> Option<&'a Row> {
        let last = self
            .session
            .added()
            .checked_sub(1)
            .filter(|_| self.session.is_building())?;
        self.session.terms().get(last)
    }

    /// The state of a term.
    pub(super) fn state(&self, number: usize) -> TermState {
        match self.session.terms().get(number) {
            _ if number >= self.session.added() => TermState::Pending,
            Some(term) if term.product == 0.0 => TermState::Zero,
            _ => TermState::Added,
        }
    }

    /// Whether a term is zero, added or not, and that is not asked about.
    pub(super) fn is_zero(&self, number: usize) -> bool {
        let term = self.session.terms().get(number);
        self.shows(Shown::Terms) && term.is_some_and(|term| term.product == 0.0)
    }

    /// Whether a neuron sends something other than 0.
    pub(super) fn counts(&self, element: Element) -> bool {
        self.sends(element).iter().any(|&term| !self.is_zero(term))
    }

    /// How many neurons send something other than 0.
    pub(super) fn n_that_count(&self) -> usize {
        let senders = self.senders.keys();
        senders.filter(|&&element| self.counts(element)).count()
    }

    /// The gradient of a neuron, where it is known and not still being summed.
    pub(super) fn gradient(&self, element: Element) -> Option<f64> {
        let is_open = self.session.is_hidden() || self.session.is_building();
        let known = self.session.known(element)?;
        Some(known).filter(|_| !is_open || self.current != Some(element))
    }

    /// Whether a neuron wins a pooling window.
    pub(super) fn wins(&self, element: Element) -> bool {
        self.shows(Shown::Senders) && self.session.backprop().wins(element)
    }

    /// Whether a neuron stands in a max-pooling window of the step and wins none.
    pub(super) fn loses(&self, element: Element) -> bool {
        let is_in =
            self.in_field(element) || self.windows.iter().any(|window| window.contains(element));
        self.shows(Shown::Senders) && is_in && self.competes(element.tensor) && !self.wins(element)
    }

    /// What a neuron is to a window of the step beyond its numbers: by how much it loses, or its
    /// share.
    pub(super) fn remark(&self, element: Element) -> Option<String> {
        let window = self.windows.iter().find(|window| window.contains(element));
        if self.loses(element) {
            let members = window.map_or(&*self.field, |window| &window.members);
            let value = |element| self.session.backprop().tape().element(element);
            let rivals = members
                .iter()
                .filter(|rival| rival.tensor == element.tensor);
            let largest = rivals.map(|&rival| value(rival)).fold(f64::MIN, f64::max);
            let gap = largest - value(element);
            return Some(if gap > 0.0 {
                format!("lost by {}", rounded(gap, 3))
            } else {
                "tied".to_owned()
            });
        }
        let share = window?.share.filter(|_| self.shows(Shown::Factors))?;
        Some(format!("×{}", rounded(share, 3)))
    }

    /// Whether a tensor's neurons stand in max-pooling windows.
    pub(super) fn competes(&self, tensor: TensorId) -> bool {
        self.session.network().competes(tensor)
    }
}

/// The terms that get a number on the map: all, or of very many those that add most, and while the
/// sum is built up those round the one that was added last.
fn numbered(session: &Session) -> Vec<usize> {
    let terms = session.terms();
    if terms.len() <= MOST_NUMBERED {
        return (0..terms.len()).collect();
    }
    if session.is_building() {
        let first = session.added().saturating_sub(MOST_NUMBERED / 2);
        let first = first.min(terms.len() - MOST_NUMBERED);
        return (first..first + MOST_NUMBERED).collect();
    }
    let mut numbers: Vec<usize> = (0..terms.len()).collect();
    let strength = |&term: &usize| terms[term].product.abs();
    numbers.select_nth_unstable_by(MOST_NUMBERED, |one, other| {
        let order = strength(other).total_cmp(&strength(one));
        order.then(one.cmp(other))
    });
    numbers.truncate(MOST_NUMBERED);
    numbers.sort_unstable();
    numbers
}

/// The pooling windows in which the current neuron stands, one for each term that comes from one.
fn windows(session: &Session) -> Vec<Window> {
    let is_shown = session.shown() >= Shown::Senders;
    let Some(current) = session.element().filter(|_| is_shown) else {
        return Vec::new();
    };
    let pools = |row: &&(usize, &Row)| {
        let mut kinds = row.1.factors.iter().flatten().map(|factor| factor.kind);
        kinds.any(|kind| matches!(kind, FactorKind::Winner | FactorKind::Share))
    };
    let terms: Vec<(usize, &Row)> = session
        .terms()
        .iter()
        .enumerate()
        .take(MOST_WINDOWS)
        .collect();
    let window = |&(term, row): &(usize, &Row)| Window {
        term,
        share: row
            .factors
            .iter()
            .flatten()
            .find(|factor| factor.kind == FactorKind::Share)
            .map(|factor| factor.value),
        members: session
            .backprop()
            .receptive_field(row.from, LARGEST_FIELD)
            .into_iter()
            .filter(|element| element.tensor == current.tensor)
            .collect(),
    };
    terms.iter().filter(pools).map(window).collect()
}
