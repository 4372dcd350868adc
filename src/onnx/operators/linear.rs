//! Products of matrices. With a weight that the model knows they are linear layers.

use super::Made;
use crate::onnx::error::Unsupported;
use crate::onnx::layer::{Layer, Operand, Parameter};
use crate::onnx::node::Node;
use crate::onnx::value::Value;
use crate::onnx::which::Which;
use crate::ops::{Add, Linear, Matmul, Permute};
use crate::tensor::{Shape, Tensor};

/// A · B, where B is a weight of the model or a tensor like A.
pub(super) fn matmul(node: &mut Node<'_, '_>) -> Made {
    let is_weight = node.sizes(0)?.len() > 1 && node.sizes(1)?.len() == 2;
    if let Some(weight) = weight(node, is_weight, false)? {
        if let Some(matrix) = shared_matrix(node, &weight) {
            let x = node.operand(0)?;
            return node.layer(Layer::of(Matmul, [x, matrix]));
        }
        let n_out = weight.tensor.shape()[0];
        let layer = Layer::of(Linear::default(), [node.operand(0)?]).weight(weight);
        return match node.left_out_bias(n_out) {
            Some(zeros) => node.layer(layer.bias(Some(zeros))),
            None => node.product(layer),
        };
    }
    let operands = [node.operand(0)?, node.operand(1)?];
    node.layer(Layer::of(Matmul, operands))
}

/// alpha · A · B + beta · C, with A and B turned round where that is asked for.
pub(super) fn gemm(node: &mut Node<'_, '_>) -> Made {
    // Said by the first versions, where C was to broadcast.
    node.attributes.ignore(&["broadcast"]);
    let (alpha, beta) = (
        node.attributes.float("alpha", 1.0)?,
        node.attributes.float("beta", 1.0)?,
    );
    if beta == 0.0 {
        node.leave_out_input(2);
    }
    let turned = [
        node.attributes.flag("transA", false)?,
        node.attributes.flag("transB", false)?,
    ];
    for (number, sizes) in [node.sizes(0)?, node.sizes(1)?].into_iter().enumerate() {
        if sizes.len() != 2 {
            return Err(Unsupported::new(format!(
                "multiplies matrices, but its input {} has the sizes {sizes:?}",
                number + 1
            )));
        }
    }
    let a = node.operand(0)?;
    let a = if turned[0] { transposed(node, a)? } else { a };
    let Some(weight) = weight(node, true, turned[1])? else {
        let b = node.operand(1)?;
        let b = if turned[1] { transposed(node, b)? } else { b };
        return product(node, [a, b], [alpha, beta]);
    };
    if let Some(matrix) = shared_matrix(node, &weight) {
        return product(node, [a, matrix], [alpha, beta]);
    }
    let n_out = weight.tensor.shape()[0];
    let weight = scaled(node, weight, "weight", alpha);
    let bias = bias(node, 2, n_out)?.map(|bias| scaled(node, bias, "bias", beta));
    let has_addend = bias.is_none() && node.has_input(2);
    let bias = bias.or_else(|| node.left_out_bias(n_out));
    let layer = Layer::of(Linear::default(), [a]).weight(weight).bias(bias);
    if has_addend {
        let sum = node.step("product", layer)?;
        return added(node, sum, beta);
    }
    node.layer(layer)
}

/// Returns the linear layer that a product with a weight and an addition of a bias make together,
/// as exporters write it where the input has more than two axes.
pub(super) fn product_with_bias(node: &mut Node<'_, '_>) -> Result<Option<Value>, Unsupported> {
    if node.n_inputs() != 2 {
        return Ok(None);
    }
    let Some(number) = [0, 1]
        .into_iter()
        .find(|&number| node.is_open_product(number))
    else {
        return Ok(None);
    };
    let sizes = node.sizes(number)?;
    let addend = 1 - number;
    // A bias with more axes than the product would give it more axes.
    if node.sizes(addend)?.len() > sizes.len() {
        return Ok(None);
    }
    match bias(node, addend, *sizes.last().unwrap_or(&1))? {
        Some(bias) => node.with_bias(number, bias),
        None => Ok(None),
    }
}

/// Returns the second input as the weight [out, in] of a linear layer, if it is a matrix that the
/// model knows.
fn weight(
    node: &mut Node<'_, '_>,
    is_matrix: bool,
    is_turned: bool,
) -> Result<Option<Parameter>, Unsupported> {
    if !is_matrix || node.constant(1).is_none() || node.is_made_of_parameter(1) {
        return Ok(None);
    }
    let weight = node.parameter(1, "weight")?;
    Ok(Some(if is_turned {
        weight
    } else {
        let own = node.context.parameters.read(node.number, 1);
        let as_it_is = own.filter(|which| which.is_in_module() && !which.is_turned);
        Parameter {
            tensor: turned(&weight.tensor),
            shared: weight
                .shared
                .or_else(|| as_it_is.cloned())
                .map(Which::turned),
            ..weight
        }
    }))
}

/// Returns the parameter that a product reads as it is, where a linear layer would have to read it
/// transposed: one that the model has so, or that other layers read too.
fn shared_matrix(node: &mut Node<'_, '_>, weight: &Parameter) -> Option<Operand> {
    let which = weight.shared.as_ref().filter(|which| which.is_turned)?;
    Some(node.context.shared(which, turned(&weight.tensor)))
}

/// Returns an input as a bias of so many numbers, if it is known and the same for every row.
fn bias(
    node: &mut Node<'_, '_>,
    number: usize,
    n_out: usize,
) -> Result<Option<Parameter>, Unsupported> {
    let Some(known) = node.constant(number) else {
        return Ok(None);
    };
    if node.is_made_of_parameter(number) {
        return Ok(None);
    }
    let is_row = match known.constant.sizes() {
        [outer @ .., last] => outer.iter().all(|&size| size == 1) && [1, n_out].contains(last),
        [] => true,
    };
    if !is_row {
        return Ok(None);
    }
    let bias = node.parameter(number, "bias")?;
    if *bias.tensor.shape() == Shape::from([n_out]) {
        return Ok(Some(bias));
    }
    let numbers = bias.tensor.data();
    let tensor = Tensor::from_fn(Shape::from([n_out]), |at| numbers[at % numbers.len()]);
    Ok(Some(bias.changed(tensor)))
}

/// Returns a parameter times a number that the model multiplies it by.
fn scaled(node: &mut Node<'_, '_>, parameter: Parameter, what: &str, factor: f64) -> Parameter {
    if factor == 1.0 {
        return parameter;
    }
    let mut tensor = parameter.tensor.clone();
    tensor
        .data_mut()
        .iter_mut()
        .for_each(|number| *number *= factor);
    node.remark(format!(
        "its {what} is {factor} times the model's, whose gradient is {factor} times the one shown"
    ));
    parameter.changed(tensor)
}

/// alpha · a · b + beta · C with a b that is no layer's own weight.
fn product(node: &mut Node<'_, '_>, factors: [Operand; 2], [alpha, beta]: [f64; 2]) -> Made {
    let layer = Layer::of(Matmul, factors);
    let (is_scaled, is_added) = (alpha != 1.0, node.has_input(2));
    if !is_scaled && !is_added {
        return node.layer(layer);
    }
    let product = node.step("product", layer)?;
    if !is_scaled {
        return added(node, product, beta);
    }
    let layer = node.times(product, "alpha", alpha)?;
    if !is_added {
        return node.layer(layer);
    }
    let product = node.step("scaled", layer)?;
    added(node, product, beta)
}

/// sum + beta · C.
fn added(node: &mut Node<'_, '_>, sum: Operand, beta: f64) -> Made {
    let c = node.operand(2)?;
    let c = if beta == 1.0 {
        c
    } else {
        let layer = node.times(c, "beta", beta)?;
        node.step("addend", layer)?
    };
    node.layer(Layer::of(Add, [sum, c]))
}

fn transposed(node: &mut Node<'_, '_>, x: Operand) -> Result<Operand, Unsupported> {
    node.step("transposed", Layer::of(Permute::new(vec![1, 0]), [x]))
}

/// Returns a matrix turned round.
fn turned(matrix: &Tensor) -> Tensor {
    let (rows, columns) = (matrix.shape()[0], matrix.shape()[1]);
    Tensor::from_fn(Shape::from([columns, rows]), |at| {
        matrix.data()[at % rows * columns + at / rows]
    })
}
