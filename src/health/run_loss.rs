//! What rounding to a number format has done to a run.

use super::loss_scale::ScaleAdvice;
use super::precision::{RangeLoss, RoundingLoss};
use super::tensor_health::TensorHealth;
use crate::backprop::{Backprop, TermCounts};
use crate::cancel::{Cancel, Cancelled};
use crate::tensor::TensorId;

/// What rounding has done to a run.
#[derive(Debug, Clone)]
pub struct RunLoss {
    /// What values have left of the range, and how many there are.
    pub values: (RangeLoss, usize),
    /// What gradients have, and how many there are.
    pub gradients: (RangeLoss, usize),
    /// How many terms there are, and how many of these change nothing.
    pub terms: TermCounts,
    /// Where the most are lost: of values, of gradients, and of swamped terms.
    pub most: [Option<Most>; 3],
    /// What loss scale is safe, where one is called for.
    pub advice: Option<ScaleAdvice>,
}

/// The tensor in which the most of something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Most {
    /// Which one.
    pub tensor: TensorId,
    /// Whether all of it is there.
    pub is_all: bool,
}

impl RunLoss {
    /// Adds up what is lost of tensors, and looks for a loss scale with which no gradient is.
    ///
    /// # Errors
    /// It was given up.
    pub(super) fn of(
        backprop: &Backprop,
        tensors: &[TensorHealth],
        cancel: &Cancel,
    ) -> Result<Option<Self>, Cancelled> {
        let losses: Vec<(TensorId, &RoundingLoss)> = tensors
            .iter()
            .filter_map(|health| Some((health.tensor, health.rounding.as_ref()?)))
            .collect();
        if losses.is_empty() {
            return Ok(None);
        }
        let sum = |of: fn(&RoundingLoss) -> RangeLoss| {
            let each = losses.iter().map(|(_, loss)| of(loss));
            each.fold(RangeLoss::default(), |a, b| a + b)
        };
        let numel = |tensor: TensorId| backprop.network().tensor(tensor).shape.numel();
        let reached = losses.iter().map(|&(id, _)| id);
        let reached: Vec<TensorId> = reached.filter(|&id| backprop.reaches(id)).collect();
        let gradients = sum(|loss| loss.gradients);
        let terms = losses.iter().map(|(_, loss)| loss.terms);
        Ok(Some(Self {
            values: (
                sum(|loss| loss.values),
                losses.iter().map(|&(tensor, _)| numel(tensor)).sum(),
            ),
            gradients: (gradients, reached.iter().map(|&tensor| numel(tensor)).sum()),
            terms: terms.fold(TermCounts::default(), |a, b| a + b),
            most: [
                most(&losses, |loss| loss.values.n_left()),
                most(&losses, |loss| loss.gradients.n_left()),
                most(&losses, |loss| loss.terms.n_swamped),
            ],
            advice: ScaleAdvice::of(backprop, &reached, gradients, cancel)?,
        }))
    }
}

/// The first tensor that has the most of something, if any has some.
fn most(losses: &[(TensorId, &RoundingLoss)], of: fn(&RoundingLoss) -> usize) -> Option<Most> {
    let each = || losses.iter().map(|(tensor, loss)| (*tensor, of(loss)));
    let (tensor, n) = each().rev().max_by_key(|&(_, n)| n)?;
    let is_all = each().map(|(_, n)| n).sum::<usize>() == n;
    (n > 0).then_some(Most { tensor, is_all })
}
