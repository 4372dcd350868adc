//! Normalisation.

use super::Made;
use crate::onnx::call::{Call, axis};
use crate::onnx::draft::{Layer, Parameter};
use crate::onnx::refusal::Refusal;
use crate::tensor::{Shape, Tensor};

/// The eps that a scenario has by default, and ONNX too.
const EPS: f64 = 1e-5;

pub(super) fn batch(call: &mut Call<'_, '_>) -> Made {
    call.attributes.ignore(&["momentum", "consumed_inputs"]);
    let eps = call.attributes.float("epsilon", EPS)?;
    if !call.attributes.flag("spatial", true)? {
        return Err(Refusal::new(
            "normalises every neuron by statistics of its own, not every channel",
        ));
    }
    let is_training = is_training(call)?;
    let (weight, bias) = (call.parameter(1, "weight")?, call.parameter(2, "bias")?);
    let layer = Layer::of("batch_norm", [call.operand(0)?])
        .set_unless("eps", eps, EPS)
        .weight(weight)
        .bias(Some(bias));
    if is_training {
        return call.layer(layer.set("training", true));
    }
    let (mean, variance) = (call.parameter(3, "mean")?, call.parameter(4, "variance")?);
    call.layer(
        layer
            .constant("running_mean", mean.tensor)
            .constant("running_var", variance.tensor),
    )
}

/// Whether the statistics are those of the batch. Versions differ in how that is said.
fn is_training(call: &mut Call<'_, '_>) -> Result<bool, Refusal> {
    match call.opset() {
        14.. => call.attributes.flag("training_mode", false),
        7..14 => Ok(call
            .node
            .output
            .iter()
            .skip(1)
            .any(|output| !output.is_empty())),
        _ => Ok(!call.attributes.flag("is_test", false)?),
    }
}

pub(super) fn layer(call: &mut Call<'_, '_>) -> Made {
    // It says in which precision mean and variance are computed; here everything is in f64.
    call.attributes.ignore(&["stash_type"]);
    let eps = call.attributes.float("epsilon", EPS)?;
    let sizes = call.sizes(0)?;
    let first = axis(call.attributes.int("axis")?.unwrap_or(-1), sizes.len())?;
    let normalized = &sizes[first..];
    let weight = call.parameter(1, "weight")?;
    let weight = stretched(weight, normalized)?;
    let bias = call
        .optional_parameter(2, "bias")?
        .map(|bias| stretched(bias, normalized))
        .transpose()?;
    let layer =
        Layer::of("layer_norm", [call.operand(0)?]).set("normalized_shape", normalized.to_vec());
    call.layer(layer.set_unless("eps", eps, EPS).weight(weight).bias(bias))
}

/// Returns a parameter broadcast to sizes.
fn stretched(parameter: Parameter, sizes: &[usize]) -> Result<Parameter, Refusal> {
    let shape = Shape::from(sizes);
    let own = parameter.tensor.shape();
    if *own == shape {
        return Ok(parameter);
    }
    let refusal = || {
        Refusal::new(format!(
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
    Ok(Parameter {
        tensor,
        ..parameter
    })
}
