//! The ops of a layer, one file an op or a few that are alike: its settings, its output's shape, its
//! forward run, the contributions to one neuron, and the words for them.
//!
//! A gradient rule is [`Op::contributions`]: it lists the terms of one neuron's sum, and the sum is
//! taken outside. Everything that backstep shows of a gradient is a reading of that list.

mod arithmetic;
mod avg_pool;
mod axes;
mod conv;
mod conv_transpose;
mod descriptor;
mod dropout;
mod elementwise;
mod global_max_pool;
mod kind;
mod linear;
mod loss;
mod matmul;
mod max_pool;
mod norm;
mod phrases;
mod prelu;
mod rearrange;
mod reduce;
mod registry;
mod settings;
mod shape_error;
mod softmax;
#[cfg(test)]
mod testing;
mod torch;
mod value;
mod windows;

use std::borrow::Cow;
use std::fmt;

use smallvec::SmallVec;

use crate::gemm::for_each_number;
use crate::tensor::{Element, Shape, Tensor, TensorId};

pub use arithmetic::{Add, Div, Mul, Sub};
pub use avg_pool::{AdaptiveAvgPool1d, AdaptiveAvgPool2d, AvgPool1d, AvgPool2d};
pub use conv::{Conv1d, Conv2d, Padding};
pub use conv_transpose::{ConvTranspose1d, ConvTranspose2d};
pub use descriptor::{Described, Descriptor, NeededUnless, Parameter, Settings};
pub use dropout::Dropout;
pub use elementwise::*;
pub use global_max_pool::{GlobalMaxPool1d, GlobalMaxPool2d};
pub use kind::OpKind;
pub use linear::Linear;
pub use loss::{BinaryCrossEntropyWithLogits, CrossEntropy, MseLoss, NllLoss, Reduction};
pub use matmul::Matmul;
pub use max_pool::{MaxPool1d, MaxPool2d};
pub use norm::{BatchNorm, LayerNorm};
pub use phrases::{FactorWords, Phrases};
pub use prelu::Prelu;
pub use rearrange::{Cat, Flatten, Identity, Permute, Reshape};
pub use reduce::{Mean, Sum};
pub use registry::{all, find, names};
pub use settings::{
    Bound, DefaultValue, Domain, Fault, Interval, Length, Reader, Setting, SettingError,
    SettingType, Sides,
};
pub use shape_error::{ErrorSite, ShapeError, Shapes};
pub use softmax::{LogSoftmax, Softmax};
pub use torch::{Torch, TorchArgument};
pub use value::Value;

use shape_error::expect_shape;

/// What a layer computes, with its settings. Parameters and inputs are handed in, so an op holds no
/// number that gets a gradient.
pub trait Op: fmt::Debug + Send + Sync {
    /// The op's settings, from which its row in the table is reached.
    fn settings(&self) -> &dyn Settings;

    /// The words that it has for its terms.
    fn phrases(&self) -> &'static Phrases {
        self.settings().descriptor().phrases
    }

    /// What PyTorch's function takes, under its names, where the input has this shape.
    fn torch_arguments(&self, _input: &Shape) -> Vec<(&'static str, TorchArgument)> {
        torch::given(self.settings().given())
    }

    /// Returns the shape of the output, or what does not fit about the operands.
    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError>;

    /// How many numbers the op copies at most while it runs forward or back, beside its operands,
    /// their gradients and its output: to lay them side by side, or with their padding. `output` is
    /// what [`Op::output_shape`] said of the same shapes.
    fn n_copied(&self, _shapes: &Shapes<'_>, _output: &Shape) -> usize {
        0
    }

    /// Returns the output, before the [activation](Op::activation) where there is one. `shape` is
    /// what [`Op::output_shape`] said.
    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor;

    /// The activation that the layer applies to what [`Op::forward`] returns.
    fn activation(&self) -> Option<Activation> {
        None
    }

    /// Whether the output is its input's neurons under another index, in the same row-major order.
    fn is_view(&self) -> bool {
        false
    }

    /// Who gets the gradient where several share the maximum, in an op with windows that are won.
    fn ties(&self) -> Option<Ties> {
        None
    }

    /// Whether each element of a row, or of a group, moves every output of it.
    fn couples(&self) -> bool {
        false
    }

    /// The function that the op applies to the element of its first input at `at`, in an op that is
    /// a function of one element.
    fn function_at(&self, _run: &Run<'_>, _at: usize) -> Option<Activation> {
        None
    }

    /// Says where a partial derivative of a loss, which is not NaN, comes from, with `{me}` for the
    /// input's element at `at`.
    fn on_slope(&self, _run: &Run<'_>, _at: usize, _slope: f64) -> Option<String> {
        None
    }

    /// Visits the elements of an operand that the output neuron at `output` is computed from, each
    /// once, in row-major order.
    fn receptive_field(
        &self,
        run: &Run<'_>,
        role: OperandRole,
        output: usize,
        visit: &mut dyn FnMut(usize),
    );

    /// Visits the contributions to the operand's neuron at `at`: one for each output neuron that
    /// looks at it, in row-major order.
    fn contributions(
        &self,
        run: &Run<'_>,
        role: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    );

    /// Adds the contributions to every neuron of an operand to `sums`, in the order of
    /// [`Op::contributions`], so with the same bits.
    ///
    /// Only an op whose Jacobian couples a whole row may use a closed form instead, equal within
    /// 1e-12 relative.
    fn accumulate(&self, run: &Run<'_>, role: OperandRole, sums: &mut [f64]) {
        sum_terms(self, run, role, sums);
    }

    /// Returns what stands in place of the [Jacobian](FactorKind::Jacobian) between an input's
    /// neuron at `at` and the output neuron at `output` where the derivative is taken in a simpler
    /// way, or nothing where there is no such way here.
    fn simplified(
        &self,
        _run: &Run<'_>,
        _output: usize,
        _at: usize,
        _simplification: Simplification,
    ) -> Option<f64> {
        None
    }

    /// Visits the elements of the input that win the window of the output neuron at `output`, in
    /// row-major order. Only a max pooling has any.
    fn winners(&self, _run: &Run<'_>, _output: usize, _visit: &mut dyn FnMut(usize)) {}

    /// Returns the first output neuron that the two runs compute by different branches of a
    /// function with a kink: another winner of a window, the other side of 0 in a ReLU. Between
    /// such runs a difference quotient says nothing about the gradient.
    fn kink(&self, _one: &Run<'_>, _other: &Run<'_>) -> Option<usize> {
        None
    }
}

impl dyn Op {
    /// The op's row in the table.
    pub fn descriptor(&self) -> &'static Descriptor {
        self.settings().descriptor()
    }

    /// The op's name in a file.
    pub fn name(&self) -> &'static str {
        self.descriptor().name
    }

    /// How the op behaves.
    pub fn kind(&self) -> OpKind {
        self.descriptor().kind
    }

    /// The settings that differ from their defaults, in their order.
    pub fn given(&self) -> Vec<(&'static str, Value)> {
        self.settings().given()
    }

    /// Checks settings that no reader has seen: whether they would be read as they are written.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn check(&self) -> Result<(), Vec<SettingError>> {
        self.descriptor().op(self.given()).map(drop)
    }
}

/// Adds the products of the terms, neuron by neuron: what [`Op::accumulate`] does where an op knows
/// nothing faster.
fn sum_terms<O: Op + ?Sized>(op: &O, run: &Run<'_>, role: OperandRole, sums: &mut [f64]) {
    for_each_number(sums, &|at, sum| {
        op.contributions(run, role, at, &mut |term| *sum += term.product());
    });
}

/// A simpler way to take a derivative, which gives another number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Simplification {
    /// The mean and variance of a normalisation are held fixed, so that no neuron moves another.
    FixedStatistics,
    /// The target of a loss is left out: p where p − y belongs.
    NoTarget,
    /// The 2 that comes from a square is left out.
    NoTwo,
}

/// Who gets the gradient when several neurons of a pooling window share the maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ties {
    /// The first in row-major order.
    #[default]
    First,
    /// Each an even share.
    Split,
    /// Each all of it.
    All,
}

/// A place among the tensors that a layer reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperandRole {
    /// The input of that number in `from`.
    Input(usize),
    /// The layer's weight.
    Weight,
    /// The layer's bias.
    Bias,
}

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

    /// A partial derivative in a row that is coupled, where PyTorch works out `product`, that of
    /// the upstream gradient and the slope, in parts: of an infinite upstream gradient ∞ − ∞ may be
    /// left, and nothing that has a slope.
    pub(crate) fn coupled(upstream: f64, slope: f64, product: impl FnOnce() -> f64) -> Self {
        let is_lost = !upstream.is_finite() && product().is_nan();
        Self::of(FactorKind::Jacobian, if is_lost { f64::NAN } else { slope })
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
}

impl FactorKind {
    /// All kinds. A term's factors are multiplied in this order.
    pub const ALL: [Self; 9] = [
        Self::Slope,
        Self::Weight,
        Self::Input,
        Self::Winner,
        Self::Share,
        Self::Operand,
        Self::Sign,
        Self::Jacobian,
        Self::Scale,
    ];

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

    /// The contribution with the value of an operand's neuron as one factor more.
    #[must_use]
    #[inline]
    pub(crate) fn times_neuron(
        mut self,
        kind: FactorKind,
        operand: Operand<'_>,
        at: usize,
    ) -> Self {
        self.factors.push(operand.factor(kind, at));
        self
    }
}

/// A tensor that a layer reads or writes. A view's `id` is its base's, for they hold the same
/// neurons.
#[derive(Debug, Clone, Copy)]
pub struct Operand<'a> {
    /// Whose neurons they are.
    pub id: TensorId,
    /// Shape and values as the layer sees them.
    pub tensor: &'a Tensor,
}

impl<'a> Operand<'a> {
    /// The neuron at a row-major place.
    #[inline]
    pub fn element(self, at: usize) -> Element {
        Element {
            tensor: self.id,
            at,
        }
    }

    /// The value at a row-major place.
    #[inline]
    pub fn value(self, at: usize) -> f64 {
        self.tensor.data()[at]
    }

    /// The value at a row-major place as a factor.
    #[inline]
    pub(crate) fn factor(self, kind: FactorKind, at: usize) -> Factor {
        Factor {
            source: Some(self.element(at)),
            ..Factor::of(kind, self.value(at))
        }
    }

    /// The values in row-major order.
    #[inline]
    pub fn data(self) -> &'a [f64] {
        self.tensor.data()
    }

    /// The size of each axis.
    pub fn shape(self) -> &'a Shape {
        self.tensor.shape()
    }
}

/// The tensors that a layer reads.
#[derive(Debug, Clone)]
pub struct Operands<'a> {
    /// The inputs in the order of `from`.
    pub inputs: Inputs<'a>,
    /// The weight, where the layer has one.
    pub weight: Option<Operand<'a>>,
    /// The bias, where the layer has one.
    pub bias: Option<Operand<'a>>,
}

/// What a layer reads beside its parameters, in the order of `from`.
///
/// Each is looked up when it is asked for, since a layer may read thousands of tensors, and its run
/// is asked for by each of them.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    first: Operand<'a>,
    ids: &'a [TensorId],
    bases: &'a [TensorId],
    values: &'a [Tensor],
}

impl<'a> Inputs<'a> {
    /// The inputs of these ids, of which there is at least one. Each is the place of its base and
    /// of its value in the other lists.
    pub(crate) fn new(ids: &'a [TensorId], bases: &'a [TensorId], values: &'a [Tensor]) -> Self {
        Self {
            first: Operand::of(ids[0], bases, values),
            ids,
            bases,
            values,
        }
    }

    /// How many there are.
    #[expect(clippy::len_without_is_empty, reason = "a layer reads something")]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// The input of that number. One that the layer does not have is a mistake of the caller's, and
    /// panics.
    #[inline]
    pub fn get(&self, number: usize) -> Operand<'a> {
        match number {
            0 => self.first,
            _ => Operand::of(self.ids[number], self.bases, self.values),
        }
    }

    /// All of them, in their order.
    pub fn iter(&self) -> impl Iterator<Item = Operand<'a>> + use<'a> {
        let Self { bases, values, .. } = *self;
        self.ids
            .iter()
            .map(move |&id| Operand::of(id, bases, values))
    }
}

impl<'a> Operand<'a> {
    /// The operand of an id, which is the place of its base and of its value in these lists.
    #[inline]
    pub(crate) fn of(id: TensorId, bases: &[TensorId], values: &'a [Tensor]) -> Self {
        let place = id.0 as usize;
        Self {
            id: bases[place],
            tensor: &values[place],
        }
    }
}

impl<'a> Operands<'a> {
    /// The layer's first input, and for most ops its only one.
    #[inline]
    pub fn input(&self) -> Operand<'a> {
        self.inputs.first
    }

    /// The operand in a slot. A slot that the layer does not have is a mistake of the caller's, and
    /// panics.
    pub fn get(&self, role: OperandRole) -> Operand<'a> {
        match role {
            OperandRole::Input(number) => self.inputs.get(number),
            OperandRole::Weight => self
                .weight
                .expect("asked for the weight of a layer that has one"),
            OperandRole::Bias => self
                .bias
                .expect("asked for the bias of a layer that has one"),
        }
    }
}

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
}

impl<'a> Run<'a> {
    /// Begins the contribution that the output neuron at `output` sends back: its upstream
    /// gradient, and the activation's slope there where the layer has an activation of its own.
    #[inline]
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
    #[inline]
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
    #[inline]
    fn slope(&self, output: usize) -> Option<Factor> {
        self.activation
            .map(|(activation, z)| activation.factor(z.data()[output]))
    }

    /// dL/d(what each output neuron is before the layer's own activation): its upstream gradient
    /// times the activation's slope. With it all of the neuron's terms begin.
    pub(crate) fn upstream_at_sums(&self) -> Cow<'a, [f64]> {
        match self.activation {
            Some((activation, z)) => Cow::Owned(activation.scaled(self.upstream, z.data())),
            None => Cow::Borrowed(self.upstream),
        }
    }

    /// The layer's first input.
    pub fn input(&self) -> Operand<'a> {
        self.operands.input()
    }
}
