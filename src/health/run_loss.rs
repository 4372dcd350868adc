//! What rounding to a number format has done to a run, and which loss scale would have saved it.

use super::precision::{RangeLoss, RoundingLoss};
use super::tensor_health::TensorHealth;
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::tensor::{Arithmetic, TensorId};

/// What rounding has done to a run.
#[derive(Debug, Clone)]
pub struct RunLoss {
    /// What values have left of the range, and how many there are.
    pub values: (RangeLoss, usize),
    /// What gradients have, and how many there are.
    pub gradients: (RangeLoss, usize),
    /// How many terms are not 0, and how many of these are swamped.
    pub terms: [usize; 2],
    /// Where the most are lost: of values, of gradients and of terms.
    pub most: [Option<TensorId>; 3],
    /// The loss scales that were tried, the best last, where gradients are flushed or overflow.
    pub trials: Vec<Trial>,
}

/// What is lost of the gradients with another loss scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trial {
    /// The loss scale.
    pub loss_scale: f64,
    /// What is lost.
    pub gradients: RangeLoss,
}

/// The most loss scales that are tried.
const MOST_TRIALS: usize = 4;

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
        let losses = || {
            let each = tensors.iter();
            each.filter_map(|health| Some((health.tensor, health.rounding.as_ref()?)))
        };
        if losses().next().is_none() {
            return Ok(None);
        }
        let sum = |of: fn(&RoundingLoss) -> usize| losses().map(|(_, loss)| of(loss)).sum();
        let most = |of: fn(&RoundingLoss) -> usize| {
            let (tensor, n) = losses()
                .map(|(tensor, loss)| (tensor, of(loss)))
                .rev()
                .max_by_key(|&(_, n)| n)?;
            (n > 0).then_some(tensor)
        };
        let numel = |tensor: TensorId| backprop.network().tensor(tensor).shape.numel();
        let reached = losses()
            .map(|(id, _)| id)
            .filter(|&id| backprop.reaches(id));
        let gradients = RangeLoss {
            n_flushed: sum(|loss| loss.gradients.n_flushed),
            n_overflowed: sum(|loss| loss.gradients.n_overflowed),
        };
        let all: Vec<TensorId> = reached.collect();
        let trials = match gradients.is_none() {
            true => Vec::new(),
            false => trials(backprop, &all, cancel)?,
        };
        Ok(Some(Self {
            values: (
                RangeLoss {
                    n_flushed: sum(|loss| loss.values.n_flushed),
                    n_overflowed: sum(|loss| loss.values.n_overflowed),
                },
                losses().map(|(tensor, _)| numel(tensor)).sum(),
            ),
            gradients: (gradients, all.iter().map(|&tensor| numel(tensor)).sum()),
            terms: [sum(|loss| loss.n_terms), sum(|loss| loss.n_swamped)],
            most: [
                most(|loss| loss.values.n_flushed + loss.values.n_overflowed),
                most(|loss| loss.gradients.n_flushed + loss.gradients.n_overflowed),
                most(|loss| loss.n_swamped),
            ],
            trials,
        }))
    }

    /// The best of the loss scales that were tried.
    pub fn best(&self) -> Option<Trial> {
        self.trials.last().copied()
    }
}

/// Tries loss scales, powers of two, until none of the gradients of these tensors is lost.
fn trials(
    backprop: &Backprop,
    tensors: &[TensorId],
    cancel: &Cancel,
) -> Result<Vec<Trial>, Cancelled> {
    let Arithmetic {
        precision,
        loss_scale,
    } = backprop.arithmetic();
    let exact = backprop.unrounded();
    let sizes = || {
        let all = tensors.iter().map(|&tensor| exact.gradient(tensor).data());
        let sizes = all.flatten().map(|gradient| gradient.abs() / loss_scale);
        sizes.filter(|size| size.is_finite() && *size > 0.0)
    };
    let least = sizes().fold(f64::INFINITY, f64::min);
    let most = sizes().fold(0.0, f64::max);
    // With this the smallest gradient is the smallest number, and with the other the largest is
    // the largest.
    let wanted = libm::ceil(libm::log2(precision.smallest() / least));
    let room = libm::floor(libm::log2(precision.largest() / most));
    let mut trials: Vec<Trial> = Vec::new();
    if !wanted.is_finite() || !room.is_finite() {
        return Ok(trials);
    }
    let exponents = (0..MOST_TRIALS).map(|nth| (wanted + 2.0 * nth as f64).min(room));
    for exponent in exponents {
        let loss_scale = libm::exp2(exponent);
        let is_known = trials.iter().any(|trial| trial.loss_scale == loss_scale);
        if is_known || !Arithmetic::is_loss_scale(loss_scale) {
            break;
        }
        let scaled = backprop.with_loss_scale(loss_scale);
        scaled.complete_own(cancel)?;
        let mut gradients = RangeLoss::default();
        for &tensor in tensors {
            let one = RangeLoss::of(exact.gradient(tensor), scaled.gradient(tensor));
            gradients.n_flushed += one.n_flushed;
            gradients.n_overflowed += one.n_overflowed;
        }
        trials.push(Trial {
            loss_scale,
            gradients,
        });
        if gradients.is_none() {
            break;
        }
    }
    trials.sort_by_key(|trial| {
        let lost = trial.gradients;
        std::cmp::Reverse(lost.n_flushed + lost.n_overflowed)
    });
    Ok(trials)
}
