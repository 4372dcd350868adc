//! The terms of a gradient, and the factors that they are made of.

use smallvec::SmallVec;

use crate::tensor::Element;

/// One factor of a local derivative.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Factor {
    /// What the factor is.
    pub kind: FactorKind,
    /// The number to multiply by.
    pub value: f64,
    /// The neuron or weight whose value the factor is, where it is one.
    pub source: Option<Element>,
    /// Whether it is a gate that is closed. Such a gate selects and does not multiply: 0 is what
    /// passes, even of ∞ and of NaN.
    pub is_closed: bool,
}

impl Factor {
    /// A factor that is no neuron's value.
    #[inline]
    pub(crate) fn of(kind: FactorKind, value: f64) -> Self {
        Self {
            kind,
            value,
            source: None,
            is_closed: false,
        }
    }

    /// A gate that is closed.
    #[inline]
    pub(crate) fn closed(kind: FactorKind) -> Self {
        Self {
            is_closed: true,
            ..Self::of(kind, 0.0)
        }
    }

    /// A partial derivative in a row that is coupled, as [`coupled`] says.
    pub(crate) fn coupled(upstream: f64, slope: f64, product: impl FnOnce() -> f64) -> Self {
        Self::of(FactorKind::Jacobian, coupled(upstream, slope, product))
    }

    /// What it leaves of a product of what stands before it.
    #[inline]
    fn times(&self, product: f64) -> f64 {
        if self.is_closed {
            0.0
        } else {
            product * self.value
        }
    }
}

/// A partial derivative in a row that is coupled. PyTorch works out the product of upstream
/// gradient and slope in parts, as `product` does. Where the upstream gradient is not finite, these
/// may come to ∞ − ∞, and then the derivative is NaN, too.
#[inline]
pub(crate) fn coupled(upstream: f64, slope: f64, product: impl FnOnce() -> f64) -> f64 {
    let is_lost = !upstream.is_finite() && product().is_nan();
    if is_lost { f64::NAN } else { slope }
}

/// What a factor of a local derivative is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FactorKind {
    /// The derivative of an activation at its own input.
    Slope,
    /// The weight on the way.
    Weight,
    /// The value that a weight multiplies.
    Input,
    /// 1 for the winner of a max-pooling window, 0 for a loser, the share for one of several that
    /// tie.
    Winner,
    /// One over the size of an averaging window.
    Share,
    /// The other side of a product.
    Operand,
    /// −1 for what is subtracted.
    Sign,
    /// The partial derivative itself.
    Jacobian,
    /// A constant factor, such as the 1/N of a mean.
    Scale,
    /// Of an update: minus the learning rate.
    Rate,
    /// Of an update: 1 over the root of the mean or the sum of squared gradients.
    Adaptive,
    /// Of an update: how much of what was there goes on.
    Momentum,
    /// Of an update: how much of what is new is taken up.
    Dampening,
    /// Of an update: the weight decay.
    Decay,
}

impl FactorKind {
    /// All kinds. A term's factors are multiplied in this order.
    pub const ALL: [Self; 14] = [
        Self::Slope,
        Self::Weight,
        Self::Input,
        Self::Winner,
        Self::Share,
        Self::Operand,
        Self::Sign,
        Self::Jacobian,
        Self::Scale,
        Self::Rate,
        Self::Adaptive,
        Self::Momentum,
        Self::Dampening,
        Self::Decay,
    ];

    /// Whether only terms of an update have such a factor.
    pub fn is_of_updates(self) -> bool {
        match self {
            Self::Rate | Self::Adaptive | Self::Momentum | Self::Dampening | Self::Decay => true,
            Self::Slope
            | Self::Weight
            | Self::Input
            | Self::Winner
            | Self::Share
            | Self::Operand
            | Self::Sign
            | Self::Jacobian
            | Self::Scale => false,
        }
    }

    /// The kind's name in a trace.
    pub fn name(self) -> &'static str {
        match self {
            Self::Slope => "slope",
            Self::Weight => "weight",
            Self::Input => "input",
            Self::Winner => "winner",
            Self::Share => "share",
            Self::Operand => "operand",
            Self::Sign => "sign",
            Self::Jacobian => "jacobian",
            Self::Scale => "scale",
            Self::Rate => "rate",
            Self::Adaptive => "adaptive",
            Self::Momentum => "momentum",
            Self::Dampening => "dampening",
            Self::Decay => "decay",
        }
    }
}

/// One term of the sum that makes a neuron's gradient: the upstream gradient of one downstream
/// neuron times the factors of the local derivative on the way to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// The downstream neuron.
    pub from: Element,
    /// dL/d(the downstream neuron).
    pub upstream: f64,
    /// The factors, in the order in which they are multiplied. Hardly a term has more than two, and
    /// those need no memory of their own.
    pub factors: SmallVec<[Factor; 2]>,
}

impl Contribution {
    /// The upstream gradient multiplied by the factors from left to right, of which a closed gate
    /// leaves 0.
    #[inline]
    pub fn product(&self) -> f64 {
        self.factors
            .iter()
            .fold(self.upstream, |product, factor| factor.times(product))
    }

    /// Whether a closed gate makes the product 0, whatever the upstream gradient is.
    pub fn is_closed(&self) -> bool {
        self.factors.iter().any(|factor| factor.is_closed) && self.product() == 0.0
    }

    /// The local derivative: the factors multiplied from left to right.
    pub fn local(&self) -> f64 {
        self.factors
            .iter()
            .fold(1.0, |product, factor| product * factor.value)
    }

    /// The contribution with one factor more.
    #[must_use]
    #[inline]
    pub(crate) fn times(mut self, kind: FactorKind, value: f64) -> Self {
        self.factors.push(Factor::of(kind, value));
        self
    }
}
