//! The slips in an update: another new value of a parameter from its gradient, and gradients that
//! take parameters as they are after the update.

use smallvec::SmallVec;

use crate::marking::context::SumContext;
use crate::marking::derivation::{Combination, Derivation};
use crate::marking::form::Form;
use crate::marking::slip::Slip;
use crate::ops::{Contribution, FactorKind};
use crate::optim::{Optimizer, Rule};
use crate::tape::Kind;
use crate::tensor::{Element, TensorId};

pub(super) const UPDATES: &[Slip] = &[
    Slip::sum(
        "added-instead-of-subtracted",
        "added the step instead of subtracting it",
        |sum, _| {
            parameter(sum)?;
            Some(Derivation {
                numbers: sum.products.iter().map(|product| -product).collect(),
                ..sum.whole(Combination::Added)
            })
        },
    ),
    Slip::sum(
        "old-value-left-out",
        "wrote the step alone, without the old value",
        |sum, _| {
            parameter(sum).filter(|_| !sum.products.is_empty())?;
            Some(Derivation {
                given: None,
                ..sum.whole(Combination::Added)
            })
        },
    ),
    Slip::sum("step-left-out", "left the old value as it was", |sum, _| {
        parameter(sum).filter(|_| !sum.products.is_empty())?;
        Some(Derivation {
            numbers: SmallVec::new(),
            ..sum.whole(Combination::Added)
        })
    }),
    Slip::sum("rate-left-out", "left out the learning rate", |sum, _| {
        by(sum, |of| Some(Optimizer { lr: 1.0, ..*of }))
    }),
    Slip::sum(
        "rate-taken-twice",
        "took the learning rate twice",
        |sum, _| {
            by(sum, |of| {
                let lr = of.lr * of.lr;
                Some(Optimizer { lr, ..*of })
            })
        },
    ),
    Slip::sum("momentum-forgotten", "forgot the momentum", |sum, _| {
        by(sum, |of| {
            let has_velocity = match of.rule {
                Rule::Sgd | Rule::Rmsprop => of.momentum != 0.0,
                Rule::Adam | Rule::AdamW | Rule::Adagrad => false,
            };
            has_velocity.then_some(Optimizer {
                momentum: 0.0,
                dampening: 0.0,
                nesterov: false,
                ..*of
            })
        })
    }),
    Slip::sum(
        "weight-decay-left-out",
        "left out the weight decay",
        |sum, _| {
            by(sum, |of| {
                (of.weight_decay != 0.0).then_some(Optimizer {
                    weight_decay: 0.0,
                    ..*of
                })
            })
        },
    ),
    Slip::sum(
        "sum-instead-of-the-mean",
        "took the gradient of the sum where the loss is a mean",
        sum_for_mean,
    ),
    Slip::sum(
        "updated-weights-used",
        "used weights that are updated already",
        with_new_weights,
    ),
];

/// The parameter whose new value is worked out, where it is one.
fn parameter(sum: &SumContext<'_, '_>) -> Option<TensorId> {
    let network = sum.gradient.backprop.network();
    match network.tensor(sum.gradient.tensor).kind {
        Kind::Updated(parameter) => Some(parameter),
        Kind::Input | Kind::Layer(_) | Kind::Parameter(_) | Kind::PreActivation(_) => None,
    }
}

/// The new value by an optimizer with other settings, where there is something to change.
fn by(
    sum: &SumContext<'_, '_>,
    change: impl FnOnce(&Optimizer) -> Option<Optimizer>,
) -> Option<Derivation> {
    let tensor = parameter(sum)?;
    let backprop = sum.gradient.backprop;
    let optimizer = change(backprop.optimizer()?)?;
    let (element, gradient) = (Element { tensor, at: sum.at }, None);
    let mut numbers = SmallVec::new();
    backprop.new_value_by(&optimizer, element, gradient, &mut |term| {
        numbers.push(term.product());
    });
    Some(without_the_first(numbers))
}

/// A sum that begins with its first number.
fn without_the_first(mut numbers: SmallVec<[f64; 8]>) -> Derivation {
    let first = numbers.first().copied();
    if first.is_some() {
        numbers.remove(0);
    }
    Derivation {
        given: first,
        numbers,
        how: Combination::Added,
    }
}

/// The new value by a gradient that is as many times too large as the loss takes its mean of.
fn sum_for_mean(sum: &SumContext<'_, '_>, _: Form) -> Option<Derivation> {
    let tensor = parameter(sum)?;
    let backprop = sum.gradient.backprop;
    let optimizer = backprop.optimizer()?;
    let network = backprop.network();
    let losses = backprop.upstream().keys();
    let scales = losses.filter_map(|&loss| {
        let layer = network.layer_of(loss)?;
        let &input = layer.inputs.first()?;
        let first = Element {
            tensor: network.base(input),
            at: 0,
        };
        let terms: Vec<Contribution> = backprop.contributions(first);
        let term = terms.into_iter().find(|term| term.from.tensor == loss)?;
        let scale = term
            .factors
            .iter()
            .find(|factor| factor.kind == FactorKind::Scale)?;
        (scale.value > 0.0 && scale.value < 1.0).then_some(scale.value)
    });
    let scale = scales.reduce(f64::min)?;
    let element = Element { tensor, at: sum.at };
    let gradient = backprop.element(element) / scale;
    let mut numbers = SmallVec::new();
    backprop.new_value_by(optimizer, element, Some(gradient), &mut |term| {
        numbers.push(term.product());
    });
    Some(without_the_first(numbers))
}

/// What comes of gradients that come back through weights as they are after the update. Forwards
/// everything is as it was.
fn with_new_weights(sum: &SumContext<'_, '_>, _: Form) -> Option<Derivation> {
    let wrong = sum.gradient.with_new_weights()?;
    let (backprop, at) = (sum.gradient.backprop, sum.at);
    let Some(tensor) = parameter(sum) else {
        let tensor = sum.gradient.tensor;
        let terms = wrong.contributions(Element { tensor, at });
        return Some(Derivation {
            numbers: terms.iter().map(Contribution::product).collect(),
            ..sum.whole(Combination::Added)
        });
    };
    let element = Element { tensor, at };
    let gradient = wrong.element(element);
    let mut numbers = SmallVec::new();
    backprop.new_value_by(
        backprop.optimizer()?,
        element,
        Some(gradient),
        &mut |term| {
            numbers.push(term.product());
        },
    );
    Some(without_the_first(numbers))
}
