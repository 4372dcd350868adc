//! Arithmetic of tensors, element by element, with broadcasting.

use super::{Made, linear};
use crate::onnx::constant::Constant;
use crate::onnx::error::Unsupported;
use crate::onnx::layer::Layer;
use crate::onnx::node::Node;
use crate::ops::{Add, Div, Mul, Op, Pow, Sub};

/// The first version in which tensors broadcast by NumPy's rule, without being told to.
const BROADCASTS: i64 = 7;

pub(super) fn add(node: &mut Node<'_, '_>) -> Made {
    let product = if node.opset() < BROADCASTS {
        None
    } else {
        linear::product_with_bias(node)?
    };
    product.map_or_else(|| binary(node, Add), Ok)
}

pub(super) fn sub(node: &mut Node<'_, '_>) -> Made {
    binary(node, Sub)
}

pub(super) fn mul(node: &mut Node<'_, '_>) -> Made {
    binary(node, Mul)
}

pub(super) fn div(node: &mut Node<'_, '_>) -> Made {
    binary(node, Div)
}

/// One number to the power of another, which must be the same for all and known.
pub(super) fn pow(node: &mut Node<'_, '_>) -> Made {
    node.attributes.ignore(&["axis", "broadcast"]);
    let exponent = node.known(1, "its exponent")?;
    let Constant::Floats(numbers) = exponent.constant.cast(true) else {
        return Err(Unsupported::new("has an exponent that is no number"));
    };
    let &[exponent] = numbers.data() else {
        return Err(Unsupported::new(format!(
            "has {} exponents, but `pow` has one",
            numbers.data().len()
        )));
    };
    if numbers.sizes().len() > node.sizes(0)?.len() {
        return Err(Unsupported::new(
            "has an exponent with more axes than what it is the exponent of",
        ));
    }
    let layer = Layer::of(Pow { exponent }, [node.operand(0)?]);
    node.layer(layer)
}

pub(super) fn reciprocal(node: &mut Node<'_, '_>) -> Made {
    node.attributes.ignore(&["consumed_inputs"]);
    let layer = Layer::of(Pow { exponent: -1.0 }, [node.operand(0)?]);
    node.layer(layer)
}

/// The sum of any number of tensors.
pub(super) fn sum(node: &mut Node<'_, '_>) -> Made {
    node.attributes.ignore(&["consumed_inputs"]);
    if node.n_inputs() == 1 {
        return node.pass_on(0);
    }
    let operands = (0..node.n_inputs())
        .map(|number| node.operand(number))
        .collect::<Result<Vec<_>, _>>()?;
    node.layer(Layer::of(Add, operands))
}

fn binary(node: &mut Node<'_, '_>, op: impl Into<Box<dyn Op>>) -> Made {
    let operands = [node.operand(0)?, node.operand(1)?];
    if node.opset() < BROADCASTS {
        node.attributes.ignore(&["broadcast", "consumed_inputs"]);
        let [left, right] =
            [&operands[0].shape, &operands[1].shape].map(|shape| shape.rank() as i64);
        if let Some(axis) = node.attributes.int("axis")?
            && axis != left - right
        {
            let says = format!(
                "lays its second input along axis {axis} of the first, which NumPy's broadcasting \
                 does not do"
            );
            return Err(Unsupported::new(says).hinted("export the model with opset 7 or later"));
        }
    }
    node.layer(Layer::of(op, operands))
}
