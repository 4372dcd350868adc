//! What a layer has computed, and what came back to it.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::contribution::{Contribution, Factor};
use super::elementwise::Activation;
use super::operand::{Operand, Operands};
use crate::tensor::Tensor;

/// One layer's forward run and what came back to its output.
#[derive(Debug, Clone)]
pub struct Run<'a> {
    /// What the layer read.
    pub operands: Operands<'a>,
    /// What it computed.
    pub output: Operand<'a>,
    /// The layer's own activation, with its input z in the shape of the output.
    pub activation: Option<(Activation, &'a Tensor)>,
    /// dL/d(each output neuron), row-major; empty before backprop.
    pub upstream: &'a [f64],
    /// The same times the activation's slope, where somebody has that already. A −0 may have become
    /// a 0, which is the same to whoever adds its products to anything but a −0.
    pub(crate) upstream_at_sums: Option<&'a [f64]>,
    /// Whether a sum that its products are added to may be −0.
    pub(crate) may_meet_negative_zeros: bool,
}

impl<'a> Run<'a> {
    /// Begins the contribution that the output neuron at `output` sends back: its upstream
    /// gradient, and the activation's slope there where the layer has an activation of its own.
    #[inline(always)]
    pub fn term(&self, output: usize) -> Contribution {
        let factors = self.slope(output).map_or_else(SmallVec::new, |slope| {
            SmallVec::from_buf_and_len([slope; 2], 1)
        });
        Contribution {
            from: self.output.element(output),
            upstream: self.upstream[output],
            factors,
        }
    }

    /// Returns the contribution of an output neuron with one factor after the slope: what most ops
    /// send.
    ///
    /// It is [`Run::term`] and [`Contribution::times`] in one, in a form that needs no copy on the
    /// way to whoever visits it. A copy would cost more than all the rest, and there are millions
    /// of terms.
    #[inline(always)]
    pub(crate) fn term_times(&self, output: usize, factor: Factor) -> Contribution {
        let (factors, n_factors) = match self.slope(output) {
            Some(slope) => ([slope, factor], 2),
            None => ([factor; 2], 1),
        };
        let factors = SmallVec::from_buf_and_len(factors, n_factors);
        Contribution {
            from: self.output.element(output),
            upstream: self.upstream[output],
            factors,
        }
    }

    /// The slope of the layer's own activation at an output neuron.
    #[inline(always)]
    fn slope(&self, output: usize) -> Option<Factor> {
        self.activation
            .map(|(activation, z)| activation.factor(z.data()[output]))
    }

    /// dL/d(what each output neuron is before the layer's own activation): its upstream gradient
    /// times the activation's slope. With it all of the neuron's terms begin.
    pub(crate) fn upstream_at_sums(&self) -> Cow<'a, [f64]> {
        match (self.activation, self.upstream_at_sums) {
            (Some(_), Some(known)) => Cow::Borrowed(known),
            (Some((activation, z)), None) => Cow::Owned(activation.scaled(self.upstream, z.data())),
            (None, _) => Cow::Borrowed(self.upstream),
        }
    }

    /// The layer's first input.
    pub fn input(&self) -> Operand<'a> {
        self.operands.input()
    }
}
