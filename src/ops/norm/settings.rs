//! The normalisations: their settings, and which neurons each takes together.

use super::sentences::{BY_MEAN_SQUARE, PHRASES};
use super::{Norm, Over};
use crate::ops::IntoOp;
use crate::ops::descriptor::{Described, Descriptor, Parameter};
use crate::ops::kind::OpKind;
use crate::ops::settings::{Bound, Domain, Length, settings};
use crate::tensor::Tensor;

settings! {
    /// Each channel of a batch brought to mean 0 and variance 1, then weighted and shifted.
    pub struct BatchNorm {
        /// The mean of each channel, a constant.
        running_mean: Option<Tensor> = None,
        /// The variance of each channel, a constant.
        running_var: Option<Tensor> = None,
        /// What is added to each variance.
        eps: f64 = 1e-5,
        /// Whether mean and variance are those of the batch itself.
        training: bool = false,
    }
}

settings! {
    /// The last axes of every sample brought to mean 0 and variance 1, then weighted and shifted.
    pub struct LayerNorm {
        required {
            /// The sizes of the last axes, the ones to normalise over.
            normalized_shape: Vec<usize>
                => Domain::WholeOrList(Bound::AtLeast(1), Length::AtLeastOne),
        }
        /// What is added to each variance.
        eps: f64 = 1e-5,
    }
}

settings! {
    /// Groups of channels of every sample brought to mean 0 and variance 1, weighted and shifted.
    pub struct GroupNorm {
        required {
            /// How many groups the channels make.
            num_groups: usize => Domain::Whole(Bound::AtLeast(1)),
        }
        /// What is added to each variance.
        eps: f64 = 1e-5,
    }
}

settings! {
    /// Each channel of every sample brought to mean 0 and variance 1, then weighted and shifted.
    pub struct InstanceNorm {
        /// What is added to each variance.
        eps: f64 = 1e-5,
    }
}

settings! {
    /// The last axes of every sample divided by the root of their mean square, then weighted.
    pub struct RmsNorm {
        required {
            /// The sizes of the last axes, the ones to normalise over.
            normalized_shape: Vec<usize>
                => Domain::WholeOrList(Bound::AtLeast(1), Length::AtLeastOne),
        }
        /// What is added to each mean square: 2⁻⁵², where nothing is said.
        eps: Option<f64> = None,
    }
}

const BY_CHANNEL: &[Parameter] = &[
    Parameter::weight("[channels]"),
    Parameter::bias("[channels]"),
];

const BY_PLACE: &[Parameter] = &[
    Parameter::weight("[*normalized_shape]"),
    Parameter::bias("[*normalized_shape]"),
];

macro_rules! norms {
    ($($norm:ident is $name:literal with $parameters:expr,
        described by |$row:ident| $described:expr, $over:expr;)+) => {
        $(impl IntoOp for $norm {
            type Op = Norm<Self>;
        }

        impl Described for $norm {
            const DESCRIPTOR: &'static Descriptor = &{
                let $row = Descriptor::of::<Self>($name, OpKind::Coupled, Self::ABOUT)
                    .with($parameters)
                    .saying(&PHRASES);
                $described
            };
        }

        impl From<$norm> for Norm<$norm> {
            fn from(settings: $norm) -> Self {
                let over: fn(&$norm) -> (Over, f64) = $over;
                let (over, eps) = over(&settings);
                Self { settings, over, eps }
            }
        })+
    };
}

norms! {
    BatchNorm is "batch_norm" with BY_CHANNEL,
        described by |row| row
            .needing_unless("training", &["running_mean", "running_var"])
            .reading_batches(),
        |norm| (of_a_batch(norm), norm.eps);
    LayerNorm is "layer_norm" with BY_PLACE, described by |row| row,
        |norm| {
            let normalized_shape = norm.normalized_shape.clone();
            (Over::Layer { normalized_shape }, norm.eps)
        };
    GroupNorm is "group_norm" with BY_CHANNEL, described by |row| row.reading_batches(),
        |norm| {
            let n_groups = Some(norm.num_groups);
            (Over::Channels { n_groups }, norm.eps)
        };
    InstanceNorm is "instance_norm" with BY_CHANNEL, described by |row| row.reading_batches(),
        |norm| (Over::Channels { n_groups: None }, norm.eps);
    RmsNorm is "rms_norm" with &[Parameter::weight("[*normalized_shape]")],
        described by |row| row.saying(&BY_MEAN_SQUARE),
        |norm| {
            let normalized_shape = norm.normalized_shape.clone();
            (Over::MeanSquare { normalized_shape }, norm.eps.unwrap_or(f64::EPSILON))
        };
}

/// Statistics may be given in training, but the batch's own count.
fn of_a_batch(norm: &BatchNorm) -> Over {
    let statistics = norm.running_mean.clone().zip(norm.running_var.clone());
    match statistics {
        Some((mean, variance)) if !norm.training => Over::Running { mean, variance },
        Some(_) | None => Over::Batch,
    }
}
