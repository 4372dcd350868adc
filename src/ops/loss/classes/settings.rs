//! The losses over classes: their settings, and what each reads.

use super::{Classes, Reads};
use crate::ops::IntoOp;
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::loss::{Reduced, Reduction, TOLD};
use crate::ops::phrases::Phrases;
use crate::ops::settings::{Domain, Interval, settings};
use crate::tensor::Tensor;

settings! {
    /// Softmax and the negative log-likelihood of the target in one.
    ///
    /// It is -Σ_c q_c ln p_c over the classes c of a sample. The goal q_c is the class's weight
    /// times the target's share in it, smoothed: weight_c · ((1 - label_smoothing) · t_c +
    /// label_smoothing / C).
    pub struct CrossEntropy {
        required {
            /// The class of each sample, or for each class of it a probability.
            target: Tensor,
        }
        /// What the loss of each class is multiplied by.
        weight: Option<Tensor> = None,
        /// The class that marks a sample which does not count.
        ignore_index: i64 = -100,
        /// How much of each target is shared out among all classes.
        label_smoothing: f64 = 0.0 => Domain::NumberIn(PART),
        /// What becomes of the samples' losses.
        reduction: Reduction = Reduction::Mean,
    }
}

const PART: Interval = Interval {
    least: 0.0,
    end: 1.0,
    is_closed: true,
    must: "must be from 0 to 1",
};

settings! {
    /// The negative log-likelihood of the target, from log-probabilities.
    pub struct NllLoss {
        required {
            /// The class of each sample.
            target: Tensor,
        }
        /// What the loss of each class is multiplied by.
        weight: Option<Tensor> = None,
        /// The class that marks a sample which does not count.
        ignore_index: i64 = -100,
        /// What becomes of the samples' losses.
        reduction: Reduction = Reduction::Mean,
    }
}

impl IntoOp for CrossEntropy {
    type Op = Reduced<Classes<Self>>;
}

impl Described for CrossEntropy {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("cross_entropy", OpKind::Loss, Self::ABOUT)
            .reading_batches()
            .saying(&TOLD);
}

impl IntoOp for NllLoss {
    type Op = Reduced<Classes<Self>>;
}

impl Described for NllLoss {
    const DESCRIPTOR: &'static Descriptor = &Descriptor::of::<Self>(
        "nll_loss",
        OpKind::Loss,
        Self::ABOUT,
    )
    .reading_batches()
    .saying(&Phrases {
        preamble: "{me} is the log-probability of the target class. The loss is its negative.",
        flat: "it looks only at the target class, and {me} belongs to another",
        ..Phrases::NONE
    });
}

impl From<CrossEntropy> for Reduced<Classes<CrossEntropy>> {
    fn from(settings: CrossEntropy) -> Self {
        Self(
            Classes {
                reads: Reads::Logits,
                target: settings.target.clone(),
                weight: settings.weight.clone(),
                ignore_index: settings.ignore_index,
                label_smoothing: settings.label_smoothing,
                reduction: settings.reduction,
                target_weight: 0.0,
                settings,
            }
            .weighed(),
        )
    }
}

impl From<NllLoss> for Reduced<Classes<NllLoss>> {
    fn from(settings: NllLoss) -> Self {
        Self(
            Classes {
                reads: Reads::LogProbabilities,
                target: settings.target.clone(),
                weight: settings.weight.clone(),
                ignore_index: settings.ignore_index,
                label_smoothing: 0.0,
                reduction: settings.reduction,
                target_weight: 0.0,
                settings,
            }
            .weighed(),
        )
    }
}
