//! What becomes of the parameters, once their gradients are known: the sums of an update.

use std::collections::BTreeMap;
use std::sync::Arc;

use smallvec::SmallVec;

use super::Backprop;
use super::moment::Moment;
use crate::ops::{Contribution, Factor, FactorKind};
use crate::optim::{Kept, Optimizer, Part, Place, Quantity, Rule, Sum};
use crate::tensor::{Element, Tensor, TensorId};

impl Backprop {
    /// Returns the same backprop as that of an update, which is the first unless this says
    /// otherwise.
    #[must_use]
    pub fn at_moment(&self, moment: Arc<Moment>) -> Self {
        let network = self.network();
        let mut gradients: Vec<_> = self.gradients.to_vec();
        for (_, new) in network.all_updated() {
            gradients[new.0 as usize].take();
        }
        Self {
            moment: Some(moment),
            gradients: gradients.into(),
            ..self.clone()
        }
    }

    /// The number of the update that follows from the gradients, counted from 1.
    pub fn update(&self) -> usize {
        self.moment.as_ref().map_or(1, |moment| moment.update)
    }

    /// Computes the new values of a parameter, as [`Backprop::compute`] does what is a gradient.
    pub(super) fn compute_updated(&self, parameter: TensorId, new: TensorId, done: usize) -> usize {
        let first = self.compute(parameter, done);
        self.computed(new);
        first
    }

    /// The values of a parameter after the update. One that no gradient reaches keeps its own, as
    /// `torch.optim` passes over what has no gradient.
    pub(super) fn new_values(&self, parameter: TensorId) -> Tensor {
        let values = self.tape().value(parameter);
        let Some(optimizer) = self.optimizer().filter(|_| self.reaches(parameter)) else {
            return values.clone();
        };
        // Not as it stands: whoever asks for this alone may be the first who looks at it.
        let gradient = self.gradient(parameter);
        self.with_kept(parameter, |kept| {
            optimizer.updated(self.update(), values, gradient, kept)
        })
    }

    /// Visits the terms of the new value of a parameter's element.
    pub(super) fn terms_of_update(
        &self,
        parameter: TensorId,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        let tensor = parameter;
        self.sums_of_update(Element { tensor, at }, &mut |sum, _, term| {
            if sum == Sum::Value {
                visit(term);
            }
        });
    }

    /// Visits the terms of every sum in the update of a parameter's element: those of what the
    /// optimizer keeps, and at last those of the new value. A term's upstream number is what the
    /// quantity is, and it comes from the element itself.
    pub fn sums_of_update(
        &self,
        element: Element,
        visit: &mut dyn FnMut(Sum, Quantity, Contribution),
    ) {
        let Some(optimizer) = self.optimizer().filter(|_| self.reaches(element.tensor)) else {
            let value = Contribution {
                from: element,
                upstream: self.tape().element(element),
                factors: SmallVec::new(),
            };
            return visit(Sum::Value, Quantity::Value, value);
        };
        self.with_kept(element.tensor, |kept| {
            let place = Place {
                update: self.update(),
                at: element.at,
                value: self.tape().element(element),
                gradient: self.element(element),
                kept,
            };
            optimizer.terms(&place, &mut |sum, quantity, upstream, factors| {
                visit(sum, quantity, contribution(element, upstream, factors));
            });
        });
    }

    /// Visits the terms of an element's new value by another optimizer, or by another gradient.
    pub(crate) fn new_value_by(
        &self,
        optimizer: &Optimizer,
        element: Element,
        gradient: Option<f64>,
        visit: &mut dyn FnMut(Contribution),
    ) {
        self.with_kept(element.tensor, |kept| {
            let place = Place {
                update: self.update(),
                at: element.at,
                value: self.tape().element(element),
                gradient: gradient.unwrap_or_else(|| self.element(element)),
                kept,
            };
            optimizer.terms(&place, &mut |sum, _, upstream, factors| {
                if sum == Sum::Value {
                    visit(contribution(element, upstream, factors));
                }
            });
        });
    }

    /// Returns the backprop in which gradients come back through other values of some parameters,
    /// though forwards nothing is other than it was.
    pub(crate) fn through(&self, values: BTreeMap<TensorId, Tensor>) -> Self {
        Self {
            moment: self.moment.clone(),
            ..self.again(self.tape().with_values(values))
        }
    }

    /// What the optimizer has kept of a parameter until this update, each with the sum that it is
    /// of; nothing before the first.
    pub fn kept(&self, parameter: TensorId) -> Vec<(Sum, Tensor)> {
        let (Some(optimizer), Some(moment)) = (self.optimizer(), &self.moment) else {
            return Vec::new();
        };
        let kept = moment.kept.get(&parameter).filter(|_| moment.update > 1);
        let shape = self.tape().value(parameter).shape();
        let tensor = |list: &[f64]| Tensor::from_fn(shape.clone(), |at| list[at]);
        let lists = kept.into_iter().flat_map(|kept| kept.lists(optimizer));
        lists.map(|(sum, list)| (sum, tensor(list))).collect()
    }

    /// The optimizer, where there is one.
    pub fn optimizer(&self) -> Option<&Optimizer> {
        Some(&self.network().updates()?.optimizer)
    }

    /// What the optimizer keeps of a parameter; before the first update, what it begins with.
    fn with_kept<T>(&self, parameter: TensorId, act: impl FnOnce(&Kept) -> T) -> T {
        let known = self
            .moment
            .as_ref()
            .and_then(|moment| moment.kept.get(&parameter));
        match (known, self.optimizer()) {
            (Some(kept), _) => act(kept),
            (None, Some(optimizer)) => act(&Kept::before_all(optimizer)),
            (None, None) => act(&Kept::default()),
        }
    }
}

/// A term of an update, which comes from the element itself.
fn contribution(from: Element, upstream: f64, factors: &[(Part, f64)]) -> Contribution {
    let factors = factors.iter();
    Contribution {
        from,
        upstream,
        factors: factors
            .map(|&(part, value)| Factor::of(kind(part), value))
            .collect(),
    }
}

/// What a term of a new value multiplies, by its factors.
pub fn quantity(optimizer: &Optimizer, term: &Contribution) -> Quantity {
    let has = |kind| term.factors.iter().any(|factor| factor.kind == kind);
    if term.factors.is_empty() || has(FactorKind::Decay) {
        Quantity::Value
    } else if has(FactorKind::Momentum) {
        Quantity::Velocity
    } else {
        match optimizer.rule {
            Rule::Adam | Rule::AdamW => Quantity::CorrectedMean,
            Rule::Sgd | Rule::Rmsprop | Rule::Adagrad => Quantity::Gradient,
        }
    }
}

/// What a factor of an update is among the factors of all terms.
fn kind(part: Part) -> FactorKind {
    match part {
        Part::Sign => FactorKind::Sign,
        Part::Rate => FactorKind::Rate,
        Part::Adaptive => FactorKind::Adaptive,
        Part::Momentum => FactorKind::Momentum,
        Part::Dampening => FactorKind::Dampening,
        Part::Decay => FactorKind::Decay,
    }
}
