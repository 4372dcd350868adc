//! The ops of a layer, one file an op or a few that are alike: its settings, its output's shape,
//! its forward run, the contributions to one neuron, and the words for them.
//!
//! A gradient rule is [`Op::contributions`]: it lists the terms of one neuron's sum, and the sum is
//! taken outside. Everything that backstep shows of a gradient is a reading of that list.

mod along;
mod arithmetic;
mod avg_pool;
mod axes;
mod contribution;
mod conv;
mod conv_transpose;
mod cumsum;
mod descriptor;
mod dropout;
mod elementwise;
mod global_max_pool;
mod glu;
mod joining;
mod joint;
mod kind;
mod linear;
mod local_response_norm;
mod loss;
mod matmul;
mod max_pool;
mod max_unpool;
mod norm;
mod operand;
mod order;
mod phrases;
mod picking;
mod prelu;
mod rearrange;
mod reduce;
mod registry;
mod run;
mod scan;
mod settings;
mod shape_error;
mod softmax;
mod statistic;
#[cfg(test)]
mod testing;
mod ties;
mod torch;
mod value;
mod windows;

use std::fmt;

use crate::parallel::for_each_number;
use crate::tensor::{Shape, Tensor};

pub use arithmetic::{Add, Div, Mul, Sub};
pub use avg_pool::{
    AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d, AvgPool1d, AvgPool2d, AvgPool3d,
};
pub use contribution::{Contribution, Factor, FactorKind};
pub use conv::{Conv1d, Conv2d, Conv3d, Padding};
pub use conv_transpose::{ConvTranspose1d, ConvTranspose2d, ConvTranspose3d};
pub use cumsum::Cumsum;
pub use descriptor::{Described, Descriptor, NeededUnless, Parameter, Settings};
pub use dropout::Dropout;
pub(crate) use elementwise::Elementwise;
pub use elementwise::*;
pub use global_max_pool::{GlobalMaxPool1d, GlobalMaxPool2d, GlobalMaxPool3d};
pub use glu::Glu;
pub use joining::{Cat, Stack};
pub use joint::{
    Equal, Greater, GreaterOrEqual, Less, LessOrEqual, Maximum, Minimum, NotEqual, PowTensor, Where,
};
pub use kind::OpKind;
pub use linear::Linear;
pub use local_response_norm::LocalResponseNorm;
pub use loss::{
    BatchReduction, BinaryCrossEntropy, BinaryCrossEntropyWithLogits, CrossEntropy,
    HingeEmbeddingLoss, HuberLoss, KlDiv, L1Loss, MseLoss, NllLoss, Reduction, SmoothL1Loss,
};
pub use matmul::Matmul;
pub use max_pool::{
    MaxPool1d, MaxPool1dIndices, MaxPool2d, MaxPool2dIndices, MaxPool3d, MaxPool3dIndices,
};
pub use max_unpool::{MaxUnpool1d, MaxUnpool2d, MaxUnpool3d};
pub use norm::{BatchNorm, GroupNorm, InstanceNorm, LayerNorm, RmsNorm};
pub use operand::{Inputs, Operand, OperandRole, Operands};
pub use order::{Sort, Topk};
pub use phrases::{FactorWords, Phrases};
pub use picking::{
    Embedding, Expand, Flip, Fold, Gather, GridMode, GridPadding, GridSample, IndexSelect,
    Interpolate, InterpolationMode, Pad, PadMode, PixelShuffle, PixelUnshuffle, Repeat, Roll,
    Select, Slice, Tril, Triu, Unfold,
};
pub use prelu::Prelu;
pub use rearrange::{Flatten, Identity, Permute, Reshape};
pub use reduce::{Mean, Sum};
pub use registry::{all, check, find, names, read};
pub use run::Run;
pub use settings::{
    Bound, DefaultValue, Domain, Fault, Interval, Length, Reader, Setting, SettingError,
    SettingType, Sides,
};
pub use shape_error::{ErrorSite, ShapeError, Shapes};
pub use softmax::{LogSoftmax, Softmax};
pub use statistic::{Amax, Amin, LogSumExp, Max, Min, Norm, Prod, Std, Var};
pub use ties::Ties;
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

    /// The op with one place of padding more before its input and one less after it, or the other
    /// way round; nothing where there is no padding to take it from.
    fn padded_off(&self, _operands: &Operands<'_>, _is_more_before: bool) -> Option<Box<dyn Op>> {
        None
    }

    /// The op with its windows one place apart; nothing where they are, or where it has no weight
    /// to lay on windows.
    fn unstrided(&self) -> Option<Box<dyn Op>> {
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

    /// Returns how many contributions there are to the operand's neuron at `at`: as many as
    /// [`Op::contributions`] visits, which an op that knows it does not visit for that.
    fn n_contributions(&self, run: &Run<'_>, role: OperandRole, at: usize) -> usize {
        let mut n = 0;
        self.contributions(run, role, at, &mut |_| n += 1);
        n
    }

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
}

/// Settings that an op is made of. A Rust program makes it so: `Conv2d { padding: Padding::Same,
/// ..Default::default() }.into()`.
pub trait IntoOp: Described {
    /// What computes with the settings.
    type Op: Op + From<Self>;
}

impl<S: IntoOp> From<S> for Box<dyn Op> {
    fn from(settings: S) -> Self {
        Box::new(S::Op::from(settings))
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
    /// The mean alone is.
    FixedMean,
    /// The variance alone is.
    FixedVariance,
    /// The target of a loss is left out: p where p − y belongs.
    NoTarget,
    /// The classes of a target are counted from 1, which takes each for the one before it.
    FromOne,
    /// The 2 that comes from a square is left out.
    NoTwo,
    /// The probabilities that a loss makes go through its softmax once more, and their gradient
    /// comes back through that or does not.
    SoftmaxTwice {
        /// Whether it does.
        comes_back: bool,
    },
}
