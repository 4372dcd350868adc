//! A term: a contribution, and what a learner may have put in the place of its factors.

use std::cell::OnceCell;

use crate::backprop::{Backprop, Contributor};
use crate::ops::{
    Activation, Contribution, Factor, FactorKind, OpKind, OperandRole, Simplification,
};

/// A contribution to a neuron, with the layer that sends it.
pub(in crate::marking) struct TermContext<'a, 'r> {
    pub(in crate::marking) backprop: &'r Backprop,
    pub(in crate::marking) contributor: &'a Contributor<'r>,
    pub(in crate::marking) role: OperandRole,
    /// The neuron's place in the operand that the layer reads.
    pub(in crate::marking) at: usize,
    pub(in crate::marking) contribution: Contribution,
    window: OnceCell<Window>,
}

/// Who is who in a window of max pooling, by place in the layer's input.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::marking) struct Window {
    pub(in crate::marking) n: usize,
    pub(in crate::marking) first: usize,
    pub(in crate::marking) smallest: usize,
    pub(in crate::marking) largest_magnitude: usize,
    /// Of those that share the maximum: how many they are, and the first and the last of them.
    pub(in crate::marking) n_tied: usize,
    pub(in crate::marking) first_tied: usize,
    pub(in crate::marking) last_tied: usize,
}

impl<'a, 'r> TermContext<'a, 'r> {
    pub(in crate::marking) fn new(
        backprop: &'r Backprop,
        contributor: &'a Contributor<'r>,
        role: OperandRole,
        at: usize,
        contribution: Contribution,
    ) -> Self {
        Self {
            backprop,
            contributor,
            role,
            at,
            contribution,
            window: OnceCell::new(),
        }
    }

    /// The gradient that arrives.
    pub(in crate::marking) fn upstream(&self) -> f64 {
        self.contribution.upstream
    }

    /// The right product.
    pub(in crate::marking) fn product(&self) -> f64 {
        self.contribution.product()
    }

    /// How the layer that sends the term behaves.
    pub(in crate::marking) fn kind(&self) -> OpKind {
        self.contributor.layer.op.kind()
    }

    /// The value of the neuron or weight that the term is for.
    pub(in crate::marking) fn own_value(&self) -> f64 {
        self.contributor.run.operands.get(self.role).value(self.at)
    }

    /// The value of the downstream neuron.
    pub(in crate::marking) fn output_value(&self) -> f64 {
        self.contributor.run.output.value(self.contribution.from.at)
    }

    /// The activation whose slope is a factor of the term, and its input z there.
    pub(in crate::marking) fn activation(&self) -> Option<(Activation, f64)> {
        let run = &self.contributor.run;
        let own = run
            .activation
            .map(|(activation, z)| (activation, z.data()[self.contribution.from.at]));
        own.or_else(|| {
            self.factor(FactorKind::Slope)?;
            let function = self.contributor.layer.op.function_at(run, self.at)?;
            Some((function, self.own_value()))
        })
    }

    /// Whether it is what a window sends to one of its losers.
    pub(in crate::marking) fn is_lost(&self) -> bool {
        let winner = self.factor(FactorKind::Winner);
        winner.is_some_and(|winner| winner.value == 0.0)
    }

    /// The first factor of a kind.
    pub(in crate::marking) fn factor(&self, kind: FactorKind) -> Option<&Factor> {
        self.contribution
            .factors
            .iter()
            .find(|factor| factor.kind == kind)
    }

    /// The product with `value` in the place of the factors of a kind, where there are any.
    pub(in crate::marking) fn with(&self, kind: FactorKind, value: f64) -> Option<f64> {
        self.from(self.upstream(), kind, value)
    }

    /// The product without the factors of a kind, where there are any.
    pub(in crate::marking) fn without(&self, kind: FactorKind) -> Option<f64> {
        self.with(kind, 1.0)
    }

    /// The product with another number in the place of the upstream gradient, and `value` in that
    /// of the factors of a kind.
    pub(in crate::marking) fn from(
        &self,
        upstream: f64,
        kind: FactorKind,
        value: f64,
    ) -> Option<f64> {
        self.factor(kind)?;
        let values = self.contribution.factors.iter().map(|factor| {
            if factor.kind == kind {
                value
            } else {
                factor.value
            }
        });
        Some(values.fold(upstream, |product, value| product * value))
    }

    /// The product with the weight at another place in the place of the one on the way.
    pub(in crate::marking) fn with_weight_at(
        &self,
        place: impl FnOnce(usize) -> Option<usize>,
    ) -> Option<f64> {
        let on_the_way = self.factor(FactorKind::Weight)?.source?;
        let weight = self.contributor.run.operands.weight?;
        self.with(FactorKind::Weight, weight.value(place(on_the_way.at)?))
    }

    /// The product with the input at another place in the place of the one that the weight meets.
    pub(in crate::marking) fn with_input_at(
        &self,
        place: impl FnOnce(usize) -> Option<usize>,
    ) -> Option<f64> {
        let met = self.factor(FactorKind::Input)?.source?;
        let input = self.contributor.run.input();
        self.with(FactorKind::Input, input.value(place(met.at)?))
    }

    /// The derivative of a loss without its target's part: the probability that a softmax or a
    /// sigmoid makes.
    pub(in crate::marking) fn probability(&self) -> Option<f64> {
        self.contributor.layer.op.simplified(
            &self.contributor.run,
            self.contribution.from.at,
            self.at,
            Simplification::NoTarget,
        )
    }

    /// The product with a simpler derivative in the place of the Jacobian.
    pub(in crate::marking) fn simplified(&self, simplification: Simplification) -> Option<f64> {
        self.factor(FactorKind::Jacobian)?;
        let jacobian = self.contributor.layer.op.simplified(
            &self.contributor.run,
            self.contribution.from.at,
            self.at,
            simplification,
        )?;
        self.with(FactorKind::Jacobian, jacobian)
    }

    /// The product where the gradient of a window of max pooling goes where `share` says.
    pub(in crate::marking) fn shared(&self, share: impl FnOnce(&Window) -> f64) -> Option<f64> {
        self.factor(FactorKind::Winner)?;
        self.with(FactorKind::Winner, share(self.window()))
    }

    /// The window that the downstream neuron looks through, looked over once for all slips.
    pub(in crate::marking) fn window(&self) -> &Window {
        self.window.get_or_init(|| {
            let run = &self.contributor.run;
            let (input, maximum) = (run.operands.get(self.role), self.output_value());
            let mut window = Window::default();
            self.contributor.layer.op.receptive_field(
                run,
                self.role,
                self.contribution.from.at,
                &mut |place| {
                    let value = input.value(place);
                    if window.n == 0 {
                        window = Window {
                            first: place,
                            smallest: place,
                            largest_magnitude: place,
                            ..window
                        };
                    }
                    window.n += 1;
                    if value < input.value(window.smallest) {
                        window.smallest = place;
                    }
                    if value.abs() > input.value(window.largest_magnitude).abs() {
                        window.largest_magnitude = place;
                    }
                    if value == maximum {
                        window.first_tied = if window.n_tied == 0 {
                            place
                        } else {
                            window.first_tied
                        };
                        window.last_tied = place;
                        window.n_tied += 1;
                    }
                },
            );
            window
        })
    }
}
