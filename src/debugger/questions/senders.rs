//! Which neurons send something?

use std::collections::BTreeSet;

use crate::debugger::Session;
use crate::debugger::question::{Alternative, MOST};
use crate::diagnostic::list;
use crate::tensor::{Element, TensorId};
use crate::words;

/// More neurons than this are counted, not named.
const MOST_NAMED: usize = 3;

/// The question. A term that is 0 counts as nothing that is sent.
pub(super) fn question(session: &Session, element: Element) -> (String, Vec<Alternative>) {
    let name = session.network().address(element);
    let asks = format!("Which neurons send {name} a gradient other than 0?");
    let sets = Sets::new(session, element);
    let sending = sets.sending.clone();
    let right = Alternative::right(sets.named(&sending), "");
    let mut alternatives = vec![(sending.len(), right)];
    for (set, why) in sets.wrong() {
        let says = sets.named(&set);
        let is_new = alternatives.iter().all(|(_, known)| known.says != says);
        if is_new && alternatives.len() < MOST {
            alternatives.push((set.len(), Alternative::wrong(says, why)));
        }
    }
    alternatives.sort_by(|(n, one), (m, other)| n.cmp(m).then(one.says.cmp(&other.says)));
    let alternatives = alternatives.into_iter().map(|(_, alternative)| alternative);
    (asks, alternatives.collect())
}

/// The sets of neurons that somebody may take for the senders.
struct Sets<'a> {
    session: &'a Session,
    element: Element,
    /// Those whose terms are not 0.
    sending: Vec<Element>,
    /// Those that are computed from the neuron.
    connected: Vec<Element>,
}

impl<'a> Sets<'a> {
    fn new(session: &'a Session, element: Element) -> Self {
        let rows = session.terms().iter();
        let sending = rows.clone().filter(|row| row.product != 0.0);
        Self {
            session,
            element,
            sending: distinct(sending.map(|row| row.from)),
            connected: distinct(rows.map(|row| row.from)),
        }
    }

    /// Wrong sets with what is wrong with them, those that teach most first.
    fn wrong(&self) -> impl Iterator<Item = (Vec<Element>, String)> {
        [
            self.connected(),
            self.all(),
            self.largest(),
            self.none(),
            self.stranger(),
        ]
        .into_iter()
        .flatten()
    }

    /// All that are computed from the neuron, those too whose terms are 0.
    fn connected(&self) -> Option<(Vec<Element>, String)> {
        let session = self.session;
        let zero = session.terms().iter().find(|row| row.product == 0.0)?;
        let from = session.network().address(zero.from);
        let reason = words::why_zero_in_numbers(session.backprop(), self.element, zero)?;
        Some((self.connected.clone(), format!("{from} sends 0: {reason}")))
    }

    /// Whole tensors.
    fn all(&self) -> Option<(Vec<Element>, String)> {
        let (_, why) = self.stranger()?;
        Some((self.downstream().collect(), why))
    }

    /// A neuron of a downstream tensor that is not computed from this one.
    fn stranger(&self) -> Option<(Vec<Element>, String)> {
        let connected: BTreeSet<&Element> = self.connected.iter().collect();
        let stranger = self.downstream().find(|other| !connected.contains(other))?;
        let network = self.session.network();
        let (stranger_name, name) = (network.address(stranger), network.address(self.element));
        let why = format!("{stranger_name} is not computed from {name}");
        Some((vec![stranger], why))
    }

    /// The one that sends most.
    fn largest(&self) -> Option<(Vec<Element>, String)> {
        let rows = self.session.terms().iter();
        let largest =
            rows.max_by(|one, other| one.product.abs().total_cmp(&other.product.abs()))?;
        let other = self.sending.iter().find(|&&other| other != largest.from)?;
        let other = self.session.network().address(*other);
        Some((vec![largest.from], format!("{other} sends something too")))
    }

    fn none(&self) -> Option<(Vec<Element>, String)> {
        let network = self.session.network();
        let first = network.address(*self.sending.first()?);
        let name = network.address(self.element);
        let why = format!("{first} is computed from {name} and changes with it");
        Some((Vec::new(), why))
    }

    /// All neurons of the tensors that some sender is in.
    fn downstream(&self) -> impl Iterator<Item = Element> {
        let network = self.session.network();
        let tensors: BTreeSet<TensorId> = self
            .connected
            .iter()
            .map(|element| element.tensor)
            .collect();
        tensors.into_iter().flat_map(move |tensor| {
            let n = network.tensor(tensor).shape.numel();
            (0..n).map(move |at| Element { tensor, at })
        })
    }

    /// Writes a set: a few neurons by name, more with their number.
    fn named(&self, set: &[Element]) -> String {
        let network = self.session.network();
        let name = |element: &Element| network.address(*element).to_string();
        match set {
            [] => "none".to_owned(),
            [first, .., last] if set.len() > MOST_NAMED => {
                format!("{} neurons, {} … {}", set.len(), name(first), name(last))
            }
            _ => list(&set.iter().map(name).collect::<Vec<_>>(), "and"),
        }
    }
}

/// The elements, each once, in their order.
fn distinct(elements: impl Iterator<Item = Element>) -> Vec<Element> {
    let mut seen = BTreeSet::new();
    elements.filter(|element| seen.insert(*element)).collect()
}
