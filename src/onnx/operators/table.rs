//! The table of operators.

use super::{
    Operator, activation, arithmetic, constant_folding, conv, linear, loss, norm, padding, pool,
    rearrange, reduce, softmax,
};

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
    "Add": [constant_folding::add] arithmetic::add,
    "AveragePool": pool::average,
    "BatchNormalization": norm::batch,
    "Cast": [constant_folding::cast] rearrange::cast,
    "CastLike": [constant_folding::cast_like] rearrange::cast_like,
    "Concat": [constant_folding::concat] rearrange::concat,
    "Constant": [constant_folding::constant],
    "ConstantOfShape": [constant_folding::constant_of_shape],
    "Conv": conv::conv,
    "ConvTranspose": conv::transposed,
    "Div": [constant_folding::div] arithmetic::div,
    "Dropout": rearrange::dropout,
    "Elu": activation::elu,
    "Exp": activation::exp,
    "Expand": [constant_folding::expand],
    "Flatten": [constant_folding::flatten] rearrange::flatten,
    "Gather": [constant_folding::gather],
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
    "Mul": [constant_folding::mul] arithmetic::mul,
    "NegativeLogLikelihoodLoss": loss::negative_log_likelihood,
    "Neg": activation::neg,
    "Pad": padding::pad,
    "Pow": [constant_folding::pow] arithmetic::pow,
    "Reciprocal": arithmetic::reciprocal,
    "ReduceMean": reduce::mean,
    "ReduceSum": reduce::sum,
    "ReduceSumSquare": reduce::sum_square,
    "Relu": activation::relu,
    "Reshape": [constant_folding::reshape] rearrange::reshape,
    "Selu": activation::selu,
    "Shape": [constant_folding::shape],
    "Sigmoid": activation::sigmoid,
    "Size": [constant_folding::size],
    "Slice": [constant_folding::slice],
    "Softmax": softmax::softmax,
    "SoftmaxCrossEntropyLoss": loss::softmax_cross_entropy,
    "Softplus": activation::softplus,
    "Sqrt": [constant_folding::sqrt] activation::sqrt,
    "Squeeze": [constant_folding::squeeze] rearrange::squeeze,
    "Sub": [constant_folding::sub] arithmetic::sub,
    "Sum": arithmetic::sum,
    "Swish": activation::swish,
    "Tanh": activation::tanh,
    "Transpose": [constant_folding::transpose] rearrange::transpose,
    "Unsqueeze": [constant_folding::unsqueeze] rearrange::unsqueeze,
};

/// Returns the operator of a name.
pub(in crate::onnx) fn operator(name: &str) -> Option<&'static Operator> {
    OPERATORS.iter().find(|operator| operator.name == name)
}
