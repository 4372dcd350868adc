//! Functions of one neuron.

use super::Made;
use crate::onnx::constant::Constant;
use crate::onnx::error::Unsupported;
use crate::onnx::layer::Layer;
use crate::onnx::node::Node;
use crate::ops::{
    Add, Celu, Clamp, Described, Elu, Gelu, Greater, Hardshrink, Hardsigmoid, LeakyRelu, Mul, Op,
    Prelu, Relu6, Selu, Sigmoid, Sign, Silu, Softplus, Softshrink, Sub, Threshold, Value, Where,
};
use crate::tensor::{Shape, Tensor};

/// Where softplus is taken to be straight: from there on ln(1 + eˣ) is x to the last bit of an f64.
/// PyTorch's own threshold of 20 is an approximation that ONNX does not make.
const STRAIGHT: f64 = 40.0;

/// An operator that is a function without attributes.
pub(super) fn plain<F: Default + Into<Box<dyn Op>>>(node: &mut Node<'_, '_>) -> Made {
    // Written by the first versions of ONNX, for whoever works in place.
    node.attributes.ignore(&["consumed_inputs"]);
    let layer = Layer::of(F::default(), [node.operand(0)?]);
    node.layer(layer)
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

/// gamma · elu(x), which is selu where alpha and gamma are those of its paper.
pub(super) fn selu(node: &mut Node<'_, '_>) -> Made {
    node.attributes.ignore(&["consumed_inputs"]);
    // Before version 6 they were rounded to four places.
    let (alpha, gamma) = if node.opset() < 6 {
        (1.6732, 1.0507)
    } else {
        (Selu::ALPHA, Selu::SCALE)
    };
    let (alpha, gamma) = (
        node.attributes.float("alpha", alpha)?,
        node.attributes.float("gamma", gamma)?,
    );
    if is_single(alpha, Selu::ALPHA) && is_single(gamma, Selu::SCALE) {
        return plain::<Selu>(node);
    }
    let elu = Layer::of(Elu { alpha }, [node.operand(0)?]);
    let elu = node.step("elu", elu)?;
    let layer = node.times(elu, "gamma", gamma)?;
    node.layer(layer)
}

/// Whether a number is this one as an f32 holds it.
fn is_single(number: f64, of: f64) -> bool {
    number as f32 == of as f32
}

pub(super) fn celu(node: &mut Node<'_, '_>) -> Made {
    let alpha = node.attributes.float("alpha", 1.0)?;
    let layer = Layer::of(Celu { alpha }, [node.operand(0)?]);
    node.layer(layer)
}

/// alpha · x + beta between 0 and 1, which is PyTorch's hardsigmoid where these are 1/6 and 1/2.
pub(super) fn hard_sigmoid(node: &mut Node<'_, '_>) -> Made {
    node.attributes.ignore(&["consumed_inputs"]);
    let alpha = node.attributes.float("alpha", 0.2)?;
    let beta = node.attributes.float("beta", 0.5)?;
    if is_single(alpha, 1.0 / 6.0) && beta == 0.5 {
        return plain::<Hardsigmoid>(node);
    }
    let x = node.operand(0)?;
    let steep = node.times(x, "alpha", alpha)?;
    let steep = node.step("steep", steep)?;
    let beta = node.new_input("beta", Shape::scalar(), beta)?;
    let line = node.step("line", Layer::of(Add, [steep, beta]))?;
    let (min, max) = (Some(0.0), Some(1.0));
    node.layer(Layer::of(Clamp { min, max }, [line]))
}

/// A bound is an attribute at first, an input since version 11, and may be missing.
pub(super) fn clip(node: &mut Node<'_, '_>) -> Made {
    node.attributes.ignore(&["consumed_inputs"]);
    let [min, max] = if node.opset() < 11 {
        [
            node.attributes.number("min")?,
            node.attributes.number("max")?,
        ]
    } else {
        [
            bound(node, 1, "its lower bound")?,
            bound(node, 2, "its upper bound")?,
        ]
    };
    // Exporters write the largest number of their type where there is no bound.
    let real = |bound: &f64| bound.abs() < f64::from(f32::MAX);
    let (min, max) = (min.filter(real), max.filter(real));
    match (min, max) {
        (None, None) => node.pass_on(0),
        (Some(0.0), Some(6.0)) => plain::<Relu6>(node),
        (min, max) => {
            let layer = Layer::of(Clamp { min, max }, [node.operand(0)?]);
            node.layer(layer)
        }
    }
}

/// A bound that an input gives, where there is such an input.
fn bound(node: &Node<'_, '_>, number: usize, what: &str) -> Result<Option<f64>, Unsupported> {
    if !node.has_input(number) {
        return Ok(None);
    }
    let known = node.known(number, what)?;
    match known.constant.cast(true) {
        Constant::Floats(numbers) if numbers.data().len() == 1 => Ok(Some(numbers.data()[0])),
        Constant::Floats(_) | Constant::Ints(_) => Err(Unsupported::new(format!(
            "takes {what} from a tensor of {} numbers",
            known.constant.len()
        ))),
    }
}

/// x, but 0 between −lambd and lambd, and moved towards 0 by a bias.
pub(super) fn shrink(node: &mut Node<'_, '_>) -> Made {
    let lambd = node.attributes.float("lambd", 0.5)?;
    let bias = node.attributes.float("bias", 0.0)?;
    if lambd < 0.0 {
        return Err(Unsupported::new(format!("has a lambd of {lambd}")));
    }
    let x = node.operand(0)?;
    if bias == lambd {
        return node.layer(Layer::of(Softshrink { lambd }, [x]));
    }
    let hard = Layer::of(Hardshrink { lambd }, [x]);
    if bias == 0.0 {
        return node.layer(hard);
    }
    let hard = node.step("hard", hard)?;
    let sign = node.step("sign", Layer::of(Sign, [hard.clone()]))?;
    let by = node.times(sign, "bias", bias)?;
    let by = node.step("by", by)?;
    node.layer(Layer::of(Sub, [hard, by]))
}

pub(super) fn thresholded_relu(node: &mut Node<'_, '_>) -> Made {
    let threshold = node.attributes.float("alpha", 1.0)?;
    let value = 0.0;
    let layer = Layer::of(Threshold { threshold, value }, [node.operand(0)?]);
    node.layer(layer)
}

/// A leaky ReLU with a slope for each channel, or for each element.
pub(super) fn prelu(node: &mut Node<'_, '_>) -> Made {
    node.attributes.ignore(&["consumed_inputs"]);
    let (sizes, slopes) = (node.sizes(0)?, node.sizes(1)?);
    let n_channels = sizes.get(1).copied().unwrap_or(1);
    // Counted from the last axis, as they broadcast, only the channels have slopes of their own.
    let missing = sizes.len().saturating_sub(slopes.len());
    let is_by_channel = |(axis, &size): (usize, &usize)| size == 1 || axis + missing == 1;
    let n_slopes = slopes.iter().product::<usize>();
    let fits = slopes.len() <= sizes.len() && slopes.iter().enumerate().all(is_by_channel);
    if fits && [1, n_channels].contains(&n_slopes) && node.known(1, "its slope").is_ok() {
        let slope = node.parameter(1, "slope")?;
        let list = Tensor::new(Shape::from([n_slopes]), slope.tensor.data().to_vec());
        let list = list.ok_or_else(|| Unsupported::new("has slopes that do not fit"))?;
        let layer = Layer::of(Prelu, [node.operand(0)?]);
        return node.layer(layer.weight(slope.changed(list)));
    }
    let (x, slope) = (node.operand(0)?, node.operand(1)?);
    let zero = node.new_input("zero", Shape::scalar(), 0.0)?;
    let mask = node.step("mask", Layer::of(Greater, [x.clone(), zero]))?;
    let below = node.step("below", Layer::of(Mul, [x.clone(), slope]))?;
    node.layer(Layer::of(Where, [mask, x, below]))
}

/// x · sigmoid(alpha x), which is silu where alpha is 1.
pub(super) fn swish(node: &mut Node<'_, '_>) -> Made {
    let alpha = node.attributes.float("alpha", 1.0)?;
    if alpha == 1.0 {
        return plain::<Silu>(node);
    }
    let x = node.operand(0)?;
    let layer = node.times(x.clone(), "alpha", alpha)?;
    let scaled = node.step("scaled", layer)?;
    let gate = node.step("gate", Layer::of(Sigmoid, [scaled]))?;
    node.layer(Layer::of(Mul, [x, gate]))
}
