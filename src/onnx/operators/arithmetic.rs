//! Arithmetic of tensors, element by element, with broadcasting.

use super::{Made, linear};
use crate::onnx::constant::Constant;
use crate::onnx::error::Unsupported;
use crate::onnx::layer::{Layer, Operand};
use crate::onnx::node::Node;
use crate::ops::{Add, Div, Dropout, Maximum, Minimum, Mul, Op, Pow, PowTensor, Sub};
use crate::tensor::Tensor;

/// The first version in which tensors broadcast by NumPy's rule, without being told to.
const BROADCASTS: i64 = 7;

pub(super) fn add(node: &mut Node<'_, '_>) -> Made {
    let product = if node.opset() < BROADCASTS {
        None
    } else {
        linear::product_with_bias(node)?
    };
    product.map_or_else(|| with_places(node, Add), Ok)
}

pub(super) fn sub(node: &mut Node<'_, '_>) -> Made {
    with_places(node, Sub)
}

pub(super) fn mul(node: &mut Node<'_, '_>) -> Made {
    match dropout(node)? {
        Some(layer) => node.layer(layer),
        None => with_places(node, Mul),
    }
}

/// A product with a constant that drops some elements and scales up all others by the same, as
/// dropout does in training.
fn dropout(node: &mut Node<'_, '_>) -> Result<Option<Layer>, Unsupported> {
    for (mask, dropped) in [(1, 0), (0, 1)] {
        let Some(known) = node.plain_constant(mask) else {
            continue;
        };
        let Constant::Floats(numbers) = &known.constant else {
            continue;
        };
        let mut kept = numbers.data().iter().copied().filter(|&scale| scale != 0.0);
        let Some(scale) = kept.next().filter(|&scale| scale > 1.0) else {
            continue;
        };
        let is_dropout = numbers.data().contains(&0.0) && kept.all(|other| other == scale);
        if is_dropout && numbers.sizes() == node.sizes(dropped)? {
            let scales = known.constant.tensor()?;
            let kept = |at: usize| f64::from(scales.data()[at] != 0.0);
            let mask = Tensor::from_fn(scales.shape().clone(), kept);
            let p = 1.0 - 1.0 / scale;
            let layer = Layer::of(Dropout { mask, p }, [node.operand(dropped)?]);
            return Ok(Some(layer));
        }
    }
    Ok(None)
}

pub(super) fn div(node: &mut Node<'_, '_>) -> Made {
    binary(node, Div)
}

/// A power, whose exponent is the same number for all or a tensor.
pub(super) fn pow(node: &mut Node<'_, '_>) -> Made {
    node.attributes.ignore(&["axis", "broadcast"]);
    match one_exponent(node)? {
        Some(exponent) => {
            let layer = Layer::of(Pow { exponent }, [node.operand(0)?]);
            node.layer(layer)
        }
        None => binary(node, PowTensor),
    }
}

/// The exponent, where it is one number that is known, with no more axes than the base.
fn one_exponent(node: &Node<'_, '_>) -> Result<Option<f64>, Unsupported> {
    let Ok(known) = node.known(1, "its exponent") else {
        return Ok(None);
    };
    let Constant::Floats(numbers) = known.constant.cast(true) else {
        return Err(Unsupported::new("has an exponent that is no number"));
    };
    let fits = numbers.sizes().len() <= node.sizes(0)?.len();
    Ok(match *numbers.data() {
        [exponent] if fits => Some(exponent),
        _ => None,
    })
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
    let operands = operands(node)?;
    node.layer(Layer::of(Add, operands))
}

/// The mean of any number of tensors.
pub(super) fn mean(node: &mut Node<'_, '_>) -> Made {
    node.attributes.ignore(&["consumed_inputs"]);
    let operands = operands(node)?;
    let n = operands.len();
    if n == 1 {
        return node.pass_on(0);
    }
    let sum = node.step("sum", Layer::of(Add, operands))?;
    let mean = node.times(sum, "share", 1.0 / n as f64)?;
    node.layer(mean)
}

pub(super) fn max(node: &mut Node<'_, '_>) -> Made {
    folded(node, || Maximum.into())
}

pub(super) fn min(node: &mut Node<'_, '_>) -> Made {
    folded(node, || Minimum.into())
}

/// An op of two for any number of tensors, from the first to the last.
fn folded(node: &mut Node<'_, '_>, op: fn() -> Box<dyn Op>) -> Made {
    node.attributes.ignore(&["consumed_inputs"]);
    let operands = operands(node)?;
    let Some((last, before)) = operands
        .split_last()
        .filter(|(_, before)| !before.is_empty())
    else {
        return node.pass_on(0);
    };
    let mut made = before[0].clone();
    for (number, next) in before.iter().enumerate().skip(1) {
        let step = Layer::of(op(), [made, next.clone()]);
        made = node.step(&format!("of_{}", number + 1), step)?;
    }
    node.layer(Layer::of(op(), [made, last.clone()]))
}

fn operands(node: &mut Node<'_, '_>) -> Result<Vec<Operand>, Unsupported> {
    (0..node.n_inputs())
        .map(|number| node.operand(number))
        .collect()
}

/// An op of two, of which one may be whole numbers that go with computed ones: those are places of
/// winners.
fn with_places(node: &mut Node<'_, '_>, op: impl Into<Box<dyn Op>>) -> Made {
    if !node.is_computed(0) && !node.is_computed(1) {
        return binary(node, op);
    }
    let operands = [node.mask(0)?, node.mask(1)?];
    of_two(node, op, operands)
}

fn binary(node: &mut Node<'_, '_>, op: impl Into<Box<dyn Op>>) -> Made {
    let operands = [node.operand(0)?, node.operand(1)?];
    of_two(node, op, operands)
}

fn of_two(node: &mut Node<'_, '_>, op: impl Into<Box<dyn Op>>, operands: [Operand; 2]) -> Made {
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
