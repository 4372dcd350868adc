//! What a condition can ask of a neuron.

use std::cell::OnceCell;

use super::expression::{Condition, Quantity, Word};
use crate::backprop::{Backprop, Contributor, loss};
use crate::debugger::loaded_answer::LoadedAnswer;
use crate::debugger::tensor_healths::TensorHealths;
use crate::health::{self, Side};
use crate::ops::{Contribution, OperandRole};
use crate::tape::Kind;
use crate::tensor::Element;

/// What is true of a neuron. What takes long to find out is found out when it is asked for, and
/// once; what is the same for all neurons of a tensor stays on the way from one to the next.
pub(in crate::debugger) struct Predicates<'a> {
    backprop: &'a Backprop,
    answer: Option<&'a LoadedAnswer>,
    health: &'a TensorHealths,
    element: Element,
    /// The layers that send gradients back to the neuron's tensor; nothing for what becomes of a
    /// parameter in an update.
    contributors: OnceCell<Option<Vec<Contributor<'a>>>>,
}

impl<'a> Predicates<'a> {
    /// The predicates about a neuron that no view shows under another name.
    pub(in crate::debugger) fn new(
        backprop: &'a Backprop,
        answer: Option<&'a LoadedAnswer>,
        health: &'a TensorHealths,
        element: Element,
    ) -> Self {
        Self {
            backprop,
            answer,
            health,
            element,
            contributors: OnceCell::new(),
        }
    }

    /// The predicates about another neuron.
    #[must_use]
    pub(in crate::debugger) fn about(mut self, element: Element) -> Self {
        if element.tensor != self.element.tensor {
            self.contributors = OnceCell::new();
        }
        Self { element, ..self }
    }

    /// Whether a condition is true of the neuron.
    pub(in crate::debugger) fn fulfil(&self, condition: &Condition) -> bool {
        match condition {
            Condition::Compares(quantity, relation, number) => {
                relation.holds(self.quantity(*quantity), *number)
            }
            Condition::Is(word) => self.is(*word),
            Condition::Finds(watch) => {
                let health = || self.health.of(self.backprop, self.element.tensor);
                watch.is_at(self.backprop, self.element, health)
            }
            Condition::Not(condition) => !self.fulfil(condition),
            Condition::All(parts) => parts.iter().all(|part| self.fulfil(part)),
            Condition::Any(parts) => parts.iter().any(|part| self.fulfil(part)),
        }
    }

    fn quantity(&self, quantity: Quantity) -> f64 {
        match quantity {
            Quantity::Gradient => self.gradient(),
            Quantity::AbsoluteGradient => self.gradient().abs(),
            Quantity::Value => self.value(),
            Quantity::AbsoluteValue => self.value().abs(),
            Quantity::Contributions => self.n_terms() as f64,
            Quantity::Change => self.change(),
            Quantity::Update => self.backprop.update() as f64,
            Quantity::AbsoluteChange => self.change().abs(),
            Quantity::Loss => self.loss(),
            Quantity::AbsoluteLoss => self.loss().abs(),
        }
    }

    fn is(&self, word: Word) -> bool {
        match word {
            Word::Tie => self.is_tied(),
            // Only a sum of zeros is zero without being one of opposites, so most neurons are told
            // by their gradient.
            Word::Dead => self.gradient() == 0.0 && self.n_terms() > 0 && !self.has_nonzero_term(),
            Word::Nan => self.value().is_nan() || self.gradient().is_nan(),
            Word::NanAtOrigin => [Side::Values, Side::Gradients].into_iter().any(|side| {
                let element = self.element;
                health::Quantity { element, side }.is_first_nan(self.backprop)
            }),
            Word::Infinite => self.value().is_infinite() || self.gradient().is_infinite(),
            Word::Wrong => {
                let network = self.backprop.network();
                self.answer
                    .is_some_and(|answer| answer.is_wrong(network, self.element))
            }
        }
    }

    fn value(&self) -> f64 {
        self.backprop.tape().element(self.element)
    }

    fn gradient(&self) -> f64 {
        self.backprop.element(self.element)
    }

    fn loss(&self) -> f64 {
        loss(self.backprop, self.backprop.tape())
    }

    /// By how much the update moves the neuron.
    fn change(&self) -> f64 {
        let network = self.backprop.network();
        let (before, new) = match network.tensor(self.element.tensor).kind {
            Kind::Updated(parameter) => (parameter, Some(self.element.tensor)),
            Kind::Input | Kind::Layer(_) | Kind::Parameter(_) | Kind::PreActivation(_) => {
                let own = self.element.tensor;
                (own, network.updated(own))
            }
        };
        new.map_or(0.0, |new| {
            let at = self.element.at;
            self.backprop.gradient(new).data()[at] - self.backprop.tape().value(before).data()[at]
        })
    }

    /// How many terms its sum has.
    fn n_terms(&self) -> usize {
        let at = self.element.at;
        match self.contributors() {
            Some(all) => all.iter().map(|contributor| contributor.n_terms(at)).sum(),
            None => self.backprop.contributions(self.element).len(),
        }
    }

    /// Whether one of its terms is not zero.
    fn has_nonzero_term(&self) -> bool {
        let (at, mut has_one) = (self.element.at, false);
        let mut visit = |term: Contribution| has_one |= term.product() != 0.0;
        match self.contributors() {
            Some(all) => all.iter().for_each(|one| one.visit(at, &mut visit)),
            None => self.backprop.terms(self.element, &mut visit),
        }
        has_one
    }

    fn contributors(&self) -> Option<&[Contributor<'a>]> {
        let tensor = self.element.tensor;
        let work = || match self.backprop.network().tensor(tensor).kind {
            Kind::Updated(_) => None,
            Kind::Input | Kind::Layer(_) | Kind::Parameter(_) | Kind::PreActivation(_) => {
                Some(self.backprop.contributors(tensor).collect())
            }
        };
        self.contributors.get_or_init(work).as_deref()
    }

    fn is_tied(&self) -> bool {
        let network = self.backprop.network();
        let pooling = network
            .consumers(self.element.tensor)
            .iter()
            .filter(|consumer| {
                let layer = network.layer(consumer.layer);
                layer.op.ties().is_some() && self.backprop.reaches(layer.output)
            });
        pooling
            .into_iter()
            .any(|consumer| self.is_tied_in(consumer.layer, consumer.role))
    }

    /// Whether the neuron shares the maximum of one of a pooling layer's windows.
    fn is_tied_in(&self, layer: usize, role: OperandRole) -> bool {
        let run = self.backprop.layer_run(layer);
        let op = &self.backprop.network().layer(layer).op;
        let value = self.value();
        let mut won = Vec::new();
        op.contributions(&run, role, self.element.at, &mut |term| {
            if run.output.value(term.from.at) == value {
                won.push(term.from.at);
            }
        });
        won.into_iter().any(|output| {
            let mut n_winners = 0;
            op.receptive_field(&run, role, output, &mut |at| {
                n_winners += usize::from(run.input().value(at) == value)
            });
            n_winners > 1
        })
    }
}
