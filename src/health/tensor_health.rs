//! What one tensor is like.

use super::gate::Gate;
use super::numbers::Numbers;
use super::precision::RoundingLoss;
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::tensor::TensorId;

/// What one tensor is like.
#[derive(Debug, Clone)]
pub struct TensorHealth {
    /// Which one.
    pub tensor: TensorId,
    /// Its values.
    pub values: Numbers,
    /// Its gradients; none where no upstream gradient reaches it.
    pub gradients: Option<Numbers>,
    /// The root mean square of its gradients over that of the tensor which reads it first; none
    /// where one of them is zero, or there is none.
    pub ratio: Option<f64>,
    /// How far the activation that makes it is open; none where none does.
    pub gate: Option<Gate>,
    /// What rounding has done to its numbers; none where the run does not round.
    pub rounding: Option<RoundingLoss>,
}

impl TensorHealth {
    /// Looks at a tensor; its gradient and that of the one downstream are computed for it.
    ///
    /// # Errors
    /// It was given up.
    pub fn of(backprop: &Backprop, tensor: TensorId, cancel: &Cancel) -> Result<Self, Cancelled> {
        let gradients = |tensor| {
            let is_reached = backprop.reaches(tensor);
            is_reached.then(|| Numbers::of(backprop.gradient(tensor).data()))
        };
        let gradients_here = gradients(tensor);
        let reader = backprop.network().consumers(tensor).first();
        let reader = reader.map(|consumer| backprop.network().layer(consumer.layer));
        let downstream = reader.and_then(|layer| gradients(layer.output));
        Ok(Self {
            tensor,
            values: Numbers::of(backprop.tape().value(tensor).data()),
            ratio: ratio(gradients_here.as_ref(), downstream.as_ref()),
            gradients: gradients_here,
            gate: Gate::of(backprop.tape(), tensor),
            rounding: RoundingLoss::of(backprop, tensor, cancel)?,
        })
    }

    /// The root mean square of its gradients; none where there are none, or some are not finite.
    pub fn strength(&self) -> Option<f64> {
        let gradients = self.gradients.as_ref()?;
        gradients.is_finite().then_some(gradients.rms)
    }

    /// The place of its worst neuron: one that is not finite, else one that rounding has made 0,
    /// else the one with the largest gradient, else that with the largest value.
    pub fn worst(&self) -> usize {
        let of = |numbers: &Numbers| numbers.not_finite;
        let gradients = self.gradients.as_ref();
        let not_finite = of(&self.values).or_else(|| gradients.and_then(of));
        let largest = gradients.map_or(self.values.largest_at, |numbers| numbers.largest_at);
        let lost = self.rounding.and_then(|lost| lost.first);
        not_finite.or(lost).unwrap_or(largest)
    }
}

fn ratio(here: Option<&Numbers>, downstream: Option<&Numbers>) -> Option<f64> {
    let ratio = here?.rms / downstream?.rms;
    (ratio.is_finite() && ratio > 0.0).then_some(ratio)
}
