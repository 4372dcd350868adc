//! The table of all ops. A new op is one file and one line here.

use super::activation::Elementwise;
use super::arithmetic::Arithmetic;
use super::avg_pool::AveragePool;
use super::conv::Conv;
use super::conv_transpose::ConvTranspose;
use super::dropout::Dropout;
use super::global_max_pool::GlobalMaxPool;
use super::linear::Linear;
use super::loss::{BinaryCrossEntropy, Classes, SquaredError};
use super::matmul::Matmul;
use super::max_pool::MaxPool;
use super::norm::Norm;
use super::rearrange::{Cat, InOrder, Permute};
use super::reduce::Reduce;
use super::softmax::Softmax;
use super::{Op, Reader};

/// An op's name in a file and how its keys are read.
pub struct Entry {
    /// The name.
    pub name: &'static str,
    /// Reads the settings from a layer's keys.
    pub read: fn(&mut Reader<'_>) -> Box<dyn Op>,
}

macro_rules! table {
    ($($name:literal => $read:expr),+ $(,)?) => {
        &[$(Entry { name: $name, read: |keys| { let op = $read(keys); Box::new(op) } }),+]
    };
}

const OPS: &[Entry] = table! {
    "linear" => Linear::read,
    "conv1d" => Conv::read_1d,
    "conv2d" => Conv::read_2d,
    "conv_transpose1d" => ConvTranspose::read_1d,
    "conv_transpose2d" => ConvTranspose::read_2d,
    "max_pool1d" => MaxPool::read_1d,
    "max_pool2d" => MaxPool::read_2d,
    "global_max_pool1d" => GlobalMaxPool::read_1d,
    "global_max_pool2d" => GlobalMaxPool::read_2d,
    "avg_pool1d" => AveragePool::read_1d,
    "avg_pool2d" => AveragePool::read_2d,
    "adaptive_avg_pool1d" => AveragePool::read_adaptive_1d,
    "adaptive_avg_pool2d" => AveragePool::read_adaptive_2d,
    "relu" => Elementwise::relu,
    "leaky_relu" => Elementwise::leaky_relu,
    "elu" => Elementwise::elu,
    "sigmoid" => Elementwise::sigmoid,
    "tanh" => Elementwise::tanh,
    "gelu" => Elementwise::gelu,
    "silu" => Elementwise::silu,
    "softplus" => Elementwise::softplus,
    "exp" => Elementwise::exp,
    "log" => Elementwise::log,
    "sqrt" => Elementwise::sqrt,
    "pow" => Elementwise::pow,
    "abs" => Elementwise::abs,
    "neg" => Elementwise::neg,
    "identity" => InOrder::identity,
    "softmax" => Softmax::read,
    "log_softmax" => Softmax::read_log,
    "flatten" => InOrder::flatten,
    "reshape" => InOrder::reshape,
    "permute" => Permute::read,
    "cat" => Cat::read,
    "add" => Arithmetic::add,
    "sub" => Arithmetic::sub,
    "mul" => Arithmetic::mul,
    "div" => Arithmetic::div,
    "matmul" => Matmul::read,
    "batch_norm" => Norm::batch,
    "layer_norm" => Norm::layer,
    "dropout" => Dropout::read,
    "sum" => Reduce::sum,
    "mean" => Reduce::mean,
    "mse_loss" => SquaredError::read,
    "binary_cross_entropy_with_logits" => BinaryCrossEntropy::read,
    "cross_entropy" => Classes::cross_entropy,
    "nll_loss" => Classes::nll_loss,
};

/// Returns the op of that name.
pub fn entry(name: &str) -> Option<&'static Entry> {
    OPS.iter().find(|entry| entry.name == name)
}

/// The names of all ops.
pub fn names() -> impl Iterator<Item = &'static str> {
    OPS.iter().map(|entry| entry.name)
}
