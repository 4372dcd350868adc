//! What a slip is, and the table of all of them.

use std::fmt;

use super::combining::{COMBINING, Combining};
use super::making::Making;
use super::placing::{PLACING, Placed, Placing};
use super::search::Answered;
use super::site::Site;
use super::terms::TERMS;
use super::working::Working;
use crate::ops::{Activation, FactorKind};
use crate::tape::Network;
use crate::words;

/// A wrong rule in one of the three moves that make a gradient.
pub struct Slip {
    /// Its name in the catalogue and in reports.
    pub id: &'static str,
    /// What the learner did, as a clause that fits after "you" and after "who": `left out the
    /// weight on the wire`.
    pub did: &'static str,
    pub(super) rule: Rule,
    forms: Forms,
}

/// The move that a slip is made in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Move {
    /// Making a term.
    Term,
    /// Combining the terms of a neuron.
    Combine,
    /// Placing the results in the tensor.
    Place,
}

pub(super) type TermRule = fn(&Making<'_, '_>, Form) -> Option<f64>;
pub(super) type CombineRule = fn(&Combining<'_, '_>, Form) -> Option<Working>;
pub(super) type PlaceRule = fn(&Placing<'_, '_>, Form) -> Option<Placed>;

/// What a learner puts in the place of the right rule; nothing where there is nothing to do wrong,
/// and the right rule stands.
#[derive(Clone, Copy)]
pub(super) enum Rule {
    /// The product that is made of one contribution.
    Term(TermRule),
    /// The gradient that is made of one neuron's products.
    Combine(CombineRule),
    /// The number that is written down for one neuron.
    Place(PlaceRule),
}

/// In which forms a slip is made.
#[derive(Clone, Copy)]
enum Forms {
    /// In those that the tensor and its senders allow.
    Predicted(fn(&Site<'_>) -> Vec<Form>),
    /// In those that a learner's own numbers show.
    Recognised(fn(&Site<'_>, &Answered<'_>) -> Vec<Form>),
}

/// A form of a slip that can be made in several.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Form {
    /// The only one.
    Plain,
    /// One place along an axis.
    Step {
        /// The axis.
        axis: usize,
        /// Which neighbour is taken.
        toward: Toward,
    },
    /// In the place of factors of this kind.
    InsteadOf(FactorKind),
    /// With the slope of this activation.
    Slope(Activation, Seen),
    /// With another rule for ties.
    Ties(Convention),
    /// With only what comes back from the layer of this number.
    Branch(usize),
    /// With this factor.
    Factor(f64),
    /// With so many decimals.
    Decimals(u8),
}

/// A neighbour along an axis, where the last place is followed by the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toward {
    /// The one before.
    Previous,
    /// The one after.
    Next,
}

/// From where a learner takes a slope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// As a function of the activation's input z.
    FromInput,
    /// By the formula in the activation's output a, such as a(1 − a).
    FromOutput,
}

/// Who gets the gradient of a window with a tie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Convention {
    /// The first in reading order.
    First,
    /// The last in reading order.
    Last,
    /// Each an even share.
    Split,
    /// Each all of it.
    All,
}

impl Slip {
    /// A slip in making a term.
    pub(super) const fn term(id: &'static str, did: &'static str, rule: TermRule) -> Self {
        Self::of(id, did, Rule::Term(rule))
    }

    /// A slip in combining the terms.
    pub(super) const fn combine(id: &'static str, did: &'static str, rule: CombineRule) -> Self {
        Self::of(id, did, Rule::Combine(rule))
    }

    /// A slip in placing the results.
    pub(super) const fn place(id: &'static str, did: &'static str, rule: PlaceRule) -> Self {
        Self::of(id, did, Rule::Place(rule))
    }

    const fn of(id: &'static str, did: &'static str, rule: Rule) -> Self {
        Self {
            id,
            did,
            rule,
            forms: Forms::Predicted(|_| vec![Form::Plain]),
        }
    }

    /// The slip with the forms that a tensor and its senders allow.
    pub(super) const fn in_forms(self, forms: fn(&Site<'_>) -> Vec<Form>) -> Self {
        Self {
            forms: Forms::Predicted(forms),
            ..self
        }
    }

    /// The slip with forms that only a learner's own numbers show, so that nobody predicts it.
    pub(super) const fn recognised(self, forms: fn(&Site<'_>, &Answered<'_>) -> Vec<Form>) -> Self {
        Self {
            forms: Forms::Recognised(forms),
            ..self
        }
    }

    /// Whether only a learner's own numbers show the slip.
    pub(super) fn is_recognised(&self) -> bool {
        matches!(self.forms, Forms::Recognised(_))
    }

    /// The move that the slip is made in.
    pub fn which(&self) -> Move {
        match self.rule {
            Rule::Term(_) => Move::Term,
            Rule::Combine(_) => Move::Combine,
            Rule::Place(_) => Move::Place,
        }
    }

    /// The slip in each form that may be looked for; `answered` holds a learner's numbers, where
    /// there are any.
    pub(super) fn choices(
        &'static self,
        site: &Site<'_>,
        answered: Option<&Answered<'_>>,
    ) -> Vec<Choice> {
        let forms = match (self.forms, answered) {
            (Forms::Predicted(forms), _) => forms(site),
            (Forms::Recognised(forms), Some(answered)) => forms(site, answered),
            (Forms::Recognised(_), None) => Vec::new(),
        };
        forms
            .into_iter()
            .map(|form| Choice { slip: self, form })
            .collect()
    }
}

impl PartialEq for Slip {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl fmt::Debug for Slip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

/// All slips, in the catalogue's order.
pub fn slips() -> impl Iterator<Item = &'static Slip> {
    TERMS.iter().chain(COMBINING).chain(PLACING)
}

/// The slip of that id.
pub fn slip(id: &str) -> Option<&'static Slip> {
    slips().find(|slip| slip.id == id)
}

/// A slip in one of its forms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// The slip.
    pub slip: &'static Slip,
    /// Its form.
    pub form: Form,
}

impl Choice {
    /// What the learner did, in this form: a clause that fits after "you" and after "who".
    pub fn did(&self, network: &Network) -> String {
        let how = match self.form {
            Form::Plain | Form::Step { .. } => String::new(),
            Form::InsteadOf(FactorKind::Weight) => " instead of the weight".to_owned(),
            Form::InsteadOf(_) => " instead of the other factor".to_owned(),
            Form::Slope(activation, Seen::FromInput) => {
                format!(", {}", activation.title())
            }
            Form::Slope(activation, Seen::FromOutput) => {
                let formula = activation
                    .slope_by_output()
                    .map_or("slope", |by| by.formula);
                format!(", the {formula} of a {}", activation.title())
            }
            Form::Ties(convention) => format!(", “{}”", convention.name()),
            Form::Branch(layer) => format!(
                ", from {}",
                network.tensor(network.layers()[layer].output).name
            ),
            Form::Factor(factor) => format!(", {}", words::ratio(factor)),
            Form::Decimals(1) => ", to 1 decimal".to_owned(),
            Form::Decimals(n) => format!(", to {n} decimals"),
        };
        format!("{}{how}", self.slip.did)
    }
}

impl Convention {
    /// The rule's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Last => "last",
            Self::Split => "split",
            Self::All => "all",
        }
    }
}
