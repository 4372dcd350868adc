//! Which loss scale a run in a number format calls for.

use super::precision::RangeLoss;
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::tensor::{Arithmetic, TensorId};

/// The loss scale that is best for a run: the largest power of two from 1 to
/// [`GREATEST_LOSS_SCALE`] with which gradients [`HEADROOM`] times as large would still be in the
/// range of the format, so that as few as can be are flushed; or the one in use where that is safe.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScaleAdvice {
    /// The loss scale.
    pub loss_scale: f64,
    /// Whether it is the one in use.
    pub is_in_use: bool,
    /// What of the gradients has left the range with it.
    pub lost: RangeLoss,
    /// How many times as large the gradients could be.
    pub room: f64,
}

/// So many times as large the gradients of another batch may be, with a loss scale that is safe.
pub const HEADROOM: f64 = 16.0;
/// The greatest loss scale that is tried: 2²⁴. With more, a scaled loss is soon too large itself.
pub const GREATEST_LOSS_SCALE: f64 = 16_777_216.0;

/// The most loss scales that are tried: rounding may make a gradient larger than it is without.
const MOST_TRIALS: usize = 4;

impl ScaleAdvice {
    /// Whether nothing is lost with it, and there is head-room.
    pub fn is_safe(self) -> bool {
        self.lost.n_left() == 0 && self.room >= HEADROOM
    }

    /// Looks for it, where something of the gradients of these tensors is lost or the loss is
    /// scaled.
    ///
    /// # Errors
    /// It was given up.
    pub(super) fn of(
        backprop: &Backprop,
        tensors: &[TensorId],
        lost: RangeLoss,
        cancel: &Cancel,
    ) -> Result<Option<Self>, Cancelled> {
        let Arithmetic {
            precision,
            loss_scale,
        } = backprop.arithmetic();
        let exact = backprop.unrounded();
        let all = tensors.iter().map(|&tensor| exact.gradient(tensor).data());
        let sizes = all.flatten().map(|gradient| gradient.abs());
        let finite = sizes.filter(|size| size.is_finite());
        let largest = finite.fold(0.0, f64::max) / loss_scale;
        if largest == 0.0 || (lost.n_left() == 0 && loss_scale == 1.0) {
            return Ok(None);
        }
        let room = |loss_scale: f64| precision.largest() / (largest * loss_scale);
        let in_use = Self {
            loss_scale,
            is_in_use: true,
            lost,
            room: room(loss_scale),
        };
        if in_use.is_safe() {
            return Ok(Some(in_use));
        }
        let most = (room(1.0) / HEADROOM).min(GREATEST_LOSS_SCALE);
        let exponent = libm::floor(libm::log2(most)).max(0.0);
        let mut advice = in_use;
        for nth in 0..MOST_TRIALS {
            let loss_scale = libm::exp2(exponent - nth as f64);
            if loss_scale < 1.0 {
                break;
            }
            advice = Self {
                loss_scale,
                is_in_use: loss_scale == in_use.loss_scale,
                lost: lost_with(backprop, tensors, loss_scale, cancel)?,
                room: room(loss_scale),
            };
            if advice.lost.n_overflowed == 0 {
                break;
            }
        }
        Ok(Some(advice))
    }
}

/// What of the gradients of some tensors leaves the range with another loss scale.
fn lost_with(
    backprop: &Backprop,
    tensors: &[TensorId],
    loss_scale: f64,
    cancel: &Cancel,
) -> Result<RangeLoss, Cancelled> {
    let scaled = backprop.with_loss_scale(loss_scale);
    scaled.complete_own(cancel)?;
    let each = tensors
        .iter()
        .map(|&tensor| RangeLoss::left(scaled.escapes(tensor)));
    Ok(each.fold(RangeLoss::default(), |a, b| a + b))
}
