//! What a slip is.

use std::fmt;

use super::context::{
    Answered, GradientContext, Placement, PlacementContext, SumContext, TermContext,
};
use super::derivation::Derivation;
use super::form::Form;

/// The largest number of accidental fits that an explanation may be expected to have.
pub(super) const BETTER_THAN_CHANCE: f64 = 0.05;

/// A wrong rule in one of the three stages that make a gradient.
pub struct Slip {
    /// Its name in the catalogue and in reports.
    pub id: &'static str,
    /// What the learner did, as a clause that fits after "you" and after "who": `left out the
    /// weight on the wire`.
    pub did: &'static str,
    pub(super) rule: Rule,
    forms: Forms,
}

/// The stage that a slip is made in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// A term is made.
    Term,
    /// The terms of an element are combined.
    Sum,
    /// The results are placed in the tensor.
    Placement,
}

pub(super) type TermRule = fn(&TermContext<'_, '_>, Form) -> Option<f64>;
pub(super) type SumRule = fn(&SumContext<'_, '_>, Form) -> Option<Derivation>;
pub(super) type PlacementRule = fn(&PlacementContext<'_, '_>, Form) -> Option<Placement>;

/// What a learner puts in the place of the right rule; nothing where there is nothing to do wrong,
/// and the right rule stands.
#[derive(Clone, Copy)]
pub(super) enum Rule {
    /// The product that is made of one contribution.
    Term(TermRule),
    /// The gradient that is made of one neuron's products.
    Sum(SumRule),
    /// The number that is written down for one neuron.
    Placement(PlacementRule),
}

/// In which forms a slip is made.
#[derive(Clone, Copy)]
enum Forms {
    /// In those that the tensor and its senders allow.
    Predicted(fn(&GradientContext<'_>) -> Vec<Form>),
    /// In those that a learner's own numbers show.
    Recognised(fn(&GradientContext<'_>, &Answered<'_>) -> Vec<Form>),
}

impl Slip {
    /// A slip in making a term.
    pub(super) const fn term(id: &'static str, did: &'static str, rule: TermRule) -> Self {
        Self::of(id, did, Rule::Term(rule))
    }

    /// A slip in combining the terms.
    pub(super) const fn sum(id: &'static str, did: &'static str, rule: SumRule) -> Self {
        Self::of(id, did, Rule::Sum(rule))
    }

    /// A slip in placing the results.
    pub(super) const fn placement(
        id: &'static str,
        did: &'static str,
        rule: PlacementRule,
    ) -> Self {
        Self::of(id, did, Rule::Placement(rule))
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
    pub(super) const fn in_forms(self, forms: fn(&GradientContext<'_>) -> Vec<Form>) -> Self {
        Self {
            forms: Forms::Predicted(forms),
            ..self
        }
    }

    /// The slip with forms that only a learner's own numbers show, so that nobody predicts it.
    pub(super) const fn recognised(
        self,
        forms: fn(&GradientContext<'_>, &Answered<'_>) -> Vec<Form>,
    ) -> Self {
        Self {
            forms: Forms::Recognised(forms),
            ..self
        }
    }

    /// Whether only a learner's own numbers show the slip.
    pub(super) fn is_recognised(&self) -> bool {
        matches!(self.forms, Forms::Recognised(_))
    }

    /// The stage that the slip is made in.
    pub fn stage(&self) -> Stage {
        match self.rule {
            Rule::Term(_) => Stage::Term,
            Rule::Sum(_) => Stage::Sum,
            Rule::Placement(_) => Stage::Placement,
        }
    }

    /// The slip in each form that may be looked for; `answered` holds a learner's numbers, where
    /// there are any.
    pub(super) fn choices(
        &'static self,
        context: &GradientContext<'_>,
        answered: Option<&Answered<'_>>,
    ) -> Vec<Choice> {
        let forms = match (self.forms, answered) {
            (Forms::Predicted(forms), _) => forms(context),
            (Forms::Recognised(forms), Some(answered)) => forms(context, answered),
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

/// A slip in one of its forms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// The slip.
    pub slip: &'static Slip,
    /// Its form.
    pub form: Form,
}

impl Choice {
    /// Whether a learner who makes this choice is told the same as one who makes the other.
    pub(super) fn is_told_like(self, other: Self) -> bool {
        self.slip == other.slip && self.form.is_told_like(other.form)
    }
}
