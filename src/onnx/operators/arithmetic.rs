//! Arithmetic of tensors, element by element, with broadcasting.

use super::Made;
use super::linear::bias;
use crate::onnx::call::{Call, Value};
use crate::onnx::constant::Constant;
use crate::onnx::draft::{Layer, Operand};
use crate::onnx::refusal::Refusal;
use crate::tensor::Shape;

/// The first version in which tensors broadcast by NumPy's rule, without being told to.
const BROADCASTS: i64 = 7;

pub(super) fn add(call: &mut Call<'_, '_>) -> Made {
    match linear(call)? {
        Some(linear) => Ok(linear),
        None => binary(call, "add"),
    }
}

/// Returns the linear layer that a product with a weight and an addition of a bias make together,
/// as exporters write it where the input has more than two axes.
fn linear(call: &mut Call<'_, '_>) -> Result<Option<Value>, Refusal> {
    if call.n_inputs() != 2 || call.opset() < BROADCASTS {
        return Ok(None);
    }
    let Some(number) = [0, 1]
        .into_iter()
        .find(|&number| call.is_open_product(number))
    else {
        return Ok(None);
    };
    let sizes = call.sizes(number)?;
    let addend = 1 - number;
    // A bias with more axes than the product would give it more axes.
    if call.sizes(addend)?.len() > sizes.len() {
        return Ok(None);
    }
    let Some(bias) = bias(call, addend, *sizes.last().unwrap_or(&1))? else {
        return Ok(None);
    };
    let product = call.operand(number)?;
    call.with_bias(&product, bias)
}

pub(super) fn sub(call: &mut Call<'_, '_>) -> Made {
    binary(call, "sub")
}

pub(super) fn mul(call: &mut Call<'_, '_>) -> Made {
    binary(call, "mul")
}

pub(super) fn div(call: &mut Call<'_, '_>) -> Made {
    binary(call, "div")
}

/// One number to the power of another, which must be the same for all and known.
pub(super) fn pow(call: &mut Call<'_, '_>) -> Made {
    call.attributes.ignore(&["axis", "broadcast"]);
    let exponent = call.known(1, "its exponent")?;
    let Constant::Floats(numbers) = exponent.constant.cast(true) else {
        return Err(Refusal::new("has an exponent that is no number"));
    };
    let &[exponent] = numbers.data() else {
        return Err(Refusal::new(format!(
            "has {} exponents, but `pow` has one",
            numbers.data().len()
        )));
    };
    if numbers.sizes().len() > call.sizes(0)?.len() {
        return Err(Refusal::new(
            "has an exponent with more axes than what it is the exponent of",
        ));
    }
    let layer = Layer::of("pow", [call.operand(0)?]);
    call.layer(layer.set("exponent", exponent))
}

pub(super) fn reciprocal(call: &mut Call<'_, '_>) -> Made {
    call.attributes.ignore(&["consumed_inputs"]);
    let layer = Layer::of("pow", [call.operand(0)?]);
    call.layer(layer.set("exponent", -1.0))
}

/// Returns the layer that multiplies a tensor by a number, which becomes an input of the scenario.
pub(super) fn times(
    call: &mut Call<'_, '_>,
    x: Operand,
    what: &str,
    factor: f64,
) -> Result<Layer, Refusal> {
    let factor = call.new_input(what, Shape::scalar(), factor)?;
    Ok(Layer::of("mul", [x, factor]))
}

/// The sum of any number of tensors.
pub(super) fn sum(call: &mut Call<'_, '_>) -> Made {
    call.attributes.ignore(&["consumed_inputs"]);
    if call.n_inputs() == 1 {
        return call.pass_on(0);
    }
    let operands = (0..call.n_inputs())
        .map(|number| call.operand(number))
        .collect::<Result<Vec<_>, _>>()?;
    call.layer(Layer::of("add", operands))
}

fn binary(call: &mut Call<'_, '_>, op: &'static str) -> Made {
    let operands = [call.operand(0)?, call.operand(1)?];
    if call.opset() < BROADCASTS {
        call.attributes.ignore(&["broadcast", "consumed_inputs"]);
        let [left, right] =
            [&operands[0].shape, &operands[1].shape].map(|shape| shape.rank() as i64);
        if let Some(axis) = call.attributes.int("axis")?
            && axis != left - right
        {
            let says = format!(
                "lays its second input along axis {axis} of the first, which NumPy's broadcasting does not do"
            );
            return Err(Refusal::new(says).hinted("export the model with opset 7 or later"));
        }
    }
    call.layer(Layer::of(op, operands))
}
