//! Products of matrices. With a weight that the model knows they are linear layers.

use super::Made;
use super::arithmetic::times;
use crate::onnx::call::Call;
use crate::onnx::draft::{Layer, Operand, Parameter};
use crate::onnx::refusal::Refusal;
use crate::tensor::{Shape, Tensor};

/// A · B, where B is a weight of the model or a tensor like A.
pub(super) fn matmul(call: &mut Call<'_, '_>) -> Made {
    let is_weight = call.sizes(0)?.len() > 1 && call.sizes(1)?.len() == 2;
    if let Some(weight) = weight(call, is_weight, false)? {
        let layer = Layer::of("linear", [call.operand(0)?]);
        call.opens_product();
        return call.layer(layer.weight(weight));
    }
    let operands = [call.operand(0)?, call.operand(1)?];
    call.layer(Layer::of("matmul", operands))
}

/// alpha · A · B + beta · C, with A and B turned round where that is asked for.
pub(super) fn gemm(call: &mut Call<'_, '_>) -> Made {
    // Said by the first versions, where C was to broadcast.
    call.attributes.ignore(&["broadcast"]);
    let (alpha, beta) = (
        call.attributes.float("alpha", 1.0)?,
        call.attributes.float("beta", 1.0)?,
    );
    let turned = [
        call.attributes.flag("transA", false)?,
        call.attributes.flag("transB", false)?,
    ];
    for (number, sizes) in [call.sizes(0)?, call.sizes(1)?].into_iter().enumerate() {
        if sizes.len() != 2 {
            return Err(Refusal::new(format!(
                "multiplies matrices, but its input {} has the sizes {sizes:?}",
                number + 1
            )));
        }
    }
    let a = call.operand(0)?;
    let a = if turned[0] { transposed(call, a)? } else { a };
    let Some(weight) = weight(call, true, turned[1])? else {
        return product(call, a, turned[1], [alpha, beta]);
    };
    let n_out = weight.tensor.shape()[0];
    let weight = scaled(call, weight, "weight", alpha);
    let bias = bias(call, 2, n_out)?.map(|bias| scaled(call, bias, "bias", beta));
    let has_addend = bias.is_none() && call.has_input(2);
    let layer = Layer::of("linear", [a]).weight(weight).bias(bias);
    if has_addend {
        let sum = call.step("product", layer)?;
        return added(call, sum, beta);
    }
    call.layer(layer)
}

/// Returns the second input as the weight [out, in] of a linear layer, if it is a matrix that the
/// model knows.
fn weight(
    call: &mut Call<'_, '_>,
    is_matrix: bool,
    is_turned: bool,
) -> Result<Option<Parameter>, Refusal> {
    if !is_matrix || call.constant(1).is_none() {
        return Ok(None);
    }
    let weight = call.parameter(1, "weight")?;
    Ok(Some(if is_turned {
        weight
    } else {
        Parameter {
            tensor: turned(&weight.tensor),
            ..weight
        }
    }))
}

/// Returns an input as a bias of so many numbers, if it is known and the same for every row.
pub(super) fn bias(
    call: &mut Call<'_, '_>,
    number: usize,
    n_out: usize,
) -> Result<Option<Parameter>, Refusal> {
    let Some(known) = call.constant(number) else {
        return Ok(None);
    };
    let is_row = match known.constant.sizes() {
        [outer @ .., last] => outer.iter().all(|&size| size == 1) && [1, n_out].contains(last),
        [] => true,
    };
    if !is_row {
        return Ok(None);
    }
    let bias = call.parameter(number, "bias")?;
    let numbers = bias.tensor.data();
    let tensor = Tensor::from_fn(Shape::from([n_out]), |at| numbers[at % numbers.len()]);
    Ok(Some(Parameter { tensor, ..bias }))
}

/// Returns a parameter times a number that the model multiplies it by.
fn scaled(call: &mut Call<'_, '_>, parameter: Parameter, what: &str, factor: f64) -> Parameter {
    if factor == 1.0 {
        return parameter;
    }
    let Parameter { mut tensor, .. } = parameter;
    tensor
        .data_mut()
        .iter_mut()
        .for_each(|number| *number *= factor);
    call.remark(format!(
        "its {what} is {factor} times the model's, whose gradient is {factor} times the one shown"
    ));
    Parameter {
        tensor,
        ..parameter
    }
}

/// alpha · a · B + beta · C with a B that is computed.
fn product(call: &mut Call<'_, '_>, a: Operand, is_turned: bool, [alpha, beta]: [f64; 2]) -> Made {
    let b = call.operand(1)?;
    let b = if is_turned { transposed(call, b)? } else { b };
    let layer = Layer::of("matmul", [a, b]);
    let (is_scaled, is_added) = (alpha != 1.0, call.has_input(2));
    if !is_scaled && !is_added {
        return call.layer(layer);
    }
    let product = call.step("product", layer)?;
    if !is_scaled {
        return added(call, product, beta);
    }
    let layer = times(call, product, "alpha", alpha)?;
    if !is_added {
        return call.layer(layer);
    }
    let product = call.step("scaled", layer)?;
    added(call, product, beta)
}

/// sum + beta · C.
fn added(call: &mut Call<'_, '_>, sum: Operand, beta: f64) -> Made {
    let c = call.operand(2)?;
    let c = if beta == 1.0 {
        c
    } else {
        let layer = times(call, c, "beta", beta)?;
        call.step("addend", layer)?
    };
    call.layer(Layer::of("add", [sum, c]))
}

fn transposed(call: &mut Call<'_, '_>, x: Operand) -> Result<Operand, Refusal> {
    call.step(
        "transposed",
        Layer::of("permute", [x]).set("dims", vec![1, 0]),
    )
}

/// Returns a matrix turned round.
fn turned(matrix: &Tensor) -> Tensor {
    let (rows, columns) = (matrix.shape()[0], matrix.shape()[1]);
    Tensor::from_fn(Shape::from([columns, rows]), |at| {
        matrix.data()[at % rows * columns + at / rows]
    })
}
