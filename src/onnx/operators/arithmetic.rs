//! Arithmetic of tensors, element by element, with broadcasting.

use super::Made;
use super::linear::bias;
use crate::onnx::call::{Call, Value};
use crate::onnx::draft::{Layer, Operand};
use crate::onnx::refusal::Refusal;
use crate::tensor::Tensor;

/// The first version in which tensors broadcast by NumPy's rule, without being told to.
const BROADCASTS: i64 = 7;

pub(super) fn add(call: &mut Call<'_, '_>) -> Made {
    match linear(call)? {
        Some(linear) => Ok(linear),
        None => binary(call, "add"),
    }
}

/// Returns the linear layer that a product with a weight and an addition of a bias make together, as exporters write it where the input
/// has more than two axes.
fn linear(call: &mut Call<'_, '_>) -> Result<Option<Value>, Refusal> {
    if call.n_inputs() != 2 || call.opset() < BROADCASTS {
        return Ok(None);
    }
    let Some(number) = [0, 1].into_iter().find(|&number| call.is_open_product(number)) else { return Ok(None) };
    let sizes = call.sizes(number)?;
    let addend = 1 - number;
    // A bias with more axes than the product would give it more axes.
    if call.sizes(addend)?.len() > sizes.len() {
        return Ok(None);
    }
    let Some(bias) = bias(call, addend, *sizes.last().unwrap_or(&1))? else { return Ok(None) };
    let product = call.operand(number)?;
    call.with_bias(&product, bias)
}

pub(super) fn sub(call: &mut Call<'_, '_>) -> Made {
    binary(call, "sub")
}

pub(super) fn mul(call: &mut Call<'_, '_>) -> Made {
    binary(call, "mul")
}

/// The negative, as a product.
pub(super) fn neg(call: &mut Call<'_, '_>) -> Made {
    let x = call.operand(0)?;
    let layer = times(call, x, "sign", -1.0);
    call.layer(layer)
}

/// Returns the layer that multiplies a tensor by a number, which becomes an input of the scenario.
pub(super) fn times(call: &mut Call<'_, '_>, x: Operand, what: &str, factor: f64) -> Layer {
    let factor = call.new_input(what, Tensor::scalar(factor));
    Layer::of("mul", [x, factor])
}

/// The sum of any number of tensors.
pub(super) fn sum(call: &mut Call<'_, '_>) -> Made {
    call.attributes.ignore(&["consumed_inputs"]);
    if call.n_inputs() == 1 {
        return call.pass_on(0);
    }
    let operands = (0..call.n_inputs()).map(|number| call.operand(number)).collect::<Result<Vec<_>, _>>()?;
    call.layer(Layer::of("add", operands))
}

fn binary(call: &mut Call<'_, '_>, op: &'static str) -> Made {
    let operands = [call.operand(0)?, call.operand(1)?];
    if call.opset() < BROADCASTS {
        call.attributes.ignore(&["broadcast", "consumed_inputs"]);
        let [left, right] = [&operands[0].shape, &operands[1].shape].map(|shape| shape.rank() as i64);
        if let Some(axis) = call.attributes.int("axis")?
            && axis != left - right
        {
            let says = format!("lays its second input along axis {axis} of the first, which NumPy's broadcasting does not do");
            return Err(Refusal::new(says).hinted("export the model with opset 7 or later"));
        }
    }
    call.layer(Layer::of(op, operands))
}
