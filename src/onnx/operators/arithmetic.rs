//! Arithmetic of tensors, element by element, with broadcasting.

use super::Made;
use crate::onnx::call::Call;
use crate::onnx::draft::{Layer, Operand};
use crate::onnx::refusal::Refusal;
use crate::tensor::Tensor;

/// The first version in which tensors broadcast by NumPy's rule, without being told to.
const BROADCASTS: i64 = 7;

pub(super) fn add(call: &mut Call<'_, '_>) -> Made {
    binary(call, "add")
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
