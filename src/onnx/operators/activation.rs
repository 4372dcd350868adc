//! Functions of one neuron.

use super::Made;
use crate::onnx::layer::Layer;
use crate::onnx::node::Node;
use crate::ops::{
    Abs, Described, Elu, Exp, Gelu, LeakyRelu, Log, Mul, Neg, Op, Relu, Sigmoid, Silu, Softplus,
    Sqrt, Tanh, Value,
};

/// Where softplus is taken to be straight: from there on ln(1 + eˣ) is x to the last bit of an f64.
/// PyTorch's own threshold of 20 is an approximation that ONNX does not make.
const STRAIGHT: f64 = 40.0;

pub(super) fn relu(node: &mut Node<'_, '_>) -> Made {
    plain(node, Relu)
}

pub(super) fn sigmoid(node: &mut Node<'_, '_>) -> Made {
    plain(node, Sigmoid)
}

pub(super) fn tanh(node: &mut Node<'_, '_>) -> Made {
    plain(node, Tanh)
}

pub(super) fn abs(node: &mut Node<'_, '_>) -> Made {
    plain(node, Abs)
}

pub(super) fn neg(node: &mut Node<'_, '_>) -> Made {
    plain(node, Neg)
}

pub(super) fn exp(node: &mut Node<'_, '_>) -> Made {
    plain(node, Exp)
}

pub(super) fn log(node: &mut Node<'_, '_>) -> Made {
    plain(node, Log)
}

pub(super) fn sqrt(node: &mut Node<'_, '_>) -> Made {
    plain(node, Sqrt)
}

pub(super) fn leaky_relu(node: &mut Node<'_, '_>) -> Made {
    node.attributes.ignore(&["consumed_inputs"]);
    let negative_slope = node.attributes.float("alpha", 0.01)?;
    let layer = Layer::of(LeakyRelu { negative_slope }, [node.operand(0)?]);
    node.layer(layer)
}

pub(super) fn elu(node: &mut Node<'_, '_>) -> Made {
    node.attributes.ignore(&["consumed_inputs"]);
    let alpha = node.attributes.float("alpha", 1.0)?;
    let layer = Layer::of(Elu { alpha }, [node.operand(0)?]);
    node.layer(layer)
}

pub(super) fn gelu(node: &mut Node<'_, '_>) -> Made {
    let approximate = node.attributes.word("approximate", "none")?.to_owned();
    let given = vec![("approximate", Value::Name(approximate))];
    let layer = Layer::row(Gelu::DESCRIPTOR, given, [node.operand(0)?]);
    node.layer(layer)
}

pub(super) fn softplus(node: &mut Node<'_, '_>) -> Made {
    let softplus = Softplus {
        threshold: STRAIGHT,
        ..Default::default()
    };
    let layer = Layer::of(softplus, [node.operand(0)?]);
    node.layer(layer)
}

/// gamma · elu(x), with an alpha of its own.
pub(super) fn selu(node: &mut Node<'_, '_>) -> Made {
    node.attributes.ignore(&["consumed_inputs"]);
    // Before version 6 they were rounded to four places.
    let (alpha, gamma) = if node.opset() < 6 {
        (1.6732, 1.0507)
    } else {
        (1.6732631921768188, 1.0507010221481323)
    };
    let (alpha, gamma) = (
        node.attributes.float("alpha", alpha)?,
        node.attributes.float("gamma", gamma)?,
    );
    let elu = Layer::of(Elu { alpha }, [node.operand(0)?]);
    let elu = node.step("elu", elu)?;
    let layer = node.times(elu, "gamma", gamma)?;
    node.layer(layer)
}

/// x · sigmoid(alpha x), which is silu where alpha is 1.
pub(super) fn swish(node: &mut Node<'_, '_>) -> Made {
    let alpha = node.attributes.float("alpha", 1.0)?;
    if alpha == 1.0 {
        return plain(node, Silu);
    }
    let x = node.operand(0)?;
    let layer = node.times(x.clone(), "alpha", alpha)?;
    let scaled = node.step("scaled", layer)?;
    let gate = node.step("gate", Layer::of(Sigmoid, [scaled]))?;
    node.layer(Layer::of(Mul, [x, gate]))
}

fn plain(node: &mut Node<'_, '_>, op: impl Into<Box<dyn Op>>) -> Made {
    // Written by the first versions of ONNX, for whoever works in place.
    node.attributes.ignore(&["consumed_inputs"]);
    let layer = Layer::of(op, [node.operand(0)?]);
    node.layer(layer)
}
