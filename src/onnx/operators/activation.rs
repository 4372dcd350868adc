//! Functions of one neuron.

use super::Made;
use super::arithmetic::times;
use crate::onnx::call::Call;
use crate::onnx::draft::Layer;

/// Where softplus is taken to be straight: from there on ln(1 + eˣ) is x to the last bit of an f64.
/// PyTorch's own threshold of 20 is an approximation that ONNX does not make.
const STRAIGHT: f64 = 40.0;

pub(super) fn relu(call: &mut Call<'_, '_>) -> Made {
    plain(call, "relu")
}

pub(super) fn sigmoid(call: &mut Call<'_, '_>) -> Made {
    plain(call, "sigmoid")
}

pub(super) fn tanh(call: &mut Call<'_, '_>) -> Made {
    plain(call, "tanh")
}

pub(super) fn abs(call: &mut Call<'_, '_>) -> Made {
    plain(call, "abs")
}

pub(super) fn neg(call: &mut Call<'_, '_>) -> Made {
    plain(call, "neg")
}

pub(super) fn exp(call: &mut Call<'_, '_>) -> Made {
    plain(call, "exp")
}

pub(super) fn log(call: &mut Call<'_, '_>) -> Made {
    plain(call, "log")
}

pub(super) fn sqrt(call: &mut Call<'_, '_>) -> Made {
    plain(call, "sqrt")
}

pub(super) fn leaky_relu(call: &mut Call<'_, '_>) -> Made {
    call.attributes.ignore(&["consumed_inputs"]);
    let slope = call.attributes.float("alpha", 0.01)?;
    let layer = Layer::of("leaky_relu", [call.operand(0)?]);
    call.layer(layer.set_unless("negative_slope", slope, 0.01))
}

pub(super) fn elu(call: &mut Call<'_, '_>) -> Made {
    call.attributes.ignore(&["consumed_inputs"]);
    let alpha = call.attributes.float("alpha", 1.0)?;
    let layer = Layer::of("elu", [call.operand(0)?]);
    call.layer(layer.set_unless("alpha", alpha, 1.0))
}

pub(super) fn gelu(call: &mut Call<'_, '_>) -> Made {
    let approximate = call.attributes.word("approximate", "none")?.to_owned();
    let layer = Layer::of("gelu", [call.operand(0)?]);
    call.layer(layer.set_unless("approximate", approximate, "none".to_owned()))
}

pub(super) fn softplus(call: &mut Call<'_, '_>) -> Made {
    let layer = Layer::of("softplus", [call.operand(0)?]);
    call.layer(layer.set("threshold", STRAIGHT))
}

/// gamma · elu(x), with an alpha of its own.
pub(super) fn selu(call: &mut Call<'_, '_>) -> Made {
    call.attributes.ignore(&["consumed_inputs"]);
    // Before version 6 they were rounded to four places.
    let (alpha, gamma) = if call.opset() < 6 {
        (1.6732, 1.0507)
    } else {
        (1.6732631921768188, 1.0507010221481323)
    };
    let (alpha, gamma) = (
        call.attributes.float("alpha", alpha)?,
        call.attributes.float("gamma", gamma)?,
    );
    let elu = Layer::of("elu", [call.operand(0)?]).set("alpha", alpha);
    let elu = call.step("elu", elu)?;
    let layer = times(call, elu, "gamma", gamma)?;
    call.layer(layer)
}

/// x · sigmoid(alpha x), which is silu where alpha is 1.
pub(super) fn swish(call: &mut Call<'_, '_>) -> Made {
    let alpha = call.attributes.float("alpha", 1.0)?;
    if alpha == 1.0 {
        return plain(call, "silu");
    }
    let x = call.operand(0)?;
    let layer = times(call, x.clone(), "alpha", alpha)?;
    let scaled = call.step("scaled", layer)?;
    let gate = call.step("gate", Layer::of("sigmoid", [scaled]))?;
    call.layer(Layer::of("mul", [x, gate]))
}

fn plain(call: &mut Call<'_, '_>, op: &'static str) -> Made {
    // Written by the first versions of ONNX, for whoever works in place.
    call.attributes.ignore(&["consumed_inputs"]);
    let layer = Layer::of(op, [call.operand(0)?]);
    call.layer(layer)
}
