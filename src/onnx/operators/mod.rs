//! The operators of ONNX that a scenario can express: one file a family, one row an operator.

mod activation;
mod arithmetic;
mod conv;
mod fold;
mod linear;
mod loss;
mod norm;
mod padding;
mod pool;
mod rearrange;
mod reduce;
mod softmax;

use super::call::{Call, Value};
use super::constant::Constant;
use super::refusal::Refusal;

/// What a node makes as a layer.
type Made = Result<Value, Refusal>;

/// What a node makes out of known numbers; nothing where something that it asks for is only
/// computed.
type Folded = Result<Option<Constant>, Refusal>;

/// An operator, and what becomes of a node of it.
pub(super) struct Operator {
    pub(super) name: &'static str,
    /// Works the node out where everything it asks of its inputs is known; nothing where it is not.
    pub(super) fold: Option<fn(&mut Call<'_, '_>) -> Folded>,
    /// Makes layers of the node.
    pub(super) layer: Option<fn(&mut Call<'_, '_>) -> Made>,
}

macro_rules! table {
    ($($name:literal: $([$fold:path])? $($layer:path)?),+ $(,)?) => {
        &[$(Operator { name: $name, fold: table!(@ $($fold)?), layer: table!(@ $($layer)?) }),+]
    };
    (@ $function:path) => { Some($function) };
    (@) => { None };
}

/// All operators. In brackets stands the function that works with known numbers.
const OPERATORS: &[Operator] = table! {
    "Abs": activation::abs,
    "Add": [fold::add] arithmetic::add,
    "AveragePool": pool::average,
    "BatchNormalization": norm::batch,
    "Cast": [fold::cast] rearrange::cast,
    "CastLike": [fold::cast_like] rearrange::cast_like,
    "Concat": [fold::concat] rearrange::concat,
    "Constant": [fold::constant],
    "ConstantOfShape": [fold::constant_of_shape],
    "Conv": conv::conv,
    "ConvTranspose": conv::transposed,
    "Div": [fold::div] arithmetic::div,
    "Dropout": rearrange::dropout,
    "Elu": activation::elu,
    "Exp": activation::exp,
    "Expand": [fold::expand],
    "Flatten": [fold::flatten] rearrange::flatten,
    "Gather": [fold::gather],
    "Gelu": activation::gelu,
    "Gemm": linear::gemm,
    "GlobalAveragePool": pool::global_average,
    "GlobalMaxPool": pool::global_max,
    "Identity": rearrange::identity,
    "LayerNormalization": norm::layer,
    "LeakyRelu": activation::leaky_relu,
    "Log": activation::log,
    "LogSoftmax": softmax::log_softmax,
    "MatMul": linear::matmul,
    "MaxPool": pool::max,
    "Mul": [fold::mul] arithmetic::mul,
    "NegativeLogLikelihoodLoss": loss::negative_log_likelihood,
    "Neg": activation::neg,
    "Pad": padding::pad,
    "Pow": [fold::pow] arithmetic::pow,
    "Reciprocal": arithmetic::reciprocal,
    "ReduceMean": reduce::mean,
    "ReduceSum": reduce::sum,
    "ReduceSumSquare": reduce::sum_square,
    "Relu": activation::relu,
    "Reshape": [fold::reshape] rearrange::reshape,
    "Selu": activation::selu,
    "Shape": [fold::shape],
    "Sigmoid": activation::sigmoid,
    "Size": [fold::size],
    "Slice": [fold::slice],
    "Softmax": softmax::softmax,
    "SoftmaxCrossEntropyLoss": loss::softmax_cross_entropy,
    "Softplus": activation::softplus,
    "Sqrt": [fold::sqrt] activation::sqrt,
    "Squeeze": [fold::squeeze] rearrange::squeeze,
    "Sub": [fold::sub] arithmetic::sub,
    "Sum": arithmetic::sum,
    "Swish": activation::swish,
    "Tanh": activation::tanh,
    "Transpose": [fold::transpose] rearrange::transpose,
    "Unsqueeze": [fold::unsqueeze] rearrange::unsqueeze,
};

/// Returns the operator of a name.
pub(super) fn operator(name: &str) -> Option<&'static Operator> {
    OPERATORS.iter().find(|operator| operator.name == name)
}
