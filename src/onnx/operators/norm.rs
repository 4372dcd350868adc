//! Normalisation.

use super::Made;
use crate::onnx::error::Unsupported;
use crate::onnx::layer::{Layer, Parameter};
use crate::onnx::module;
use crate::onnx::node::{Node, axis};
use crate::ops::{BatchNorm, GroupNorm, InstanceNorm, LayerNorm, LocalResponseNorm, Op, RmsNorm};
use crate::tensor::{Shape, Tensor};

/// The eps that ONNX has by default.
const EPS: f64 = 1e-5;

pub(super) fn batch(node: &mut Node<'_, '_>) -> Made {
    node.attributes.ignore(&["momentum", "consumed_inputs"]);
    let eps = node.attributes.float("epsilon", EPS)?;
    if !node.attributes.flag("spatial", true)? {
        return Err(Unsupported::new(
            "normalises every neuron by statistics of its own, not every channel",
        ));
    }
    let training = is_training(node)?;
    let (weight, bias) = (node.parameter(1, "weight")?, node.parameter(2, "bias")?);
    let (running_mean, running_var) = if training {
        (None, None)
    } else {
        (
            Some(node.parameter(3, "mean")?.tensor),
            Some(node.parameter(4, "variance")?.tensor),
        )
    };
    let norm = BatchNorm {
        running_mean,
        running_var,
        eps,
        training,
    };
    let layer = Layer::of(norm, [node.operand(0)?]);
    node.layer(layer.weight(weight).bias(Some(bias)))
}

/// Whether the statistics are those of the batch. Versions differ in how that is said; PyTorch's
/// exporter that traces graphs says it only in the call that it notes: as its first flag.
fn is_training(node: &mut Node<'_, '_>) -> Result<bool, Unsupported> {
    let mut call = module::arguments(node.proto, "batch_norm")
        .into_iter()
        .flatten();
    let noted = call.find(|given| matches!(*given, "True" | "False")) == Some("True");
    match node.opset() {
        14.. => Ok(node.attributes.flag("training_mode", false)? || noted),
        7..14 => Ok(node
            .proto
            .output
            .iter()
            .skip(1)
            .any(|output| !output.is_empty())),
        _ => Ok(!node.attributes.flag("is_test", false)?),
    }
}

pub(super) fn layer(node: &mut Node<'_, '_>) -> Made {
    // It says in which precision mean and variance are computed; here everything is in f64.
    node.attributes.ignore(&["stash_type"]);
    let eps = node.attributes.float("epsilon", EPS)?;
    let sizes = node.sizes(0)?;
    let first = axis(node.attributes.int("axis")?.unwrap_or(-1), sizes.len())?;
    let normalized = &sizes[first..];
    let weight = node.parameter(1, "weight")?;
    let weight = stretched(weight, normalized)?;
    let bias = node
        .optional_parameter(2, "bias")?
        .map(|bias| stretched(bias, normalized))
        .transpose()?;
    let norm = LayerNorm {
        normalized_shape: normalized.to_vec(),
        eps,
    };
    let layer = Layer::of(norm, [node.operand(0)?]);
    node.layer(layer.weight(weight).bias(bias))
}

/// By the mean square, where the mean stays.
pub(super) fn root_mean_square(node: &mut Node<'_, '_>) -> Made {
    node.attributes.ignore(&["stash_type"]);
    let eps = node.attributes.float("epsilon", EPS)?;
    let sizes = node.sizes(0)?;
    let first = axis(node.attributes.int("axis")?.unwrap_or(-1), sizes.len())?;
    let normalized = &sizes[first..];
    let weight = stretched(node.parameter(1, "weight")?, normalized)?;
    let norm = RmsNorm {
        normalized_shape: normalized.to_vec(),
        eps: Some(eps),
    };
    let layer = Layer::of(norm, [node.operand(0)?]);
    node.layer(layer.weight(weight))
}

pub(super) fn instance(node: &mut Node<'_, '_>) -> Made {
    node.attributes.ignore(&["consumed_inputs"]);
    let eps = node.attributes.float("epsilon", EPS)?;
    let norm = InstanceNorm { eps };
    by_channel(node, norm)
}

pub(super) fn group(node: &mut Node<'_, '_>) -> Made {
    node.attributes.ignore(&["stash_type"]);
    let eps = node.attributes.float("epsilon", EPS)?;
    let given = node.attributes.int("num_groups")?;
    let num_groups = given.and_then(|given| usize::try_from(given).ok());
    let num_groups = num_groups
        .filter(|&n| n > 0)
        .ok_or_else(|| Unsupported::new("does not say in how many groups it takes the channels"))?;
    // Before version 21 each group had a weight, and not each channel.
    let n_channels = node.sizes(0)?.get(1).copied().unwrap_or_default();
    if node.sizes(1)? != [n_channels] {
        return Err(Unsupported::new(
            "has a weight and a bias for each group, where `group_norm` has them for each channel",
        )
        .hinted("export the model with opset 21 or later"));
    }
    by_channel(node, GroupNorm { num_groups, eps })
}

/// A norm with a weight and a bias for each channel.
fn by_channel(node: &mut Node<'_, '_>, norm: impl Into<Box<dyn Op>>) -> Made {
    let (weight, bias) = (node.parameter(1, "weight")?, node.parameter(2, "bias")?);
    let layer = Layer::of(norm, [node.operand(0)?]);
    node.layer(layer.weight(weight).bias(Some(bias)))
}

/// The window of an odd size has as many channels on both sides, in ONNX as in PyTorch.
pub(super) fn local_response(node: &mut Node<'_, '_>) -> Made {
    let alpha = node.attributes.float("alpha", 1e-4)?;
    let beta = node.attributes.float("beta", 0.75)?;
    let k = node.attributes.float("bias", 1.0)?;
    let size = node.attributes.int("size")?.unwrap_or_default();
    let size = usize::try_from(size).ok().filter(|size| size % 2 == 1);
    let size = size.ok_or_else(|| {
        Unsupported::new("has a window of an even size, which reaches farther to one side")
    })?;
    let norm = LocalResponseNorm {
        size,
        alpha,
        beta,
        k,
    };
    let layer = Layer::of(norm, [node.operand(0)?]);
    node.layer(layer)
}

/// Returns a parameter broadcast to sizes.
fn stretched(parameter: Parameter, sizes: &[usize]) -> Result<Parameter, Unsupported> {
    let shape = Shape::from(sizes);
    let own = parameter.tensor.shape();
    if *own == shape {
        return Ok(parameter);
    }
    let refusal = || {
        Unsupported::new(format!(
            "has a parameter of shape {own}, but normalises over {shape}"
        ))
    };
    if own.broadcast(&shape).as_ref() != Some(&shape) {
        return Err(refusal());
    }
    let padded = [vec![1; shape.rank() - own.rank()], own.to_vec()].concat();
    let padded = Shape::from(padded.as_slice());
    let place = |at: usize| {
        shape
            .index(at)
            .iter()
            .zip(padded.iter())
            .fold(0, |place, (&at, &size)| place * size + at.min(size - 1))
    };
    let tensor = Tensor::from_fn(shape.clone(), |at| parameter.tensor.data()[place(at)]);
    Ok(parameter.changed(tensor))
}
